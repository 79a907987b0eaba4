//! Conditions: predicates over the values of context keys (C-02, C-04, C-08 to C-19).

use core::net::IpAddr;

use super::case::Case;
use super::keys::{DerivedKey, Scratch};
use super::request::read_address;
use super::truth::Truth;
use crate::blob::predicates::{Key, ListedValue, Operator, Predicate, PredicateId};
use crate::blob::sets::{EndpointContext, EndpointValue};
use crate::blob::statements::Statement;
use crate::blob::strings::glob_matches;

/// What a request has under a key.
#[derive(Debug, Clone, Copy)]
enum Present<'a> {
    /// Nothing (K-03).
    Absent,
    /// One text, and the address it is, where the request was made with it already read.
    One { text: &'a str, address: Option<IpAddr> },
    /// Several; `all_empty` where each is the empty string.
    Several { all_empty: bool },
}

impl<'a> Present<'a> {
    fn of(texts: impl Iterator<Item = &'a str> + Clone, address: Option<IpAddr>) -> Self {
        let mut rest = texts.clone();
        match (rest.next(), rest.next()) {
            (None, _) => Self::Absent,
            (Some(text), None) => Self::One { text, address },
            (Some(_), Some(_)) => Self::Several { all_empty: texts.into_iter().all(str::is_empty) },
        }
    }
}

impl<'a> Case<'a> {
    /// A statement's condition: every predicate must hold (C-02, E-06).
    pub fn condition(&self, statement: &Statement) -> Truth {
        let mut truth = Truth::True;
        for member in self.view.span::<PredicateId>(statement.conditions) {
            truth = truth.and(self.predicate(member.0.get()));
            if truth == Truth::False {
                break;
            }
        }
        truth
    }

    /// One predicate; a number that no loaded blob holds is undefined.
    pub fn predicate(&self, number: u32) -> Truth {
        let Some(predicate) = self.view.record::<Predicate>(number) else { return Truth::Undefined };
        let (Some(key), Some(operator)) = (self.view.record::<Key>(predicate.key.get()), predicate.operator()) else {
            return Truth::Undefined;
        };
        let values = self.view.span::<ListedValue>(predicate.values);
        let name = self.view.text(key.name);
        if let Some(given) = self.question.given(name) {
            return self.compare(operator, values, Present::of(given.texts(), given.known_address()));
        }
        if let Some(constant) = self.endpoint_values(predicate.key.get()) {
            let texts = constant.iter().map(|value| self.view.text(value.0));
            return self.compare(operator, values, Present::of(texts, None));
        }
        let mut scratch = Scratch::new();
        let endpoint = self.endpoint.map(|endpoint| self.view.text(endpoint.id));
        let derived = DerivedKey::of(name).and_then(|key| self.question.derived(key, endpoint, &mut scratch));
        self.compare(operator, values, Present::of(derived.into_iter(), None))
    }

    /// What every request through the endpoint has under a key.
    fn endpoint_values(&self, key: u32) -> Option<&'a [EndpointValue]> {
        let context = self.view.span::<EndpointContext>(self.endpoint?.context);
        let entry = context.iter().find(|entry| entry.key.get() == key)?;
        Some(self.view.span(entry.values))
    }

    /// An operator over what a request has: some listed value must match (C-02). Without a qualifier several
    /// values are undefined (C-08).
    fn compare(&self, operator: Operator, listed: &[ListedValue], present: Present<'_>) -> Truth {
        let any = |matches: &dyn Fn(&[u8]) -> bool| -> Truth {
            listed.iter().any(|value| matches(self.view.bytes(value.0))).into()
        };
        let (text, address) = match (operator, present) {
            // `true` asks for a key that is not there, `false` for one that is (C-11).
            (Operator::Null, Present::Absent) => return any(&|listed| listed == b"true"),
            (Operator::Null, Present::Several { all_empty: true }) => return Truth::Undefined,
            (Operator::Null, Present::One { text: "", .. }) => return Truth::Undefined,
            (Operator::Null, _) => return any(&|listed| listed == b"false"),
            (_, Present::Absent) => return Truth::False,
            (_, Present::Several { .. }) => return Truth::Undefined,
            (_, Present::One { text, address }) => (text, address),
        };
        match operator {
            Operator::StringEquals => any(&|listed| listed == text.as_bytes()),
            Operator::StringLike => any(&|listed| glob_matches(listed, text)),
            Operator::Bool => {
                let is = |word: &str| text.eq_ignore_ascii_case(word);
                if is("true") || is("false") {
                    any(&|listed| listed.eq_ignore_ascii_case(text.as_bytes()))
                } else {
                    Truth::Undefined
                }
            }
            Operator::IpAddress => match address.or_else(|| read_address(text)) {
                Some(address) => any(&|listed| is_in_block(address, listed)),
                None => Truth::Undefined,
            },
            Operator::Null => Truth::Undefined,
        }
    }
}

/// Whether an address lies in a block, written as a prefix length and the block's first address (C-19).
fn is_in_block(address: IpAddr, block: &[u8]) -> bool {
    let Some((prefix, first)) = block.split_first() else { return false };
    // Left-aligned in 128 bits, the two families' bits compare alike; their lengths tell the families apart.
    let (bits, len) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 4),
        IpAddr::V6(address) => (address.to_bits(), 16),
    };
    let mut padded = [0; 16];
    if first.len() != len {
        return false;
    }
    for (to, from) in padded.iter_mut().zip(first) {
        *to = *from;
    }
    let differing = bits ^ u128::from_be_bytes(padded);
    differing.checked_shr(128u32.saturating_sub(u32::from(*prefix))).unwrap_or_default() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_addresses() {
        let v4 = |prefix, first: [u8; 4]| [&[prefix][..], &first].concat();
        let inside = |address: &str, block: &[u8]| is_in_block(read_address(address).unwrap(), block);
        assert!(inside("10.0.0.255", &v4(24, [10, 0, 0, 0])));
        assert!(!inside("10.0.1.0", &v4(24, [10, 0, 0, 0])));
        assert!(inside("255.255.255.255", &v4(0, [0; 4])));
        assert!(!inside("::1", &v4(0, [0; 4])));
        assert!(inside("::ffff:10.0.0.1", &v4(32, [10, 0, 0, 1])));
        assert!(inside("ffff::1", &[0; 17]));
        assert!(!inside("10.0.0.1", &[0; 17]));
        assert!(inside("::1", &[&[128][..], &1u128.to_be_bytes()].concat()));
        assert!(!inside("::2", &[&[128][..], &1u128.to_be_bytes()].concat()));
        assert!(!is_in_block(read_address("10.0.0.1").unwrap(), &[]));
    }
}
