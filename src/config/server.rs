//! `[server]` and `[store]`: where the backend listens, how much it takes, and where it keeps things.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use secrecy::ExposeSecret;

use super::{read::Section, tree::Node, values};
pub use crate::store::StoreUrl;

/// The HTTP server.
#[derive(Clone, Debug)]
pub struct Server {
    pub listen: SocketAddr,
    /// The address that carriers and chat call, as it was written (signatures are checked against it), without a slash at
    /// its end.
    pub public_url: Option<String>,
    /// Whether `/metrics` answers.
    pub metrics: bool,
    pub limits: Limits,
}

/// `[server.limits]`: how much one client may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second for one ingest key. The default is above what a small machine can store, so that a night's
    /// backlog is never slowed by us.
    pub ingest_per_second: u32,
    /// Requests a second for one person's token.
    pub rep_per_second: u32,
    /// Requests a second for one address that shows no valid token.
    pub strangers_per_second: u32,
    /// Open connections, streams included.
    pub max_connections: u32,
    /// The largest body in bytes; a larger one is refused with 413.
    pub body_bytes: u32,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7464),
            public_url: None,
            metrics: true,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            ingest_per_second: 50_000,
            rep_per_second: 200,
            strangers_per_second: 10,
            max_connections: 4_096,
            body_bytes: 64 * 1024,
        }
    }
}

impl Server {
    pub(super) fn read(section: &Section<'_>) -> Server {
        let default = Server::default();
        Server {
            listen: section.get("listen", values::address).unwrap_or(default.listen),
            public_url: section.get("public_url", public_url),
            metrics: section.get("metrics", |node| node.flag()).unwrap_or(default.metrics),
            limits: Limits::read(&section.section("limits")),
        }
    }
}

fn public_url(node: &Node) -> Result<String, String> {
    values::web_url(node)?;
    Ok(node.text()?.trim().trim_end_matches('/').into())
}

impl Limits {
    fn read(section: &Section<'_>) -> Limits {
        let default = Limits::default();
        let number = |key, range, default| {
            section.get(key, |node| values::number(node, range)).unwrap_or(default)
        };
        Limits {
            ingest_per_second: number(
                "ingest_per_second",
                1..=1_000_000,
                default.ingest_per_second,
            ),
            rep_per_second: number("rep_per_second", 1..=1_000_000, default.rep_per_second),
            strangers_per_second: number(
                "strangers_per_second",
                1..=1_000_000,
                default.strangers_per_second,
            ),
            max_connections: number("max_connections", 16..=1_000_000, default.max_connections),
            body_bytes: number("body_bytes", 4_096..=16 * 1024 * 1024, default.body_bytes),
        }
    }
}

/// `[store] url`; `None`: SQLite in the data folder.
pub(super) fn read_store(section: &Section<'_>) -> Option<StoreUrl> {
    let url = section.secret("url", "url_file")?;
    match url.expose_secret().parse::<StoreUrl>() {
        Ok(url) => Some(url),
        // It repeats nothing: the URL may hold a password.
        Err(fault) => {
            let key = if section.node("url").is_some() { "url" } else { "url_file" };
            section.fault(key, fault.to_string());
            None
        }
    }
}
