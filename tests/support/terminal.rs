//! The real binary in a real pseudo-terminal, read by a real terminal's parser.

use std::{
    io::{Read, Write},
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A program that believes to run in a terminal.
pub struct Terminal {
    parser: vt100::Parser,
    chunks: Receiver<(Instant, Vec<u8>)>,
    keyboard: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Bytes drawn since [`Terminal::press`] was last called.
    pub drawn: usize,
}

impl Terminal {
    /// Starts `program` in a terminal of `columns` × `rows`, at home in `home`: nothing of the machine's own configuration is
    /// read.
    pub fn start(
        program: &str,
        arguments: &[&str],
        home: &Path,
        (columns, rows): (u16, u16),
    ) -> Terminal {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in [
            ("TERM", "xterm-256color"),
            ("COLORTERM", "truecolor"),
            ("LANG", "C.UTF-8"),
            ("PATH", "/usr/bin:/bin"),
            ("TZ", "UTC"),
        ] {
            command.env(name, value);
        }
        for name in [
            "HOME",
            "XDG_CONFIG_HOME",
            "XDG_STATE_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "TMPDIR",
        ] {
            command.env(name, home);
        }
        command.cwd(home);
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keyboard = pair.master.take_writer().expect("a writer");
        let (sender, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(read) = reader.read(&mut buffer) {
                if read == 0 || sender.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        Terminal {
            parser: vt100::Parser::new(rows, columns, 0),
            chunks,
            keyboard,
            master: pair.master,
            child,
            drawn: 0,
        }
    }

    /// Types; escape sequences stand for the keys that send them.
    pub fn press(&mut self, keys: &str) -> Instant {
        self.drawn = 0;
        let pressed = Instant::now();
        self.keyboard
            .write_all(keys.as_bytes())
            .and_then(|()| self.keyboard.flush())
            .expect("a keyboard");
        pressed
    }

    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.master
            .resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .expect("a resize");
        self.parser.screen_mut().set_size(rows, columns);
    }

    /// What stands on the screen, line by line, without colours.
    pub fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    pub fn title(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Reads until the screen fulfils a condition; gives the instant at which the last byte that made it so arrived.
    ///
    /// # Panics
    /// After 20 s, with the screen as it is then.
    pub fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> Instant {
        let began = Instant::now();
        loop {
            match self.read(Duration::from_millis(200)) {
                Some(at) if holds(&self.screen()) => return at,
                None if holds(&self.screen()) => return Instant::now(),
                _ => {}
            }
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "waited in vain for {what}; the screen:\n{}",
                self.screen()
            );
        }
    }

    /// Reads the next bytes, if any come in time; gives the instant of their arrival.
    pub fn read(&mut self, wait: Duration) -> Option<Instant> {
        match self.chunks.recv_timeout(wait) {
            Ok((at, bytes)) => {
                self.drawn += bytes.len();
                self.parser.process(&bytes);
                Some(at)
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Reads until nothing has come for `quiet`.
    pub fn settle(&mut self, quiet: Duration) {
        while self.read(quiet).is_some() {}
    }

    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("a running program")
    }

    /// Waits for the end; gives the exit status.
    pub fn exit(&mut self) -> u32 {
        let began = Instant::now();
        loop {
            self.read(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status.exit_code();
            }
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "the program does not end; the screen:\n{}",
                self.screen()
            );
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
