//! How a call goes: phones ring, people do what they do, and TwiML is obeyed.

use std::{sync::Arc, time::Instant};

use roxmltree::Document;
use tokio::sync::watch;

use super::{
    Call, Does, OURS, Shared, Talks,
    callback::{self, Parcel, standard, with},
    verbs::{Verb, absolute, read_verbs, value},
};

/// What Twilio does where nothing says otherwise.
const RING: u32 = 60;
const DIAL_RING: u32 = 30;
const DIAL_LIMIT: u32 = 14_400;
const GATHER_TIMEOUT: u32 = 5;
/// How long a mailbox talks.
const MAILBOX: u32 = 30;
/// Verbs obeyed in one call before it counts as a loop.
const MOST_VERBS: usize = 200;

/// A leg being played.
struct Leg {
    shared: Arc<Shared>,
    sid: String,
    does: Does,
    when_cut: watch::Receiver<bool>,
    status_url: Option<String>,
    status_events: Vec<String>,
    sequence: u32,
}

/// What comes after a document.
enum Next {
    /// Another document, from this address, asked for with these parameters more.
    Ask(String, Vec<(String, String)>),
    /// The document ran out of verbs, or said so.
    HangUp,
    /// The call was turned away.
    Reject(String),
    /// The leg is over already.
    Gone,
}

/// Plays a call that was ordered by REST.
pub(super) async fn outbound(shared: Arc<Shared>, call: Call, when_cut: watch::Receiver<bool>) {
    let does = shared.state().people.get(&call.to).copied().unwrap_or(Does::NoAnswer);
    let order = call.order.clone();
    let events: Vec<String> = order
        .iter()
        .filter(|(name, _)| name == "StatusCallbackEvent")
        .map(|(_, event)| event.clone())
        .collect();
    let mut leg = Leg {
        shared,
        sid: call.sid,
        does,
        when_cut,
        status_url: value(&order, "StatusCallback").map(str::to_owned),
        status_events: if events.is_empty() { vec!["completed".into()] } else { events },
        sequence: 0,
    };
    let timeout = value(&order, "Timeout").and_then(|text| text.parse().ok()).unwrap_or(RING);
    if !leg.ring(timeout).await {
        return;
    }
    let digits = value(&order, "SendDigits").map(str::to_owned);
    leg.shared.change(&leg.sid, |call| call.digits_sent = digits.clone());
    let detects = value(&order, "MachineDetection").is_some() && digits.is_none();
    if detects && value(&order, "AsyncAmd") == Some("true") {
        leg.judge_later(value(&order, "AsyncAmdStatusCallback"));
    }
    let mut more = Vec::new();
    if detects && value(&order, "AsyncAmd") != Some("true") {
        leg.wait(4).await;
        with(&mut more, "AnsweredBy", leg.sound());
    }
    let url = value(&order, "Url").unwrap_or_default().to_owned();
    leg.obey(Next::Ask(url, more)).await;
}

/// Plays a call that comes in; answers with its SID.
pub(super) fn call_in(shared: &Arc<Shared>, from: &str, talks: Talks) -> String {
    let (voice_url, status_url) = {
        let state = shared.state();
        (state.voice_url.clone(), state.status_url.clone())
    };
    let now = shared.now();
    let sid = shared.sid("CA");
    let when_cut = shared.open(Call {
        sid: sid.clone(),
        parent: None,
        direction: "inbound",
        from: from.to_owned(),
        to: OURS.to_owned(),
        status: "ringing".into(),
        answered_by: None,
        created: now,
        started: Some(now),
        answered: None,
        answered_instant: None,
        ended: None,
        seconds: 0,
        rang: true,
        heard: Vec::new(),
        digits_sent: None,
        order: Vec::new(),
    });
    let mut leg = Leg {
        shared: Arc::clone(shared),
        sid: sid.clone(),
        does: Does::Answer { after: 0, presses: None, talks },
        when_cut,
        status_url,
        status_events: vec!["completed".into()],
        sequence: 0,
    };
    tokio::spawn(async move {
        if let Talks::For(seconds) = talks {
            let (shared, sid) = (Arc::clone(&leg.shared), leg.sid.clone());
            tokio::spawn(async move {
                shared.seconds(seconds).await;
                shared.cut(&sid);
            });
        }
        match voice_url {
            Some(url) => leg.obey(Next::Ask(url, Vec::new())).await,
            None => leg.end("failed"),
        }
    });
    sid
}

impl Leg {
    fn call(&self) -> Call {
        self.shared.call(&self.sid).unwrap()
    }

    fn is_cut(&self) -> bool {
        *self.when_cut.borrow()
    }

    /// Waits; `false` if the leg was cut meanwhile.
    async fn wait(&mut self, seconds: u32) -> bool {
        tokio::select! {
            biased;
            _ = self.when_cut.wait_for(|cut| *cut) => false,
            () = self.shared.seconds(seconds) => true,
        }
    }

    /// Rings for so long at most; `true` if somebody or something answered.
    async fn ring(&mut self, timeout: u32) -> bool {
        self.tell("initiated", "initiated", &[]);
        let now = self.shared.now();
        self.shared.change(&self.sid, |call| call.started = Some(now));
        if !self.wait(1).await {
            self.end("canceled");
            return false;
        }
        if let Does::Unreachable { sip } = self.does {
            self.end_with("failed", &[("SipResponseCode", sip.to_string())]);
            return false;
        }
        self.shared.change(&self.sid, |call| {
            call.rang = true;
            call.status = "ringing".into();
        });
        if matches!(self.does, Does::Busy) {
            self.end_with("busy", &[("SipResponseCode", "486".into())]);
            return false;
        }
        self.tell("ringing", "ringing", &[]);
        let answers = match self.does {
            Does::Answer { after, .. } | Does::Mailbox { after } => {
                Some(after).filter(|after| *after < timeout)
            }
            _ => None,
        };
        if !self.wait(answers.unwrap_or(timeout)).await {
            self.end("canceled");
            return false;
        }
        if answers.is_none() {
            self.end("no-answer");
            return false;
        }
        self.answer();
        self.tell("answered", "in-progress", &[]);
        true
    }

    fn answer(&self) {
        let now = self.shared.now();
        self.shared.change(&self.sid, |call| {
            if call.answered.is_none() {
                call.answered = Some(now);
                call.answered_instant = Some(Instant::now());
                call.status = "in-progress".into();
            }
        });
    }

    /// What a machine's ear would say of whoever answered.
    fn sound(&self) -> &'static str {
        if matches!(self.does, Does::Mailbox { .. }) { "machine_start" } else { "human" }
    }

    fn judge_later(&self, url: Option<&str>) {
        let Some(url) = url.map(str::to_owned) else { return };
        let (shared, sid, sound) = (Arc::clone(&self.shared), self.sid.clone(), self.sound());
        tokio::spawn(async move {
            shared.seconds(4).await;
            let Some(call) = shared.call(&sid).filter(|call| !call.is_over()) else { return };
            shared.change(&sid, |call| call.answered_by = Some(sound.to_owned()));
            let form = [
                ("CallSid", call.sid.as_str()),
                ("AccountSid", super::ACCOUNT),
                ("AnsweredBy", sound),
                ("MachineDetectionDuration", "4000"),
            ];
            let form = form.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let _ = shared.courier.send(Parcel { url, form });
        });
    }

    /// Obeys document after document until the call is over.
    async fn obey(&mut self, mut next: Next) {
        for _ in 0..MOST_VERBS {
            next = match next {
                Next::Ask(url, more) => match self.ask(&url, &more).await {
                    Some(document) => self.run(&document, &url).await,
                    None => Next::HangUp,
                },
                Next::Reject(reason) => {
                    return self.end(if reason == "busy" { "busy" } else { "no-answer" });
                }
                Next::HangUp | Next::Gone => return self.end("completed"),
            };
        }
        self.shared.warn(12_000, "a loop of documents");
        self.end("failed");
    }

    /// Asks for a document. `None` if there is none to be had: the caller hears that something is wrong.
    async fn ask(&self, url: &str, more: &[(String, String)]) -> Option<String> {
        let call = self.call();
        let status = if call.answered.is_some() { "in-progress" } else { "ringing" };
        let mut form = standard(&call, if self.is_cut() { "completed" } else { status });
        form.extend(more.iter().cloned());
        let reply = match callback::post(&self.shared, url, &form).await {
            Ok(reply) => reply,
            Err(error) => {
                self.shared.warn(11_205, format!("{url}: {error}"));
                return None;
            }
        };
        if reply.status / 100 != 2 {
            self.shared.warn(11_200, format!("status {} from {url}", reply.status));
            return None;
        }
        if !reply.content_type.starts_with("text/xml")
            && !reply.content_type.starts_with("application/xml")
        {
            self.shared.warn(12_300, format!("content type {:?} from {url}", reply.content_type));
            return None;
        }
        if reply.body.len() > 64 * 1024 {
            self.shared.warn(11_750, format!("{} bytes from {url}", reply.body.len()));
            return None;
        }
        Some(reply.body)
    }

    async fn run(&mut self, text: &str, url: &str) -> Next {
        let document = match Document::parse(text) {
            Ok(document) if document.root_element().has_tag_name("Response") => text.to_owned(),
            Ok(_) | Err(_) => {
                self.shared.warn(12_100, format!("not TwiML: {text}"));
                return Next::HangUp;
            }
        };
        let verbs = read_verbs(&document);
        for (n, verb) in verbs.iter().enumerate() {
            if self.is_cut() {
                return Next::Gone;
            }
            let inbound_unanswered = self.call().answered.is_none();
            if inbound_unanswered && !matches!(verb.name.as_str(), "Reject" | "Dial" | "Redirect") {
                self.answer();
            }
            let next = match verb.name.as_str() {
                "Say" | "Play" => self.hear(verb).await,
                "Pause" => {
                    self.wait(verb.number("length").unwrap_or(1)).await;
                    None
                }
                "Gather" => self.gather(verb, url).await,
                "Dial" => self.dial(verb, url).await,
                "Hangup" => Some(Next::HangUp),
                "Reject" if n == 0 && inbound_unanswered => {
                    Some(Next::Reject(verb.attribute("reason").unwrap_or("rejected").to_owned()))
                }
                "Redirect" => Some(Next::Ask(absolute(url, &verb.text), Vec::new())),
                other => {
                    self.shared.warn(12_200, format!("verb {other} is not known here"));
                    None
                }
            };
            if let Some(next) = next {
                return next;
            }
        }
        Next::HangUp
    }

    async fn hear(&mut self, verb: &Verb) -> Option<Next> {
        let words = verb.text.clone();
        self.shared.change(&self.sid, |call| call.heard.push(words));
        (!self.wait(2).await).then_some(Next::Gone)
    }

    async fn gather(&mut self, verb: &Verb, url: &str) -> Option<Next> {
        for child in &verb.children {
            if child.name != "Say" && child.name != "Play" && child.name != "Pause" {
                self.shared.warn(12_200, format!("{} is not allowed in Gather", child.name));
            } else if let Some(gone) = self.hear(child).await {
                return Some(gone);
            }
        }
        let pressed = match self.does {
            Does::Answer { presses, .. } => presses,
            _ => None,
        };
        let action = absolute(url, verb.attribute("action").unwrap_or(url));
        let Some(key) = pressed else {
            let timeout = verb.number("timeout").unwrap_or(GATHER_TIMEOUT);
            if !self.wait(timeout).await {
                return Some(Next::Gone);
            }
            let tells_nothing = verb.attribute("actionOnEmptyResult") == Some("true");
            return tells_nothing
                .then(|| Next::Ask(action, vec![("Digits".into(), String::new())]));
        };
        if !self.wait(1).await {
            return Some(Next::Gone);
        }
        let finish = verb.attribute("finishOnKey").unwrap_or("#");
        let digits = if finish.contains(key) { String::new() } else { key.to_string() };
        Some(Next::Ask(
            action,
            vec![("Digits".into(), digits), ("msg".into(), "Gather End".into())],
        ))
    }

    /// Rings somebody and joins them with this leg.
    async fn dial(&mut self, verb: &Verb, url: &str) -> Option<Next> {
        let noun = verb.children.first();
        let target = noun.map_or(verb.text.clone(), |noun| noun.text.clone());
        let me = self.call();
        let inbound = me.direction == "inbound";
        let caller_id = verb
            .attribute("callerId")
            .unwrap_or(if inbound { &me.from } else { &me.to })
            .to_owned();
        let answer_on_bridge = verb.attribute("answerOnBridge") == Some("true");
        if !answer_on_bridge && me.answered.is_none() {
            self.answer();
        }
        let report = match self.may_dial(&me, &caller_id, &target) {
            Err((code, words)) => {
                self.shared.warn(code, words);
                vec![("DialCallStatus".to_owned(), "failed".to_owned())]
            }
            Ok(()) => self.join(verb, noun, &caller_id, &target).await,
        };
        let action = verb.attribute("action").map(|action| absolute(url, action));
        if self.is_cut() {
            // The document is asked for all the same, and its answer is nobody's any more.
            if let Some(action) = action {
                self.ask(&action, &report).await;
            }
            return Some(Next::Gone);
        }
        action.map(|action| Next::Ask(action, report))
    }

    fn may_dial(&self, me: &Call, caller_id: &str, target: &str) -> Result<(), (u32, String)> {
        let known = caller_id == OURS
            || caller_id == me.from
            || caller_id == me.to
            || self.shared.state().verified.contains(caller_id);
        if !known {
            return Err((13_214, format!("caller id {caller_id} is not ours")));
        }
        let digits = target.strip_prefix('+').unwrap_or_default();
        let e164 = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !e164 && !target.starts_with("sip:") {
            return Err((13_223, format!("{target} is no number")));
        }
        Ok(())
    }

    /// Makes the other leg, and waits for its end. Answers with what the `action` is told.
    async fn join(
        &mut self,
        verb: &Verb,
        noun: Option<&Verb>,
        caller_id: &str,
        target: &str,
    ) -> Vec<(String, String)> {
        let now = self.shared.now();
        let sid = self.shared.sid("CA");
        let when_cut = self.shared.open(Call {
            sid: sid.clone(),
            parent: Some(self.sid.clone()),
            direction: "outbound-dial",
            from: caller_id.to_owned(),
            to: target.to_owned(),
            status: "queued".into(),
            answered_by: None,
            created: now,
            started: None,
            answered: None,
            answered_instant: None,
            ended: None,
            seconds: 0,
            rang: false,
            heard: Vec::new(),
            digits_sent: None,
            order: Vec::new(),
        });
        let attribute = |name: &str| noun.and_then(|noun| noun.attribute(name));
        let events = attribute("statusCallbackEvent").unwrap_or("completed");
        let mut child = Leg {
            shared: Arc::clone(&self.shared),
            sid: sid.clone(),
            does: self.shared.state().people.get(target).copied().unwrap_or(Does::NoAnswer),
            when_cut,
            status_url: attribute("statusCallback").map(str::to_owned),
            status_events: events.split(' ').map(str::to_owned).collect(),
            sequence: 0,
        };
        let timeout = verb.number("timeout").unwrap_or(DIAL_RING);
        let answered = {
            // When this leg goes, the other stops ringing.
            let (shared, child_sid, mut mine) =
                (Arc::clone(&self.shared), sid.clone(), self.when_cut.clone());
            let watcher = tokio::spawn(async move {
                if mine.wait_for(|cut| *cut).await.is_ok() {
                    shared.cut(&child_sid);
                }
            });
            let answered = child.ring(timeout).await;
            watcher.abort();
            answered
        };
        let bridged = answered && !self.is_cut();
        if answered {
            self.answer();
            let digits = attribute("sendDigits").map(str::to_owned);
            child.shared.change(&sid, |call| call.digits_sent = digits);
            if attribute("machineDetection").is_some() {
                child.judge_later(attribute("amdStatusCallback"));
            }
            child.talk_with(self, verb.number("timeLimit").unwrap_or(DIAL_LIMIT)).await;
            child.end("completed");
        }
        let child = child.call();
        let mut report = vec![
            ("DialCallStatus".to_owned(), child.status.clone()),
            ("DialCallSid".to_owned(), sid),
            ("DialBridged".to_owned(), bridged.to_string()),
        ];
        if answered {
            report.push(("DialCallDuration".to_owned(), child.seconds.to_string()));
        }
        report
    }

    /// Until this leg, the other, or the time limit ends it.
    async fn talk_with(&mut self, other: &mut Leg, limit: u32) {
        let talks = match self.does {
            Does::Answer { talks: Talks::For(seconds), .. } => seconds.min(limit),
            Does::Mailbox { .. } => MAILBOX.min(limit),
            _ => limit,
        };
        let started = Instant::now();
        tokio::select! {
            _ = self.when_cut.wait_for(|cut| *cut) => {}
            _ = other.when_cut.wait_for(|cut| *cut) => {}
            () = self.shared.seconds(talks) => {}
        }
        let seconds = self.shared.seconds_since(started);
        self.shared.change(&self.sid, |call| call.seconds = seconds.min(talks));
    }

    fn end(&mut self, status: &str) {
        self.end_with(status, &[]);
    }

    fn end_with(&mut self, status: &str, more: &[(&str, String)]) {
        let call = self.call();
        if call.is_over() {
            return;
        }
        // Whatever the documents said: a call that nobody answered was not completed.
        let status = match (status, call.answered) {
            ("completed", None) if call.direction == "inbound" => "no-answer",
            ("completed", None) => "canceled",
            (status, _) => status,
        };
        let now = self.shared.now();
        let measured = call.answered_instant.map_or(0, |at| self.shared.seconds_since(at));
        self.shared.change(&self.sid, |call| {
            call.status = status.to_owned();
            call.ended = Some(now);
            // A talk has been measured already, without what comes around it.
            if call.seconds == 0 {
                call.seconds = measured;
            }
        });
        let mut form: Vec<(&str, String)> = vec![("CallDuration", self.call().seconds.to_string())];
        form.push(("Duration", "1".into()));
        form.extend(more.iter().cloned());
        self.tell("completed", status, &form);
        self.shared.state().cuts.remove(&self.sid);
    }

    fn tell(&mut self, event: &str, status: &str, more: &[(&str, String)]) {
        let Some(url) = self.status_url.clone() else { return };
        if !self.status_events.iter().any(|wanted| wanted == event) {
            return;
        }
        let mut form = standard(&self.call(), status);
        with(&mut form, "Timestamp", rfc2822(self.shared.now()));
        with(&mut form, "CallbackSource", "call-progress-events");
        with(&mut form, "SequenceNumber", self.sequence);
        self.sequence += 1;
        for (name, value) in more {
            with(&mut form, name, value);
        }
        let _ = self.shared.courier.send(Parcel { url, form });
    }
}

pub(super) fn rfc2822(at: jiff::Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&at.to_zoned_datetime(jiff::tz::TimeZone::UTC)).unwrap()
}
