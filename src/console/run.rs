//! The loop: one owner of the state, one queue of messages, drawn when something changed or a second turned.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    time::Duration,
};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::{
    sync::mpsc::{Receiver, channel},
    time::Instant,
};

use super::{
    app::{App, Options},
    cache::{self, Cache},
    client::{Client, ClientError},
    clipboard::{Clipboard, Surroundings},
    effects::Effects,
    msg::{Effect, Msg},
    settings::{Settings, SettingsError, Watch},
    terminal::{self, Screen},
    theme::{Depth, Theme, ThemeError, Themes},
    update::update,
    view,
};
use crate::clock::Clock;

/// Messages that may wait for the loop: a burst of the stream waits in the stream.
const QUEUE: usize = 1_024;
/// Frames that nobody asked for with a key are this far apart.
const FRAME: Duration = Duration::from_millis(16);
/// How long the first frame waits for the cache, so that it shows the queue and not an empty screen.
const FIRST_FRAME: Duration = Duration::from_millis(60);
/// Messages handled in one go before a key is looked for.
const BURST: usize = 64;
/// How often files of settings and themes are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// A rehearsal clock may run fast; the screen need not.
const SHORTEST_TICK: Duration = Duration::from_millis(250);

/// What a console is started with.
#[derive(Debug)]
pub struct ConsoleOptions {
    /// Servers that stand in for each other; at least one.
    pub servers: Vec<Url>,
    pub token: SecretString,
    /// The machine's, or a rehearsal's.
    pub clock: Clock,
    /// `console.toml`, and `themes/` beside it. They need not exist.
    pub config_folder: Option<PathBuf>,
    /// Where the cache lies. Made for its owner only if it is not there.
    pub state_folder: PathBuf,
    /// Shows everything, changes nothing.
    pub readonly: bool,
}

/// Why a console could not be opened, or had to close.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error(
        "the console needs a terminal: standard output is not one (for scripts there is `ringback lead list --json`)"
    )]
    NotATerminal,
    #[error("{0}")]
    Settings(#[from] SettingsError),
    #[error("theme: {0}")]
    Theme(#[from] ThemeError),
    #[error("{0}")]
    Client(#[from] ClientError),
    #[error("the terminal broke: {0}")]
    Terminal(#[from] io::Error),
    #[error("the console broke: its log says where")]
    Panicked,
}

/// Opens the console and runs it until somebody leaves it. Needs a tokio runtime with its own threads.
///
/// # Errors
/// See [`ConsoleError`]. The terminal is as it was before, in every case.
pub async fn run(options: ConsoleOptions) -> Result<(), ConsoleError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(ConsoleError::NotATerminal);
    }
    let (out, messages) = channel(QUEUE);
    let mark = token_mark(&options.token);
    let file = options.servers.first().map(|server| cache::file_of(&options.state_folder, server));
    let file = file.ok_or(ClientError::NoServer)?;
    // First of all: it reads while the rest is set up.
    let cache = Cache::open(file, mark, out.clone());
    let look = Look::load(&options)?;
    let client =
        Client::new(options.servers.clone(), options.token, options.clock.clone(), out.clone())?;
    let clipboard = Clipboard::new(Surroundings::of(env));
    let effects = Effects::new(client, cache, clipboard, options.clock.clone(), out.clone());
    let app_options = look.options(&options.servers, options.readonly);
    look.watch(out);
    let screen = Screen::enter(look.settings.mouse)?;
    let app = App::new(app_options, options.clock.now(), screen.size()?);
    Loop { app, screen, effects, look, clock: options.clock, drawn: None, leaving: false }
        .run(messages)
        .await
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Tells one token from another without telling it.
fn token_mark(token: &SecretString) -> String {
    let digest = Sha256::digest(token.expose_secret().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Settings and themes, and what is drawn with.
struct Look {
    settings: Settings,
    file: Option<PathBuf>,
    themes: Themes,
    depth: Depth,
    theme: Theme,
}

impl Look {
    fn load(options: &ConsoleOptions) -> Result<Look, ConsoleError> {
        let file = options.config_folder.as_ref().map(|folder| folder.join("console.toml"));
        let settings = match &file {
            Some(file) => Settings::load(file)?,
            None => Settings::default(),
        };
        let themes = match &options.config_folder {
            Some(folder) => Themes::with_folder(folder.join("themes")),
            None => Themes::default(),
        };
        let depth = Depth::detect(env);
        let theme = themes.load(&settings.theme)?.at_depth(depth);
        Ok(Look { settings, file, themes, depth, theme })
    }

    fn options(&self, servers: &[Url], readonly: bool) -> Options {
        let themes = self.themes.names();
        Options {
            keymap: self.settings.keymap.clone(),
            theme: themes.iter().position(|name| *name == self.theme.name).unwrap_or(0),
            themes,
            mouse: self.settings.mouse,
            bell: self.settings.bell,
            desktop: self.settings.notifications,
            readonly,
            require_outcome: self.settings.require_outcome,
            server: servers.first().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// The theme that the state names. One that cannot be read leaves the one in use, and says why.
    fn wear(&mut self, name: &str) -> Option<String> {
        match self.themes.load(name) {
            Ok(theme) => {
                self.theme = theme.at_depth(self.depth);
                None
            }
            Err(error) => {
                // Not tried again at every frame.
                self.theme.name = name.into();
                Some(format!("theme: {error}"))
            }
        }
    }

    /// Looks now and then, on a thread of its own, whether a file changed.
    fn watch(&self, out: tokio::sync::mpsc::Sender<Msg>) {
        let theme = self.themes.file(&self.settings.theme);
        let Some(file) = self.file.clone() else { return };
        let themes = file.with_file_name("themes");
        let watched = [Some(file.clone()), Some(themes), theme].into_iter().flatten();
        let mut watch = Watch::new(watched);
        let looks = std::thread::Builder::new().name("settings".into()).spawn(move || {
            while !out.is_closed() {
                std::thread::sleep(LOOK);
                if watch.changed() {
                    let settings = Settings::load(&file).map_err(|error| error.to_string());
                    if out.blocking_send(Msg::Settings(settings.map(Box::new))).is_err() {
                        return;
                    }
                }
            }
        });
        if let Err(error) = looks {
            tracing::warn!(%error, "settings are not watched: changes count at the next start");
        }
    }
}

struct Loop {
    app: App,
    screen: Screen,
    effects: Effects,
    look: Look,
    clock: Clock,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
    leaving: bool,
}

impl Loop {
    async fn run(mut self, mut messages: Receiver<Msg>) -> Result<(), ConsoleError> {
        let mut events = EventStream::new();
        let mut signals = Signals::new()?;
        let panicked = terminal::panicked();
        let begun = Instant::now();
        let mut draw_at = Some(begun + FIRST_FRAME);
        let mut second = self.next_second();
        while !self.leaving {
            let mut at_once = false;
            tokio::select! {
                biased;
                () = panicked.notified() => return Err(ConsoleError::Panicked),
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        at_once = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Resize(..));
                        if let Some(msg) = message(event) {
                            self.handle(msg)?;
                        }
                    }
                    Some(Err(error)) => return Err(error.into()),
                    // The terminal is gone.
                    None => return Ok(()),
                },
                () = signals.wanted() => self.handle(Msg::Terminate)?,
                Some(msg) = messages.recv() => {
                    self.handle(msg)?;
                    self.drain(&mut messages)?;
                }
                () = self.tick(second) => {
                    second = self.next_second();
                    self.handle(Msg::Tick)?;
                }
                () = sleep_until(draw_at) => {}
            }
            draw_at = None;
            if self.app.is_dirty() {
                let now = Instant::now();
                let due = match self.drawn {
                    _ if at_once => now,
                    Some(drawn) => drawn + FRAME,
                    None if self.app.loaded => now,
                    None => begun + FIRST_FRAME,
                };
                if due <= now {
                    self.draw()?;
                } else {
                    draw_at = Some(due);
                }
            }
        }
        Ok(())
    }

    /// Handles what waits already, so that a burst costs one frame; not all of a long one, so that a key is not kept waiting.
    fn drain(&mut self, messages: &mut Receiver<Msg>) -> Result<(), ConsoleError> {
        for _ in 0..BURST {
            match messages.try_recv() {
                Ok(msg) => self.handle(msg)?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    fn handle(&mut self, msg: Msg) -> Result<(), ConsoleError> {
        let reload = matches!(msg, Msg::Settings(_));
        let effects = update(&mut self.app, self.clock.now(), msg);
        if reload {
            self.app.options.themes = self.look.themes.names();
            self.wear();
        }
        for effect in effects {
            match self.effects.begin(effect) {
                Some(Effect::Ring) => self.screen.ring()?,
                Some(Effect::Title(title)) => self.screen.title(&title)?,
                Some(Effect::Emit(bytes)) => self.screen.emit(&bytes)?,
                Some(Effect::Mouse(taken)) => self.screen.mouse(taken)?,
                Some(Effect::Redraw) => self.screen.clear()?,
                Some(Effect::Quit) => self.leaving = true,
                _ => {}
            }
        }
        Ok(())
    }

    fn wear(&mut self) {
        let name = self.app.theme_name().to_owned();
        if let Some(fault) = self.look.wear(&name) {
            update(&mut self.app, self.clock.now(), Msg::Told(fault));
        }
    }

    fn draw(&mut self) -> Result<(), ConsoleError> {
        if self.look.theme.name != self.app.theme_name() {
            self.wear();
        }
        self.app.take_dirty();
        let (app, theme) = (&self.app, &self.look.theme);
        let mut geometry = None;
        self.screen.draw(|frame| geometry = Some(view::draw(frame, app, theme)))?;
        self.drawn = Some(Instant::now());
        match geometry {
            Some(geometry) => self.handle(Msg::Drawn(geometry)),
            None => Ok(()),
        }
    }

    /// When the server's clock shows the next whole second, on our clock.
    fn next_second(&self) -> Timestamp {
        let shown = self.app.skew;
        let now = self.clock.now();
        let theirs = now.checked_add(shown).unwrap_or(now).as_millisecond();
        let left = 1_000 - theirs.rem_euclid(1_000);
        now.checked_add(SignedDuration::from_millis(left)).unwrap_or(now)
    }

    async fn tick(&self, second: Timestamp) {
        tokio::join!(self.clock.sleep_until(second), async {
            if self.clock.is_rehearsal() {
                tokio::time::sleep(SHORTEST_TICK).await;
            }
        });
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What an event of the terminal means to the state.
fn message(event: Event) -> Option<Msg> {
    Some(match event {
        Event::Key(key) => Msg::Key(key),
        Event::Paste(text) => Msg::Paste(text),
        Event::Mouse(mouse) => Msg::Mouse(mouse),
        Event::Resize(width, height) => Msg::Resize(width, height),
        Event::FocusGained => Msg::Focus(true),
        Event::FocusLost => Msg::Focus(false),
    })
}

/// Signals that ask us to leave: the terminal is given back first.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn wanted(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn wanted(&mut self) {
        std::future::pending().await
    }
}
