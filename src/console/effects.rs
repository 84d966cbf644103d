//! The only place where the console touches the world beside its screen. Nothing here waits on the loop's time: each effect is
//! handed to a task or a thread, and what comes of it is a message.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, mpsc::Sender},
    task::AbortHandle,
};

use super::{
    cache::Cache,
    client::Client,
    clipboard::Clipboard,
    connection::Connection,
    journal,
    msg::{Changed, Effect, FromServer, Msg, Op, Request},
    notify::Notifier,
    outbox::{Needs, Outbox},
    row::{Names, Row},
};
use crate::{
    clock::Clock,
    domain::ids::{LeadId, Seq},
    ids, wire,
};

/// How long a selection rests before its history is asked for: holding `j` down asks nothing.
const REST: Duration = Duration::from_millis(120);

/// Carries effects out.
#[derive(Debug)]
pub(super) struct Effects {
    client: Client,
    cache: Cache,
    outbox: Outbox,
    clipboard: Clipboard,
    notifier: Notifier,
    clock: Clock,
    out: Sender<Msg>,
    /// The line is wanted now.
    kick: Arc<Notify>,
    /// The line has come up.
    up: Arc<Notify>,
    line: Option<AbortHandle>,
    history: Option<AbortHandle>,
}

impl Effects {
    pub fn new(
        client: Client,
        cache: Cache,
        clipboard: Clipboard,
        clock: Clock,
        out: Sender<Msg>,
    ) -> Effects {
        let up = Arc::new(Notify::new());
        let outbox = Outbox::start(Needs {
            client: client.clone(),
            cache: cache.clone(),
            clock: clock.clone(),
            out: out.clone(),
            up: up.clone(),
        });
        Effects {
            client,
            cache,
            outbox,
            clipboard,
            notifier: Notifier::default(),
            clock,
            out,
            kick: Arc::new(Notify::new()),
            up,
            line: None,
            history: None,
        }
    }

    /// Begins an effect; gives it back if it is about the screen, which is the loop's.
    pub fn begin(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Connect { after } => self.connect(after),
            Effect::Reconnect => self.kick.notify_one(),
            Effect::AskHello => self.ask_hello(),
            Effect::Request { op, lead, request } => self.request(op, lead, request),
            Effect::Keep { lead, name, by, write } => self.outbox.keep(lead, name, by, write),
            Effect::Drop { key } => self.outbox.drop_kept(key),
            Effect::RetryKept => self.outbox.retry(),
            Effect::LoadLeads(ids) => self.cache.leads(ids),
            Effect::FetchLead(id) => self.fetch_lead(id),
            Effect::LoadHistory(id) => self.history(id),
            Effect::LoadJournal => self.journal(),
            Effect::LoadTeam => self.team(),
            Effect::Copy { what, text } => self.copy(what, text),
            Effect::Notify(notice) => {
                let notifier = self.notifier.clone();
                tokio::spawn(async move {
                    notifier.show(&notice.title, &notice.body, notice.urgent).await;
                });
            }
            Effect::Ring
            | Effect::Title(_)
            | Effect::Emit(_)
            | Effect::Mouse(_)
            | Effect::Redraw
            | Effect::Quit => return Some(effect),
        }
        None
    }

    fn connect(&mut self, after: Seq) {
        if self.line.is_some() {
            return;
        }
        let connection = Connection {
            client: self.client.clone(),
            cache: self.cache.clone(),
            clock: self.clock.clone(),
            out: self.out.clone(),
            kick: self.kick.clone(),
            outbox: self.outbox.clone(),
            up: self.up.clone(),
        };
        self.line = Some(tokio::spawn(connection.keep(after)).abort_handle());
    }

    fn ask_hello(&self) {
        let (client, cache) = (self.client.clone(), self.cache.clone());
        self.spawn(async move {
            // A failure is told by the line itself.
            let hello = client.hello().await.ok()?;
            cache.hello(&hello.me, &hello.business);
            Some(Msg::Server(FromServer::Hello { me: hello.me, business: hello.business }))
        });
    }

    fn request(&self, op: Op, lead: LeadId, request: Request) {
        let client = self.client.clone();
        self.spawn(async move {
            let answer = client.ask(lead, &request, ids::fresh()).await.map(changed);
            Some(Msg::Server(FromServer::Answer { op, lead, answer }))
        });
    }

    fn fetch_lead(&self, id: LeadId) {
        let client = self.client.clone();
        self.spawn(async move {
            let lead = client.lead(id).await.ok()?;
            Some(Msg::Server(FromServer::Lead(Arc::new(lead))))
        });
    }

    fn history(&mut self, lead: LeadId) {
        self.cache.history(lead);
        if let Some(before) = self.history.take() {
            before.abort();
        }
        let (client, cache) = (self.client.clone(), self.cache.clone());
        self.history = Some(self.spawn(async move {
            tokio::time::sleep(REST).await;
            let history = client.history(lead).await.map(Arc::new);
            if let Ok(history) = &history {
                cache.keep_history(lead, history.clone());
            }
            Some(Msg::Server(FromServer::History { lead, history }))
        }));
    }

    fn journal(&self) {
        self.cache.journal();
        let (client, cache) = (self.client.clone(), self.cache.clone());
        self.spawn(async move {
            let entries = client.journal(journal::KEPT).await.ok()?;
            let entries: Vec<Arc<wire::Entry>> = entries.into_iter().map(Arc::new).collect();
            cache.keep_journal(entries.clone());
            Some(Msg::Server(FromServer::Journal(entries)))
        });
    }

    fn team(&self) {
        let client = self.client.clone();
        self.spawn(async move { Some(Msg::Server(FromServer::Team(client.team().await))) });
    }

    fn copy(&self, what: &'static str, text: String) {
        let clipboard = self.clipboard.clone();
        self.spawn(async move {
            let way = clipboard.copy(&text).await;
            Some(Msg::Copied { what, text, way })
        });
    }

    fn spawn(&self, work: impl Future<Output = Option<Msg>> + Send + 'static) -> AbortHandle {
        let out = self.out.clone();
        let task = tokio::spawn(async move {
            if let Some(msg) = work.await {
                // The console may have gone meanwhile.
                let _ = out.send(msg).await;
            }
        });
        task.abort_handle()
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        for task in [self.line.take(), self.history.take()].into_iter().flatten() {
            task.abort();
        }
    }
}

fn changed(lead: wire::Lead) -> Box<Changed> {
    let row = Row::of(&lead, &mut Names::default());
    Box::new(Changed { lead: Arc::new(lead), row })
}
