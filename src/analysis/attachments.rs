//! Findings about what is attached where: PC6.

use std::collections::HashMap;

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document, Inputs};
use super::language::Glob;
use super::reach::{calls_of, method_in_reach};
use crate::bundle::{Api, Apis, AuthorizationType, Endpoint, Identity, Layers, Method, Profile};
use crate::policy::{BaseOperator, ConditionValue, Effect, Policy, PrincipalEntry, tame};

/// The findings of a bundle.
pub(super) fn check(inputs: &Inputs<'_>, report: &mut Report) {
    let Some(layers) = inputs.layers else { return };
    endpoints(inputs, layers, report);
    let Some(apis) = &layers.apis else { return };
    for api in &apis.list {
        match api.policy.and_then(|number| inputs.documents.get(usize::try_from(number).ok()?)) {
            None => {
                let message = format!("`{}` has no resource policy, so every call of it is denied", api.arn);
                report.add(
                    Finding::new(Code::PC601, &layers.source, api.place, message)
                        .advice("give it a `policy`: a private API is called by nobody without one"),
                );
            }
            Some(document) => {
                dead_methods(inputs, layers, api, document.policy, report);
                callers_of_other_accounts(inputs, layers, apis, api, document, report);
            }
        }
    }
    if apis.profile == Profile::Classic {
        unsigned_callers(layers, apis, report);
    }
}

/// PC603, PC604.
fn endpoints(inputs: &Inputs<'_>, layers: &Layers, report: &mut Report) {
    let named: Vec<_> = inputs.documents.iter().flat_map(|document| named_endpoints(document.policy)).collect();
    for endpoint in &layers.endpoints {
        let place = endpoint.place;
        if endpoint.policy.is_none() {
            let message = format!("`{}` has the default policy: every principal, every API", tame(&endpoint.id));
            report.add(
                Finding::new(Code::PC604, &layers.source, place, message)
                    .advice("give it a `policy` that names who may call what"),
            );
        }
        if !named.is_empty() && !named.iter().any(|glob| glob.matches(&endpoint.id)) {
            let message = format!("no policy names `{}`, and others are named", tame(&endpoint.id));
            report.add(
                Finding::new(Code::PC603, &layers.source, place, message)
                    .advice("name it under `aws:SourceVpce` where it may call, or remove it"),
            );
        }
    }
}

/// The endpoints that a policy names under `aws:SourceVpce`. A value with a variable may be every one.
fn named_endpoints(policy: &Policy) -> impl Iterator<Item = Glob> {
    let tests = policy.statements.iter().flat_map(|statement| &statement.condition);
    let of_endpoints = tests.filter(|test| {
        test.key.value.eq_ignore_ascii_case("aws:SourceVpce") && test.operator.value.base != BaseOperator::Null
    });
    of_endpoints.flat_map(|test| &test.values).filter_map(|value| match &value.value {
        ConditionValue::Text(template) => Some(Glob::of(template).unwrap_or_else(Glob::every_text)),
        _ => None,
    })
}

/// PC602: L-05 to L-10.
fn dead_methods(inputs: &Inputs<'_>, layers: &Layers, api: &Api, policy: &Policy, report: &mut Report) {
    let allows = allowed(policy);
    let endpoints = layers.endpoints.iter().map(|endpoint| match endpoint.policy {
        None => None,
        Some(number) => inputs.documents.get(number as usize).and_then(|document| allowed(document.policy)),
    });
    let endpoints: Vec<_> = endpoints.collect();
    let meets = |globs: &Option<Vec<Glob>>, calls: &[Glob]| {
        let is_call = |glob: &Glob| calls.iter().any(|calls| glob.meets(calls));
        globs.as_ref().is_none_or(|globs| globs.iter().any(is_call))
    };
    for method in &api.methods {
        let calls = calls_of(api, method);
        let why = if !endpoints.iter().any(|globs| meets(globs, &calls)) {
            "no endpoint policy allows a call of it"
        } else if !may_do_without(inputs, api, method) && !meets(&allows, &calls) {
            "no Allow of the resource policy matches a call of it"
        } else {
            continue;
        };
        report.add(
            Finding::new(Code::PC602, &layers.source, method.place, format!("nobody can call this method: {why}"))
                .advice("allow it, or remove it"),
        );
    }
}

/// Whether an authorizer, or an identity policy, may make up for a resource policy that is silent (Table A).
fn may_do_without(inputs: &Inputs<'_>, api: &Api, method: &Method) -> bool {
    match method.authorization {
        AuthorizationType::None | AuthorizationType::CognitoUserPools => false,
        AuthorizationType::Custom => true,
        AuthorizationType::AwsIam => inputs.accounts_with_policies.contains(api.arn.account.as_str()),
    }
}

/// What a policy's Allow statements match; `None` where that cannot be said, and may be everything.
fn allowed(policy: &Policy) -> Option<Vec<Glob>> {
    let mut globs = Vec::new();
    for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        if statement.resource.negated {
            return None;
        }
        for pattern in &statement.resource.patterns {
            globs.push(Glob::of_resource(&pattern.value)?);
        }
    }
    Some(globs)
}

/// PC605: S-03.
fn unsigned_callers(layers: &Layers, apis: &Apis, report: &mut Report) {
    let Some(endpoint) = layers.endpoints.iter().find(|endpoint| endpoint.policy.is_some()) else { return };
    let Endpoint { id, place, .. } = endpoint;
    for method in apis.list.iter().flat_map(|api| &api.methods) {
        if method.authorization == AuthorizationType::None {
            let message = format!(
                "in profile `classic` a call through `{}` without a signature is refused, and one with another `Authorization` header too",
                tame(id)
            );
            report.add(
                Finding::new(Code::PC605, &layers.source, method.place, message)
                    .advice("let clients sign, give the endpoint the default policy, or see whether AWS has the profile `current` for you")
                    .related(&layers.source, *place, "this endpoint has a policy of its own"),
            );
        }
    }
}

/// PC606: Table B.
fn callers_of_other_accounts(
    inputs: &Inputs<'_>,
    layers: &Layers,
    apis: &Apis,
    api: &Api,
    document: &Document<'_>,
    report: &mut Report,
) {
    if !matches!(document.attached, Attached::Api(_)) {
        return;
    }
    let by_arn: HashMap<&str, &Identity> =
        layers.identities.iter().map(|identity| (identity.arn.as_str(), identity)).collect();
    let roles: HashMap<_, _> = layers
        .identities
        .iter()
        .filter_map(|identity| match &identity.principal {
            PrincipalEntry::Role(role) => Some(((&role.partition, &role.account, &role.name), identity)),
            _ => None,
        })
        .collect();
    for statement in document.policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        let Some(element) = &statement.principal else { continue };
        let is_iam = |method: &Method| method.authorization == AuthorizationType::AwsIam;
        for entry in &element.entries {
            let (arn, identity) = match &entry.value {
                PrincipalEntry::User(arn) | PrincipalEntry::FederatedUser(arn) | PrincipalEntry::Role(arn) => {
                    (arn, by_arn.get(arn.arn.as_str()))
                }
                PrincipalEntry::Session(arn) => (arn, roles.get(&(&arn.partition, &arn.account, &arn.name))),
                _ => continue,
            };
            let has_policies = identity.is_some_and(|identity| !identity.policies.is_empty());
            // An account that the bundle knows nothing of is PC108.
            if arn.account == api.arn.account || has_policies || !inputs.accounts.contains(arn.account.as_str()) {
                continue;
            }
            if method_in_reach(apis, api, statement, is_iam).is_none() {
                continue;
            }
            let message =
                format!("`{}` is of another account and has no identity policy: both must allow", tame(&arn.arn));
            report.add(
                Finding::new(Code::PC606, document.source(), entry.place, message)
                    .advice("add its identity policies to `identities` of `bundle.json`"),
            );
        }
    }
}
