//! A keep-alive HTTP/1.1 client that costs next to nothing, since it shares two cores with what it measures.

use std::{net::SocketAddr, time::Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Client {
    stream: TcpStream,
    head: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr, token: &str) -> Client {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let head = format!("host: {address}\r\nauthorization: Bearer {token}\r\n");
        Client { stream, head, request: Vec::new(), answer: Vec::new() }
    }

    /// Posts JSON; gives the status and the time it took.
    pub async fn post(&mut self, path: &str, body: &str) -> (u16, std::time::Duration) {
        use std::io::Write;
        self.request.clear();
        write!(
            self.request,
            "POST {path} HTTP/1.1\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.head,
            body.len()
        )
        .expect("memory");
        self.exchange().await
    }

    pub async fn get(&mut self, path: &str) -> (u16, std::time::Duration) {
        use std::io::Write;
        self.request.clear();
        write!(self.request, "GET {path} HTTP/1.1\r\n{}\r\n", self.head).expect("memory");
        self.exchange().await
    }

    /// The body of the last answer, as sent (chunked bodies keep their frames).
    pub fn body(&self) -> &[u8] {
        let end =
            self.answer.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
        &self.answer[end..]
    }

    async fn exchange(&mut self) -> (u16, std::time::Duration) {
        let began = Instant::now();
        self.stream.write_all(&self.request).await.expect("a request");
        self.answer.clear();
        while !complete(&self.answer) {
            let read = self.stream.read_buf(&mut self.answer).await.expect("an answer");
            assert!(read > 0, "the server hung up");
        }
        let status = std::str::from_utf8(&self.answer[9..12])
            .expect("a status line")
            .parse()
            .expect("a status");
        (status, began.elapsed())
    }
}

fn complete(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let body = answer.len() - head - 4;
    let text = std::str::from_utf8(&answer[..head]).unwrap_or_default();
    let header = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    match header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => body >= length,
        None => answer.ends_with(b"0\r\n\r\n"),
    }
}
