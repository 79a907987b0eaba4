//! The answer: allow or deny, why, and a statement that decided.

/// What the policies say of one request.
///
/// [`Decision::default`] is an implicit deny: an answer nobody has filled in yet denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decision {
    reason: Reason,
    statement: Option<StatementRef>,
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
        Self { reason: Reason::ImplicitDeny, statement: None }
    }

    /// A Deny statement denies the request.
    pub const fn explicit_deny(statement: StatementRef) -> Self {
        Self { reason: Reason::ExplicitDeny, statement: Some(statement) }
    }

    /// An Allow statement, or `None` for the default endpoint policy (L-02), allows the request.
    pub const fn explicit_allow(statement: Option<StatementRef>) -> Self {
        Self { reason: Reason::ExplicitAllow, statement }
    }

    /// Whether the request may pass.
    pub const fn is_allowed(self) -> bool {
        matches!(self.reason, Reason::ExplicitAllow)
    }

    /// Why.
    pub const fn reason(self) -> Reason {
        self.reason
    }

    /// One of the statements that decided; `None` for an implicit deny and for the default endpoint policy.
    pub const fn statement(self) -> Option<StatementRef> {
        self.statement
    }
}

/// One kind of policy in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// The policy of the VPC endpoint that the request came through.
    Endpoint,
}

impl Layer {
    /// `endpoint`: a promise to scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
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
    /// What each layer said that was asked, in the order they were asked. Empty where one document was
    /// evaluated alone, and where a bundle has no endpoint for the request (L-16).
    pub layers: Vec<(Layer, Reason)>,
    /// The statements that decided, in document order: every applicable Deny of an explicit deny, every
    /// applicable Allow of an explicit allow (E-04). `None` for the layer of a document evaluated alone.
    pub statements: Vec<(Option<Layer>, StatementRef)>,
}
