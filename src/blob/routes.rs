//! The routes of APIs: for each API a tree over the segments of its templates (H-15 to H-17).
//!
//! A node stands for the segments that lead to it from its API's root. Below it are its literal segments, in the order
//! of their bytes; its `{name}`; and, as `{name+}` is the last of a template, the methods of that. Methods of one
//! template stand in the order of their numbers of stage and method, `*` and `ANY` before all others.
//!
//! Invariant: a node's number is higher than its parent's, which is the one node that names it, so that walks end; the
//! methods' runs follow one another in the order of the nodes. `compiler::routes` makes it so, [`validate`] refuses a
//! blob where it is not.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::apis::Stage;
use super::strings::TextRef;
use super::{Fail, LoadError, Record, SectionId, Span, View};

/// A place in the tree of an API's routes.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct RouteNode {
    /// The literal segment that leads here; empty at a root and at a `{name}`.
    pub segment: TextRef,
    /// The number of the node above; a root's is its own.
    pub parent: U32,
    /// The nodes of the literal segments below, in `routes`.
    pub literals: Span,
    /// One more than the number of the node of the `{name}` below; 0 for none.
    pub variable: U32,
    /// The methods of the template that ends here, in `methods`.
    pub here: Span,
    /// Those of the template that ends in a `{name+}` below.
    pub rest: Span,
}

/// An entry of an API's methods, among those of its template.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Method {
    /// One more than the place of its stage in its API's run of `stages`; 0 for `*`.
    pub stage: U32,
    /// One more than its place in [`METHODS`]; 0 for `ANY`.
    pub method: U16,
    /// [`AuthorizationType`], as a number.
    pub authorization: U16,
}

/// The methods that an entry may name.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The number of a method; `None` where no entry names it.
pub(crate) fn method_number(method: &str) -> Option<u16> {
    (1..).zip(METHODS).find(|(_, known)| *known == method).map(|(number, _)| number)
}

/// The method of a number, `ANY` that of 0.
#[cfg(feature = "explain")]
pub(crate) fn method_name(number: u16) -> Option<&'static str> {
    let Some(at) = number.checked_sub(1) else { return Some("ANY") };
    METHODS.get(usize::from(at)).copied()
}

/// What a method asks of its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum AuthorizationType {
    None,
    AwsIam,
    Custom,
    CognitoUserPools,
}

impl AuthorizationType {
    const LAST: Self = Self::CognitoUserPools;

    /// As `bundle.json` writes it.
    #[cfg(feature = "explain")]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
            Self::Custom => "CUSTOM",
            Self::CognitoUserPools => "COGNITO_USER_POOLS",
        }
    }
}

impl Record for RouteNode {
    const SECTION: SectionId = SectionId::Routes;
}
impl Record for Method {
    const SECTION: SectionId = SectionId::Methods;
}

impl RouteNode {
    /// The number of the node below that this literal segment leads to.
    pub fn literal(&self, view: &View<'_>, segment: &[u8]) -> Option<u32> {
        let below = view.span::<RouteNode>(self.literals);
        let at = below.binary_search_by(|node| view.bytes(node.segment).cmp(segment)).ok()?;
        self.literals.start.get().checked_add(u32::try_from(at).ok()?)
    }
}

impl Method {
    /// What it asks of its callers; `None` of a number that no loaded blob holds.
    pub fn authorization(&self) -> Option<AuthorizationType> {
        use AuthorizationType::{AwsIam, CognitoUserPools, Custom, None};
        [None, AwsIam, Custom, CognitoUserPools].get(self.authorization.get() as usize).copied()
    }

    fn key(&self) -> (u32, u16) {
        (self.stage.get(), self.method.get())
    }
}

/// The entry of exactly this stage and method, each 0 for all.
pub(crate) fn method<'a>(view: &View<'a>, entries: Span, stage: u32, method: u16) -> Option<&'a Method> {
    let entries = view.span::<Method>(entries);
    entries.get(entries.binary_search_by_key(&(stage, method), Method::key).ok()?)
}

/// Whether there is an entry of this stage, or of all.
pub(crate) fn has_stage(view: &View<'_>, entries: Span, stage: u32) -> bool {
    let entries = view.span::<Method>(entries);
    let at = entries.partition_point(|entry| entry.stage.get() < stage);
    entries.first().is_some_and(|entry| entry.stage == U32::ZERO)
        || entries.get(at).is_some_and(|entry| entry.stage.get() == stage)
}

/// Checks numbers, ranges, order, and that every node is below the one that is its parent.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let nodes = view.records::<RouteNode>();
    let mut next = 0;
    for (at, node) in nodes.iter().enumerate() {
        let fail = Fail::at::<RouteNode>(view, at);
        node.segment.validate(view, fail)?;
        fail.unless_at_most("parent", node.parent.get().into(), at as u64)?;
        node.literals.validate::<RouteNode>(view, fail)?;
        fail.unless_at_most("variable", node.variable.get().into(), nodes.len() as u64)?;
        // Below this one, and of no other: so all of this takes as many steps as there are nodes.
        let is_below = |number: u32, below: &RouteNode| number as usize > at && below.parent.get() as usize == at;
        let mut last: &[u8] = &[];
        let mut literals = (node.literals.start.get()..).zip(view.span::<RouteNode>(node.literals));
        let are_below = literals.all(|(number, literal)| {
            let before = core::mem::replace(&mut last, view.bytes(literal.segment));
            before < last && is_below(number, literal)
        });
        fail.unless_equal("literal segments in rising order below this one", are_below.into(), 1)?;
        let variable =
            node.variable.get().checked_sub(1).and_then(|number| Some((number, nodes.get(number as usize)?)));
        // No literal segment is empty, so that none of their nodes is the variable's as well.
        let is_below =
            variable.is_none_or(|(number, variable)| is_below(number, variable) && variable.segment.len.get() == 0);
        fail.unless_equal("variable below this one", is_below.into(), 1)?;
        for run in [node.here, node.rest] {
            fail.unless_equal("first method", run.start.get().into(), next)?;
            run.validate::<Method>(view, fail)?;
            next = next.saturating_add(run.len.get().into());
            let rising = view.span::<Method>(run).is_sorted_by(|one, other| one.key() < other.key());
            fail.unless_equal("methods in rising order", rising.into(), 1)?;
        }
    }
    let count = view.records::<Method>().len() as u64;
    Fail::at::<RouteNode>(view, nodes.len()).unless_equal("methods of all routes", next, count)?;
    for (at, method) in view.records::<Method>().iter().enumerate() {
        let fail = Fail::at::<Method>(view, at);
        fail.unless_at_most("stage", method.stage.get().into(), view.records::<Stage>().len() as u64)?;
        fail.unless_at_most("method", method.method.get().into(), METHODS.len() as u64)?;
        let limit = (AuthorizationType::LAST as u16).into();
        fail.unless_at_most("authorization", method.authorization.get().into(), limit)?;
    }
    Ok(())
}
