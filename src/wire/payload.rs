//! The guide's payload (contract, `POST /api/ingest/lead`): read, cleaned, normalised. Pure: the server and `route explain`
//! read with the same eyes.
//!
//! Almost nothing is rejected: an unknown word is kept as received beside what we made of it, a number that nobody can be
//! rung on is kept as text, a name of ten thousand characters is cut. Only what cannot be understood at all is a fault,
//! and then every fault is named at once. The common case takes the fast way ([`Raw`] straight from the bytes); a body that
//! it refuses is read again slowly, to find out all that is wrong.

use std::borrow::Cow;

use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    fields::Fields,
    json::{Json, NotJson},
    problem::Fault,
};
use crate::{
    clock::in_ms,
    domain::{
        ids::{ContactId, LeadId},
        intent::Intent,
        outcome::AgentOutcome,
        phone::{CallerId, Phone},
        redaction,
        signals::{self, Signals, Urgency},
        text::{clean_line, clean_text},
        tier::Tier,
        touch::{Caller, Heard, Ingest, Touch},
    },
};

/// The most characters kept of a name or any other short text.
const SHORT: usize = 200;
/// The most characters kept of a summary, a question or an answer.
pub const LONG: usize = 4_000;
/// The most deciders kept.
const DECIDERS: usize = 20;
/// The source of a payload that names none.
const NO_SOURCE: &str = "unknown";

/// Why a body is not a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is not JSON.
    NotJson(NotJson),
    /// It is JSON, and this is wrong with it: never empty.
    Faults(Vec<Fault>),
}

/// One call, form or message as it came: an [`Ingest`] that has no identifiers yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub caller: Caller,
    pub touch: Touch,
    pub signals: Signals,
    pub routing_owner: Option<String>,
    pub routing_tag: Option<String>,
}

impl Draft {
    /// With the identifiers to use if it makes a new lead or a new contact.
    pub fn with_ids(self, lead_id: LeadId, contact_id: ContactId) -> Ingest {
        let Draft { caller, touch, signals, routing_owner, routing_tag } = self;
        Ingest { lead_id, contact_id, caller, touch, signals, routing_owner, routing_tag }
    }
}

/// Reads a payload that arrived at `received_at`. `region` is where numbers are written without a country (ISO 3166
/// alpha-2); `tz` is the business's zone, in which "by Friday" in the notes is meant.
///
/// # Errors
/// [`Unfit`]: not JSON, or every fault at once.
pub fn read(
    body: &[u8],
    received_at: Timestamp,
    region: &str,
    tz: &TimeZone,
) -> Result<Draft, Unfit> {
    let at = Moment { received_at: in_ms(received_at), region, tz };
    // A struct of serde also reads lists: those take the slow way, which refuses them.
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    if is_object && let Some(raw) = Raw::at_once(body) {
        return draft(&raw, Fields::of(&Json::Object(Vec::new())), at);
    }
    let json = Json::read(body).map_err(Unfit::NotJson)?;
    let mut fields = Fields::of(&json);
    let raw = Raw::bit_by_bit(&mut fields);
    draft(&raw, fields, at)
}

#[derive(Clone, Copy)]
struct Moment<'a> {
    received_at: Timestamp,
    region: &'a str,
    tz: &'a TimeZone,
}

/// A text that borrows from the body where it can.
#[derive(Default, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The members that we know, of the right types; what they say is still a stranger's word.
#[derive(Default, Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    email: Option<Text<'a>>,
    #[serde(borrow)]
    phone: Option<Text<'a>>,
    #[serde(borrow)]
    intent: Option<Text<'a>>,
    #[serde(borrow)]
    tier: Option<Text<'a>>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    call_sid: Option<Text<'a>>,
    #[serde(borrow)]
    transcript_id: Option<Text<'a>>,
    #[serde(borrow)]
    timezone: Option<Text<'a>>,
    #[serde(borrow)]
    notes: Option<Text<'a>>,
    #[serde(borrow)]
    routing_owner: Option<Text<'a>>,
    #[serde(borrow)]
    outcome: Option<Text<'a>>,
    #[serde(borrow)]
    routing_tag: Option<Text<'a>>,
    #[serde(borrow)]
    company: Option<Text<'a>>,
    #[serde(borrow)]
    callback_phone: Option<Text<'a>>,
    #[serde(borrow)]
    callback_at: Option<Text<'a>>,
    #[serde(borrow)]
    preferred_channel: Option<Text<'a>>,
    #[serde(borrow)]
    ended_at: Option<Text<'a>>,
    #[serde(borrow)]
    question: Option<Text<'a>>,
    #[serde(borrow)]
    answer: Option<Text<'a>>,
    customer: Option<bool>,
    /// Read in a second step, for the same reason as the body: a list is no object.
    #[serde(borrow, rename = "signals")]
    signals_json: Option<&'a RawValue>,
    #[serde(skip)]
    signals: RawSignals<'a>,
}

#[derive(Default, Deserialize)]
struct RawSignals<'a> {
    team_size: Option<u32>,
    sites: Option<u32>,
    #[serde(borrow)]
    timeline: Option<Text<'a>>,
    #[serde(borrow)]
    urgency: Option<Text<'a>>,
    deal_value_pence: Option<u64>,
    #[serde(borrow, default)]
    deciders: Option<Vec<Text<'a>>>,
}

impl<'a> Raw<'a> {
    /// The fast way: `None` for a body with anything wrong in it.
    fn at_once(body: &'a [u8]) -> Option<Raw<'a>> {
        let mut raw: Raw<'a> = serde_json::from_slice(body).ok()?;
        if let Some(signals) = raw.signals_json.map(RawValue::get).filter(|json| *json != "null") {
            raw.signals =
                signals.starts_with('{').then(|| serde_json::from_str(signals).ok()).flatten()?;
        }
        Some(raw)
    }

    /// The slow way: leaves out what is wrong, and notes it.
    fn bit_by_bit(fields: &mut Fields<'a>) -> Raw<'a> {
        let mut text = |key| fields.text(key).map(|text| Text(Cow::Borrowed(text)));
        Raw {
            name: text("name"),
            email: text("email"),
            phone: text("phone"),
            intent: text("intent"),
            tier: text("tier"),
            source: text("source"),
            call_sid: text("call_sid"),
            transcript_id: text("transcript_id"),
            timezone: text("timezone"),
            notes: text("notes"),
            routing_owner: text("routing_owner"),
            outcome: text("outcome"),
            routing_tag: text("routing_tag"),
            company: text("company"),
            callback_phone: text("callback_phone"),
            callback_at: text("callback_at"),
            preferred_channel: text("preferred_channel"),
            ended_at: text("ended_at"),
            question: text("question"),
            answer: text("answer"),
            customer: fields.flag("customer"),
            signals_json: None,
            signals: fields.object("signals", RawSignals::bit_by_bit).unwrap_or_default(),
        }
    }

    /// Something by which a person could be found, or a call.
    fn says_anything(&self) -> bool {
        [
            &self.phone,
            &self.callback_phone,
            &self.name,
            &self.email,
            &self.notes,
            &self.call_sid,
            &self.question,
        ]
        .into_iter()
        .any(|text| line(text).is_some())
    }
}

impl<'a> RawSignals<'a> {
    fn bit_by_bit(fields: &mut Fields<'a>) -> RawSignals<'a> {
        RawSignals {
            team_size: fields.count("team_size"),
            sites: fields.count("sites"),
            timeline: fields.text("timeline").map(|text| Text(Cow::Borrowed(text))),
            urgency: fields.text("urgency").map(|text| Text(Cow::Borrowed(text))),
            deal_value_pence: fields.count("deal_value_pence"),
            deciders: Some(
                fields
                    .texts("deciders")
                    .into_iter()
                    .map(|name| Text(Cow::Borrowed(name)))
                    .collect(),
            ),
        }
    }
}

/// What the members say. `fields` has the faults found so far, and takes the further ones.
fn draft(raw: &Raw<'_>, mut fields: Fields<'_>, at: Moment<'_>) -> Result<Draft, Unfit> {
    let ended_at = instant("ended_at", &raw.ended_at, &mut fields).unwrap_or(at.received_at);
    let callback_at = instant("callback_at", &raw.callback_at, &mut fields);
    let call_sid = name_of("call_sid", &raw.call_sid, &mut fields);
    let transcript_id = name_of("transcript_id", &raw.transcript_id, &mut fields);
    let mut faults = fields.finish();
    if faults.is_empty() && !raw.says_anything() {
        let detail = "says nothing: give at least a phone, a name, an email, notes or a call_sid";
        faults.push(Fault::new("", detail));
    }
    if !faults.is_empty() {
        return Err(Unfit::Faults(faults));
    }
    let summary = said(&raw.notes).unwrap_or_default();
    let day_of_call = ended_at.to_zoned_datetime(at.tz.clone()).date();
    let given = given_signals(&raw.signals).with_timeline_days(day_of_call);
    let read = signals::read_from_notes(&summary, day_of_call);
    let (intent, intent_raw) = intent(&raw.intent);
    Ok(Draft {
        caller: caller(raw, at.region),
        touch: Touch {
            received_at: at.received_at,
            ended_at,
            source: line(&raw.source).unwrap_or_else(|| NO_SOURCE.into()),
            call_sid,
            transcript_id,
            intent,
            intent_raw,
            summary,
            question: said(&raw.question),
            answer: said(&raw.answer),
            outcome: heard(&raw.outcome, AgentOutcome::read),
            agent_tier: heard(&raw.tier, Tier::read),
            callback_at,
            preferred_channel: line(&raw.preferred_channel),
        },
        signals: Signals::merged(given, read),
        routing_owner: line(&raw.routing_owner),
        routing_tag: line(&raw.routing_tag),
    })
}

/// A short text, cleaned; `None` for an empty one.
fn line(text: &Option<Text<'_>>) -> Option<String> {
    let Text(text) = text.as_ref()?;
    Some(clean_line(text, SHORT)).filter(|line| !line.is_empty()).map(Cow::into_owned)
}

/// What somebody said, cleaned, without private numbers; `None` for an empty one.
fn said(text: &Option<Text<'_>>) -> Option<String> {
    let Text(text) = text.as_ref()?;
    spoken(text)
}

/// A longer text by a stranger or a rep: cleaned, at most [`LONG`] characters, card, bank and National Insurance numbers
/// taken out (requirements §9). `None` if nothing is left.
pub fn spoken(text: &str) -> Option<String> {
    let text = clean_text(text, LONG);
    let text = redaction::redact(&text);
    (!text.is_empty()).then(|| text.into_owned())
}

/// The name of a call or a transcript elsewhere. Cutting it could make two calls one, so a longer one is a fault.
fn name_of(key: &str, text: &Option<Text<'_>>, fields: &mut Fields<'_>) -> Option<String> {
    let Text(text) = text.as_ref()?;
    let name = clean_line(text, SHORT + 1);
    if name.chars().count() > SHORT {
        fields.fault(key, format!("must have at most {SHORT} characters"));
        return None;
    }
    (!name.is_empty()).then(|| name.into_owned())
}

fn instant(key: &str, text: &Option<Text<'_>>, fields: &mut Fields<'_>) -> Option<Timestamp> {
    let Text(text) = text.as_ref()?;
    let read = instant_of(text)?;
    read.map_err(|fault| fields.fault(key, fault)).ok()
}

/// An instant in RFC 3339; `None` for an empty text, an error in words for one that has no zone or is no date.
pub fn instant_of(text: &str) -> Option<Result<Timestamp, &'static str>> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    Some(text.parse::<Timestamp>().map(in_ms).map_err(|_| {
        if text.parse::<jiff::civil::DateTime>().is_ok() {
            "has no time zone: write 2026-11-24T16:00:00Z, or +01:00 for the Z"
        } else {
            "must be a time such as 2026-11-24T16:00:00Z"
        }
    }))
}

fn intent(text: &Option<Text<'_>>) -> (Intent, Option<String>) {
    let heard = heard(text, |word| Intent::read(word.trim()));
    (heard.value.unwrap_or(Intent::Unclear), heard.raw)
}

/// A word where we know a list; one that is not on it is kept as received.
fn heard<T>(text: &Option<Text<'_>>, read: impl Fn(&str) -> Option<T>) -> Heard<T> {
    let Some(word) = line(text) else { return Heard::default() };
    match read(&word) {
        Some(value) => Heard { value: Some(value), raw: None },
        None => Heard { value: None, raw: Some(word) },
    }
}

fn caller(raw: &Raw<'_>, region: &str) -> Caller {
    let (email, email_as_received) = email(&raw.email);
    let calling = number(&raw.phone, region);
    let callback = number(&raw.callback_phone, region);
    let mut phones: Vec<Phone> =
        [&callback, &calling].into_iter().filter_map(|number| number.phone.clone()).collect();
    phones.dedup_by(|second, first| second.e164() == first.e164());
    Caller {
        name: line(&raw.name),
        phones,
        phone_as_received: callback.as_received.or(calling.as_received),
        email,
        email_as_received,
        company: line(&raw.company),
        timezone: line(&raw.timezone).filter(|zone| TimeZone::get(zone).is_ok()),
        customer: raw.customer,
    }
}

struct Number {
    phone: Option<Phone>,
    /// Where it says something else than `phone`.
    as_received: Option<String>,
}

fn number(text: &Option<Text<'_>>, region: &str) -> Number {
    let Some(received) = line(text) else { return Number { phone: None, as_received: None } };
    match CallerId::read(&received, region) {
        CallerId::Number(phone) => {
            let same = phone.to_string() == received;
            Number { phone: Some(phone), as_received: (!same).then_some(received) }
        }
        CallerId::Withheld(_) => Number { phone: None, as_received: Some(received) },
    }
}

/// An address, case-folded; or, where nobody could be written to there, the text as it came: a recogniser's "alex at
/// example dot com" is still worth a rep's look.
fn email(text: &Option<Text<'_>>) -> (Option<String>, Option<String>) {
    let Some(received) = line(text) else { return (None, None) };
    match address(&received) {
        Some(address) => (Some(address), None),
        None => (None, Some(redaction::redact(&received).into_owned())),
    }
}

/// An e-mail address in lower case, if it has the shape of one.
pub fn address(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches("mailto:");
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    let (local, domain) = bare.rsplit_once('@')?;
    let local_fits = (1..=64).contains(&local.len())
        && !local.contains(|c: char| c.is_whitespace() || "@,;:<>()[]\\\"".contains(c));
    let domain_fits = domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
    (local_fits && domain_fits).then(|| bare.to_lowercase())
}

fn given_signals(raw: &RawSignals<'_>) -> Signals {
    let pence = raw.deal_value_pence.map(|pence| i64::try_from(pence).unwrap_or(i64::MAX));
    Signals {
        team_size: raw.team_size,
        sites: raw.sites,
        timeline: line(&raw.timeline),
        urgency: line(&raw.urgency).and_then(|word| urgency(&word)),
        deal_value_pence: pence,
        deciders: raw
            .deciders
            .iter()
            .flatten()
            .filter_map(|Text(name)| Some(clean_line(name, SHORT)).filter(|name| !name.is_empty()))
            .map(Cow::into_owned)
            .take(DECIDERS)
            .collect(),
        ..Signals::default()
    }
}

/// `urgent` or `normal`; an unknown word is no signal.
fn urgency(word: &str) -> Option<Urgency> {
    match word.to_ascii_lowercase().as_str() {
        "urgent" | "high" => Some(Urgency::Urgent),
        "normal" | "low" => Some(Urgency::Normal),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
