//! Everything a key can mean. One list: the keymap, the help, the footer and the palette are all made from it.

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A queue: Overnight, Callbacks, Mine, …
    List,
    /// The detail has the keys: they scroll it.
    Detail,
    /// The journal.
    Journal,
    /// Something lies over the screen: help, why, outbox, the number to ring.
    Overlay,
    /// A line is being typed, a choice is being made. Its keys are fixed and shown with it.
    Prompt,
}

/// What of the screen an action belongs to: help and palette are grouped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    Lead,
    Move,
    Look,
    Screens,
    Console,
}

impl Group {
    pub const ALL: [Group; 5] =
        [Group::Lead, Group::Move, Group::Look, Group::Screens, Group::Console];

    /// The heading over its actions.
    pub fn title(self) -> &'static str {
        match self {
            Group::Lead => "This lead",
            Group::Move => "Moving",
            Group::Look => "Looking",
            Group::Screens => "Screens",
            Group::Console => "Console",
        }
    }
}

use Context::{Detail, Journal, List, Overlay};

const QUEUE: &[Context] = &[List, Detail];
const SCREEN: &[Context] = &[List, Detail, Journal];
const ANY: &[Context] = &[List, Detail, Journal, Overlay];

macro_rules! actions {
    ($($variant:ident, $name:literal, $short:literal, $group:ident, $contexts:expr, $sentence:literal;)*) => {
        /// What a key can mean.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($variant,)* }

        impl Action {
            /// In the order in which help shows them.
            pub const ALL: &'static [Action] = &[$(Action::$variant,)*];

            /// The word for it in `console.toml`.
            pub fn name(self) -> &'static str {
                match self { $(Action::$variant => $name,)* }
            }

            /// The word for it in the footer.
            pub fn short(self) -> &'static str {
                match self { $(Action::$variant => $short,)* }
            }

            /// What it does, in a sentence, for help and palette.
            pub fn sentence(self) -> &'static str {
                match self { $(Action::$variant => $sentence,)* }
            }

            pub fn group(self) -> Group {
                match self { $(Action::$variant => Group::$group,)* }
            }

            /// Where its key is heard.
            pub fn contexts(self) -> &'static [Context] {
                match self { $(Action::$variant => $contexts,)* }
            }
        }
    };
}

actions! {
    Call, "call", "call", Lead, QUEUE,
        "Claims the lead and shows its number large, copied and ready to dial on your own phone.";
    Claim, "claim", "claim", Lead, QUEUE, "Makes the lead yours; whoever was first has it.";
    Release, "release", "give back", Lead, QUEUE, "Gives your lead back to the queue.";
    Outcome, "outcome", "outcome", Lead, &[List, Detail, Overlay],
        "Logs what came of it: one digit, a note if you like. Works on all marked leads at once.";
    Note, "note", "note", Lead, &[List, Detail, Overlay], "Adds a note to the lead.";
    Schedule, "schedule", "later", Lead, QUEUE,
        "Schedules a callback: 16:00, tomorrow 9, +2h, fri 14:30.";
    Copy, "copy", "copy", Lead, &[List, Detail, Overlay],
        "Copies the number, a briefing, or a link to the lead.";
    Why, "why", "why", Lead, QUEUE, "Shows why the lead has its tier, owner and due time.";
    Undo, "undo", "undo", Lead, &[List, Detail, Journal, Overlay],
        "Takes back your last claim, release, outcome or schedule while nothing has come after it.";
    Reassign, "reassign", "reassign", Lead, QUEUE,
        "Gives the lead, or all marked ones, to somebody else (supervisors).";
    TakeOver, "take-over", "take over", Lead, QUEUE,
        "Takes the lead from whoever holds it (supervisors).";
    Mark, "mark", "mark", Lead, QUEUE, "Marks the lead, for one outcome or reassignment of many.";
    Unmark, "unmark", "unmark all", Lead, QUEUE, "Takes all marks away.";

    Down, "down", "down", Move, ANY, "Moves down.";
    Up, "up", "up", Move, ANY, "Moves up.";
    HalfPageDown, "half-page-down", "half a page down", Move, ANY, "Moves down by half a page.";
    HalfPageUp, "half-page-up", "half a page up", Move, ANY, "Moves up by half a page.";
    PageDown, "page-down", "page down", Move, ANY, "Moves down by a page.";
    PageUp, "page-up", "page up", Move, ANY, "Moves up by a page.";
    Top, "top", "top", Move, ANY, "Goes to the first line.";
    Bottom, "bottom", "bottom", Move, ANY, "Goes to the last line.";
    Open, "open", "open", Move, &[List, Journal],
        "Opens the lead: on a narrow screen over the list. It never dials and never confirms.";
    Back, "back", "back", Move, ANY, "Goes one level back.";

    Find, "find", "find", Look, SCREEN, "Finds by name, company or number while you type.";
    FindNext, "find-next", "next match", Look, SCREEN, "Goes to the next match.";
    FindPrevious, "find-previous", "previous match", Look, SCREEN, "Goes to the match before.";
    Filter, "filter", "filter", Look, SCREEN,
        "Shows only what fits: words, and b, c, d, free, mine, due for tier and state.";
    Pin, "pin", "pin", Look, QUEUE,
        "Pins the order: nothing moves, arrives or leaves until you press it again.";
    Help, "help", "keys", Look, ANY, "Shows the keys of this screen.";
    Palette, "palette", "command", Look, ANY, "Finds any action by its name.";

    NextScreen, "next-screen", "next screen", Screens, SCREEN, "Goes to the next screen.";
    PreviousScreen, "previous-screen", "previous screen", Screens, SCREEN, "Goes to the screen before.";
    Overnight, "overnight", "overnight", Screens, SCREEN, "What came in outside business hours.";
    Callbacks, "callbacks", "callbacks", Screens, SCREEN, "What came in during business hours.";
    Mine, "mine", "mine", Screens, SCREEN, "What you own or hold.";
    JournalScreen, "journal", "journal", Screens, SCREEN, "What happened, newest first.";
    Booked, "booked", "booked", Screens, SCREEN, "Meetings that the agent booked (tier A).";
    Answers, "answers", "answers", Screens, SCREEN, "Questions that were answered (tier D).";
    Partnerships, "partnerships", "partnerships", Screens, SCREEN, "Referrals and partners.";
    General, "general", "general", Screens, SCREEN, "Leads whose purpose or owner is not clear.";
    All, "all", "all", Screens, SCREEN, "Every lead that is not closed.";

    Outbox, "outbox", "outbox", Console, SCREEN,
        "Shows notes and outcomes that wait for the line, or that the server refused.";
    Retry, "retry", "try again", Console, &[List, Detail, Journal, Overlay],
        "Tries the server again at once, and sends refused notes and outcomes once more.";
    Dismiss, "dismiss", "dismiss", Console, ANY,
        "Clears the messages; in the outbox, drops the refused note or outcome under the cursor.";
    Theme, "theme", "theme", Console, ANY, "Switches to the next theme.";
    Mute, "mute", "mute", Console, ANY, "Turns bell and desktop notices off, or on again.";
    Mouse, "mouse", "mouse", Console, ANY,
        "Lets go of the mouse, so that the terminal can select text, or takes it again.";
    Redraw, "redraw", "redraw", Console, ANY, "Draws the whole screen again.";
    Quit, "quit", "quit", Console, ANY, "Leaves. What waits in the outbox stays there.";
}

impl Action {
    /// Reads the word of `console.toml`; `None` for an unknown one.
    pub fn read(name: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.name() == name)
    }

    pub fn is_heard_in(self, context: Context) -> bool {
        self.contexts().contains(&context)
    }

    /// Changes a lead: refused in `--readonly`.
    pub fn writes(self) -> bool {
        matches!(
            self,
            Action::Call
                | Action::Claim
                | Action::Release
                | Action::Outcome
                | Action::Note
                | Action::Schedule
                | Action::Undo
                | Action::Reassign
                | Action::TakeOver
                | Action::Mark
        )
    }

    /// Only supervisors may.
    pub fn is_for_supervisors(self) -> bool {
        matches!(self, Action::Reassign | Action::TakeOver)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own_and_a_sentence() {
        let names: HashSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::read(action.name()), Some(*action));
            assert!(action.sentence().ends_with('.'), "{action:?}");
            assert!(!action.contexts().is_empty(), "{action:?}");
            assert!(
                action.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{action:?}"
            );
        }
    }
}
