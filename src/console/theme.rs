//! Themes: what each meaning looks like.
//!
//! A theme is a TOML file. `inherits` names another to start from, `[palette]` names colours, `[meanings]` says how each
//! [`Meaning`] looks. Eight ship inside the program; files of the user's own `themes` folder come first, so that a file of
//! the same name replaces one of ours. Reading never fails half-way: every fault of a file is told, with its line.

pub mod colour;
mod meaning;
mod read;

use std::{
    fs, io,
    ops::Index,
    path::{Path, PathBuf},
};

use ratatui::style::{Color, Modifier, Style};

pub use self::{colour::Depth, meaning::Meaning};
use super::toml_file::Fault;

/// The theme when none is asked for, and the one a user's theme starts from unless it names another.
pub const DEFAULT: &str = "default-dark";

/// The themes inside the program, in the order in which one key goes through them.
const EMBEDDED: [(&str, &str); 9] = [
    ("default-dark", include_str!("../../themes/default-dark.toml")),
    ("default-light", include_str!("../../themes/default-light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("colour-blind-dark", include_str!("../../themes/colour-blind-dark.toml")),
    ("colour-blind-light", include_str!("../../themes/colour-blind-light.toml")),
    ("sixteen", include_str!("../../themes/sixteen.toml")),
    ("catppuccin-mocha", include_str!("../../themes/catppuccin-mocha.toml")),
    ("catppuccin-latte", include_str!("../../themes/catppuccin-latte.toml")),
    ("gruvbox-dark", include_str!("../../themes/gruvbox-dark.toml")),
];

/// How each meaning looks. Plain data: a view asks it and never knows a colour's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    pub name: String,
    styles: [Style; Meaning::COUNT],
}

impl Index<Meaning> for Theme {
    type Output = Style;

    fn index(&self, meaning: Meaning) -> &Style {
        &self.styles[meaning as usize]
    }
}

impl Theme {
    /// The default theme of the program.
    pub fn standard() -> Theme {
        // The embedded file is read by a test; should it ever be broken, plain letters are still a console.
        Themes::default().load(DEFAULT).unwrap_or_else(|_| Theme {
            name: DEFAULT.into(),
            styles: [Style::new(); Meaning::COUNT],
        })
    }

    /// What fills the screen before anything is drawn: background and plain text.
    pub fn base(&self) -> Style {
        self[Meaning::Text].patch(self[Meaning::Background])
    }

    /// What fills an overlay before anything is drawn.
    pub fn popup(&self) -> Style {
        self[Meaning::Text].patch(self[Meaning::Popup])
    }

    /// The same theme on a terminal that shows fewer colours.
    pub fn at_depth(mut self, depth: Depth) -> Theme {
        if depth == Depth::None {
            return self.without_colour();
        }
        for style in &mut self.styles {
            style.fg = style.fg.map(|fg| colour::at_depth(fg, depth));
            style.bg = style.bg.map(|bg| colour::at_depth(bg, depth));
        }
        self
    }

    /// No colour at all: bold, underline and reverse carry what letters and symbols do not.
    fn without_colour(mut self) -> Theme {
        for (meaning, style) in Meaning::ALL.iter().zip(&mut self.styles) {
            let kept = style.add_modifier;
            let needed = match meaning {
                Meaning::Selected => Modifier::REVERSED,
                Meaning::Danger | Meaning::TierB => Modifier::BOLD,
                // What has a ground of its own in colour keeps one.
                Meaning::PastDue | Meaning::TabActive | Meaning::Number => {
                    Modifier::BOLD | Modifier::REVERSED
                }
                Meaning::Match | Meaning::Input => Modifier::UNDERLINED,
                Meaning::Key | Meaning::Title => Modifier::BOLD,
                _ => Modifier::empty(),
            };
            // `fg` stays unset, not reset, so that a chip's reversal by colour leaves nothing behind.
            *style = Style::new().add_modifier(kept | needed);
        }
        self.name.push_str(" (no colour)");
        self
    }

    /// Whether the background is dark, as far as the theme says.
    pub fn is_dark(&self) -> bool {
        self[Meaning::Background]
            .bg
            .and_then(colour::rgb)
            .is_none_or(|rgb| colour::luminance(rgb) < 0.18)
    }
}

/// Where themes come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Themes {
    /// The user's folder; it need not exist.
    folder: Option<PathBuf>,
}

/// Why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("there is no theme `{name}`; there are {}", known.join(", "))]
    Unknown { name: String, known: Vec<String> },
    #[error("{file}: {source}")]
    Unreadable { file: String, source: io::Error },
    /// Everything that is wrong with the file, or one it inherits from.
    #[error("{}", list(.0))]
    Faulty(Vec<Fault>),
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Themes {
    /// Ours, and those of a folder of the user's.
    pub fn with_folder(folder: impl Into<PathBuf>) -> Themes {
        Themes { folder: Some(folder.into()) }
    }

    /// Every theme there is: ours in their order, then the user's by name.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut own: Vec<String> = self
            .folder
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| file.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| !names.contains(name))
            .collect();
        own.sort();
        names.append(&mut own);
        names
    }

    /// The theme after one, for the key that goes through them all.
    pub fn after(&self, name: &str) -> String {
        let names = self.names();
        let at = names.iter().position(|known| known == name).map_or(0, |at| at + 1);
        names.get(at).or(names.first()).cloned().unwrap_or_else(|| DEFAULT.into())
    }

    /// Reads a theme and those it inherits from.
    ///
    /// # Errors
    /// No theme of that name, a file that cannot be read, or every fault in it.
    pub fn load(&self, name: &str) -> Result<Theme, ThemeError> {
        read::theme(self, name)
    }

    /// The file of a user's theme, where a name is one that a file can have.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        self.folder.as_ref().filter(|_| plain).map(|folder| folder.join(format!("{name}.toml")))
    }

    /// A theme's text and the name to call its file by.
    fn text(&self, name: &str) -> Result<(String, String), ThemeError> {
        if let Some(path) = self.file(name) {
            let file = path.display().to_string();
            match fs::read_to_string(&path) {
                Ok(text) => return Ok((file, text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(ThemeError::Unreadable { file, source }),
            }
        }
        EMBEDDED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(name, text)| (format!("themes/{name}.toml"), (*text).to_owned()))
            .ok_or_else(|| ThemeError::Unknown { name: name.into(), known: self.names() })
    }
}

/// The colour a style draws text in and the one behind it, given what it lies on.
pub fn colours(style: Style, beneath: Style) -> (Option<Color>, Option<Color>) {
    let (fg, bg) = (style.fg.or(beneath.fg), style.bg.or(beneath.bg));
    if style.add_modifier.contains(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) }
}

#[cfg(test)]
mod tests;
