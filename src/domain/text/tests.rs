use std::borrow::Cow;

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

fn line(text: &str) -> String {
    clean_line(text, 200).into_owned()
}

#[test]
fn names_of_the_world_survive_untouched() {
    for name in [
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
        "محمد",
        "مُحَمَّد عبد الله",
        "می\u{200C}خواهم",
        "José",
        "Jose\u{301}",
        "Nguyễn Thị Ánh",
        "क्ष\u{94D}\u{200D}त्रिय",
        "שָׁלוֹם",
        "O’Brien-Smith & Söhne №5",
        "👩\u{200D}👩\u{200D}👧",
        "👨🏽\u{200D}⚕\u{FE0F} Dr Ahmed",
        "❤\u{FE0F} 1\u{FE0F}\u{20E3} 🇬🇧",
        "山田太郎 한국어 ไทย",
        "£20k — “quoted” …",
    ] {
        assert_eq!(line(name), name);
    }
}

#[test]
fn escape_sequences_go_as_wholes() {
    for (dirty, cleaned) in [
        ("\x1b[31mBob\x1b[0m Hope", "Bob Hope"),
        ("\u{9b}31mBob", "Bob"),
        ("\x1b]0;owned\x07Bob", "Bob"),
        ("\x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2;0\x1b\\Bob", "Bob"),
        ("\u{9d}0;t\u{9c}Bob", "Bob"),
        ("\x1b(BBob\x1bc", "Bob"),
        ("\x1b[?1049hBob\x1b[2J", "Bob"),
        ("Bob\x1b[31", "Bob"),
        ("Bob\x1b", "Bob"),
        ("\x1b]never ended Bob", "never ended Bob"),
        ("a\x1b\x1b[1mb", "ab"),
    ] {
        assert_eq!(line(dirty), cleaned, "{dirty:?}");
    }
}

#[test]
fn what_cannot_be_seen_goes() {
    for (dirty, cleaned) in [
        ("\u{202E}gpj.exe\u{202C}", "gpj.exe"),
        ("a\u{2066}b\u{2069}c\u{200E}d\u{200F}e\u{61C}", "abcde"),
        ("\u{FEFF}Bob\u{200B}by\u{AD}", "Bobby"),
        ("Bob\u{E0041}\u{E0042}", "Bob"),
        ("a\u{E000}b\u{FFFF}c\u{10FFFF}d\u{378}", "abcd"),
        ("Bo\u{200D}b\u{200C}", "Bob"),
        ("b\u{FE0F}\u{FE0F}", "b"),
        ("\u{3164}\u{2800}", ""),
        ("nul\0and\x08del\x7f", "nulanddel"),
        ("\u{301}\u{302}Bob", "Bob"),
    ] {
        assert_eq!(line(dirty), cleaned, "{dirty:?}");
    }
}

#[test]
fn zalgo_keeps_four_marks_a_letter() {
    let zalgo: String =
        "Bob".chars().flat_map(|c| [c].into_iter().chain(['\u{310}'; 30])).collect();
    let cleaned = line(&zalgo);
    assert_eq!(cleaned.chars().filter(|c| *c == '\u{310}').count(), 12);
    assert!(cleaned.starts_with("B\u{310}\u{310}\u{310}\u{310}o"));
}

#[test]
fn white_space_is_one_space_and_lines_stay_only_in_texts() {
    assert_eq!(line("  a \t b\u{A0}\u{3000}c\r\nd  "), "a b c d");
    let text = clean_text(" one \r\n two\t2 \n\n\n\n three\u{2028}four \n", 200);
    assert_eq!(text, "one\ntwo 2\n\nthree\nfour");
}

#[test]
fn clean_ascii_is_not_copied() {
    assert!(matches!(clean_line("Alex Rivera, 15-person team.", 80), Cow::Borrowed(_)));
    assert!(matches!(clean_text("One.\n\nTwo.", 80), Cow::Borrowed(_)));
    assert!(matches!(clean_line("", 0), Cow::Borrowed("")));
}

#[test]
fn cuts_fall_between_graphemes() {
    assert_eq!(clean_line("abcdef", 6), "abcdef");
    assert_eq!(clean_line("abcdefg", 6), "abcde…");
    assert_eq!(clean_line("abcd efg", 6), "abcd…");
    assert_eq!(clean_line("ab👩\u{200D}👩\u{200D}👧", 6), "ab…");
    assert_eq!(clean_line("ab👩\u{200D}👩\u{200D}👧", 7), "ab👩\u{200D}👩\u{200D}👧");
    assert_eq!(clean_line("Jose\u{301}s", 5), "Jos…");
    assert_eq!(clean_line("abc", 1), "…");
    assert_eq!(clean_line("abc", 0), "");
    assert_eq!(clean_line("abc   ", 3), "abc");
}

#[test]
fn a_text_made_of_openings_is_read_in_one_pass() {
    let hostile = "\x1b]".repeat(200_000);
    let started = std::time::Instant::now();
    assert_eq!(clean_text(&hostile, 100), "");
    // Searching anew from each opening would take minutes.
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn digits_of_other_scripts_have_their_value() {
    for (c, value) in [('7', 7), ('７', 7), ('٧', 7), ('۷', 7), ('७', 7), ('𝟕', 7), ('𝟿', 9)]
    {
        assert_eq!(digit_value(c), Some(value), "{c}");
    }
    for c in ['a', '/', ':', '½', '²', '٪', '：', 'é', '\u{1D800}'] {
        assert_eq!(digit_value(c), None, "{c}");
    }
}

/// Characters that the rules are about, more often than chance would bring them.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{1,6}",
        "\\x1b[\\[\\]P(k_][0-9;?]{0,4}[a-zA-Z]?",
        prop::sample::select(vec![
            "\u{200D}", "\u{200C}", "\u{FE0F}", "\u{301}", "👩", "🏽", "م", "क", "\u{94D}", "\x07",
            "\r", "\n", "\t", " ", "\u{9C}", "\u{9B}", "\u{202E}", "1", "\u{20E3}", "🇬", "\x1b\\",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn cleaning_holds_its_promises(text in hostile(), max in 0usize..60, lines: bool) {
        let clean = if lines { clean_text } else { clean_line };
        let cleaned = clean(&text, max);
        prop_assert!(cleaned.chars().count() <= max);
        prop_assert_eq!(cleaned.trim(), cleaned.as_ref());
        for c in cleaned.chars() {
            prop_assert!(!c.is_control() || (lines && c == '\n'), "{:?}", c);
            let reorders = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{61C}');
            prop_assert!(!reorders, "{:?}", c);
        }
        prop_assert!(!cleaned.contains("  ") && !cleaned.contains("\n\n\n"));
        prop_assert_eq!(clean(&cleaned, max), cleaned.as_ref(), "cleaning again changes nothing");
    }

    #[test]
    fn a_cut_never_splits_a_grapheme(text in hostile(), max in 1usize..30) {
        let whole = clean_line(&text, usize::MAX);
        let cut = clean_line(&text, max);
        if cut != whole {
            let kept = cut.strip_suffix('…').expect("a cut ends in an ellipsis");
            let kept_graphemes = kept.graphemes(true).count();
            let prefix: String = whole.graphemes(true).take(kept_graphemes).collect();
            let ends = |c: char| c.is_whitespace() || matches!(c, '\u{200C}' | '\u{200D}');
            prop_assert_eq!(kept, prefix.trim_end_matches(ends));
        }
    }
}
