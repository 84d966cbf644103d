//! What PostgreSQL costs, on a cluster of its own that writes to disk as it should (`fsync` on).
//!
//! - `cargo bench --bench postgres`: new callers through `Store::execute` with 64 senders, against `pgbench` with 64 clients
//!   that sends the same statements for the same rows, one after another under the same lock; on the same cluster, in the
//!   same run, in turns. The ratio is what counts.
//! - `cargo bench --bench postgres -- scale [LEADS [ENTRIES]]`: fills SQLite with a million leads and ten million journal
//!   entries, copies them to PostgreSQL, and times a page of each queue on both.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on should stop"
)]

mod calls;
#[path = "../../tests/support/postgres.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod cluster;
mod ingest;
mod scale;
mod spread;

fn main() {
    // `cargo test --benches` runs this too: then a handful is enough to see that it works.
    let quick = !std::env::args().any(|arg| arg == "--bench");
    ringback::http_client::install_tls();
    let Some(binaries) = cluster::available() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let numbers: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let number = |n: usize, usual| numbers.get(n).copied().unwrap_or(usual);
    runtime.block_on(async {
        if std::env::args().any(|arg| arg == "scale") {
            scale::run(binaries, number(0, 1_000_000), number(1, 10_000_000)).await;
        } else if quick {
            ingest::run(binaries.clone(), true).await;
            scale::run(binaries, 400, 1_000).await;
        } else {
            ingest::run(binaries, false).await;
        }
    });
}
