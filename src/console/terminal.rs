//! The terminal: entered, drawn on, and given back as it was, whatever happens.

use std::{
    io::{self, BufWriter, Stdout, Write},
    sync::{Arc, OnceLock},
};

use crossterm::{
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange, EnableMouseCapture,
    },
    execute, queue,
    terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, SetTitle},
};
use ratatui::{Frame, Terminal, layout::Size};
use tokio::sync::Notify;

use super::{notify::BELL, steady::SteadyBackend};

/// Remembers the terminal's own title, and brings it back (xterm and those who follow it; others pass it over).
const KEEP_TITLE: &str = "\x1b[22;2t";
const OLD_TITLE: &str = "\x1b[23;2t";
/// Enough for a whole frame: it then leaves in one write.
const FRAME_BYTES: usize = 64 * 1024;

type Backend = SteadyBackend<BufWriter<Stdout>>;

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: Terminal<Backend>,
}

impl Screen {
    /// Takes the terminal over.
    pub fn enter(mouse: bool) -> io::Result<Screen> {
        hook();
        // Raw mode, the other screen, and a hook that undoes both before a panic speaks. It is drawn on through a larger
        // buffer than the one that comes with it.
        ratatui::try_init()?;
        let terminal = modes(mouse).and_then(|()| {
            let writer = BufWriter::with_capacity(FRAME_BYTES, io::stdout());
            Terminal::new(SteadyBackend::new(writer))
        });
        match terminal {
            Ok(terminal) => Ok(Screen { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws one frame; terminals that can show it in one go do.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(render)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Forgets what stands on the screen: the next frame is drawn whole.
    pub fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    pub fn ring(&mut self) -> io::Result<()> {
        self.emit(BELL)
    }

    /// Sends bytes that draw nothing.
    pub fn emit(&mut self, bytes: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(bytes.as_bytes())?;
        Write::flush(backend)
    }

    pub fn title(&mut self, title: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), SetTitle(title))
    }

    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        if taken {
            execute!(backend, EnableMouseCapture)
        } else {
            execute!(backend, DisableMouseCapture)
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn modes(mouse: bool) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(KEEP_TITLE.as_bytes())?;
    execute!(out, EnableBracketedPaste, EnableFocusChange)?;
    if mouse {
        execute!(out, EnableMouseCapture)?;
    }
    Ok(())
}

fn give_back() {
    modes_off();
    // There is nobody left to tell.
    let _ = ratatui::try_restore();
}

fn modes_off() {
    let mut out = io::stdout();
    // Each as far as it goes: the terminal may be gone.
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste
    );
    let _ = out.write_all(OLD_TITLE.as_bytes()).and_then(|()| out.flush());
}

/// Told when something panicked, on whatever thread: the screen is not ours any more.
pub(super) fn panicked() -> Arc<Notify> {
    static PANICKED: OnceLock<Arc<Notify>> = OnceLock::new();
    PANICKED.get_or_init(Arc::default).clone()
}

/// Adds to what happens at a panic, once: ratatui's own hook leaves mouse, paste and focus as we set them.
fn hook() {
    static HOOKED: OnceLock<()> = OnceLock::new();
    HOOKED.get_or_init(|| {
        let before = std::panic::take_hook();
        let told = panicked();
        std::panic::set_hook(Box::new(move |info| {
            modes_off();
            // Where, never what: a message could hold somebody's name.
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "the console panicked");
            told.notify_one();
            before(info);
        }));
    });
}
