//! The people who ring in the demo. All of them are invented, with numbers that Ofcom keeps for drama and addresses in the
//! example domains.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::chance::Chance;
use crate::cli::failure::Failure;

const NIGHT: &str = include_str!("../../../assets/demo/night.json");
const MORNING: &str = include_str!("../../../assets/demo/morning.json");
const LATER: &str = include_str!("../../../assets/demo/later.json");

/// A call of the morning, and how many seconds after the demo's start it ends.
#[derive(Debug, Deserialize)]
pub(super) struct Scripted {
    pub(super) after: u64,
    pub(super) payload: Value,
}

/// What calls that follow the script are made of.
#[derive(Debug, Deserialize)]
struct Parts {
    given: Vec<String>,
    family: Vec<String>,
    calls: Vec<Value>,
}

/// Calls without end, each by somebody new.
#[derive(Debug)]
pub(super) struct Later {
    parts: Parts,
    chance: Chance,
    numbers: Vec<String>,
    made: usize,
}

/// The calls of the weekend, oldest first, moved by as much as the demo's morning is.
pub(super) fn night(moved_by: SignedDuration) -> Result<Vec<Value>, Failure> {
    let mut calls: Vec<Value> = read(NIGHT)?;
    for call in &mut calls {
        for key in ["ended_at", "callback_at"] {
            let at = call[key].as_str().and_then(|text| text.parse::<Timestamp>().ok());
            if let Some(moved) = at.and_then(|at| at.checked_add(moved_by).ok()) {
                call[key] = json!(moved);
            }
        }
    }
    Ok(calls)
}

/// The calls of the morning, in order.
pub(super) fn morning() -> Result<Vec<Scripted>, Failure> {
    read(MORNING)
}

impl Later {
    pub(super) fn new(seed: u64) -> Result<Later, Failure> {
        let taken: HashSet<String> = night(SignedDuration::ZERO)?
            .iter()
            .chain(morning()?.iter().map(|call| &call.payload))
            .filter_map(|call| call["phone"].as_str().map(last_digits))
            .collect();
        let landlines = (0..1_000).map(|n| format!("+441632960{n:03}"));
        let london = (0..1_000).map(|n| format!("+442079460{n:03}"));
        let numbers = landlines
            .chain(london)
            .filter(|number| !taken.contains(&last_digits(number)))
            .collect();
        Ok(Later { parts: read(LATER)?, chance: Chance::new(seed), numbers, made: 0 })
    }

    /// How many seconds pass until the next call ends.
    pub(super) fn pause(&mut self) -> u64 {
        self.chance.between(35, 110)
    }

    /// The next caller.
    pub(super) fn call(&mut self) -> Value {
        let Later { parts, chance, numbers, made } = self;
        let given = chance.pick(&parts.given).map_or("Robin", String::as_str);
        let family = chance.pick(&parts.family).map_or("Field", String::as_str);
        let mut call = chance.pick(&parts.calls).cloned().unwrap_or_else(|| json!({}));
        let trade = call["trade"].as_str().unwrap_or_default().to_owned();
        call["name"] = json!(format!("{given} {family}"));
        call["company"] = json!(format!("{family} {trade}").trim_end());
        if !numbers.is_empty() {
            call["phone"] = json!(numbers[*made % numbers.len()]);
        }
        call["source"] = json!("inbound_call");
        call["timezone"] = json!("Europe/London");
        if let Some(members) = call.as_object_mut() {
            members.remove("trade");
        }
        *made += 1;
        call
    }
}

fn last_digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(9)..].iter().collect()
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::failed(format!("the demo's own data: {error}")))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::{
        domain::{intent::Intent, phone::CallerId, touch::Caller},
        wire::payload::{self, Draft},
    };

    fn drafts() -> Vec<Draft> {
        let now = super::super::MORNING.parse().unwrap();
        let london = TimeZone::get("Europe/London").unwrap();
        let mut later = Later::new(1).unwrap();
        let calls = night(SignedDuration::ZERO).unwrap().into_iter();
        let calls = calls.chain(morning().unwrap().into_iter().map(|call| call.payload));
        calls
            .chain((0..2_000).map(|_| later.call()))
            .map(|call| payload::read(call.to_string().as_bytes(), now, "GB", &london).unwrap())
            .collect()
    }

    #[test]
    fn nobody_who_rings_in_the_demo_could_exist() {
        for Draft { caller: Caller { phones, email, .. }, .. } in drafts() {
            for phone in phones {
                let drama = ["+447700900", "+441632960", "+442079460"];
                assert!(drama.iter().any(|range| phone.e164().starts_with(range)), "{phone:?}");
            }
            if let Some(email) = email {
                assert!(email.contains("example."), "{email}");
            }
        }
    }

    #[test]
    fn the_night_has_every_kind_of_caller() {
        let night = night(SignedDuration::ZERO).unwrap();
        assert!(night.len() >= 30, "{} callers", night.len());
        let count = |key: &str, value: &str| night.iter().filter(|call| call[key] == value).count();
        for intent in ["new_enquiry_demo", "new_enquiry_quote", "pricing", "support", "partnership"]
        {
            assert!(count("intent", intent) >= 2, "{intent}");
        }
        assert_eq!(count("source", "web_form"), 1);
        assert!(night.iter().any(|call| Intent::read(call["intent"].as_str().unwrap()).is_none()));
        let callum = |call: &&Value| call["name"].as_str() == Some("Callum Reid");
        assert_eq!(night.iter().filter(callum).count(), 3);
        let withheld = |call: &&Value| {
            call["phone"].as_str().is_some_and(|text| CallerId::read(text, "GB").number().is_none())
        };
        assert!(night.iter().filter(withheld).count() >= 2);
    }

    #[test]
    fn the_night_moves_with_the_morning_and_stays_in_order() {
        let moved = night(SignedDuration::from_hours(24)).unwrap();
        assert_eq!(moved[0]["ended_at"], "2026-08-29T14:52:10Z");
        assert_eq!(moved[0]["callback_at"], "2026-09-02T08:30:00Z");
        let ends: Vec<Timestamp> =
            moved.iter().map(|call| call["ended_at"].as_str().unwrap().parse().unwrap()).collect();
        assert!(ends.is_sorted());
    }

    #[test]
    fn later_callers_are_the_same_at_every_showing_and_each_has_a_number_of_their_own() {
        let calls = || {
            let mut later = Later::new(7).unwrap();
            (0..1_900).map(|_| later.call()).collect::<Vec<_>>()
        };
        assert_eq!(calls(), calls());
        let numbers: HashSet<String> =
            calls().iter().map(|call| call["phone"].to_string()).collect();
        assert_eq!(numbers.len(), 1_900);
    }
}
