//! The live stream: every journal entry to every subscriber, in order, nothing missed and nothing twice.
//!
//! One task reads new entries from the journal, formats each once, and keeps the newest in a ring. Every subscriber walks
//! through the ring at their own pace; one who falls behind it, or comes back after a while, reads the journal itself. So a
//! slow reader holds nobody up, and lag is never a loss. While nobody listens, nothing is read.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::app::App;
use crate::{
    domain::{command::TokenHash, ids::Seq, journal::EntryKind},
    store::{JournalQuery, StoreError, StoredEntry},
};

/// Entries and bytes kept in memory at most.
const RING_ENTRIES: usize = 2_048;
const RING_BYTES: usize = 4 * 1024 * 1024;
/// Entries read from the journal, or taken from the ring, at once.
const AT_ONCE: usize = 256;
/// The pause before a failed read is tried again, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(2));

/// The newest entries, each as the bytes of one event.
#[derive(Debug, Default)]
struct Ring {
    /// The entry before the first one here.
    before: Seq,
    events: VecDeque<Bytes>,
    bytes: usize,
}

impl Ring {
    fn last(&self) -> Seq {
        self.before + Seq::try_from(self.events.len()).unwrap_or(Seq::MAX)
    }

    fn push(&mut self, event: Bytes) {
        self.bytes += event.len();
        self.events.push_back(event);
        while self.events.len() > RING_ENTRIES || self.bytes > RING_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.len();
            self.before += 1;
        }
    }

    /// Empties the ring, to go on behind `seq`.
    fn restart(&mut self, seq: Seq) {
        *self = Ring { before: seq, ..Ring::default() };
    }
}

/// What the ring has behind an entry.
#[derive(Debug, PartialEq)]
enum Found {
    Events(Vec<Bytes>),
    /// Nothing yet.
    Level,
    /// The ring begins later.
    TooOld,
}

/// The ring, and who walks through it.
pub struct Hub {
    ring: RwLock<Ring>,
    /// The last entry in the ring.
    last: watch::Sender<Seq>,
    listeners: watch::Sender<usize>,
    /// Raised when people or keys change: whoever listens shows their token again.
    staff: watch::Sender<u64>,
}

impl Default for Hub {
    fn default() -> Self {
        Hub {
            ring: RwLock::default(),
            last: watch::Sender::new(0),
            listeners: watch::Sender::new(0),
            staff: watch::Sender::new(0),
        }
    }
}

impl Hub {
    fn behind(&self, after: Seq) -> Found {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        if after >= ring.last() {
            return Found::Level;
        }
        match usize::try_from(after - ring.before) {
            Ok(skip) => {
                Found::Events(ring.events.iter().skip(skip).take(AT_ONCE).cloned().collect())
            }
            Err(_) => Found::TooOld,
        }
    }

    /// Whether all that came behind an entry, at most `gap` entries, is in the ring.
    fn holds(&self, after: Seq, gap: Seq) -> bool {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let nearest = ring.before.max(ring.last().saturating_sub(gap));
        !ring.events.is_empty() && (nearest..=ring.last()).contains(&after)
    }

    fn last(&self) -> Seq {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).last()
    }

    fn restart(&self, seq: Seq) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).restart(seq);
        self.last.send_replace(seq);
    }

    /// Takes entries in; whether they follow on what is there, and whether any is about people or keys.
    fn take(&self, entries: &[StoredEntry]) -> (bool, bool) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let mut follow = true;
        let mut staff = false;
        for entry in entries {
            follow &= entry.seq == ring.last() + 1;
            if !follow {
                break;
            }
            staff |= is_about_staff(&entry.kind);
            ring.push(event(entry));
        }
        let last = ring.last();
        drop(ring);
        self.last.send_replace(last);
        (follow, staff)
    }

    /// Has everybody who listens show their token again.
    pub fn staff_changed(&self) {
        self.staff.send_modify(|changes| *changes = changes.wrapping_add(1));
    }
}

fn is_about_staff(kind: &str) -> bool {
    kind == EntryKind::RepChanged.as_str() || kind == EntryKind::KeyChanged.as_str()
}

/// One entry as an event of the stream. Its JSON has no line breaks, so that one `data:` line holds it.
fn event(entry: &StoredEntry) -> Bytes {
    use std::fmt::Write;
    let mut text = String::with_capacity(entry.json.len() + entry.kind.len() + 48);
    // Writing to a string cannot fail.
    let _ = write!(text, "id: {}\nevent: {}\ndata: {}\n\n", entry.seq, entry.kind, entry.json);
    text.into()
}

/// Fills the ring while anybody listens, until `stop`.
pub async fn pump(app: Arc<App>, stop: CancellationToken) {
    let work = async {
        let mut listeners = app.hub.listeners.subscribe();
        while listeners.wait_for(|listeners| *listeners > 0).await.is_ok() {
            fill(&app, &mut listeners).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

/// Fills the ring until nobody listens any more.
async fn fill(app: &App, listeners: &mut watch::Receiver<usize>) {
    let mut head = app.store.head();
    let mut pause = PAUSE.0;
    let mut caught_up = false;
    loop {
        let known_head = *head.borrow_and_update();
        let read = if caught_up { read_on(app).await } else { catch_up(app).await };
        let got = match read {
            Ok(got) => {
                caught_up = true;
                got
            }
            Err(error) => {
                tracing::warn!(%error, "the journal cannot be read for the live stream; trying again");
                0
            }
        };
        if got > 0 {
            pause = PAUSE.0;
            continue;
        }
        if app.hub.last() < known_head || !caught_up {
            // Committed but not to be read: looked at again soon, and then less and less often.
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
            continue;
        }
        let closed = tokio::select! {
            changed = head.changed() => changed.is_err(),
            _ = listeners.wait_for(|listeners| *listeners == 0) => return,
        };
        if closed {
            // The store is: streams end with the service.
            return std::future::pending().await;
        }
    }
}

/// After a time in which nobody listened: goes on where the ring ends, or at the head if that is too far.
async fn catch_up(app: &App) -> Result<usize, StoreError> {
    let (_, last) = app.store.journal_span().await?;
    let reach = Seq::try_from(RING_ENTRIES).unwrap_or(Seq::MAX);
    if !(0..=reach).contains(&(last - app.hub.last())) {
        app.hub.restart(last);
    }
    read_on(app).await
}

async fn read_on(app: &App) -> Result<usize, StoreError> {
    let query = JournalQuery { after: app.hub.last(), limit: AT_ONCE };
    let entries = app.store.journal(query).await?;
    let (follow, staff) = app.hub.take(&entries);
    if staff {
        app.tokens.doubt_all();
        app.hub.staff_changed();
    }
    if !follow {
        // Retention has taken what came between. Who waits for it finds the gap in the journal.
        let last = entries.last().map_or(app.hub.last(), |entry| entry.seq);
        app.hub.restart(last);
    }
    Ok(entries.len())
}

/// Counts a listener while it lives.
struct Listening(Arc<App>);

impl Listening {
    fn new(app: Arc<App>) -> Listening {
        app.hub.listeners.send_modify(|listeners| *listeners += 1);
        app.metrics.subscribers.increment(1);
        Listening(app)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.hub.listeners.send_modify(|listeners| *listeners = listeners.saturating_sub(1));
        self.0.metrics.subscribers.decrement(1);
    }
}

/// One subscriber's walk through the journal.
struct Walk {
    listening: Listening,
    token: TokenHash,
    /// The last entry handed out or waiting in `ready`.
    after: Seq,
    ready: VecDeque<Bytes>,
    last: watch::Receiver<Seq>,
    staff: watch::Receiver<u64>,
    cuts: watch::Receiver<u64>,
}

/// What woke a subscriber.
enum Woken {
    Entries,
    Staff,
    /// The database is away for long: whoever listens is to notice, and may find another server that reaches it.
    Outage,
    Silence,
}

/// The events behind `after`, for the holder of `token`: ends when the token is no longer valid, when the journal has a gap,
/// when the store fails or is away for long, or with the service. Whoever comes back then goes on where they were.
pub fn events(
    app: Arc<App>,
    token: TokenHash,
    after: Seq,
) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send {
    let walk = Walk {
        token,
        after,
        // At once, so that the other end knows that it is through.
        ready: VecDeque::from([Bytes::from_static(b": ringback\nretry: 1000\n\n")]),
        last: app.hub.last.subscribe(),
        staff: app.hub.staff.subscribe(),
        cuts: app.database.cuts(),
        listening: Listening::new(app),
    };
    stream::unfold(walk, |mut walk| async move {
        let event = walk.next().await?;
        Some((Ok(event), walk))
    })
}

impl Walk {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // Marked as seen before looking: what comes after the look wakes us.
            self.last.borrow_and_update();
            match self.app().hub.behind(self.after) {
                Found::Events(events) => {
                    self.after += Seq::try_from(events.len()).unwrap_or(Seq::MAX);
                    self.ready = events.into();
                }
                Found::TooOld => self.read_journal().await?,
                Found::Level => match self.wait().await {
                    Woken::Entries => {}
                    Woken::Staff => self.check_token().await?,
                    Woken::Outage => return None,
                    Woken::Silence => {
                        self.check_token().await?;
                        return Some(Bytes::from_static(b":\n\n"));
                    }
                },
            }
        }
    }

    fn app(&self) -> &Arc<App> {
        &self.listening.0
    }

    async fn wait(&mut self) -> Woken {
        let heartbeat = self.app().settings.heartbeat;
        tokio::select! {
            _ = self.last.changed() => Woken::Entries,
            _ = self.staff.changed() => Woken::Staff,
            _ = self.cuts.changed() => Woken::Outage,
            () = tokio::time::sleep(heartbeat) => Woken::Silence,
        }
    }

    async fn check_token(&self) -> Option<()> {
        let app = self.app();
        app.tokens.still_valid(app, self.token).await.then_some(())
    }

    /// Reads what the ring no longer has. `None` when the walk cannot go on.
    async fn read_journal(&mut self) -> Option<()> {
        let query = JournalQuery { after: self.after, limit: AT_ONCE };
        let entries = match self.app().store.journal(query).await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::warn!(%error, "a live stream ends: the journal cannot be read");
                return None;
            }
        };
        let last = entries.last()?.seq;
        let gapless = entries.iter().zip(self.after + 1..).all(|(entry, seq)| entry.seq == seq);
        if !gapless {
            return None;
        }
        self.ready = entries.iter().map(event).collect();
        self.after = last;
        Some(())
    }
}

/// Where a new subscriber starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Behind(Seq),
    /// The client must load the queue again.
    TooOld,
}

/// Where to start for a client that has everything up to `after`, or wants only what is new. Whoever was cut off a moment ago
/// and goes on inside the ring costs the store no question: after a restart they all come back at once.
///
/// # Errors
/// As the store says.
pub async fn start(app: &App, after: Option<Seq>) -> Result<Start, StoreError> {
    let largest_gap = app.settings.stream_gap;
    if let Some(after) = after.filter(|after| app.hub.holds(*after, largest_gap)) {
        return Ok(Start::Behind(after));
    }
    let (first, last) = app.store.journal_span().await?;
    Ok(match after {
        None => Start::Behind(last),
        Some(after) if after > last || after < first - 1 || last - after > largest_gap => {
            Start::TooOld
        }
        Some(after) => Start::Behind(after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: Seq) -> StoredEntry {
        StoredEntry { seq, kind: "lead.arrived".into(), json: format!("{{\"seq\":{seq}}}").into() }
    }

    fn entries(seqs: std::ops::RangeInclusive<Seq>) -> Vec<StoredEntry> {
        seqs.map(entry).collect()
    }

    #[test]
    fn an_event_has_id_kind_and_one_line_of_data() {
        assert_eq!(event(&entry(7)), "id: 7\nevent: lead.arrived\ndata: {\"seq\":7}\n\n");
    }

    #[test]
    fn the_ring_hands_out_what_comes_behind_an_entry_and_says_when_it_begins_later() {
        let hub = Hub::default();
        assert_eq!(hub.take(&entries(1..=3)), (true, false));
        assert_eq!(hub.behind(3), Found::Level);
        assert_eq!(hub.behind(1), Found::Events(entries(2..=3).iter().map(event).collect()));
        hub.restart(10);
        assert_eq!(hub.take(&entries(11..=11)), (true, false));
        assert_eq!(hub.behind(9), Found::TooOld);
        assert_eq!(hub.behind(10), Found::Events(vec![event(&entry(11))]));
    }

    #[test]
    fn the_ring_knows_from_where_it_can_go_on() {
        let hub = Hub::default();
        assert!(!hub.holds(0, 100), "an empty ring knows nothing");
        hub.restart(10);
        assert!(!hub.holds(10, 100));
        hub.take(&entries(11..=14));
        let held = |gap| (0..20).filter(|after| hub.holds(*after, gap)).collect::<Vec<_>>();
        assert_eq!(held(100), [10, 11, 12, 13, 14]);
        assert_eq!(held(2), [12, 13, 14]);
    }

    #[test]
    fn the_ring_keeps_the_newest_and_never_more_than_it_may() {
        let hub = Hub::default();
        let many = Seq::try_from(RING_ENTRIES).expect("fits") + 500;
        hub.take(&entries(1..=many));
        assert_eq!(hub.last(), many);
        assert_eq!(hub.behind(499), Found::TooOld);
        assert!(
            matches!(hub.behind(500), Found::Events(events) if events[0] == event(&entry(501)))
        );
        let big = StoredEntry { json: "x".repeat(RING_BYTES / 3).into(), ..entry(many + 1) };
        hub.take(&[big.clone(), StoredEntry { seq: many + 2, ..big.clone() }]);
        assert!(matches!(hub.behind(many), Found::Events(events) if events.len() == 2));
        hub.take(&[StoredEntry { seq: many + 3, ..big }]);
        assert_eq!(hub.behind(many), Found::TooOld);
    }

    #[test]
    fn an_entry_that_does_not_follow_is_not_taken_in() {
        let hub = Hub::default();
        assert_eq!(hub.take(&entries(1..=2)), (true, false));
        assert_eq!(hub.take(&[entry(4)]), (false, false));
        assert_eq!(hub.last(), 2);
    }

    #[tokio::test]
    async fn a_journal_out_of_reach_is_read_again_less_and_less_often() {
        use crate::{
            backend::{Backend, Settings, out_of_reach::OutOfReach},
            clock::Clock,
            domain::{
                hours::{Calendar, Week},
                policy::Policy,
            },
        };
        let store = OutOfReach::new(None);
        let calendar =
            Calendar::new(jiff::tz::TimeZone::UTC, Week::mon_to_fri(9, 17), Default::default());
        let backend = Backend {
            store: store.clone(),
            clock: Clock::System,
            policy: Arc::new(Policy::starter(calendar)),
            settings: Settings::default(),
        };
        let stop = CancellationToken::new();
        let (app, _accesses) = App::new(backend, stop.child_token());
        let pump = tokio::spawn(pump(app.clone(), stop.clone()));
        let subscriber = Listening::new(app);
        tokio::time::sleep(Duration::from_millis(400)).await;
        let asked = store.asked();
        assert!((3..=12).contains(&asked), "{asked}");
        drop(subscriber);
        stop.cancel();
        let ended = tokio::time::timeout(Duration::from_millis(200), pump).await;
        ended.expect("at once").expect("no panic");
    }
}
