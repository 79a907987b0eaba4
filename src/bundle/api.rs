//! The APIs of a `bundle.json`: ARN, resource policy, host names and methods.

use std::collections::HashMap;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::files::Files;
use super::read::{named, policy_of, read_word, required};
use super::template::read_template;
use super::{Api, AuthorizationType, Host, Method};
use crate::policy::error::{Mistakes, Problem, nearest, quote};
use crate::policy::{ApiArn, PolicyKind, json};

/// The keys of an API.
pub(super) const API: [&str; 3] = ["policy", "hosts", "methods"];

/// The keys of a method.
pub(super) const METHOD: [&str; 4] = ["stage", "method", "path", "authorization"];

/// The methods that API Gateway knows. Another one would be an entry that nothing finds, where the author meant one that
/// comes before `ANY`.
pub(super) const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", ANY];
const ANY: &str = "ANY";

/// The values of a method's `authorization`.
pub(super) const AUTHORIZATION: [(&str, AuthorizationType); 4] = [
    ("NONE", AuthorizationType::None),
    ("AWS_IAM", AuthorizationType::AwsIam),
    ("CUSTOM", AuthorizationType::Custom),
    ("COGNITO_USER_POOLS", AuthorizationType::CognitoUserPools),
];

/// The host names of all APIs so far; for each, as it was written, of which API, and on which line.
type Hosts = HashMap<String, (String, String, usize)>;

/// `apis`.
pub(super) fn read_apis(value: &Value<'_>, files: &mut Files<'_>, mistakes: &mut Mistakes) -> Option<Vec<Api>> {
    let mut hosts = Hosts::new();
    // An API is in one account, and a region in one partition: a host name says no more than region and id.
    let mut places: HashMap<[String; 2], (usize, ApiArn)> = HashMap::new();
    named(value, "`apis`", mistakes, |property, value, mistakes| {
        let api = read_api(property, value, &mut hosts, files, mistakes)?;
        let line = mistakes.source().line(property.name.range().start);
        let place = [api.arn.region.clone(), api.arn.id.clone()];
        // A key twice has been reported (D-02).
        if let Some((first, other)) = places.insert(place, (line, api.arn.clone()))
            && other != api.arn
        {
            let (two, owner) = match other.partition == api.arn.partition {
                true => ("accounts", "account owns the API"),
                false => ("partitions", "partition has the region"),
            };
            let message = format!("API {} stands in two {two}", quote(&api.arn.id));
            let problem = Problem::new(message, "expected each API of a region once");
            let help = format!("keep the one whose {owner}: the other stands on line {first}");
            mistakes.report(property.name.range(), problem.help(help));
            return None;
        }
        Some(api)
    })
}

/// One API.
fn read_api(
    property: &ObjectProp<'_>,
    value: &Value<'_>,
    hosts: &mut Hosts,
    files: &mut Files<'_>,
    mistakes: &mut Mistakes,
) -> Option<Api> {
    let key = property.name.as_str();
    let arn = ApiArn::read(key);
    if arn.is_none() {
        let expected = "expected the ARN of an API, as `arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5`";
        let problem = Problem::new(format!("{} is no API", quote(key)), expected).help(api_hint(key));
        mistakes.report(property.name.range(), problem);
    }
    let what = format!("API {}", quote(key));
    let object = json::object(value, &what, mistakes)?;
    let [policy, host_names, methods] = json::fields(object, &what, &API, mistakes);
    // Without an ARN the policy is still read for its mistakes, and the API refused.
    let unknown = ApiArn { partition: String::new(), region: String::new(), account: String::new(), id: String::new() };
    let kind = PolicyKind::Resource(arn.as_ref().unwrap_or(&unknown));
    let help = "leave `policy` out for an API without a resource policy, which denies every call";
    let policy = policy_of(policy, kind, &["apis", key, "policy"], help, files, mistakes);
    let host_names = host_names.map_or(Some(Vec::new()), |host_names| {
        named(&host_names.value, "`hosts`", mistakes, |property, value, mistakes| {
            read_host(key, property, value, hosts, mistakes)
        })
    });
    let help = "add `\"methods\": [{\"stage\": \"*\", \"method\": \"ANY\", \"path\": \"/{proxy+}\", \"authorization\": \
                \"AWS_IAM\"}]`, or what `aws apigateway get-resources --embed methods` lists";
    let methods = required(object, &what, "methods", methods, help, mistakes)
        .and_then(|methods| read_methods(&methods.value, mistakes));
    Some(Api { place: property.name.range().into(), arn: arn?, policy: policy?, hosts: host_names?, methods: methods? })
}

/// What may have been meant by a key that is no API.
fn api_hint(key: &str) -> &'static str {
    let parts: Vec<_> = key.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "apigateway", ..] => {
            "`arn:aws:apigateway:…` names an API to administer; callers name it `execute-api`"
        }
        ["arn", _, _, _, _, rest] if rest.contains('/') => {
            "leave out what follows the API's id: stages and methods stand in `methods`"
        }
        ["arn", ..] if key.contains(['*', '?']) => "name each API by its whole ARN: there are no wildcards here",
        _ => "`aws apigateway get-rest-apis` lists the ids; partition, region and account stand before them",
    }
}

/// One host name, and the stage it leads to.
fn read_host(
    api: &str,
    property: &ObjectProp<'_>,
    value: &Value<'_>,
    hosts: &mut Hosts,
    mistakes: &mut Mistakes,
) -> Option<Host> {
    let written = property.name.as_str();
    let checked = check_host(written);
    if let Err(problem) = &checked {
        mistakes.report_in_string(property.name.range(), written, problem.clone());
    }
    let name = written.to_ascii_lowercase();
    let line = mistakes.source().line(property.name.range().start);
    let entry = (written.to_owned(), api.to_owned(), line);
    let first = hosts.insert(name.clone(), entry).filter(|_| checked.is_ok());
    // A key twice in one object has been reported (D-02).
    if let Some((_, _, line)) = first.as_ref().filter(|(first, of, _)| first != written || of != api) {
        let problem = Problem::new(format!("host {} stands twice", quote(&name)), "expected each host name once");
        let help = format!("a host leads to one API and one stage: the other stands on line {line}");
        mistakes.report(property.name.range(), problem.help(help));
    }
    let text = json::string(value, &format!("the stage of host {}", quote(written)), mistakes)?;
    if let Err(problem) = check_stage(&text.value) {
        mistakes.report(text.range, problem);
        return None;
    }
    (checked.is_ok() && first.is_none()).then(|| Host { name, stage: text.value.clone().into_owned() })
}

/// A DNS name of labels that host names have, without a port and a dot at the end, that is not API Gateway's own.
fn check_host(name: &str) -> Result<(), Problem> {
    let wrong = |help: &str| {
        let problem = Problem::new(
            format!("{} is no host name", quote(name)),
            "expected the name of a custom domain, as `orders.example.com`",
        );
        Err(problem.help(help))
    };
    if name.contains("://") || name.contains('/') {
        return wrong("leave out the scheme and the path: a domain leads to one stage of one API");
    }
    if name.contains(':') {
        return wrong("leave out the port");
    }
    if name.ends_with('.') {
        return wrong("leave out the dot at the end");
    }
    if name.contains(['*', '?']) {
        return wrong("name each domain: there are no wildcards here");
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    if name.len() > 253 || !name.split('.').all(is_label) {
        return wrong(
            "a name has labels of 1 to 63 letters, digits and hyphens, with dots between, and 253 characters at most; write others as `xn--…`",
        );
    }
    if name.rsplit('.').next().is_some_and(is_number) {
        return wrong("an address is no domain");
    }
    let folded = name.to_ascii_lowercase();
    if [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|suffix| folded.ends_with(suffix)) {
        return wrong("API Gateway's own names lead to their API by themselves: leave this one out");
    }
    Ok(())
}

/// A stage, as API Gateway names them.
fn check_stage(stage: &str) -> Result<(), Problem> {
    let is_name =
        !stage.is_empty() && stage.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_name {
        return Ok(());
    }
    let problem = Problem::new(format!("{} is no stage", quote(stage)), "expected letters, digits, `_` and `-`");
    Err(problem.help("a stage is named as `aws apigateway get-stages` prints it"))
}

/// `methods`: no two of them are equal in stage, method and template (H-17).
fn read_methods(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Method>> {
    let Some(listed) = value.as_array() else {
        let problem = Problem::new(format!("`methods` is {}", json::kind(value)), "expected a list of objects");
        mistakes.report(value.range(), problem.help("write `[{\"stage\": …, \"method\": …, …}]`"));
        return None;
    };
    let mut lines = HashMap::new();
    let mut methods = Vec::with_capacity(listed.elements.len());
    for element in &listed.elements {
        let Some(method) = read_method(element, mistakes) else { continue };
        let line = mistakes.source().line(element.range().start);
        let route = (method.stage.clone(), method.method.clone(), method.path.clone());
        if let Some(first) = lines.get(&route) {
            let problem = Problem::new(
                "two methods have one stage, method and path",
                "expected another stage, method or path, whatever its variables are called",
            );
            mistakes.report(element.range(), problem.help(format!("keep one: the first stands on line {first}")));
        } else {
            lines.insert(route, line);
            methods.push(method);
        }
    }
    (methods.len() == listed.elements.len()).then_some(methods)
}

/// One method.
fn read_method(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Method> {
    let object = json::object(value, "an element of `methods`", mistakes)?;
    let [stage, method, path, authorization] = json::fields(object, "a method", &METHOD, mistakes);
    let mut need = |name, property, help| required(object, "a method", name, property, help, mistakes);
    let stage = need("stage", stage, "add `\"stage\": \"prod\"`, or `\"*\"` for every stage");
    let method = need("method", method, "add `\"method\": \"GET\"`, or `\"ANY\"` for every method");
    let path = need("path", path, "add `\"path\": \"/pets/{id}\"`, or `\"/{proxy+}\"` for all but the root");
    let help = "add `\"authorization\": \"AWS_IAM\"`, or `\"NONE\"`, `\"CUSTOM\"`, `\"COGNITO_USER_POOLS\"`";
    let authorization = need("authorization", authorization, help);

    let stage = stage.and_then(|stage| {
        let text = json::string(&stage.value, "`stage`", mistakes)?;
        if text.value == "*" {
            return Some(None);
        }
        match check_stage(&text.value) {
            Ok(()) => Some(Some(text.value.clone().into_owned())),
            Err(problem) => {
                mistakes.report(text.range, problem);
                None
            }
        }
    });
    let method = method.and_then(|method| {
        let text = json::string(&method.value, "`method`", mistakes)?;
        if METHODS.contains(&&*text.value) {
            return Some(Some(text.value.clone().into_owned()).filter(|method| method != ANY));
        }
        let expected = format!("expected one of {}", json::list(&METHODS));
        let problem = Problem::new(format!("{} is no method", quote(&text.value)), expected);
        let help = match nearest(&text.value, METHODS) {
            Some(meant) => json::did_you_mean(&text.value, meant),
            None if text.value == "*" => "write `ANY` for every method".to_owned(),
            None => "these are the methods that API Gateway knows".to_owned(),
        };
        mistakes.report(text.range, problem.help(help));
        None
    });
    let path = path.and_then(|path| {
        let text = json::string(&path.value, "`path`", mistakes)?;
        match read_template(&text.value) {
            Ok(path) => Some(path),
            Err(problem) => {
                mistakes.report_in_string(text.range, &text.value, problem);
                None
            }
        }
    });
    let authorization = authorization
        .and_then(|authorization| read_word("authorization", &AUTHORIZATION, &authorization.value, mistakes));
    let place = value.range().into();
    Some(Method { place, stage: stage?, method: method?, path: path?, authorization: authorization? })
}
