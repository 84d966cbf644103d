//! What Twilio is told to do with a call: TwiML documents.
//!
//! Names and summaries in them are strangers' words. They are escaped, stripped of what XML cannot hold, and cut short.

use crate::{carrier::RingOrder, domain::phone::Phone};

use super::hooks::{self, Hooks};

/// The media type of every document.
pub const CONTENT_TYPE: &str = "text/xml";
/// Most characters of a stranger's words that are spoken.
const LONGEST_SPEECH: usize = 300;
/// Seconds in which the rep must press 1 once the whisper is over.
const KEY_TIMEOUT: u64 = 8;
/// What is dialled before an extension: two seconds of silence, for the voice that asks for it.
pub(super) const EXTENSION_PAUSE: &str = "wwww";

/// A document to answer Twilio with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twiml(String);

impl Twiml {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Where a call that came in is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A phone: a person's, or the number of a voice agent.
    Number(Phone),
    /// A voice agent's SIP address: `sip:agent@sip.example.com`.
    Sip(String),
}

/// The rep's phone was answered: says who it is about and asks for a 1. A mailbox hears it too and presses nothing, so the
/// call ends there.
pub fn ask_rep(order: &RingOrder, hooks: &Hooks) -> Twiml {
    let action = hooks.dial(hooks::PRESSED, order.dial);
    let timeout = KEY_TIMEOUT.to_string();
    let mut xml = Xml::new();
    xml.open(
        "Gather",
        &[
            ("action", &action),
            ("finishOnKey", ""),
            ("input", "dtmf"),
            ("method", "POST"),
            ("numDigits", "1"),
            ("timeout", &timeout),
        ],
    );
    xml.say(&match spoken(&order.announce).as_str() {
        "" => "A callback. Press 1 to connect.".to_owned(),
        who => format!("Callback for {who}. Press 1 to connect."),
    });
    xml.close("Gather");
    xml.empty("Hangup", &[]);
    xml.finish()
}

/// The rep pressed 1: rings the prospect from the business's number, and joins the two when they answer.
pub fn ring_prospect(order: &RingOrder, caller_id: &Phone, hooks: &Hooks) -> Twiml {
    let limits = &order.limits;
    let action = hooks.dial(hooks::BRIDGED, order.dial);
    let status = hooks.dial(hooks::PROSPECT_STATUS, order.dial);
    let judged = hooks.dial(hooks::PROSPECT_JUDGED, order.dial);
    let timeout = limits.ring_prospect.as_secs().clamp(5, 600).to_string();
    let time_limit = limits.talk.as_secs().clamp(1, 14_400).to_string();
    let digits = order.prospect.extension().map(|digits| format!("{EXTENSION_PAUSE}{digits}"));
    let mut dial = vec![
        ("action", action.as_str()),
        ("answerOnBridge", "true"),
        ("callerId", caller_id.e164()),
        ("method", "POST"),
    ];
    if caller_id.e164().starts_with("+44") {
        dial.push(("ringTone", "uk"));
    }
    dial.extend([("timeLimit", time_limit.as_str()), ("timeout", &timeout)]);
    let mut number = Vec::new();
    if order.detect_machines {
        number.extend([
            ("amdStatusCallback", judged.as_str()),
            ("amdStatusCallbackMethod", "POST"),
            ("machineDetection", "Enable"),
        ]);
    }
    if let Some(digits) = &digits {
        number.push(("sendDigits", digits));
    }
    number.extend([
        ("statusCallback", status.as_str()),
        ("statusCallbackEvent", "initiated ringing answered completed"),
        ("statusCallbackMethod", "POST"),
    ]);
    let mut xml = Xml::new();
    xml.open("Dial", &dial);
    xml.text("Number", &number, order.prospect.e164());
    xml.close("Dial");
    xml.finish()
}

/// A call came in: sends it to the voice agent or to a person. The caller hears it ring until somebody answers, and pays
/// nothing if nobody does; what became of it is asked at [`hooks::VOICE_DONE`].
pub fn connect(line: &Line, ring_seconds: u32, hooks: &Hooks) -> Twiml {
    let action = hooks.plain(hooks::VOICE_DONE);
    let timeout = ring_seconds.clamp(5, 600).to_string();
    let mut xml = Xml::new();
    xml.open(
        "Dial",
        &[
            ("action", &action),
            ("answerOnBridge", "true"),
            ("method", "POST"),
            ("timeout", &timeout),
        ],
    );
    match line {
        Line::Number(phone) => match phone.extension() {
            Some(digits) => {
                let digits = format!("{EXTENSION_PAUSE}{digits}");
                xml.text("Number", &[("sendDigits", &digits)], phone.e164());
            }
            None => xml.text("Number", &[], phone.e164()),
        },
        Line::Sip(address) => xml.text("Sip", &[], address),
    }
    xml.close("Dial");
    xml.finish()
}

/// Says something and ends the call.
pub fn say_and_hang_up(words: &str) -> Twiml {
    let mut xml = Xml::new();
    xml.say(&spoken(words));
    xml.empty("Hangup", &[]);
    xml.finish()
}

/// Ends an answered call.
pub fn hang_up() -> Twiml {
    let mut xml = Xml::new();
    xml.empty("Hangup", &[]);
    xml.finish()
}

/// Turns a call that came in away without answering it: it costs nobody anything, and a machine hears no greeting.
pub fn turn_away() -> Twiml {
    let mut xml = Xml::new();
    xml.empty("Reject", &[("reason", "busy")]);
    xml.finish()
}

/// Nothing to do: what a text, or a call that is over, is answered with.
pub fn nothing() -> Twiml {
    Xml::new().finish()
}

/// A stranger's words as one short line.
fn spoken(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_SPEECH).collect()
}

/// A document being written.
struct Xml(String);

impl Xml {
    fn new() -> Xml {
        Xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>".into())
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.0.push_str("/>");
    }

    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.escaped(text);
        self.close(name);
    }

    fn say(&mut self, words: &str) {
        self.text("Say", &[("language", "en-GB"), ("voice", "Polly.Amy")], words);
    }

    fn finish(mut self) -> Twiml {
        self.close("Response");
        Twiml(self.0)
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.escaped(value);
            self.0.push('"');
        }
    }

    /// Text or an attribute's value. What XML 1.0 cannot hold in any form is left out.
    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&apos;"),
                '\t' | '\n' | '\r' => self.0.push(' '),
                '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => {}
                c => self.0.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests;
