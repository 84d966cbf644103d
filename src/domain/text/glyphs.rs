//! What each character does on a screen, and so whether it may stay.

use std::sync::LazyLock;

use regex::Regex;
use unicode_width::UnicodeWidthChar;

/// The part a character plays in cleaned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// Shows something of its own.
    Visible,
    /// Sits on the character before it.
    Mark,
    Space,
    Newline,
    /// ZWJ or ZWNJ: kept only where it joins or parts two letters or emoji.
    Joiner,
    /// Chooses between the text and the emoji form of the character before it.
    Selector,
    /// Controls, invisible characters, reorderings, and what no font can show.
    Unwanted,
}

pub(super) fn glyph(c: char) -> Glyph {
    match c {
        '!'..='~' => Glyph::Visible,
        ' ' | '\t' | '\x0B' | '\x0C' => Glyph::Space,
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Glyph::Newline,
        '\0'..='\u{9F}' => Glyph::Unwanted,
        _ if is_joiner(c) => Glyph::Joiner,
        '\u{FE0E}' | '\u{FE0F}' => Glyph::Selector,
        _ if is_invisible(c) || is_reserved(c) => Glyph::Unwanted,
        // A Braille cell without dots is a space to the eye.
        _ if c.is_whitespace() || c == '\u{2800}' => Glyph::Space,
        _ if c.width() == Some(0) => Glyph::Mark,
        _ if is_assigned(c) => Glyph::Visible,
        _ => Glyph::Unwanted,
    }
}

pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Characters without a shape: they hide words, reorder lines or carry secret payloads.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}'          // zero-width space, direction marks
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' // overrides, isolates, invisible signs
        | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}' | '\u{FFA0}' // fillers
        | '\u{FE00}'..='\u{FE0D}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFC}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}') // tags and variation selectors
}

/// Private use and noncharacters: they mean nothing outside the program that wrote them.
fn is_reserved(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{F0000}'..='\u{10FFFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

fn is_assigned(c: char) -> bool {
    // The regular expression knows the whole table; these spare most characters the look.
    const COMMON: [std::ops::RangeInclusive<char>; 6] = [
        '\u{A1}'..='\u{2FF}',
        '\u{2010}'..='\u{2027}',
        '\u{2030}'..='\u{205E}',
        '\u{2190}'..='\u{23FF}',
        '\u{2500}'..='\u{27BF}',
        '\u{1F300}'..='\u{1F64F}',
    ];
    static UNASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{Cn}").ok());
    let is_unassigned = |c: char| {
        UNASSIGNED.as_ref().is_some_and(|table| table.is_match(c.encode_utf8(&mut [0; 4])))
    };
    c.is_alphanumeric() || COMMON.iter().any(|range| range.contains(&c)) || !is_unassigned(c)
}

/// Whether a joiner between the two has work to do: in emoji of several parts (ZWJ), and in the
/// scripts whose letters join (ZWJ and ZWNJ: Arabic, Syriac, the Indic family, Mongolian).
pub(super) fn joiner_works(before: char, joiner: char, after: char) -> bool {
    (is_joining_script(before) && is_joining_script(after))
        || (joiner == '\u{200D}'
            && (is_pictograph(before) || before == '\u{FE0F}')
            && is_pictograph(after))
}

fn is_joining_script(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{7FF}' | '\u{840}'..='\u{DFF}' | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{18AF}' | '\u{A840}'..='\u{A87F}' | '\u{A8E0}'..='\u{A8FF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{11000}'..='\u{11FFF}')
}

fn is_pictograph(c: char) -> bool {
    let is_flag_letter = matches!(c, '\u{1F1E6}'..='\u{1F1FF}');
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}') && !is_flag_letter
}

/// Whether a character has a text and an emoji form to choose between.
pub(super) fn takes_selector(c: char) -> bool {
    is_pictograph(c)
        || matches!(c, '0'..='9' | '#' | '*' | '©' | '®' | '\u{203C}' | '\u{2049}' | '\u{2100}'..='\u{218F}'
            | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}')
}
