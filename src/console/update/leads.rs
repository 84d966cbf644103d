//! What one does with a lead. Each acts on the lead selected at the press, and says at once what is under way.

use super::{keys, moves};
use crate::{
    console::{
        action::Action,
        app::{App, Overlay, Pending, Screen, Weight},
        line::Line,
        msg::{Effect, Kept, Request, Write},
        prompt::{CopyChoice, Deferred, Field, Prompt, PromptKind, Target, When, WrapUp},
        row::{Row, State},
        words,
    },
    domain::{
        ids::LeadId,
        outcome::{self, Outcome},
    },
};

/// Carries out an action on the selected lead, the marked leads, or the last change.
pub(super) fn act(app: &mut App, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Undo => return undo(app, out),
        Action::Unmark => return app.marks.clear(),
        _ => {}
    }
    let lead = match app.overlay {
        Some(Overlay::Call { lead } | Overlay::Why { lead, .. }) => Some(lead),
        _ => app.selected(),
    };
    let Some(lead) = lead else {
        return app.toast(Weight::Info, "No lead is selected");
    };
    match action {
        Action::Call => call(app, lead, out),
        Action::Claim => claim(app, lead, out),
        Action::Release => release(app, lead, out),
        Action::TakeOver => take_over(app, lead),
        Action::Reassign => reassign(app, lead, out),
        Action::Outcome => outcome(app, lead),
        Action::Note => note(app, lead),
        Action::Schedule => schedule(app, lead),
        Action::Copy => copy(app, lead),
        Action::Mark => mark(app, lead),
        Action::Why => app.overlay = Some(Overlay::Why { lead, scroll: 0 }),
        _ => {}
    }
}

/// Asks the server for something about a lead; it shows as under way until the answer comes.
pub(super) fn request(app: &mut App, lead: LeadId, request: Request, out: &mut Vec<Effect>) {
    let op = app.next_op;
    app.next_op += 1;
    let pending =
        Pending { lead, name: app.name_of(lead), request: request.clone(), since: app.local };
    app.pending.insert(op, pending);
    out.push(Effect::Request { op, lead, request });
}

/// A row that can be acted on, with the line up; says why not otherwise.
fn free_to_ask(app: &mut App, lead: LeadId, what: &str) -> Option<Row> {
    if !app.is_live() {
        app.toast(Weight::Warning, format!("Offline: {what} needs the line. Nothing was done"));
        return None;
    }
    if app.pending.values().any(|pending| pending.lead == lead) {
        app.toast(Weight::Info, "The last change of this lead is still under way");
        return None;
    }
    open_row(app, lead)
}

/// A row that is not closed; says so otherwise.
fn open_row(app: &mut App, lead: LeadId) -> Option<Row> {
    let row = app.leads.get(lead).filter(|row| row.state != State::Closed).cloned();
    if row.is_none() {
        let name = app.name_of(lead);
        app.toast(Weight::Info, format!("{name} is closed: there is nothing left to do"));
    }
    row
}

/// Who else has it, as a sentence; `None` where nobody else has.
fn held_by_another(app: &App, row: &Row) -> Option<String> {
    let holder = row.holder.as_ref()?;
    if app.my_id() == Some(&holder.id) {
        return None;
    }
    let since = row.claimed_at().map(|at| format!(", {}", words::ago(app.now(), at)));
    Some(format!("{} has {}{}", holder.name, row.called(), since.unwrap_or_default()))
}

fn is_mine(app: &App, row: &Row) -> bool {
    app.my_id().is_some_and(|me| row.is_held_by(me))
}

fn claim(app: &mut App, lead: LeadId, out: &mut Vec<Effect>) {
    let Some(row) = free_to_ask(app, lead, "a claim") else { return };
    if is_mine(app, &row) {
        return app.toast(Weight::Info, format!("{} is yours already", row.called()));
    }
    if row.state == State::Booked {
        return app.toast(Weight::Info, format!("{} is booked: nobody waits", row.called()));
    }
    match held_by_another(app, &row) {
        Some(who) => app.toast(Weight::Warning, who),
        None => request(app, lead, Request::Claim { take_over: false }, out),
    }
}

/// Claims and shows the number: until ringback rings by itself, the rep dials on their own phone.
fn call(app: &mut App, lead: LeadId, out: &mut Vec<Effect>) {
    let Some(row) = free_to_ask(app, lead, "a call") else { return };
    if row.withheld {
        let said = format!("{} withheld the number and left none", row.called());
        return app.toast(Weight::Warning, said);
    }
    if row.opted_out {
        let said = format!("{} asked never to be rung again", row.called());
        return app.toast(Weight::Warning, said);
    }
    if let Some(who) = held_by_another(app, &row) {
        return app.toast(Weight::Warning, who);
    }
    app.overlay = Some(Overlay::Call { lead });
    if is_mine(app, &row) || row.state == State::Booked {
        copy_number(app, lead, out);
    } else {
        request(app, lead, Request::Claim { take_over: false }, out);
    }
}

/// Puts the number of a lead that is ours on the clipboard.
pub(super) fn copy_number(app: &App, lead: LeadId, out: &mut Vec<Effect>) {
    let number = match app.recent.lead(lead).and_then(|lead| lead.contact.phone.clone()) {
        Some(number) => number,
        None => match app.leads.get(lead).and_then(Row::phone_digits) {
            Some(digits) => format!("+{digits}"),
            None => return,
        },
    };
    out.push(Effect::Copy { what: "number", text: number });
}

fn release(app: &mut App, lead: LeadId, out: &mut Vec<Effect>) {
    let Some(row) = free_to_ask(app, lead, "giving back") else { return };
    match &row.holder {
        None => app.toast(Weight::Info, format!("{} is free already", row.called())),
        Some(_) if is_mine(app, &row) || app.is_supervisor() => {
            request(app, lead, Request::Release, out);
        }
        Some(holder) => {
            let said =
                format!("{} has {}: it is not yours to give back", holder.name, row.called());
            app.toast(Weight::Warning, said);
        }
    }
}

fn take_over(app: &mut App, lead: LeadId) {
    let Some(row) = free_to_ask(app, lead, "taking over") else { return };
    let Some(holder) = row.holder.clone().filter(|_| !is_mine(app, &row)) else {
        return app.toast(Weight::Info, format!("Nobody else has {}: c claims it", row.called()));
    };
    let question = format!("Take {} from {}?", row.called(), holder.name);
    confirm(app, target(app, lead), question, Deferred::TakeOver);
}

fn reassign(app: &mut App, lead: LeadId, out: &mut Vec<Effect>) {
    if free_to_ask(app, lead, "reassigning").is_none() {
        return;
    }
    let target = marked_or(app, lead);
    let choices = app.team.clone();
    out.push(Effect::LoadTeam);
    keys::open(app, PromptKind::Reassign { target, line: Line::default(), choices, cursor: 0 });
}

fn outcome(app: &mut App, lead: LeadId) {
    let target = marked_or(app, lead);
    if let Target::One { lead, .. } = &target {
        let Some(row) = open_row(app, *lead) else { return };
        if let Some(who) = held_by_another(app, &row).filter(|_| !app.is_supervisor()) {
            return app.toast(Weight::Warning, who);
        }
    }
    open_wrap_up(app, target);
}

/// Whether the settings want an outcome of the call that is on the screen before anything else. A lead that somebody else
/// took, or that is closed by now, owes nothing.
pub(super) fn outcome_is_owed(app: &App, lead: Option<LeadId>) -> bool {
    let calling = match app.overlay {
        Some(Overlay::Call { lead }) => Some(lead),
        _ => None,
    };
    app.options.require_outcome
        && calling.is_some()
        && calling == lead
        && calling.and_then(|lead| app.leads.get(lead)).is_some_and(|row| is_mine(app, row))
}

/// Opens the wrap-up bar; a note half-typed for this lead is in it.
pub(super) fn open_wrap_up(app: &mut App, target: Target) {
    let draft = draft(app, &target);
    keys::open(
        app,
        PromptKind::WrapUp(WrapUp {
            target,
            chosen: None,
            when: When::default(),
            note: Line::holding(&draft),
            field: Field::Choice,
        }),
    );
}

fn note(app: &mut App, lead: LeadId) {
    let target = target(app, lead);
    let line = Line::holding(&draft(app, &target));
    keys::open(app, PromptKind::Note { target, line });
}

fn draft(app: &App, target: &Target) -> String {
    match target {
        Target::One { lead, .. } => app.drafts.get(lead).cloned().unwrap_or_default(),
        Target::Marked(_) => String::new(),
    }
}

fn schedule(app: &mut App, lead: LeadId) {
    let Some(row) = open_row(app, lead) else { return };
    if let Some(who) = held_by_another(app, &row).filter(|_| !app.is_supervisor()) {
        return app.toast(Weight::Warning, who);
    }
    if row.state == State::Booked {
        return app.toast(Weight::Info, format!("{} is booked: nobody waits", row.called()));
    }
    keys::open(app, PromptKind::Schedule { target: target(app, lead), when: When::default() });
}

fn copy(app: &mut App, lead: LeadId) {
    let mut choices = Vec::new();
    let full = app.recent.lead(lead).cloned();
    let number = full
        .as_ref()
        .and_then(|lead| lead.contact.phone.clone())
        .or_else(|| app.leads.get(lead)?.phone_digits().map(|digits| format!("+{digits}")));
    choices.extend(number.map(|text| CopyChoice { key: 'n', what: "number", text }));
    choices.extend(full.map(|lead| CopyChoice {
        key: 'b',
        what: "briefing",
        text: words::briefing(&lead),
    }));
    let server = app.options.server.trim_end_matches('/');
    let text = format!("{server}/api/leads/{lead}");
    choices.push(CopyChoice { key: 'l', what: "link", text });
    keys::open(app, PromptKind::Copy { target: target(app, lead), choices, cursor: 0 });
}

fn mark(app: &mut App, lead: LeadId) {
    if !app.marks.remove(&lead) {
        app.marks.insert(lead);
    }
    if !app.detail.focused {
        let height = app.list_height();
        moves::with_list(app, |list, leads| {
            list.step(leads, crate::console::list::Step::By(1), height);
        });
    }
}

fn target(app: &App, lead: LeadId) -> Target {
    Target::One { lead, name: app.name_of(lead) }
}

/// The marked leads in the order of the list, or the one selected where none is marked.
fn marked_or(app: &App, lead: LeadId) -> Target {
    if app.marks.is_empty() {
        return target(app, lead);
    }
    let mut marked: Vec<LeadId> = Vec::new();
    if let Some(list) = app.list() {
        let shown = list.round(&app.leads, 0).map(|(_, row)| row.id);
        marked.extend(shown.filter(|id| app.marks.contains(id)));
    }
    // Marked on another screen, or filtered out since.
    let others: Vec<LeadId> = app.marks.iter().copied().filter(|id| !marked.contains(id)).collect();
    marked.extend(others);
    Target::Marked(marked)
}

pub(super) fn confirm(app: &mut App, target: Target, question: String, then: Deferred) {
    app.prompt = Some(Prompt::new(PromptKind::Confirm { target, question, then }));
}

/// Why a write cannot be kept for a lead as it stands now; `None` where it can.
pub(super) fn write_refused(app: &App, lead: LeadId, write: &Write) -> Option<String> {
    let Write::Outcome { outcome, .. } = write else { return None };
    let name = app.name_of(lead);
    let Some(row) = app.leads.get(lead).filter(|row| row.state != State::Closed) else {
        return Some(format!("{name} is closed already: nothing was logged"));
    };
    if let Some(who) = held_by_another(app, row).filter(|_| !app.is_supervisor()) {
        return Some(format!("{who}: nothing was logged"));
    }
    let puts_off =
        matches!(outcome.effect(), outcome::Effect::ScheduleAtWish | outcome::Effect::Retry);
    (row.state == State::Booked && puts_off)
        .then(|| format!("{name} is booked: there is nothing to put off"))
}

/// Keeps a write for each lead it can be kept for, and goes on to the next lead.
pub(super) fn write(app: &mut App, target: &Target, write: &Write, out: &mut Vec<Effect>) {
    let Some(by) = app.my_id().cloned() else {
        return app.toast(Weight::Warning, "Who you are is not known here yet: nothing was kept");
    };
    let mut kept = 0;
    for lead in target.leads() {
        if let Some(why) = write_refused(app, *lead, write) {
            app.toast(Weight::Warning, why);
            continue;
        }
        let name = app.name_of(*lead);
        out.push(Effect::Keep {
            lead: *lead,
            name: name.clone(),
            by: by.clone(),
            write: write.clone(),
        });
        // Shown as waiting from this frame on; the outbox tells its own state a moment later.
        app.outbox.push(Kept {
            key: uuid::Uuid::nil(),
            lead: *lead,
            name,
            by: by.clone(),
            write: write.clone(),
            at: app.now(),
            refused: None,
        });
        app.drafts.remove(lead);
        kept += 1;
    }
    if kept > 0 && !app.is_live() {
        app.toast(
            Weight::Info,
            format!("Kept for {}: it goes out when the line is back", words::leads(kept)),
        );
    }
    let Write::Outcome { .. } = write else { return };
    match target {
        Target::Marked(_) => app.marks.clear(),
        Target::One { lead, .. } => {
            if app.overlay == Some(Overlay::Call { lead: *lead }) {
                app.overlay = None;
            }
            if kept > 0 && matches!(app.screen, Screen::Queue(_)) && app.selected() == Some(*lead) {
                app.detail.focused = false;
                moves::move_on(app);
            }
        }
    }
}

/// What a confirm was about, done.
pub(super) fn deferred(app: &mut App, target: &Target, then: &Deferred, out: &mut Vec<Effect>) {
    match then {
        Deferred::Write(write) => self::write(app, target, write, out),
        Deferred::TakeOver | Deferred::Reassign { .. } => {
            for lead in target.leads() {
                if free_to_ask(app, *lead, "that").is_none() {
                    continue;
                }
                let asked = match then {
                    Deferred::Reassign { to, .. } => Request::Reassign { to: to.clone() },
                    _ => Request::Claim { take_over: true },
                };
                request(app, *lead, asked, out);
            }
            if matches!(target, Target::Marked(_)) {
                app.marks.clear();
            }
        }
    }
}

/// Takes the last change back: out of the outbox if it has not gone, at the server otherwise.
fn undo(app: &mut App, out: &mut Vec<Effect>) {
    if !app.is_live() {
        let waiting =
            app.outbox.iter().rev().find(|kept| kept.refused.is_none() && !kept.key.is_nil());
        return match waiting.map(|kept| kept.key) {
            Some(key) => out.push(Effect::Drop { key }),
            None => app.toast(
                Weight::Warning,
                "Offline: nothing of yours waits here, and an undo needs the line",
            ),
        };
    }
    if let Some(done) = app.done.pop() {
        app.toast(Weight::Info, format!("Taking back: {} of {}", done.what, done.name));
        return request(app, done.lead, Request::Undo, out);
    }
    let mine = app.selected().filter(|id| {
        let undo_by = app.recent.lead(*id).and_then(|lead| lead.undo_by.clone());
        undo_by.is_some() && undo_by.as_ref() == app.my_id()
    });
    match mine {
        Some(lead) => request(app, lead, Request::Undo, out),
        None => app.toast(Weight::Info, "Nothing of yours to take back"),
    }
}

/// The outcome that a digit of the wrap-up bar means.
pub(super) fn outcome_of(digit: char) -> Option<Outcome> {
    let place = digit.to_digit(10)?.checked_sub(1)?;
    Outcome::ALL.get(usize::try_from(place).ok()?).copied()
}
