//! What is being typed or chosen. A prompt names its lead, says what others did to it meanwhile, and lies over the last lines: the
//! list behind it does not move.

mod choices;
mod confirm;
mod input;
mod wrap_up;

use ratatui::layout::Rect;

use super::{
    Canvas,
    layout::{self, Panes},
    paint,
};
use crate::console::{
    line::Line,
    prompt::{Prompt, PromptKind, Reading, When},
    theme::Meaning,
};

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes) {
    let Some(prompt) = &canvas.app.prompt else { return };
    match &prompt.kind {
        PromptKind::Note { target, line } => {
            let title = format!("Note · {}", target.called());
            let mut lines = Lines::open(canvas, panes, prompt, &title, 3);
            lines.typed(canvas, "", line, 3);
        }
        PromptKind::Schedule { target, when } => {
            let title = format!("Call back later · {}", target.called());
            let mut lines = Lines::open(canvas, panes, prompt, &title, 2);
            lines.when(canvas, when, true);
        }
        PromptKind::Find { line, hit, .. } => {
            let mut lines = Lines::open(canvas, panes, prompt, "Find", 1);
            if !*hit && !line.is_empty() {
                lines.right(canvas, "nothing like it", Meaning::Warning);
            }
            lines.typed(canvas, "/ ", line, 1);
        }
        PromptKind::Filter { line } => {
            let mut lines = Lines::open(canvas, panes, prompt, "Show only", 2);
            lines.typed(canvas, "", line, 1);
            let hint = "words, or b c d free mine claimed scheduled due carried customer withheld";
            lines.say(canvas, hint, Meaning::Muted);
        }
        PromptKind::WrapUp(bar) => wrap_up::draw(canvas, panes, prompt, bar),
        PromptKind::Reassign { target, line, choices, cursor } => {
            choices::reassign(canvas, panes, prompt, (&target.called(), line, choices, *cursor));
        }
        PromptKind::Copy { target, choices, cursor } => {
            choices::copy(canvas, panes, prompt, (&target.called(), choices, *cursor));
        }
        PromptKind::Confirm { target, question, .. } => {
            confirm::draw(canvas, panes, prompt, &target.called(), question);
        }
        PromptKind::Palette { line, found, cursor } => {
            choices::palette(canvas, panes, prompt, (line, found, *cursor));
        }
    }
}

/// The lines of a prompt, filled from the top.
struct Lines {
    /// What is left of them.
    area: Rect,
}

impl Lines {
    /// A framed box over the last lines, with room for `lines`, and for what has to be said about the lead or the input.
    fn open(
        canvas: &mut Canvas<'_>,
        panes: &Panes,
        prompt: &Prompt,
        title: &str,
        lines: u16,
    ) -> Lines {
        let extra = u16::from(prompt.told.is_some()) + u16::from(prompt.fault.is_some());
        let area = layout::bottom(panes, lines + extra + 2);
        Lines::framed(canvas, area, prompt, title)
    }

    /// A framed box in an area; what has to be said comes first.
    fn framed(canvas: &mut Canvas<'_>, area: Rect, prompt: &Prompt, title: &str) -> Lines {
        let theme = canvas.theme;
        paint::ground(canvas.buf, area, theme.popup());
        let title = [(title, theme[Meaning::Title])];
        let inside = paint::frame(canvas.buf, area, &title, theme, true);
        let air = u16::from(inside.width > 30);
        let inside = Rect { x: inside.x + air, width: inside.width - 2 * air, ..inside };
        let mut lines = Lines { area: inside };
        if let Some(told) = &prompt.told {
            lines.say(canvas, &format!("! {told}"), Meaning::Warning);
        }
        if let Some(fault) = &prompt.fault {
            lines.say(canvas, &format!("✗ {fault}"), Meaning::Danger);
        }
        lines
    }

    /// Takes lines off the top.
    fn take(&mut self, lines: u16) -> Rect {
        let lines = lines.min(self.area.height);
        let taken = Rect { height: lines, ..self.area };
        self.area = Rect { y: self.area.y + lines, height: self.area.height - lines, ..self.area };
        taken
    }

    fn say(&mut self, canvas: &mut Canvas<'_>, text: &str, meaning: Meaning) {
        let area = self.take(1);
        let style = canvas.theme[meaning];
        if !area.is_empty() {
            canvas.pen(area, 0).put(text, style);
        }
    }

    /// Says something at the right end of the next line, without taking it.
    fn right(&mut self, canvas: &mut Canvas<'_>, text: &str, meaning: Meaning) {
        let style = canvas.theme[meaning];
        canvas.pen(self.area, 0).flush_right(text, style);
    }

    /// A line being typed, over at most so many lines; the cursor stands in it.
    fn typed(&mut self, canvas: &mut Canvas<'_>, label: &str, line: &Line, most: u16) {
        let area = self.take(most);
        let cursor = input::draw(canvas, area, label, line);
        canvas.drawn.cursor = cursor.or(canvas.drawn.cursor);
    }

    /// A line that is not being typed now.
    fn resting(&mut self, canvas: &mut Canvas<'_>, label: &str, line: &Line) {
        let area = self.take(1);
        input::draw(canvas, area, label, line);
    }

    /// A time being typed, and what it means so far.
    fn when(&mut self, canvas: &mut Canvas<'_>, when: &When, active: bool) {
        if active {
            self.typed(canvas, "when  ", &when.line, 1);
        } else {
            self.resting(canvas, "when  ", &when.line);
        }
        match &when.reading {
            Reading::Nothing => {
                self.say(canvas, "      16:00, tomorrow 9, fri 14:30, +2h", Meaning::Muted);
            }
            Reading::At { said, .. } => {
                self.say(canvas, &format!("      → {said}"), Meaning::Success);
            }
            Reading::Unclear(why) => {
                self.say(canvas, &format!("      {why}"), Meaning::Warning);
            }
        }
    }
}
