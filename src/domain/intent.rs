//! Why somebody rang (requirements §2).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a new enquiry asks for, where the caller said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wants {
    Demo,
    Quote,
    Discovery,
}

/// The reason for a call. The wire form is one word: `new_enquiry_demo`, `pricing`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    NewEnquiry(Option<Wants>),
    Pricing,
    Support,
    Partnership,
    /// Ambiguous, unknown or not given: a human sorts it out. Never force-classified.
    Unclear,
}

impl Intent {
    pub const ALL: [Intent; 8] = [
        Intent::NewEnquiry(None),
        Intent::NewEnquiry(Some(Wants::Demo)),
        Intent::NewEnquiry(Some(Wants::Quote)),
        Intent::NewEnquiry(Some(Wants::Discovery)),
        Intent::Pricing,
        Intent::Support,
        Intent::Partnership,
        Intent::Unclear,
    ];

    /// The wire form.
    pub fn as_str(self) -> &'static str {
        match self {
            Intent::NewEnquiry(None) => "new_enquiry",
            Intent::NewEnquiry(Some(Wants::Demo)) => "new_enquiry_demo",
            Intent::NewEnquiry(Some(Wants::Quote)) => "new_enquiry_quote",
            Intent::NewEnquiry(Some(Wants::Discovery)) => "new_enquiry_discovery",
            Intent::Pricing => "pricing",
            Intent::Support => "support",
            Intent::Partnership => "partnership",
            Intent::Unclear => "unclear",
        }
    }

    /// Reads the wire form; case, spaces and hyphens do not matter. `None` for a word that is not an intent: the lead
    /// is then kept as [`Intent::Unclear`] with the word beside it.
    pub fn read(word: &str) -> Option<Intent> {
        let same = |known: &str| {
            known.len() == word.len()
                && known.bytes().zip(word.bytes()).all(|(k, w)| match w {
                    b' ' | b'-' => k == b'_',
                    _ => k == w.to_ascii_lowercase(),
                })
        };
        Intent::ALL.into_iter().find(|intent| same(intent.as_str()))
    }

    /// What a row of the queue says the caller wants, in a word or two.
    pub fn in_words(self) -> &'static str {
        match self {
            Intent::NewEnquiry(None) => "new enquiry",
            Intent::NewEnquiry(Some(Wants::Demo)) => "demo",
            Intent::NewEnquiry(Some(Wants::Quote)) => "quote",
            Intent::NewEnquiry(Some(Wants::Discovery)) => "discovery",
            Intent::Pricing => "pricing",
            Intent::Support => "support",
            Intent::Partnership => "partnership",
            Intent::Unclear => "unclear",
        }
    }

    /// Whether this intent falls under a rule's word: `new_enquiry` covers all its details.
    pub fn is_a(self, pattern: Intent) -> bool {
        self == pattern
            || matches!((self, pattern), (Intent::NewEnquiry(_), Intent::NewEnquiry(None)))
    }
}

impl Serialize for Intent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Intent::read(&word).ok_or_else(|| {
            serde::de::Error::unknown_variant(
                &word,
                &["new_enquiry", "pricing", "support", "partnership", "unclear"],
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intent_reads_back_from_its_wire_form_however_it_is_written() {
        for intent in Intent::ALL {
            assert_eq!(Intent::read(intent.as_str()), Some(intent));
            assert_eq!(
                Intent::read(&intent.as_str().to_uppercase().replace('_', "-")),
                Some(intent)
            );
        }
        for word in ["", "demo", "new_enquiry_", "sales", "new_enquiry_demo "] {
            assert_eq!(Intent::read(word), None, "{word}");
        }
    }

    #[test]
    fn a_new_enquiry_covers_its_details_and_nothing_else() {
        assert!(Intent::NewEnquiry(Some(Wants::Demo)).is_a(Intent::NewEnquiry(None)));
        assert!(!Intent::NewEnquiry(None).is_a(Intent::NewEnquiry(Some(Wants::Demo))));
        assert!(!Intent::Pricing.is_a(Intent::NewEnquiry(None)));
    }
}
