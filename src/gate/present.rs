//! What a request has under the context keys that policies name. The keys looked up last are remembered, up to sixteen.

use core::cell::{Cell, OnceCell};
use core::net::IpAddr;

use super::identity::Parts;
use super::keys::{Derivation, DerivedKey, Scratch, may_be_given};
use super::request::Value;
use crate::blob::View;
use crate::blob::predicates::Key;
use crate::blob::sets::{self, Endpoint, EndpointValue};

/// What a request has under a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Present<'a> {
    /// Nothing (K-03).
    Absent,
    /// One text, and the address it is, where the request was made with it already read.
    One { text: &'a str, address: Option<IpAddr> },
    /// Several texts.
    Several(Several<'a>),
}

/// Where several texts come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Several<'a> {
    Given(Value<'a>),
    Endpoint(&'a [EndpointValue]),
}

impl<'a> Several<'a> {
    /// The texts.
    pub fn texts(self, view: View<'a>) -> impl Iterator<Item = &'a str> + Clone {
        let (given, endpoint) = match self {
            Self::Given(value) => (Some(value), [].as_slice()),
            Self::Endpoint(values) => (None, values),
        };
        given.into_iter().flat_map(|value| value.texts()).chain(endpoint.iter().map(move |value| view.text(value.0)))
    }
}

/// Room for derived values that stand nowhere in the request, each made when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Composed {
    principal_arn: OnceCell<Scratch>,
    userid: OnceCell<Scratch>,
    current_time: OnceCell<Scratch>,
    epoch_time: OnceCell<Scratch>,
}

impl Composed {
    fn text(&self, key: DerivedKey, derivation: &Derivation<'_>) -> Option<&str> {
        let cell = match key {
            DerivedKey::PrincipalArn => &self.principal_arn,
            DerivedKey::Userid => &self.userid,
            DerivedKey::CurrentTime => &self.current_time,
            DerivedKey::EpochTime => &self.epoch_time,
            // The others stand in the request.
            _ => return None,
        };
        let made = cell.get_or_init(|| {
            let mut scratch = Scratch::new();
            // Where it has no room it stays empty, and every request's values do have room.
            scratch.compose(derivation);
            scratch
        });
        made.text()
    }
}

/// So many keys are remembered, each in the place of its number.
const REMEMBERED: usize = 16;

/// The keys that were looked up, of one request.
#[derive(Debug, Default)]
pub(super) struct Remembered<'a>([Cell<Option<(u32, Present<'a>)>>; REMEMBERED]);

impl<'a> Remembered<'a> {
    /// What is there under the key of this number, by `look_up` the first time.
    pub fn or(&self, number: u32, look_up: impl FnOnce() -> Present<'a>) -> Present<'a> {
        let place = self.0.get(number as usize % REMEMBERED);
        if let Some((remembered, present)) = place.and_then(Cell::get)
            && remembered == number
        {
            return present;
        }
        let present = look_up();
        if let Some(place) = place {
            place.set(Some((number, present)));
        }
        present
    }
}

/// The keys of one request.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    pub view: View<'a>,
    pub parts: Parts<'a>,
    /// The endpoint that it came through, where there is a bundle.
    pub endpoint: Option<&'a Endpoint>,
    pub composed: &'a Composed,
}

impl<'a> Keys<'a> {
    /// What the request has under the key of this number; of a number that no loaded blob holds, nothing.
    ///
    /// What is given wins over what is derived (K-04, K-05), but for a caller's keys where there is none (K-07).
    pub fn look_up(&self, number: u32) -> Present<'a> {
        let Some(key) = self.view.record::<Key>(number) else { return Present::Absent };
        let name = self.view.bytes(key.name);
        let may_be_given =
            self.endpoint.is_none() || self.parts.identity().is_some_and(|caller| may_be_given(caller, name));
        let given = if may_be_given { self.given(name, number) } else { None };
        given.unwrap_or_else(|| match self.derived(name) {
            Some(text) => Present::One { text, address: None },
            None => Present::Absent,
        })
    }

    /// What the request says of a key, else what its endpoint does.
    fn given(&self, name: &[u8], number: u32) -> Option<Present<'a>> {
        let context = &self.parts.request.context;
        let value = match context.slots() {
            Some(slots) => slots.of_key(&self.view, number, name),
            None => context.get_bytes(name),
        };
        if let Some(value) = value {
            return Some(match value.single() {
                Some(text) => Present::One { text, address: value.known_address() },
                None if value.texts().next().is_none() => Present::Absent,
                None => Present::Several(Several::Given(value)),
            });
        }
        Some(match sets::endpoint_values(&self.view, self.endpoint?, number)? {
            [] => Present::Absent,
            [text] => Present::One { text: self.view.text(text.0), address: None },
            values => Present::Several(Several::Endpoint(values)),
        })
    }

    fn derived(&self, name: &[u8]) -> Option<&'a str> {
        let key = DerivedKey::of(name)?;
        let endpoint = self.endpoint.map(|endpoint| self.view.text(endpoint.id));
        match self.parts.question()?.derivation(key, endpoint)? {
            Derivation::Text(text) => Some(text),
            composed => self.composed.text(key, &composed),
        }
    }
}
