//! The line to the server, kept open: who we are, what we missed, then what happens. It comes back by itself, resumes where it
//! was by sequence number, and reloads whole where that is too long ago; it never guesses by time.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use serde_json::value::RawValue;
use tokio::{
    sync::{Notify, mpsc::Sender},
    time::Instant,
};

use super::{
    cache::{Cache, Saved},
    client::{Client, Hello, Page},
    msg::{Failure, FromServer, LineNews, Msg},
    outbox::Outbox,
    row::{Names, Row},
    stream::{self, Event},
};
use crate::{clock::Clock, domain::ids::Seq, wire};

/// How often the cache is told that the line is still up.
const STILL_UP: Duration = Duration::from_secs(10);
/// A line that stood for so long was a good one: what went before it is forgotten.
const STEADY: Duration = Duration::from_secs(2);

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
    /// The server answers, and cannot reach its database: to be tried again.
    Away(String),
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
            Failure::DatabaseAway(why) => End::Away(why),
            Failure::Claimed { .. } => End::Down("an answer to another question".into()),
        }
    }
}

impl Connection {
    /// Keeps the line open until the console is gone.
    pub async fn keep(self, mut after: Seq) {
        let mut names = Names::default();
        let mut failed = 0;
        loop {
            if self.tell(FromServer::Line(LineNews::Connecting)).await.is_err() {
                return;
            }
            let turn = self.client.turn();
            let mut up = None;
            let end = self.stretch(&mut after, &mut names, &mut up).await;
            if up.is_some_and(|up: Instant| up.elapsed() > STEADY) {
                failed = 0;
            }
            let gone = match end {
                End::Over => return,
                End::Refused(why) => {
                    let told = self.tell(FromServer::Line(LineNews::Refused { why })).await;
                    self.kick.notified().await;
                    told
                }
                End::Away(why) => {
                    let _ = self.tell(FromServer::DatabaseAway).await;
                    self.next_server(why, turn, &mut failed).await
                }
                End::Down(why) => self.next_server(why, turn, &mut failed).await,
            };
            if gone.is_err() {
                return;
            }
        }
    }

    /// Goes on to the next server: at once while there is one that has not been tried, and after a wait when each has been.
    async fn next_server(&self, why: String, turn: usize, failed: &mut u32) -> Result<(), Gone> {
        self.client.leave(turn);
        *failed = failed.saturating_add(1);
        let servers = self.client.servers();
        let wait = if failed.is_multiple_of(servers) {
            stream::backoff(*failed / servers - 1, chance())
        } else {
            Duration::ZERO
        };
        let now = self.clock.now();
        let retry_at = now.checked_add(wait).unwrap_or(now);
        self.tell(FromServer::Line(LineNews::Down { why, retry_at })).await?;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.kick.notified() => {}
        }
        Ok(())
    }

    /// One stretch of the line, from hello to its end.
    async fn stretch(&self, after: &mut Seq, names: &mut Names, up: &mut Option<Instant>) -> End {
        match self.try_stretch(after, names, up).await {
            Ok(end) => end,
            Err(failure) => failure.into(),
        }
    }

    async fn try_stretch(
        &self,
        after: &mut Seq,
        names: &mut Names,
        up: &mut Option<Instant>,
    ) -> Result<End, Failure> {
        let hello = self.client.hello().await?;
        if self.greet(hello).await.is_err() {
            return Ok(End::Over);
        }
        if *after == 0 {
            *after = self.reload(names).await?;
        }
        // What the server cannot go on from is told by itself: too long ago, or ahead of all it knows, because it stands on
        // other data than what we have seen.
        let mut events = match stream::open(&self.client, *after).await {
            Err(Failure::Refused { status: 410, .. }) => {
                *after = self.reload(names).await?;
                stream::open(&self.client, *after).await?
            }
            opened => opened?,
        };
        *up = Some(Instant::now());
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
                _ = still_up.tick() => {
                    self.cache.as_of(self.clock.now());
                    // A write that got no answer although the line stands is tried again.
                    self.up.notify_one();
                }
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
    /// while the others come is told by the stream once more, and the newer one wins. What a server remembers while its
    /// database is away is shown and not kept: 0 then, so that all is loaded as soon as that can be.
    async fn reload(&self, names: &mut Names) -> Result<Seq, Failure> {
        // A console that is gone is noticed when the stream speaks.
        let _ = self.tell(FromServer::ReloadStarted).await;
        let generation = self.cache.begin_reload();
        let mut first: Option<(Seq, jiff::Timestamp)> = None;
        let mut cursor: Option<String> = None;
        loop {
            let page = self.client.page(cursor.as_deref()).await?;
            if page.stale {
                return self.remembered(page, names).await;
            }
            let (seq, as_of) = *first.get_or_insert((page.seq, page.as_of));
            let saved = read(page.leads, names);
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

    async fn remembered(&self, page: Page, names: &mut Names) -> Result<Seq, Failure> {
        let rows = read(page.leads, names).into_iter().map(|saved| saved.row).collect();
        let _ = self.tell(FromServer::Remembered { rows, as_of: page.as_of }).await;
        Ok(0)
    }

    async fn tell(&self, news: FromServer) -> Result<(), Gone> {
        self.out.send(Msg::Server(news)).await.map_err(|_| Gone)
    }
}

/// The console has gone.
struct Gone;

fn read(leads: Vec<Box<RawValue>>, names: &mut Names) -> Vec<Saved> {
    let mut saved = Vec::with_capacity(leads.len());
    for lead in leads {
        match serde_json::from_str::<wire::Lead>(lead.get()) {
            Ok(read) => saved.push(Saved { row: Row::of(&read, names), json: lead.into() }),
            Err(error) => {
                tracing::warn!(%error, "a lead of the queue cannot be read and is passed over");
            }
        }
    }
    saved
}

/// From 0 to 1, anew each time.
fn chance() -> f64 {
    let mut byte = [0; 2];
    match getrandom::fill(&mut byte) {
        Ok(()) => f64::from(u16::from_le_bytes(byte)) / f64::from(u16::MAX),
        Err(_) => 0.5,
    }
}
