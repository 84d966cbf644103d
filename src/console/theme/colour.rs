//! Colours: how a theme's file writes them, what a terminal can show of them, and how far apart they look.

use ratatui::style::Color;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR` is set, or the terminal is dumb. Letters, symbols and bold remain.
    None,
    Sixteen,
    /// The 6×6×6 cube and the greys.
    Cube,
    /// 24 bits.
    True,
}

/// Parts of `TERM` that promise 24 bits.
const TRUE_COLOUR_TERMS: [&str; 6] =
    ["-direct", "kitty", "alacritty", "wezterm", "ghostty", "foot"];

impl Depth {
    /// What the environment says. `NO_COLOR` counts when it is set and not empty (no-color.org).
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Depth {
        let var = |name| env(name).unwrap_or_default();
        let term = var("TERM");
        if !var("NO_COLOR").is_empty() || term == "dumb" {
            return Depth::None;
        }
        // COLORTERM does not travel over SSH, so terminals that show 24 bits are also known by name.
        if matches!(var("COLORTERM").as_str(), "truecolor" | "24bit")
            || TRUE_COLOUR_TERMS.iter().any(|name| term.contains(name))
        {
            return Depth::True;
        }
        // No TERM at all is Windows or an IDE's panel: both show at least these.
        if term.contains("256") || term.is_empty() { Depth::Cube } else { Depth::Sixteen }
    }
}

/// Names of the sixteen, as a theme's file may write them.
const NAMED: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("light-grey", Color::Gray),
    ("dark-grey", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

/// Reads `#rrggbb`, one of the sixteen names, or `0` to `255` for the terminal's own palette.
pub fn read(word: &str) -> Option<Color> {
    if let Some(hex) = word.strip_prefix('#') {
        let digits = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let [_, r, g, b] = u32::from_str_radix(hex, 16).ok().filter(|_| digits)?.to_be_bytes();
        return Some(Color::Rgb(r, g, b));
    }
    let name = word.to_ascii_lowercase().replace("gray", "grey").replace('_', "-");
    NAMED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, colour)| *colour)
        .or_else(|| word.parse().ok().map(Color::Indexed))
}

/// What xterm shows for the sixteen: every terminal differs, and this is what most were built to look like.
const SIXTEEN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];
const CUBE_STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Red, green and blue as a terminal most likely shows a colour; `None` for the terminal's own default.
pub fn rgb(colour: Color) -> Option<[u8; 3]> {
    match colour {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(index @ 0..=15) => Some(SIXTEEN[usize::from(index)].1),
        Color::Indexed(index @ 16..=231) => {
            let step = |at: u8| CUBE_STEPS[usize::from(at % 6)];
            let index = index - 16;
            Some([step(index / 36), step(index / 6), step(index)])
        }
        Color::Indexed(index) => Some([8 + (index - 232) * 10; 3]),
        named => SIXTEEN.iter().find(|(known, _)| *known == named).map(|(_, rgb)| *rgb),
    }
}

/// The nearest colour that a terminal of that depth has.
pub fn at_depth(colour: Color, depth: Depth) -> Color {
    let Color::Rgb(..) = colour else {
        return match depth {
            Depth::None => Color::Reset,
            Depth::Sixteen if matches!(colour, Color::Indexed(16..)) => {
                rgb(colour).map_or(colour, nearest_sixteen)
            }
            _ => colour,
        };
    };
    match (depth, rgb(colour)) {
        (Depth::None, _) => Color::Reset,
        (Depth::Sixteen, Some(rgb)) => nearest_sixteen(rgb),
        (Depth::Cube, Some(rgb)) => nearest_in_cube(rgb),
        _ => colour,
    }
}

fn nearest_sixteen(wanted: [u8; 3]) -> Color {
    SIXTEEN
        .iter()
        .min_by_key(|(_, have)| distance(wanted, *have))
        .map_or(Color::Reset, |(colour, _)| *colour)
}

fn nearest_in_cube(wanted: [u8; 3]) -> Color {
    (16..=255)
        .map(Color::Indexed)
        .min_by_key(|colour| rgb(*colour).map_or(u32::MAX, |have| distance(wanted, have)))
        .unwrap_or(Color::Reset)
}

/// The "redmean" approximation of how different two colours look.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let difference = |at: usize| u32::from(a[at].abs_diff(b[at])).pow(2);
    let red = (u32::from(a[0]) + u32::from(b[0])) / 2;
    ((512 + red) * difference(0) + 1024 * difference(1) + (767 - red) * difference(2)) / 256
}

/// A channel from 0 to 1 as light, not as a number in a file (sRGB transfer function).
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Relative luminance from 0 to 1 (WCAG 2.1).
pub fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Contrast from 1 to 21 (WCAG 2.1): 4.5 is readable, 7 is easy.
pub fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
pub(super) mod sight {
    //! Colours as other eyes see them: Machado, Oliveira and Fernandes 2009, severity 1; differences by CIEDE2000.

    use super::linear;

    /// A way of seeing: from linear RGB to linear RGB.
    pub(in crate::console::theme) type Eyes = [[f64; 3]; 3];

    pub(in crate::console::theme) const ALL: [(&str, Eyes); 4] = [
        ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ],
        ),
        (
            "deuteranopia",
            [
                [0.367322, 0.860646, -0.227968],
                [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ],
        ),
        (
            "tritanopia",
            [
                [1.255528, -0.076749, -0.178779],
                [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ],
        ),
    ];

    /// Linear RGB as those eyes see it.
    pub(in crate::console::theme) fn seen(rgb: [u8; 3], eyes: &Eyes) -> [f64; 3] {
        let light = rgb.map(linear);
        eyes.map(|row| {
            row.iter().zip(light).map(|(weight, value)| weight * value).sum::<f64>().clamp(0.0, 1.0)
        })
    }

    /// WCAG contrast of linear colours.
    pub(in crate::console::theme) fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let luminance = |c: [f64; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn lab([r, g, b]: [f64; 3]) -> [f64; 3] {
        let f = |t: f64| {
            if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 }
        };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// CIEDE2000: about 1 is just visible, 10 is different at a glance.
    pub(in crate::console::theme) fn difference(a: [f64; 3], b: [f64; 3]) -> f64 {
        let ([l1, a1, b1], [l2, a2, b2]) = (lab(a), lab(b));
        let mean_chroma = (a1.hypot(b1) + a2.hypot(b2)) / 2.0;
        let pow7 = |c: f64| (c.powi(7) / (c.powi(7) + 25f64.powi(7))).sqrt();
        let stretch = 1.0 + 0.5 * (1.0 - pow7(mean_chroma));
        let (a1, a2) = (a1 * stretch, a2 * stretch);
        let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
        let hue = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
        let (h1, h2) = (hue(a1, b1), hue(a2, b2));
        let turn = if c1 * c2 == 0.0 { 0.0 } else { (h2 - h1 + 540.0).rem_euclid(360.0) - 180.0 };
        let d_hue = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
        let (l, c) = ((l1 + l2) / 2.0, (c1 + c2) / 2.0);
        let h = if c1 * c2 == 0.0 { h1 + h2 } else { (h1 + turn / 2.0).rem_euclid(360.0) };
        let cos = |degrees: f64| degrees.to_radians().cos();
        let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0)
            - 0.20 * cos(4.0 * h - 63.0);
        let s_l = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
        let (s_c, s_h) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
        let rotation =
            -2.0 * pow7(c) * (60.0 * (-((h - 275.0) / 25.0).powi(2)).exp()).to_radians().sin();
        let (dl, dc, dh) = ((l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h);
        (dl * dl + dc * dc + dh * dh + rotation * dc * dh).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(vars: &[(&str, &str)]) -> Depth {
        Depth::detect(|name| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("TERM", "screen-256color")]), Depth::Cube);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]), Depth::None);
        assert_eq!(depth(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::None);
        assert_eq!(depth(&[("NO_COLOR", ""), ("COLORTERM", "24bit")]), Depth::True);
    }

    #[test]
    fn colours_read_as_people_write_them() {
        assert_eq!(read("#ff8000"), Some(Color::Rgb(255, 128, 0)));
        assert_eq!(read("light-gray"), Some(Color::Gray));
        assert_eq!(read("Dark_Grey"), Some(Color::DarkGray));
        assert_eq!(read("208"), Some(Color::Indexed(208)));
        for wrong in ["#ff80", "#ff80000", "#+f8000", "256", "puce", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_poorer_terminal_gets_the_nearest_it_has() {
        let orange = Color::Rgb(255, 135, 0);
        assert_eq!(at_depth(orange, Depth::Cube), Color::Indexed(208));
        assert_eq!(at_depth(Color::Rgb(250, 10, 10), Depth::Sixteen), Color::LightRed);
        assert_eq!(at_depth(orange, Depth::None), Color::Reset);
        assert_eq!(at_depth(orange, Depth::True), orange);
        assert_eq!(at_depth(Color::Reset, Depth::Sixteen), Color::Reset);
    }

    #[test]
    fn contrast_is_what_the_standard_says() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([119; 3], [255; 3]) - 4.48).abs() < 0.01);
    }

    #[test]
    fn differences_are_those_of_the_published_test_data() {
        // White against a mid grey, from the reference implementation's own numbers for pure greys: only lightness differs.
        let grey = |v: u8| sight::seen([v; 3], &sight::ALL[0].1);
        assert!(sight::difference(grey(255), grey(255)) < 1e-6);
        let far = sight::difference(grey(255), grey(0));
        assert!((far - 100.0).abs() < 0.5, "{far}");
    }
}
