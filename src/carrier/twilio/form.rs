//! A form as Twilio sends it: names and values in the order in which they came, every one of them, since all are signed.

/// Decoded names and values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`. Nothing is trimmed, dropped or reordered; bytes that are not UTF-8 come
    /// out as replacement characters, and their signature will not fit.
    pub fn parse(body: &[u8]) -> Form {
        Form(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value of a name; `None` where it is absent or empty: Twilio sends both for "not known".
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A value that is a number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Names only: the values are people's numbers and words.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Form {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Form {
        Form(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_untrimmed_and_empty_ones_are_unknown() {
        let form = Form::parse(b"Body=+1%2B1%3D2+&From=%2B447700900123&Digits=&Digits=7&N=x");
        assert_eq!(form.get("Body"), Some(" 1+1=2 "));
        assert_eq!(form.get("From"), Some("+447700900123"));
        assert_eq!(form.number::<u32>("Digits"), Some(7));
        assert_eq!(form.number::<u32>("N"), None);
        assert_eq!(form.get("To"), None);
        assert_eq!(format!("{form:?}"), r#"["Body", "From", "Digits", "Digits", "N"]"#);
    }
}
