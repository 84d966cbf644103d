use super::{colour::sight, *};

fn load(name: &str) -> Theme {
    Themes::default().load(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What text can lie on: the screen, an overlay, the row under the cursor.
fn surfaces(theme: &Theme) -> [(&'static str, Style); 3] {
    [
        ("background", theme.base()),
        ("popup", theme.popup()),
        ("selected", theme.base().patch(theme[Meaning::Selected])),
    ]
}

/// Frames and gauges are never drawn on the row under the cursor.
fn lies_on(meaning: Meaning, surface: &str) -> bool {
    let frame = matches!(meaning, Meaning::Border | Meaning::BorderActive | Meaning::GaugeRest);
    !(frame && surface == "selected")
}

/// What is seen of a meaning on a surface. A selected row with a colour of its own takes it throughout.
fn seen(theme: &Theme, meaning: Meaning, surface: (&str, Style)) -> ([u8; 3], [u8; 3]) {
    let row_colour = theme[Meaning::Selected].fg.filter(|_| surface.0 == "selected");
    let mut style = theme[meaning];
    if style.bg.is_none() {
        style.fg = row_colour.or(style.fg);
    }
    let (fg, bg) = colours(style, surface.1);
    let rgb = |colour: Option<Color>| {
        colour.and_then(colour::rgb).unwrap_or_else(|| {
            panic!("{}: {} leaves it to the terminal", theme.name, meaning.as_str())
        })
    };
    (rgb(fg), rgb(bg))
}

#[test]
fn every_theme_of_ours_says_how_every_meaning_looks() {
    for name in Themes::default().names() {
        let theme = load(&name);
        for meaning in Meaning::ALL {
            let style = theme[*meaning];
            let said = if meaning.is_surface() { style.bg } else { style.fg };
            assert!(said.is_some(), "{name}: {}", meaning.as_str());
        }
    }
    assert!(Themes::default().names().len() >= 8);
}

#[test]
fn every_meaning_is_readable_on_everything_it_lies_on() {
    let mut poor = Vec::new();
    let names = Themes::default().names();
    // Many terminals show the nearest of 256 colours instead.
    for (name, depth) in names.iter().flat_map(|name| [(name, Depth::True), (name, Depth::Cube)]) {
        let theme = load(name).at_depth(depth);
        let least = if name == "high-contrast" { 7.0 } else { 4.5 };
        for meaning in Meaning::ALL.iter().filter(|meaning| !meaning.is_surface()) {
            for surface in surfaces(&theme).into_iter().filter(|on| lies_on(*meaning, on.0)) {
                let (fg, bg) = seen(&theme, *meaning, surface);
                let contrast = colour::contrast(fg, bg);
                if contrast < least {
                    poor.push(format!(
                        "{name}, {depth:?}: {} on {} {contrast:.2}",
                        meaning.as_str(),
                        surface.0
                    ));
                }
            }
        }
    }
    assert!(poor.is_empty(), "\n{}", poor.join("\n"));
}

/// Meanings that stand beside one another and must be told apart.
const APART: [&[Meaning]; 5] = [
    &[Meaning::TierA, Meaning::TierB, Meaning::TierC, Meaning::TierD],
    &[Meaning::Waiting, Meaning::DueHalf, Meaning::Due, Meaning::PastDue],
    &[Meaning::Live, Meaning::Reconnecting, Meaning::Offline],
    &[Meaning::Mine, Meaning::Claimed, Meaning::Text],
    &[Meaning::Success, Meaning::Warning, Meaning::Danger],
];

/// Differences in CIEDE2000 that are seen at a glance on small letters.
const AT_A_GLANCE: f64 = 12.0;

#[test]
fn colour_blind_eyes_tell_apart_what_must_be_told_apart() {
    let mut alike = Vec::new();
    for name in ["colour-blind-dark", "colour-blind-light"] {
        let theme = load(name);
        let screen = surfaces(&theme)[0];
        for (eyes, matrix) in &sight::ALL {
            for group in APART {
                for (index, one) in group.iter().enumerate() {
                    for other in &group[index + 1..] {
                        let look = |meaning: Meaning| {
                            let (fg, bg) = seen(&theme, meaning, screen);
                            (sight::seen(fg, matrix), sight::seen(bg, matrix))
                        };
                        let ((fg, bg), (other_fg, other_bg)) = (look(*one), look(*other));
                        let apart =
                            sight::difference(fg, other_fg).max(sight::difference(bg, other_bg));
                        if apart < AT_A_GLANCE {
                            alike.push(format!(
                                "{name}, {eyes}: {} and {} {apart:.1}",
                                one.as_str(),
                                other.as_str()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(alike.is_empty(), "\n{}", alike.join("\n"));
}

#[test]
fn colour_blind_eyes_read_everything() {
    for name in ["colour-blind-dark", "colour-blind-light"] {
        let theme = load(name);
        for (eyes, matrix) in &sight::ALL {
            for meaning in Meaning::ALL.iter().filter(|meaning| !meaning.is_surface()) {
                for surface in surfaces(&theme).into_iter().filter(|on| lies_on(*meaning, on.0)) {
                    let (fg, bg) = seen(&theme, *meaning, surface);
                    let contrast =
                        sight::contrast(sight::seen(fg, matrix), sight::seen(bg, matrix));
                    assert!(
                        contrast >= 4.5,
                        "{name}, {eyes}: {} on {} {contrast:.2}",
                        meaning.as_str(),
                        surface.0
                    );
                }
            }
        }
    }
}

#[test]
fn without_colour_nothing_is_coloured_and_the_cursor_is_still_seen() {
    for name in Themes::default().names() {
        let theme = load(&name).at_depth(Depth::None);
        for meaning in Meaning::ALL {
            let style = theme[*meaning];
            assert_eq!((style.fg, style.bg), (None, None), "{name}: {}", meaning.as_str());
        }
        assert!(theme[Meaning::Selected].add_modifier.contains(Modifier::REVERSED));
        assert!(theme[Meaning::PastDue].add_modifier.contains(Modifier::BOLD));
    }
}

fn with_file(name: &str, text: &str) -> (tempfile::TempDir, Themes) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(format!("{name}.toml")), text).expect("written");
    let themes = Themes::with_folder(folder.path());
    (folder, themes)
}

fn faults(text: &str) -> Vec<String> {
    let (_folder, themes) = with_file("mine", text);
    match themes.load("mine") {
        Err(ThemeError::Faulty(faults)) => faults
            .iter()
            .map(|fault| format!("{}:{} {}", fault.line, fault.column, fault.what))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_users_theme_says_only_what_it_changes() {
    let (_folder, themes) = with_file(
        "mine",
        "inherits = \"gruvbox-dark\"\n[palette]\nred = \"#ffffff\"\n[meanings]\ntier_c = { fg = \"red\", bold = true }\n",
    );
    let (mine, parent) = (themes.load("mine").expect("reads"), load("gruvbox-dark"));
    assert_eq!(mine[Meaning::TierC], Style::new().fg(Color::Rgb(255, 255, 255)).bold());
    assert_eq!(mine[Meaning::Text], parent[Meaning::Text]);
    assert_ne!(
        mine[Meaning::Danger],
        parent[Meaning::Danger],
        "a palette recolours what is inherited"
    );
    assert!(themes.names().contains(&"mine".to_owned()));
    assert_eq!(themes.after("gruvbox-dark"), "mine");
    assert_eq!(themes.after("mine"), "default-dark");
}

#[test]
fn a_users_file_stands_before_ours_of_the_same_name() {
    let (_folder, themes) =
        with_file("sixteen", "inherits = \"default-dark\"\n[meanings]\ntext = \"208\"\n");
    assert_eq!(themes.load("sixteen").expect("reads")[Meaning::Text].fg, Some(Color::Indexed(208)));
    assert_eq!(themes.names().iter().filter(|name| *name == "sixteen").count(), 1);
}

#[test]
fn every_fault_is_told_with_its_line_and_what_would_be_right() {
    let told = faults(
        "inherit = \"sixteen\"\n[palette]\nsky = \"#12\"\n[meanings]\nteir_b = \"red\"\ntext = { fgg = \"red\" }\nmuted = 7\n",
    );
    assert_eq!(told.len(), 5, "{told:#?}");
    assert_eq!(told[0], "1:1 unknown key `inherit`; did you mean `inherits`?");
    assert!(told[1].starts_with("3:7 `#12` is no colour; write #rrggbb"), "{}", told[1]);
    assert_eq!(told[2], "5:1 unknown meaning `teir_b`; did you mean `tier_b`?");
    assert_eq!(told[3], "6:10 unknown key `fgg`; did you mean `fg`?");
    assert!(told[4].starts_with("7:9 this must be a colour in quotes"), "{}", told[4]);
    let told = faults("[meanings]\ntext = \"mauve\"\n");
    assert!(told[0].starts_with("2:8 `mauve` is no colour"), "{}", told[0]);
    let told = faults("[meanings]\nsomething_else = \"red\"\n");
    assert!(told[0].contains("it must be one of background, popup, selected"), "{}", told[0]);
}

#[test]
fn themes_that_inherit_in_a_circle_are_refused() {
    assert!(faults("inherits = \"mine\"\n")[0].contains("inherit from one another"));
}

#[test]
fn a_theme_that_is_not_there_names_those_that_are() {
    let error = Themes::default().load("solarised").expect_err("unknown").to_string();
    assert!(error.contains("default-dark") && error.contains("gruvbox-dark"), "{error}");
    assert!(Themes::with_folder("/nowhere").load("../secret").is_err(), "a name is not a path");
}
