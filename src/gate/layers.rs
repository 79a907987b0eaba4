//! The steps of a request through a bundle, read downwards (rules L). The first that refuses gives the answer (L-01).
//!
//! There is one way through them, and several [`Voice`]s to ask the policies in: the short one of `decide`, which names
//! one statement of each, and those of `explain`, which name all.
//!
//! Every step ends in [`Allowed`] or in [`Refused`]; where something is not there, it refuses.

use super::case::Case;
use super::decide::{self, Lookup, Open, Search};
use super::decision::{Decision, Layer, Reason, Refusal, StatementRef};
use super::header::{self, Admitted};
use super::identity::{Identity, Parts, Resource, is_invoke};
use super::names::Names;
use super::present::Composed;
use super::request::{Authorization, Authorizer, Caller, Request};
use super::routes::{self, Route};
use crate::blob::View;
use crate::blob::apis::{self, Profile};
use crate::blob::identities::{self, IdentityPolicy, IdentityRecord};
use crate::blob::routes::AuthorizationType;
use crate::blob::sets::{self, Endpoint};
use crate::blob::statements::{Policy, Statement, flag};

/// What a policy, or a whole layer, says by itself (E-02, L-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Verdict<S> {
    pub reason: Reason,
    /// What it says so by.
    pub statements: S,
}

/// How policies are asked.
pub(super) trait Voice {
    /// The statements that a policy decides by: one of them, or all.
    type Statements: Default;

    /// What a policy of a layer says of a request, as the layer sees it.
    fn ask(&mut self, layer: Layer, seen: &Seen<'_>, set: u32) -> Verdict<Self::Statements>;

    /// Adds the statements of another policy.
    fn join(statements: &mut Self::Statements, more: Self::Statements);

    /// Whether `counts` is true of an Allow that applies, of a policy that allows by these statements.
    fn some_allow(
        &mut self,
        seen: &Seen<'_>,
        set: u32,
        statements: &Self::Statements,
        counts: impl Fn(&Statement) -> bool,
    ) -> bool;
}

/// A request as a layer sees it (L-03).
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub search: Search<'a>,
    parts: Parts<'a>,
    endpoint: &'a Endpoint,
    is_anonymous: bool,
}

impl<'a> Seen<'a> {
    /// By the caller as given.
    fn given(search: Search<'a>, request: &'a Request<'a>, resource: Resource<'a>, endpoint: &'a Endpoint) -> Self {
        let is_anonymous = matches!(request.caller, Caller::Anonymous);
        Self { search, parts: Parts::of(request).with_resource(resource), endpoint, is_anonymous }
    }

    /// By nobody, whoever signed; `None` where the request cannot be read.
    fn unsigned(
        view: View<'a>,
        request: &'a Request<'a>,
        resource: Resource<'a>,
        endpoint: &'a Endpoint,
    ) -> Option<Self> {
        let search = Search::by(view, request, || Some(Names::NOBODY))?;
        let parts = Parts::of(request).with_resource(resource).with_identity(Identity::Anonymous);
        Some(Self { search, parts, endpoint, is_anonymous: true })
    }

    /// The request, ready to be held against single statements; `composed` is room for it.
    pub fn case<'s>(&'s self, composed: &'s Composed) -> Case<'s> {
        let case = Case::new(&self.search, self.parts.again(), Some(self.endpoint), composed);
        case.with_boundary(self.boundary().is_some())
    }

    /// What the caller's account says of it (L-12).
    fn identity(&self) -> Option<&'a IdentityRecord> {
        let view = self.search.view;
        if view.count::<IdentityRecord>() == 0 {
            return None;
        }
        let named = |number| identities::find(&view, number);
        let names = &self.search.names;
        match self.parts.identity()? {
            Identity::Anonymous | Identity::Service(_) => None,
            Identity::User { .. } | Identity::Role { .. } | Identity::FederatedUser { .. } => {
                names.exact().and_then(named)
            }
            Identity::Session { .. } => names.role().find_map(named),
            // Of an account's two names the root ARN alone can be an identity.
            Identity::Root(_) => names.account().find_map(named),
        }
    }

    fn boundary(&self) -> Option<u32> {
        self.identity()?.boundary()
    }

    /// Whether the caller belongs to the API's account (L-07). The API's name is what the resource begins with, so that its
    /// account is the owner's.
    fn is_owners(&self) -> bool {
        let caller = self.parts.identity().and_then(Identity::account);
        caller.zip(self.parts.resource()).is_some_and(|(caller, resource)| caller.id == resource.account)
    }

    /// refused by a layer that says this of the request.
    fn refused_by(&self, reason: Reason) -> Refused {
        let explicit = reason == Reason::ExplicitDeny;
        Refused { refusal: Refusal::NotAuthorized { anonymous: self.is_anonymous, explicit }, explicit }
    }
}

/// Nothing refused.
struct Allowed;

/// What a step refuses with.
struct Refused {
    refusal: Refusal,
    /// It rests on an explicit deny (L-15).
    explicit: bool,
}

impl Refused {
    /// By nothing that a policy or an authorizer said.
    const fn with(refusal: Refusal) -> Self {
        Self { refusal, explicit: false }
    }

    /// Before anybody was seen (E-07, L-16).
    const UNSEEN: Self = Self::with(Refusal::NotAuthorized { anonymous: true, explicit: false });
}

/// A whole answer: what each layer said that was asked, in that order, and what it comes to (L-15).
#[derive(Debug, Default)]
pub(super) struct Answer<S> {
    pub reason: Reason,
    pub refusal: Option<Refusal>,
    /// The endpoint; the resource policy; then or between them an authorizer, or the identity.
    pub layers: [Option<(Layer, Verdict<S>)>; 3],
}

/// Puts a request to a bundle.
pub(super) fn answer<V: Voice>(view: View<'_>, request: &Request<'_>, voice: &mut V) -> Answer<V::Statements> {
    let mut steps = Steps { view, voice, layers: Default::default() };
    let end = match apis::profile(&view) {
        Some(profile) => steps.with_apis(profile, request),
        None => steps.endpoint_alone(request),
    };
    let layers = steps.layers;
    match end {
        Ok(Allowed) => Answer { reason: Reason::ExplicitAllow, refusal: None, layers },
        Err(Refused { refusal, explicit: true }) => {
            Answer { reason: Reason::ExplicitDeny, refusal: Some(refusal), layers }
        }
        Err(Refused { refusal, explicit: false }) => {
            Answer { reason: Reason::ImplicitDeny, refusal: Some(refusal), layers }
        }
    }
}

/// The steps, and what the layers said so far.
struct Steps<'v, 'a, V: Voice> {
    view: View<'a>,
    voice: &'v mut V,
    layers: [Option<(Layer, Verdict<V::Statements>)>; 3],
}

impl<'a, V: Voice> Steps<'_, 'a, V> {
    /// Without APIs: the endpoint layer alone, of the caller as given.
    fn endpoint_alone(&mut self, request: &'a Request<'a>) -> Result<Allowed, Refused> {
        let search = Search::of(self.view, request).ok_or(Refused::UNSEEN)?;
        let resource = Resource::read(request.resource).ok_or(Refused::UNSEEN)?;
        let endpoint = endpoint(&self.view, request).ok_or(Refused::UNSEEN)?;
        self.endpoint(&Seen::given(search, request, resource, endpoint))
    }

    /// The steps of L-01 from the second on: what came by HTTP has been read.
    fn with_apis(&mut self, profile: Profile, request: &'a Request<'a>) -> Result<Allowed, Refused> {
        // E-07, E-09: what no layer could read.
        if request.context.fault().is_some() || is_invoke(request.action).is_none() {
            return Err(Refused::UNSEEN);
        }
        // (2) H-15, H-16, L-16
        let found = Resource::read(request.resource).and_then(|resource| Some((resource, self.route(&resource)?)));
        let (resource, route) = found.ok_or(Refused::with(Refusal::MissingToken))?;
        // (3) L-16
        let endpoint = endpoint(&self.view, request).ok_or(Refused::UNSEEN)?;
        // (4) S-08, then the tables.
        let search = Search::of(self.view, request).ok_or(Refused::with(Refusal::InvalidSignature))?;
        let state = header::state(request);
        if state == Authorization::Valid && !header::can_sign(request.caller) {
            return Err(Refused::with(Refusal::InvalidSignature));
        }
        let Admitted { signer, then } =
            header::admit(profile, route.authorization, endpoint.set.get() != 0, state).map_err(Refused::with)?;
        let view = self.view;
        let by_nobody = || Seen::unsigned(view, request, resource, endpoint).ok_or(Refused::UNSEEN);
        let as_given = signer || matches!(request.caller, Caller::Anonymous);
        let invoker = if as_given { Seen::given(search, request, resource, endpoint) } else { by_nobody()? };
        // (5) L-04
        let Allowed = self.endpoint(&invoker)?;
        // S-07
        if let Some(refusal) = then {
            return Err(Refused::with(refusal));
        }
        // (6) L-03: on `AWS_IAM` methods alone does the resource policy see who signed.
        let unsigned;
        let seen = if signer && route.authorization != AuthorizationType::AwsIam {
            unsigned = by_nobody()?;
            &unsigned
        } else {
            &invoker
        };
        match route.authorization {
            AuthorizationType::None => self.open(&route, seen),
            AuthorizationType::AwsIam => self.aws_iam(&route, seen),
            AuthorizationType::Custom => self.custom(&route, seen, request.authorizer),
            AuthorizationType::CognitoUserPools => self.cognito(&route, seen, request.authorizer),
        }
    }

    fn route(&self, resource: &Resource<'_>) -> Option<Route<'a>> {
        routes::find(&self.view, resource)
    }

    /// L-02, L-04: the endpoint policy must allow.
    fn endpoint(&mut self, seen: &Seen<'_>) -> Result<Allowed, Refused> {
        let verdict = match seen.endpoint.set.get().checked_sub(1) {
            Some(set) => self.voice.ask(Layer::Endpoint, seen, set),
            None => Verdict { reason: Reason::ExplicitAllow, ..Verdict::default() },
        };
        self.must_allow(Layer::Endpoint, seen, verdict)
    }

    /// L-06: `NONE`: the resource policy must allow.
    fn open(&mut self, route: &Route<'_>, seen: &Seen<'_>) -> Result<Allowed, Refused> {
        let verdict = self.resource(route, seen);
        self.must_allow(Layer::Resource, seen, verdict)
    }

    /// L-07, L-08, L-11 to L-14: `AWS_IAM`.
    fn aws_iam(&mut self, route: &Route<'_>, seen: &Seen<'_>) -> Result<Allowed, Refused> {
        use Reason::{ExplicitAllow, ExplicitDeny, ImplicitDeny};
        // L-05
        let Some(set) = route.api.set.get().checked_sub(1) else { return self.open(route, seen) };
        let resource = self.voice.ask(Layer::Resource, seen, set);
        let Column { identity, boundary } = self.identity(seen);
        let is_owners = seen.is_owners();
        // What an Allow of the resource policy counts for: more than a delegation to the account?
        let mut is_grant = || {
            let within_boundary = boundary.is_none_or(|reason| reason == ExplicitAllow);
            self.voice
                .some_allow(seen, set, &resource.statements, |statement| is_grant(seen, statement, within_boundary))
        };
        let outcome = match (identity.reason, resource.reason) {
            (ExplicitDeny, _) | (_, ExplicitDeny) => ExplicitDeny,
            // Table A: one that allows is enough.
            (ExplicitAllow, _) if is_owners => ExplicitAllow,
            (_, ExplicitAllow) if is_owners && is_grant() => ExplicitAllow,
            // Table B: both must.
            (ExplicitAllow, ExplicitAllow) => ExplicitAllow,
            _ => ImplicitDeny,
        };
        self.note(Layer::Resource, resource);
        self.note(Layer::Identity, identity);
        if outcome == ExplicitAllow { Ok(Allowed) } else { Err(seen.refused_by(outcome)) }
    }

    /// L-09: `CUSTOM`. An Allow of the authorizer makes up for a resource policy that is silent, and for nothing else.
    fn custom(
        &mut self,
        route: &Route<'_>,
        seen: &Seen<'_>,
        authorizer: Option<Authorizer>,
    ) -> Result<Allowed, Refused> {
        // L-05
        if route.api.set.get() == 0 {
            return self.open(route, seen);
        }
        let verdict = self.resource(route, seen);
        if verdict.reason == Reason::ExplicitDeny {
            return self.must_allow(Layer::Resource, seen, verdict);
        }
        self.note(Layer::Resource, verdict);
        match self.authorizer(authorizer)? {
            Authorizer::Allow => Ok(Allowed),
            Authorizer::Deny => Err(Refused { refusal: Refusal::AuthorizerRefused { explicit: true }, explicit: true }),
            Authorizer::Silent => Err(Refused::with(Refusal::AuthorizerRefused { explicit: false })),
        }
    }

    /// L-10: `COGNITO_USER_POOLS`.
    fn cognito(
        &mut self,
        route: &Route<'_>,
        seen: &Seen<'_>,
        authorizer: Option<Authorizer>,
    ) -> Result<Allowed, Refused> {
        match self.authorizer(authorizer)? {
            Authorizer::Allow => self.open(route, seen),
            Authorizer::Deny => Err(Refused { refusal: Refusal::Unauthorized, explicit: true }),
            Authorizer::Silent => Err(Refused::with(Refusal::Unauthorized)),
        }
    }

    /// What the authorizer said; without an answer the request is refused.
    fn authorizer(&mut self, said: Option<Authorizer>) -> Result<Authorizer, Refused> {
        let said = said.ok_or(Refused::with(Refusal::Unauthorized))?;
        let reason = match said {
            Authorizer::Allow => Reason::ExplicitAllow,
            Authorizer::Deny => Reason::ExplicitDeny,
            Authorizer::Silent => Reason::ImplicitDeny,
        };
        self.note(Layer::Authorizer, Verdict { reason, ..Verdict::default() });
        Ok(said)
    }

    /// What the API's resource policy says; without one nothing (L-05).
    fn resource(&mut self, route: &Route<'_>, seen: &Seen<'_>) -> Verdict<V::Statements> {
        route
            .api
            .set
            .get()
            .checked_sub(1)
            .map_or_else(Verdict::default, |set| self.voice.ask(Layer::Resource, seen, set))
    }

    /// L-11: what the caller's identity policies say, within its boundary.
    fn identity(&mut self, seen: &Seen<'_>) -> Column<V::Statements> {
        let policies = seen.identity().map(|identity| self.view.span::<IdentityPolicy>(identity.policies));
        let mut all = Verdict::default();
        for policy in policies.unwrap_or_default() {
            all = stronger::<V>(all, self.voice.ask(Layer::Identity, seen, policy.0.get()));
        }
        let Some(boundary) = seen.boundary().map(|set| self.voice.ask(Layer::Identity, seen, set)) else {
            return Column { identity: all, boundary: None };
        };
        let says = boundary.reason;
        let denies = all.reason == Reason::ExplicitDeny || says == Reason::ExplicitDeny;
        // Both allow, or one denies: then that is what the column says, and by whom. Else one is silent.
        let identity = if denies || all.reason == says { stronger::<V>(all, boundary) } else { Verdict::default() };
        Column { identity, boundary: Some(says) }
    }

    fn must_allow(
        &mut self,
        layer: Layer,
        seen: &Seen<'_>,
        verdict: Verdict<V::Statements>,
    ) -> Result<Allowed, Refused> {
        let reason = verdict.reason;
        self.note(layer, verdict);
        if reason == Reason::ExplicitAllow { Ok(Allowed) } else { Err(seen.refused_by(reason)) }
    }

    fn note(&mut self, layer: Layer, verdict: Verdict<V::Statements>) {
        if let Some(free) = self.layers.iter_mut().find(|place| place.is_none()) {
            *free = Some((layer, verdict));
        }
    }
}

/// The identity column of the tables.
struct Column<S> {
    identity: Verdict<S>,
    /// What the boundary says by itself (L-14).
    boundary: Option<Reason>,
}

/// What two policies of one layer say together: a Deny before an Allow before nothing, by the statements of those that
/// say so.
fn stronger<V: Voice>(mut one: Verdict<V::Statements>, other: Verdict<V::Statements>) -> Verdict<V::Statements> {
    let rank = |reason| match reason {
        Reason::ImplicitDeny => 0,
        Reason::ExplicitAllow => 1,
        Reason::ExplicitDeny => 2,
    };
    if one.reason == other.reason {
        V::join(&mut one.statements, other.statements);
        return one;
    }
    if rank(one.reason) > rank(other.reason) { one } else { other }
}

/// L-13, L-14: whether an Allow of the resource policy lets a caller of its own account in without an identity policy:
/// by naming the caller itself; by `*` or its role within the boundary; by its account never.
fn is_grant(seen: &Seen<'_>, statement: &Statement, within_boundary: bool) -> bool {
    let view = &seen.search.view;
    let names = &seen.search.names;
    let lists = |name| statement.lists(view, name);
    let is_anybody = statement.has(flag::EVERYONE) || statement.has(flag::ANY_AWS);
    // Nobody signs as a role itself, so that what is exact is a user, a session or a federated user.
    names.exact().is_some_and(lists) || (within_boundary && (is_anybody || names.role().any(lists)))
}

/// L-16: the endpoint a request came through: it says so itself, or in `aws:SourceVpce`; where both do they must agree.
fn endpoint<'v>(view: &View<'v>, request: &Request<'_>) -> Option<&'v Endpoint> {
    let given = request.context.get("aws:SourceVpce").filter(|value| value.texts().next().is_some());
    let id = match (request.endpoint, given) {
        (endpoint, None) => endpoint,
        (None, Some(value)) => value.single(),
        (Some(endpoint), Some(value)) => value.single().filter(|given| *given == endpoint),
    };
    sets::endpoint(view, id?)
}

/// A statement's record.
pub(super) fn record<'a>(view: &View<'a>, statement: StatementRef) -> Option<&'a Statement> {
    view.span::<Statement>(view.record::<Policy>(statement.policy)?.statements).get(statement.index as usize)
}

/// The short voice: one statement of each policy, as soon as it is known.
#[derive(Debug)]
pub(super) struct Brief;

impl Voice for Brief {
    type Statements = Option<StatementRef>;

    fn ask(&mut self, _: Layer, seen: &Seen<'_>, set: u32) -> Verdict<Self::Statements> {
        let look = |open| ask_with_conditions(seen, set, open);
        let decision = decide::decide_set(&seen.search, set, Lookup::Ahead, look);
        Verdict { reason: decision.reason(), statements: decision.statement() }
    }

    fn join(statements: &mut Self::Statements, more: Self::Statements) {
        *statements = statements.or(more);
    }

    fn some_allow(
        &mut self,
        seen: &Seen<'_>,
        set: u32,
        statements: &Self::Statements,
        counts: impl Fn(&Statement) -> bool,
    ) -> bool {
        let counts = |statement| record(&seen.search.view, statement).is_some_and(&counts);
        // The one that was found first mostly does.
        statements.is_some_and(&counts)
            || decide::some_applicable(&seen.case(&Composed::default()), set, |statement, is_deny| {
                !is_deny && counts(statement)
            })
    }
}

/// Asks a policy where something is left to look at once more, in a frame of its own.
#[inline(never)]
fn ask_with_conditions(seen: &Seen<'_>, set: u32, open: Open<'_>) -> Decision {
    decide::decide(&seen.case(&Composed::default()), set, open)
}

/// Decides a request to a bundle.
#[inline(never)]
pub(super) fn decide(view: View<'_>, request: &Request<'_>) -> Decision {
    let Answer { reason, refusal, layers } = answer(view, request, &mut Brief);
    let mut deciding = layers.into_iter().flatten().filter(|(_, verdict)| verdict.reason == reason);
    let statement = deciding.find_map(|(_, verdict)| verdict.statements);
    match (reason, refusal) {
        (Reason::ExplicitAllow, None) => Decision::explicit_allow(statement),
        (_, Some(refusal)) => Decision::refused(refusal, reason == Reason::ExplicitDeny, statement),
        (_, None) => Decision::implicit_deny(),
    }
}
