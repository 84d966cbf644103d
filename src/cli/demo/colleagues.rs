//! Tom and Aisha: they work the same queue as whoever watches, over the same API, at a human pace. What is meant for the
//! watcher they leave alone.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::chance::Chance;
use crate::{
    cli::api::{Api, ApiError},
    clock::Clock,
};

/// A simulated rep.
#[derive(Debug)]
pub(super) struct Colleague {
    pub(super) api: Api,
    pub(super) clock: Clock,
    /// Their handle.
    pub(super) id: String,
    /// Whose leads they do not touch.
    pub(super) leaves_to: String,
    pub(super) chance: Chance,
    /// The lead they gave back last: they do not take it again at once.
    pub(super) gave_back: Option<String>,
}

/// What comes of a call: the outcome's wire form, what is written down, and how likely it is in a hundred.
const OUTCOMES: [(&str, &[&str], u64); 7] = [
    (
        "connected",
        &[
            "Sent the price list, rings us when it is read.",
            "Good talk; proposal goes out today.",
            "",
        ],
        36,
    ),
    ("voicemail", &["Left a message with our number.", ""], 18),
    ("no_answer", &["Rang out.", ""], 14),
    (
        "booked",
        &[
            "Demo on Thursday at eleven.",
            "Scoping call on Friday at 14:30.",
            "Discovery call tomorrow at ten.",
        ],
        14,
    ),
    (
        "callback_later",
        &["In a meeting, asked for later.", "With a customer; wants us to ring in the afternoon."],
        8,
    ),
    ("not_interested", &["Has just signed with somebody else."], 6),
    ("busy", &[""], 4),
];

const NOTES: [&str; 5] = [
    "Looked them up: the website says family firm since 1974.",
    "Direct line is on the website, same number.",
    "Checked the calendar first: Thursday is free.",
    "Spoke to the front desk, being put through.",
    "Wants to hear the Welsh greeting.",
];

impl Colleague {
    /// Works until the demo ends. A lead lost to somebody quicker is part of the day; so is a server that is closing.
    pub(super) async fn work(mut self) {
        self.pause(4, 12).await;
        loop {
            match self.ring_somebody().await {
                Ok(true) => self.pause(10, 40).await,
                Ok(false) => self.pause(20, 60).await,
                Err(error) => {
                    tracing::debug!(colleague = self.id, %error, "not this one");
                    self.pause(5, 15).await;
                }
            }
        }
    }

    /// Takes the next lead, rings, and says what came of it. `false`: nobody is waiting.
    async fn ring_somebody(&mut self) -> Result<bool, ApiError> {
        let Some(lead) = self.next_lead().await? else { return Ok(false) };
        let path = |what: &str| format!("/api/leads/{lead}/{what}");
        self.api.post(&path("claim"), &json!({})).await?;
        if self.chance.percent(18) {
            // The wrong moment: the kettle, a customer at the door.
            self.pause(8, 25).await;
            self.api.post(&path("release"), &json!({})).await?;
            self.gave_back = Some(lead);
            return Ok(true);
        }
        if self.chance.percent(35) {
            self.pause(8, 25).await;
            if let Some(note) = self.chance.pick(&NOTES) {
                self.api.post(&path("note"), &json!({ "text": note })).await?;
            }
        }
        self.pause(30, 140).await;
        let outcome = self.outcome();
        self.api.post(&path("outcome"), &outcome).await?;
        Ok(true)
    }

    /// The first lead that waits and is theirs or their team's; else one of another colleague's.
    async fn next_lead(&mut self) -> Result<Option<String>, ApiError> {
        let callbacks_first = self.chance.percent(30);
        let views =
            if callbacks_first { ["callbacks", "overnight"] } else { ["overnight", "callbacks"] };
        for view in views {
            let queue = self.api.get("/api/queue", &[("view", view), ("limit", "100")]).await?;
            let leads = queue["leads"].as_array().map(Vec::as_slice).unwrap_or_default();
            let waiting: Vec<&Value> = leads.iter().filter(|lead| self.may_take(lead)).collect();
            let mine = |lead: &&&Value| {
                lead["owner_person"].is_null() || lead["owner_person"] == self.id.as_str()
            };
            let chosen = waiting.iter().find(mine).or(waiting.first());
            if let Some(id) = chosen.and_then(|lead| lead["id"].as_str()) {
                return Ok(Some(id.to_owned()));
            }
        }
        Ok(None)
    }

    fn may_take(&self, lead: &Value) -> bool {
        lead["state"] == "waiting"
            && lead["tier"] != "D"
            && lead["owner_person"] != self.leaves_to.as_str()
            && lead["id"].as_str() != self.gave_back.as_deref()
            && !lead["contact"]["phone"].is_null()
    }

    fn outcome(&mut self) -> Value {
        let mut roll = self.chance.between(1, 100);
        let drawn = OUTCOMES.iter().find(|(_, _, share)| {
            let hit = roll <= *share;
            roll = roll.saturating_sub(*share);
            hit
        });
        let (word, notes, _) = drawn.unwrap_or(&OUTCOMES[0]);
        let mut outcome = json!({ "outcome": word });
        match self.chance.pick(notes) {
            Some(note) if !note.is_empty() => outcome["note"] = json!(note),
            _ => {}
        }
        if *word == "callback_later" {
            let wait = SignedDuration::from_mins(self.minutes(60, 240));
            outcome["callback_at"] = json!(self.clock.now().checked_add(wait).ok());
        }
        outcome
    }

    fn minutes(&mut self, from: u64, to: u64) -> i64 {
        i64::try_from(self.chance.between(from, to)).unwrap_or(60)
    }

    /// Between so many seconds and so many, on the demo's clock.
    async fn pause(&mut self, from: u64, to: u64) {
        let seconds = i64::try_from(self.chance.between(from, to)).unwrap_or_default();
        let now = self.clock.now();
        let until = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        self.clock.sleep_until(until).await;
        // At a thousand times the speed a second is a millisecond: the machine still gets its breath.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
