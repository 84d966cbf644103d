//! What was seen last, on this machine: so that the first frame needs no network, and everything stays readable without one.
//!
//! One SQLite file for each server, for its owner only. Two threads of its own do all the work: one writes, many changes to a
//! commit; one reads. Nobody waits for either. A damaged or foreign file is set aside, never fatal.

mod file;
mod reads;
mod writes;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread,
};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    app::Me,
    msg::{self, FromCache, Msg},
    row::Row,
};
use crate::{
    domain::ids::{LeadId, Seq},
    wire,
};

pub use file::{CacheError, file_of};
use reads::Read;
use writes::Change;

/// The way to the cache. Cheap to clone; the threads end with the last clone.
#[derive(Clone, Debug)]
pub struct Cache {
    reads: Sender<Read>,
    changes: Sender<Change>,
}

/// A lead as the cache keeps it: for the list, and whole.
#[derive(Debug)]
pub(super) struct Saved {
    pub row: Row,
    pub json: Box<str>,
}

impl Cache {
    /// Opens a file, made if it is not there, and begins to hand over what it holds. `token` says, without telling it, which
    /// token we have: who we are is remembered for that one only.
    pub(super) fn open(path: PathBuf, token: String, out: mpsc::Sender<Msg>) -> Cache {
        let (reads, wanted) = channel();
        let (changes, news) = channel();
        let begin = move || {
            let opened = file::open(&path);
            let (connections, set_aside) = match opened {
                Ok(opened) => opened,
                Err(error) => return broken(&out, &error),
            };
            let writer = {
                let (out, token) = (out.clone(), token.clone());
                move || writes::run(connections.writer, &news, &token, &out)
            };
            if let Err(error) = thread::Builder::new().name("cache-writer".into()).spawn(writer) {
                return broken(&out, &CacheError::Thread(error));
            }
            reads::run(&connections.reader, &wanted, &token, set_aside, &out);
        };
        // Without a thread both channels are closed, and every request to the cache says so.
        if let Err(error) = thread::Builder::new().name("cache".into()).spawn(begin) {
            tracing::warn!(%error, "there is no thread for the cache: the console goes on without it");
        }
        Cache { reads, changes }
    }

    pub(super) fn leads(&self, ids: Vec<LeadId>) {
        self.read(Read::Leads(ids));
    }

    pub(super) fn history(&self, lead: LeadId) {
        self.read(Read::History(lead));
    }

    pub(super) fn journal(&self) {
        self.read(Read::Journal);
    }

    /// The outbox, oldest first; empty where there is no cache.
    pub(super) async fn outbox(&self) -> Vec<msg::Kept> {
        let (answer, answered) = oneshot::channel();
        self.read(Read::Outbox(answer));
        answered.await.unwrap_or_default()
    }

    /// One entry, and the row of its lead.
    pub(super) fn remember(&self, entry: Arc<wire::Entry>, row: Option<Row>) {
        self.change(Change::Entry { entry, row });
    }

    pub(super) fn keep_history(&self, lead: LeadId, history: Arc<wire::History>) {
        self.change(Change::History { lead, history });
    }

    pub(super) fn keep_journal(&self, entries: Vec<Arc<wire::Entry>>) {
        self.change(Change::Journal(entries));
    }

    pub(super) fn hello(&self, me: &Me, business: &wire::Business) {
        self.change(Change::Hello { me: me.clone(), business: business.clone() });
    }

    /// What is kept was true then.
    pub(super) fn as_of(&self, at: Timestamp) {
        self.change(Change::AsOf(at));
    }

    /// The whole queue is coming. What of it does not come is dropped at the end.
    pub(super) fn begin_reload(&self) -> Generation {
        Generation(crate::ids::fresh())
    }

    pub(super) fn page(&self, leads: Vec<Saved>, generation: Generation) {
        self.change(Change::Page { leads, generation });
    }

    pub(super) fn end_reload(&self, generation: Generation, seq: Seq, as_of: Timestamp) {
        self.change(Change::Reloaded { generation, seq, as_of });
    }

    /// Keeps a note or an outcome; returns when it is on disk.
    ///
    /// # Errors
    /// Why it could not be kept.
    pub(super) async fn keep(&self, kept: msg::Kept) -> Result<(), String> {
        let (done, on_disk) = oneshot::channel();
        self.change(Change::Keep { kept, done });
        on_disk.await.unwrap_or_else(|_| Err("there is no cache".into()))
    }

    /// It has gone, or was taken back.
    pub(super) fn drop_kept(&self, key: Uuid) {
        self.change(Change::DropKept(key));
    }

    /// The server refused it, for a reason; or it may go once more.
    pub(super) fn refused(&self, key: Uuid, why: Option<String>) {
        self.change(Change::Refused { key, why });
    }

    fn read(&self, read: Read) {
        // A cache that could not be opened has said so.
        let _ = self.reads.send(read);
    }

    fn change(&self, change: Change) {
        let _ = self.changes.send(change);
    }
}

/// One reload, told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Generation(Uuid);

fn broken(out: &mpsc::Sender<Msg>, error: &CacheError) {
    tracing::warn!(%error, "the cache cannot be used: the console goes on without it");
    let _ = out.blocking_send(Msg::Cache(FromCache::Broken(error.to_string())));
}

#[cfg(test)]
mod tests;
