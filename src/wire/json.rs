//! JSON as strangers send it: with doubled keys, half a surrogate pair, bare control characters, or bytes that are not
//! UTF-8. Nothing here rejects what can be understood, and nothing is dropped without a trace: doubled keys are kept, to be
//! named.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON, with every key of an object in the order in which it came.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why a body is not JSON: where, and what a parser says about it. It repeats nothing of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct NotJson {
    pub line: usize,
    pub column: usize,
    pub what: String,
}

impl Json {
    /// Reads a body; what can be repaired without guessing is forgiven.
    ///
    /// # Errors
    /// [`NotJson`].
    pub fn read(body: &[u8]) -> Result<Json, NotJson> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let first = match serde_json::from_slice(body) {
            Ok(json) => return Ok(json),
            Err(error) => error,
        };
        repaired(body)
            .and_then(|text| serde_json::from_str(&text).ok())
            .ok_or_else(|| NotJson::from(first))
    }

    /// What it is, for a message.
    pub fn in_words(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

/// Of doubled keys the last one counts, as in most parsers.
impl From<&Json> for serde_json::Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => serde_json::Value::Null,
            Json::Bool(value) => (*value).into(),
            Json::Number(number) => number.clone().into(),
            Json::Text(text) => text.as_str().into(),
            Json::List(list) => list.iter().map(serde_json::Value::from).collect(),
            Json::Object(members) => members
                .iter()
                .map(|(name, json)| (name.as_str(), serde_json::Value::from(json)))
                .collect(),
        }
    }
}

impl From<serde_json::Error> for NotJson {
    fn from(error: serde_json::Error) -> Self {
        let what = error.to_string();
        // serde_json ends its message with the place, which stands in fields of its own here.
        let what = what.split(" at line ").next().unwrap_or_default().into();
        NotJson { line: error.line(), column: error.column(), what }
    }
}

/// The body as text that a JSON parser takes, if it can be repaired: bytes that are not UTF-8, and halves of surrogate pairs
/// (an emoji that was cut in two), become U+FFFD; control characters, which JSON wants escaped, become spaces. A lead is not
/// lost over half an emoji or a bare line break in its notes.
fn repaired(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let spaced = text.contains(|c: char| c < ' ').then(|| text.replace(|c: char| c < ' ', " "));
    let mended = without_lone_surrogates(spaced.as_deref().unwrap_or(&text));
    let untouched = matches!(text, Cow::Borrowed(_)) && matches!(mended, Cow::Borrowed(_));
    if untouched && spaced.is_none() { None } else { Some(mended.into_owned()) }
}

fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        let here = at + found;
        match escaped_unit(bytes, here) {
            // Both halves: seven hexadecimal places further there is the second one.
            Some(0xD800..=0xDBFF)
                if matches!(escaped_unit(bytes, here + 6), Some(0xDC00..=0xDFFF)) =>
            {
                at = here + 12;
            }
            Some(0xD800..=0xDFFF) => {
                out.push_str(&text[copied..here]);
                out.push_str("\\ufffd");
                at = here + 6;
                copied = at;
            }
            Some(_) => at = here + 6,
            // Another escape: its second byte may itself be a backslash.
            None => at = (here + 2).min(bytes.len()),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// The UTF-16 unit of `\uXXXX` at `at`.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    let hex = escape.strip_prefix(b"\\u")?;
    hex.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(body: &[u8]) -> String {
        match Json::read(body) {
            Ok(Json::Text(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        for (body, text) in [
            (r#""cut \ud83d""#, "cut \u{FFFD}"),
            (r#""\udc00 cut""#, "\u{FFFD} cut"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
            (r#""whole \ud83d\ude00""#, "whole 😀"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\\\ud83d""#, "\\\u{FFFD}"),
        ] {
            assert_eq!(text_of(body.as_bytes()), text, "{body}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_become_the_replacement_character() {
        assert_eq!(text_of(b"\"caf\xE9\""), "caf\u{FFFD}");
        assert_eq!(text_of(b"\xEF\xBB\xBF\"with a byte order mark\""), "with a byte order mark");
    }

    #[test]
    fn bare_control_characters_become_spaces() {
        assert_eq!(text_of(b"\"one\ntwo\x00three\x1b[31m\""), "one two three [31m");
    }

    #[test]
    fn doubled_keys_are_kept() {
        assert_eq!(
            Json::read(br#"{"a": 1, "a": null}"#),
            Ok(Json::Object(vec![("a".into(), Json::Number(1.into())), ("a".into(), Json::Null)]))
        );
    }

    #[test]
    fn what_is_not_json_is_told_by_its_place_and_never_repeated() {
        let deep = "[".repeat(10_000);
        for body in [
            "",
            "{",
            "{\"name\": \"secret",
            "{\"name\": secret}",
            "{\"name\": \"a\"} trailing",
            "\"\\u00\"",
            "\\ud83d",
            "nul",
            deep.as_str(),
        ] {
            let fault = Json::read(body.as_bytes()).expect_err(body);
            assert!(fault.line > 0, "{body}");
            assert!(!fault.to_string().contains("secret"), "{fault}");
        }
    }
}
