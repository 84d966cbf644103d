//! A client that may misbehave: bytes on a socket.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    pub async fn connect(address: SocketAddr) -> Raw {
        Raw { stream: TcpStream::connect(address).await.expect("a connection") }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("sent");
    }

    /// Whatever comes until the other end closes.
    pub async fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut bytes));
        // A reset after the answer is as good as a close.
        let _ = read.await.expect("the other end closes in time");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// One read.
    pub async fn some(&mut self) -> String {
        let mut bytes = vec![0; 64 * 1024];
        let read = timeout(PATIENCE, self.stream.read(&mut bytes)).await;
        let length = read.expect("an answer in time").expect("an answer");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }
}

/// The head of a POST with a body of `length` bytes.
pub fn head(path: &str, token: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: ringback\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    )
}
