//! A configuration before it has a meaning: keys and values, each with the place where it was written.
//!
//! File and environment become one such tree, so that everything later neither knows nor cares where a value came from,
//! and can still say so when it is wrong.

use std::collections::BTreeMap;

use super::errors::Place;

/// Keys in alphabetical order.
pub(super) type Table = BTreeMap<String, Entry>;

#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where the key stands.
    pub(super) key: Place,
    pub(super) node: Node,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// `None` beyond 64 bits.
    Whole(Option<i64>),
    Fraction,
    Flag(bool),
    /// A TOML date or time, written without quotes.
    Date(String),
    List(Vec<Node>),
    Table(Table),
    /// From the environment: text if text is wanted, else what it says when it is read as TOML.
    Loose {
        text: String,
        toml: Option<Box<Node>>,
    },
}

impl Node {
    /// The value as text.
    ///
    /// # Errors
    /// A value of another kind: a sentence that does not repeat it, since it may be a secret.
    pub(super) fn text(&self) -> Result<&str, String> {
        match &self.value {
            Value::Text(text) | Value::Loose { text, .. } => Ok(text),
            _ => Err(self.expected("text in quotes")),
        }
    }

    /// The value as text, also where a date stands without quotes.
    pub(super) fn text_or_date(&self) -> Result<&str, String> {
        match &self.value {
            Value::Date(text) => Ok(text),
            _ => self.text(),
        }
    }

    pub(super) fn flag(&self) -> Result<bool, String> {
        match &self.strict().value {
            Value::Flag(flag) => Ok(*flag),
            _ => Err(self.expected("true or false")),
        }
    }

    pub(super) fn whole(&self) -> Result<i64, String> {
        match &self.strict().value {
            Value::Whole(Some(number)) => Ok(*number),
            Value::Whole(None) => Err("this number is too large".into()),
            _ => Err(self.expected("a whole number without quotes")),
        }
    }

    pub(super) fn list(&self) -> Result<&[Node], String> {
        match &self.strict().value {
            Value::List(nodes) => Ok(nodes),
            _ => Err(self.expected("a list, as [\"…\", \"…\"]")),
        }
    }

    pub(super) fn table(&self) -> Result<&Table, String> {
        match &self.strict().value {
            Value::Table(table) => Ok(table),
            _ => Err(self.expected("a table, as { key = … }")),
        }
    }

    /// Whether it holds keys of its own, or is a list of such.
    pub(super) fn is_section(&self) -> bool {
        match &self.strict().value {
            Value::Table(_) => true,
            Value::List(nodes) => {
                nodes.first().is_some_and(|node| matches!(node.value, Value::Table(_)))
            }
            _ => false,
        }
    }

    fn expected(&self, what: &str) -> String {
        format!("expected {what}, found {}", self.strict().kind())
    }

    fn strict(&self) -> &Node {
        match &self.value {
            Value::Loose { toml: Some(node), .. } => node,
            _ => self,
        }
    }

    fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) | Value::Loose { .. } => "text",
            Value::Whole(_) => "a whole number",
            Value::Fraction => "a fraction",
            Value::Flag(_) => "true or false",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}
