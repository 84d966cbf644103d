//! The real binary in a home of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use assert_cmd::assert::OutputAssertExt;
use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_ringback");

/// A home folder in which nobody has been before.
pub struct Home {
    folder: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Home {
        Home { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("a file");
        self.path(name).display().to_string()
    }

    /// The binary with this home, and nothing of the environment that it could read.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "Europe/London")
            .current_dir(self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        self.run_with(arguments, "")
    }

    /// Runs with a text on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Done {
        let mut command = assert_cmd::Command::from_std(self.command(arguments));
        let output = command.write_stdin(input).timeout(Duration::from_secs(60)).output();
        let output = output.expect("the binary runs");
        Done {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Runs what must succeed, and reads its JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        self.run(arguments).succeeded().json()
    }

    /// Starts a server on this home's data, on a free port.
    pub fn serve(&self, options: &[&str]) -> Server {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(options);
        Server::start(self.command(&arguments))
    }

    /// A key for programs.
    pub fn key(&self) -> String {
        token(&self.json(&["key", "add", "voice agent", "--json"]))
    }

    /// Somebody's token.
    pub fn person(&self, name: &str, role: &str) -> String {
        token(&self.json(&[
            "rep",
            "add",
            name,
            "--phone",
            "07700 900456",
            "--role",
            role,
            "--json",
        ]))
    }
}

impl Done {
    #[track_caller]
    pub fn succeeded(self) -> Done {
        assert_eq!(self.code, 0, "{}", self.err);
        self
    }

    /// Failed with this status, and says so in words on standard error.
    #[track_caller]
    pub fn failed(self, code: i32, words: &[&str]) -> Done {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        for words in words {
            assert!(self.err.contains(words), "no \"{words}\" in: {}", self.err);
        }
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// One JSON value on each line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let line =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(line).collect()
    }
}

pub fn token(added: &Value) -> String {
    added["token"].as_str().expect("a token").into()
}

/// A server that runs until it is dropped.
pub struct Server {
    process: Child,
    /// Its first line on standard output.
    pub said: String,
}

impl Server {
    pub fn start(mut command: Command) -> Server {
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut said = String::new();
        let out = process.stdout.take().expect("standard output");
        BufReader::new(out).read_line(&mut said).expect("a line");
        Server { process, said: said.trim_end().into() }
    }

    pub fn url(&self) -> &str {
        self.said.strip_prefix("listening on ").unwrap_or_else(|| panic!("it said {:?}", self.said))
    }

    pub fn address(&self) -> &str {
        self.url().trim_start_matches("http://")
    }

    /// Sends SIGTERM, and gives the exit status and how long it took to end.
    pub fn terminate(mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        Command::new("kill").arg(self.process.id().to_string()).assert().success();
        while began.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.process.try_wait().expect("a status") {
                return (status.code(), began.elapsed());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not stop");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The names in a folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}
