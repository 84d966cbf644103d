//! Reading the console's own TOML files (settings, themes, keys) with errors that point: file, line, column, what is wrong,
//! what would be right. A file is read to its end, so that all of its faults are told at once.

use std::ops::Range;

use toml::{Spanned, de::DeTable};

/// A table whose keys and values know where they stand.
pub type Table<'a> = DeTable<'a>;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
pub struct Fault {
    /// The file's name as the user knows it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong and what would be right, in one sentence.
    pub what: String,
}

/// The text of a file and the name to call it by.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl<'a> Source<'a> {
    /// The whole file as a table.
    ///
    /// # Errors
    /// Every place where it is not TOML.
    pub fn parse(self) -> Result<Table<'a>, Vec<Fault>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        if errors.is_empty() {
            return Ok(table.into_inner());
        }
        Err(errors
            .iter()
            .map(|error| {
                self.fault(error.span().unwrap_or(0..0), format!("not TOML: {}", error.message()))
            })
            .collect())
    }

    /// A fault at a place in this file.
    pub fn fault(self, span: Range<usize>, what: impl Into<String>) -> Fault {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Fault {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: what.into(),
        }
    }

    /// A fault at a word that is not on a list: names the nearest that is, or all.
    pub fn unknown(self, word: &Spanned<impl AsRef<str>>, kind: &str, legal: &[&str]) -> Fault {
        let wrong = word.get_ref().as_ref();
        let hint = match nearest(wrong, legal) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it must be one of {}", legal.join(", ")),
        };
        self.fault(word.span(), format!("unknown {kind} `{wrong}`; {hint}"))
    }
}

/// The word of a list that somebody probably meant: at most a third of its letters away.
pub fn nearest<'w>(word: &str, legal: &[&'w str]) -> Option<&'w str> {
    let word = word.to_lowercase();
    legal
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&word, &known.to_lowercase()), *known))
        .filter(|(distance, known)| distance * 3 <= known.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_where_in_the_terms_of_an_editor() {
        let source = Source { file: "console.toml", text: "# é\nname = \"é\" x\n" };
        let fault = source.fault(16..17, "boo");
        assert_eq!(fault.to_string(), "console.toml:2:11: boo");
    }

    #[test]
    fn what_is_not_toml_is_told_with_its_line() {
        let faults =
            Source { file: "a.toml", text: "x = 1\ny = = 2\n" }.parse().expect_err("broken");
        assert_eq!(faults[0].line, 2, "{faults:?}");
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_nonsense_is_not() {
        let legal = ["theme", "mouse", "keys"];
        assert_eq!(nearest("Thmee", &legal), Some("theme"));
        assert_eq!(nearest("mose", &legal), Some("mouse"));
        assert_eq!(nearest("colour", &legal), None);
    }
}
