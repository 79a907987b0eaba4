//! Conditions: predicates over the values of context keys (C-02 to C-20).

use core::net::IpAddr;

use super::case::Case;
use super::instant::read_instant;
use super::present::Present;
use super::request::read_address;
use super::truth::Truth;
use super::values::{has_six_parts, is_canonical_base64, read_bool, read_number};
use crate::blob::View;
use crate::blob::automaton::Automaton;
use crate::blob::glob::{self, Template, Values, Variable};
use crate::blob::predicates::{
    Comparison, ListedGlob, ListedNumber, ListedText, Network, Operator, Predicate, PredicateId, Qualifier, Relation,
    lists,
};
use crate::blob::statements::Statement;

impl<'a> Case<'a> {
    /// A statement's condition: every predicate must hold (C-02, E-06).
    pub fn condition(&self, statement: &Statement) -> Truth {
        let members = self.view().span::<PredicateId>(statement.conditions);
        Truth::all(members.iter().map(|member| self.predicate(member.0.get())))
    }

    /// One predicate, asked once where many statements share it; a number that no loaded blob holds is undefined.
    pub fn predicate(&self, number: u32) -> Truth {
        if let Some(known) = self.answers().get(number) {
            return known;
        }
        let predicate = self.view().record::<Predicate>(number);
        let asked = predicate.and_then(|predicate| Some((predicate, predicate.operator()?)));
        let truth = asked.map_or(Truth::Undefined, |(predicate, operator)| self.ask(predicate, operator));
        self.answers().set(number, truth);
        truth
    }

    fn ask(&self, predicate: &Predicate, operator: Operator) -> Truth {
        let present = self.key(predicate.key.get());
        if operator.comparison == Comparison::Null {
            return is_null(operator, present, self.view());
        }
        let passes = |text, address| {
            let listed = self.some_listed_matches(predicate, operator, text, address);
            // Negated operators hold if none matches (C-02).
            if operator.negated { listed.not() } else { listed }
        };
        match (operator.qualifier, present) {
            // C-04 and C-05; C-10: the suffix changes nothing else.
            (None, Present::Absent) => (operator.negated || operator.if_exists).into(),
            (Some(Qualifier::ForAllValues), Present::Absent) => Truth::True,
            (Some(Qualifier::ForAnyValue), Present::Absent) if operator.if_exists => Truth::Undefined,
            (Some(Qualifier::ForAnyValue), Present::Absent) => Truth::False,
            // C-08
            (None, Present::One { text, address }) => passes(text, address),
            (None, Present::Several(_)) => Truth::Undefined,
            // C-07
            (Some(qualifier), present) if is_empty(present, self.view()) => {
                (qualifier == Qualifier::ForAllValues).into()
            }
            // C-06
            (Some(_), Present::One { text, address }) => passes(text, address),
            (Some(Qualifier::ForAllValues), Present::Several(several)) => {
                Truth::all(several.texts(self.view()).map(|text| passes(text, None)))
            }
            (Some(Qualifier::ForAnyValue), Present::Several(several)) => {
                Truth::any(several.texts(self.view()).map(|text| passes(text, None)))
            }
        }
    }

    /// Whether one value of the request matches some listed value (C-02); undefined where the operator cannot read
    /// it (C-09). A definite match wins over an undefined one (E-05).
    fn some_listed_matches(
        &self,
        predicate: &Predicate,
        operator: Operator,
        text: &str,
        address: Option<IpAddr>,
    ) -> Truth {
        let view = &self.view();
        match operator.comparison {
            Comparison::Numeric(relation) => match read_number(text) {
                Some(number) => compare(view.span(predicate.values), relation, number).into(),
                None => Truth::Undefined,
            },
            Comparison::Date(relation) => match read_instant(text) {
                Some(instant) => compare(view.span(predicate.values), relation, instant).into(),
                None => Truth::Undefined,
            },
            Comparison::Address => match address.or_else(|| read_address(text)) {
                Some(address) => contain(view.span(predicate.values), address).into(),
                None => Truth::Undefined,
            },
            Comparison::Bool => match read_bool(text) {
                Some(true) => operator.lists_true.into(),
                Some(false) => operator.lists_false.into(),
                None => Truth::Undefined,
            },
            Comparison::Binary if !is_canonical_base64(text) => Truth::Undefined,
            Comparison::Arn if !has_six_parts(text) => Truth::Undefined,
            Comparison::Equals
            | Comparison::EqualsIgnoreCase
            | Comparison::Like
            | Comparison::Arn
            | Comparison::Binary => self.some_listed_text(predicate, operator.comparison, text),
            // Asks for no value.
            Comparison::Null => Truth::Undefined,
        }
    }

    fn some_listed_text(&self, predicate: &Predicate, comparison: Comparison, text: &str) -> Truth {
        let view = &self.view();
        let ignores_case = comparison == Comparison::EqualsIgnoreCase;
        if lists(view, view.span::<ListedText>(predicate.values), text.as_bytes(), ignores_case) {
            return Truth::True;
        }
        let automaton = predicate.automaton.get().checked_sub(1).and_then(|number| view.record::<Automaton>(number));
        if automaton.is_some_and(|automaton| automaton.takes(view, text.as_bytes())) {
            return Truth::True;
        }
        Truth::any(view.span::<ListedGlob>(predicate.globs).iter().map(|listed| {
            let glob = view.bytes(listed.0);
            match (Template::of(glob), comparison) {
                (None, Comparison::Arn) => glob::matches_arn(glob, text).into(),
                (None, _) => glob::matches(glob, text).into(),
                (Some(template), _) => self.template_matches(template, |template, value| match comparison {
                    Comparison::Arn => template.matches_arn(text, value),
                    Comparison::EqualsIgnoreCase => template.matches_ignoring_case(text, value),
                    _ => template.matches(text, value),
                }),
            }
        }))
    }

    /// Whether a glob with variables matches: undefined where one of them has several values (V-10), false where one
    /// has none and no default (V-08, V-09), else what `matches` says, given what stands for each variable.
    pub fn template_matches(
        &self,
        template: Template<'a>,
        matches: impl FnOnce(Template<'a>, Values<'a, '_>) -> bool,
    ) -> Truth {
        let mut complete = true;
        for variable in template.variables() {
            // What cannot be read, in no loaded blob, is undefined.
            let Ok(variable) = variable else { return Truth::Undefined };
            match self.key(variable.key) {
                Present::Several(_) => return Truth::Undefined,
                present => complete &= value_of(present).or(variable.default).is_some(),
            }
        }
        let value = |variable: Variable<'a>| value_of(self.key(variable.key)).or(variable.default).unwrap_or_default();
        (complete && matches(template, &value)).into()
    }
}

/// What stands for a variable whose key has this: not the empty string (V-08).
fn value_of(present: Present<'_>) -> Option<&[u8]> {
    match present {
        Present::One { text, .. } => Some(text.as_bytes()).filter(|text| !text.is_empty()),
        Present::Absent | Present::Several(_) => None,
    }
}

/// Whether all that a key has is empty strings.
fn is_empty<'a>(present: Present<'a>, view: View<'a>) -> bool {
    match present {
        Present::Absent => false,
        Present::One { text, .. } => text.is_empty(),
        Present::Several(several) => several.texts(view).all(str::is_empty),
    }
}

/// `Null`: `true` asks for a key that is not there, `false` for one that is; empty strings are neither (C-11).
fn is_null<'a>(operator: Operator, present: Present<'a>, view: View<'a>) -> Truth {
    match present {
        Present::Absent => operator.lists_true.into(),
        present if is_empty(present, view) => Truth::Undefined,
        Present::One { .. } | Present::Several(_) => operator.lists_false.into(),
    }
}

/// Whether a number of the request stands so to one of the listed numbers, which rise.
fn compare(listed: &[ListedNumber], relation: Relation, number: i128) -> bool {
    let smallest = listed.first().map(|listed| listed.0.get());
    let largest = listed.last().map(|listed| listed.0.get());
    match relation {
        Relation::Equal => listed.binary_search_by_key(&number, |listed| listed.0.get()).is_ok(),
        Relation::Less => largest.is_some_and(|largest| number < largest),
        Relation::LessOrEqual => largest.is_some_and(|largest| number <= largest),
        Relation::Greater => smallest.is_some_and(|smallest| number > smallest),
        Relation::GreaterOrEqual => smallest.is_some_and(|smallest| number >= smallest),
    }
}

/// Whether an address lies in one of the blocks, which rise and are apart (C-19): the last that begins before it.
fn contain(networks: &[Network], address: IpAddr) -> bool {
    // Left-aligned in 128 bits, the two families' bits compare alike; the version keeps them apart.
    let (version, bits) = match address {
        IpAddr::V4(address) => (4, u128::from(address.to_bits()) << 96),
        IpAddr::V6(address) => (6, address.to_bits()),
    };
    let behind = networks.partition_point(|network| (network.version, network.bits()) <= (version, bits));
    let Some(network) = behind.checked_sub(1).and_then(|at| networks.get(at)) else { return false };
    let differing = bits ^ network.bits();
    let shift = 128u32.saturating_sub(network.prefix.into());
    network.version == version && differing.checked_shr(shift).unwrap_or_default() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(version: u8, prefix: u8, octets: &[u8]) -> Network {
        let mut first = [0; 16];
        first[..octets.len()].copy_from_slice(octets);
        Network { version, prefix, first }
    }

    #[test]
    fn blocks_of_addresses() {
        let networks = [
            block(4, 24, &[10, 0, 0, 0]),
            block(4, 32, &[10, 0, 2, 1]),
            block(6, 64, &[0x20, 1]),
            block(6, 128, &1u128.to_be_bytes()[..]),
        ];
        let mut networks = networks;
        networks.sort_by_key(|network| (network.version, network.bits()));
        let inside = |address: &str| contain(&networks, read_address(address).unwrap());
        for address in ["10.0.0.0", "10.0.0.255", "::ffff:10.0.0.1", "10.0.2.1", "2001::1", "::1"] {
            assert!(inside(address), "{address}");
        }
        for address in ["9.255.255.255", "10.0.1.0", "10.0.2.0", "10.0.2.2", "2001:0:0:1::", "::", "::2", "a00::"] {
            assert!(!inside(address), "{address}");
        }
        assert!(contain(&[block(4, 0, &[])], read_address("255.255.255.255").unwrap()));
        assert!(!contain(&[block(4, 0, &[])], read_address("::1").unwrap()));
        assert!(!contain(&[block(6, 0, &[])], read_address("10.0.0.1").unwrap()));
        assert!(contain(&[block(6, 0, &[])], read_address("ffff::1").unwrap()));
        assert!(!contain(&[], read_address("ffff::1").unwrap()));
    }

    #[test]
    fn numbers_stand_to_the_nearest_bound() {
        let listed = [1i128, 5, 9].map(|number| ListedNumber(number.into()));
        let holding = |number| {
            [Relation::Equal, Relation::Less, Relation::LessOrEqual, Relation::Greater, Relation::GreaterOrEqual]
                .map(|relation| compare(&listed, relation, number))
        };
        assert_eq!(holding(0), [false, true, true, false, false]);
        assert_eq!(holding(1), [true, true, true, false, true]);
        assert_eq!(holding(4), [false, true, true, true, true]);
        assert_eq!(holding(9), [true, false, true, true, true]);
        assert_eq!(holding(10), [false, false, false, true, true]);
    }
}
