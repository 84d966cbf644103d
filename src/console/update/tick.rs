//! The second that turned, and what somebody must be told: once for each thing.

use jiff::{SignedDuration, Timestamp};

use crate::{
    console::{
        app::{App, Weight},
        list::{Eyes, List},
        msg::{Effect, Notice},
        notices::Matter,
        notify,
        row::Row,
        words,
    },
    domain::{queue::View, tier::Tier},
    wire,
};

/// How long before a claim goes back its holder is told.
const LEASE_WARNING: SignedDuration = SignedDuration::from_secs(60);
/// What fell due longer ago was not missed by a blink: it is on the screen.
const OLD_NEWS: SignedDuration = SignedDuration::from_secs(120);
/// How often the server's clock and hours are asked for.
const GREET_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How often lists whose filter depends on the time are looked through again.
const REFILTER_SECONDS: i64 = 5;

pub(super) fn tick(app: &mut App, out: &mut Vec<Effect>) {
    let local = app.local;
    app.toasts.retain(|toast| local < toast.until);
    if app.is_live() {
        app.as_of = Some(app.now());
    }
    opening(app, out);
    due(app, out);
    if app.now().as_second() % REFILTER_SECONDS == 0 {
        refilter(app);
    }
    title(app, out);
}

/// At opening and at closing time, what we know of the business's hours is old; and now and then its clock is compared, for
/// ours may have been set meanwhile.
fn opening(app: &mut App, out: &mut Vec<Effect>) {
    let now = app.now();
    let live = app.is_live();
    let long_ago = app.local.duration_since(app.greeted) >= GREET_EVERY;
    if live && long_ago {
        app.greeted = app.local;
        out.push(Effect::AskHello);
    }
    let Some(business) = &mut app.business else { return };
    let turned = if business.open_now { business.closes_at } else { business.opens_at };
    if turned.is_some_and(|at| at <= now) {
        business.open_now = !business.open_now;
        // Both are asked for anew; until the answer is here nothing turns twice.
        business.opens_at = business.opens_at.filter(|at| *at > now);
        business.closes_at = business.closes_at.filter(|at| *at > now);
        if live && !out.contains(&Effect::AskHello) {
            out.push(Effect::AskHello);
        }
    }
}

/// What of mine falls due, and claims about to go back.
fn due(app: &mut App, out: &mut Vec<Effect>) {
    let Some(me) = app.my_id().cloned() else { return };
    let now = app.now();
    let mut told = std::mem::take(&mut app.told);
    let mut news = Vec::new();
    let mine = app.list_of(View::Mine).into_iter().flat_map(|list| list.everything(&app.leads));
    for (_, row) in mine {
        let just = |at: &Timestamp| *at <= now && now.duration_since(*at) < OLD_NEWS;
        let wished = row.callback_at().filter(just);
        if let Some(at) = wished.or_else(|| row.due_at().filter(just))
            && told.first(row.id, Matter::Due, at)
        {
            let name = row.called();
            news.push(match wished {
                Some(_) => format!("{name} wished to be rung now"),
                None => format!("{name} is due now"),
            });
        }
        if let Some(until) = row.lease_until().filter(|_| row.is_held_by(&me)) {
            let left = until.duration_since(now);
            if left.is_positive()
                && left <= LEASE_WARNING
                && told.first(row.id, Matter::LeaseEnds, until)
            {
                news.push(format!(
                    "{} goes back to the queue in {} s",
                    row.called(),
                    left.as_secs()
                ));
            }
        }
    }
    app.told = told;
    news.into_iter().for_each(|said| notice(app, Weight::Warning, said, out));
}

fn refilter(app: &mut App) {
    let eyes = Eyes::of(&app.me, app.now());
    for list in &mut app.lists {
        if list.filter().is_some_and(|filter| filter.depends_on_time()) {
            list.refilter(&app.leads, eyes);
        }
    }
}

/// The terminal's title: `(3B 1!) ringback` for three free Bs, one of them past due.
fn title(app: &mut App, out: &mut Vec<Effect>) {
    let now = app.now();
    let (mut free, mut late) = (0, 0);
    for view in [View::Overnight, View::Callbacks] {
        let leads = app.list_of(view).into_iter().flat_map(|list| list.everything(&app.leads));
        // Bs stand first in both.
        for (_, row) in leads.take_while(|(_, row)| row.tier == Tier::B) {
            if row.holder.is_none() {
                free += 1;
                late += usize::from(row.due_at().is_some_and(|due| due <= now));
            }
        }
    }
    let title = notify::title(free, late);
    if app.title != title {
        app.title.clone_from(&title);
        out.push(Effect::Title(title));
    }
}

/// A new B in hours is for everybody here.
pub(super) fn arrived(app: &mut App, before: Option<&Row>, row: &Row, out: &mut Vec<Effect>) {
    let open = app.business.as_ref().is_some_and(|business| business.open_now);
    let became_b = before.is_none_or(|before| before.tier != Tier::B);
    if row.tier == Tier::B
        && open
        && became_b
        && row.holder.is_none()
        && app.leads.get(row.id).is_some()
        && app.told.first(row.id, Matter::Arrived, row.ended_at())
    {
        let said = format!("New B: {}, {}", row.called(), row.wants());
        notice(app, Weight::Warning, said, out);
    }
}

/// Somebody else, or the clock, took from me what I held.
pub(super) fn lost(
    app: &mut App,
    entry: &wire::Entry,
    before: Option<&Row>,
    row: &Row,
    out: &mut Vec<Effect>,
) {
    let Some(me) = app.my_id().cloned() else { return };
    if !before.is_some_and(|before| before.is_held_by(&me)) || row.is_held_by(&me) {
        return;
    }
    let said = match entry.actor.person() {
        Some(person) => format!("{}: {} {}", row.called(), person.name, words::did(entry)),
        None => format!("{} went back to the queue: the claim ran out", row.called()),
    };
    notice(app, Weight::Bad, said, out);
}

/// Tells this person something: a toast, the bell, and the desktop where they look elsewhere.
fn notice(app: &mut App, weight: Weight, said: String, out: &mut Vec<Effect>) {
    app.toast(weight, said.clone());
    ring(app, out);
    if !app.focused && !app.muted && app.options.desktop {
        out.push(Effect::Notify(Notice { title: "ringback".into(), body: said, urgent: true }));
    }
}

/// The bell, once for whatever comes in one message.
pub(super) fn ring(app: &App, out: &mut Vec<Effect>) {
    if app.options.bell && !app.muted && !out.contains(&Effect::Ring) {
        out.push(Effect::Ring);
    }
}

impl List {
    /// All rows of this view in their order, filtered out or not.
    fn everything<'a>(
        &'a self,
        leads: &'a crate::console::leads::Leads,
    ) -> impl Iterator<Item = (usize, &'a Row)> {
        self.all_slots().iter().filter_map(|slot| leads.at(*slot)).enumerate()
    }
}
