//! Queues, counts and deadlines: what a store answers must be what the pure rules say of the leads it holds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use ringback::{
    domain::{
        command::Command,
        deadline,
        ids::{ContactId, LeadId, RepId},
        intent::{Intent, Wants},
        journal::{Actor, EntryKind},
        lead::Lead,
        outcome::{AgentOutcome, Outcome},
        person::Role,
        queue::View,
        tier::Tier,
        touch::{Caller, Heard},
    },
    store::QueueQuery,
};

use crate::{
    fixture::{Fixture, run},
    office::*,
};

const REPS: [&str; 3] = ["priya", "tom", "boss"];

/// One thing that happens. Numbers choose among what there is: callers, leads, reps.
#[derive(Clone, Debug)]
enum Step {
    Call {
        who: usize,
        /// Minutes before or after the morning's start: early ones came after hours.
        minutes: i64,
        tier: Option<Tier>,
        intent: Intent,
        /// Pence.
        worth: Option<i64>,
        outcome: Option<AgentOutcome>,
        callback_in: Option<i64>,
        team: bool,
    },
    Claim(usize, usize),
    Release(usize, usize),
    Outcome(usize, usize, Outcome),
    Note(usize, usize),
    Undo(usize, usize),
    Reassign(usize, &'static str),
    Merge(usize, usize),
    /// The clock moves on, and everything that has come due is acted on.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let maybe = |minutes| prop_oneof![2 => Just(None), 1 => (1..minutes).prop_map(Some)];
    let intent = prop_oneof![
        Just(Intent::Pricing),
        Just(Intent::Unclear),
        Just(Intent::Partnership),
        Just(Intent::Support),
        Just(Intent::NewEnquiry(Some(Wants::Demo))),
    ];
    let tier = prop::option::weighted(0.7, prop::sample::select(&Tier::ALL[..]));
    let agent = prop::option::weighted(0.15, prop::sample::select(&AgentOutcome::ALL[..]));
    let call = (
        0..12_usize,
        -900..400_i64,
        tier,
        intent,
        // Few different values: ties must be broken the same way everywhere.
        prop::option::of(prop::sample::select(&[0, 150_000, 250_000, 900_000, i64::MAX][..])),
        agent,
        maybe(3000_i64),
        any::<bool>(),
    )
        .prop_map(|(who, minutes, tier, intent, worth, outcome, callback_in, team)| {
            Step::Call {
                who,
                minutes: minutes / 60 * 60,
                tier,
                intent,
                worth,
                outcome,
                callback_in,
                team,
            }
        });
    let (lead, rep) = (0..40_usize, 0..REPS.len());
    prop_oneof![
        8 => call,
        3 => (lead.clone(), rep.clone()).prop_map(|(lead, rep)| Step::Claim(lead, rep)),
        1 => (lead.clone(), rep.clone()).prop_map(|(lead, rep)| Step::Release(lead, rep)),
        2 => (lead.clone(), rep.clone(), prop::sample::select(&Outcome::ALL[..]))
            .prop_map(|(lead, rep, outcome)| Step::Outcome(lead, rep, outcome)),
        1 => (lead.clone(), rep.clone()).prop_map(|(lead, rep)| Step::Note(lead, rep)),
        1 => (lead.clone(), rep).prop_map(|(lead, rep)| Step::Undo(lead, rep)),
        1 => (lead, prop::sample::select(&["tom", "team_sdr", "priya"][..]))
            .prop_map(|(lead, to)| Step::Reassign(lead, to)),
        1 => (0..12_usize, 0..12_usize).prop_map(|(keep, merge)| Step::Merge(keep, merge)),
        1 => (1..600_i64).prop_map(Step::Wait),
    ]
}

/// What has happened so far.
struct Day {
    store: Desk,
    now: Timestamp,
    leads: Vec<LeadId>,
    contacts: Vec<ContactId>,
}

impl Day {
    async fn act(&mut self, step: Step) {
        let lead =
            |day: &Day, n: usize| (!day.leads.is_empty()).then(|| day.leads[n % day.leads.len()]);
        let (command, actor) = match step {
            Step::Call { .. } => return self.call(step).await,
            Step::Wait(minutes) => return self.wait(minutes).await,
            Step::Claim(n, who) => {
                let Some(lead) = lead(self, n) else { return };
                (Command::Claim { lead, take_over: who == 2 }, rep(REPS[who]))
            }
            Step::Release(n, who) => {
                let Some(lead) = lead(self, n) else { return };
                (Command::Release { lead }, rep(REPS[who]))
            }
            Step::Outcome(n, who, outcome) => {
                let Some(lead) = lead(self, n) else { return };
                let callback_at = Some(self.now + SignedDuration::from_mins(90));
                let command = Command::LogOutcome { lead, outcome, note: None, callback_at };
                (command, rep(REPS[who]))
            }
            Step::Note(n, who) => {
                let Some(lead) = lead(self, n) else { return };
                (Command::AddNote { lead, text: "Noted.".into() }, rep(REPS[who]))
            }
            Step::Undo(n, who) => {
                let Some(lead) = lead(self, n) else { return };
                (Command::Undo { lead }, rep(REPS[who]))
            }
            Step::Reassign(n, to) => {
                let Some(lead) = lead(self, n) else { return };
                (Command::Reassign { lead, to: to.into() }, rep("boss"))
            }
            Step::Merge(keep, merge) => {
                if self.contacts.is_empty() {
                    return;
                }
                let pick = |n: usize| self.contacts[n % self.contacts.len()];
                (Command::MergeContacts { keep: pick(keep), merge: pick(merge) }, rep("boss"))
            }
        };
        // Many are refused, and that is as good: a refusal changes nothing.
        if let Err(error) = self.store.ask(command, actor, self.now).await {
            refusal::<()>(Err(error));
        }
    }

    async fn call(&mut self, step: Step) {
        let Step::Call { who, minutes, tier, intent, worth, outcome, callback_in, team } = step
        else {
            return;
        };
        // Some callers have an address too, which some share.
        let person = Caller {
            email: (who % 3 == 0).then(|| format!("{}@example.co.uk", who % 2)),
            ..nth_caller(who)
        };
        let mut ingest = call(after(minutes), person, None);
        ingest.touch.received_at = self.now;
        ingest.touch.intent = intent;
        ingest.touch.agent_tier = Heard { value: tier, raw: None };
        ingest.touch.outcome = Heard { value: outcome, raw: None };
        ingest.touch.callback_at =
            callback_in.map(|minutes| self.now + SignedDuration::from_mins(minutes));
        ingest.signals.deal_value_pence = worth;
        ingest.routing_owner = team.then(|| "team_sdr".into());
        let (routed, _) = self.store.ingest(ingest).await;
        if !self.leads.contains(&routed.lead_id) {
            self.leads.push(routed.lead_id);
        }
        if !self.contacts.contains(&routed.contact_id) {
            self.contacts.push(routed.contact_id);
        }
    }

    async fn wait(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
        for due in self.store.due_deadlines(self.now, 1000).await.unwrap() {
            let command = Command::DeadlineReached { lead: due.lead, kind: due.kind };
            self.store.ask(command, Actor::Clock, self.now).await.unwrap();
        }
        let left = self.store.due_deadlines(self.now, 1000).await.unwrap();
        assert!(left.is_empty(), "acted on, and still due: {left:?}");
    }

    /// Everything the store answers about its leads against the leads themselves.
    async fn check(&self, limits: &[usize]) {
        let mut leads = Vec::new();
        for id in &self.leads {
            leads.push(self.store.stored(*id).await.0);
        }
        for view in View::ALL {
            for me in [Some("priya"), Some("tom"), None] {
                let wanted = pure(&leads, view, me);
                for limit in limits {
                    let got = self.store.whole_view(view, me, *limit).await;
                    assert_eq!(ids(&got), ids(&wanted), "{view:?} of {me:?}, {limit} a page");
                    assert_eq!(got, wanted);
                }
            }
        }
        for (view, n) in self.store.counts().await.unwrap() {
            assert_ne!(view, View::Mine);
            assert_eq!(n, pure(&leads, view, None).len() as u64, "{view:?}");
        }
        let deadlines: BTreeSet<_> = leads.iter().flat_map(deadline::of).collect();
        let got = self.store.due_deadlines(Timestamp::MAX, 10_000).await.unwrap();
        assert!(got.iter().eq(&deadlines), "{got:?} instead of {deadlines:?}");
        let nearest = deadlines.first().map(|deadline| deadline.at);
        assert_eq!(self.store.next_deadline().await.unwrap(), nearest);
        assert_eq!(*self.store.nearest_deadline().borrow(), nearest);
        let mut open: BTreeMap<&RepId, u32> = BTreeMap::new();
        for id in leads.iter().filter_map(Lead::assignee) {
            *open.entry(id).or_default() += 1;
        }
        for (person, load) in self.store.roster().await.unwrap().people {
            assert_eq!(
                load,
                open.get(&person.id).copied().unwrap_or(0),
                "the work of {}",
                person.id
            );
        }
    }
}

fn pure(leads: &[Lead], view: View, me: Option<&str>) -> Vec<Lead> {
    let me = me.map(|handle| RepId(handle.into()));
    let mut shown: Vec<Lead> =
        leads.iter().filter(|lead| view.shows(&lead.standing(), me.as_ref())).cloned().collect();
    shown.sort_by_key(|lead| view.key(&lead.standing()));
    shown
}

fn ids(leads: &[Lead]) -> Vec<LeadId> {
    leads.iter().map(|lead| lead.id).collect()
}

pub fn views_counts_and_deadlines_follow_any_order_of_commands<F: Fixture>() {
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let days = prop::collection::vec(step(), 30..90);
    let outcome = TestRunner::new(config).run(&days, |steps| {
        run::<F, _>(|database| async move {
            let store = open(&database, policy()).await;
            store.hire("boss", Role::Supervisor).await;
            store.hire("priya", Role::Rep).await;
            store.hire("tom", Role::Rep).await;
            let mut day = Day { store, now: morning(), leads: Vec::new(), contacts: Vec::new() };
            for (n, step) in steps.into_iter().enumerate() {
                day.act(step).await;
                if n % 20 == 0 {
                    day.check(&[1000]).await;
                }
            }
            day.check(&[1, 2, 7, 1000]).await;
            day.store.close().await.unwrap();
            day.store = open(&database, policy()).await;
            day.check(&[1000]).await;
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

pub async fn a_page_and_its_sequence_number_are_of_one_moment<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..300 {
                store.ingest(call(morning(), nth_caller(n), None)).await;
            }
        })
    };
    let mut pages = 0;
    while !writing.is_finished() {
        let query = QueueQuery { view: View::All, me: None, limit: 1000, after: None };
        let page = store.queue(query).await.unwrap();
        // Every entry of this journal is one lead's arrival.
        assert_eq!(page.leads.len() as i64, page.seq);
        assert_eq!(page.total, page.leads.len() as u64);
        pages += 1;
    }
    writing.await.unwrap();
    assert!(pages > 1);
    let arrived = EntryKind::LeadArrived.as_str();
    assert!(store.whole_journal().await.iter().all(|entry| entry.kind == arrived));
}

pub async fn mine_is_empty_for_nobody_in_particular<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.ingest(call(morning(), caller("+447700900123"), None)).await;
    assert!(store.whole_view(View::Mine, None, 10).await.is_empty());
    assert_eq!(store.whole_view(View::All, None, 10).await.len(), 1);
}
