//! The real binary, serving a folder of its own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Server {
    process: Child,
    pub address: SocketAddr,
    /// From the start of the process to `listening on`.
    pub started_in: Duration,
}

pub const BINARY: &str = env!("CARGO_BIN_EXE_ringback");

impl Server {
    pub fn start(data: &Path) -> Server {
        let began = Instant::now();
        let mut process = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(["--at", "2026-09-01T07:52:00Z", "--speed", "1"])
            .env_remove("RINGBACK_CONFIG")
            .env("XDG_CONFIG_HOME", data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("standard output");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let started_in = began.elapsed();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .expect("listening on")
            .parse()
            .expect("an address");
        Server { process, address, started_in }
    }

    /// Resident memory in MB.
    pub fn resident_mb(&self) -> f64 {
        resident_mb(self.process.id())
    }
}

/// Resident memory of a process in MB.
pub fn resident_mb(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a status");
    let kb = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    kb.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A token made by the binary's own command line.
pub fn token(data: &Path, args: &[&str]) -> String {
    let output = Command::new(BINARY)
        .args(args)
        .arg("--json")
        .arg("--data")
        .arg(data)
        .env_remove("RINGBACK_CONFIG")
        .env("XDG_CONFIG_HOME", data)
        .output()
        .expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer["token"].as_str().expect("a token").into()
}
