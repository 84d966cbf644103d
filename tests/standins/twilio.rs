//! A Twilio of our own, in this process: it speaks the documented REST and TwiML, signs what it posts like Twilio does, and
//! remembers, so that a test asks "was the prospect rung?" and not "was that function called?".
//!
//! People are put on the ends of its lines with [`Twilio::person`]; what they do not do, nobody does. Its seconds are short
//! ([`Options::second`]), so that a ring of twenty-five is over before a test is bored. What goes wrong in the world goes
//! wrong on demand: [`Fault`] for the answers to requests, [`Telling`] for the callbacks.

#![allow(dead_code, reason = "shared by several test programs, none of which needs all of it")]

#[path = "twilio/callback.rs"]
mod callback;
#[path = "twilio/play.rs"]
mod play;
#[path = "twilio/rest.rs"]
mod rest;
#[path = "twilio/texts.rs"]
mod texts;
#[path = "twilio/verbs.rs"]
mod verbs;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use ringback::clock::Clock;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

pub use callback::Telling;

pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
pub const TOKEN: &str = "fedcba9876543210fedcba9876543210";
/// Our number at the stand-in.
pub const OURS: &str = "+442079460000";

/// How this Twilio is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one of Twilio's seconds lasts.
    pub second: Duration,
    /// What its dates are taken from.
    pub clock: Clock,
    /// Sign as if the URL named its port, as Twilio sometimes does.
    pub sign_with_port: bool,
    /// A trial account rings verified numbers only.
    pub trial: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            second: Duration::from_millis(4),
            clock: Clock::System,
            sign_with_port: false,
            trial: false,
        }
    }
}

/// What the person at the end of a line does. Times in Twilio's seconds.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    /// Answers, presses a key when asked for one, and stays on the line.
    Answer {
        after: u32,
        presses: Option<char>,
        talks: Talks,
    },
    /// Has a mailbox answer, which presses nothing and talks for half a minute.
    Mailbox {
        after: u32,
    },
    NoAnswer,
    Busy,
    /// Cannot be reached; the network's SIP status.
    Unreachable {
        sip: u16,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum Talks {
    For(u32),
    /// Until the other side, or [`Twilio::hang_up`], ends it.
    UntilHungUp,
}

impl Does {
    /// A rep who answers and presses 1.
    pub const REP: Does = Does::Answer { after: 2, presses: Some('1'), talks: Talks::UntilHungUp };

    /// Somebody who answers and talks for a while.
    pub fn talk(seconds: u32) -> Does {
        Does::Answer { after: 3, presses: None, talks: Talks::For(seconds) }
    }
}

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is refused: an HTTP status and a code.
    Refuse { status: u16, code: u32, message: String },
    /// 429, with `Retry-After` if given.
    Throttle { retry_after: Option<u64> },
    /// 500 before anything was done.
    Break,
    /// 500 after it was done.
    BreakAfterwards,
    /// Done, and the connection dies before the answer is whole.
    LoseAnswer,
    /// Done, and the answer comes after this long.
    Delay(Duration),
    /// Done, and the answer is no JSON.
    Garble,
}

/// One leg as Twilio remembers it.
#[derive(Clone, Debug)]
pub struct Call {
    pub sid: String,
    pub parent: Option<String>,
    pub direction: &'static str,
    pub from: String,
    pub to: String,
    /// Twilio's word.
    pub status: String,
    pub answered_by: Option<String>,
    pub created: Timestamp,
    pub started: Option<Timestamp>,
    pub answered: Option<Timestamp>,
    /// The same on this machine's clock, whose seconds are not Twilio's.
    pub(crate) answered_instant: Option<Instant>,
    pub ended: Option<Timestamp>,
    pub seconds: u32,
    /// The phone made a sound, or was found busy.
    pub rang: bool,
    /// What was said into it.
    pub heard: Vec<String>,
    /// Keys sent to it after the answer.
    pub digits_sent: Option<String>,
    /// The form it was created with.
    pub order: Vec<(String, String)>,
}

impl Call {
    pub fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "completed" | "busy" | "failed" | "no-answer" | "canceled")
    }

    fn dates(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.started, self.ended)
    }
}

/// A text as Twilio remembers it.
#[derive(Clone, Debug)]
pub struct Text {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub body: String,
    pub status: String,
}

/// Everything remembered.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub people: HashMap<String, Does>,
    pub calls: Vec<Call>,
    /// Ends a leg from outside: hung up by a person or by REST.
    pub cuts: HashMap<String, watch::Sender<bool>>,
    pub texts: Vec<Text>,
    /// Numbers whose owner sent STOP.
    pub stopped: BTreeSet<String>,
    /// Texts to these fail with a code.
    pub undeliverable: HashMap<String, u32>,
    pub faults: VecDeque<(&'static str, Fault)>,
    pub verified: BTreeSet<String>,
    /// Calls to numbers that begin so are not permitted.
    pub closed: Vec<String>,
    pub suspended: bool,
    pub voice_url: Option<String>,
    pub status_url: Option<String>,
    pub sms_url: Option<String>,
    /// Our server, by the address the world knows it by.
    pub routes: Vec<(String, SocketAddr)>,
    /// What Twilio's console would show in red: code and words.
    pub warnings: Vec<(u32, String)>,
    /// Method and path of every request that came with the right password.
    pub requests: Vec<(String, String)>,
    pub serial: u64,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub options: Options,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    pub http: reqwest::Client,
    pub courier: mpsc::UnboundedSender<callback::Parcel>,
    pub telling: Mutex<Telling>,
}

/// A Twilio of our own; gone when dropped.
#[derive(Debug)]
pub struct Twilio {
    pub(crate) shared: Arc<Shared>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Twilio {
    pub async fn start(options: Options) -> Twilio {
        ringback::http_client::install_tls();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (courier, parcels) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            options,
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            // Our servers in tests speak plain HTTP; reading the machine's certificates takes longer than most of them.
            http: reqwest::Client::builder().tls_certs_only([]).build().unwrap(),
            courier,
            telling: Mutex::new(Telling::Promptly),
        });
        let tasks = vec![
            tokio::spawn(rest::serve(listener, Arc::clone(&shared))),
            tokio::spawn(callback::deliver_all(parcels, Arc::clone(&shared))),
        ];
        Twilio { shared, address, tasks }
    }

    /// What to set as `twilio.base_url`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests to `public_url` go to a server on this machine. Without it they go where the URL says.
    pub fn route(&self, public_url: &str, to: SocketAddr) {
        self.shared.state().routes.push((public_url.trim_end_matches('/').to_owned(), to));
    }

    /// Sets the addresses that calls and texts to our number are told to.
    pub fn number_hooks(&self, voice: &str, status: &str, sms: &str) {
        let mut state = self.shared.state();
        state.voice_url = Some(voice.to_owned());
        state.status_url = Some(status.to_owned());
        state.sms_url = Some(sms.to_owned());
    }

    /// Puts somebody at the end of a line.
    pub fn person(&self, number: &str, does: Does) {
        self.shared.state().people.insert(number.to_owned(), does);
    }

    /// How callbacks are told from now on.
    pub fn tell(&self, telling: Telling) {
        *self.shared.telling.lock().unwrap() = telling;
    }

    /// What goes wrong with the next request for a resource: `Calls` (create), `Call` (update or fetch), `CallList`,
    /// `Messages`, `Account`, `Numbers`.
    pub fn fail_next(&self, resource: &'static str, fault: Fault) {
        self.shared.state().faults.push_back((resource, fault));
    }

    pub fn suspend(&self) {
        self.shared.state().suspended = true;
    }

    pub fn close_country(&self, prefix: &str) {
        self.shared.state().closed.push(prefix.to_owned());
    }

    pub fn verify(&self, number: &str) {
        self.shared.state().verified.insert(number.to_owned());
    }

    pub fn undeliverable(&self, number: &str, code: u32) {
        self.shared.state().undeliverable.insert(number.to_owned(), code);
    }

    /// How often a phone has rung.
    pub fn rung(&self, number: &str) -> usize {
        self.shared.state().calls.iter().filter(|call| call.to == number && call.rang).count()
    }

    /// Every leg, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// The newest leg to or from a number.
    pub fn call_of(&self, number: &str) -> Option<Call> {
        let is_theirs =
            |call: &&Call| call.to == number || call.from == number && call.direction == "inbound";
        self.shared.state().calls.iter().rev().find(is_theirs).cloned()
    }

    pub fn texts(&self) -> Vec<Text> {
        self.shared.state().texts.clone()
    }

    /// What Twilio's console would show in red.
    pub fn warnings(&self) -> Vec<(u32, String)> {
        self.shared.state().warnings.clone()
    }

    /// Method and path of every request with the right password.
    pub fn requests(&self) -> Vec<(String, String)> {
        self.shared.state().requests.clone()
    }

    /// The person at the end of a line hangs up.
    pub fn hang_up(&self, number: &str) {
        let Some(call) = self.call_of(number) else { panic!("nobody at {number} is on the phone") };
        self.shared.cut(&call.sid);
    }

    /// Somebody rings our number. The call is played in the background; its SID is the answer.
    pub async fn call_in(&self, from: &str, talks: Talks) -> String {
        play::call_in(&self.shared, from, talks)
    }

    /// Somebody texts our number.
    pub async fn text_in(&self, from: &str, body: &str) -> String {
        texts::text_in(&self.shared, from, body).await
    }

    /// A record of the past, put straight into the books: for lists and balances.
    pub fn remember(&self, call: Call) {
        self.shared.state().calls.push(call);
    }

    /// A call that came in and was answered: a start for [`Twilio::remember`].
    pub fn past_call(&self, sid: &str, from: &str, started: Timestamp, seconds: u32) -> Call {
        Call {
            sid: sid.to_owned(),
            parent: None,
            direction: "inbound",
            from: from.to_owned(),
            to: OURS.to_owned(),
            status: "completed".into(),
            answered_by: None,
            created: started,
            started: Some(started),
            answered: Some(started),
            answered_instant: None,
            ended: Some(started + Duration::from_secs(seconds.into())),
            seconds,
            rang: true,
            heard: Vec::new(),
            digits_sent: None,
            order: Vec::new(),
        }
    }

    /// Waits until something is so, and fails the test if it is not within ten seconds.
    pub async fn until(&self, what: &str, so: impl Fn(&[Call]) -> bool) {
        let mut changed = self.shared.changed.subscribe();
        let wait = async {
            while !so(&self.shared.state().calls) {
                changed.changed().await.unwrap();
            }
        };
        if tokio::time::timeout(Duration::from_secs(10), wait).await.is_err() {
            panic!("never came: {what}\n{:#?}\n{:?}", self.calls(), self.warnings());
        }
    }

    /// Waits until every call is over.
    pub async fn until_quiet(&self) {
        self.until("the end of every call", |calls| calls.iter().all(Call::is_over)).await;
    }
}

impl Drop for Twilio {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        // Twilio's dates are in whole seconds.
        Timestamp::from_second(self.options.clock.now().as_second()).unwrap()
    }

    pub(crate) fn sid(&self, kind: &str) -> String {
        let mut state = self.state();
        state.serial += 1;
        format!("{kind}{:032x}", state.serial)
    }

    /// Changes a call, and wakes whoever waits for something to be so.
    pub(crate) fn change(&self, sid: &str, change: impl FnOnce(&mut Call)) {
        let mut state = self.state();
        if let Some(call) = state.calls.iter_mut().find(|call| call.sid == sid) {
            change(call);
        }
        drop(state);
        self.changed.send_modify(|count| *count += 1);
    }

    pub(crate) fn call(&self, sid: &str) -> Option<Call> {
        self.state().calls.iter().find(|call| call.sid == sid).cloned()
    }

    pub(crate) fn warn(&self, code: u32, words: impl Into<String>) {
        self.state().warnings.push((code, words.into()));
    }

    /// Writes a new leg into the books; what is handed out tells when it is cut.
    pub(crate) fn open(&self, call: Call) -> watch::Receiver<bool> {
        let (cut, when_cut) = watch::channel(false);
        let mut state = self.state();
        state.cuts.insert(call.sid.clone(), cut);
        state.calls.push(call);
        drop(state);
        self.changed.send_modify(|count| *count += 1);
        when_cut
    }

    pub(crate) fn cut(&self, sid: &str) {
        if let Some(cut) = self.state().cuts.get(sid) {
            cut.send_replace(true);
        }
    }

    /// How many of Twilio's seconds have passed.
    pub(crate) fn seconds_since(&self, start: Instant) -> u32 {
        start.elapsed().div_duration_f64(self.options.second).round() as u32
    }

    pub(crate) async fn seconds(&self, seconds: u32) {
        tokio::time::sleep(self.options.second * seconds).await;
    }
}
