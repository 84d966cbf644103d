//! The people who work here: reps and supervisors, and whether they are there (requirements §3, §6).

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{hours::Calendar, ids::RepId, phone::Phone};

/// What a person may do. A supervisor may do everything a rep may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Rep,
    Supervisor,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Rep => "rep",
            Role::Supervisor => "supervisor",
        }
    }
}

/// What a person last said of themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    #[default]
    Available,
    Away,
}

/// Days off, both ends included, in the business's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    pub from: Date,
    pub to: Date,
}

impl Leave {
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

/// The hours somebody works, by weekday (Monday first): one stretch a day, local time, or off.
pub type Shift = [Option<(jiff::civil::Time, jiff::civil::Time)>; 7];

/// A rep or a supervisor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    pub id: RepId,
    pub name: String,
    pub role: Role,
    /// Rung first at a callback. Never a prospect's identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slack_id: Option<String>,
    #[serde(default)]
    pub presence: Presence,
    /// `None`: works whenever the business is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<Shift>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave: Vec<Leave>,
    /// No longer works here: keeps their name in old records, holds no token and gets no lead.
    #[serde(default)]
    pub removed: bool,
}

/// A name and the handle behind it, as records keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    pub id: RepId,
    pub name: String,
}

impl Person {
    pub fn as_ref(&self) -> PersonRef {
        PersonRef { id: self.id.clone(), name: self.name.clone() }
    }

    /// Whether this person can be expected to work at an instant: employed, not on leave, on shift.
    pub fn on_duty(&self, at: Timestamp, tz: &TimeZone) -> bool {
        let local = at.to_zoned_datetime(tz.clone()).datetime();
        if self.removed || self.leave.iter().any(|leave| leave.covers(local.date())) {
            return false;
        }
        match &self.shift {
            None => true,
            Some(week) => {
                let day = local.date().weekday().to_monday_zero_offset() as usize;
                week[day].is_some_and(|(from, to)| from <= local.time() && local.time() < to)
            }
        }
    }

    /// Whether a lead that must be acted on at `at` may be given to this person. What somebody said of themselves
    /// ("away") holds for now, not for tomorrow's opening.
    pub fn can_take(&self, at: Timestamp, now: Timestamp, calendar: &Calendar) -> bool {
        self.on_duty(at, calendar.time_zone()) && (at > now || self.presence == Presence::Available)
    }
}

/// Everyone, each with the number of open leads they own or hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    pub people: Vec<(Person, u32)>,
}

impl Roster {
    pub fn get(&self, id: &RepId) -> Option<&Person> {
        self.people.iter().map(|(person, _)| person).find(|person| person.id == *id)
    }

    /// Finds a person still working here by handle or full name, in any case, as configuration and reps write them.
    pub fn find(&self, word: &str) -> Option<&Person> {
        self.people.iter().map(|(person, _)| person).filter(|person| !person.removed).find(
            |person| {
                person.id.as_str().eq_ignore_ascii_case(word)
                    || person.name.to_lowercase() == word.to_lowercase()
            },
        )
    }

    /// Of the people named, the one who can take a lead at `at` and has the fewest; ties go to the handle that sorts first.
    pub fn least_loaded(
        &self,
        names: &[String],
        at: Timestamp,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Option<&Person> {
        names
            .iter()
            .filter_map(|name| self.find(name))
            .filter(|person| person.can_take(at, now, calendar))
            .min_by_key(|person| (self.load(&person.id), person.id.clone()))
    }

    fn load(&self, id: &RepId) -> u32 {
        self.people.iter().find(|(person, _)| person.id == *id).map_or(0, |(_, load)| *load)
    }

    /// Whether a number belongs to one of us.
    pub fn owns_number(&self, phone: &Phone) -> bool {
        self.people
            .iter()
            .any(|(person, _)| person.phone.as_ref().is_some_and(|own| own.e164() == phone.e164()))
    }
}
