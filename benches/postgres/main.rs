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
mod spread;

fn main() {
    // `cargo test --benches` runs this too: then a handful is enough to see that it works.
    let quick = !std::env::args().any(|arg| arg == "--bench");
    ringback::http_client::install_tls();
    let Some(binaries) = cluster::available() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(ingest::run(binaries, quick));
}
