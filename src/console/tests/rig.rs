//! The loop without a screen: state, effects, cache and line, as in the real one.

use std::time::Duration;

use ratatui::layout::Size;
use tempfile::TempDir;
use tokio::sync::mpsc::{Receiver, channel};

use super::standin::Standin;
use crate::{
    clock::Clock,
    console::{
        app::App,
        cache::{self, Cache},
        client::Client,
        clipboard::{Clipboard, Surroundings},
        effects::Effects,
        msg::{FromServer, Msg},
        testing::{self, key_event},
        update::update,
    },
    domain::ids::Seq,
};

/// A console at work.
pub(super) struct Rig {
    pub app: App,
    effects: Effects,
    messages: Receiver<Msg>,
    clock: Clock,
    folder: TempDir,
    entries: Vec<Seq>,
}

impl Rig {
    pub fn start(standin: &Standin) -> Rig {
        Rig::begin(&[standin], "priya", TempDir::new().expect("a folder"))
    }

    pub fn start_as(standin: &Standin, who: &str) -> Rig {
        Rig::begin(&[standin], who, TempDir::new().expect("a folder"))
    }

    /// With the cache of a console that was left.
    pub fn start_in(standin: &Standin, folder: TempDir) -> Rig {
        Rig::begin(&[standin], "priya", folder)
    }

    pub fn start_with(standins: &[&Standin]) -> Rig {
        Rig::begin(standins, "priya", TempDir::new().expect("a folder"))
    }

    fn begin(standins: &[&Standin], who: &str, folder: TempDir) -> Rig {
        let (out, messages) = channel(64);
        let clock = Clock::System;
        let servers: Vec<_> = standins.iter().map(|standin| standin.url()).collect();
        let file = cache::file_of(folder.path(), &servers[0]);
        let cache = Cache::open(file, who.into(), out.clone());
        let token = who.to_owned().into();
        let client = Client::new(servers, token, clock.clone(), out.clone()).expect("a client");
        let clipboard = Clipboard::new(Surroundings::of(|_| None));
        let effects = Effects::new(client, cache, clipboard, clock.clone(), out);
        let app = App::new(testing::options(), clock.now(), Size::new(120, 36));
        Rig { app, effects, messages, clock, folder, entries: Vec::new() }
    }

    pub async fn live(mut self) -> Rig {
        self.until("live", |app| app.is_live() && app.selected().is_some()).await;
        self
    }

    pub fn handle(&mut self, msg: Msg) {
        if let Msg::Server(FromServer::Entry { entry, .. }) = &msg {
            self.entries.push(entry.seq);
        }
        for effect in update(&mut self.app, self.clock.now(), msg) {
            self.effects.begin(effect);
        }
    }

    pub fn press(&mut self, key: &str) {
        self.handle(Msg::Key(key_event(key)));
    }

    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.handle(Msg::Key(crossterm::event::KeyCode::Char(c).into()));
        }
    }

    /// Runs until something is so.
    ///
    /// # Panics
    /// After 20 s.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&App) -> bool) {
        let patience = tokio::time::sleep(Duration::from_secs(20));
        tokio::pin!(patience);
        while !is_so(&self.app) {
            tokio::select! {
                Some(msg) = self.messages.recv() => self.handle(msg),
                () = tokio::time::sleep(Duration::from_millis(50)) => self.handle(Msg::Tick),
                () = &mut patience => {
                    let toasts: Vec<_> = self.app.toasts.iter().map(|toast| &toast.text).collect();
                    panic!("not within 20 s: {what}. {:?}, {toasts:?}", self.app.link);
                }
            }
        }
    }

    /// The sequence numbers of the entries that came, in the order in which they came.
    pub fn entries(&self) -> Vec<Seq> {
        self.entries.clone()
    }

    /// Leaves the console; its cache stays. What was to be kept is on disk by then.
    pub async fn stop(self) -> TempDir {
        // The cache gathers for a fifth of a second.
        tokio::time::sleep(Duration::from_millis(600)).await;
        self.folder
    }
}
