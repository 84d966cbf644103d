//! One person, one contact (requirements §1): several numbers and addresses, any of which finds it.

use serde::{Deserialize, Serialize};

use super::{ids::ContactId, phone::Phone};

/// A prospect or customer. Numbers and addresses stand newest first: the first is the one to use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    /// Grows by one with every change.
    pub rev: u32,
    /// As last given; `None` for a caller who never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// Case-folded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// IANA name, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Known to buy from us already.
    #[serde(default)]
    pub customer: bool,
    /// Asked never to be rung or texted again.
    #[serde(default)]
    pub opted_out: bool,
    /// The number exactly as last received, where normalising changed or refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_as_received: Option<String>,
    /// What was last given for an address where nobody could be written to: "alex at example dot com".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_as_received: Option<String>,
    /// Contacts that may be the same person: a call whose number is this one's and whose address is theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible_duplicates: Vec<ContactId>,
    /// Where this contact went when it was found to be a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ContactId>,
}

impl Contact {
    /// A contact of whom nothing is known yet.
    pub fn new(id: ContactId) -> Self {
        Contact {
            id,
            rev: 0,
            name: None,
            phones: Vec::new(),
            emails: Vec::new(),
            company: None,
            timezone: None,
            customer: false,
            opted_out: false,
            phone_as_received: None,
            email_as_received: None,
            possible_duplicates: Vec::new(),
            merged_into: None,
        }
    }

    /// The number to ring, if there is one.
    pub fn phone(&self) -> Option<&Phone> {
        self.phones.first()
    }

    pub fn email(&self) -> Option<&str> {
        self.emails.first().map(String::as_str)
    }

    /// Everything that finds this contact.
    pub fn keys(&self) -> impl Iterator<Item = ContactKey<'_>> {
        self.phones
            .iter()
            .map(|phone| ContactKey::Phone(phone.e164()))
            .chain(self.emails.iter().map(|email| ContactKey::Email(email)))
    }
}

/// One thing that finds a contact. Extensions do not tell people apart: the number before them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContactKey<'a> {
    /// E.164.
    Phone(&'a str),
    /// Case-folded.
    Email(&'a str),
}

impl<'a> ContactKey<'a> {
    /// The kind and the value as a store keeps them.
    pub fn parts(self) -> (&'static str, &'a str) {
        match self {
            ContactKey::Phone(number) => ("phone", number),
            ContactKey::Email(address) => ("email", address),
        }
    }
}

/// Puts a value first in a list that holds each once.
pub(super) fn put_first<T: PartialEq>(list: &mut Vec<T>, value: T) {
    list.retain(|known| *known != value);
    list.insert(0, value);
}
