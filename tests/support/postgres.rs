//! A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a free port, gone with the test process.
//!
//! Found on PATH or in the distribution's folder. Where there is none, [`available`] says in one line how to get it and the
//! test is left out; with `CI=true` it fails.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    keeper: Option<Keeper>,
}

/// A shell that stops the server when its standard input closes: also when the test process is killed.
#[derive(Debug)]
struct Keeper {
    shell: Child,
    _open: ChildStdin,
}

/// The cluster that all tests of this process share, each with a database of its own; `None` where there is no PostgreSQL.
pub fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED
        .get_or_init(|| available().map(|binaries| Cluster::start(binaries, &["fsync=off"])))
        .as_ref()
}

/// The folder of the server's programs.
///
/// # Panics
/// With `CI=true` and no PostgreSQL.
pub fn available() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let distribution = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"));
    // A link on PATH leads to the folder where all of the programs are.
    let found = std::env::split_paths(&path)
        .chain(distribution)
        .filter_map(|folder| {
            folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_path_buf)
        })
        .find(|folder| folder.join("postgres").exists() && folder.join("pg_isready").exists());
    if found.is_none() {
        let how = "PostgreSQL not found: `apt-get install postgresql` brings it, and these tests then run on it too";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{how}");
        // Past the capture of the test runner: this must be seen.
        let _ = writeln!(std::io::stderr(), "{how}");
    }
    found
}

impl Cluster {
    /// Makes a cluster and starts it with settings as `name=value`.
    pub fn start(binaries: PathBuf, settings: &[&str]) -> Cluster {
        let folder =
            std::env::temp_dir().join(format!("ringback-pg-{}-{}", std::process::id(), counter()));
        fs::create_dir_all(&folder).expect("a folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("permissions");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let mut cluster = Cluster {
            binaries,
            folder,
            port,
            settings: settings.iter().map(|setting| (*setting).into()).collect(),
            keeper: None,
        };
        own(&cluster.folder);
        cluster.run(
            "initdb",
            &[
                "--auth=trust",
                "--username=ringback",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
                &cluster.data(),
            ],
        );
        cluster.resume();
        cluster
    }

    /// Starts the server again after [`Cluster::kill`].
    pub fn resume(&mut self) {
        let mut server = self.as_server_user("postgres");
        server.extend([
            "-D".into(),
            self.data(),
            "-h".into(),
            "127.0.0.1".into(),
            "-p".into(),
            self.port.to_string(),
            "-k".into(),
            String::new(),
        ]);
        for setting in self.settings.iter().map(String::as_str).chain(["max_connections=200"]) {
            server.extend(["-c".into(), setting.into()]);
        }
        // Closing standard input is what every end of this process has in common.
        let script = r#""$@" >"$FOLDER/log" 2>&1 & server=$!
            cat >/dev/null; kill -QUIT $server 2>/dev/null; wait $server
            [ -e "$FOLDER/killed" ] || rm -rf "$FOLDER""#;
        let _ = fs::remove_file(self.folder.join("killed"));
        let mut shell = Command::new("sh")
            .args(["-c", script, "sh"])
            .args(&server)
            .env("FOLDER", &self.folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let open = shell.stdin.take().expect("standard input");
        self.keeper = Some(Keeper { shell, _open: open });
        self.wait_until_ready();
    }

    /// Kills the server and all its processes with SIGKILL, as a power cut of the program would.
    pub fn kill(&mut self) {
        let pid_file = fs::read_to_string(Path::new(&self.data()).join("postmaster.pid"))
            .expect("a running server");
        let pid = pid_file.lines().next().expect("a process id");
        // What is on disk is to be found again.
        fs::write(self.folder.join("killed"), "").expect("a note");
        // Stopped first, so that it makes no further process meanwhile.
        let script = format!(
            "kill -STOP {pid}; all=\"$(pgrep -P {pid}) {pid}\"; kill -KILL $all; echo $all"
        );
        let killed = Command::new("sh").args(["-c", &script]).output().expect("kill");
        // Until the last is gone, the server cannot be started again.
        let killed = String::from_utf8_lossy(&killed.stdout).into_owned();
        while killed.split_whitespace().any(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok())
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        if let Some(Keeper { mut shell, _open }) = self.keeper.take() {
            drop(_open);
            let _ = shell.wait();
        }
        let _ = fs::remove_file(Path::new(&self.data()).join("postmaster.pid"));
    }

    /// The address of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("test_{}", counter());
        self.run(
            "createdb",
            &[
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-U",
                "ringback",
                "-T",
                "template0",
                &name,
            ],
        );
        format!("postgres://ringback@127.0.0.1:{}/{name}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a file into the cluster's folder that only the server may read.
    pub fn keep(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
        own(&path);
        path
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn as_server_user(&self, program: &str) -> Vec<String> {
        let program = self.binaries.join(program).display().to_string();
        match server_user() {
            Some(user) => {
                vec!["setpriv".into(), format!("--reuid={user}"), "--clear-groups".into(), program]
            }
            None => vec![program],
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let command = self.as_server_user(program);
        let output = Command::new(&command[0])
            .args(&command[1..])
            .args(arguments)
            .current_dir("/")
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn wait_until_ready(&self) {
        let began = Instant::now();
        let ready = || {
            Command::new(self.binaries.join("pg_isready"))
                .args(["-q", "-U", "ringback", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "PostgreSQL does not start: {}",
                fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(Keeper { mut shell, _open }) = self.keeper.take() {
            drop(_open);
            let _ = shell.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// PostgreSQL refuses to run as root: as root, its files and processes belong to `postgres`, else to `nobody`.
fn own(path: &Path) {
    if let Some(user) = server_user() {
        let status = Command::new("chown").arg(&user).arg(path).status().expect("chown");
        assert!(status.success(), "{} could not be given to {user}", path.display());
    }
}

fn server_user() -> Option<String> {
    let root = fs::metadata("/proc/self")
        .is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0);
    root.then(|| {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        if users.lines().any(|line| line.starts_with("postgres:")) {
            "postgres".into()
        } else {
            "nobody".into()
        }
    })
}

fn counter() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
