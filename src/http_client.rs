//! The one place that builds HTTP clients: with timeouts, and without a panic where there is no store of certificates.

use std::time::Duration;

/// Makes ring the process's TLS provider. Call it first thing in `main`, and in tests that open a client.
pub fn install_tls() {
    // An error means that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client with a connect timeout and a timeout for each read; pass a timeout for the whole request with the request, since
/// streams live long.
///
/// # Errors
/// When TLS cannot be set up at all, not even for plain HTTP.
pub fn build(read_timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    build_from(|| client(read_timeout))
}

/// As [`build`], and a peer that is gone without a word (a cable, a wireless network) is noticed within about 3 s, also on
/// a connection that says nothing.
///
/// # Errors
/// As [`build`].
pub fn build_watchful(read_timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    let second = Duration::from_secs(1);
    build_from(|| {
        client(read_timeout)
            .tcp_keepalive(second)
            .tcp_keepalive_interval(second)
            .tcp_keepalive_retries(2)
    })
}

fn client(read_timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("ringback/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(read_timeout)
}

fn build_from(
    builder: impl Fn() -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, reqwest::Error> {
    install_tls();
    // A bare container has no certificates: plain HTTP still works there.
    builder().build().or_else(|_| builder().tls_certs_only([]).build())
}
