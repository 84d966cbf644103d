//! `console.toml`: how the console looks and which keys it takes. Every line may be left out.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use toml::{Spanned, de::DeValue};

use super::{
    keymap::{Keymap, Keys},
    theme,
    toml_file::{Fault, Source},
};

/// The words of the file.
const WORDS: [&str; 6] = ["theme", "mouse", "bell", "notifications", "require_outcome", "keys"];

/// What `console.toml` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// A theme's name; whether there is one of that name is for [`theme::Themes`] to say.
    pub theme: String,
    /// Whether the console takes the mouse at its start.
    pub mouse: bool,
    /// Whether the terminal's bell may ring.
    pub bell: bool,
    /// Whether desktop notifications may be shown.
    pub notifications: bool,
    /// Whether the wrap-up bar stays until an outcome is logged.
    pub require_outcome: bool,
    /// The keys, with those of the file laid over the defaults.
    pub keymap: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            theme: theme::DEFAULT.into(),
            mouse: true,
            bell: true,
            notifications: true,
            require_outcome: false,
            keymap: Keymap::default(),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{file}: {source}")]
    Unreadable { file: String, source: io::Error },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faulty(Vec<Fault>),
}

impl Settings {
    /// Reads a file; one that is not there says nothing.
    ///
    /// # Errors
    /// A file that cannot be read, or everything that is wrong with it.
    pub fn load(path: &Path) -> Result<Settings, SettingsError> {
        let file = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Settings::read(&file, &text).map_err(SettingsError::Faulty),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(source) => Err(SettingsError::Unreadable { file, source }),
        }
    }

    /// Reads a file's text. `file` is what errors call it.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line.
    pub fn read(file: &str, text: &str) -> Result<Settings, Vec<Fault>> {
        let source = Source { file, text };
        let mut reader = Reader { source, faults: Vec::new() };
        let mut settings = Settings::default();
        for (key, value) in &source.parse()? {
            match key.get_ref().as_ref() {
                "theme" => reader.text(value, &mut settings.theme),
                "mouse" => reader.flag(value, &mut settings.mouse),
                "bell" => reader.flag(value, &mut settings.bell),
                "notifications" => reader.flag(value, &mut settings.notifications),
                "require_outcome" => reader.flag(value, &mut settings.require_outcome),
                "keys" => reader.keys(value, &mut settings.keymap),
                _ => reader.faults.push(source.unknown(key, "setting", &WORDS)),
            }
        }
        reader.faults.sort_by_key(|fault| (fault.line, fault.column));
        if reader.faults.is_empty() { Ok(settings) } else { Err(reader.faults) }
    }
}

struct Reader<'a> {
    source: Source<'a>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, what: &str) {
        self.faults.push(self.source.fault(value.span(), what));
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>, setting: &mut String) {
        match value.get_ref().as_str() {
            Some(text) => text.clone_into(setting),
            None => self.wrong(value, "this must be text in quotes"),
        }
    }

    fn flag(&mut self, value: &Spanned<DeValue<'_>>, setting: &mut bool) {
        match value.get_ref().as_bool() {
            Some(flag) => *setting = flag,
            None => self.wrong(value, "this must be true or false"),
        }
    }

    fn keys(&mut self, value: &Spanned<DeValue<'_>>, keymap: &mut Keymap) {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value, "this must be a table: [keys], then lines like call = \"d\"");
            return;
        };
        let before = self.faults.len();
        for keys in table.values() {
            self.key_words(keys);
        }
        if self.faults.len() > before {
            return;
        }
        // The keymap reads its own part of the file: it knows the words and what clashes.
        match toml::from_str::<KeysOnly>(self.source.text) {
            Err(error) => {
                let span = error.span().unwrap_or_else(|| value.span());
                self.faults.push(self.source.fault(span, error.message()));
            }
            Ok(file) => match Keymap::with(&file.keys) {
                Err(error) => self.faults.push(self.source.fault(error.span, error.message)),
                Ok(read) => *keymap = read,
            },
        }
    }

    fn key_words(&mut self, value: &Spanned<DeValue<'_>>) {
        const WRONG: &str = "this must be a key in quotes, or several: [\"j\", \"down\"]";
        match value.get_ref().as_array() {
            Some(array) => {
                for word in array.iter().filter(|word| !word.get_ref().is_str()) {
                    self.wrong(word, WRONG);
                }
            }
            None if value.get_ref().is_str() => {}
            None => self.wrong(value, WRONG),
        }
    }
}

/// The file as the keymap reads it.
#[derive(serde::Deserialize)]
struct KeysOnly {
    keys: Keys,
}

/// Tells when files changed, by their time and size: settings and themes are reloaded while the console runs.
#[derive(Debug)]
pub struct Watch {
    files: Vec<(PathBuf, Option<Mark>)>,
}

/// What tells one version of a file from another; `None` for a file that is not there.
type Mark = (SystemTime, u64);

impl Watch {
    /// Watches files as they are now; they need not exist.
    pub fn new(files: impl IntoIterator<Item = PathBuf>) -> Watch {
        Watch {
            files: files.into_iter().map(|file| (mark(&file), file)).map(|(m, f)| (f, m)).collect(),
        }
    }

    /// Whether a file came, went or changed since the last look. Touches the disk: not for the drawing thread.
    pub fn changed(&mut self) -> bool {
        let mut changed = false;
        for (file, seen) in &mut self.files {
            let now = mark(file);
            changed |= now != *seen;
            *seen = now;
        }
        changed
    }
}

fn mark(file: &Path) -> Option<Mark> {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        action::{Action, Context},
        keymap::{self, Press},
    };

    fn faults(text: &str) -> Vec<String> {
        let faults = Settings::read("console.toml", text).expect_err("faults");
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_file_changes_nothing_and_a_full_one_says_all() {
        assert_eq!(Settings::read("console.toml", ""), Ok(Settings::default()));
        let text = "theme = \"gruvbox-dark\"\nmouse = false\nbell = false\nnotifications = false\nrequire_outcome = true\n\
                    [keys]\nclaim = \"x\"\ncall = [\"d\", \"ctrl-e\"]\nmute = []\n";
        let settings = Settings::read("console.toml", text).expect("reads");
        assert_eq!(settings.theme, "gruvbox-dark");
        assert!(!settings.mouse && !settings.bell && !settings.notifications);
        assert!(settings.require_outcome);
        let press = |key| Press::read(key).expect("a key");
        assert_eq!(settings.keymap.action(press("x"), Context::List), Some(Action::Claim));
        assert_eq!(settings.keymap.keys_of(Action::Call), ["d", "ctrl-e"]);
        assert!(settings.keymap.keys_of(Action::Mute).is_empty());
    }

    #[test]
    fn the_file_that_ships_says_the_defaults() {
        let settings = Settings::read("console.toml", keymap::DEFAULTS).expect("reads");
        assert_eq!(Settings { keymap: Keymap::default(), ..settings.clone() }, Settings::default());
        for action in Action::ALL {
            assert_eq!(settings.keymap.keys_of(*action), Keymap::default().keys_of(*action));
        }
        for word in WORDS {
            assert!(keymap::DEFAULTS.contains(word), "{word} is not explained");
        }
    }

    #[test]
    fn every_fault_points_and_says_what_would_be_right() {
        assert_eq!(
            faults(
                "thme = \"x\"\nmouse = \"yes\"\ntheme = 3\n[keys]\ncall = 4\nclaim = [\"c\", 5]\n"
            ),
            [
                "console.toml:1:1: unknown setting `thme`; did you mean `theme`?",
                "console.toml:2:9: this must be true or false",
                "console.toml:3:9: this must be text in quotes",
                "console.toml:5:8: this must be a key in quotes, or several: [\"j\", \"down\"]",
                "console.toml:6:15: this must be a key in quotes, or several: [\"j\", \"down\"]",
            ]
        );
        assert!(faults("colour = 1\n")[0].ends_with(
            "it must be one of theme, mouse, bell, notifications, require_outcome, keys"
        ));
        let told = faults("mouse = 1\n[keys]\nclam = \"c\"\n");
        assert!(told[0].starts_with("console.toml:1:9: "), "{}", told[0]);
        assert!(told[1].starts_with("console.toml:3:1: unknown action `clam`"), "{}", told[1]);
        let told = faults("[keys]\ncall = \"d\"\nclaim = [\"c\", \"d\"]\n");
        assert!(told[0].starts_with("console.toml:3:15: `d` is given to both"), "{}", told[0]);
        assert!(faults("keys = 1\n")[0].contains("this must be a table"));
        assert!(faults("theme = \n")[0].starts_with("console.toml:1:"));
    }

    #[test]
    fn a_file_that_is_not_there_is_no_fault_and_one_that_cannot_be_read_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("console.toml");
        assert_eq!(Settings::load(&missing).expect("defaults"), Settings::default());
        assert!(matches!(Settings::load(folder.path()), Err(SettingsError::Unreadable { .. })));
    }

    #[test]
    fn a_watch_tells_each_change_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mine.toml");
        let mut watch = Watch::new([file.clone()]);
        assert!(!watch.changed());
        fs::write(&file, "a").expect("written");
        assert!(watch.changed(), "it came");
        assert!(!watch.changed());
        fs::write(&file, "ab").expect("written");
        assert!(watch.changed(), "it changed");
        fs::remove_file(&file).expect("removed");
        assert!(watch.changed(), "it went");
        assert!(!watch.changed());
    }
}
