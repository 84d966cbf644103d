//! The clipboard: the desktop's where there is one, the terminal's (OSC 52) over SSH and where there is none.
//!
//! One `arboard::Clipboard` lives as long as the program, on a thread of its own: X11 forgets what a dropped one held, and a
//! slow clipboard never holds the screen.

use std::{sync::mpsc, thread, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::sync::oneshot;

use super::width;

/// How long the desktop's clipboard may take before the terminal's is used instead.
const PATIENCE: Duration = Duration::from_millis(800);
/// The longest text that terminals are known to take, in bytes of base64.
const LONGEST: usize = 74_994;

/// Where the text went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is in the desktop's clipboard.
    Desktop,
    /// These bytes, written to the terminal, put it into the terminal's. Whether it takes them cannot be known.
    Terminal(String),
}

impl Copied {
    /// The way, for the message that says so.
    pub fn way(&self) -> &'static str {
        match self {
            Copied::Desktop => "clipboard",
            Copied::Terminal(_) => "the terminal's clipboard",
        }
    }
}

/// Why nothing was copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    #[error("this terminal has no clipboard")]
    NoWay,
    #[error("the text is too long for the terminal's clipboard")]
    TooLong,
}

/// What of the environment matters to a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The desktop, if there is one, is on another machine.
    pub over_ssh: bool,
    /// There is a desktop whose clipboard may answer.
    pub desktop: bool,
    pub terminal: Terminal,
}

/// What stands between us and the terminal that a person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// It obeys no escape sequence.
    Dumb,
    Bare,
    Tmux,
    Screen,
}

impl Surroundings {
    /// What the environment says.
    pub fn of(env: impl Fn(&str) -> Option<String>) -> Surroundings {
        let set = |name| env(name).is_some_and(|value| !value.is_empty());
        let term = env("TERM").unwrap_or_default();
        let terminal = if set("TMUX") {
            Terminal::Tmux
        } else if set("STY") {
            Terminal::Screen
        } else if term == "dumb" {
            Terminal::Dumb
        } else {
            Terminal::Bare
        };
        let display = set("WAYLAND_DISPLAY") || set("DISPLAY");
        Surroundings {
            over_ssh: set("SSH_TTY") || set("SSH_CONNECTION"),
            desktop: display || cfg!(any(target_os = "macos", windows)),
            terminal,
        }
    }
}

/// The clipboard. Cheap to clone; the thread behind it starts with the first copy that needs it and ends with the last clone.
#[derive(Clone, Debug)]
pub struct Clipboard {
    surroundings: Surroundings,
    desktop: Option<mpsc::Sender<Job>>,
}

/// A text for the desktop's clipboard, and where to say whether it took it.
type Job = (String, oneshot::Sender<bool>);

impl Clipboard {
    pub fn new(surroundings: Surroundings) -> Clipboard {
        let wanted = surroundings.desktop && !surroundings.over_ssh;
        Clipboard { surroundings, desktop: wanted.then(start).flatten() }
    }

    /// Copies text, made harmless: no control character but line ends, and no bidi control.
    ///
    /// # Errors
    /// Neither the desktop nor the terminal has a clipboard, or the text is too long for the terminal's.
    pub async fn copy(&self, text: &str) -> Result<Copied, CopyError> {
        let text = width::without_controls(text);
        if let Some(desktop) = &self.desktop {
            let (answer, answered) = oneshot::channel();
            if desktop.send((text.clone(), answer)).is_ok()
                && matches!(tokio::time::timeout(PATIENCE, answered).await, Ok(Ok(true)))
            {
                return Ok(Copied::Desktop);
            }
        }
        osc52(&text, self.surroundings.terminal).map(Copied::Terminal)
    }
}

/// Starts the thread that owns the desktop's clipboard. `None` where no thread can be had.
fn start() -> Option<mpsc::Sender<Job>> {
    let (jobs, waiting) = mpsc::channel::<Job>();
    let owner = move || {
        let mut clipboard = None;
        for (text, answer) in waiting {
            if clipboard.is_none() {
                clipboard = arboard::Clipboard::new().ok();
            }
            let took = clipboard.as_mut().is_some_and(|clipboard| clipboard.set_text(text).is_ok());
            if !took {
                // A desktop that went and came back needs a new one.
                clipboard = None;
            }
            let _ = answer.send(took);
        }
    };
    thread::Builder::new().name("clipboard".into()).spawn(owner).ok().map(|_| jobs)
}

/// The bytes that ask a terminal to hold a text.
fn osc52(text: &str, terminal: Terminal) -> Result<String, CopyError> {
    let encoded = STANDARD.encode(text);
    if encoded.len() > LONGEST {
        return Err(CopyError::TooLong);
    }
    let bare = format!("\x1b]52;c;{encoded}\x07");
    match terminal {
        Terminal::Dumb => Err(CopyError::NoWay),
        Terminal::Bare => Ok(bare),
        // tmux takes the bare one itself with `set-clipboard on`, and hands the wrapped one on with `allow-passthrough on`.
        Terminal::Tmux => Ok(format!("{bare}\x1bPtmux;{}\x1b\\", bare.replace('\x1b', "\x1b\x1b"))),
        Terminal::Screen => Ok(format!("\x1bP{bare}\x1b\\")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(vars: &[(&str, &str)]) -> Surroundings {
        Surroundings::of(|name| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    async fn copy(vars: &[(&str, &str)], text: &str) -> Result<Copied, CopyError> {
        Clipboard::new(surroundings(vars)).copy(text).await
    }

    #[tokio::test]
    async fn over_ssh_the_terminal_holds_the_text_even_where_a_display_is_forwarded() {
        let vars = [("SSH_TTY", "/dev/pts/3"), ("DISPLAY", "localhost:10.0"), ("TERM", "xterm")];
        let copied = copy(&vars, "07700 900123").await.expect("copied");
        assert_eq!(copied, Copied::Terminal("\x1b]52;c;MDc3MDAgOTAwMTIz\x07".into()));
    }

    #[tokio::test]
    async fn tmux_is_asked_and_asked_to_pass_it_on() {
        let Ok(Copied::Terminal(bytes)) = copy(&[("TMUX", "/tmp/t"), ("SSH_TTY", "x")], "hi").await
        else {
            panic!("not by the terminal");
        };
        assert_eq!(bytes, "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
    }

    #[tokio::test]
    async fn a_display_that_does_not_answer_leaves_it_to_the_terminal() {
        let vars = [("DISPLAY", ":4711"), ("TERM", "xterm")];
        assert!(matches!(copy(&vars, "hi").await, Ok(Copied::Terminal(_))));
    }

    #[tokio::test]
    async fn a_dumb_terminal_without_a_desktop_says_so() {
        assert_eq!(copy(&[("TERM", "dumb"), ("SSH_TTY", "x")], "hi").await, Err(CopyError::NoWay));
        let long = "x".repeat(LONGEST);
        assert_eq!(copy(&[("SSH_TTY", "x")], &long).await, Err(CopyError::TooLong));
    }

    #[tokio::test]
    async fn what_a_terminal_could_obey_is_not_copied() {
        let Ok(Copied::Terminal(bytes)) =
            copy(&[("SSH_TTY", "x")], "a\x1b[31m\u{202e}b\r\nc\0").await
        else {
            panic!("not by the terminal");
        };
        assert_eq!(bytes, format!("\x1b]52;c;{}\x07", STANDARD.encode("a[31mb\nc")));
    }
}
