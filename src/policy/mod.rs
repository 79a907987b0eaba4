//! The policy language: JSON text to typed statements that remember where they stood.
//!
//! [`Policy::from_json`] reads a whole document or refuses it with every mistake it has, each with its
//! place. What comes out is well formed by the rules D, V, P, A, R and C (as syntax): nothing after this
//! module has to ask again whether a pattern has six parts or an address block is one.
//!
//! Nothing in the tree is dropped, narrowed or rewritten: an element that was not understood is an error.

mod action;
mod condition;
mod context;
pub(crate) mod draw;
pub(crate) mod error;
pub(crate) mod json;
mod not_json;
mod parse;
mod place;
mod principal;
mod resource;
mod template;
mod value;

pub(crate) use condition::read_key_name;
#[cfg(feature = "gateway")]
pub(crate) use context::is_short;
pub(crate) use context::read_context;
pub use error::{PolicyError, PolicyErrors, tame};
pub(crate) use parse::read_policy;
pub(crate) use place::Columns;
pub use place::{Place, Source, Spanned};
pub(crate) use principal::read_aws;
pub use resource::ApiArn;
#[cfg(test)]
pub(crate) use template::read_glob;
pub(crate) use value::{read_bytes, read_instant, read_number};

/// One policy document.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The text it was read from, and the name of that text.
    pub source: Source,
    /// Where the document's object stands: all of the text, or a part of a `bundle.json`.
    pub place: Place,
    /// The `Version` element, or what its absence means (V-01).
    pub version: Version,
    /// Where the value of `Version` stands, where there is one.
    pub version_place: Option<Place>,
    /// The `Id` element.
    pub id: Option<Spanned<String>>,
    /// The statements in document order. Never empty (D-04).
    pub statements: Vec<Statement>,
}

/// Which kind of policy a document is meant to be: it decides whether statements have principals (D-06), and what
/// `execute-api:/…` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind<'a> {
    /// An endpoint policy: every statement has a principal, and no API is known for `execute-api:/…`.
    Endpoint,
    /// The resource policy of this API: every statement has a principal, and `execute-api:/…` is a part of the API.
    Resource(&'a ApiArn),
    /// An identity policy or a permissions boundary: no statement has a principal, and no API is known.
    Identity,
}

/// The language version (V-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also where `Version` is absent: there are no variables.
    V2008,
    /// `2012-10-17`: `${` opens a variable or an escape.
    V2012,
}

/// What a statement does when it applies (D-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`: one that applies decides (E-02).
    Deny,
}

/// One statement (D-05).
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where the statement's object stands.
    pub place: Place,
    /// The `Sid`, as written.
    pub sid: Option<Spanned<String>>,
    /// The `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; absent in an identity policy alone (D-06).
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub action: ActionElement,
    /// `Resource` or `NotResource`.
    pub resource: ResourceElement,
    /// The tests of `Condition`: all must hold (C-02). Empty where there is none (E-06).
    pub condition: Vec<ConditionTest>,
    /// Where the value of `Condition` stands, where there is one: it may be an empty object (D-10).
    pub condition_place: Option<Place>,
}

impl Statement {
    /// Where what is said of the statement as a whole points: its `Sid`, else the bracket that opens it.
    pub fn heading(&self) -> Place {
        let bracket = Place { start: self.place.start, end: self.place.start + 1 };
        self.sid.as_ref().map_or(bracket, |sid| sid.place)
    }
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub struct PrincipalElement {
    /// Where its name stands.
    pub place: Place,
    /// `NotPrincipal` (P-12 to P-14).
    pub negated: bool,
    /// The alternatives (P-04). Never empty.
    pub entries: Vec<Spanned<PrincipalEntry>>,
}

/// One entry of a principal element (P-02, P-11). Text in it is literal: no wildcards (P-03).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalEntry {
    /// `"Principal": "*"`: everyone, anonymous callers and services included.
    Everyone,
    /// `{"AWS": "*"}`: everyone; services in a Deny only (P-11).
    AnyAws,
    /// A 12-digit account id, of any partition (P-06).
    Account(String),
    /// `arn:P:iam::A:root`: the account, in its partition (P-06).
    Root {
        /// `P`.
        partition: String,
        /// `A`, 12 digits.
        account: String,
    },
    /// `arn:P:iam::A:user/[path/]NAME` (P-07).
    User(PrincipalArn),
    /// `arn:P:iam::A:role/[path/]NAME`: the role, and its sessions (P-08).
    Role(PrincipalArn),
    /// `arn:P:sts::A:assumed-role/NAME/SESSION`; `name` is the role's (P-09).
    Session(PrincipalArn),
    /// `arn:P:sts::A:federated-user/NAME` (P-10).
    FederatedUser(PrincipalArn),
    /// `{"Service": "x.amazonaws.com"}` (P-11).
    Service(String),
}

/// The ARN of a principal that has a name, whole and in the parts that matching needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalArn {
    /// The whole ARN, as written.
    pub arn: String,
    /// `P`, as `aws` or `aws-cn`.
    pub partition: String,
    /// `A`, 12 digits.
    pub account: String,
    /// `NAME`: the last component of a user's or role's path, the role of a session, the federated user.
    pub name: String,
}

/// `Action` or `NotAction`.
#[derive(Debug, Clone)]
pub struct ActionElement {
    /// Where its name stands.
    pub place: Place,
    /// `NotAction`: applies if no pattern matches.
    pub negated: bool,
    /// The patterns. Never empty.
    pub patterns: Vec<Spanned<ActionPattern>>,
}

/// One action pattern. Matching ignores ASCII case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionPattern {
    /// `*` alone.
    Any,
    /// `service:name`, each a glob that does not see the colon.
    Named {
        /// Before the colon.
        service: Template,
        /// After it.
        name: Template,
    },
}

/// `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub struct ResourceElement {
    /// Where its name stands.
    pub place: Place,
    /// `NotResource`: applies if no pattern matches.
    pub negated: bool,
    /// The patterns. Never empty.
    pub patterns: Vec<Spanned<ResourcePattern>>,
}

/// One resource pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourcePattern {
    /// `*` alone.
    Any,
    /// An ARN pattern. Parts that R-06 lets a pattern leave out are filled in as `*`.
    Arn(Box<ArnPattern>),
}

/// An ARN pattern, cut at its first five colons. `arn` itself is literal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArnPattern {
    /// `aws`, say; a glob.
    pub partition: Template,
    /// Literal, lower case.
    pub service: String,
    /// A glob; may be empty.
    pub region: Template,
    /// Holds a wildcard, or is 12 digits, or empty.
    pub account: Template,
    /// All after the fifth colon; `*` and `?` cross `/` and `:`.
    pub rest: Template,
}

/// Text that may hold wildcards and variables.
///
/// Canonical: no two `Text` pieces are neighbours, none is empty, and no two `AnyRun` pieces are neighbours,
/// so two templates with equal pieces mean the same and a literal has at most one piece.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Template {
    /// The pieces, from left to right.
    pub pieces: Vec<Piece>,
}

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// These characters themselves; also what `${*}`, `${?}` and `${$}` stand for (V-05).
    Text(String),
    /// `*`: any run of characters, also none.
    AnyRun,
    /// `?`: exactly one character.
    AnyOne,
    /// `${key}` or `${key, 'default'}` (V-03).
    Variable {
        /// The context key, as written; compared without regard to ASCII case.
        key: String,
        /// The default, where one is given; literal text, possibly empty (V-04).
        default: Option<String>,
    },
}

impl Template {
    /// The text, where the template has no wildcard and no variable; the empty string is a literal too.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the template is `*` and nothing else.
    pub fn is_any_run(&self) -> bool {
        self.pieces == [Piece::AnyRun]
    }
}

/// One operator applied to one context key: `"StringEquals": {"aws:SourceVpce": ["a", "b"]}`.
#[derive(Debug, Clone)]
pub struct ConditionTest {
    /// The operator, and where its name stands.
    pub operator: Spanned<Operator>,
    /// The context key as written (C-21); compared without regard to ASCII case.
    pub key: Spanned<String>,
    /// The listed values. Never empty (D-10).
    pub values: Vec<Spanned<ConditionValue>>,
}

/// A condition operator: `[ForAllValues:|ForAnyValue:]BASE[IfExists]` (C-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// The qualifier before the colon.
    pub qualifier: Option<Qualifier>,
    /// The operator itself.
    pub base: BaseOperator,
    /// The suffix `IfExists` (C-10).
    pub if_exists: bool,
}

/// `ForAllValues` or `ForAnyValue` (C-05, C-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Qualifier {
    /// Every value of the request must pass.
    ForAllValues,
    /// At least one value of the request must pass.
    ForAnyValue,
}

/// The operators of the table under C, each under its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the documentation: each is AWS's operator of that name")]
pub enum BaseOperator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

/// A condition value, read as its operator reads it (C-03).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionValue {
    /// String and Arn operators. Wildcards only where the operator has them (C-14).
    Text(Template),
    /// Numeric operators (C-16): `value` is scaled by 10^18, so it is exact.
    Number {
        /// The number times 10^18.
        scaled: i128,
    },
    /// Date operators (C-17): nanoseconds since 1970-01-01T00:00:00Z.
    Instant {
        /// Nanoseconds since the epoch.
        nanoseconds: i128,
    },
    /// `Bool` and `Null` (C-18).
    Bool(bool),
    /// `BinaryEquals` (C-20): the decoded bytes.
    Bytes(Vec<u8>),
    /// Address operators (C-19): host bits zero, IPv4-mapped blocks read as IPv4.
    Network(ipnet::IpNet),
}

#[cfg(test)]
mod tests;
