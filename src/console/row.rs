//! One line of a queue, slim: a hundred thousand of them stand in memory, the full leads in the cache.

mod blob;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use uuid::Uuid;

pub(super) use blob::Shelf;

use crate::{
    domain::{
        ids::{LeadId, RepId},
        intent::Intent,
        outcome::Outcome,
        person::PersonRef,
        queue::{self, Kind, Standing},
        text,
        tier::Tier,
    },
    wire,
};

/// Longest name and company kept for a row, in characters; the full lead has all of it.
pub const NAME_KEPT: usize = 80;

/// Where a lead stands, as the contract's `state` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Waiting,
    Claimed,
    Dialling,
    Connected,
    Scheduled,
    Booked,
    Closed,
}

impl State {
    /// Reads the wire form. A word that a newer server may send counts as waiting: the lead stays visible.
    pub fn read(word: &str) -> State {
        match word {
            "claimed" => State::Claimed,
            "dialling" => State::Dialling,
            "connected" => State::Connected,
            "scheduled" => State::Scheduled,
            "booked" => State::Booked,
            "closed" => State::Closed,
            _ => State::Waiting,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Claimed => "claimed",
            State::Dialling => "dialling",
            State::Connected => "connected",
            State::Scheduled => "scheduled",
            State::Booked => "booked",
            State::Closed => "closed",
        }
    }
}

/// Who a lead belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    Nobody,
    Team(Arc<str>),
    Person(Arc<RepId>),
}

impl Owner {
    /// A team's name or a person's handle.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Owner::Nobody => None,
            Owner::Team(name) => Some(name),
            Owner::Person(id) => Some(id.as_str()),
        }
    }
}

/// A moment in milliseconds, half the size of what jiff keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ms(i64);

/// No such moment.
const NEVER: Ms = Ms(i64::MIN);

impl Ms {
    fn of(at: Option<Timestamp>) -> Ms {
        at.map_or(NEVER, |at| Ms(at.as_millisecond()))
    }

    fn at(self) -> Option<Timestamp> {
        if self == NEVER { None } else { Timestamp::from_millisecond(self.0).ok() }
    }
}

/// What a queue shows of a lead. About 170 bytes and its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: LeadId,
    /// Grows with every change: the newer one wins.
    pub rev: u32,
    pub tier: Tier,
    /// 0 to 3.
    pub band: u8,
    pub state: State,
    pub intent: Intent,
    pub outcome: Option<Outcome>,
    pub after_hours: bool,
    pub carried_over: bool,
    /// Buys from us already.
    pub customer: bool,
    pub opted_out: bool,
    /// Nobody knows the number: it was withheld and none was left.
    pub withheld: bool,
    /// How often this person has been in touch about it.
    pub touches: u16,
    /// Dials that reached nobody.
    pub attempts: u16,
    /// 0 where nothing is known.
    pub sites: u16,
    /// 0 where nothing is known.
    pub team_size: u32,
    /// Empty for a caller who never said. Safe to show.
    pub name: Box<str>,
    /// Empty where not known. Safe to show.
    pub company: Box<str>,
    pub holder: Option<Arc<PersonRef>>,
    pub owner: Owner,
    pub queue: Arc<str>,
    value: i64,
    /// The digits of the number.
    phone: u64,
    ended_at: Ms,
    due_at: Ms,
    callback_at: Ms,
    opens_at: Ms,
    claimed_at: Ms,
    lease_until: Ms,
}

impl Row {
    /// What a queue needs of a lead. `names` shares what many rows say alike.
    pub fn of(lead: &wire::Lead, names: &mut Names) -> Row {
        let owner = match (&lead.owner_person, &lead.owner) {
            (Some(id), _) => Owner::Person(names.rep(id)),
            (None, Some(team)) => Owner::Team(names.word(team)),
            (None, None) => Owner::Nobody,
        };
        Row {
            id: LeadId(lead.id),
            rev: lead.rev,
            tier: lead.tier,
            band: lead.value_band,
            state: State::read(&lead.state),
            intent: lead.intent,
            outcome: lead.outcome,
            after_hours: lead.after_hours,
            carried_over: lead.carried_over,
            customer: lead.contact.customer,
            opted_out: lead.contact.opted_out,
            withheld: lead.contact.phone.is_none(),
            touches: lead.touches.try_into().unwrap_or(u16::MAX),
            attempts: lead.attempts.try_into().unwrap_or(u16::MAX),
            sites: lead.signals.sites.unwrap_or(0).try_into().unwrap_or(u16::MAX),
            team_size: lead.signals.team_size.unwrap_or(0),
            name: short(lead.contact.name.as_deref()),
            company: short(lead.contact.company.as_deref()),
            holder: lead.claimed_by.as_ref().map(|person| names.person(person)),
            owner,
            queue: names.word(&lead.queue),
            value: queue::value(lead.value_band, lead.signals.deal_value_pence),
            phone: lead.contact.phone.as_deref().map_or(0, digits),
            ended_at: Ms::of(Some(lead.ended_at)),
            due_at: Ms::of(lead.due_at),
            callback_at: Ms::of(lead.callback_at),
            opens_at: Ms::of(lead.opens_at),
            claimed_at: Ms::of(lead.claimed_at),
            lease_until: Ms::of(lead.lease_until),
        }
    }

    /// The end of the call that has waited longest: waits count from here.
    pub fn ended_at(&self) -> Timestamp {
        self.ended_at.at().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// `None` for tiers without a clock.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.due_at.at()
    }

    /// When the caller wishes to be rung.
    pub fn callback_at(&self) -> Option<Timestamp> {
        self.callback_at.at()
    }

    /// The opening it waits for.
    pub fn opens_at(&self) -> Option<Timestamp> {
        self.opens_at.at()
    }

    pub fn claimed_at(&self) -> Option<Timestamp> {
        self.claimed_at.at()
    }

    /// When the claim goes back to the queue.
    pub fn lease_until(&self) -> Option<Timestamp> {
        self.lease_until.at()
    }

    /// The digits of the number, country first; `None` where it was withheld.
    pub fn phone_digits(&self) -> Option<u64> {
        (self.phone != 0).then_some(self.phone)
    }

    /// What the caller wants, in a word or two: "quote, 3 sites".
    pub fn wants(&self) -> String {
        let intent = self.intent.in_words();
        match (self.sites, self.team_size) {
            (2.., _) => format!("{intent}, {} sites", self.sites),
            (_, 2..) => format!("{intent}, {} people", self.team_size),
            _ => intent.into(),
        }
    }

    /// The name as a sentence says it: never empty.
    pub fn called(&self) -> &str {
        if !self.name.is_empty() {
            &self.name
        } else if !self.company.is_empty() {
            &self.company
        } else if self.withheld {
            "(withheld)"
        } else {
            "(no name)"
        }
    }

    pub fn kind(&self) -> Kind {
        match self.state {
            State::Booked => Kind::Booked,
            State::Closed => Kind::Closed,
            _ => Kind::Open,
        }
    }

    pub fn is_held_by(&self, rep: &RepId) -> bool {
        self.holder.as_ref().is_some_and(|holder| holder.id == *rep)
    }

    /// Owned or held by a person.
    pub fn is_of(&self, rep: &RepId) -> bool {
        self.is_held_by(rep) || matches!(&self.owner, Owner::Person(owner) if **owner == *rep)
    }

    /// Whether a word (in lower case) stands in name, company, number, intent, queue, owner or holder.
    pub fn says(&self, word: &str) -> bool {
        let in_text = |text: &str| contains_folded(text, word);
        in_text(&self.name)
            || in_text(&self.company)
            || in_text(self.intent.in_words())
            || in_text(&self.queue)
            || self.owner.as_str().is_some_and(in_text)
            || self.holder.as_ref().is_some_and(|holder| in_text(&holder.name))
            || self.number_has(word)
    }

    /// Whether a number as typed, `07700 900`, `+44 7700` or a part of it, is in this lead's.
    fn number_has(&self, typed: &str) -> bool {
        if self.phone == 0 || !typed.bytes().any(|b| b.is_ascii_digit()) {
            return false;
        }
        if typed.bytes().any(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        let wanted: String = typed.chars().filter(char::is_ascii_digit).collect();
        let wanted = wanted.trim_start_matches('0');
        wanted.len() >= 2 && self.phone.to_string().contains(wanted)
    }

    /// What its place in a queue depends on.
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            id: self.id,
            kind: self.kind(),
            tier: self.tier,
            queue: &self.queue,
            after_hours: self.after_hours,
            value: self.value,
            due_at: self.due_at(),
            ended_at: self.ended_at(),
            holder: self.holder.as_ref().map(|person| &person.id),
            owner: match &self.owner {
                Owner::Person(id) => Some(id),
                _ => None,
            },
        }
    }

    pub fn uuid(&self) -> Uuid {
        self.id.0
    }
}

/// Whether `text` holds `word`, which is in lower case, in any case.
fn contains_folded(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return word.is_empty()
            || text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

/// Safe to show, however it was received.
fn short(text: Option<&str>) -> Box<str> {
    text::clean_line(text.unwrap_or_default(), NAME_KEPT).as_ref().into()
}

fn digits(e164: &str) -> u64 {
    e164.chars()
        .filter_map(|c| c.to_digit(10))
        .take(18)
        .fold(0, |number, digit| number * 10 + u64::from(digit))
}

/// Words that many rows share, each kept once.
#[derive(Debug, Default)]
pub struct Names {
    words: HashSet<Arc<str>>,
    reps: HashSet<Arc<RepId>>,
    people: HashMap<RepId, Arc<PersonRef>>,
}

impl Names {
    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        let word: Arc<str> = word.into();
        self.words.insert(word.clone());
        word
    }

    fn rep(&mut self, id: &RepId) -> Arc<RepId> {
        if let Some(known) = self.reps.get(id) {
            return known.clone();
        }
        let id = Arc::new(id.clone());
        self.reps.insert(id.clone());
        id
    }

    fn person(&mut self, person: &PersonRef) -> Arc<PersonRef> {
        match self.people.get(&person.id) {
            Some(known) if known.name == person.name => known.clone(),
            // New, or renamed.
            _ => {
                let shared = Arc::new(person.clone());
                self.people.insert(person.id.clone(), shared.clone());
                shared
            }
        }
    }
}
