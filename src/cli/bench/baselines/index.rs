//! The index by hand: what a good engineer writes who needs this to be fast and does not write a compiler.
//!
//! A hash of the ARN up to the slash behind the API gives that API's statements, and a tuned scan holds each
//! against the request, and each of those whose API part is wild. It is a baseline, not a product: one document
//! only, and where a policy has something it does not know, [`Index::new`] gives none rather than guess.

use hashbrown::HashMap;
use ipnet::IpNet;
use portcullis::bundle::{Attachments, Bundle};
use portcullis::policy::{
    ActionPattern, BaseOperator, ConditionTest, ConditionValue, Effect, Operator, Piece, PrincipalElement,
    PrincipalEntry, ResourcePattern, Spanned, Statement, Template,
};
use portcullis::{Decision, Request, StatementRef, Value};

use super::caller::Caller;
use super::glob::Glob;

/// The statements of one document, by API.
pub struct Index<'b> {
    apis: HashMap<String, Vec<Entry<'b>>, foldhash::fast::FixedState>,
    wild: Vec<Entry<'b>>,
}

/// One resource pattern of one statement.
struct Entry<'b> {
    statement: StatementRef,
    is_deny: bool,
    who: Who<'b>,
    action: Action<'b>,
    resource: Resource,
    tests: Vec<Test<'b>>,
}

enum Who<'b> {
    Everyone,
    Listed(&'b [Spanned<PrincipalEntry>]),
    NotListed(&'b [Spanned<PrincipalEntry>]),
}

enum Action<'b> {
    Any,
    Exact(String),
    Patterns { negated: bool, patterns: Vec<&'b ActionPattern>, globs: Vec<[Glob; 2]> },
}

enum Resource {
    /// What follows the slash behind the API.
    Tail(Glob),
    Any,
    Whole(Box<[Glob; 5]>),
    None(Vec<Resource>),
}

struct Test<'b> {
    key: &'b str,
    sense: Sense<'b>,
}

enum Sense<'b> {
    Equals(Vec<&'b str>),
    Like(Vec<Glob>),
    Address(Vec<IpNet>),
    Bool(Vec<bool>),
    Null(Vec<bool>),
}

impl<'b> Index<'b> {
    /// Sorts the statements of a document by API. `None` for a bundle of endpoints, and where a condition is none
    /// of those that a hand-written index would have.
    pub fn new(bundle: &'b Bundle) -> Option<Self> {
        let (Attachments::Document, [named]) = (bundle.attachments(), bundle.policies()) else { return None };
        let mut index = Self { apis: HashMap::default(), wild: Vec::new() };
        for (number, statement) in (0..).zip(&named.policy.statements) {
            index.add(StatementRef { policy: 0, index: number }, statement)?;
        }
        Some(index)
    }

    fn add(&mut self, reference: StatementRef, statement: &'b Statement) -> Option<()> {
        let entry = |resource| {
            Some(Entry {
                statement: reference,
                is_deny: statement.effect == Effect::Deny,
                who: who(statement.principal.as_ref()?),
                action: action(statement)?,
                resource,
                tests: statement.condition.iter().map(test).collect::<Option<_>>()?,
            })
        };
        if statement.resource.negated {
            let patterns = statement.resource.patterns.iter().map(|pattern| whole(&pattern.value));
            self.wild.push(entry(Resource::None(patterns.collect::<Option<_>>()?))?);
            return Some(());
        }
        for pattern in &statement.resource.patterns {
            match api(&pattern.value) {
                Some((api, tail)) => self.apis.entry(api).or_default().push(entry(Resource::Tail(Glob::new(&tail)?))?),
                None => self.wild.push(entry(whole(&pattern.value)?)?),
            }
        }
        Some(())
    }

    /// Decides one request.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        // The same reading as every engine's: what cannot be read is denied.
        if request.check().is_err() {
            return Decision::implicit_deny();
        }
        let Some(caller) = Caller::read(request.caller) else { return Decision::implicit_deny() };
        let mut allow = None;
        if let Some((api, tail)) = request.resource.split_once('/')
            && let Some(entries) = self.apis.get(api)
            && let Some(denied) = scan(entries, request, &caller, tail, &mut allow)
        {
            return denied;
        }
        if let Some(denied) = scan(&self.wild, request, &caller, "", &mut allow) {
            return denied;
        }
        allow.map_or(Decision::implicit_deny(), |statement| Decision::explicit_allow(Some(statement)))
    }
}

/// The first Deny that applies; an Allow is noted.
fn scan(
    entries: &[Entry<'_>],
    request: &Request<'_>,
    caller: &Caller<'_>,
    tail: &str,
    allow: &mut Option<StatementRef>,
) -> Option<Decision> {
    for entry in entries {
        // Nothing to gain from a second Allow.
        if !entry.is_deny && allow.is_some() {
            continue;
        }
        let applies = entry.who.covers(caller, entry.is_deny)
            && entry.resource.covers(request.resource, tail)
            && entry.action.covers(request.action)
            && entry.tests.iter().all(|test| test.holds(request, caller).unwrap_or(entry.is_deny));
        match (applies, entry.is_deny) {
            (true, true) => return Some(Decision::explicit_deny(entry.statement)),
            (true, false) => *allow = Some(entry.statement),
            (false, _) => {}
        }
    }
    None
}

/// The ARN up to the API, and what follows the slash, where both are there without a wildcard before the slash.
fn api(pattern: &ResourcePattern) -> Option<(String, Template)> {
    let ResourcePattern::Arn(arn) = pattern else { return None };
    let (Piece::Text(start), others) = arn.rest.pieces.split_first()? else { return None };
    let (api, tail) = start.split_once('/')?;
    let head =
        [arn.partition.as_literal()?, &arn.service, arn.region.as_literal()?, arn.account.as_literal()?].join(":");
    // A slash before the API would be taken for the one behind it.
    if head.contains('/') {
        return None;
    }
    let mut pieces: Vec<_> = others.to_vec();
    if !tail.is_empty() {
        pieces.insert(0, Piece::Text(tail.to_owned()));
    }
    Some((format!("arn:{head}:{api}"), Template { pieces }))
}

fn whole(pattern: &ResourcePattern) -> Option<Resource> {
    let ResourcePattern::Arn(arn) = pattern else { return Some(Resource::Any) };
    let service = Glob::literal(&arn.service);
    let [partition, region, account, rest] = [&arn.partition, &arn.region, &arn.account, &arn.rest].map(Glob::new);
    Some(Resource::Whole(Box::new([partition?, service, region?, account?, rest?])))
}

impl Resource {
    fn covers(&self, resource: &str, tail: &str) -> bool {
        match self {
            Self::Tail(glob) => glob.matches(tail),
            Self::Any => true,
            Self::Whole(globs) => {
                let mut parts = resource.splitn(6, ':').skip(1);
                globs.iter().all(|glob| parts.next().is_some_and(|part| glob.matches(part)))
            }
            Self::None(patterns) => !patterns.iter().any(|pattern| pattern.covers(resource, tail)),
        }
    }
}

fn who(element: &PrincipalElement) -> Who<'_> {
    match element.entries.as_slice() {
        [entry] if entry.value == PrincipalEntry::Everyone && !element.negated => Who::Everyone,
        entries if element.negated => Who::NotListed(entries),
        entries => Who::Listed(entries),
    }
}

impl Who<'_> {
    fn covers(&self, caller: &Caller<'_>, is_deny: bool) -> bool {
        match self {
            Self::Everyone => true,
            Self::Listed(entries) => entries.iter().any(|entry| caller.is(&entry.value, is_deny)),
            Self::NotListed(entries) => !caller.is_spared(|wanted| entries.iter().any(|entry| wanted(&entry.value))),
        }
    }
}

fn action(statement: &Statement) -> Option<Action<'_>> {
    let element = &statement.action;
    let patterns: Vec<_> = element.patterns.iter().map(|pattern| &pattern.value).collect();
    match patterns.as_slice() {
        [ActionPattern::Any] if !element.negated => return Some(Action::Any),
        [ActionPattern::Named { service, name }] if !element.negated => {
            if let (Some(service), Some(name)) = (service.as_literal(), name.as_literal()) {
                return Some(Action::Exact(format!("{service}:{name}")));
            }
        }
        _ => {}
    }
    let mut globs = Vec::new();
    for pattern in &patterns {
        if let ActionPattern::Named { service, name } = pattern {
            globs.push([Glob::new_folded(service)?, Glob::new_folded(name)?]);
        }
    }
    Some(Action::Patterns { negated: element.negated, patterns, globs })
}

impl Action<'_> {
    fn covers(&self, action: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(name) => name.eq_ignore_ascii_case(action),
            Self::Patterns { negated, patterns, globs } => {
                let action = action.to_ascii_lowercase();
                let Some((service, name)) = action.split_once(':') else { return false };
                let any = patterns.contains(&&ActionPattern::Any);
                (any || globs.iter().any(|[left, right]| left.matches(service) && right.matches(name))) != *negated
            }
        }
    }
}

fn test<'b>(test: &'b ConditionTest) -> Option<Test<'b>> {
    let Operator { qualifier: None, base, if_exists: false } = test.operator.value else { return None };
    let key = test.key.value.as_str();
    if ["aws:CurrentTime", "aws:EpochTime"].iter().any(|time| time.eq_ignore_ascii_case(key)) {
        return None;
    }
    let values = test.values.iter().map(|value| &value.value);
    let truth = |value: &ConditionValue| match value {
        ConditionValue::Bool(value) => Some(*value),
        _ => None,
    };
    let sense = match base {
        BaseOperator::StringEquals => {
            let literal = |value: &'b ConditionValue| match value {
                ConditionValue::Text(template) => template.as_literal(),
                _ => None,
            };
            Sense::Equals(values.map(literal).collect::<Option<_>>()?)
        }
        BaseOperator::StringLike => {
            let glob = |value: &ConditionValue| match value {
                ConditionValue::Text(template) => Glob::new(template),
                _ => None,
            };
            Sense::Like(values.map(glob).collect::<Option<_>>()?)
        }
        BaseOperator::IpAddress => {
            let network = |value: &ConditionValue| match value {
                ConditionValue::Network(network) => Some(*network),
                _ => None,
            };
            Sense::Address(values.map(network).collect::<Option<_>>()?)
        }
        BaseOperator::Bool => Sense::Bool(values.map(truth).collect::<Option<_>>()?),
        BaseOperator::Null => Sense::Null(values.map(truth).collect::<Option<_>>()?),
        _ => return None,
    };
    Some(Test { key, sense })
}

impl Test<'_> {
    /// Whether the test holds; `None` where it cannot be told (E-05).
    fn holds(&self, request: &Request<'_>, caller: &Caller<'_>) -> Option<bool> {
        let derived;
        let value = match request.context.get(self.key) {
            Some(value) => Some(value).filter(|value| value.texts().next().is_some()),
            None => {
                derived = caller.derived(self.key, request.resource);
                derived.as_deref().map(Value::text)
            }
        };
        if let Sense::Null(wanted) = &self.sense {
            return match value {
                Some(value) if value.texts().all(str::is_empty) => None,
                value => Some(wanted.contains(&value.is_none())),
            };
        }
        let Some(value) = value else { return Some(false) };
        let text = value.single()?;
        match &self.sense {
            Sense::Equals(wanted) => Some(wanted.contains(&text)),
            Sense::Like(globs) => Some(globs.iter().any(|glob| glob.matches(text))),
            Sense::Address(networks) => {
                let address = value.as_address()?;
                Some(networks.iter().any(|network| network.contains(&address)))
            }
            Sense::Bool(wanted) => match text {
                text if text.eq_ignore_ascii_case("true") => Some(wanted.contains(&true)),
                text if text.eq_ignore_ascii_case("false") => Some(wanted.contains(&false)),
                _ => None,
            },
            Sense::Null(_) => None,
        }
    }
}
