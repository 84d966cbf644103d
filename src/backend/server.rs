//! Sockets: how many, how long they may idle, and how they end.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum_server::{Handle, accept::Accept};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::service_fn;

use super::{app::App, door::Door, http};

/// How long a connection may idle between requests. Longer than clients and proxies keep theirs, so that it is they who
/// close: a request sent into a closing connection would be lost.
const IDLE: Duration = Duration::from_secs(75);
/// The most of a request's head.
const HEAD_BYTES: usize = 64 * 1024;
/// How long somebody who is turned away may take to read that.
const FAREWELL: Duration = Duration::from_millis(500);
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 5\r\n\
content-length: 124\r\nconnection: close\r\n\r\n\
{\"type\":\"urn:ringback:problem:overloaded\",\"title\":\"Too many connections are open: try again in a few seconds.\",\"status\":503}";

/// Accepts until `draining`, then gives the requests under way `drain` to end.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    draining: CancellationToken,
    drain: Duration,
) -> io::Result<()> {
    let handle = Handle::<SocketAddr>::new();
    let ends = tokio::spawn({
        let handle = handle.clone();
        async move {
            draining.cancelled().await;
            handle.graceful_shutdown(Some(drain));
        }
    });
    let limits = app.settings.limits;
    let router = http::router(&app);
    let doors = service_fn(move |peer: SocketAddr| {
        let door = Door::new(app.clone(), router.clone(), peer);
        async move { Ok::<_, io::Error>(door) }
    });
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .first_request_timeout(limits.first_request_within)
        .accept_error_handler(|_, error| tracing::debug!(%error, "a connection was not accepted"))
        .acceptor(Gate { slots: Arc::new(Semaphore::new(limits.max_connections)) });
    let http = server.http_builder();
    http.http1().header_read_timeout(IDLE).max_buf_size(HEAD_BYTES);
    http.http2()
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(256);
    let served = server.serve(doors).await;
    ends.abort();
    served
}

/// Lets in as many connections as there are slots, without delay on small packets; tells the others to come back.
#[derive(Clone, Debug)]
struct Gate {
    slots: Arc<Semaphore>,
}

impl Accept<TcpStream, Door> for Gate {
    type Stream = TcpStream;
    type Service = Door;
    type Future = Pin<Box<dyn Future<Output = io::Result<(TcpStream, Door)>> + Send>>;

    fn accept(&self, stream: TcpStream, door: Door) -> Self::Future {
        let slot = self.slots.clone().try_acquire_owned();
        Box::pin(async move {
            stream.set_nodelay(true)?;
            match slot {
                // The door lives as long as the connection, and the slot with it.
                Ok(slot) => Ok((stream, door.holding(slot))),
                Err(_) => {
                    door.turned_away();
                    turn_away(stream).await;
                    Err(io::Error::other("too many connections are open"))
                }
            }
        })
    }
}

/// Answers without a look at the request, and waits a moment for the other end to close: closing with unread bytes would
/// reset the connection before the answer is read.
async fn turn_away(mut stream: TcpStream) {
    let farewell = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await?;
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_farewell_has_the_length_it_says() {
        let text = std::str::from_utf8(FULL).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        serde_json::from_str::<crate::wire::Problem>(body).expect("a problem");
    }
}
