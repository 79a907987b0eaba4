//! Findings about `Principal` and `NotPrincipal`: PC1.

use std::collections::HashSet;

use super::Code;
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document, Inputs};
use super::reach::method_in_reach;
use crate::bundle::{Api, AuthorizationType, Method};
use crate::policy::{Effect, Policy, PrincipalArn, PrincipalElement, PrincipalEntry, Spanned, Statement, tame};

/// The findings of one statement.
pub(super) fn check(inputs: &Inputs<'_>, document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let Some(element) = &statement.principal else { return };
    if element.negated {
        not_principal(document, element, report);
        return;
    }
    session_beside_its_role(document, element, report);
    unseen(inputs, document, statement, element, report);
    if let Attached::Api(api) = document.attached {
        open(document, statement, element, report);
        delegation(inputs, document, api, statement, element, report);
        partition(document, api, element, report);
    }
    accounts(inputs, document, element, report);
}

/// What an entry names, and in which account and partition; a bare account id has none.
fn account_of(entry: &PrincipalEntry) -> Option<(&str, Option<&str>)> {
    match entry {
        PrincipalEntry::Account(account) => Some((account, None)),
        PrincipalEntry::Root { partition, account } => Some((account, Some(partition))),
        PrincipalEntry::User(arn)
        | PrincipalEntry::Role(arn)
        | PrincipalEntry::Session(arn)
        | PrincipalEntry::FederatedUser(arn) => Some((&arn.account, Some(&arn.partition))),
        PrincipalEntry::Everyone | PrincipalEntry::AnyAws | PrincipalEntry::Service(_) => None,
    }
}

/// PC105, else PC104: P-13.
fn not_principal(document: &Document<'_>, element: &PrincipalElement, report: &mut Report) {
    let values = || element.entries.iter().map(|entry| &entry.value);
    let has_account = |of: &PrincipalArn| {
        values().any(|entry| match entry {
            PrincipalEntry::Account(account) => *account == of.account,
            PrincipalEntry::Root { partition, account } => *account == of.account && *partition == of.partition,
            _ => false,
        })
    };
    let has_role = |session: &PrincipalArn| {
        values().any(|entry| matches!(entry, PrincipalEntry::Role(role) if is_of(session, role)))
    };
    let mut is_whole = true;
    for entry in &element.entries {
        let (arn, is_session) = match &entry.value {
            PrincipalEntry::Session(arn) => (arn, true),
            PrincipalEntry::User(arn) | PrincipalEntry::Role(arn) | PrincipalEntry::FederatedUser(arn) => (arn, false),
            _ => continue,
        };
        let missing = match (has_account(arn), !is_session || has_role(arn)) {
            (true, true) => continue,
            (false, true) => "its account is not listed",
            (true, false) => "its role is not listed",
            (false, false) => "neither its role nor its account is listed",
        };
        is_whole = false;
        let message = format!("`{}` is not spared: {missing} beside it", tame(&arn.arn));
        report.add(Finding::new(Code::PC105, document.source(), entry.place, message).advice(
            "a `NotPrincipal` spares who is listed with every identity it has; `\"Principal\": \"*\"` and \
                 `\"ArnNotLike\": {\"aws:PrincipalArn\": [\u{2026}]}` spares who is meant",
        ));
    }
    if is_whole {
        let message = "`NotPrincipal` denies everyone but who is listed with every identity they have";
        report.add(Finding::new(Code::PC104, document.source(), element.place, message).advice(
            "write `\"Principal\": \"*\"` and the condition `\"ArnNotLike\": {\"aws:PrincipalArn\": [\u{2026}]}`",
        ));
    }
}

/// Whether a session is one of a role (P-08).
fn is_of(session: &PrincipalArn, role: &PrincipalArn) -> bool {
    (&session.partition, &session.account, &session.name) == (&role.partition, &role.account, &role.name)
}

/// PC107: P-08.
fn session_beside_its_role(document: &Document<'_>, element: &PrincipalElement, report: &mut Report) {
    let roles: Vec<_> = element
        .entries
        .iter()
        .filter_map(
            |entry| if let PrincipalEntry::Role(role) = &entry.value { Some((role, entry.place)) } else { None },
        )
        .collect();
    let named: HashSet<_> = roles.iter().map(|(role, _)| (&role.partition, &role.account, &role.name)).collect();
    for entry in &element.entries {
        let PrincipalEntry::Session(session) = &entry.value else { continue };
        if !named.contains(&(&session.partition, &session.account, &session.name)) {
            continue;
        }
        let message = "the session adds nothing: its role is listed, and means all its sessions";
        let mut finding = Finding::new(Code::PC107, document.source(), entry.place, message)
            .advice("keep the role, or the session if it alone is meant");
        if let Some((_, place)) = roles.iter().find(|(role, _)| is_of(session, role)) {
            finding = finding.related(document.source(), *place, "the role");
        }
        report.add(finding);
    }
}

/// PC101, PC102: L-03, S-03, S-04.
fn unseen(
    inputs: &Inputs<'_>,
    document: &Document<'_>,
    statement: &Statement,
    element: &PrincipalElement,
    report: &mut Report,
) {
    let Some((layers, apis)) = inputs.layers.and_then(|layers| Some((layers, layers.apis.as_ref()?))) else { return };
    let names_identities = element.entries.iter().all(|entry| account_of(&entry.value).is_some());
    if !names_identities {
        return;
    }
    let found = |api: &Api, method: &Method, code, message: String, advice: &str| {
        let what = method.authorization.as_str();
        Finding::new(code, document.source(), element.place, message).advice(advice).related(
            &layers.source,
            method.place,
            format!("a method of `{}`, authorization `{what}`", api.arn),
        )
    };
    match document.attached {
        Attached::Api(api) => {
            let is_blind = |method: &Method| method.authorization != AuthorizationType::AwsIam;
            if let Some(method) = method_in_reach(apis, api, statement, is_blind) {
                let message = format!(
                    "on a method of authorization `{}` this policy sees an anonymous caller, whom no entry means",
                    method.authorization.as_str()
                );
                let advice = "name `*` and say who is meant by the endpoint, as in `\"StringEquals\": {\"aws:SourceVpce\": \u{2026}}`, or make the method `AWS_IAM`";
                report.add(found(api, method, Code::PC101, message, advice));
            }
        }
        Attached::Endpoints => {
            let is_blind = |method: &Method| {
                matches!(method.authorization, AuthorizationType::Custom | AuthorizationType::CognitoUserPools)
            };
            let reached =
                apis.list.iter().find_map(|api| Some((api, method_in_reach(apis, api, statement, is_blind)?)));
            if let Some((api, method)) = reached {
                let message = format!(
                    "callers of a method of authorization `{}` send no signature, so that no entry means them",
                    method.authorization.as_str()
                );
                let advice = "name `*`, and say in the resource or by the VPC what is meant";
                report.add(found(api, method, Code::PC102, message, advice));
            }
        }
        Attached::Nothing | Attached::Identities => {}
    }
}

/// PC103.
fn open(document: &Document<'_>, statement: &Statement, element: &PrincipalElement, report: &mut Report) {
    let Some(everyone) = everyone(element) else { return };
    if statement.effect != Effect::Allow || !statement.condition.is_empty() || denies_by_condition(document.policy) {
        return;
    }
    report.add(
        Finding::new(Code::PC103, document.source(), everyone.place, "everyone is let in, from every VPC endpoint").advice(
            "add a condition, as `\"StringEquals\": {\"aws:SourceVpce\": \u{2026}}`, or a Deny with `StringNotEquals`",
        ),
    );
}

/// The entry that means everyone.
fn everyone(element: &PrincipalElement) -> Option<&Spanned<PrincipalEntry>> {
    element.entries.iter().find(|entry| matches!(entry.value, PrincipalEntry::Everyone | PrincipalEntry::AnyAws))
}

/// Whether a policy denies everyone under some condition: the other way to say who is let in.
fn denies_by_condition(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        let means_all =
            statement.principal.as_ref().is_some_and(|element| element.negated || everyone(element).is_some());
        statement.effect == Effect::Deny && !statement.condition.is_empty() && means_all
    })
}

/// PC106: L-13.
fn delegation(
    inputs: &Inputs<'_>,
    document: &Document<'_>,
    api: &Api,
    statement: &Statement,
    element: &PrincipalElement,
    report: &mut Report,
) {
    if statement.effect != Effect::Allow || inputs.accounts_with_policies.contains(api.arn.account.as_str()) {
        return;
    }
    let is_own = |entry: &Spanned<PrincipalEntry>| match &entry.value {
        PrincipalEntry::Account(account) => *account == api.arn.account,
        PrincipalEntry::Root { partition, account } => (partition, account) == (&api.arn.partition, &api.arn.account),
        _ => false,
    };
    if element.entries.iter().all(is_own)
        && let Some(entry) = element.entries.first()
    {
        let message = "the API's own account is delegated to: nobody in it is let in without an identity policy";
        report.add(
            Finding::new(Code::PC106, document.source(), entry.place, message)
                .advice("name the users and roles that are meant, or give them identity policies, under `identities`"),
        );
    }
}

/// PC109: P-06 to P-10.
fn partition(document: &Document<'_>, api: &Api, element: &PrincipalElement, report: &mut Report) {
    for entry in &element.entries {
        let Some((_, Some(partition))) = account_of(&entry.value) else { continue };
        if partition != api.arn.partition {
            let message = format!(
                "a principal of partition `{}` cannot call an API of partition `{}`",
                tame(partition),
                tame(&api.arn.partition)
            );
            report.add(
                Finding::new(Code::PC109, document.source(), entry.place, message)
                    .advice("name principals of the API's own partition"),
            );
        }
    }
}

/// PC108.
fn accounts(inputs: &Inputs<'_>, document: &Document<'_>, element: &PrincipalElement, report: &mut Report) {
    if inputs.accounts.is_empty() {
        return;
    }
    for entry in &element.entries {
        let Some((account, _)) = account_of(&entry.value) else { continue };
        if !inputs.accounts.contains(account) {
            let message = format!("no API and no identity of the bundle belongs to account `{account}`");
            report.add(
                Finding::new(Code::PC108, document.source(), entry.place, message)
                    .advice("compare the account with the ARNs in `bundle.json`; a caller from another account needs an identity there"),
            );
        }
    }
}
