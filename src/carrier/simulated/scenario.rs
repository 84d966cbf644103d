//! What can become of a dial, and how badly it can be told.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::dice::Dice;
use crate::{
    carrier::RingOrder,
    domain::call::{AnsweredBy, CallRef, Leg, LegEnd, Step, What},
};

/// What becomes of one dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// A person answers and talks.
    Answered {
        talk_seconds: u32,
    },
    NoAnswer,
    Busy,
    /// The prospect's mailbox answers; the rep leaves a word.
    Voicemail,
    /// The prospect's number cannot be reached.
    Failed,
    /// The rep's own mailbox answers: nobody presses 1.
    RepMailbox,
    RepNoAnswer,
    /// The carrier will not place the call.
    Refused,
    /// The carrier places the call, and its answer to us is lost; a person answers and talks.
    LostAnswer {
        talk_seconds: u32,
    },
}

/// How what happens is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// At once, in order.
    Prompt,
    /// In order, seconds later.
    Late,
    /// Some of it twice.
    Repeated,
    /// In any order, seconds later.
    Reordered,
}

/// One dial's fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Play {
    pub scenario: Scenario,
    pub delivery: Delivery,
}

/// Which fates come.
#[derive(Clone, Debug)]
pub struct Script {
    seed: u64,
    listed: VecDeque<Play>,
}

impl Script {
    /// Fates as on a real morning, by a seed: of a hundred dials about forty-five reach a person.
    pub fn seeded(seed: u64) -> Script {
        Script { seed, listed: VecDeque::new() }
    }

    /// These first, in the order of the dials; then as [`Script::seeded`].
    #[must_use]
    pub fn beginning_with(mut self, plays: impl IntoIterator<Item = Play>) -> Script {
        self.listed.extend(plays);
        self
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn next(&mut self, dice: &mut Dice) -> Play {
        // Thrown all the same, so that a listed fate has the same details as one by chance.
        let chance = by_chance(dice);
        self.listed.pop_front().unwrap_or(chance)
    }
}

fn by_chance(dice: &mut Dice) -> Play {
    let talk_seconds = dice.between(25, 240) as u32;
    let scenario = match dice.between(0, 99) {
        0..=44 => Scenario::Answered { talk_seconds },
        45..=66 => Scenario::NoAnswer,
        67..=81 => Scenario::Voicemail,
        82..=88 => Scenario::Busy,
        89..=91 => Scenario::Failed,
        92..=94 => Scenario::RepMailbox,
        95..=96 => Scenario::RepNoAnswer,
        97 => Scenario::Refused,
        _ => Scenario::LostAnswer { talk_seconds },
    };
    let delivery = match dice.between(0, 99) {
        0..=84 => Delivery::Prompt,
        85..=89 => Delivery::Late,
        90..=94 => Delivery::Repeated,
        _ => Delivery::Reordered,
    };
    Play { scenario, delivery }
}

/// A life being written: what happens, each at its time.
struct Life {
    now: Timestamp,
    happens: Vec<(Timestamp, What)>,
    rep: CallRef,
    prospect: CallRef,
}

impl Life {
    fn after(&mut self, milliseconds: i64) -> &mut Life {
        let passed = SignedDuration::from_millis(milliseconds);
        self.now = self.now.checked_add(passed).unwrap_or(self.now);
        self
    }

    fn say(&mut self, what: What) -> &mut Life {
        self.happens.push((self.now, what));
        self
    }

    fn leg(&mut self, leg: Leg, step: Step) -> &mut Life {
        let call = match leg {
            Leg::Rep => self.rep.clone(),
            Leg::Prospect => self.prospect.clone(),
        };
        self.say(What::Leg { leg, call: Some(call), step })
    }

    fn end(&mut self, leg: Leg, end: LegEnd, seconds: u32, sip: Option<u16>) -> &mut Life {
        self.leg(leg, Step::Ended { end, seconds: Some(seconds), sip })
    }

    /// The prospect's leg ends, and with it the whole.
    fn close(&mut self, end: LegEnd, seconds: u32, sip: Option<u16>) {
        let prospect = Some(self.prospect.clone());
        let joined = Some(end == LegEnd::Completed);
        self.end(Leg::Prospect, end, seconds, sip)
            .after(150)
            .say(What::Bridged { prospect, end, seconds: Some(seconds), joined })
            .after(400)
            .end(Leg::Rep, LegEnd::Completed, seconds.saturating_add(15), None);
    }
}

/// Everything that happens to an order, from the moment it was placed.
pub(super) fn happens(
    scenario: Scenario,
    order: &RingOrder,
    call: &CallRef,
    placed_at: Timestamp,
    dice: &mut Dice,
) -> Vec<(Timestamp, What)> {
    let prospect = CallRef(format!("CA{:016x}{:016x}", dice.next(), dice.next()));
    let mut life = Life { now: placed_at, happens: Vec::new(), rep: call.clone(), prospect };
    life.say(What::Placed { call: call.clone() });
    life.after(400).leg(Leg::Rep, Step::Started);
    life.after(700).leg(Leg::Rep, Step::Ringing);
    let ring_rep = milliseconds(order.limits.ring_rep);
    match scenario {
        Scenario::RepNoAnswer => {
            life.after(ring_rep).end(Leg::Rep, LegEnd::NoAnswer, 0, Some(487));
        }
        Scenario::RepMailbox => reps_mailbox(&mut life, order, ring_rep),
        _ => {
            life.after(dice.between(2_500, 7_000).min(ring_rep)).leg(Leg::Rep, Step::Answered);
            life.after(dice.between(2_500, 6_000)).say(What::Pressed);
            life.after(300).leg(Leg::Prospect, Step::Started);
            prospects_side(&mut life, scenario, order, dice);
        }
    }
    life.happens
}

fn reps_mailbox(life: &mut Life, order: &RingOrder, ring_rep: i64) {
    life.after(18_000.min(ring_rep)).leg(Leg::Rep, Step::Answered);
    if order.detect_machines {
        life.after(3_500).leg(Leg::Rep, Step::Judged { by: AnsweredBy::Machine });
    }
    life.after(12_000).end(Leg::Rep, LegEnd::Completed, 16, None);
}

fn prospects_side(life: &mut Life, scenario: Scenario, order: &RingOrder, dice: &mut Dice) {
    let ring = milliseconds(order.limits.ring_prospect);
    let longest = u32::try_from(order.limits.talk.as_secs()).unwrap_or(u32::MAX);
    if scenario == Scenario::Failed {
        life.after(1_200).close(LegEnd::Failed, 0, Some(404));
        return;
    }
    life.after(1_500).leg(Leg::Prospect, Step::Ringing);
    match scenario {
        Scenario::NoAnswer => life.after(ring).close(LegEnd::NoAnswer, 0, Some(487)),
        Scenario::Busy => life.after(1_000).close(LegEnd::Busy, 0, Some(486)),
        Scenario::Voicemail => {
            let word = (dice.between(14, 32) as u32).min(longest);
            life.after(dice.between(12_000, 20_000).min(ring)).leg(Leg::Prospect, Step::Answered);
            if order.detect_machines {
                life.after(3_500).leg(Leg::Prospect, Step::Judged { by: AnsweredBy::Machine });
                life.after(-3_500);
            }
            life.after(i64::from(word) * 1_000).close(LegEnd::Completed, word, None);
        }
        Scenario::Answered { talk_seconds } | Scenario::LostAnswer { talk_seconds } => {
            let talk = talk_seconds.min(longest);
            life.after(dice.between(4_000, 14_000).min(ring)).leg(Leg::Prospect, Step::Answered);
            life.after(i64::from(talk) * 1_000).close(LegEnd::Completed, talk, None);
        }
        Scenario::Failed | Scenario::RepMailbox | Scenario::RepNoAnswer | Scenario::Refused => {}
    }
}

fn milliseconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// What had happened by `now`, and the end that a hang-up at `now` makes.
pub(super) fn cut_short(
    happens: &[(Timestamp, What)],
    call: &CallRef,
    now: Timestamp,
) -> Vec<(Timestamp, What)> {
    let past: Vec<(Timestamp, What)> =
        happens.iter().filter(|(at, _)| *at <= now).cloned().collect();
    let leg_call = |leg: Leg| {
        past.iter().find_map(|(_, what)| match what {
            What::Leg { leg: of, call, .. } if *of == leg => call.clone(),
            _ => None,
        })
    };
    let seen = |leg: Leg, is_it: fn(&Step) -> bool| {
        past.iter().find_map(|(at, what)| match what {
            What::Leg { leg: of, step, .. } if *of == leg && is_it(step) => Some(*at),
            _ => None,
        })
    };
    let answered = |leg| seen(leg, |step| *step == Step::Answered);
    let ended = |leg| seen(leg, |step| matches!(step, Step::Ended { .. })).is_some();
    let (prospect, answered_prospect) = (leg_call(Leg::Prospect), answered(Leg::Prospect));
    let mut life = Life {
        now,
        happens: Vec::new(),
        rep: call.clone(),
        prospect: prospect.clone().unwrap_or_else(|| call.clone()),
    };
    let end_of = |answered: Option<Timestamp>| match answered {
        Some(since) => {
            (LegEnd::Completed, u32::try_from(now.duration_since(since).as_secs()).unwrap_or(0))
        }
        None => (LegEnd::Cancelled, 0),
    };
    if prospect.is_some() && !ended(Leg::Prospect) {
        let (end, seconds) = end_of(answered_prospect);
        life.end(Leg::Prospect, end, seconds, None);
        life.say(What::Bridged {
            prospect,
            end,
            seconds: Some(seconds),
            joined: Some(answered_prospect.is_some()),
        });
    }
    if !ended(Leg::Rep) {
        let (end, seconds) = end_of(answered(Leg::Rep));
        life.end(Leg::Rep, end, seconds, None);
    }
    past.into_iter().chain(life.happens).collect()
}

/// Something that is told at a time, about what happened at an earlier one.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    pub at: Timestamp,
    pub happened_at: Timestamp,
    pub what: What,
}

/// When each thing is told, earliest first.
pub(super) fn tellings(
    happens: &[(Timestamp, What)],
    delivery: Delivery,
    dice: &mut Dice,
) -> Vec<Telling> {
    let lateness = dice.between(2_000, 8_000);
    let mut tellings = Vec::new();
    for (happened_at, what) in happens {
        let delay = match delivery {
            Delivery::Prompt | Delivery::Repeated => 60,
            Delivery::Late => lateness,
            Delivery::Reordered => dice.between(60, 12_000),
        };
        let again = delivery == Delivery::Repeated && dice.between(0, 2) == 0;
        for delay in [Some(delay), again.then(|| delay + dice.between(200, 9_000))] {
            let Some(delay) = delay else { continue };
            let at = happened_at.checked_add(SignedDuration::from_millis(delay));
            tellings.push(Telling {
                at: at.unwrap_or(*happened_at),
                happened_at: *happened_at,
                what: what.clone(),
            });
        }
    }
    tellings.sort_by_key(|telling| telling.at);
    tellings
}
