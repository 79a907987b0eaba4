//! Rules K: what the request says of a context key, else what its endpoint does, else what is derived.

use std::net::IpAddr;

use super::Asked;
use crate::gate::{DerivedKey, Scratch, Value};

/// What is known of one key: no value, one, or several (K-01, K-03).
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    /// Neither given nor derived.
    Unknown,
    /// As the request gives it, or as it is derived.
    Given(Value<'a>),
    /// As the endpoint of the bundle gives it.
    OfEndpoint(&'a [String]),
}

/// One value of a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct OneValue<'a> {
    /// The text.
    pub text: &'a str,
    /// The address that the text was given as, where it was.
    pub known_address: Option<IpAddr>,
}

impl<'a> Asked<'a> {
    /// K-04, K-05: what the request gives wins, an empty list included (K-03).
    pub(super) fn key<'s>(&'s self, name: &str, scratch: &'s mut Scratch) -> Key<'s> {
        if let Some(value) = self.question.given(name) {
            return Key::Given(value);
        }
        let context = self.endpoint.map(|endpoint| endpoint.context.as_slice()).unwrap_or_default();
        if let Some((_, texts)) = context.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            return Key::OfEndpoint(texts);
        }
        // K-11
        let endpoint = self.endpoint.map(|endpoint| endpoint.id.as_str());
        match DerivedKey::of(name).and_then(|key| self.question.derived(key, endpoint, scratch)) {
            Some(text) => Key::Given(Value::text(text)),
            None => Key::Unknown,
        }
    }
}

impl<'a> Key<'a> {
    /// The values, in order. A single value is a list of one (K-01).
    pub fn values(self) -> impl Iterator<Item = OneValue<'a>> {
        let (value, texts) = match self {
            Self::Unknown => (None, [].as_slice()),
            Self::Given(value) => (Some(value), [].as_slice()),
            Self::OfEndpoint(texts) => (None, texts),
        };
        let given = value
            .into_iter()
            .flat_map(|value| value.texts().map(move |text| OneValue { text, known_address: value.known_address() }));
        given.chain(texts.iter().map(|text| OneValue { text, known_address: None }))
    }

    /// K-03: a key is there if it has a value, be it the empty string.
    pub fn is_present(self) -> bool {
        self.values().next().is_some()
    }

    /// The value, where there is exactly one, also where it came as a list (C-08).
    pub fn single(self) -> Option<OneValue<'a>> {
        let mut values = self.values();
        values.next().filter(|_| values.next().is_none())
    }

    /// C-07, C-11: there are values, and each of them is the empty string.
    pub fn is_all_empty(self) -> bool {
        self.is_present() && self.values().all(|value| value.text.is_empty())
    }
}
