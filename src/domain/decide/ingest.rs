//! A call, a form or a message comes in: it becomes a new lead, or joins the open one of the same person.

use serde_json::json;

use super::{
    Context,
    identity::{self, Identity},
};
use crate::domain::{
    contact::Contact,
    decision::{Answer, Decision, LeadChange, Routed, State},
    intent::Intent,
    journal::{EntryKind, NewEntry},
    lead::{Lead, LeadState, Owner, TOUCHES_KEPT},
    outcome::{AgentOutcome, Outcome},
    queue::GENERAL,
    routing::{self, Routing},
    signals::{Signals, value_band},
    tier::Tier,
    touch::{Ingest, Touch},
};

/// Decides what an ingested call becomes.
pub fn ingest(mut state: State, mut ingest: Ingest, context: Context<'_>) -> Decision {
    let own_number = identity::drop_own_numbers(&mut ingest, &state.roster, context);
    if own_number {
        // A number of ours found somebody only if it was stored as theirs by mistake: believe the others.
        state.contacts.retain(|contact| finds(contact, &ingest));
    }
    let first = state.contacts.first().map(|contact| contact.id);
    state.leads.retain(|lead| Some(lead.contact_id) == first);
    if ingest.touch.booking_failed() {
        ingest.touch.summary =
            format!("Booking failed. {}", ingest.touch.summary).trim_end().into();
    }
    let Identity { mut contact, mut changed, duplicates } =
        identity::identify(state.contacts, ingest.contact_id, &ingest.caller);
    let opts_out = ingest.touch.outcome.value == Some(AgentOutcome::OptedOut) && !contact.opted_out;
    if opts_out {
        contact.opted_out = true;
        contact.rev += u32::from(!changed);
        changed = true;
    }
    let routing = routing::route(
        &ingest.touch,
        &ingest.signals,
        contact.customer,
        ingest.routing_owner.as_deref(),
        context.policy,
        &state.roster,
        context.now,
    );
    let before = state.leads.pop();
    let merged = before.is_some();
    let unstaffed = routing.unstaffed.clone();
    let mut after = match &before {
        Some(lead) => joined(lead, ingest, routing),
        None => arrived(ingest, routing, &contact, context),
    };
    settle(&mut after, context);
    let entries = entries(&after, &contact, merged, unstaffed, &duplicates, opts_out);
    Decision {
        contacts: if changed { vec![contact] } else { Vec::new() },
        entries,
        answer: Answer::Routed(Routed {
            lead_id: after.id,
            contact_id: after.contact_id,
            tier: after.tier,
            queue: after.queue.clone(),
            owner: after.owner.as_ref().map(|owner| owner.as_str().into()),
            due_at: after.due_at,
            reason: after.reason.clone(),
            merged,
        }),
        leads: vec![LeadChange { before: before.map(Box::new), after: Box::new(after) }],
        ..Decision::answer(Answer::Done)
    }
}

fn finds(contact: &Contact, ingest: &Ingest) -> bool {
    ingest
        .caller
        .phones
        .iter()
        .any(|phone| contact.phones.iter().any(|known| known.e164() == phone.e164()))
        || ingest.caller.email.as_ref().is_some_and(|email| contact.emails.contains(email))
}

/// A new lead.
fn arrived(ingest: Ingest, routing: Routing, contact: &Contact, context: Context<'_>) -> Lead {
    let touch = ingest.touch;
    let carries_over_at =
        routing.due.opens_at.and_then(|opens| context.policy.calendar.close_of_day(opens));
    let state = match (routing.tier, touch.callback_at) {
        (Tier::A, _) => LeadState::Booked,
        (_, Some(at)) if routing.due.due_at == Some(at) && at > context.now => {
            LeadState::Scheduled { until: at }
        }
        _ => LeadState::Waiting,
    };
    Lead {
        id: ingest.lead_id,
        contact_id: contact.id,
        rev: 1,
        tier: routing.tier,
        queue: routing.queue,
        owner: routing.owner,
        state,
        intent: touch.intent,
        intent_raw: touch.intent_raw.clone(),
        value_band: value_band(&ingest.signals),
        signals: ingest.signals,
        touch_count: 1,
        notes: Vec::new(),
        received_at: touch.received_at,
        ended_at: touch.ended_at,
        after_hours: routing.due.after_hours,
        opens_at: routing.due.opens_at,
        carries_over_at,
        carried_over: false,
        due_at: routing.due.due_at,
        overdue: false,
        callback_at: touch.callback_at,
        attempts: 0,
        first_claim_at: None,
        first_dial_at: None,
        first_contact_at: None,
        outcome: None,
        routing_tag: ingest.routing_tag,
        reason: routing.reason,
        undo: None,
        touches: vec![touch],
    }
}

/// The open lead with a further touch: tier and due time can only get more urgent, and nothing said before is lost.
fn joined(lead: &Lead, ingest: Ingest, routing: Routing) -> Lead {
    let mut after = lead.clone();
    let touch = ingest.touch;
    let tier = lead.tier.tighter(routing.tier);
    let tightened = tier != lead.tier;
    after.rev += 1;
    after.tier = tier;
    if tightened
        || (lead.queue == GENERAL
            && touch.intent != Intent::Unclear
            && routing.tier != Tier::A
            && routing.tier != Tier::D)
    {
        after.queue = routing.queue;
        after.reason = format!("{} It was {} before this call.", routing.reason, lead.tier);
    }
    if !matches!(after.owner, Some(Owner::Person(_))) && routing.owner.is_some() {
        after.owner = routing.owner;
    }
    if touch.intent != Intent::Unclear || lead.intent == Intent::Unclear {
        after.intent = touch.intent;
        after.intent_raw.clone_from(&touch.intent_raw);
    }
    let due_at = [lead.due_at, routing.due.due_at].into_iter().flatten().min();
    if due_at != lead.due_at {
        after.due_at = due_at;
        after.overdue = false;
    }
    if let LeadState::Scheduled { until } = after.state {
        // They rang again before the time agreed: they can be reached now, unless they named a later time once more.
        after.state = match touch.callback_at {
            Some(at) if Some(at) == after.due_at => LeadState::Scheduled { until: at.min(until) },
            _ => LeadState::Waiting,
        };
    }
    after.callback_at = touch.callback_at.or(lead.callback_at);
    after.signals = Signals::combined(&lead.signals, &ingest.signals);
    after.value_band = lead.value_band.max(value_band(&after.signals));
    after.routing_tag = ingest.routing_tag.or(after.routing_tag);
    after.touch_count += 1;
    if after.touches.len() >= TOUCHES_KEPT {
        after.touches.remove(0);
    }
    after.touches.push(touch);
    after.undo = None;
    after
}

/// A call that needs no callback although a lead is kept of it: the agent handed it to a person, or the caller opted out.
fn settle(lead: &mut Lead, context: Context<'_>) {
    let Some(Touch { outcome, ended_at, .. }) = lead.newest() else { return };
    let ended_at = *ended_at;
    let outcome = match outcome.value {
        Some(AgentOutcome::Transferred) => Outcome::Connected,
        Some(AgentOutcome::OptedOut) => Outcome::OptedOut,
        _ => return,
    };
    lead.state = LeadState::Closed { at: context.now };
    lead.outcome = Some(outcome);
    if outcome == Outcome::Connected {
        lead.first_contact_at = lead.first_contact_at.or(Some(ended_at));
    }
}

fn entries(
    lead: &Lead,
    contact: &Contact,
    merged: bool,
    unstaffed: Option<String>,
    duplicates: &[crate::domain::ids::ContactId],
    opts_out: bool,
) -> Vec<NewEntry> {
    let kind = if merged { EntryKind::LeadTouched } else { EntryKind::LeadArrived };
    let source = lead.newest().map(|touch| touch.source.as_str());
    let mut entries = vec![NewEntry::about(lead.id, kind, json!({ "source": source }))];
    if lead.is_closed() {
        entries.push(NewEntry::about(
            lead.id,
            EntryKind::LeadClosed,
            json!({ "outcome": lead.outcome, "by_agent": true }),
        ));
    }
    if let Some(team) = unstaffed
        && lead.is_open()
    {
        entries.push(NewEntry::about(lead.id, EntryKind::LeadUnstaffed, json!({ "owner": team })));
    }
    for other in duplicates {
        entries.push(NewEntry::about(
            lead.id,
            EntryKind::ContactDuplicate,
            json!({ "contact": contact.id, "other": other }),
        ));
    }
    if opts_out {
        entries.push(NewEntry {
            kind: EntryKind::ContactChanged,
            lead: None,
            detail: json!({ "contact": contact.id, "opted_out": true }),
        });
    }
    entries
}
