//! Which key does what. The defaults are a file in the user's own format; footer, help and palette are made from the map in use.

use std::{collections::BTreeMap, fmt, ops::Range};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use toml::Spanned;

use super::action::{Action, Context};

/// The defaults, and every setting of the console with its comment.
pub const DEFAULTS: &str = include_str!("../../assets/console.toml");

/// One key, with or without ctrl. Shift is in the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Press {
    code: KeyCode,
    ctrl: bool,
}

const NAMED: [(&str, KeyCode); 17] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("null", KeyCode::Null),
];

impl Press {
    /// The key of an event; `None` for releases, and for keys held with alt or a system key, which are nobody's.
    pub fn of(event: &KeyEvent) -> Option<Press> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let others = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META;
        // AltGr arrives as ctrl and alt together, with the character that it makes.
        let altgr = ctrl && event.modifiers.contains(KeyModifiers::ALT);
        if event.modifiers.intersects(others) && !altgr {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(c) if ctrl && !altgr => KeyCode::Char(c.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Some(Press { code, ctrl: ctrl && !altgr })
    }

    /// Reads a key as `console.toml` writes it.
    ///
    /// # Errors
    /// What is wrong with it, in words that say what would be right.
    pub fn read(text: &str) -> Result<Press, String> {
        if let Some(letter) = text.strip_prefix("ctrl-") {
            let mut chars = letter.chars();
            return match (chars.next(), chars.next()) {
                (Some(c), None) if c.is_ascii_lowercase() => {
                    Ok(Press { code: KeyCode::Char(c), ctrl: true })
                }
                _ => Err("after `ctrl-` stands one small letter".into()),
            };
        }
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(Press { code: *code, ctrl: false });
        }
        if let Some(number) = text.strip_prefix('f').and_then(|n| n.parse::<u8>().ok())
            && (1..=12).contains(&number)
        {
            return Ok(Press { code: KeyCode::F(number), ctrl: false });
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => Ok(Press { code: KeyCode::Char(c), ctrl: false }),
            _ if text.starts_with("alt-") => {
                Err("there is no alt: many terminals and keyboards do not send it".into())
            }
            _ => Err(format!(
                "a key is one character, ctrl- and a letter, f1 to f12, or one of {}",
                NAMED[..16].iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
            )),
        }
    }
}

/// As the screen writes it: `d`, `ctrl-p`, `Enter`, `↓`.
impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Enter => f.write_str("Enter"),
            KeyCode::Esc => f.write_str("Esc"),
            KeyCode::Tab => f.write_str("Tab"),
            KeyCode::BackTab => f.write_str("shift-Tab"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::Home => f.write_str("Home"),
            KeyCode::End => f.write_str("End"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::Backspace => f.write_str("Backspace"),
            KeyCode::Delete => f.write_str("Delete"),
            KeyCode::Insert => f.write_str("Insert"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// `[keys]` of `console.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Keys(BTreeMap<Spanned<String>, Spanned<Words>>);

/// `"d"` or `["d", "F"]`.
#[derive(Clone, Debug, PartialEq)]
enum Words {
    One(String),
    Many(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Words {
    // By hand: an untagged enum would lose the spans.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key as a text, or a list of such")
            }

            fn visit_str<E>(self, key: &str) -> Result<Words, E> {
                Ok(Words::One(key.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Words, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = seq.next_element()? {
                    keys.push(key);
                }
                Ok(Words::Many(keys))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A fault in `[keys]`, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct KeymapError {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl KeymapError {
    /// The line of the fault, from 1.
    pub fn line(&self, file: &str) -> usize {
        file.as_bytes().iter().take(self.span.start).filter(|byte| **byte == b'\n').count() + 1
    }
}

/// The keys in use.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<(Press, Action)>,
}

impl Keymap {
    /// The defaults with a user's changes laid over them: an action that the user names has the user's keys and no others.
    /// A default key that the user gave to another action is taken from the action that had it.
    ///
    /// # Errors
    /// An unknown action, a word that is no key, or one key for two actions of the same context.
    pub fn with(user: &Keys) -> Result<Keymap, KeymapError> {
        let user = read(user)?;
        clashes(&user)?;
        let named: Vec<Action> = user.iter().map(|binding| binding.action).collect();
        let mut bindings = Vec::new();
        for default in read(&default_keys())? {
            let taken = user.iter().any(|binding| binding.meets(&default));
            if !named.contains(&default.action) && !taken {
                bindings.extend(default.press.map(|press| (press, default.action)));
            }
        }
        bindings.extend(user.iter().filter_map(|b| Some((b.press?, b.action))));
        Ok(Keymap { bindings })
    }

    /// What a key does where the keys go to `context`.
    pub fn action(&self, press: Press, context: Context) -> Option<Action> {
        self.bindings
            .iter()
            .find(|(key, action)| *key == press && action.is_heard_in(context))
            .map(|(_, action)| *action)
    }

    /// The keys of an action, as the screen writes them.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        let own = self.bindings.iter().filter(|(_, bound)| *bound == action);
        own.map(|(press, _)| press.to_string()).collect()
    }
}

impl Default for Keymap {
    fn default() -> Keymap {
        // A test holds the defaults to this.
        Keymap::with(&Keys::default()).unwrap_or(Keymap { bindings: Vec::new() })
    }
}

/// One line of `[keys]`. An unbound action has no key.
struct Bound {
    action: Action,
    press: Option<Press>,
    span: Range<usize>,
}

impl Bound {
    fn meets(&self, other: &Bound) -> bool {
        self.press.is_some()
            && self.press == other.press
            && self.action != other.action
            && self.action.contexts().iter().any(|context| other.action.is_heard_in(*context))
    }
}

fn default_keys() -> Keys {
    #[derive(Deserialize)]
    struct File {
        keys: Keys,
    }
    toml::from_str::<File>(DEFAULTS).map(|file| file.keys).unwrap_or_default()
}

fn read(keys: &Keys) -> Result<Vec<Bound>, KeymapError> {
    let mut bound = Vec::new();
    for (name, words) in &keys.0 {
        let action = Action::read(name.get_ref())
            .ok_or_else(|| KeymapError { span: name.span(), message: unknown(name.get_ref()) })?;
        let words: Vec<(&str, Range<usize>)> = match words.get_ref() {
            Words::One(key) => vec![(key, words.span())],
            Words::Many(keys) => {
                keys.iter().map(|key| (key.get_ref().as_str(), key.span())).collect()
            }
        };
        if words.is_empty() {
            bound.push(Bound { action, press: None, span: name.span() });
        }
        for (key, span) in words {
            let press = Press::read(key).map_err(|why| KeymapError {
                span: span.clone(),
                message: format!("`{key}` is no key: {why}"),
            })?;
            bound.push(Bound { action, press: Some(press), span });
        }
    }
    Ok(bound)
}

fn unknown(name: &str) -> String {
    let near = Action::ALL
        .iter()
        .map(|action| action.name())
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)))
        .unwrap_or_default();
    let all: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
    format!("unknown action `{name}`: did you mean `{near}`? The actions are {}", all.join(", "))
}

fn clashes(bound: &[Bound]) -> Result<(), KeymapError> {
    for (at, second) in bound.iter().enumerate() {
        if let Some(first) = bound[..at].iter().find(|first| first.meets(second))
            && let Some(press) = second.press
        {
            return Err(KeymapError {
                span: second.span.clone(),
                message: format!(
                    "`{press}` is given to both `{}` and `{}`",
                    first.action.name(),
                    second.action.name()
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keymap(text: &str) -> Result<Keymap, (usize, String)> {
        let keys: Keys = toml::from_str(text).expect("toml");
        Keymap::with(&keys).map_err(|error| (error.line(text), error.message))
    }

    fn press(text: &str) -> Press {
        Press::read(text).expect("a key")
    }

    #[test]
    fn the_defaults_name_every_action_and_do_not_clash() {
        let defaults = read(&default_keys()).expect("the defaults can be read");
        clashes(&defaults).expect("the defaults do not clash");
        for action in Action::ALL {
            assert!(defaults.iter().any(|bound| bound.action == *action), "{action:?}");
        }
        assert_eq!(Keymap::default().action(press("d"), Context::List), Some(Action::Call));
    }

    #[test]
    fn no_default_key_is_one_that_tmux_needs() {
        for (key, action) in &Keymap::default().bindings {
            assert!(!["ctrl-a", "ctrl-b"].contains(&key.to_string().as_str()), "{action:?}");
        }
    }

    #[test]
    fn a_user_moves_keys_and_the_old_owner_gives_way() {
        let map = keymap("claim = [\"d\", \"F\"]\nmute = []").expect("legal");
        assert_eq!(map.action(press("d"), Context::List), Some(Action::Claim));
        assert_eq!(map.action(press("F"), Context::Detail), Some(Action::Claim));
        assert_eq!(map.action(press("c"), Context::List), None);
        assert_eq!(map.keys_of(Action::Call), Vec::<String>::new());
        assert_eq!(map.action(press("m"), Context::List), None);
    }

    #[test]
    fn faults_point_to_their_line_and_say_what_would_be_right() {
        let (line, message) = keymap("call = \"d\"\nclam = \"c\"").expect_err("unknown");
        assert_eq!(line, 2);
        assert!(message.contains("did you mean `claim`?"), "{message}");
        let (line, message) = keymap("call = \"d\"\n\nclaim = \"d\"").expect_err("a clash");
        assert_eq!(line, 3);
        assert_eq!(message, "`d` is given to both `call` and `claim`");
        let (line, message) = keymap("call = [\"d\",\n\"alt-d\"]").expect_err("no alt");
        assert_eq!(line, 2);
        assert!(message.contains("there is no alt"), "{message}");
        assert!(keymap("call = \"dd\"").is_err());
    }

    #[test]
    fn only_presses_without_alt_are_keys_and_shift_is_in_the_letter() {
        let key = |code, modifiers| Press::of(&KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(press("G")));
        assert_eq!(key(KeyCode::Char('P'), KeyModifiers::CONTROL), Some(press("ctrl-p")));
        assert_eq!(key(KeyCode::Tab, KeyModifiers::SHIFT), Some(press("shift-tab")));
        assert_eq!(key(KeyCode::Char('d'), KeyModifiers::ALT), None);
        let altgr = KeyModifiers::ALT | KeyModifiers::CONTROL;
        assert_eq!(key(KeyCode::Char('@'), altgr), Some(press("@")));
    }
}
