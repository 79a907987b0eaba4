//! The question: who asks, for which action on which resource, in which context.
//!
//! Text is `&str` and borrowed; nothing here allocates, reads a clock or does I/O. A request that cannot be
//! read has a [`Fault`], and every evaluator answers it with an implicit deny (E-07).

use core::cmp::Ordering;
use core::net::{IpAddr, Ipv6Addr};

use super::slots::Slots;

/// The longest resource that is evaluated, in bytes (E-09).
pub const MAX_RESOURCE_BYTES: usize = 16 * 1024;
/// The longest principal that is evaluated, in bytes (E-09).
pub const MAX_PRINCIPAL_BYTES: usize = 2 * 1024;
/// The longest context value that is evaluated, in bytes (E-09).
pub const MAX_CONTEXT_VALUE_BYTES: usize = 64 * 1024;

/// One request for a decision.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The VPC endpoint the request came through, as `vpce-1a2b3c4d`; where it is `None`, `aws:SourceVpce` of
    /// the context says (L-16). Only a gate of a bundle asks for it.
    pub endpoint: Option<&'a str>,
    /// Who asks: with [`Authorization::Valid`] the signer, by itself the caller as it is known.
    pub caller: Caller<'a>,
    /// What the `Authorization` header turned out to be; where it is `None`, [`Authorization::Valid`] of a caller that
    /// is not anonymous, and else [`Authorization::Absent`]. Only a gate of a bundle with APIs asks for it.
    pub authorization: Option<Authorization>,
    /// What the method's Lambda or Cognito authorizer said; `None` where it gave no answer, or the method has none.
    /// Only a gate of a bundle with APIs asks for it, and only of a method that has one.
    pub authorizer: Option<Authorizer>,
    /// `service:name`; compared without regard to ASCII case.
    pub action: &'a str,
    /// The ARN of what is asked for. `*` and `?` in it are ordinary characters.
    pub resource: &'a str,
    /// Everything else that is known of the request.
    pub context: Context<'a>,
}

impl<'a> Request<'a> {
    /// A request to invoke a method of an API, with an empty context.
    pub const fn invoke(caller: Caller<'a>, resource: &'a str) -> Self {
        Self {
            endpoint: None,
            caller,
            authorization: None,
            authorizer: None,
            action: "execute-api:Invoke",
            resource,
            context: Context::EMPTY,
        }
    }

    /// The same request through this VPC endpoint.
    #[must_use]
    pub const fn with_endpoint(self, id: &'a str) -> Self {
        Self { endpoint: Some(id), ..self }
    }

    /// The same request with this state of its `Authorization` header.
    #[must_use]
    pub const fn with_authorization(self, authorization: Authorization) -> Self {
        Self { authorization: Some(authorization), ..self }
    }

    /// The same request with this answer of the method's authorizer.
    #[must_use]
    pub const fn with_authorizer(self, authorizer: Authorizer) -> Self {
        Self { authorizer: Some(authorizer), ..self }
    }

    /// The same request with this context.
    #[must_use]
    pub const fn with_context(self, context: Context<'a>) -> Self {
        Self { context, ..self }
    }
}

/// Who asks (P-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// Nobody has signed the request.
    Anonymous,
    /// The ARN of a user, a role, a role session, a federated user, or an account's root user.
    Arn(&'a str),
    /// An AWS service, as `apigateway.amazonaws.com`.
    Service(&'a str),
}

/// What the `Authorization` header of a request, or the signature in its query, turned out to be (S-01).
///
/// What is missing in a header, or wrong with a signature, is no part of the decision: whoever words a refusal knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authorization {
    /// There is none.
    Absent,
    /// A signature that verifies, of the request's caller.
    Valid,
    /// A signature without all of its parts.
    Incomplete,
    /// A whole signature that does not verify.
    Invalid,
    /// As [`Authorization::Invalid`]: its access key is not known, or its session token is wrong.
    InvalidToken,
    /// Another scheme than a signature.
    Bearer,
}

/// What a Lambda or Cognito authorizer said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authorizer {
    /// It lets the request pass.
    Allow,
    /// It refuses.
    Deny,
    /// The policy that a Lambda returned says neither: the request is refused.
    Silent,
}

/// Why a request cannot be read. Such a request is denied, and nothing is evaluated (E-07, E-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Two keys of the context are equal when ASCII case is ignored (K-02).
    #[error("the context holds one key twice")]
    DuplicateKey,
    /// A value of the context is longer than [`MAX_CONTEXT_VALUE_BYTES`].
    #[error("a context value is longer than {MAX_CONTEXT_VALUE_BYTES} bytes")]
    LongValue,
    /// There are not as many slots as the gate that the context was made with has keys.
    #[error("the context has not one slot for each of the gate's context keys")]
    Slots,
    /// The action is not `service:name`.
    #[error("the action is not `service:name`")]
    Action,
    /// The resource does not begin `arn:`, has fewer than six parts, or is longer than [`MAX_RESOURCE_BYTES`].
    #[error("the resource is not an ARN of six parts")]
    Resource,
    /// The caller is of no known form, or longer than [`MAX_PRINCIPAL_BYTES`].
    #[error("the principal is of no known form")]
    Principal,
}

/// The context of a request: names and values, and whether they can be read.
///
/// Names are compared without regard to ASCII case. The pairs are looked through once, here, so that deciding
/// need not: in a number of steps that is linear for a context of some dozens of keys. The number of keys has no
/// limit, and nothing is allocated to look for equal ones, so that it grows with the square of a large number: for
/// n names at most n / 512 walks over them, with ten comparisons for each, whatever the names are.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    values: Values<'a>,
    fault: Option<Fault>,
}

/// Where the values of a context are found.
#[derive(Debug, Clone, Copy)]
enum Values<'a> {
    /// Beside their names.
    Pairs(&'a [(&'a str, Value<'a>)]),
    /// In the order of the keys of a gate.
    Slots(Slots<'a>),
}

impl<'a> Context<'a> {
    /// A context that says nothing.
    pub const EMPTY: Self = Self { values: Values::Pairs(&[]), fault: None };

    /// Takes names and values. Two equal names, or a value that is too long, make the request one that
    /// cannot be read: see [`Context::fault`].
    pub fn new(pairs: &'a [(&'a str, Value<'a>)]) -> Self {
        let fault = if has_duplicate(pairs) {
            Some(Fault::DuplicateKey)
        } else if pairs.iter().any(|(_, value)| value.is_long()) {
            Some(Fault::LongValue)
        } else {
            None
        };
        Self { values: Values::Pairs(pairs), fault }
    }

    /// A context of values in the order of a gate's keys: see [`Gate::context`](super::Gate::context).
    pub(super) fn of_slots(slots: Slots<'a>) -> Self {
        let fault = if !slots.are_whole() {
            Some(Fault::Slots)
        } else if slots.values().any(Value::is_long) {
            Some(Fault::LongValue)
        } else {
            None
        };
        Self { values: Values::Slots(slots), fault }
    }

    /// What is wrong with the context, if anything.
    pub const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The value of a key, with or without elements.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.get_bytes(name.as_bytes())
    }

    /// [`Context::get`] of a name that is not known to be text.
    pub(super) fn get_bytes(&self, name: &[u8]) -> Option<Value<'a>> {
        match self.values {
            Values::Pairs(pairs) => {
                let pair = pairs.iter().find(|(key, _)| key.as_bytes().eq_ignore_ascii_case(name));
                pair.map(|(_, value)| *value)
            }
            Values::Slots(slots) => slots.named(name),
        }
    }

    /// The values without names, where they have none.
    #[inline]
    pub(super) const fn slots(&self) -> Option<&Slots<'a>> {
        match &self.values {
            Values::Slots(slots) => Some(slots),
            Values::Pairs(_) => None,
        }
    }
}

/// A context of more keys than this is looked through by [`has_duplicate_among_many`].
const FEW_KEYS: usize = 256;

/// How many names are sorted at a time, in a block on the stack.
const BLOCK_NAMES: usize = 512;

/// Whether two names are equal when ASCII case is ignored.
fn has_duplicate(pairs: &[(&str, Value<'_>)]) -> bool {
    if pairs.len() > FEW_KEYS {
        return has_duplicate_among_many(pairs);
    }
    // A name whose bucket is still empty has no equal before it; only the others look back.
    let mut seen = [0u64; 64];
    for (at, (name, _)) in pairs.iter().enumerate() {
        let bucket = name
            .bytes()
            .fold(name.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte.to_ascii_lowercase())))
            % (64 * 64);
        let (Some(word), bit) = (seen.get_mut(bucket / 64), 1u64 << (bucket % 64)) else { return true };
        if *word & bit != 0 && pairs.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name)) {
            return true;
        }
        *word |= bit;
    }
    false
}

/// [`has_duplicate`] without a hash, which somebody who chooses the names could defeat: a block of names is sorted, and
/// each name behind the block is sought in it. That is n² / 1024 searches for n names, and some n² / 100 comparisons.
#[cold]
#[inline(never)]
fn has_duplicate_among_many(pairs: &[(&str, Value<'_>)]) -> bool {
    let mut block = [""; BLOCK_NAMES];
    let mut rest = pairs;
    while !rest.is_empty() {
        let (now, later) = rest.split_at_checked(BLOCK_NAMES).unwrap_or((rest, &[]));
        let Some(sorted) = block.get_mut(..now.len()) else { return true };
        for (place, (name, _)) in sorted.iter_mut().zip(now) {
            *place = name;
        }
        sorted.sort_unstable_by(|one, other| order(one, other));
        if sorted.windows(2).any(|two| matches!(two, [one, other] if order(one, other).is_eq()))
            || later.iter().any(|(name, _)| sorted.binary_search_by(|known| order(known, name)).is_ok())
        {
            return true;
        }
        rest = later;
    }
    false
}

/// An order of names in which those that differ in ASCII case alone are equal. The end comes first: most names of one
/// context begin alike.
fn order(one: &str, other: &str) -> Ordering {
    let bytes = one.bytes().rev().zip(other.bytes().rev());
    let mut orders = bytes.map(|(one, other)| one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase()));
    one.len().cmp(&other.len()).then_with(|| orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// The value of a context key: one text or a list of them (K-01), and what the text means where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    texts: Texts<'a>,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Texts<'a> {
    One(&'a str),
    List(&'a [&'a str]),
}

impl<'a> Value<'a> {
    /// A text. Numbers and booleans come as their JSON text (K-01).
    pub const fn text(text: &'a str) -> Self {
        Self { texts: Texts::One(text), address: None }
    }

    /// `true` or `false`.
    pub const fn boolean(value: bool) -> Self {
        Self::text(if value { "true" } else { "false" })
    }

    /// A text that is an IP address, read here so that no decision has to. Text that is no address (C-19)
    /// stays plain text: an address operator finds it unreadable.
    pub fn address(text: &'a str) -> Self {
        Self { texts: Texts::One(text), address: read_address(text) }
    }

    /// A list of texts. A key with an empty list is not present (K-03).
    pub const fn list(texts: &'a [&'a str]) -> Self {
        Self { texts: Texts::List(texts), address: None }
    }

    /// The texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        // One text and a list of them walk alike: the one text, if any, then the list.
        let (one, list) = match self.texts {
            Texts::One(text) => (Some(text), [].as_slice()),
            Texts::List(texts) => (None, texts),
        };
        one.into_iter().chain(list.iter().copied())
    }

    /// The one text, where there is exactly one.
    pub fn single(&self) -> Option<&'a str> {
        match self.texts {
            Texts::One(text) => Some(text),
            Texts::List(texts) => match texts {
                [text] => Some(text),
                _ => None,
            },
        }
    }

    /// Whether a text is longer than is evaluated (E-09).
    fn is_long(&self) -> bool {
        self.texts().any(|text| text.len() > MAX_CONTEXT_VALUE_BYTES)
    }

    /// The address this value was made with.
    pub(crate) const fn known_address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The one text as an address (C-19), where there is exactly one and it is readable.
    pub fn as_address(&self) -> Option<IpAddr> {
        self.address.or_else(|| read_address(self.single()?))
    }
}

/// Reads an address as C-19 asks; one that is IPv4 in IPv6 clothes is the IPv4 address.
pub(crate) fn read_address(text: &str) -> Option<IpAddr> {
    // `core` refuses zones, ports, and leading zeros in IPv4 parts by itself.
    match text.parse().ok()? {
        IpAddr::V6(address) => Some(unmap(address)),
        address @ IpAddr::V4(_) => Some(address),
    }
}

fn unmap(address: Ipv6Addr) -> IpAddr {
    address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
}

#[cfg(test)]
mod tests;
