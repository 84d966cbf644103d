//! `console.toml`: how the console looks and which keys it takes. Every line may be left out.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use toml::{Spanned, de::DeValue};

use super::{
    theme,
    toml_file::{Fault, Source},
};

/// The words of the file.
const WORDS: [&str; 6] = ["theme", "mouse", "bell", "notifications", "require_outcome", "keys"];

/// What `console.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// `[keys]` in the file's order, for the keymap to make sense of.
    pub keys: Vec<Binding>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            theme: theme::DEFAULT.into(),
            mouse: true,
            bell: true,
            notifications: true,
            require_outcome: false,
            keys: Vec::new(),
        }
    }
}

/// One line of `[keys]`: `action = "key"` or `action = ["key", "key"]`; no keys unbind the action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub action: Placed,
    pub keys: Vec<Placed>,
}

/// A word of the file that somebody else will make sense of, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub text: String,
    /// The fault to tell if it makes none; only its `what` is missing.
    pub place: Fault,
}

impl Placed {
    /// What is wrong with this word.
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        Fault { what: what.into(), ..self.place.clone() }
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
                "keys" => settings.keys = reader.keys(value),
                _ => reader.faults.push(source.unknown(key, "setting", &WORDS)),
            }
        }
        settings.keys.sort_by_key(|key| (key.action.place.line, key.action.place.column));
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

    fn keys(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Binding> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value, "this must be a table: [keys], then lines like call = \"d\"");
            return Vec::new();
        };
        let bindings = table.iter().map(|(action, keys)| Binding {
            action: self.placed(action.get_ref(), action.span()),
            keys: self.key_words(keys),
        });
        bindings.collect()
    }

    fn key_words(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Placed> {
        const WRONG: &str = "this must be a key in quotes, or several: [\"j\", \"down\"]";
        let alone = std::slice::from_ref(value);
        let words = match value.get_ref().as_array() {
            Some(array) => array.iter().as_slice(),
            None => alone,
        };
        let mut keys = Vec::with_capacity(words.len());
        for word in words {
            match word.get_ref().as_str() {
                Some(key) => keys.push(self.placed(key, word.span())),
                None => self.wrong(word, WRONG),
            }
        }
        keys
    }

    fn placed(&self, text: &str, span: std::ops::Range<usize>) -> Placed {
        Placed { text: text.to_owned(), place: self.source.fault(span, "") }
    }
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

    fn faults(text: &str) -> Vec<String> {
        let faults = Settings::read("console.toml", text).expect_err("faults");
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_file_changes_nothing_and_a_full_one_says_all() {
        assert_eq!(Settings::read("console.toml", ""), Ok(Settings::default()));
        let text = "theme = \"gruvbox-dark\"\nmouse = false\nbell = false\nnotifications = false\nrequire_outcome = true\n\
                    [keys]\nclaim = \"x\"\ncall = [\"d\", \"ctrl-d\"]\nmute = []\n";
        let settings = Settings::read("console.toml", text).expect("reads");
        assert_eq!(settings.theme, "gruvbox-dark");
        assert!(!settings.mouse && !settings.bell && !settings.notifications);
        assert!(settings.require_outcome);
        let keys: Vec<(&str, Vec<&str>)> = settings
            .keys
            .iter()
            .map(|key| {
                let keys = key.keys.iter().map(|word| word.text.as_str()).collect();
                (key.action.text.as_str(), keys)
            })
            .collect();
        assert_eq!(keys, [("claim", vec!["x"]), ("call", vec!["d", "ctrl-d"]), ("mute", vec![])]);
        let clash = settings.keys[1].keys[1].fault("`ctrl-d` is taken");
        assert_eq!(clash.to_string(), "console.toml:8:14: `ctrl-d` is taken");
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
