//! The answer: allow or deny, why, and a statement that decided.

/// What the policies say of one request.
///
/// [`Decision::default`] is an implicit deny: an answer nobody has filled in yet denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decision {
    reason: Reason,
    statement: Option<StatementRef>,
    refusal: Option<Refusal>,
}

/// Why a request is allowed or denied (E-02).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reason {
    /// An Allow applies and no Deny does.
    ExplicitAllow,
    /// A Deny applies.
    ExplicitDeny,
    /// Nothing applies, or the request could not be read (E-07).
    #[default]
    ImplicitDeny,
}

impl Reason {
    /// `explicit_allow`, `explicit_deny` or `implicit_deny`: a promise to scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExplicitAllow => "explicit_allow",
            Self::ExplicitDeny => "explicit_deny",
            Self::ImplicitDeny => "implicit_deny",
        }
    }
}

/// Names a statement: the number of its policy in the bundle, and its index in that document, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// The policy's number: its place in `Bundle::policies`, and the number `Gate::policy_name` takes.
    pub policy: u32,
    /// The statement's index in the document, from 0.
    pub index: u32,
}

impl Decision {
    /// Nothing allows the request.
    pub const fn implicit_deny() -> Self {
        Self { reason: Reason::ImplicitDeny, statement: None, refusal: None }
    }

    /// A Deny statement denies the request.
    pub const fn explicit_deny(statement: StatementRef) -> Self {
        Self { reason: Reason::ExplicitDeny, statement: Some(statement), refusal: None }
    }

    /// An Allow statement, or `None` for the default endpoint policy (L-02), allows the request.
    pub const fn explicit_allow(statement: Option<StatementRef>) -> Self {
        Self { reason: Reason::ExplicitAllow, statement, refusal: None }
    }

    /// What API Gateway answers with, in a bundle; `explicit` where that rests on an explicit deny (L-15), which is a
    /// statement's or, without one, an authorizer's.
    pub const fn refused(refusal: Refusal, explicit: bool, statement: Option<StatementRef>) -> Self {
        let reason = if explicit { Reason::ExplicitDeny } else { Reason::ImplicitDeny };
        Self { reason, statement, refusal: Some(refusal) }
    }

    /// Whether the request may pass.
    pub const fn is_allowed(self) -> bool {
        matches!(self.reason, Reason::ExplicitAllow)
    }

    /// Why.
    pub const fn reason(self) -> Reason {
        self.reason
    }

    /// One of the statements that decided; `None` for an implicit deny, for the default endpoint policy, and where an
    /// authorizer denied.
    pub const fn statement(self) -> Option<StatementRef> {
        self.statement
    }

    /// What API Gateway answers with; `None` where the request may pass, and where one document answered alone.
    pub const fn refusal(self) -> Option<Refusal> {
        self.refusal
    }
}

/// What API Gateway answers a request with that is denied (rules X). Its words are another's business.
///
/// Nothing of it tells which statement, layer or file denied: it goes to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// a policy does not allow the request.
    NotAuthorized {
        /// The refusing layer saw an anonymous caller; else it saw the caller of the request.
        anonymous: bool,
        /// It rests on an explicit deny.
        explicit: bool,
    },
    /// no route, or a method that must be signed and a request that is not.
    MissingToken,
    /// a signature without all of its parts, or something else where a signature must be.
    IncompleteSignature,
    /// a signature that does not verify, or of nobody who can sign (S-08).
    InvalidSignature,
    /// an access key that is not known, or a wrong session token.
    InvalidToken,
    /// no answer of a Lambda authorizer, or any but `allow` of Cognito.
    Unauthorized,
    /// a Lambda authorizer did not allow the request.
    AuthorizerRefused {
        /// It denied; else it was silent.
        explicit: bool,
    },
}

/// One part of an answer: a kind of policy in a bundle, or an authorizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// The policy of the VPC endpoint that the request came through.
    Endpoint,
    /// The resource policy of the API.
    Resource,
    /// The caller's identity policies, within its permissions boundary (L-11).
    Identity,
    /// The method's Lambda or Cognito authorizer.
    Authorizer,
}

impl Layer {
    /// `endpoint`, `resource`, `identity` or `authorizer`: a promise to scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Resource => "resource",
            Self::Identity => "identity",
            Self::Authorizer => "authorizer",
        }
    }
}

/// A whole answer: the decision, what each layer said, and every statement that decided.
///
/// Slower than a [`Decision`], for `eval`, logs and tests: it allocates.
#[cfg(feature = "explain")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evaluation {
    /// Why the request is allowed or denied.
    pub reason: Reason,
    /// What each layer said that was asked, in the order they were asked (L-15). Empty where one document was
    /// evaluated alone, and where a request to a bundle was refused before any layer.
    pub layers: Vec<(Layer, Reason)>,
    /// The statements that decided: of every layer that says what the whole answer says, every applicable Deny of an
    /// explicit deny, every applicable Allow of an explicit allow (E-04). Layers are in the order of `layers`, the
    /// policies of one as they are attached, a boundary last, and statements in document order. `None` for the layer of
    /// a document evaluated alone.
    pub statements: Vec<(Option<Layer>, StatementRef)>,
    /// What API Gateway answers with; `None` where the request may pass, and where one document answered alone.
    pub refusal: Option<Refusal>,
}
