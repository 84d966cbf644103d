//! What a colour can mean. Widgets name meanings; only a theme's file names colours.

macro_rules! meanings {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)*) => {
        /// What something on the screen means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Meaning { $($(#[doc = $doc])+ $variant,)* }

        impl Meaning {
            pub const ALL: &'static [Meaning] = &[$(Meaning::$variant,)*];
            /// The words of `[meanings]` in a theme's file, in the order of [`Meaning::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The word in a theme's file.
            pub fn as_str(self) -> &'static str {
                Self::WORDS[self as usize]
            }

            /// What it is for, as the starter theme explains it.
            pub fn in_words(self) -> &'static str {
                match self { $(Meaning::$variant => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

meanings! {
    /// The screen behind everything; only its `bg` counts.
    Background = "background",
    /// What lies over the screen: palette, help, confirms; only its `bg` counts.
    Popup = "popup",
    /// The row under the cursor: its `bg`, and its `fg` where the whole row is to have one.
    Selected = "selected",
    /// A row marked for a bulk action.
    Marked = "marked",
    /// Plain text.
    Text = "text",
    /// What may be overlooked.
    Muted = "muted",
    /// Heads of columns and sections.
    Heading = "heading",
    /// Frames.
    Border = "border",
    /// The frame of the pane that has the keys.
    BorderActive = "border_active",
    /// What a frame says.
    Title = "title",
    /// A screen's name in the header.
    Tab = "tab",
    /// The name of the screen that is shown.
    TabActive = "tab_active",
    /// A key to press.
    Key = "key",
    /// The letters that a search found.
    Match = "match",
    /// What is being typed.
    Input = "input",
    /// Tier A: booked.
    TierA = "tier_a",
    /// Tier B: priority callback.
    TierB = "tier_b",
    /// Tier C: standard callback.
    TierC = "tier_c",
    /// Tier D: answered.
    TierD = "tier_d",
    /// A clock with more than half of its time left.
    Waiting = "waiting",
    /// A clock with half of its time gone.
    DueHalf = "due_half",
    /// A clock with four fifths of its time gone.
    Due = "due",
    /// A clock that has run out.
    PastDue = "past_due",
    /// What a deal may be worth.
    Value = "value",
    /// The number to ring.
    Number = "number",
    /// Somebody else holds it.
    Claimed = "claimed",
    /// You hold it.
    Mine = "mine",
    /// Asked for and not yet confirmed.
    Pending = "pending",
    /// Left over from the day it was to be worked on.
    CarriedOver = "carried_over",
    /// Fresh from the server.
    Live = "live",
    /// The line is being mended.
    Reconnecting = "reconnecting",
    /// What is shown comes from the cache.
    Offline = "offline",
    /// The part of a gauge that is done.
    Gauge = "gauge",
    /// The part of a gauge that is left.
    GaugeRest = "gauge_rest",
    /// It worked.
    Success = "success",
    /// Take care.
    Warning = "warning",
    /// It failed, or it cannot be undone.
    Danger = "danger",
}

impl Meaning {
    pub const COUNT: usize = Self::ALL.len();

    /// Reads the word of a theme's file; `None` for an unknown one.
    pub fn read(word: &str) -> Option<Meaning> {
        Self::WORDS.iter().position(|known| *known == word).map(|at| Self::ALL[at])
    }

    /// Whether it stands behind text rather than being text.
    pub fn is_surface(self) -> bool {
        matches!(self, Meaning::Background | Meaning::Popup | Meaning::Selected)
    }
}
