//! Rules L: the steps of a request through a bundle, in order. The first that refuses gives the answer (L-01).

use super::identities::{self, Column};
use super::principal::{Kinds, kinds};
use super::profile::{self, Seen};
use super::routes::{self, Route};
use super::{Asked, NumberedPolicy, Reference, Verdict};
use crate::bundle::{Apis, AuthorizationType, Endpoint, Layers};
use crate::gate::{
    Authorization, Authorizer, Caller, Evaluation, Fault, Identity, Layer, Question, Reason, Refusal, Request,
    StatementRef,
};

/// A refusal that rests on nothing a layer said.
const UNSEEN: Refusal = Refusal::NotAuthorized { anonymous: true, explicit: false };

/// Evaluates a request to a bundle.
pub(super) fn evaluate(reference: &Reference<'_>, attached: &Layers, request: &Request<'_>) -> Evaluation {
    match &attached.apis {
        None => endpoint_alone(reference, attached, request),
        Some(apis) => with_apis(reference, attached, apis, request),
    }
}

/// Without `apis`: the endpoint layer alone, of the caller as given.
fn endpoint_alone(reference: &Reference<'_>, attached: &Layers, request: &Request<'_>) -> Evaluation {
    let answer = Answer::default();
    // E-07, L-16
    let (Ok(question), Some(endpoint)) = (Question::read(request), endpoint(attached, request)) else {
        return answer.refused(UNSEEN, false);
    };
    let entry = identities::entry_of(&attached.identities, &question.identity);
    let has_boundary = entry.is_some_and(|entry| entry.boundary.is_some());
    match ask_endpoint(reference, answer, endpoint, question, has_boundary) {
        Ok(answer) => answer.allowed(),
        Err(refused) => refused,
    }
}

/// L-01, from the second step on: what came by HTTP has been read.
fn with_apis(reference: &Reference<'_>, attached: &Layers, apis: &Apis, request: &Request<'_>) -> Evaluation {
    let answer = Answer::default();
    // E-07, E-09. Resource and principal are read where the steps come to them.
    if matches!(request.check(), Err(Fault::DuplicateKey | Fault::LongValue | Fault::Action)) {
        return answer.refused(UNSEEN, false);
    }
    // L-03: the request as a layer sees it that sees an anonymous caller.
    let by_nobody = Request { caller: Caller::Anonymous, ..*request };
    let unsigned = Question::read(&by_nobody);
    // (2) The route: L-16, H-15, H-16.
    let route = unsigned.ok().and_then(|unsigned| Some((unsigned, routes::find(apis, &unsigned.resource)?)));
    let Some((unsigned, route)) = route else { return answer.refused(Refusal::MissingToken, false) };
    // (3) The endpoint: L-16.
    let Some(endpoint) = endpoint(attached, request) else { return answer.refused(UNSEEN, false) };
    // (4) The `Authorization` header: S.
    let state = profile::state(request);
    let signed = match Question::read(request) {
        Ok(signed) if state != Authorization::Valid || profile::can_sign(&signed.identity) => signed,
        // S-08
        _ => return answer.refused(Refusal::InvalidSignature, false),
    };
    let (question, then) =
        match profile::seen(apis.profile, route.method.authorization, endpoint.policy.is_some(), state) {
            Seen::Anonymous => (unsigned, None),
            Seen::Signer => (signed, None),
            Seen::AnonymousThen(refusal) => (unsigned, Some(refusal)),
            Seen::Refused(refusal) => return answer.refused(refusal, false),
        };
    // (5) The endpoint policy: L-04.
    let entry = identities::entry_of(&attached.identities, &question.identity);
    let has_boundary = entry.is_some_and(|entry| entry.boundary.is_some());
    let answer = match ask_endpoint(reference, answer, endpoint, question, has_boundary) {
        Ok(answer) => answer,
        Err(refused) => return refused,
    };
    // S-07
    if let Some(refusal) = then {
        return answer.refused(refusal, false);
    }
    // (6) The method's authorization.
    let inner = Inner { reference, attached, endpoint, route };
    match route.method.authorization {
        AuthorizationType::None => inner.none(answer, unsigned),
        AuthorizationType::AwsIam => inner.aws_iam(answer, signed),
        AuthorizationType::Custom => inner.custom(answer, unsigned),
        AuthorizationType::CognitoUserPools => inner.cognito(answer, unsigned),
    }
}

/// L-16: the endpoint that the request names, else the one that `aws:SourceVpce` does; they may not disagree,
/// and several values always do. It must be in the bundle.
fn endpoint<'b>(attached: &'b Layers, request: &Request<'_>) -> Option<&'b Endpoint> {
    // K-03: a key with an empty list is not there.
    let key = request.context.get("aws:SourceVpce").filter(|value| value.texts().next().is_some());
    let id = match (request.endpoint, key) {
        (Some(id), None) => id,
        (None, Some(value)) => value.single()?,
        (Some(id), Some(value)) => value.single().filter(|given| *given == id)?,
        (None, None) => return None,
    };
    attached.endpoints.iter().find(|endpoint| endpoint.id == id)
}

/// L-02, L-04: the endpoint policy must allow.
fn ask_endpoint(
    reference: &Reference<'_>,
    mut answer: Answer,
    endpoint: &Endpoint,
    question: Question<'_>,
    has_boundary: bool,
) -> Result<Answer, Evaluation> {
    let verdict = match endpoint.policy {
        // L-02
        None => Verdict { reason: Reason::ExplicitAllow, statements: Vec::new() },
        Some(number) => {
            let asked = Asked { question, endpoint: Some(endpoint), has_boundary };
            reference.policy(number).map_or_else(neither, |numbered| numbered.evaluate(&asked))
        }
    };
    let reason = verdict.reason;
    answer.note(Layer::Endpoint, verdict);
    match reason {
        Reason::ExplicitAllow => Ok(answer),
        reason => Err(answer.not_authorized(&question.identity, reason)),
    }
}

/// The last step: what is asked behind the endpoint.
struct Inner<'b> {
    reference: &'b Reference<'b>,
    attached: &'b Layers,
    endpoint: &'b Endpoint,
    route: Route<'b>,
}

impl Inner<'_> {
    /// L-06: the resource policy must allow.
    fn none(&self, mut answer: Answer, unsigned: Question<'_>) -> Evaluation {
        let verdict = self.resource_policy().map_or_else(neither, |policy| policy.evaluate(&self.asked(unsigned)));
        let reason = verdict.reason;
        answer.note(Layer::Resource, verdict);
        match reason {
            Reason::ExplicitAllow => answer.allowed(),
            reason => answer.not_authorized(&unsigned.identity, reason),
        }
    }

    /// L-07, L-08, and L-11 to L-14.
    fn aws_iam(&self, mut answer: Answer, signed: Question<'_>) -> Evaluation {
        let caller = &signed.identity;
        // L-05
        let Some(policy) = self.resource_policy() else {
            answer.note(Layer::Resource, neither());
            return answer.not_authorized(caller, Reason::ImplicitDeny);
        };
        let entry = identities::entry_of(&self.attached.identities, caller);
        let asked = Asked {
            question: signed,
            endpoint: Some(self.endpoint),
            has_boundary: entry.is_some_and(|entry| entry.boundary.is_some()),
        };
        let resource = policy.evaluate(&asked);
        let Column { verdict: identity, boundary } = identities::column(self.reference, entry, &asked);
        // L-07, L-08
        let owner = &self.route.api.arn;
        let one_account = caller.account().is_some_and(|account| account.id == owner.account);
        let (first, second) = (identity.reason, resource.reason);
        let outcome = if one_account {
            let by = policy.kinds_that_allow(&resource, caller);
            table_a(first, counted(second, by, boundary))
        } else {
            table_b(first, second)
        };
        answer.note(Layer::Resource, resource);
        answer.note(Layer::Identity, identity);
        match outcome {
            Reason::ExplicitAllow => answer.allowed(),
            reason => answer.not_authorized(caller, reason),
        }
    }

    /// L-09
    fn custom(&self, mut answer: Answer, unsigned: Question<'_>) -> Evaluation {
        // L-05
        let Some(policy) = self.resource_policy() else {
            answer.note(Layer::Resource, neither());
            return answer.not_authorized(&unsigned.identity, Reason::ImplicitDeny);
        };
        let verdict = policy.evaluate(&self.asked(unsigned));
        let resource = verdict.reason;
        answer.note(Layer::Resource, verdict);
        if resource == Reason::ExplicitDeny {
            return answer.not_authorized(&unsigned.identity, resource);
        }
        let Some(said) = unsigned.request.authorizer else { return answer.refused(Refusal::Unauthorized, false) };
        answer.note(Layer::Authorizer, of_authorizer(said));
        match said {
            // Unverified 15: silence refuses, whatever Table A makes of it.
            Authorizer::Silent => answer.refused(Refusal::AuthorizerRefused { explicit: false }, false),
            Authorizer::Deny => answer.refused(Refusal::AuthorizerRefused { explicit: true }, true),
            Authorizer::Allow => match table_a(Reason::ExplicitAllow, resource) {
                Reason::ExplicitAllow => answer.allowed(),
                reason => answer.not_authorized(&unsigned.identity, reason),
            },
        }
    }

    /// L-10
    fn cognito(&self, mut answer: Answer, unsigned: Question<'_>) -> Evaluation {
        let Some(said) = unsigned.request.authorizer else { return answer.refused(Refusal::Unauthorized, false) };
        answer.note(Layer::Authorizer, of_authorizer(said));
        match said {
            Authorizer::Silent => answer.refused(Refusal::Unauthorized, false),
            Authorizer::Deny => answer.refused(Refusal::Unauthorized, true),
            // Silence of the resource policy denies, although Table A names Cognito in its heading.
            Authorizer::Allow => self.none(answer, unsigned),
        }
    }

    /// The API's resource policy.
    fn resource_policy(&self) -> Option<NumberedPolicy<'_>> {
        self.reference.policy(self.route.api.policy?)
    }

    /// What is asked of a policy that sees an anonymous caller.
    fn asked<'a>(&'a self, unsigned: Question<'a>) -> Asked<'a> {
        Asked { question: unsigned, endpoint: Some(self.endpoint), has_boundary: false }
    }
}

impl NumberedPolicy<'_> {
    /// By which entries the statements of an Allow mean the caller, all together.
    fn kinds_that_allow(&self, verdict: &Verdict, caller: &Identity<'_>) -> Kinds {
        let mut all = Kinds::default();
        if verdict.reason != Reason::ExplicitAllow {
            return all;
        }
        for (index, statement) in (0..).zip(&self.policy.statements) {
            let decides = verdict.statements.contains(&StatementRef { policy: self.number, index });
            if let (true, Some(element)) = (decides, &statement.principal) {
                let one = kinds(element, caller);
                all.itself |= one.itself;
                all.role_or_star |= one.role_or_star;
                all.account |= one.account;
            }
        }
        all
    }
}

/// L-13, L-14: what the answer of a resource policy counts as for a caller of the same account.
fn counted(resource: Reason, by: Kinds, boundary: Option<Reason>) -> Reason {
    if resource != Reason::ExplicitAllow {
        return resource;
    }
    // L-14
    let within_boundary = boundary.is_none_or(|reason| reason == Reason::ExplicitAllow);
    if by.itself || (by.role_or_star && within_boundary) {
        Reason::ExplicitAllow
    } else {
        // L-13: an account entry delegates to the account.
        Reason::ImplicitDeny
    }
}

/// Table A, row by row.
fn table_a(first: Reason, resource: Reason) -> Reason {
    use Reason::{ExplicitAllow as Allow, ExplicitDeny as Deny, ImplicitDeny as Neither};
    match (first, resource) {
        (Allow, Allow) => Allow,
        (Allow, Neither) => Allow,
        (Allow, Deny) => Deny,
        (Neither, Allow) => Allow,
        (Neither, Neither) => Neither,
        (Neither, Deny) => Deny,
        (Deny, Allow) => Deny,
        (Deny, Neither) => Deny,
        (Deny, Deny) => Deny,
    }
}

/// Table B: as Table A, except two rows.
fn table_b(first: Reason, resource: Reason) -> Reason {
    use Reason::{ExplicitAllow as Allow, ImplicitDeny as Neither};
    match (first, resource) {
        (Allow, Neither) | (Neither, Allow) => Neither,
        (first, resource) => table_a(first, resource),
    }
}

/// What a layer says that has nothing to say.
fn neither() -> Verdict {
    Verdict { reason: Reason::ImplicitDeny, statements: Vec::new() }
}

/// What an authorizer's answer shows as.
fn of_authorizer(said: Authorizer) -> Verdict {
    let reason = match said {
        Authorizer::Allow => Reason::ExplicitAllow,
        Authorizer::Deny => Reason::ExplicitDeny,
        Authorizer::Silent => Reason::ImplicitDeny,
    };
    Verdict { reason, statements: Vec::new() }
}

/// An answer while the steps are walked: what each layer said so far (L-15).
#[derive(Default)]
struct Answer {
    layers: Vec<(Layer, Verdict)>,
}

impl Answer {
    fn note(&mut self, layer: Layer, verdict: Verdict) {
        self.layers.push((layer, verdict));
    }

    /// Nothing refused.
    fn allowed(self) -> Evaluation {
        self.of(Reason::ExplicitAllow, None)
    }

    /// L-15: an explicit deny if the refusing step rests on one.
    fn refused(self, refusal: Refusal, explicit: bool) -> Evaluation {
        self.of(if explicit { Reason::ExplicitDeny } else { Reason::ImplicitDeny }, Some(refusal))
    }

    /// refused by a policy that saw this caller.
    fn not_authorized(self, caller: &Identity<'_>, reason: Reason) -> Evaluation {
        let explicit = reason == Reason::ExplicitDeny;
        self.refused(Refusal::NotAuthorized { anonymous: matches!(caller, Identity::Anonymous), explicit }, explicit)
    }

    /// E-04: the statements of every layer that says what the whole answer says; of an implicit deny none.
    fn of(self, reason: Reason, refusal: Option<Refusal>) -> Evaluation {
        let layers = self.layers.iter().map(|(layer, verdict)| (*layer, verdict.reason)).collect();
        let deciding = self.layers.into_iter().filter(|(_, verdict)| verdict.reason == reason);
        let statements = deciding
            .flat_map(|(layer, verdict)| verdict.statements.into_iter().map(move |one| (Some(layer), one)))
            .collect();
        Evaluation { reason, layers, statements, refusal }
    }
}
