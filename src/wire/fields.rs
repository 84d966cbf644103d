//! Reading an object key by key, noting every fault on the way instead of stopping at the first.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::{json::Json, problem::Fault};

/// The members of an object, and what was wrong with those asked for so far.
#[derive(Debug)]
pub struct Fields<'a> {
    at: String,
    members: &'a [(String, Json)],
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// The members of a body. One that is not an object has no members and one fault.
    pub fn of(json: &'a Json) -> Fields<'a> {
        Fields::at(json, String::new())
    }

    fn at(json: &'a Json, at: String) -> Fields<'a> {
        let (members, faults) = match json {
            Json::Object(members) => (members.as_slice(), Vec::new()),
            other => (&[][..], vec![Fault::new(at.clone(), not("an object", other))]),
        };
        Fields { at, members, faults }
    }

    /// Notes a fault of a member.
    pub fn fault(&mut self, key: &str, detail: impl Into<String>) {
        let pointer = self.pointer(key);
        self.faults.push(Fault::new(pointer, detail));
    }

    /// Everything that was wrong, in the order of the pointers.
    pub fn finish(mut self) -> Vec<Fault> {
        self.faults.sort();
        self.faults
    }

    /// A member that is there and not `null`.
    fn get(&mut self, key: &str) -> Option<&'a Json> {
        let mut found = self.members.iter().filter(|(name, _)| name == key).map(|(_, json)| json);
        let first = found.next()?;
        if found.next().is_some() {
            self.fault(key, "stands here more than once");
            return None;
        }
        (*first != Json::Null).then_some(first)
    }

    fn take<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Option<T> {
        let json = self.get(key)?;
        let value = read(json);
        if value.is_none() {
            self.fault(key, not(wanted, json));
        }
        value
    }

    /// A text.
    pub fn text(&mut self, key: &str) -> Option<&'a str> {
        self.take(key, "a text", text_of)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, "true or false", |json| match json {
            Json::Bool(value) => Some(*value),
            _ => None,
        })
    }

    /// A whole number from 0 to the largest that `T` holds.
    pub fn count<T: TryFrom<u64>>(&mut self, key: &str) -> Option<T> {
        self.take(key, "a whole number, 0 or more", |json| match json {
            Json::Number(number) => T::try_from(number.as_u64()?).ok(),
            _ => None,
        })
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &str) -> Vec<&'a str> {
        let list = self.take(key, "a list of texts", |json| match json {
            Json::List(list) => Some(list),
            _ => None,
        });
        let mut texts = Vec::new();
        for (place, item) in list.into_iter().flatten().enumerate() {
            match text_of(item) {
                Some(text) => texts.push(text),
                None => self.fault(&format!("{key}/{place}"), not("a text", item)),
            }
        }
        texts
    }

    /// Anything that `T` reads; `wanted` says what that is.
    pub fn parsed<T: DeserializeOwned>(&mut self, key: &str, wanted: &str) -> Option<T> {
        let json = self.get(key)?;
        let value = serde_json::from_value(json.into()).ok();
        if value.is_none() {
            self.fault(key, format!("must be {wanted}"));
        }
        value
    }

    /// Whether a member is there and `null`.
    pub fn is_null(&self, key: &str) -> bool {
        self.members.iter().any(|(name, json)| name == key && *json == Json::Null)
    }

    /// An object, read by `read`.
    pub fn object<T>(&mut self, key: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let json = self.get(key)?;
        let mut inner = Fields::at(json, self.pointer(key));
        let value = read(&mut inner);
        self.faults.append(&mut inner.faults);
        matches!(json, Json::Object(_)).then_some(value)
    }

    /// Notes every member that is not among the known ones.
    pub fn only(&mut self, known: &[&str]) {
        for (name, _) in self.members {
            if !known.contains(&name.as_str()) {
                self.fault(&escaped(name), "is not known here");
            }
        }
    }

    fn pointer(&self, key: &str) -> String {
        format!("{}/{key}", self.at)
    }
}

fn text_of(json: &Json) -> Option<&str> {
    match json {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn not(wanted: &str, json: &Json) -> String {
    format!("must be {wanted}, not {}", json.in_words())
}

/// A stranger's key inside a JSON Pointer, cut to a decent length.
fn escaped(key: &str) -> Cow<'_, str> {
    let end = key.char_indices().nth(60).map_or(key.len(), |(end, _)| end);
    let key = &key[..end];
    if key.contains(['~', '/']) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str, read: impl FnOnce(&mut Fields<'_>)) -> Vec<(String, String)> {
        let json = Json::read(body.as_bytes()).expect("JSON");
        let mut fields = Fields::of(&json);
        read(&mut fields);
        fields.finish().into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let found = faults(
            r#"{"name": 1, "name": 2, "size": -3, "half": 1.5, "on": "yes", "who": ["a", 7, null], "in": {"deep": []}, "at": 5}"#,
            |fields| {
                fields.text("name");
                fields.count::<u32>("size");
                fields.count::<u32>("half");
                fields.flag("on");
                assert_eq!(fields.texts("who"), ["a"]);
                fields.object("in", |inner| inner.text("deep"));
                fields.object("at", |inner| inner.text("deep"));
                fields.text("missing");
            },
        );
        let found: Vec<_> = found.iter().map(|(at, what)| (at.as_str(), what.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/at", "must be an object, not a number"),
                ("/half", "must be a whole number, 0 or more, not a number"),
                ("/in/deep", "must be a text, not a list"),
                ("/name", "stands here more than once"),
                ("/on", "must be true or false, not a text"),
                ("/size", "must be a whole number, 0 or more, not a number"),
                ("/who/1", "must be a text, not a number"),
                ("/who/2", "must be a text, not null"),
            ]
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_one_fault() {
        assert_eq!(
            faults("[1]", |fields| assert_eq!(fields.text("name"), None)),
            [(String::new(), "must be an object, not a list".to_owned())]
        );
    }

    #[test]
    fn an_unknown_member_is_named_in_pointer_form() {
        assert_eq!(
            faults(r#"{"a/b~": 1, "text": ""}"#, |fields| fields.only(&["text"])),
            [("/a~1b~0".to_owned(), "is not known here".to_owned())]
        );
    }
}
