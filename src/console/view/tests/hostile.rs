//! Names that strangers chose to break screens with.

use proptest::prelude::*;
use ratatui::buffer::Buffer;

use super::{
    SIZES,
    scene::{Scene, lead},
    text,
};
use crate::{console::width, domain::tier::Tier};

pub(super) fn hostile_names() -> Vec<String> {
    [
        "Robert\u{1b}[2J\u{1b}]0;owned\u{7}",
        "nul\0byte",
        "\u{202e}evil\u{202c}\u{2067}iso",
        "line\nbreak\r\ttab",
        "王小明和他的公司有限公司",
        "Nguye\u{302}\u{303}n Va\u{306}n A",
        "👩‍💻👨‍👩‍👧‍👦🇬🇧👍🏽❤️",
        "محمد عبد الله",
        "نادية لا",
        "נועה בן־שָׁלוֹם",
        "தமிழ்ச்செல்வி",
        "क्षत्रिय देवनागरी",
        "\u{1100}\u{1161}\u{11a8} 한글",
        "ﾊﾟﾋﾟﾌﾟ",
        "\u{200b}\u{200d}\u{fe0f}",
        "Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}algo",
        "<b>&amp;</b>",
        "¯\\_(ツ)_/¯",
    ]
    .into_iter()
    .map(String::from)
    .chain([format!("Llan{}", "fair".repeat(80)), "宽".repeat(150)])
    .collect()
}

pub(super) fn scene(size: (u16, u16), names: &[String]) -> Scene {
    let mut scene = Scene::morning(size);
    let leads = (1..).zip(names).map(|(number, name)| {
        let mut lead = lead(number, Tier::B, name);
        // The order is by the wait: as given.
        lead.ended_at = lead
            .ended_at
            .checked_add(jiff::SignedDuration::from_secs(number as i64))
            .expect("a time");
        lead.summary = format!("{name} says {name}");
        lead.contact.company = Some(name.clone());
        lead.reason = name.clone();
        lead
    });
    let leads = leads.collect();
    scene.load(leads);
    scene
}

/// Columns at which frames run down the screen, at each row of the list: the same for every name.
fn borders(buf: &Buffer, rows: std::ops::Range<u16>) -> Vec<Vec<u16>> {
    let is_border = |symbol: &str| matches!(symbol, "│" | "┃");
    rows.map(|y| (0..buf.area.width).filter(|x| is_border(buf[(*x, y)].symbol())).collect())
        .collect()
}

/// What a terminal would do with a row: each cell's symbol moves the cursor by its width, and must arrive at the next cell.
fn assert_straight(buf: &Buffer) {
    for y in 0..buf.area.height {
        let mut x = 0;
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            let wide = width::columns(symbol);
            assert!((1..=2).contains(&wide), "{symbol:?} at {x},{y} is {wide} wide");
            assert_eq!(width::clean(symbol), symbol, "at {x},{y}");
            for hidden in 1..wide as u16 {
                assert!(x + hidden < buf.area.width, "{symbol:?} at {x},{y} leaves the screen");
                assert_eq!(buf[(x + hidden, y)].symbol(), " ", "under {symbol:?} at {x},{y}");
            }
            x += wide as u16;
        }
    }
}

#[test]
pub(super) fn hostile_names_do_not_bend_a_column() {
    let names = hostile_names();
    for size in SIZES {
        let mut scene = scene(size, &names);
        for _ in 0..names.len() {
            let (buf, drawn) = scene.draw();
            assert_straight(&buf);
            let list = drawn.geometry.list;
            let borders = borders(&buf, list.y..list.bottom());
            assert!(borders.iter().all(|row| *row == borders[0]), "{size:?}\n{}", text(&buf));
            scene.keys("j");
        }
    }
}

#[test]
pub(super) fn hostile_names_do_not_bend_prompts_and_overlays() {
    for (place, name) in hostile_names().iter().enumerate() {
        let alone = [name.clone()];
        for keys in ["a", "o3", "s", "y", "w", "/", ":", "d"] {
            let size = SIZES[place % SIZES.len()];
            let mut scene = scene(size, &alone);
            scene.keys(keys);
            assert_straight(&scene.draw().0);
        }
    }
}

#[test]
pub(super) fn hostile_names_as_they_are_seen() {
    let mut scene = scene((80, 24), &hostile_names());
    scene.keys("jj");
    let (buf, _) = scene.draw();
    insta::assert_snapshot!("hostile_names", text(&buf));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_name_and_no_size_breaks_a_screen(
        names in prop::collection::vec(any::<String>(), 1..6),
        width in 1u16..220,
        height in 1u16..60,
        keys in "[jko3sywa?/:d6x2fP]{0,4}",
    ) {
        let mut scene = scene((width, height), &names);
        scene.keys(&keys);
        assert_straight(&scene.draw().0);
    }
}
