//! A world in memory for tests of the rules: it keeps what a store would keep, and commits decisions the same way.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use uuid::Uuid;

use super::{Context, decide};
use crate::domain::{
    command::{Command, Concerns},
    contact::{Contact, ContactKey},
    deadline,
    decision::{Answer, Decision, Refusal, State},
    holidays::{self, Nation},
    hours::{Calendar, Week},
    ids::{ContactId, LeadId, RepId},
    intent::Intent,
    journal::{Actor, NewEntry},
    lead::Lead,
    person::{Person, PersonRef, Presence, Role, Roster},
    phone::Phone,
    policy::{Policy, Team},
    signals::Signals,
    touch::{Caller, Heard, Ingest, Touch},
};

/// Everything that is known, and every journal entry with the lead as it was then.
pub struct World {
    pub policy: Policy,
    pub now: Timestamp,
    pub leads: BTreeMap<LeadId, Lead>,
    pub contacts: BTreeMap<ContactId, Contact>,
    pub people: Vec<Person>,
    pub journal: Vec<(NewEntry, Option<Lead>)>,
    ids: u128,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an RFC 3339 time")
}

pub fn phone(e164: &str) -> Phone {
    serde_json::from_value(serde_json::Value::String(e164.into())).expect("a number")
}

/// Monday to Friday nine to five in London, with the bank holidays of England and Wales.
pub fn office() -> Calendar {
    let closed = holidays::Holidays::built_in().dates(Nation::EnglandAndWales);
    Calendar::new(TimeZone::get("Europe/London").expect("London"), Week::mon_to_fri(9, 17), closed)
}

impl World {
    /// A desk with Priya and Tom (reps) and Sam (supervisor), at an instant.
    pub fn at(now: &str) -> World {
        let mut policy = Policy::starter(office());
        policy.teams =
            vec![Team { name: "team_sdr".into(), members: vec!["priya".into(), "tom".into()] }];
        let people = [("priya", Role::Rep), ("tom", Role::Rep), ("sam", Role::Supervisor)]
            .map(|(id, role)| person(id, role));
        World {
            policy,
            now: at(now),
            leads: BTreeMap::new(),
            contacts: BTreeMap::new(),
            people: people.into(),
            journal: Vec::new(),
            ids: 0,
        }
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    /// A call that has just ended: a new enquiry for a demo, tier by the rules.
    pub fn call(&mut self, number: Option<&str>) -> Ingest {
        Ingest {
            lead_id: LeadId(self.id()),
            contact_id: ContactId(self.id()),
            caller: Caller { phones: number.map(phone).into_iter().collect(), ..Caller::default() },
            touch: Touch {
                received_at: self.now,
                ended_at: self.now,
                source: "inbound_call".into(),
                call_sid: None,
                transcript_id: None,
                intent: Intent::read("new_enquiry_demo").expect("an intent"),
                intent_raw: None,
                summary: format!("Summary {}.", self.ids),
                question: None,
                answer: None,
                outcome: Heard::default(),
                agent_tier: Heard::default(),
                callback_at: None,
                preferred_channel: None,
            },
            signals: Signals::default(),
            routing_owner: None,
            routing_tag: None,
        }
    }

    fn state(&self, command: &Command) -> State {
        let roster = self.roster();
        let (contacts, leads) = match command.concerns() {
            concerns @ Concerns::Caller { .. } => {
                let mut found: Vec<Contact> = Vec::new();
                for key in concerns.keys() {
                    if let Some(contact) = self.find(key)
                        && !found.iter().any(|known| known.id == contact.id)
                    {
                        found.push(contact.clone());
                    }
                }
                let lead = found.first().and_then(|contact| self.open_lead(contact.id)).cloned();
                (found, lead.into_iter().collect())
            }
            Concerns::Lead(id) => self.lead_and_contact(id),
            Concerns::LeadAndSibling(id) => {
                let (contacts, mut leads) = self.lead_and_contact(id);
                leads.extend(
                    contacts
                        .first()
                        .and_then(|contact| self.open_lead(contact.id))
                        .filter(|lead| lead.id != id)
                        .cloned(),
                );
                (contacts, leads)
            }
            Concerns::Contacts(keep, merge) => (
                [keep, merge].iter().filter_map(|id| self.contacts.get(id)).cloned().collect(),
                [keep, merge].iter().filter_map(|id| self.open_lead(*id)).cloned().collect(),
            ),
            Concerns::Staff | Concerns::Call(_) => (Vec::new(), Vec::new()),
        };
        State { contacts, leads, call: None, roster: roster.into() }
    }

    fn lead_and_contact(&self, id: LeadId) -> (Vec<Contact>, Vec<Lead>) {
        let lead = self.leads.get(&id).cloned();
        let contact = lead.as_ref().and_then(|lead| self.contacts.get(&lead.contact_id)).cloned();
        (contact.into_iter().collect(), lead.into_iter().collect())
    }

    pub fn roster(&self) -> Roster {
        let load = |person: &Person| {
            self.leads.values().filter(|lead| lead.assignee() == Some(&person.id)).count() as u32
        };
        Roster { people: self.people.iter().map(|person| (person.clone(), load(person))).collect() }
    }

    fn find(&self, key: ContactKey<'_>) -> Option<&Contact> {
        self.contacts.values().find(|contact| contact.keys().any(|known| known == key))
    }

    pub fn open_leads(&self, contact: ContactId) -> impl Iterator<Item = &Lead> {
        self.leads.values().filter(move |lead| lead.contact_id == contact && lead.is_open())
    }

    fn open_lead(&self, contact: ContactId) -> Option<&Lead> {
        self.open_leads(contact).next()
    }

    /// Decides without committing.
    pub fn decide(&self, command: Command, actor: &Actor) -> Result<Decision, Refusal> {
        let context = Context { actor, now: self.now, policy: &self.policy };
        decide(self.state(&command), command, context)
    }

    /// Decides and commits.
    pub fn execute(&mut self, command: Command, actor: &Actor) -> Result<Decision, Refusal> {
        let decision = self.decide(command, actor)?;
        for contact in &decision.contacts {
            self.contacts.insert(contact.id, contact.clone());
        }
        for change in &decision.leads {
            let stored = self.leads.insert(change.after.id, (*change.after).clone());
            assert_eq!(
                stored.as_ref(),
                change.before.as_deref(),
                "a decision starts from what is stored"
            );
            assert_eq!(
                change.after.rev,
                stored.map_or(0, |lead| lead.rev) + 1,
                "the revision grows by one"
            );
        }
        for person in &decision.people {
            self.people.retain(|known| known.id != person.id);
            self.people.push(person.clone());
        }
        for entry in &decision.entries {
            let lead = entry.lead.and_then(|id| self.leads.get(&id)).cloned();
            self.journal.push((entry.clone(), lead));
        }
        Ok(decision)
    }

    /// Ingests and gives the lead's identifier and whether it joined an open lead.
    pub fn ingest(&mut self, ingest: Ingest) -> (LeadId, bool) {
        let decision = self
            .execute(Command::Ingest(Box::new(ingest)), &program())
            .expect("an ingest is never refused");
        match decision.answer {
            Answer::Routed(routed) => (routed.lead_id, routed.merged),
            other => panic!("not an ingest's answer: {other:?}"),
        }
    }

    /// Lets time pass, acting on each deadline as it comes.
    pub fn wait(&mut self, by: SignedDuration) {
        let until = self.now.checked_add(by).expect("a time in range");
        while let Some(next) = self
            .leads
            .values()
            .flat_map(|lead| deadline::of(lead).collect::<Vec<_>>())
            .filter(|deadline| deadline.at <= until)
            .min()
        {
            self.now = self.now.max(next.at);
            let command = Command::DeadlineReached { lead: next.lead, kind: next.kind };
            self.execute(command, &Actor::Clock).expect("a deadline is never refused");
        }
        self.now = until;
    }

    pub fn lead(&self, id: LeadId) -> &Lead {
        &self.leads[&id]
    }
}

pub fn person(id: &str, role: Role) -> Person {
    Person {
        id: RepId(id.into()),
        name: id[..1].to_uppercase() + &id[1..],
        role,
        phone: None,
        email: None,
        slack_id: None,
        presence: Presence::Available,
        shift: None,
        leave: Vec::new(),
        removed: false,
    }
}

pub fn rep(id: &str) -> Actor {
    Actor::Person(PersonRef { id: RepId(id.into()), name: id[..1].to_uppercase() + &id[1..] })
}

pub fn program() -> Actor {
    Actor::Program { id: "agent".into(), name: "Voice agent".into() }
}
