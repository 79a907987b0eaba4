//! Findings about statements beside one another: PC5.
//!
//! One statement *covers* another where it applies to every request that the other applies to. That is proven element by
//! element: each principal, action and resource of the one is within one of the other's, and the other's tests are among
//! its own, as wide at least. What cannot be proven so is not found.
//!
//! Statements are compared within one policy, those that can speak of one API. There may be many of them, so there is a
//! budget, and past it nothing is said of the rest.

use super::Code;
use super::by_api::{ByApi, api_of};
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document, Inputs};
use super::language::{Glob, Inclusion, Steps};
use super::resource::is_short_form;
use crate::bundle::AuthorizationType;
use crate::policy::{
    ConditionTest, Effect, PrincipalArn, PrincipalElement, PrincipalEntry, ResourcePattern, Statement,
};

/// So many steps are taken for each statement of a policy, and in any policy: enough to compare all pairs, in one that AWS
/// saves. A step is a look at a place of a glob, or at two entries, values or tests.
const STEPS: usize = 500;
const STEPS_AT_LEAST: usize = 5_000_000;
/// What a pair of statements takes at least: to find it and to leave it takes as long as some looks.
const STEPS_OF_A_PAIR: usize = 20;
/// So many steps may an inclusion in several globs together take.
const UNION_STEPS: usize = 2_000;

/// A statement, as it is compared.
struct Compared<'p> {
    statement: &'p Statement,
    /// Its actions and its resources; `None` under `NotAction`, `NotResource`, and of a pattern with variables.
    actions: Option<Vec<Glob>>,
    resources: Option<Vec<Glob>>,
}

impl<'p> Compared<'p> {
    fn new(statement: &'p Statement) -> Self {
        let (action, resource) = (&statement.action, &statement.resource);
        let actions = || action.patterns.iter().map(|pattern| Glob::of_action(&pattern.value)).collect();
        let resources = || resource.patterns.iter().map(|pattern| Glob::of_resource(&pattern.value)).collect();
        Self {
            statement,
            actions: if action.negated { None } else { actions() },
            resources: if resource.negated { None } else { resources() },
        }
    }
}

/// How principals of an Allow count, which coverage has to keep (L-13, L-14).
#[derive(Clone, Copy)]
struct Counting {
    /// An account entry delegates, and so covers none of the account's principals.
    accounts_delegate: bool,
    /// A boundary limits what `*` and a role allow, and not what a user or a session does.
    may_be_bounded: bool,
}

/// The findings of one policy.
pub(super) fn check(inputs: &Inputs<'_>, document: &Document<'_>, report: &mut Report) {
    // What is true of one API's copy need not be true of another's.
    if means_several_things(inputs, document) {
        return;
    }
    let statements: Vec<_> = document.policy.statements.iter().map(Compared::new).collect();
    if statements.len() < 2 && !document.policy.statements.iter().any(|one| one.effect == Effect::Deny) {
        return;
    }
    let by_api = ByApi::of(statements.iter().enumerate().flat_map(|(at, compared)| {
        let patterns = compared.statement.resource.patterns.iter();
        // What is not said by patterns may be anything.
        let open = compared.resources.is_none().then_some((ResourcePattern::Any, at));
        patterns.map(move |pattern| (pattern.value.clone(), at)).chain(open)
    }));
    // A document alone may be an API's policy, beside identities that are not known.
    let is_alone = matches!(document.attached, Attached::Nothing);
    let is_resource = is_alone || !inputs.apis_of(document).is_empty();
    let may_be_bounded = is_alone || (is_resource && inputs.has_boundaries);
    let counting = Counting { accounts_delegate: is_resource, may_be_bounded };
    let decides_alone = decides_alone(inputs, document);
    let mut left = Steps::new(STEPS_AT_LEAST.max(STEPS.saturating_mul(statements.len())));
    for (at, one) in statements.iter().enumerate() {
        if covered(document, &statements, &by_api, at, one, counting, &mut left, report).is_none() {
            return;
        }
        if one.statement.effect == Effect::Deny
            && decides_alone
            && meets_no_allow(&statements, &by_api, one, &mut left) == Some(true)
        {
            let message = "the Deny meets no Allow: what it denies is denied without it";
            report.add(
                Finding::new(Code::PC503, document.source(), one.statement.heading(), message)
                    .advice("remove it, or see whether it names what it is to deny"),
            );
        }
    }
}

/// Whether several APIs have the policy and it names them by shorthand, so that its resources are others for each.
fn means_several_things(inputs: &Inputs<'_>, document: &Document<'_>) -> bool {
    let patterns = || document.policy.statements.iter().flat_map(|statement| &statement.resource.patterns);
    inputs.apis_of(document).len() > 1 && patterns().any(|pattern| is_short_form(&document.written(pattern.place)))
}

/// PC501, PC502; `None` where the budget is spent.
#[expect(clippy::too_many_arguments, reason = "what is compared, and with what")]
fn covered(
    document: &Document<'_>,
    statements: &[Compared<'_>],
    by_api: &ByApi<usize>,
    at: usize,
    one: &Compared<'_>,
    counting: Counting,
    left: &mut Steps,
    report: &mut Report,
) -> Option<()> {
    let Some(first) = one.statement.resource.patterns.first() else { return Some(()) };
    // Whoever covers it covers its first resource.
    for other_at in by_api.under(api_of(&first.value).as_deref()).copied() {
        let Some(other) = statements.get(other_at).filter(|_| other_at != at) else { continue };
        left.take(STEPS_OF_A_PAIR)?;
        let (effect, others) = (one.statement.effect, other.statement.effect);
        if effect == Effect::Deny && others == Effect::Allow {
            continue;
        }
        let counting = if others == Effect::Deny { None } else { Some(counting) };
        if !covers(other, one, counting, left)? {
            continue;
        }
        let place = one.statement.heading();
        let finding = if effect == others {
            // Of two that cover one another, the later.
            if other_at > at && covers(one, other, counting, left)? {
                continue;
            }
            Finding::new(Code::PC501, document.source(), place, "the statement changes nothing: another covers it")
                .advice("remove it, or narrow the other")
        } else {
            Finding::new(Code::PC502, document.source(), place, "the Allow lets nobody in: a Deny covers it")
                .advice("remove it, or narrow the Deny")
        };
        report.add(finding.related(document.source(), other.statement.heading(), "this statement covers it"));
        return Some(());
    }
    Some(())
}

/// Whether a statement applies wherever another does; `counting` where both are Allows. `None` where the budget is spent.
fn covers(wide: &Compared<'_>, narrow: &Compared<'_>, counting: Option<Counting>, left: &mut Steps) -> Option<bool> {
    let (one, other) = (wide.statement, narrow.statement);
    Some(
        covers_principals(one.principal.as_ref(), other.principal.as_ref(), counting, left)?
            && covers_tests(&one.condition, &other.condition, left)?
            && covers_globs(wide.actions.as_deref(), narrow.actions.as_deref(), left)?
            && covers_globs(wide.resources.as_deref(), narrow.resources.as_deref(), left)?,
    )
}

fn covers_globs(wide: Option<&[Glob]>, narrow: Option<&[Glob]>, left: &mut Steps) -> Option<bool> {
    let (Some(wide), Some(narrow)) = (wide, narrow) else { return Some(false) };
    let all: Vec<_> = wide.iter().collect();
    for glob in narrow {
        let mut is_within = false;
        for wide in wide {
            is_within = glob.is_within_in(wide, left)?;
            if is_within {
                break;
            }
        }
        if !is_within && all.len() > 1 {
            let mut steps = Steps::new(UNION_STEPS);
            is_within = glob.is_within_some(&all, &mut steps) == Inclusion::Yes;
            left.take(UNION_STEPS - steps.left())?;
        }
        if !is_within {
            return Some(false);
        }
    }
    Some(true)
}

fn covers_principals(
    wide: Option<&PrincipalElement>,
    narrow: Option<&PrincipalElement>,
    counting: Option<Counting>,
    left: &mut Steps,
) -> Option<bool> {
    let (wide, narrow) = match (wide, narrow) {
        (None, None) => return Some(true),
        (Some(wide), Some(narrow)) if !wide.negated && !narrow.negated => (wide, narrow),
        _ => return Some(false),
    };
    for narrow in &narrow.entries {
        left.take(wide.entries.len())?;
        if !wide.entries.iter().any(|wide| covers_entry(&wide.value, &narrow.value, counting)) {
            return Some(false);
        }
    }
    Some(true)
}

/// Whether an entry means all that another does (P-05 to P-11), and, of two Allows, counts the same.
fn covers_entry(wide: &PrincipalEntry, narrow: &PrincipalEntry, counting: Option<Counting>) -> bool {
    use PrincipalEntry::{Account, AnyAws, Everyone, FederatedUser, Role, Root, Service, Session, User};
    let is_itself = matches!(narrow, User(_) | Session(_) | FederatedUser(_));
    if wide == narrow {
        return true;
    }
    if is_itself && counting.is_some_and(|counting| counting.may_be_bounded) {
        return false;
    }
    let delegates = counting.is_some_and(|counting| counting.accounts_delegate);
    match (wide, narrow) {
        (Everyone, _) => true,
        // In a Deny a service too.
        (AnyAws, Everyone | Service(_)) => counting.is_none(),
        (AnyAws, _) => true,
        (Account(account), Root { account: other, .. }) => account == other,
        (Account(account), User(arn) | Role(arn) | Session(arn) | FederatedUser(arn)) => {
            !delegates && *account == arn.account
        }
        (Root { partition, account }, User(arn) | Role(arn) | Session(arn) | FederatedUser(arn)) => {
            !delegates && (partition, account) == (&arn.partition, &arn.account)
        }
        (Role(role), Session(session)) => {
            let of = |arn: &PrincipalArn| (arn.partition.clone(), arn.account.clone(), arn.name.clone());
            of(role) == of(session)
        }
        _ => false,
    }
}

/// Whether all of `wide` hold wherever all of `narrow` do: each is there again, with fewer values, or more where none may
/// match.
fn covers_tests(wide: &[ConditionTest], narrow: &[ConditionTest], left: &mut Steps) -> Option<bool> {
    for wide in wide {
        left.take(narrow.len())?;
        let mut is_there = false;
        let same = |narrow: &&ConditionTest| {
            wide.operator.value == narrow.operator.value && wide.key.value.eq_ignore_ascii_case(&narrow.key.value)
        };
        for narrow in narrow.iter().filter(same) {
            left.take(wide.values.len().saturating_mul(narrow.values.len()))?;
            let has = |test: &ConditionTest, value| test.values.iter().any(|other| other.value == value);
            let (fewer, more) = if is_negated(wide) { (wide, narrow) } else { (narrow, wide) };
            is_there = is_there || fewer.values.iter().all(|value| has(more, value.value.clone()));
        }
        if !is_there {
            return Some(false);
        }
    }
    Some(true)
}

fn is_negated(test: &ConditionTest) -> bool {
    test.operator.value.base.is_negated()
}

/// Whether what a policy does not allow is denied, whatever else there is (L-04, L-06, L-10), wherever it is attached.
fn decides_alone(inputs: &Inputs<'_>, document: &Document<'_>) -> bool {
    match document.attached {
        Attached::Endpoints | Attached::Api(_) => {
            inputs.apis_of(document).iter().flat_map(|api| &api.methods).all(|method| {
                matches!(method.authorization, AuthorizationType::None | AuthorizationType::CognitoUserPools)
            })
        }
        // A document alone may be an API's policy, beside which identity policies allow.
        Attached::Nothing | Attached::Identities => false,
    }
}

/// PC503: whether no request can have both this Deny and an Allow apply; `None` where the budget is spent.
fn meets_no_allow(
    statements: &[Compared<'_>],
    by_api: &ByApi<usize>,
    deny: &Compared<'_>,
    left: &mut Steps,
) -> Option<bool> {
    let Some(resources) = &deny.resources else { return Some(false) };
    for (pattern, glob) in deny.statement.resource.patterns.iter().zip(resources) {
        let api = api_of(&pattern.value);
        for other in by_api.meeting(api.as_deref()).filter_map(|at| statements.get(*at)) {
            left.take(STEPS_OF_A_PAIR)?;
            if other.statement.effect == Effect::Allow && may_meet(deny, glob, other, left)? {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// Whether some request may have both apply, by one resource of the one; `None` where the budget is spent.
fn may_meet(deny: &Compared<'_>, resource: &Glob, allow: &Compared<'_>, left: &mut Steps) -> Option<bool> {
    let (one, other) = (deny.statement.principal.as_ref(), allow.statement.principal.as_ref());
    Some(
        principals_may_meet(one, other, left)?
            && globs_may_meet(deny.actions.as_deref(), allow.actions.as_deref(), left)?
            && globs_may_meet(Some(std::slice::from_ref(resource)), allow.resources.as_deref(), left)?,
    )
}

fn globs_may_meet(one: Option<&[Glob]>, other: Option<&[Glob]>, left: &mut Steps) -> Option<bool> {
    let (Some(one), Some(other)) = (one, other) else { return Some(true) };
    for one in one {
        for other in other {
            if one.meets_in(other, left)? {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// Whether some caller may be meant by both: not where all entries are of other accounts.
fn principals_may_meet(
    one: Option<&PrincipalElement>,
    other: Option<&PrincipalElement>,
    left: &mut Steps,
) -> Option<bool> {
    let accounts = |element: Option<&PrincipalElement>| -> Option<Vec<String>> {
        let element = element.filter(|element| !element.negated)?;
        element.entries.iter().map(|entry| account_of(&entry.value).map(str::to_owned)).collect()
    };
    let (Some(one), Some(other)) = (accounts(one), accounts(other)) else { return Some(true) };
    left.take(one.len().saturating_mul(other.len()))?;
    Some(one.iter().any(|account| other.contains(account)))
}

/// The account that all callers an entry means belong to.
fn account_of(entry: &PrincipalEntry) -> Option<&str> {
    match entry {
        PrincipalEntry::Account(account) | PrincipalEntry::Root { account, .. } => Some(account),
        PrincipalEntry::User(arn)
        | PrincipalEntry::Role(arn)
        | PrincipalEntry::Session(arn)
        | PrincipalEntry::FederatedUser(arn) => Some(&arn.account),
        PrincipalEntry::Everyone | PrincipalEntry::AnyAws | PrincipalEntry::Service(_) => None,
    }
}
