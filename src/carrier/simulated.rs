//! A carrier that rings nobody: for the demo and for rehearsals.
//!
//! Each dial lives one [`Scenario`], picked by a seeded [`Script`] from the number that is rung and how often it was rung
//! before; so one seed is one morning, however the reps hurry. It runs on the [`Clock`], and tells what happens in the same
//! events as a real carrier: also late, twice, or in the wrong order where the scenario says so.

mod dice;
mod scenario;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::{
    Account, Answer, CallRecord, CallStatus, CallerIdStanding, Carrier, CarrierError, Direction,
    Event, HangUp, RingOrder, Search, SentText, TextFate, TextOrder, Why,
};
use crate::{
    clock::Clock,
    domain::{
        call::{CallRef, DialEvent, Leg, Step, What},
        phone::{CallerId, Phone},
    },
};
use dice::Dice;
use scenario::Telling;

pub use scenario::{Delivery, Play, Scenario, Script};

/// A carrier that rings nobody.
#[derive(Clone, Debug)]
pub struct Simulated {
    exchange: Arc<Exchange>,
}

#[derive(Debug)]
struct Exchange {
    clock: Clock,
    from: Phone,
    events: mpsc::UnboundedSender<Event>,
    desk: Mutex<Desk>,
}

#[derive(Debug)]
struct Desk {
    script: Script,
    calls: BTreeMap<CallRef, SimulatedCall>,
    /// How often each prospect was rung: their next answer may differ.
    rung: BTreeMap<String, u64>,
}

/// A call, with its whole future.
#[derive(Debug)]
struct SimulatedCall {
    order: RingOrder,
    placed_at: Timestamp,
    /// What happens, in order; cut short by a hang-up.
    happens: Vec<(Timestamp, What)>,
    /// Tells the call's teller that it was cut short.
    cut: watch::Sender<bool>,
}

impl Simulated {
    /// A carrier on `clock`, with `from` as the business's number. Everything that happens is sent to `events`; a receiver
    /// that is gone misses it.
    pub fn new(
        clock: Clock,
        from: Phone,
        script: Script,
        events: mpsc::UnboundedSender<Event>,
    ) -> Simulated {
        let desk = Desk { script, calls: BTreeMap::new(), rung: BTreeMap::new() };
        Simulated { exchange: Arc::new(Exchange { clock, from, events, desk: Mutex::new(desk) }) }
    }

    /// How often a prospect's phone has rung, or is about to.
    pub fn rung(&self, prospect: &Phone) -> usize {
        let now = self.exchange.clock.now();
        let desk = self.exchange.desk();
        let of_prospect = desk.calls.values().filter(|call| call.order.prospect == *prospect);
        of_prospect
            .filter(|call| call.record(Leg::Prospect, &self.exchange.from, now).is_some())
            .count()
    }
}

impl Exchange {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Places a call: its future is settled here, and a teller sent off to tell it.
    fn place(self: &Arc<Exchange>, order: &RingOrder) -> Result<CallRef, CarrierError> {
        let placed_at = self.clock.now();
        let mut desk = self.desk();
        let times = desk.rung.entry(order.prospect.e164().to_owned()).or_default();
        *times += 1;
        let times = *times;
        let mut dice = Dice::of(desk.script.seed(), order.prospect.e164(), times);
        let play = desk.script.next(&mut dice);
        if play.scenario == Scenario::Refused {
            return Err(CarrierError::Refused {
                why: Why::BadNumber,
                code: None,
                detail: "the carrier says that the number does not exist".into(),
            });
        }
        let call = CallRef(format!("CA{:016x}{:016x}", dice.next(), dice.next()));
        let happens = scenario::happens(play.scenario, order, &call, placed_at, &mut dice);
        let tellings = scenario::tellings(&happens, play.delivery, &mut dice);
        let (cut, when_cut) = watch::channel(false);
        let simulated = SimulatedCall { order: order.clone(), placed_at, happens, cut };
        desk.calls.insert(call.clone(), simulated);
        drop(desk);
        tokio::spawn(Arc::clone(self).tell(call.clone(), tellings, when_cut));
        match play.scenario {
            Scenario::LostAnswer { .. } => Err(CarrierError::Lost),
            _ => Ok(call),
        }
    }

    /// Tells what happens, each at its time. When the call is cut short: what had happened by then and was not told, and
    /// its end.
    async fn tell(
        self: Arc<Exchange>,
        call: CallRef,
        tellings: Vec<Telling>,
        mut when_cut: watch::Receiver<bool>,
    ) {
        let mut told: Vec<(Timestamp, What)> = Vec::new();
        for Telling { at, happened_at, what } in tellings {
            tokio::select! {
                biased;
                _ = when_cut.wait_for(|cut| *cut) => break,
                () = self.clock.sleep_until(at) => {}
            }
            told.push((happened_at, what.clone()));
            self.send(&call, happened_at, what);
        }
        let happened = match self.desk().calls.get(&call) {
            Some(simulated) => simulated.happens.clone(),
            None => return,
        };
        for (at, what) in happened.into_iter().filter(|step| !told.contains(step)) {
            self.send(&call, at, what);
        }
    }

    fn send(&self, call: &CallRef, at: Timestamp, what: What) {
        let dial = match self.desk().calls.get(call) {
            Some(simulated) => simulated.order.dial,
            None => return,
        };
        // Nobody listens any more: the demo is being closed.
        let _ = self.events.send(Event::Dial(DialEvent { dial, at, what }));
    }

    fn cut(&self, call: &CallRef) -> HangUp {
        let now = self.clock.now();
        let mut desk = self.desk();
        let Some(simulated) = desk.calls.get_mut(call) else { return HangUp::AlreadyOver };
        if simulated.is_over(now) {
            return HangUp::AlreadyOver;
        }
        simulated.happens = scenario::cut_short(&simulated.happens, call, now);
        simulated.cut.send_replace(true);
        HangUp::Ending
    }
}

impl SimulatedCall {
    fn is_over(&self, now: Timestamp) -> bool {
        self.happens.last().is_none_or(|(at, _)| *at <= now)
    }

    /// A leg as a carrier would list it at `now`; `None` if it does not exist by then.
    fn record(&self, leg: Leg, from: &Phone, now: Timestamp) -> Option<CallRecord> {
        let steps: Vec<(Timestamp, Option<&CallRef>, &Step)> = self
            .happens
            .iter()
            .take_while(|(at, _)| *at <= now)
            .filter_map(|(at, what)| match what {
                What::Leg { leg: of, call, step } if *of == leg => Some((*at, call.as_ref(), step)),
                _ => None,
            })
            .collect();
        let (created_at, call, _) = *steps.first()?;
        let rep = self.happens.iter().find_map(|(_, what)| match what {
            What::Placed { call } => Some(call.clone()),
            _ => None,
        });
        let to = match leg {
            Leg::Rep => &self.order.rep,
            Leg::Prospect => &self.order.prospect,
        };
        let mut record = CallRecord {
            call: call?.clone(),
            parent: rep.filter(|_| leg == Leg::Prospect),
            direction: Direction::Outbound,
            from: CallerId::Number(from.clone()),
            to: CallerId::Number(to.clone()),
            status: CallStatus::Queued,
            answered_by: None,
            created_at,
            started_at: None,
            ended_at: None,
            seconds: None,
        };
        for (at, _, step) in steps {
            match step {
                Step::Started => {}
                Step::Ringing => {
                    record.started_at = Some(at);
                    record.status = CallStatus::Ringing;
                }
                Step::Answered => record.status = CallStatus::InProgress,
                Step::Judged { by } => record.answered_by = Some(*by),
                Step::Ended { end, seconds, .. } => {
                    record.status = CallStatus::Over(*end);
                    record.ended_at = Some(at);
                    record.seconds = *seconds;
                }
            }
        }
        Some(record)
    }

    fn legs(&self, from: &Phone, now: Timestamp) -> Vec<CallRecord> {
        [Leg::Rep, Leg::Prospect]
            .into_iter()
            .filter_map(|leg| self.record(leg, from, now))
            .collect()
    }
}

impl Carrier for Simulated {
    fn name(&self) -> &'static str {
        "simulated carrier"
    }

    fn ring<'a>(&'a self, order: &'a RingOrder) -> Answer<'a, CallRef> {
        async move { self.exchange.place(order) }.boxed()
    }

    fn hang_up<'a>(&'a self, call: &'a CallRef) -> Answer<'a, HangUp> {
        async move { Ok(self.exchange.cut(call)) }.boxed()
    }

    fn find<'a>(&'a self, search: &'a Search) -> Answer<'a, Vec<CallRecord>> {
        async move {
            let now = self.exchange.clock.now();
            let desk = self.exchange.desk();
            let placed = desk.calls.values().filter(|call| call.placed_at >= search.since);
            let legs = placed.flat_map(|call| call.legs(&self.exchange.from, now));
            Ok(legs
                .filter(|leg| leg.to.number().is_some_and(|to| to.e164() == search.to.e164()))
                .collect())
        }
        .boxed()
    }

    fn legs<'a>(&'a self, call: &'a CallRef) -> Answer<'a, Vec<CallRecord>> {
        async move {
            let now = self.exchange.clock.now();
            let desk = self.exchange.desk();
            Ok(desk.calls.get(call).map_or(Vec::new(), |call| call.legs(&self.exchange.from, now)))
        }
        .boxed()
    }

    fn calls_between(&self, from: Timestamp, to: Timestamp) -> Answer<'_, Vec<CallRecord>> {
        async move {
            let now = self.exchange.clock.now();
            let desk = self.exchange.desk();
            let all = desk.calls.values().flat_map(|call| call.legs(&self.exchange.from, now));
            Ok(all
                .filter(|leg| (from..to).contains(&leg.started_at.unwrap_or(leg.created_at)))
                .collect())
        }
        .boxed()
    }

    fn send_text<'a>(&'a self, order: &'a TextOrder) -> Answer<'a, SentText> {
        async move {
            let exchange = Arc::clone(&self.exchange);
            let (id, sent_at) = (order.id, exchange.clock.now());
            tokio::spawn(async move {
                for (after, fate) in [(1, TextFate::Sent), (3, TextFate::Delivered)] {
                    let at = sent_at.saturating_add(SignedDuration::from_secs(after));
                    exchange.clock.sleep_until(at.unwrap_or(sent_at)).await;
                    let _ = exchange.events.send(Event::Text { id, fate });
                }
            });
            Ok(SentText { message: format!("SM{}", id.simple()), fate: TextFate::Taken })
        }
        .boxed()
    }

    fn probe(&self) -> Answer<'_, Account> {
        async {
            Ok(Account {
                active: true,
                status: "active".into(),
                trial: false,
                caller_id: CallerIdStanding::Ours { voice_url: None, sms_url: None },
            })
        }
        .boxed()
    }
}
