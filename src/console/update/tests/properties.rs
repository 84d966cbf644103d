//! Whatever comes, in whatever order: nothing panics, and what must hold holds.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use jiff::SignedDuration;
use proptest::prelude::*;
use ratatui::layout::Rect;

use crate::{
    console::{
        app::{App, Geometry, Overlay},
        list::List,
        msg::{
            Changed, Effect, Failure, FromCache, FromServer, Kept, LineNews, Msg, Request, Write,
        },
        prompt::PromptKind,
        testing::{self, any_lead, at, live, offline},
        update::update,
    },
    domain::{ids::LeadId, journal::Actor, person::Role, queue::View},
};

const KEYS: &[&str] = &[
    "j", "k", "g", "G", "c", "r", "o", "a", "s", "d", "y", "w", "u", "R", "K", "P", "/", "f", ":",
    "n", "N", "?", "T", "m", "M", "x", "D", "U", "1", "2", "3", "6", "9", "0", "+", "h", "l", "b",
];

fn any_key() -> impl Strategy<Value = KeyEvent> {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    prop_oneof![
        8 => proptest::sample::select(KEYS).prop_map(move |key| {
            plain(KeyCode::Char(key.chars().next().unwrap_or('j')))
        }),
        2 => any::<char>().prop_map(move |c| plain(KeyCode::Char(c))),
        4 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace,
            KeyCode::Up, KeyCode::Down, KeyCode::PageDown, KeyCode::PageUp, KeyCode::Home,
            KeyCode::End, KeyCode::Char(' '), KeyCode::Char('y'), KeyCode::Delete,
        ]).prop_map(plain),
        2 => proptest::sample::select(vec!['d', 'u', 'f', 'p', 'n', 'w', 'k', 'r', 'l', 'h'])
            .prop_map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)),
    ]
}

fn any_mouse() -> impl Strategy<Value = MouseEvent> {
    let kind = proptest::sample::select(vec![
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Moved,
    ]);
    (kind, 0..130_u16, 0..40_u16).prop_map(|(kind, column, row)| MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    })
}

fn any_actor() -> impl Strategy<Value = Actor> {
    proptest::sample::select(vec![
        Actor::Person(testing::person("Priya")),
        Actor::Person(testing::person("Tom")),
        Actor::Clock,
        Actor::Operator,
    ])
}

fn any_failure() -> impl Strategy<Value = Failure> {
    proptest::sample::select(vec![
        Failure::Claimed { by: testing::person("Tom"), at: at(testing::MORNING) },
        Failure::Refused { status: 409, why: "The lead is closed.".into() },
        Failure::Unreachable("nobody listens there".into()),
    ])
}

fn any_answer() -> impl Strategy<Value = Result<Box<Changed>, Failure>> {
    prop_oneof![
        any_lead().prop_map(|lead| {
            let row = testing::row(&lead);
            Ok(Box::new(Changed { lead: Arc::new(lead), row }))
        }),
        any_failure().prop_map(Err),
    ]
}

fn kept(lead: LeadId, refused: bool) -> Kept {
    Kept {
        key: testing::uuid(9_000 + u128::from(refused)),
        lead,
        name: "Alex".into(),
        by: testing::me(Role::Rep).id,
        write: Write::Note { text: "hello".into() },
        at: at(testing::MORNING),
        refused: refused.then(|| "no".into()),
    }
}

fn any_server() -> impl Strategy<Value = FromServer> {
    prop_oneof![
        8 => (90..200_i64, any_actor(), any_lead(), proptest::sample::select(vec![
            "lead.arrived", "lead.claimed", "lead.released", "lead.closed", "lead.touched", "lead.new",
        ])).prop_map(|(seq, actor, lead, kind)| {
            let row = Some(Box::new(testing::row(&lead)));
            FromServer::Entry { entry: testing::entry(seq, actor, kind, Some(lead)).into(), row }
        }),
        2 => (0..12_u64, any_answer()).prop_map(|(op, answer)| {
            let lead = match &answer {
                Ok(changed) => changed.row.id,
                Err(_) => LeadId(testing::uuid(1)),
            };
            FromServer::Answer { op, lead, answer }
        }),
        1 => (any_lead(), any_answer()).prop_map(|(lead, answer)| {
            FromServer::Sent { kept: Box::new(kept(LeadId(lead.id), false)), answer }
        }),
        1 => Just(FromServer::ReloadStarted),
        1 => proptest::collection::vec(any_lead(), 0..80)
            .prop_map(|leads| FromServer::ReloadPage(leads.iter().map(testing::row).collect())),
        1 => (90..200_i64).prop_map(|seq| FromServer::ReloadDone { seq, as_of: at(testing::MORNING) }),
        1 => Just(FromServer::Line(LineNews::Up)),
        1 => Just(FromServer::Line(LineNews::Down {
            why: "gone".into(), retry_at: at(testing::MORNING),
        })),
        1 => (-5_000..5_000_i64).prop_map(|ms| FromServer::Skew(SignedDuration::from_millis(ms))),
        1 => any::<bool>().prop_map(|lead| FromServer::Hello {
            me: testing::me(if lead { Role::Supervisor } else { Role::Rep }),
            business: testing::business(),
        }),
        1 => any_failure().prop_map(|failure| FromServer::Team(Err(failure))),
    ]
}

fn any_msg() -> impl Strategy<Value = Msg> {
    prop_oneof![
        30 => any_key().prop_map(Msg::Key),
        2 => any_mouse().prop_map(Msg::Mouse),
        1 => "\\PC{0,20}\n\\PC{0,5}".prop_map(Msg::Paste),
        1 => (0..200_u16, 0..60_u16).prop_map(|(w, h)| Msg::Resize(w, h)),
        1 => any::<bool>().prop_map(Msg::Focus),
        4 => Just(Msg::Tick),
        2 => (0..20_u16, 0..40_usize).prop_map(|(height, first)| Msg::Drawn(Geometry {
            list: Rect::new(0, 2, 60, height),
            first,
            detail: Rect::new(60, 2, 60, height),
            detail_lines: 60,
            overlay: Rect::new(20, 2, 60, height),
            overlay_lines: 90,
            tabs: Vec::new(),
        })),
        14 => any_server().prop_map(Msg::Server),
        1 => proptest::collection::vec(any_lead(), 0..80).prop_map(|leads| {
            Msg::Cache(FromCache::Rows(leads.iter().map(testing::row).collect()))
        }),
        1 => Just(Msg::Cache(FromCache::Loaded)),
        1 => any_lead().prop_map(|lead| Msg::Cache(FromCache::Leads {
            missing: vec![LeadId(lead.id)], found: vec![Arc::new(lead)],
        })),
        1 => (any_lead(), any::<bool>())
            .prop_map(|(lead, refused)| Msg::Outbox(vec![kept(LeadId(lead.id), refused)])),
    ]
}

/// What must hold of the state, whatever happened.
fn check(app: &App) {
    for list in app.lists.iter().filter(|list| list.is_built()) {
        check_list(app, list);
    }
    if let Some(prompt) = &app.prompt
        && let Some(target) = prompt.target()
    {
        assert!(!target.leads().is_empty(), "a prompt about nobody: {prompt:?}");
    }
    if let Some(prompt) = &app.prompt {
        let (cursor, length) = match &prompt.kind {
            PromptKind::Palette { found, cursor, .. } => (*cursor, found.len()),
            PromptKind::Copy { choices, cursor, .. } => (*cursor, choices.len()),
            PromptKind::Reassign { choices, cursor, .. } => (*cursor, choices.len()),
            _ => (0, 0),
        };
        assert!(cursor == 0 || cursor < length, "the cursor is outside: {prompt:?}");
    }
    if let Some(Overlay::Outbox { cursor }) = app.overlay {
        assert!(cursor == 0 || cursor < app.outbox.len().max(1));
    }
    assert!(app.toasts.len() <= 4);
}

fn check_list(app: &App, list: &List) {
    let height = usize::from(app.geometry.list.height);
    let view = list.viewport(&app.leads, height);
    assert_eq!(
        list.selected().is_none(),
        list.is_empty(),
        "a selection exists or the list is empty"
    );
    if let (Some(id), Some(place)) = (list.selected(), list.position()) {
        assert_eq!(
            list.at(&app.leads, place).map(|row| row.id),
            Some(id),
            "selected and place agree"
        );
        if height > 0 {
            let line = view.selected.expect("the selected lead is in the window");
            assert_eq!(view.rows[line].id, id);
        }
    }
    // Everything that belongs to the view is in it once and in its order, and nothing else.
    let me = app.my_id();
    let expected = app.leads.iter().filter(|(_, row)| list.view.shows(&row.standing(), me)).count();
    assert_eq!(list.total(), expected, "{:?}", list.view);
    let keys: Vec<_> = list
        .all_slots()
        .iter()
        .filter_map(|slot| app.leads.at(*slot))
        .map(|row| list.view.key(&row.standing()))
        .collect();
    assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{:?} is in order", list.view);
    let tiers: usize = crate::domain::tier::Tier::ALL.iter().map(|tier| list.count(*tier)).sum();
    assert_eq!(tiers, expected);
}

/// What must hold of effects: nobody is claimed or written to but who was asked for.
fn check_effects(app: &App, before: Option<LeadId>, out: &[Effect]) {
    for effect in out {
        match effect {
            Effect::Request { op, lead, request } => {
                let pending = app.pending.get(op).expect("what is asked is shown as under way");
                assert_eq!((pending.lead, &pending.request), (*lead, request));
                if matches!(request, Request::Claim { take_over: false }) {
                    assert_eq!(before, Some(*lead), "a claim is of the lead that was selected");
                }
            }
            Effect::Keep { lead, .. } => {
                assert!(app.outbox.iter().any(|kept| kept.lead == *lead));
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_the_invariants_hold(
        start in proptest::collection::vec(any_lead(), 0..40),
        is_live in any::<bool>(),
        msgs in proptest::collection::vec(any_msg(), 1..120),
    ) {
        let mut app = if is_live { live(&start, Role::Supervisor) } else { offline(&start) };
        check(&app);
        let mut now = at(testing::MORNING);
        for msg in msgs {
            now += SignedDuration::from_millis(700);
            let target = match (&app.prompt, app.overlay.as_ref()) {
                (None, Some(Overlay::Call { lead } | Overlay::Why { lead, .. })) => Some(*lead),
                _ => app.selected(),
            };
            let out = update(&mut app, now, msg);
            check(&app);
            check_effects(&app, target, &out);
        }
        let view = app.list().map_or(View::All, |list| list.view);
        prop_assert!(app.list_of(view).is_some());
    }
}
