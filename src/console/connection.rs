//! The line to the server, kept open: who we are, what we missed, then what happens. It comes back by itself, resumes where it
//! was by sequence number, and reloads whole where that is too long ago; it never guesses by time.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc::Sender};

use super::{
    cache::{Cache, Saved},
    client::{Client, Hello},
    msg::{Failure, FromServer, LineNews, Msg},
    outbox::Outbox,
    row::{Names, Row},
    stream::{self, Event},
};
use crate::{clock::Clock, domain::ids::Seq, wire};

/// How often the cache is told that the line is still up.
const STILL_UP: Duration = Duration::from_secs(10);

/// What the line needs.
#[derive(Debug)]
pub(super) struct Connection {
    pub client: Client,
    pub cache: Cache,
    pub clock: Clock,
    pub out: Sender<Msg>,
    /// Somebody wants it now.
    pub kick: Arc<Notify>,
    /// Told who sits here: whose notes may go.
    pub outbox: Outbox,
    /// Told when the line comes up: what waits may go.
    pub up: Arc<Notify>,
}

/// How a stretch of the line ended.
enum End {
    /// To be tried again.
    Down(String),
    /// Not before somebody asks for it: the token is wrong.
    Refused(String),
    /// The console is gone.
    Over,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> End {
        match failure {
            Failure::Refused { status: 401 | 403, why } => End::Refused(why),
            Failure::Refused { why, .. } | Failure::Unreachable(why) => End::Down(why),
            Failure::Claimed { .. } => End::Down("an answer to another question".into()),
        }
    }
}

impl Connection {
    /// Keeps the line open until the console is gone.
    pub async fn keep(self, mut after: Seq) {
        let mut names = Names::default();
        let mut tries = 0;
        loop {
            if self.tell(FromServer::Line(LineNews::Connecting)).await.is_err() {
                return;
            }
            match self.stretch(&mut after, &mut names, &mut tries).await {
                End::Over => return,
                End::Refused(why) => {
                    if self.tell(FromServer::Line(LineNews::Refused { why })).await.is_err() {
                        return;
                    }
                    self.kick.notified().await;
                }
                End::Down(why) => {
                    let wait = stream::backoff(tries, chance());
                    tries = tries.saturating_add(1);
                    self.client.try_another();
                    let now = self.clock.now();
                    let retry_at = now.checked_add(wait).unwrap_or(now);
                    if self.tell(FromServer::Line(LineNews::Down { why, retry_at })).await.is_err()
                    {
                        return;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = self.kick.notified() => {}
                    }
                }
            }
        }
    }

    /// One stretch of the line, from hello to its end.
    async fn stretch(&self, after: &mut Seq, names: &mut Names, tries: &mut u32) -> End {
        match self.try_stretch(after, names, tries).await {
            Ok(end) => end,
            Err(failure) => failure.into(),
        }
    }

    async fn try_stretch(
        &self,
        after: &mut Seq,
        names: &mut Names,
        tries: &mut u32,
    ) -> Result<End, Failure> {
        let hello = self.client.hello().await?;
        let seq = hello.seq;
        if self.greet(hello).await.is_err() {
            return Ok(End::Over);
        }
        // A head below ours: the server stands on other data than what we have seen.
        if *after == 0 || seq < *after {
            *after = self.reload(names).await?;
        }
        let mut events = match stream::open(&self.client, *after).await {
            Err(Failure::Refused { status: 410, .. }) => {
                *after = self.reload(names).await?;
                stream::open(&self.client, *after).await?
            }
            opened => opened?,
        };
        *tries = 0;
        self.cache.as_of(self.clock.now());
        if self.tell(FromServer::Line(LineNews::Up)).await.is_err() {
            return Ok(End::Over);
        }
        self.up.notify_one();
        let mut still_up = tokio::time::interval(STILL_UP);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    None => return Ok(End::Down("the server closed the line".into())),
                    Some(Err(broken)) => return Ok(End::Down(broken.0)),
                    Some(Ok(event)) => {
                        if self.hand_on(event, after, names).await.is_err() {
                            return Ok(End::Over);
                        }
                    }
                },
                _ = still_up.tick() => self.cache.as_of(self.clock.now()),
            }
        }
    }

    async fn greet(&self, hello: Hello) -> Result<(), Gone> {
        self.cache.hello(&hello.me, &hello.business);
        self.outbox.me(hello.me.id.clone());
        self.tell(FromServer::Hello { me: hello.me, business: hello.business }).await
    }

    /// One entry, to the cache and to the screen. One that was there before is passed over.
    async fn hand_on(&self, event: Event, after: &mut Seq, names: &mut Names) -> Result<(), Gone> {
        let entry = match event {
            Event::Strange(seq) => {
                *after = (*after).max(seq);
                return Ok(());
            }
            Event::Entry(entry) => entry,
        };
        if entry.seq <= *after {
            return Ok(());
        }
        *after = entry.seq;
        let entry: Arc<wire::Entry> = Arc::from(entry);
        let row = entry.lead.as_ref().map(|lead| Box::new(Row::of(lead, names)));
        self.cache.remember(entry.clone(), row.as_deref().cloned());
        self.tell(FromServer::Entry { entry, row }).await
    }

    /// Loads the whole queue, page by page; gives the sequence number to follow from. That is the first page's: what changes
    /// while the others come is told by the stream once more, and the newer one wins.
    async fn reload(&self, names: &mut Names) -> Result<Seq, Failure> {
        // A console that is gone is noticed when the stream speaks.
        let _ = self.tell(FromServer::ReloadStarted).await;
        let generation = self.cache.begin_reload();
        let mut first: Option<(Seq, jiff::Timestamp)> = None;
        let mut cursor: Option<String> = None;
        loop {
            let page = self.client.page(cursor.as_deref()).await?;
            let (seq, as_of) = *first.get_or_insert((page.seq, page.as_of));
            let mut saved = Vec::with_capacity(page.leads.len());
            for lead in page.leads {
                match serde_json::from_str::<wire::Lead>(lead.get()) {
                    Ok(read) => saved.push(Saved { row: Row::of(&read, names), json: lead.into() }),
                    Err(error) => {
                        tracing::warn!(%error, "a lead of the queue cannot be read and is passed over")
                    }
                }
            }
            let rows = saved.iter().map(|saved| saved.row.clone()).collect();
            self.cache.page(saved, generation);
            let _ = self.tell(FromServer::ReloadPage(rows)).await;
            match page.next {
                Some(next) => cursor = Some(next),
                None => {
                    self.cache.end_reload(generation, seq, as_of);
                    let _ = self.tell(FromServer::ReloadDone { seq, as_of }).await;
                    return Ok(seq);
                }
            }
        }
    }

    async fn tell(&self, news: FromServer) -> Result<(), Gone> {
        self.out.send(Msg::Server(news)).await.map_err(|_| Gone)
    }
}

/// The console has gone.
struct Gone;

/// From 0 to 1, anew each time.
fn chance() -> f64 {
    let mut byte = [0; 2];
    match getrandom::fill(&mut byte) {
        Ok(()) => f64::from(u16::from_le_bytes(byte)) / f64::from(u16::MAX),
        Err(_) => 0.5,
    }
}
