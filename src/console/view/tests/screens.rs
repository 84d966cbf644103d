//! Snapshots: what a rep sees, word for word.

use super::{
    SIZES, digest,
    scene::{self, Scene},
    text,
};
use crate::{
    console::{
        app::Weight,
        theme::{Depth, Meaning, Themes},
    },
    domain::person::Role,
};

/// One file a screen: its text and its colours at each size.
fn see(name: &str, play: impl Fn(&mut Scene)) {
    let mut seen = String::new();
    for size in SIZES {
        let mut scene = Scene::morning(size);
        play(&mut scene);
        let (buf, _) = scene.draw();
        let rule = "═".repeat(usize::from(size.0));
        seen.push_str(&format!("{rule} {}×{}\n{}", size.0, size.1, text(&buf)));
        if size == (80, 24) {
            seen.push_str(&format!("{rule} colours\n{}\n", digest(&buf, &scene.theme)));
        }
    }
    insta::assert_snapshot!(name, seen);
}

#[test]
fn overnight() {
    see("overnight", |_| {});
}

#[test]
fn overnight_further_down() {
    see("overnight_further_down", |scene| {
        scene.keys("jjj");
    });
}

#[test]
fn the_detail_has_the_keys() {
    see("detail", |scene| {
        scene.keys("<enter>");
    });
}

#[test]
fn callbacks_past_due() {
    see("callbacks", |scene| {
        scene.keys("2");
    });
}

#[test]
fn mine() {
    see("mine", |scene| {
        scene.keys("3");
    });
}

#[test]
fn nothing_is_left() {
    see("nothing_left", |scene| {
        scene.load(Vec::new());
    });
}

#[test]
fn nothing_is_known_yet() {
    let mut seen = String::new();
    for size in SIZES {
        let (buf, _) = Scene::empty(size).draw();
        seen.push_str(&format!("{}×{}\n{}", size.0, size.1, text(&buf)));
    }
    insta::assert_snapshot!("nothing_known", seen);
}

#[test]
fn the_journal() {
    see("journal", |scene| {
        scene.keys("6j");
    });
}

#[test]
fn after_opening_clocks_run() {
    see("after_opening", |scene| {
        // 09:12:30: the Bs have two and a half minutes left.
        scene.wait(20 * 60 + 16);
    });
}

#[test]
fn offline() {
    see("offline", |scene| {
        scene.cut().outbox().wait(30);
        scene.app.toasts.clear();
    });
}

#[test]
fn reconnecting() {
    see("reconnecting", |scene| {
        scene.cut().wait(5);
    });
}

#[test]
fn messages() {
    see("messages", |scene| {
        scene.app.toast(Weight::Good, "Copied the number (clipboard)");
        scene.app.toast(Weight::Bad, "Not claimed: Tom Baker has it, 4 s ago");
    });
}

#[test]
fn a_claim_is_under_way() {
    see("claiming", |scene| {
        scene.keys("jc");
    });
}

#[test]
fn marks() {
    see("marks", |scene| {
        scene.keys(" j j");
    });
}

#[test]
fn a_note_is_typed() {
    see("note", |scene| {
        scene.keys("aKnows our prices, wants Salesforce and a demo for the whole sales team on Thursday, rings");
        let mut taken = scene::night().remove(0);
        taken.rev += 1;
        taken.claimed_by = scene::night()[3].claimed_by.clone();
        taken.claimed_at = Some(scene.now);
        taken.state = "claimed".into();
        scene.changed(taken, "Tom Baker", "lead.claimed");
        scene.app.toasts.clear();
    });
}

#[test]
fn the_wrap_up_bar() {
    see("wrap_up", |scene| {
        scene.keys("o");
    });
}

#[test]
fn the_wrap_up_bar_asks_when_to_ring_again() {
    see("wrap_up_later", |scene| {
        scene.keys("o3tomorrow 9");
    });
}

#[test]
fn a_callback_is_scheduled() {
    see("schedule", |scene| {
        scene.keys("jjjjjsfri 14:30");
    });
}

#[test]
fn a_time_that_is_unclear() {
    see("schedule_unclear", |scene| {
        scene.keys("ssoon");
    });
}

#[test]
fn finding() {
    see("find", |scene| {
        scene.keys("/sin");
    });
}

#[test]
fn filtering() {
    see("filter", |scene| {
        scene.keys("fb");
    });
}

#[test]
fn copying() {
    see("copy", |scene| {
        scene.keys("y");
    });
}

#[test]
fn reassigning() {
    see("reassign", |scene| {
        scene.open(Role::Supervisor);
        scene.keys("R");
        scene.team();
    });
}

#[test]
fn a_confirm_names_the_lead() {
    see("confirm", |scene| {
        scene.open(Role::Supervisor);
        scene.keys("jjjK");
    });
}

#[test]
fn the_palette() {
    see("palette", |scene| {
        scene.keys(":ca");
    });
}

#[test]
fn the_keys() {
    see("help", |scene| {
        scene.keys("?");
    });
}

#[test]
fn why() {
    see("why", |scene| {
        scene.keys("w");
    });
}

#[test]
fn the_outbox() {
    see("outbox", |scene| {
        scene.outbox().keys("xj");
    });
}

#[test]
fn the_number_is_large() {
    see("call", |scene| {
        scene.keys("d");
        let mut alex = scene::night().remove(0);
        alex.rev += 1;
        alex.claimed_by = scene::night()[7].claimed_by.clone();
        alex.claimed_at = Some(scene.now);
        alex.lease_until = Some(scene::at("2026-11-24T08:57:14Z"));
        alex.state = "claimed".into();
        let op = *scene.app.pending.keys().next().expect("a claim is under way");
        scene.answered(op, alex);
        scene.app.toasts.clear();
    });
}

/// The main screens in other looks: the text is the same, the colours are not.
#[test]
fn light_and_without_colour() {
    let mut seen = String::new();
    let main: [(&str, &str); 4] =
        [("overnight", ""), ("callbacks", "2"), ("journal", "6"), ("wrap-up", "o2")];
    for (name, keys) in main {
        let drawn = |theme| {
            let mut scene = Scene::morning((120, 36));
            scene.theme = theme;
            scene.keys(keys);
            let (buf, _) = scene.draw();
            (text(&buf), digest(&buf, &scene.theme))
        };
        let themes = Themes::default();
        let dark = drawn(themes.load("default-dark").expect("a theme"));
        let light = drawn(themes.load("default-light").expect("a theme"));
        let plain = drawn(themes.load("default-dark").expect("a theme").at_depth(Depth::None));
        assert_eq!(dark.0, light.0, "{name}");
        assert_eq!(dark.0, plain.0, "{name}: what colour says, letters say too");
        seen.push_str(&format!("── {name}, light\n{}\n", light.1));
        seen.push_str(&format!("── {name}, no colour\n{}\n", plain.1));
    }
    insta::assert_snapshot!("light_and_no_colour", seen);
}

#[test]
fn without_colour_no_cell_has_any() {
    for keys in ["", "2", "6", "o3", ":", "?", "w", "jjj", "y", "/a"] {
        let mut scene = Scene::morning((120, 36));
        scene.theme = scene.theme.clone().at_depth(Depth::None);
        scene.keys(keys);
        let (buf, _) = scene.draw();
        for cell in &buf.content {
            assert_eq!((cell.fg, cell.bg), Default::default(), "{keys}: {cell:?}");
        }
    }
}

#[test]
fn the_selected_row_stays_on_its_line_while_prompts_come_and_go() {
    for size in SIZES {
        let mut scene = Scene::morning(size);
        scene.keys("jjj");
        let line = |scene: &mut Scene| {
            let (_, drawn) = scene.draw();
            let list = scene.app.list().expect("a list");
            let row = list.position().expect("a selection") - drawn.geometry.first;
            drawn.geometry.list.y + row as u16
        };
        let before = line(&mut scene);
        for keys in ["a", "<esc>", "o", "<esc>", ":", "<esc>", "?", "<esc>", "y", "<esc>"] {
            scene.keys(keys);
            assert_eq!(line(&mut scene), before, "{size:?} {keys}");
        }
        scene.cut().wait(30);
        assert_eq!(line(&mut scene), before, "{size:?} offline");
    }
}

#[test]
fn the_terminals_cursor_stands_in_what_is_typed() {
    for size in SIZES {
        let mut scene = Scene::morning(size);
        assert_eq!(scene.draw().1.cursor, None, "nothing is typed");
        scene.keys("aab");
        let (buf, drawn) = scene.draw();
        let cursor = drawn.cursor.expect("a cursor");
        assert_eq!(buf[(cursor.x - 1, cursor.y)].symbol(), "b", "{size:?}");
        assert_eq!(buf[(cursor.x, cursor.y)].symbol(), " ", "{size:?}");
    }
}

#[test]
fn the_number_is_the_loudest_thing_of_the_detail() {
    let mut scene = Scene::morning((80, 24));
    let (buf, drawn) = scene.draw();
    let text = text(&buf);
    let at = text.lines().position(|line| line.contains(" 07700 900123 ")).expect("the number");
    let detail = drawn.geometry.detail;
    assert!(at as u16 <= detail.y + 1, "in the first two lines of the detail");
    let style = buf[(detail.x + 1, at as u16)].style();
    assert_eq!(style.bg, scene.theme[Meaning::Number].bg, "on a ground of its own");
}
