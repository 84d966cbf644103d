//! The configuration file: where it is, and its text as a tree with places.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use etcetera::BaseStrategy;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    errors::{Fault, Place},
    tree::{Entry, Node, Table, Value},
};

/// The file to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) path: PathBuf,
    /// Somebody asked for this very file, so its absence is an error.
    pub(super) named: bool,
}

/// `--config`, else `$RINGBACK_CONFIG`, else `ringback/ringback.toml` in the XDG configuration folder. `None` where there
/// is no such folder either.
pub(super) fn locate(option: Option<&Path>, env: &[(String, String)]) -> Option<Location> {
    let variable = |name: &str| {
        let value = env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty()).map(PathBuf::from)
    };
    if let Some(path) = option.map(Path::to_owned).or_else(|| variable("RINGBACK_CONFIG")) {
        return Some(Location { path, named: true });
    }
    // The specification asks for relative paths to be ignored.
    let folder = variable("XDG_CONFIG_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| variable("HOME").map(|home| home.join(".config")))
        .or_else(|| etcetera::choose_base_strategy().ok().map(|base| base.config_dir()))?;
    Some(Location { path: folder.join("ringback").join("ringback.toml"), named: false })
}

/// Reads the file; `None` when it does not exist and nobody asked for it by name.
pub(super) fn read(location: &Location) -> Result<Option<Table>, Fault> {
    let path = &location.path;
    let fault = |problem: String| Fault { place: Place::File(path.clone()), problem };
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => parse(path, &text).map(Some),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes());
                let place = Source { path: path.as_path().into(), text: &text }.place(valid);
                Err(Fault { place, problem: "not UTF-8: save the file as UTF-8 text".into() })
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && !location.named => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(fault(
            "there is no such file: name another one, or write a first one with `ringback init`"
                .into(),
        )),
        Err(error) => Err(fault(format!("cannot be read: {error}"))),
    }
}

/// The tree of a file's text; `path` is for messages only.
///
/// # Errors
/// The first fault in the syntax.
pub(super) fn parse(path: &Path, text: &str) -> Result<Table, Fault> {
    let source = Source { path: path.into(), text };
    match DeTable::parse(text) {
        Ok(table) => Ok(tree_table(table.get_ref(), &|offset| source.place(offset))),
        Err(error) => {
            let place =
                error.span().map_or(Place::File(path.into()), |span| source.place(span.start));
            Err(Fault { place, problem: error.message().trim().replace('\n', ", ") })
        }
    }
}

/// A single value, as it may stand to the right of a `=`. `None` if it is none.
pub(super) fn parse_value(text: &str, place: &Place) -> Option<Node> {
    DeValue::parse(text).ok().map(|value| tree_node(&value, &|_| place.clone()))
}

struct Source<'a> {
    path: Arc<Path>,
    text: &'a str,
}

impl Source<'_> {
    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place::Position {
            path: Arc::clone(&self.path),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

fn tree_table(table: &DeTable<'_>, place: &impl Fn(usize) -> Place) -> Table {
    table
        .iter()
        .map(|(key, value)| {
            let entry = Entry { key: place(key.span().start), node: tree_node(value, place) };
            (key.get_ref().to_string(), entry)
        })
        .collect()
}

fn tree_node(spanned: &Spanned<DeValue<'_>>, place: &impl Fn(usize) -> Place) -> Node {
    let value = match spanned.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            Value::Whole(i64::from_str_radix(number.as_str(), number.radix()).ok())
        }
        DeValue::Float(_) => Value::Fraction,
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| tree_node(item, place)).collect())
        }
        DeValue::Table(table) => Value::Table(tree_table(table, place)),
    };
    Node { place: place(spanned.span().start), value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn the_file_is_the_option_then_the_variable_then_the_one_in_the_configuration_folder() {
        let all = env(&[
            ("RINGBACK_CONFIG", "/srv/r.toml"),
            ("XDG_CONFIG_HOME", "/home/ann/conf"),
            ("HOME", "/home/ann"),
        ]);
        for (option, env, path, named) in [
            (Some("mine.toml"), &all[..], "mine.toml", true),
            (None, &all[..], "/srv/r.toml", true),
            (None, &all[1..], "/home/ann/conf/ringback/ringback.toml", false),
            (None, &all[2..], "/home/ann/.config/ringback/ringback.toml", false),
            (
                None,
                &env(&[("RINGBACK_CONFIG", ""), ("XDG_CONFIG_HOME", "conf"), ("HOME", "/h")])[..],
                "/h/.config/ringback/ringback.toml",
                false,
            ),
        ] {
            let expected = Location { path: path.into(), named };
            assert_eq!(locate(option.map(Path::new), env), Some(expected));
        }
    }

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let source = Source { path: Path::new("r.toml").into(), text: "# é\nname = 1\n" };
        assert_eq!(source.place(0).to_string(), "r.toml:1:1");
        assert_eq!(source.place("# é".len()).to_string(), "r.toml:1:4");
        assert_eq!(source.place("# é\nname".len()).to_string(), "r.toml:2:5");
        assert_eq!(source.place(999).to_string(), "r.toml:3:1");
    }
}
