//! Digits three lines high: a number that is read from the phone's side of the desk.

use ratatui::{layout::Rect, style::Style};

use crate::console::view::Canvas;

/// Columns of one character, and the one after it.
const WIDE: u16 = 4;
/// Lines that they take.
pub(super) const HIGH: u16 = 3;

/// Five rows of three points each, from the top; a set bit is a point, the left one first.
fn points(character: char) -> Option<[u8; 5]> {
    Some(match character {
        '0' => [0b111, 0b101, 0b101, 0b101, 0b111],
        '1' => [0b010, 0b110, 0b010, 0b010, 0b111],
        '2' => [0b111, 0b001, 0b111, 0b100, 0b111],
        '3' => [0b111, 0b001, 0b111, 0b001, 0b111],
        '4' => [0b101, 0b101, 0b111, 0b001, 0b001],
        '5' => [0b111, 0b100, 0b111, 0b001, 0b111],
        '6' => [0b111, 0b100, 0b111, 0b101, 0b111],
        '7' => [0b111, 0b001, 0b010, 0b010, 0b010],
        '8' => [0b111, 0b101, 0b111, 0b101, 0b111],
        '9' => [0b111, 0b101, 0b111, 0b001, 0b111],
        '+' => [0b000, 0b010, 0b111, 0b010, 0b000],
        '-' => [0b000, 0b000, 0b111, 0b000, 0b000],
        _ => return None,
    })
}

/// Columns that a number takes; `None` where it holds something that has no such form.
pub(super) fn width(number: &str) -> Option<u16> {
    let mut wide = 0u16;
    for character in number.chars() {
        let own = if character == ' ' { 2 } else { points(character).map(|_| WIDE)? };
        wide = wide.saturating_add(own);
    }
    Some(wide.saturating_sub(1))
}

/// Draws a number for which [`width`] is known.
pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, number: &str, style: Style) {
    let mut x = area.x;
    for character in number.chars() {
        let Some(points) = points(character) else {
            x = x.saturating_add(2);
            continue;
        };
        let place = Rect { x, width: area.right().saturating_sub(x), ..area };
        for row in 0..HIGH.min(area.height) {
            let upper = points[usize::from(row * 2)];
            let lower = points.get(usize::from(row * 2 + 1)).copied().unwrap_or(0);
            let mut pen = canvas.pen(place, row);
            for column in (0..3).rev() {
                let half = match (upper >> column & 1, lower >> column & 1) {
                    (1, 1) => "█",
                    (1, _) => "▀",
                    (_, 1) => "▄",
                    _ => " ",
                };
                pen.put(half, style);
            }
        }
        x = x.saturating_add(WIDE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_looks_different_and_is_known() {
        let all: std::collections::HashSet<_> = ('0'..='9').filter_map(points).collect();
        assert_eq!(all.len(), 10);
        assert_eq!(width("07700 900123"), Some(45));
        assert_eq!(width("+44"), Some(11));
        assert_eq!(width("07700 ext 5"), None);
    }
}
