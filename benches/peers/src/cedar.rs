//! Cedar: one policy for each statement, with the caller and the API in its scope, where Cedar looks first. Policies
//! and entities are built once, and so is each request.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use crate::work::{Asked, Peer, Statement, Work};

/// Sets Cedar up.
pub fn set_up(work: &Work) -> Peer {
    let source: String = work.statements.iter().map(policy).collect();
    let policies: PolicySet = source.parse().expect("the translation is Cedar");
    let mut entities = HashMap::new();
    for asked in &work.requests {
        let (caller, account) = (uid("Caller", &asked.identity), uid("Account", &asked.account));
        let parents = HashSet::from([account.clone()]);
        entities.insert(caller.clone(), Entity::new_no_attrs(caller, parents));
        entities.insert(account.clone(), Entity::new_no_attrs(account, HashSet::new()));
    }
    let entities = Entities::from_entities(entities.into_values(), None).expect("no two entities of one name");
    let requests: Vec<_> = work.requests.iter().map(request).collect();
    let authorizer = Authorizer::new();
    Box::new(move |number| {
        authorizer.is_authorized(&requests[number], &policies, &entities).decision() == Decision::Allow
    })
}

fn uid(kind: &str, name: &str) -> EntityUid {
    format!("{kind}::{name:?}").parse().expect("a name is plain ASCII")
}

fn policy(statement: &Statement) -> String {
    let effect = if statement.is_deny { "forbid" } else { "permit" };
    let who = match statement.who.as_str() {
        "*" => "principal".to_owned(),
        arn if arn.starts_with("arn:") => format!("principal == Caller::{arn:?}"),
        account => format!("principal in Account::{account:?}"),
    };
    // Cedar's `like` has no wildcard for one character.
    let tail = statement.tail.replace('?', "*");
    let mut when = format!("context.tail like {tail:?}");
    if let Some(condition) = &statement.condition {
        let name = name(&condition.key);
        when += &if condition.is_network {
            format!(" && context.{name}.isInRange(ip({:?}))", condition.values[0])
        } else {
            format!(" && {:?}.contains(context.{name})", condition.values)
        };
    }
    format!("{effect}({who}, action == Action::\"Invoke\", resource == Api::{:?}) when {{ {when} }};\n", statement.api)
}

/// A context key as an attribute.
fn name(key: &str) -> String {
    key.replace(':', "_")
}

fn request(asked: &Asked) -> Request {
    let attribute = |(key, value): (&String, &String)| {
        let value = match key.as_str() {
            "aws:VpcSourceIp" => RestrictedExpression::new_ip(value),
            _ => RestrictedExpression::new_string(value.clone()),
        };
        (name(key), value)
    };
    let tail = ("tail".to_owned(), RestrictedExpression::new_string(asked.tail.clone()));
    let context = Context::from_pairs(asked.context.iter().map(attribute).chain([tail])).expect("no key twice");
    let (caller, action, api) = (uid("Caller", &asked.identity), uid("Action", "Invoke"), uid("Api", &asked.api));
    Request::new(caller, action, api, context, None).expect("without a schema there is nothing to violate")
}
