//! What the facts of a dial amount to: its state, its end, what is likely to be logged, and when to ask the carrier.

use jiff::{SignedDuration, Timestamp};

use super::{AnsweredBy, CallRef, Dial, DialState, End, LegEnd};
use crate::domain::{dialling::LastDial, outcome::Outcome};

/// A talk shorter than this was with a greeting: nobody says who they are and what it is about in less.
const SHORTEST_TALK: u32 = 10;
/// A talk longer than this was with a person, whatever the carrier's ear took them for.
const LONGEST_MESSAGE: u32 = 120;
/// How long after the last thing that should have happened we ask the carrier ourselves.
const SLACK: SignedDuration = SignedDuration::from_secs(30);
/// How long a rep may take over the whisper.
const WHISPER: SignedDuration = SignedDuration::from_mins(1);

/// How long each part of a dial can take at most, by what the carrier was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub ring_rep: SignedDuration,
    pub ring_prospect: SignedDuration,
    pub talk: SignedDuration,
}

impl Dial {
    /// Where it stands.
    pub fn state(&self) -> DialState {
        let facts = &self.facts;
        if let Some(at) = self.ended_at() {
            return DialState::Ended {
                at,
                end: self.how_it_ended(),
                talk_seconds: self.talk_seconds(at),
            };
        }
        if let Some(since) = facts.prospect.answered_at {
            return DialState::Connected { since };
        }
        if facts.pressed_at.is_some() || facts.prospect.exists() {
            return DialState::ProspectRinging;
        }
        if facts.rep.answered_at.is_some() {
            return DialState::RepAnswered;
        }
        if facts.rep.ringing_at.is_some() {
            return DialState::RepRinging;
        }
        DialState::Requested
    }

    /// Neither ended nor given up: a second dial must wait.
    pub fn is_live(&self) -> bool {
        self.ended_at().is_none()
    }

    /// Whether the prospect may be rung now: the rep pressed 1, and nobody has hung up or given up since. This alone decides
    /// what the rep's key press is answered with, so a mailbox, a late request or one repeated after the end rings nobody.
    pub fn may_ring_prospect(&self) -> bool {
        self.facts.pressed_at.is_some() && self.facts.hang_up_at.is_none() && self.is_live()
    }

    /// Whether the rep's leg should be hung up at once: a machine answered it, and nobody pressed 1.
    pub fn met_reps_mailbox(&self) -> bool {
        self.facts.rep.answered_by == Some(AnsweredBy::Machine)
            && self.facts.pressed_at.is_none()
            && self.is_live()
    }

    /// Whether the carrier is known to have taken the order.
    pub fn is_placed(&self) -> bool {
        self.facts.placed_at.is_some()
    }

    /// The rep's leg, by the carrier's name: ending it ends the whole call.
    pub fn call(&self) -> Option<&CallRef> {
        self.facts.rep.call.as_ref()
    }

    /// The prospect's leg, by the carrier's name.
    pub fn prospect_call(&self) -> Option<&CallRef> {
        self.facts.prospect.call.as_ref()
    }

    /// Why the carrier refused, if it did.
    pub fn refused_because(&self) -> Option<&str> {
        self.facts.refused.as_ref().map(|(_, why)| why.as_str())
    }

    /// When the prospect's phone first rang because of this dial, busy included. `None`: it never did, as far as is known.
    pub fn prospect_rung_at(&self) -> Option<Timestamp> {
        let prospect = &self.facts.prospect;
        let heard = [prospect.ringing_at, prospect.answered_at].into_iter().flatten().min();
        let ended_as_rung = || {
            let rang = matches!(
                self.prospect_end(),
                Some(LegEnd::Completed | LegEnd::Busy | LegEnd::NoAnswer)
            );
            let told = [prospect.started_at, self.facts.pressed_at, self.ended_at()];
            told.into_iter().flatten().min().filter(|_| rang)
        };
        heard.or_else(ended_as_rung)
    }

    /// This dial as the reason for a confirmation before the next (requirements §5): none if the prospect was not rung.
    pub fn as_last(&self, logged: Option<Outcome>) -> Option<LastDial> {
        let at = self.prospect_rung_at()?;
        Some(LastDial { by: self.rep.clone(), at, outcome: logged.or(self.likely_outcome()) })
    }

    /// The outcome that the facts suggest, for the rep to confirm or correct. `None` while it lasts, and where there is
    /// nothing to log: the prospect was not rung, or answered into silence.
    pub fn likely_outcome(&self) -> Option<Outcome> {
        let DialState::Ended { end, talk_seconds, .. } = self.state() else { return None };
        match end {
            End::Busy => Some(Outcome::Busy),
            End::NoAnswer => Some(Outcome::NoAnswer),
            End::LetGo => self.prospect_rung_at().map(|_| Outcome::NoAnswer),
            // A failure before their leg was made is ours: a setting, a carrier in trouble.
            End::Failed { .. } if !self.facts.prospect.exists() => None,
            End::Failed { sip } => Some(outcome_of_failure(sip)),
            End::Answered { .. } if self.never_joined() => None,
            End::Answered { .. } if talk_seconds < SHORTEST_TALK => Some(Outcome::Voicemail),
            End::Answered { by: AnsweredBy::Machine } if talk_seconds <= LONGEST_MESSAGE => {
                Some(Outcome::Voicemail)
            }
            End::Answered { .. } => Some(Outcome::Connected),
            End::Refused
            | End::Lost
            | End::RepNoAnswer
            | End::RepBusy
            | End::RepFailed
            | End::RepUnconfirmed
            | End::CalledOff => None,
        }
    }

    /// When to ask the carrier what became of it, if nothing more is heard: no dial is in progress for ever. `None` once it
    /// has ended.
    pub fn ask_at(&self, patience: &Patience) -> Option<Timestamp> {
        let facts = &self.facts;
        let placed = facts.placed_at.unwrap_or(self.requested_at);
        let (from, allowed) = match self.state() {
            DialState::Ended { .. } => return None,
            DialState::Requested if !self.is_placed() => (self.requested_at, SignedDuration::ZERO),
            DialState::Requested | DialState::RepRinging => (placed, patience.ring_rep),
            DialState::RepAnswered => (facts.rep.answered_at.unwrap_or(placed), WHISPER),
            DialState::ProspectRinging => {
                let signs =
                    [facts.pressed_at, facts.prospect.started_at, facts.prospect.ringing_at];
                (signs.into_iter().flatten().min().unwrap_or(placed), patience.ring_prospect)
            }
            DialState::Connected { since } => (since, patience.talk),
        };
        from.checked_add(allowed).and_then(|at| at.checked_add(SLACK)).ok()
    }

    /// The first we heard of any end.
    fn ended_at(&self) -> Option<Timestamp> {
        let facts = &self.facts;
        let told = [
            facts.rep.ended_at,
            facts.prospect.ended_at,
            facts.bridge.as_ref().map(|bridge| bridge.at),
            facts.refused.as_ref().map(|(at, _)| *at),
            facts.given_up_at,
        ];
        told.into_iter().flatten().min()
    }

    fn how_it_ended(&self) -> End {
        let facts = &self.facts;
        if facts.pressed_at.is_some() || facts.prospect.exists() || facts.bridge.is_some() {
            return self.how_the_prospects_leg_ended();
        }
        if facts.rep.answered_at.is_some() || facts.rep.end == Some(LegEnd::Completed) {
            let called_off = facts.hang_up_at.is_some();
            return if called_off { End::CalledOff } else { End::RepUnconfirmed };
        }
        match facts.rep.end {
            _ if facts.hang_up_at.is_some() && facts.refused.is_none() => End::CalledOff,
            Some(LegEnd::Busy) => End::RepBusy,
            Some(LegEnd::Failed) => End::RepFailed,
            Some(LegEnd::NoAnswer) => End::RepNoAnswer,
            Some(LegEnd::Cancelled | LegEnd::Completed) => End::CalledOff,
            None if facts.refused.is_some() => End::Refused,
            None => End::Lost,
        }
    }

    fn how_the_prospects_leg_ended(&self) -> End {
        let prospect = &self.facts.prospect;
        let end = self.prospect_end();
        if prospect.answered_at.is_some() {
            return End::Answered { by: prospect.answered_by.unwrap_or_default() };
        }
        match end {
            Some(LegEnd::Completed) => {
                End::Answered { by: prospect.answered_by.unwrap_or_default() }
            }
            Some(LegEnd::Busy) => End::Busy,
            Some(LegEnd::NoAnswer) => End::NoAnswer,
            Some(LegEnd::Failed) => End::Failed { sip: prospect.sip },
            // The rep's own end came first, or instead.
            None if !prospect.exists() => End::CalledOff,
            Some(LegEnd::Cancelled) | None => End::LetGo,
        }
    }

    /// From the prospect's own leg and from the report on the joining, whichever says more.
    fn prospect_end(&self) -> Option<LegEnd> {
        self.facts.prospect.end.max(self.facts.bridge.as_ref().map(|bridge| bridge.end))
    }

    fn never_joined(&self) -> bool {
        self.facts.bridge.as_ref().is_some_and(|bridge| bridge.joined == Some(false))
    }

    /// As the carrier counted, else from the times.
    fn talk_seconds(&self, ended_at: Timestamp) -> u32 {
        if self.never_joined() {
            return 0;
        }
        let (prospect, bridge) = (&self.facts.prospect, self.facts.bridge.as_ref());
        let counted = prospect.seconds.max(bridge.and_then(|bridge| bridge.seconds));
        let measured = || {
            let since = prospect.answered_at?;
            u32::try_from(ended_at.duration_since(since).as_secs()).ok()
        };
        counted.or_else(measured).unwrap_or(0)
    }
}

/// A number that does not exist is a wrong one; every other failure is worth another try. SIP statuses of RFC 3261.
fn outcome_of_failure(sip: Option<u16>) -> Outcome {
    match sip {
        Some(404 | 410 | 484 | 604) => Outcome::WrongNumber,
        Some(486 | 600 | 603) => Outcome::Busy,
        _ => Outcome::NoAnswer,
    }
}
