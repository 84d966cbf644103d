//! The whole state of the console. It has one owner, the loop; [`super::update::update`] alone changes it; views read it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ratatui::layout::{Rect, Size};
use serde::{Deserialize, Serialize};

use super::{
    action::{Action, Context},
    journal::JournalScreen,
    keymap::Keymap,
    leads::Leads,
    list::{List, Viewport},
    msg::{Kept, Op, Request},
    notices::Told,
    prompt::{Person, Prompt},
    recent::Recent,
    row::Row,
};
use crate::{
    domain::{
        ids::{LeadId, RepId, Seq},
        person::Role,
        queue::View,
        tier::Tier,
    },
    wire,
};

/// What fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    Queue(View),
    Journal,
}

impl Screen {
    /// The screens that have a tab and a digit, in their order. Digits 4 (Team) and 5 (Numbers) are theirs when they come.
    pub const TABS: [(char, Screen); 4] = [
        ('1', Screen::Queue(View::Overnight)),
        ('2', Screen::Queue(View::Callbacks)),
        ('3', Screen::Queue(View::Mine)),
        ('6', Screen::Journal),
    ];

    pub fn title(self) -> &'static str {
        match self {
            Screen::Queue(View::Overnight) => "Overnight",
            Screen::Queue(View::Callbacks) => "Callbacks",
            Screen::Queue(View::Booked) => "Booked",
            Screen::Queue(View::Answers) => "Answers",
            Screen::Queue(View::Partnerships) => "Partnerships",
            Screen::Queue(View::General) => "General",
            Screen::Queue(View::Mine) => "Mine",
            Screen::Queue(View::All) => "All",
            Screen::Journal => "Journal",
        }
    }
}

/// Who sits here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Me {
    pub id: RepId,
    pub name: String,
    pub role: Role,
}

/// The line to the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// The first try of this run.
    Connecting {
        since: Timestamp,
    },
    Live {
        since: Timestamp,
    },
    /// It went at `since`, or never came up in this run; the next try is at `retry_at`.
    Down {
        since: Timestamp,
        retry_at: Timestamp,
        why: String,
        was_live: bool,
    },
    /// It was turned away: a wrong token.
    Refused {
        since: Timestamp,
        why: String,
    },
}

/// What the header says about the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkShown {
    Connecting,
    Live,
    /// Since so many seconds.
    Reconnecting(i64),
    /// What is shown was true then; `None` where nothing was ever there.
    Offline(Option<Timestamp>),
    /// The same, because the server cannot reach its database.
    Stale(Option<Timestamp>),
}

/// Something a person asked for that the server has not confirmed yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub lead: LeadId,
    pub name: String,
    pub request: Request,
    pub since: Timestamp,
}

/// A change of ours that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Done {
    pub lead: LeadId,
    pub name: String,
    /// "claim", "connected", …
    pub what: &'static str,
}

/// What a row says is under way, most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnderWay {
    Claiming,
    Releasing,
    Reassigning,
    Undoing,
    /// Notes and outcomes wait in the outbox.
    Waiting,
    /// The server refused a note or an outcome.
    Refused,
}

/// How a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Info,
    Good,
    Warning,
    Bad,
}

/// A message that goes by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub weight: Weight,
    /// May hold words of strangers.
    pub text: String,
    pub at: Timestamp,
    pub until: Timestamp,
}

/// What lies over the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// The keys of the context it was opened in: see [`App::help`].
    Help { of: Context, scroll: usize },
    /// The reason for tier, owner and due time.
    Why { lead: LeadId, scroll: usize },
    /// Kept notes and outcomes.
    Outbox { cursor: usize },
    /// The number, large, to dial by hand.
    Call { lead: LeadId },
}

/// The detail beside or over the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetailState {
    /// It has the keys; on a narrow screen it lies over the list.
    pub focused: bool,
    /// First line shown.
    pub scroll: usize,
}

/// Where things are on the last frame: the views' answer to the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    /// The rows of the list or of the journal, without headings and borders.
    pub list: Rect,
    /// The place of the first row shown.
    pub first: usize,
    /// The text of the detail, without borders; empty where it is not on the screen.
    pub detail: Rect,
    /// Lines that the detail has.
    pub detail_lines: usize,
    /// The text of the overlay, without borders.
    pub overlay: Rect,
    pub overlay_lines: usize,
    pub tabs: Vec<(Rect, Screen)>,
}

/// What is fixed for a run.
#[derive(Clone, Debug)]
pub struct Options {
    pub keymap: Keymap,
    /// Names of the themes, in the order in which `T` goes through them.
    pub themes: Vec<String>,
    /// The theme to start with: a place in `themes`.
    pub theme: usize,
    pub mouse: bool,
    pub bell: bool,
    pub desktop: bool,
    pub readonly: bool,
    /// An outcome must be logged before the next call: the wrap-up bar cannot be left.
    pub require_outcome: bool,
    /// Where a lead is found by a browser, for the link that `y` copies.
    pub server: String,
}

/// The state.
#[derive(Debug)]
pub struct App {
    pub options: Options,
    /// Our machine's time at the message handled last.
    pub(super) local: Timestamp,
    /// The server's clock less ours.
    pub skew: SignedDuration,
    pub size: Size,
    pub focused: bool,
    pub mouse: bool,
    pub muted: bool,
    pub theme: usize,

    pub me: Option<Me>,
    pub business: Option<wire::Business>,
    /// The business's zone.
    pub tz: TimeZone,
    pub link: Link,
    /// The line is down because the server cannot reach its database.
    pub database_away: bool,
    /// When what is shown was last known to be true.
    pub as_of: Option<Timestamp>,
    /// The journal's head that we have.
    pub seq: Seq,
    /// The whole queue is coming: what of it has been seen.
    pub(super) reload: Option<HashSet<LeadId>>,
    /// While the cache still hands its rows over: what has been closed meanwhile. `None` once its rows are of no more use.
    pub(super) gone: Option<HashSet<LeadId>>,
    /// By view and tier, from the cache, until its rows are here.
    pub(super) counted: Option<Vec<(View, [usize; 4])>>,
    /// The first rows are there, from cache or server.
    pub loaded: bool,

    pub leads: Leads,
    pub lists: Vec<List>,
    pub screen: Screen,
    pub journal: JournalScreen,
    pub detail: DetailState,
    /// Full leads and histories seen lately.
    pub recent: Recent,
    pub team: Vec<Person>,

    pub prompt: Option<Prompt>,
    pub overlay: Option<Overlay>,
    pub toasts: VecDeque<Toast>,
    pub marks: BTreeSet<LeadId>,
    /// Half-typed notes.
    pub drafts: HashMap<LeadId, String>,
    /// The last thing found with `/`.
    pub needle: String,

    pub(super) next_op: Op,
    pub pending: BTreeMap<Op, Pending>,
    /// Oldest first.
    pub outbox: Vec<Kept>,
    /// What `u` takes back, newest last.
    pub(super) done: Vec<Done>,
    /// The lead whose detail was asked for last.
    pub(super) followed: Option<LeadId>,
    /// When the server last said who we are and whether the business is open.
    pub(super) greeted: Timestamp,
    /// The line has been asked for.
    pub(super) connecting: bool,
    /// The terminal's title as set last.
    pub(super) title: String,
    /// The tab to go back to from a screen without one.
    pub(super) tab: Screen,
    /// What has been told, once each.
    pub(super) told: Told,

    /// Where things were on the last frame.
    pub geometry: Geometry,
    pub(super) dirty: bool,
    pub quitting: bool,
}

impl App {
    /// An empty console, before anything is known.
    pub fn new(options: Options, local: Timestamp, size: Size) -> App {
        App {
            local,
            skew: SignedDuration::ZERO,
            size,
            focused: true,
            mouse: options.mouse,
            muted: false,
            theme: options.theme,
            options,
            me: None,
            business: None,
            tz: TimeZone::UTC,
            link: Link::Connecting { since: local },
            database_away: false,
            as_of: None,
            seq: 0,
            reload: None,
            gone: Some(HashSet::new()),
            counted: None,
            loaded: false,
            leads: Leads::default(),
            lists: View::ALL.into_iter().map(List::new).collect(),
            screen: Screen::Queue(View::Overnight),
            journal: JournalScreen::default(),
            detail: DetailState::default(),
            recent: Recent::default(),
            team: Vec::new(),
            prompt: None,
            overlay: None,
            toasts: VecDeque::new(),
            marks: BTreeSet::new(),
            drafts: HashMap::new(),
            needle: String::new(),
            next_op: 0,
            pending: BTreeMap::new(),
            outbox: Vec::new(),
            done: Vec::new(),
            followed: None,
            greeted: local,
            connecting: false,
            title: String::new(),
            tab: Screen::Queue(View::Overnight),
            told: Told::default(),
            geometry: Geometry::default(),
            dirty: true,
            quitting: false,
        }
    }

    /// The time as the server sees it.
    pub fn now(&self) -> Timestamp {
        self.local.checked_add(self.skew).unwrap_or(self.local)
    }

    pub fn my_id(&self) -> Option<&RepId> {
        self.me.as_ref().map(|me| &me.id)
    }

    pub fn is_supervisor(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.role == Role::Supervisor)
    }

    /// What the header says about the line.
    pub fn link_shown(&self) -> LinkShown {
        const PATIENCE: SignedDuration = SignedDuration::from_secs(10);
        match &self.link {
            Link::Connecting { .. } => LinkShown::Connecting,
            Link::Live { .. } => LinkShown::Live,
            Link::Refused { .. } => LinkShown::Offline(self.as_of),
            Link::Down { .. } if self.database_away => LinkShown::Stale(self.as_of),
            Link::Down { since, was_live, .. } => {
                let gone = self.local.duration_since(*since);
                if gone < PATIENCE && *was_live {
                    LinkShown::Reconnecting(gone.as_secs().max(0))
                } else {
                    LinkShown::Offline(self.as_of)
                }
            }
        }
    }

    pub fn is_live(&self) -> bool {
        matches!(self.link, Link::Live { .. })
    }

    /// The list on the screen; `None` on the journal.
    pub fn list(&self) -> Option<&List> {
        match self.screen {
            Screen::Queue(view) => self.list_of(view),
            Screen::Journal => None,
        }
    }

    pub fn list_of(&self, view: View) -> Option<&List> {
        self.lists.iter().find(|list| list.view == view)
    }

    /// What a window of `height` lines shows of the list on the screen.
    pub fn viewport(&self, height: usize) -> Option<Viewport<'_>> {
        Some(self.list()?.viewport(&self.leads, height))
    }

    /// The selected lead: the list's, or the one the selected entry of the journal is about.
    pub fn selected(&self) -> Option<LeadId> {
        match self.screen {
            Screen::Queue(_) => self.list()?.selected(),
            Screen::Journal => {
                self.journal.selected_entry()?.lead.as_ref().map(|lead| LeadId(lead.id))
            }
        }
    }

    pub fn selected_row(&self) -> Option<&Row> {
        self.leads.get(self.selected()?)
    }

    /// The full lead, if it is at hand; it comes by itself a moment later if not.
    pub fn full(&self, id: LeadId) -> Option<&Arc<wire::Lead>> {
        self.recent.lead(id)
    }

    /// How many leads of a tier stand in a view.
    pub fn count(&self, view: View, tier: Tier) -> usize {
        let counted = self.counted.iter().flatten().find(|(counted, _)| *counted == view);
        match counted {
            Some((_, tiers)) => tiers[tier as usize],
            None => self.list_of(view).map_or(0, |list| list.count(tier)),
        }
    }

    /// How many leads stand in a view.
    pub fn total(&self, view: View) -> usize {
        Tier::ALL.iter().map(|tier| self.count(view, *tier)).sum()
    }

    /// What is under way with a lead.
    pub fn under_way(&self, id: LeadId) -> Option<UnderWay> {
        let asked = self.pending.values().rev().find(|pending| pending.lead == id);
        if let Some(pending) = asked {
            return Some(match pending.request {
                Request::Claim { .. } => UnderWay::Claiming,
                Request::Release => UnderWay::Releasing,
                Request::Reassign { .. } => UnderWay::Reassigning,
                Request::Undo => UnderWay::Undoing,
            });
        }
        let kept = self.outbox.iter().filter(|kept| kept.lead == id);
        kept.map(|kept| match kept.refused {
            Some(_) => UnderWay::Refused,
            None => UnderWay::Waiting,
        })
        .max_by_key(|state| *state == UnderWay::Refused)
    }

    /// Where keys go.
    pub fn context(&self) -> Context {
        if self.prompt.is_some() {
            Context::Prompt
        } else if self.overlay.is_some() {
            Context::Overlay
        } else {
            self.screen_context()
        }
    }

    /// Where keys go once what lies over the screen is gone.
    pub fn screen_context(&self) -> Context {
        match self.screen {
            _ if self.detail.focused => Context::Detail,
            Screen::Journal => Context::Journal,
            Screen::Queue(_) => Context::List,
        }
    }

    /// The keys of a context with their actions, in the order of help. An action without a key has none.
    pub fn help(&self, context: Context) -> Vec<(Action, Vec<String>)> {
        Action::ALL
            .iter()
            .filter(|action| action.is_heard_in(context))
            .map(|action| (*action, self.options.keymap.keys_of(*action)))
            .collect()
    }

    /// The footer's keys for where we are: key and word, the most useful first. A prompt's own keys while one is open.
    pub fn footer(&self) -> Vec<(String, &'static str)> {
        use Action as A;
        if let Some(prompt) = &self.prompt {
            return prompt.keys().iter().map(|(key, word)| ((*key).to_owned(), *word)).collect();
        }
        let wanted: &[Action] = match self.context() {
            Context::List | Context::Detail => &[
                A::Call,
                A::Claim,
                A::Outcome,
                A::Note,
                A::Schedule,
                A::Copy,
                A::Why,
                A::Undo,
                A::Find,
                A::Palette,
                A::Help,
            ],
            Context::Journal => &[A::Open, A::Filter, A::Find, A::Palette, A::Help],
            Context::Overlay => match self.overlay {
                Some(Overlay::Outbox { .. }) => &[A::Back, A::Retry, A::Dismiss],
                Some(Overlay::Call { .. }) => &[A::Back, A::Outcome, A::Note, A::Copy],
                _ => &[A::Back, A::Down, A::Up],
            },
            Context::Prompt => &[],
        };
        wanted
            .iter()
            .filter(|action| !(self.options.readonly && action.writes()))
            .filter_map(|action| {
                let key = self.options.keymap.keys_of(*action).into_iter().next()?;
                Some((key, action.short()))
            })
            .collect()
    }

    /// The theme in use.
    pub fn theme_name(&self) -> &str {
        self.options.themes.get(self.theme).map_or("", String::as_str)
    }
}
