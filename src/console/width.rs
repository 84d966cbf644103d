//! How wide text is on a terminal, and text that is safe to put there.
//!
//! Names and summaries come from strangers' mouths. Everything drawn goes through [`clean`], even though the domain has
//! cleaned it before: no control character, escape sequence or bidi control gets past this file, and what is left is as
//! wide on every terminal as we say it is. Terminals disagree on emoji with joiners, flags, skin tones and variation
//! selectors, so those are reduced to the part all agree on. Right-to-left names are kept in logical order, as stored.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// The most combining marks that one character keeps: enough for Vietnamese, Hebrew and Thai; too few to climb over other rows.
const MARKS_KEPT: usize = 4;
/// What stands for the rest of a text that was cut.
pub const ELLIPSIS: &str = "…";

/// One line of text, safe to draw: whitespace of any kind is a space, and what a terminal could obey or misread is gone.
/// Borrows when there is nothing to do.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        push_cluster(&mut safe, cluster);
    }
    if safe == text { Cow::Borrowed(text) } else { Cow::Owned(safe) }
}

/// Several lines of text, each [`clean`]; `\r\n` and `\n` end a line.
pub fn clean_lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.lines().map(clean)
}

/// Text for a clipboard or a file: whole, but without what a terminal or an editor could obey. Only `\n` ends a line.
pub fn without_controls(text: &str) -> String {
    let obeyed = |found: char| {
        (found.is_control() && found != '\n' && found != '\t')
            || matches!(found, '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|found| !obeyed(*found)).collect()
}

/// Puts what is drawable of one grapheme cluster behind `safe`.
fn push_cluster(safe: &mut String, cluster: &str) {
    if cluster == "\r\n" {
        safe.push(' ');
        return;
    }
    let mut marks = 0;
    let mut after_joiner = false;
    for (index, found) in cluster.chars().enumerate() {
        let Some(shown) = drawable(found) else {
            after_joiner |= found == '\u{200D}';
            continue;
        };
        match char_columns(shown) {
            // A mark needs something to stand on.
            0 if index == 0 && safe.is_empty() => {}
            0 if marks == MARKS_KEPT => {}
            0 => {
                marks += 1;
                safe.push(shown);
            }
            // What is joined to an emoji would be drawn into it, or beside it: nobody agrees, so it goes.
            2 if after_joiner => {}
            _ if after_joiner && !shown.is_alphabetic() => {}
            _ => {
                marks = 0;
                safe.push(shown);
            }
        }
    }
}

/// What a character becomes on the screen; `None` for nothing.
fn drawable(found: char) -> Option<char> {
    match found {
        ' '..='~' => Some(found),
        // Wide on purpose, and as wide everywhere.
        '\u{3000}' => Some(found),
        _ if found.is_whitespace() => Some(' '),
        _ if found.is_control() => None,
        // The letters of a flag: two letters are two columns everywhere, a flag is not.
        '\u{1F1E6}'..='\u{1F1FF}' => char::from_u32(found as u32 - 0x1F1E6 + u32::from('A')),
        // Halfwidth voicing marks take a column here and none there: the full ones take two everywhere.
        '\u{FF9E}' => Some('\u{309B}'),
        '\u{FF9F}' => Some('\u{309C}'),
        _ if is_invisible(found) => None,
        _ => Some(found),
    }
}

/// Formatting characters, fillers, variation selectors, skin tones, tags, and what is no character at all.
fn is_invisible(found: char) -> bool {
    matches!(found,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}' | '\u{8E2}'
        | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        // Zero-width space and joiner, bidi marks, embeddings, overrides and isolates. The non-joiner (200C) spells Persian.
        | '\u{200B}' | '\u{200D}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0000}'..='\u{E0FFF}'
    ) || (found as u32) & 0xFFFE == 0xFFFE
}

/// Columns of one character that is drawn.
fn char_columns(found: char) -> usize {
    found.width().unwrap_or(0)
}

/// Columns that a text takes once it is clean. Counted character by character, as terminals do: ligatures are not narrower.
pub fn columns(text: &str) -> usize {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.len();
    }
    clean(text).chars().map(char_columns).sum()
}

/// The clusters of a text that is clean, each with its columns; one character that takes room in each, its marks behind it.
pub fn cells(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, first) = chars.next()?;
        let end = chars.find(|(_, next)| char_columns(*next) > 0).map_or(rest.len(), |(at, _)| at);
        let (cell, after) = rest.split_at(end);
        rest = after;
        Some((cell, char_columns(first)))
    })
}

/// At most `most` columns of a text, clean, with `…` where something was cut.
pub fn truncate(text: &str, most: usize) -> Cow<'_, str> {
    let safe = clean(text);
    match cut_at(&safe, most) {
        None => safe,
        Some(_) if most == 0 => Cow::Borrowed(""),
        Some(end) => Cow::Owned(format!("{}{ELLIPSIS}", safe[..end].trim_end())),
    }
}

/// Where a clean text must be cut to leave room for the ellipsis; `None` when all of it fits.
fn cut_at(safe: &str, most: usize) -> Option<usize> {
    let (mut used, mut at, mut keep) = (0, 0, 0);
    for (cell, width) in cells(safe) {
        used += width;
        if used > most {
            return Some(keep);
        }
        at += cell.len();
        if used < most {
            keep = at;
        }
    }
    None
}

/// A text in exactly `wide` columns: cut with `…`, or filled with spaces behind.
pub fn fit(text: &str, wide: usize) -> String {
    let mut line = truncate(text, wide).into_owned();
    let used = columns(&line);
    line.extend(std::iter::repeat_n(' ', wide.saturating_sub(used)));
    line
}

/// Breaks text into lines of at most `wide` columns, at spaces where there are any. What does not fit into `most` lines
/// ends in `…`. No lines for no text.
pub fn wrap(text: &str, wide: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if wide == 0 || most == 0 {
        return lines;
    }
    for paragraph in clean_lines(text) {
        wrap_paragraph(&paragraph, wide, most + 1, &mut lines);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let short = truncate(last, wide - 1).trim_end_matches(ELLIPSIS).trim_end().to_owned();
            *last = format!("{short}{ELLIPSIS}");
        }
    }
    lines
}

fn wrap_paragraph(paragraph: &str, wide: usize, most: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut used = 0;
    for word in paragraph.split_whitespace() {
        let width = columns(word);
        if used > 0 && used + 1 + width <= wide {
            line.push(' ');
            line.push_str(word);
            used += 1 + width;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
        }
        if lines.len() >= most {
            return;
        }
        used = break_word(word, wide, &mut line, lines);
    }
    if used > 0 {
        lines.push(line);
    }
}

/// Puts a word on an empty line, over as many lines as it needs; the columns used on the last.
fn break_word(word: &str, wide: usize, line: &mut String, lines: &mut Vec<String>) -> usize {
    let mut used = 0;
    for (cell, width) in cells(word) {
        if used + width > wide && used > 0 {
            lines.push(std::mem::take(line));
            used = 0;
        }
        // One column cannot hold a wide character.
        if width <= wide {
            line.push_str(cell);
            used += width;
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn what_a_terminal_could_obey_is_gone() {
        assert_eq!(clean("Rob\u{1b}[2J\u{7}\0ert\u{9b}31m"), "Rob[2Jert31m");
        assert_eq!(clean("abc\u{202e}gpj.exe\u{202c}\u{2066}x\u{2069}"), "abcgpj.exex");
        assert_eq!(clean("one\r\ntwo\tthree\u{2028}four"), "one two three four");
        assert_eq!(clean("zero\u{200b}width\u{feff}\u{2060}"), "zerowidth");
    }

    #[test]
    fn emoji_are_reduced_to_what_every_terminal_draws_as_wide() {
        assert_eq!(clean("👩‍💻 dev"), "👩 dev");
        assert_eq!(clean("👨‍👩‍👧‍👦"), "👨");
        assert_eq!(clean("👍🏽"), "👍");
        assert_eq!(clean("❤️"), "❤");
        assert_eq!(clean("🇬🇧"), "GB");
        assert_eq!(clean("🏳️‍🌈"), "🏳");
        assert_eq!(clean("ﾊﾟ"), "ﾊ゜");
        assert_eq!(columns("👩‍💻"), 2);
    }

    #[test]
    fn letters_of_every_script_stay() {
        for name in [
            "Ffion Gwyneth Llanfair-Pwllgwyngyll",
            "Zoë Müller",
            "נועה כהן",
            "لا إله محمد",
            "王小明",
            "김지우",
            "Nguye\u{302}\u{303}n",
            "தமிழ்ச்செல்வி",
            "می\u{200c}خواهم",
        ] {
            assert_eq!(clean(name), name);
        }
        assert_eq!(columns("王小明"), 6);
        assert_eq!(columns("لا"), 2, "a ligature is two cells on a terminal");
        assert_eq!(columns("Nguye\u{302}\u{303}n"), 6);
    }

    #[test]
    fn a_tower_of_marks_is_cut() {
        let tower = format!("Z{}", "\u{301}".repeat(60));
        assert_eq!(clean(&tower).chars().count(), 1 + MARKS_KEPT);
        assert_eq!(clean("\u{301}x"), "x", "a mark with nothing under it");
    }

    #[test]
    fn cutting_leaves_room_for_the_ellipsis() {
        assert_eq!(truncate("Alex Rivera", 11), "Alex Rivera");
        assert_eq!(truncate("Alex Rivera", 10), "Alex Rive…");
        assert_eq!(truncate("Alex Rivera", 6), "Alex…");
        assert_eq!(truncate("王小明", 4), "王…");
        assert_eq!(truncate("王小明", 1), "…");
        assert_eq!(truncate("abc", 0), "");
        assert_eq!(fit("王小明", 4), "王… ");
        assert_eq!(fit("ab", 4), "ab  ");
    }

    #[test]
    fn wrapping_breaks_at_words_and_says_when_there_is_more() {
        assert_eq!(
            wrap("Wants a demo first.\nNext quarter.", 12, 9),
            ["Wants a demo", "first.", "Next", "quarter."]
        );
        assert_eq!(wrap("one two three four", 9, 2), ["one two", "three…"]);
        assert_eq!(wrap("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 10, 3), Vec::<String>::new());
    }

    fn hostile() -> impl Strategy<Value = String> {
        let pieces = prop_oneof![
            any::<char>().prop_map(String::from),
            "[ -~]{1,6}",
            prop::sample::select(vec![
                "\u{1b}[31m",
                "\0",
                "\u{202e}",
                "\u{2067}",
                "👩‍💻",
                "👍🏽",
                "🇬🇧",
                "❤️",
                "e\u{301}",
                "王",
                "ﾊﾞ",
                "لا",
                "שָׁ",
                "\u{200d}",
                "\u{fe0f}",
                "1️⃣",
                "कि",
                "กำ",
                "\u{1100}\u{1161}\u{11a8}",
                "\n",
                "\t",
                "தா",
            ])
            .prop_map(String::from),
        ];
        prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_dangerous_gets_through_and_cleaning_twice_changes_nothing(text in hostile()) {
            let safe = clean(&text).into_owned();
            prop_assert!(!safe.chars().any(|c| c.is_control() || is_invisible(c)), "{safe:?}");
            prop_assert_eq!(clean(&safe), safe.as_str());
        }

        #[test]
        fn a_fitted_text_is_exactly_as_wide_as_asked(text in hostile(), wide in 0usize..40) {
            let line = fit(&text, wide);
            prop_assert_eq!(columns(&line), wide);
            prop_assert_eq!(cells(&line).map(|(_, width)| width).sum::<usize>(), wide);
        }

        #[test]
        fn a_short_text_is_kept_whole(text in hostile()) {
            prop_assert_eq!(truncate(&text, columns(&text)), clean(&text));
        }

        #[test]
        fn cells_hold_every_character_and_are_as_wide_as_the_drawing_crate_thinks(text in hostile()) {
            let safe = clean(&text);
            let mut joined = String::new();
            for (cell, width) in cells(&safe) {
                joined.push_str(cell);
                if width > 0 {
                    prop_assert_eq!(cell.width(), width, "{:?}", cell);
                }
            }
            prop_assert_eq!(joined, safe);
        }

        #[test]
        fn wrapped_lines_are_never_too_wide(text in hostile(), wide in 1usize..30, most in 1usize..6) {
            let lines = wrap(&text, wide, most);
            prop_assert!(lines.len() <= most);
            for line in lines {
                prop_assert!(columns(&line) <= wide, "{line:?}");
            }
        }
    }
}
