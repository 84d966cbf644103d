//! Parameters of the query, every fault named at once.

use std::{fmt::Display, ops::RangeInclusive, sync::Arc};

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

use crate::{
    backend::{app::App, failure::Failure},
    wire::problem::Fault,
};

/// The parameters, and what was wrong with those asked for so far.
#[derive(Debug, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Params {
    /// A parameter as it came.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault::new(format!("?{name}"), detail));
    }

    /// A parameter read by `read`; an absent one is `None`.
    pub fn read<T>(
        &mut self,
        name: &str,
        wanted: impl Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.text(name)?);
        if value.is_none() {
            self.fault(name, format!("must be {wanted}"));
        }
        value
    }

    /// A whole number in a range; an absent one is `default`.
    pub fn number(&mut self, name: &str, range: RangeInclusive<usize>, default: usize) -> usize {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(name, wanted, |text| text.parse().ok().filter(|number| range.contains(number)))
            .unwrap_or(default)
    }

    /// # Errors
    /// 400 with every fault.
    pub fn finish(self) -> Result<(), Failure> {
        if self.faults.is_empty() { Ok(()) } else { Err(Failure::parameters(self.faults)) }
    }
}

impl FromRequestParts<Arc<App>> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        match Query::<Vec<(String, String)>>::try_from_uri(&parts.uri) {
            Ok(Query(pairs)) => Ok(Params { pairs, faults: Vec::new() }),
            Err(_) => Err(Failure::parameters(vec![Fault::new("?", "cannot be read")])),
        }
    }
}
