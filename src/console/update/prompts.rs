//! Keys while a prompt is open. Enter saves, Esc leaves; a paste never ends a line.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{keys, leads, moves};
use crate::{
    console::{
        app::{App, Screen, Weight},
        filter::Filter,
        find,
        line::Line,
        list::{Eyes, Step},
        msg::{Effect, Write},
        prompt::{Deferred, Field, Person, Prompt, PromptKind, Reading, Target, When, WrapUp},
        time, words,
    },
    domain::{ids::LeadId, outcome::Outcome},
};

/// A key, as prompts understand it. They are fixed: a prompt shows its own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Press {
    Enter,
    Leave,
    Tab,
    Next,
    Previous,
    Char(char),
    Other,
}

fn press_of(event: &KeyEvent) -> Press {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL)
        && !event.modifiers.contains(KeyModifiers::ALT);
    match event.code {
        KeyCode::Enter => Press::Enter,
        KeyCode::Esc => Press::Leave,
        KeyCode::Char('c') if ctrl => Press::Leave,
        KeyCode::Tab | KeyCode::BackTab => Press::Tab,
        KeyCode::Down => Press::Next,
        KeyCode::Up => Press::Previous,
        KeyCode::Char('n') if ctrl => Press::Next,
        KeyCode::Char('p') if ctrl => Press::Previous,
        KeyCode::Char(c) if !ctrl => Press::Char(c),
        _ => Press::Other,
    }
}

/// Handles a key of the open prompt.
pub(super) fn key(app: &mut App, event: &KeyEvent, out: &mut Vec<Effect>) {
    // Taken out while it is worked on; whoever wants it to stay puts it back.
    let Some(mut prompt) = app.prompt.take() else { return };
    prompt.fault = None;
    let press = press_of(event);
    match prompt.kind {
        PromptKind::Note { .. } => note(app, prompt, press, event, out),
        PromptKind::WrapUp(_) => wrap_up(app, prompt, press, event, out),
        PromptKind::Schedule { .. } => schedule(app, prompt, press, event, out),
        PromptKind::Find { .. } => find_key(app, prompt, press, event),
        PromptKind::Filter { .. } => filter(app, prompt, press, event),
        PromptKind::Reassign { .. } => reassign(app, prompt, press, event),
        PromptKind::Copy { .. } => copy(app, prompt, press, out),
        PromptKind::Confirm { .. } => confirm(app, prompt, press, out),
        PromptKind::Palette { .. } => palette(app, prompt, press, event, out),
    }
}

/// Puts pasted text into the line that is being typed.
pub(super) fn paste(app: &mut App, text: &str) {
    let Some(mut prompt) = app.prompt.take() else { return };
    let line = match &mut prompt.kind {
        PromptKind::Note { line, .. }
        | PromptKind::Find { line, .. }
        | PromptKind::Filter { line }
        | PromptKind::Reassign { line, .. }
        | PromptKind::Palette { line, .. } => Some(line),
        PromptKind::Schedule { when, .. } => Some(&mut when.line),
        PromptKind::WrapUp(bar) => match bar.field {
            Field::When => Some(&mut bar.when.line),
            Field::Note => Some(&mut bar.note),
            Field::Choice => None,
        },
        PromptKind::Copy { .. } | PromptKind::Confirm { .. } => None,
    };
    if let Some(line) = line {
        line.insert(text);
        typed(app, &mut prompt);
    }
    app.prompt = Some(prompt);
}

/// Brings what hangs on the typed line up to date.
fn typed(app: &mut App, prompt: &mut Prompt) {
    let lead = prompt.lead();
    match &mut prompt.kind {
        PromptKind::Schedule { when, .. } => read_time(app, lead, when),
        PromptKind::WrapUp(bar) => read_time(app, lead, &mut bar.when),
        PromptKind::Find { line, origin, hit } => {
            let (text, origin) = (line.text().to_owned(), *origin);
            *hit = find_from(app, &text, origin);
        }
        PromptKind::Filter { line } => set_filter(app, line.text()),
        PromptKind::Reassign { line, choices, cursor, .. } => {
            *choices = fitting(&app.team, line.text());
            *cursor = (*cursor).min(choices.len().saturating_sub(1));
        }
        PromptKind::Palette { line, found, cursor } => {
            *found = keys::palette_found(app, line.text());
            *cursor = 0;
        }
        PromptKind::Note { .. } | PromptKind::Copy { .. } | PromptKind::Confirm { .. } => {}
    }
}

/// Edits the line; `true` where its text changed.
fn edit(line: &mut Line, event: &KeyEvent) -> bool {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL)
        && !event.modifiers.contains(KeyModifiers::ALT);
    match event.code {
        KeyCode::Char('w') if ctrl => return line.delete_word(),
        KeyCode::Char('u') if ctrl => return line.delete_to_start(),
        KeyCode::Char('k') if ctrl => return line.delete_to_end(),
        KeyCode::Char('h') if ctrl => return line.backspace(),
        KeyCode::Char('e') if ctrl => line.end(),
        KeyCode::Left if ctrl => line.word_left(),
        KeyCode::Right if ctrl => line.word_right(),
        KeyCode::Char(_) if ctrl => {}
        KeyCode::Char(c) => {
            line.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        KeyCode::Backspace => return line.backspace(),
        KeyCode::Delete => return line.delete(),
        KeyCode::Left => line.left(),
        KeyCode::Right => line.right(),
        KeyCode::Home => line.home(),
        KeyCode::End => line.end(),
        _ => {}
    }
    false
}

fn note(app: &mut App, mut prompt: Prompt, press: Press, event: &KeyEvent, out: &mut Vec<Effect>) {
    let PromptKind::Note { target, line } = &mut prompt.kind else { return };
    match press {
        Press::Leave => keep_draft(app, target, line.text()),
        Press::Enter if line.text().trim().is_empty() => {
            keep_draft(app, target, "");
            app.toast(Weight::Info, "Nothing was typed, so nothing was saved");
        }
        Press::Enter => {
            let write = Write::Note { text: line.text().trim().into() };
            leads::write(app, target, &write, out);
        }
        _ => {
            edit(line, event);
            app.prompt = Some(prompt);
        }
    }
}

/// Keeps what is half-typed for its lead; nothing typed forgets it.
fn keep_draft(app: &mut App, target: &Target, text: &str) {
    let Target::One { lead, .. } = target else { return };
    if text.trim().is_empty() {
        app.drafts.remove(lead);
    } else {
        app.drafts.insert(*lead, text.into());
        app.toast(Weight::Info, "The note is kept with the lead, unsaved");
    }
}

fn wrap_up(
    app: &mut App,
    mut prompt: Prompt,
    press: Press,
    event: &KeyEvent,
    out: &mut Vec<Effect>,
) {
    let lead = prompt.lead();
    let PromptKind::WrapUp(bar) = &mut prompt.kind else { return };
    match (bar.field, press) {
        (Field::Choice, Press::Leave) if leads::outcome_is_owed(app, lead) => {
            prompt.fault = Some("what came of the call is asked for before the next one".into());
        }
        (Field::Choice, Press::Leave) => {
            return keep_draft(app, &bar.target, bar.note.text());
        }
        (Field::Choice, Press::Char(c)) => match leads::outcome_of(c) {
            Some(outcome) => {
                bar.chosen = Some(outcome);
                bar.field =
                    if outcome == Outcome::CallbackLater { Field::When } else { Field::Note };
            }
            None => prompt.fault = Some("a digit from 1 to 9 says what came of it".into()),
        },
        (Field::Choice, _) => {}
        (_, Press::Leave) => bar.field = Field::Choice,
        (_, Press::Enter) => return log(app, prompt, out),
        (Field::When, Press::Tab | Press::Next) => bar.field = Field::Note,
        (Field::Note, Press::Tab | Press::Previous) => {
            if bar.chosen == Some(Outcome::CallbackLater) {
                bar.field = Field::When;
            }
        }
        (Field::When, _) => {
            edit(&mut bar.when.line, event);
            read_time(app, lead, &mut bar.when);
        }
        (Field::Note, _) => {
            // On an empty line, one more step back is the choice again.
            if bar.note.is_empty() && event.code == KeyCode::Backspace {
                bar.field = Field::Choice;
            } else {
                edit(&mut bar.note, event);
            }
        }
    }
    app.prompt = Some(prompt);
}

/// Logs what the wrap-up bar says, or says what is missing.
fn log(app: &mut App, mut prompt: Prompt, out: &mut Vec<Effect>) {
    let PromptKind::WrapUp(bar) = &mut prompt.kind else { return };
    let Some(outcome) = bar.chosen else { return };
    let callback_at = match (outcome, &bar.when.reading) {
        (Outcome::CallbackLater, Reading::At { at, .. }) => Some(*at),
        (Outcome::CallbackLater, Reading::Nothing) => {
            bar.field = Field::When;
            return fault(app, prompt, "a time is needed: 16:00, tomorrow 9, +2h");
        }
        (Outcome::CallbackLater, Reading::Unclear(why)) => {
            let why = why.clone();
            bar.field = Field::When;
            return fault(app, prompt, why);
        }
        _ => None,
    };
    let note = bar.note.text().trim();
    let note = (!note.is_empty()).then(|| note.to_owned());
    let write = Write::Outcome { outcome, note, callback_at };
    if let Target::One { lead, .. } = &bar.target
        && let Some(why) = leads::write_refused(app, *lead, &write)
    {
        return fault(app, prompt, why);
    }
    let target = bar.target.clone();
    let question = match (&target, outcome) {
        (Target::Marked(marked), _) => {
            format!("Log “{}” for {}?", outcome.in_words(), words::leads(marked.len()))
        }
        (Target::One { name, .. }, Outcome::OptedOut) => {
            format!("Never ring or text {name} again?")
        }
        _ => return leads::write(app, &target, &write, out),
    };
    keep_note(app, bar);
    leads::confirm(app, target, question, Deferred::Write(write));
}

/// Keeps the bar's note for its lead, in case the confirm is cancelled.
fn keep_note(app: &mut App, bar: &WrapUp) {
    if let Target::One { lead, .. } = &bar.target
        && !bar.note.text().trim().is_empty()
    {
        app.drafts.insert(*lead, bar.note.text().into());
    }
}

fn fault(app: &mut App, mut prompt: Prompt, why: impl Into<String>) {
    prompt.fault = Some(why.into());
    app.prompt = Some(prompt);
}

fn schedule(
    app: &mut App,
    mut prompt: Prompt,
    press: Press,
    event: &KeyEvent,
    out: &mut Vec<Effect>,
) {
    let lead = prompt.lead();
    let PromptKind::Schedule { target, when } = &mut prompt.kind else { return };
    match press {
        Press::Leave => return,
        Press::Enter => match &when.reading {
            Reading::At { at, .. } => {
                let write = Write::Outcome {
                    outcome: Outcome::CallbackLater,
                    note: None,
                    callback_at: Some(*at),
                };
                if let Some(why) = lead.and_then(|lead| leads::write_refused(app, lead, &write)) {
                    return fault(app, prompt, why);
                }
                return leads::write(app, target, &write, out);
            }
            Reading::Nothing => prompt.fault = Some("type a time: 16:00, tomorrow 9, +2h".into()),
            Reading::Unclear(why) => prompt.fault = Some(why.clone()),
        },
        _ => {
            edit(&mut when.line, event);
            read_time(app, lead, when);
        }
    }
    app.prompt = Some(prompt);
}

/// Reads a typed time in the business's zone, and says it in the caller's too.
fn read_time(app: &App, lead: Option<LeadId>, when: &mut When) {
    let theirs = lead
        .and_then(|lead| app.recent.lead(lead))
        .and_then(|lead| lead.contact.timezone.as_deref());
    when.reading = time::read(when.line.text(), app.now(), &app.tz, theirs);
}

fn find_key(app: &mut App, mut prompt: Prompt, press: Press, event: &KeyEvent) {
    let PromptKind::Find { line, origin, .. } = &mut prompt.kind else { return };
    match press {
        Press::Enter => {
            app.needle = line.text().trim().into();
            return;
        }
        Press::Leave => {
            let origin = *origin;
            return select(app, origin);
        }
        Press::Next | Press::Previous => {
            let (text, forward) = (line.text().to_owned(), press == Press::Next);
            if let Some(place) = next_match(app, &text, forward) {
                select(app, place);
            }
        }
        _ => {
            if edit(line, event) {
                typed(app, &mut prompt);
            }
        }
    }
    app.prompt = Some(prompt);
}

fn next_match(app: &App, text: &str, forward: bool) -> Option<usize> {
    match app.screen {
        Screen::Journal => find_entry(app, text, app.journal.position(), forward),
        Screen::Queue(_) => {
            let list = app.list()?;
            let here = list.position()?;
            if forward {
                find::first(text, list.round(&app.leads, here + 1))
            } else {
                find::first(text, list.round(&app.leads, here).rev())
            }
        }
    }
}

/// Selects what fits best, looked for from `origin` on; `false` where nothing does. Nothing typed goes back to where it began.
fn find_from(app: &mut App, text: &str, origin: usize) -> bool {
    if text.trim().is_empty() {
        select(app, origin);
        return true;
    }
    let place = match app.screen {
        Screen::Journal => find_entry(app, text, origin.wrapping_sub(1), true),
        Screen::Queue(_) => {
            app.list().and_then(|list| find::best(text, list.round(&app.leads, origin)))
        }
    };
    place.into_iter().for_each(|place| select(app, place));
    place.is_some()
}

/// The place of the next entry whose person or kind fits.
pub(super) fn find_entry(app: &App, text: &str, here: usize, forward: bool) -> Option<usize> {
    let wanted = text.trim().to_lowercase();
    let fits = |entry: &crate::wire::Entry| {
        let name = entry.lead.as_ref().and_then(|lead| lead.contact.name.as_deref());
        format!("{} {} {}", name.unwrap_or_default(), entry.actor.name(), entry.kind)
            .to_lowercase()
            .contains(&wanted)
    };
    let found = |(place, _): (usize, _)| place;
    if forward {
        app.journal.round(here.wrapping_add(1)).find(|(_, entry)| fits(entry)).map(found)
    } else {
        app.journal.round(here).rev().find(|(_, entry)| fits(entry)).map(found)
    }
}

fn select(app: &mut App, place: usize) {
    let height = usize::from(app.geometry.list.height);
    match app.screen {
        Screen::Journal => app.journal.go(place, height),
        Screen::Queue(_) => keys::select_place(app, place),
    }
}

fn filter(app: &mut App, mut prompt: Prompt, press: Press, event: &KeyEvent) {
    let PromptKind::Filter { line } = &mut prompt.kind else { return };
    match press {
        Press::Enter => return,
        Press::Leave => return set_filter(app, ""),
        Press::Next | Press::Previous => {
            let (by, height) =
                (if press == Press::Next { 1 } else { -1 }, app.geometry.list.height);
            match app.screen {
                Screen::Journal => app.journal.step(Step::By(by), height.into()),
                Screen::Queue(_) => {
                    moves::with_list(app, |list, leads| {
                        list.step(leads, Step::By(by), height.into())
                    });
                }
            }
        }
        _ => {
            if edit(line, event) {
                typed(app, &mut prompt);
            }
        }
    }
    app.prompt = Some(prompt);
}

fn set_filter(app: &mut App, text: &str) {
    match app.screen {
        Screen::Journal => app.journal.set_filter(text),
        Screen::Queue(view) => {
            let eyes = Eyes::of(&app.me, app.now());
            if let Some(list) = app.lists.iter_mut().find(|list| list.view == view) {
                list.set_filter(Filter::read(text), &app.leads, eyes);
            }
        }
    }
}

fn reassign(app: &mut App, mut prompt: Prompt, press: Press, event: &KeyEvent) {
    let PromptKind::Reassign { target, line, choices, cursor } = &mut prompt.kind else { return };
    match press {
        Press::Leave => return,
        Press::Next => {
            *cursor = moves::moved(*cursor, Step::By(1), choices.len().saturating_sub(1))
        }
        Press::Previous => *cursor = moves::moved(*cursor, Step::By(-1), choices.len()),
        Press::Enter => match choices.get(*cursor) {
            Some(person) => {
                let question = format!("Give {} to {}?", target.called(), person.name);
                let then = Deferred::Reassign { to: person.id.clone(), name: person.name.clone() };
                return leads::confirm(app, target.clone(), question, then);
            }
            None => prompt.fault = Some("nobody of that name is here".into()),
        },
        _ => {
            if edit(line, event) {
                typed(app, &mut prompt);
            }
        }
    }
    app.prompt = Some(prompt);
}

/// The people whose name or handle holds what was typed; those who are here first.
pub(super) fn fitting(team: &[Person], typed: &str) -> Vec<Person> {
    let typed = typed.trim().to_lowercase();
    let mut people: Vec<Person> = team
        .iter()
        .filter(|person| {
            person.name.to_lowercase().contains(&typed) || person.id.as_str().contains(&typed)
        })
        .cloned()
        .collect();
    people.sort_by_key(|person| (!person.present, person.open_leads));
    people
}

fn copy(app: &mut App, mut prompt: Prompt, press: Press, out: &mut Vec<Effect>) {
    let PromptKind::Copy { choices, cursor, .. } = &mut prompt.kind else { return };
    let chosen = match press {
        Press::Leave => return,
        Press::Enter => Some(*cursor),
        Press::Char(c) => choices.iter().position(|choice| choice.key == c),
        Press::Next => {
            *cursor = moves::moved(*cursor, Step::By(1), choices.len().saturating_sub(1));
            None
        }
        Press::Previous => {
            *cursor = moves::moved(*cursor, Step::By(-1), choices.len());
            None
        }
        _ => None,
    };
    match chosen.and_then(|chosen| choices.get(chosen)) {
        Some(choice) => out.push(Effect::Copy { what: choice.what, text: choice.text.clone() }),
        None => app.prompt = Some(prompt),
    }
}

/// Only `y` does it: Enter stands on Cancel.
fn confirm(app: &mut App, prompt: Prompt, press: Press, out: &mut Vec<Effect>) {
    let PromptKind::Confirm { target, then, .. } = &prompt.kind else { return };
    match press {
        Press::Char('y' | 'Y') => leads::deferred(app, target, then, out),
        Press::Enter | Press::Leave | Press::Char('n' | 'N') => {
            app.toast(Weight::Info, "Cancelled: nothing was done");
        }
        _ => app.prompt = Some(prompt),
    }
}

fn palette(
    app: &mut App,
    mut prompt: Prompt,
    press: Press,
    event: &KeyEvent,
    out: &mut Vec<Effect>,
) {
    let PromptKind::Palette { line, found, cursor } = &mut prompt.kind else { return };
    match press {
        Press::Leave => return,
        Press::Next => *cursor = moves::moved(*cursor, Step::By(1), found.len().saturating_sub(1)),
        Press::Previous => *cursor = moves::moved(*cursor, Step::By(-1), found.len()),
        Press::Enter => match found.get(*cursor) {
            Some(chosen) => {
                let action = chosen.action;
                // The list has the keys again: what was chosen acts on what is selected there.
                return keys::act(app, action, out);
            }
            None => prompt.fault = Some("no action of that name".into()),
        },
        _ => {
            if edit(line, event) {
                typed(app, &mut prompt);
            } else if line.is_empty() && event.code == KeyCode::Backspace {
                return;
            }
        }
    }
    app.prompt = Some(prompt);
}
