//! Casbin: an enforcer with its model in memory, one policy line for each statement, and matching functions of its
//! own where the built-in ones would compile a pattern at every call.

use casbin::rhai::{Dynamic, ImmutableString};
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi, function_map::OperatorFunction};
use ipnet::IpNet;

use crate::work::{Asked, Peer, Statement, Work};

/// The cheapest test that leaves the fewest lines stands first.
const MODEL: &str = r#"
[request_definition]
r = sub, account, api, tail, vpce, ip, org

[policy_definition]
p = sub, api, tail, key, values, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.api == p.api && (p.sub == "*" || p.sub == r.sub || p.sub == r.account) && like(r.tail, p.tail) && (p.key == "-" || p.key == "aws/SourceVpce" && among(r.vpce, p.values) || p.key == "aws/PrincipalOrgID" && among(r.org, p.values) || p.key == "aws/VpcSourceIp" && inside(r.ip, p.values))
"#;

/// Sets Casbin up.
pub fn set_up(work: &Work) -> Peer {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(MODEL).await.expect("the model is Casbin's");
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
        for (name, function) in
            [("like", like as fn(Dynamic, Dynamic) -> Dynamic), ("among", among), ("inside", inside)]
        {
            enforcer.add_function(name, OperatorFunction::Arg2(function));
        }
        enforcer.add_policies(work.statements.iter().map(line).collect()).await.expect("the lines fit the model");
        enforcer
    });
    let requests: Vec<_> = work.requests.iter().map(request).collect();
    Box::new(move |number| enforcer.enforce(requests[number].clone()).expect("the request fits the model"))
}

fn line(statement: &Statement) -> Vec<String> {
    let (key, values) = match &statement.condition {
        Some(condition) => (condition.key.replace(':', "/"), condition.values.join(" ")),
        None => ("-".to_owned(), "-".to_owned()),
    };
    let effect = if statement.is_deny { "deny" } else { "allow" };
    vec![statement.who.clone(), statement.api.clone(), statement.tail.clone(), key, values, effect.to_owned()]
}

fn request(asked: &Asked) -> Vec<ImmutableString> {
    let of = |key: &str| asked.context.get(key).map_or("", String::as_str).into();
    let texts = [&asked.identity, &asked.account, &asked.api, &asked.tail].map(|text| text.as_str().into());
    texts.into_iter().chain(["aws:SourceVpce", "aws:VpcSourceIp", "aws:PrincipalOrgID"].map(of)).collect()
}

fn texts(left: Dynamic, right: Dynamic) -> Option<(ImmutableString, ImmutableString)> {
    Some((left.into_immutable_string().ok()?, right.into_immutable_string().ok()?))
}

fn like(text: Dynamic, pattern: Dynamic) -> Dynamic {
    texts(text, pattern).is_some_and(|(text, pattern)| matches(text.as_bytes(), pattern.as_bytes())).into()
}

fn among(value: Dynamic, values: Dynamic) -> Dynamic {
    texts(value, values).is_some_and(|(value, values)| values.split(' ').any(|one| one == value.as_str())).into()
}

fn inside(address: Dynamic, network: Dynamic) -> Dynamic {
    let inside = |(address, network): (ImmutableString, ImmutableString)| {
        Some(network.parse::<IpNet>().ok()?.contains(&address.parse::<std::net::IpAddr>().ok()?))
    };
    texts(address, network).and_then(inside).unwrap_or(false).into()
}

/// The textbook's matcher of `*` and `?`, which returns to the last star alone.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(of) {
            Some(b'*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(letter) if *letter == b'?' || *letter == text[at] => (at, of) = (at + 1, of + 1),
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    (at, of) = (taken + 1, place + 1);
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|letter| *letter == b'*')
}
