//! Custom domains, from `aws apigateway get-domain-names` and their mappings.
//!
//! A bundle's host leads to one stage of one API. So does a private domain whose one mapping has no base path, and whose own
//! policy, which API Gateway asks too, lets everybody through; others are left out, so that calls by them are refused.

use std::collections::BTreeMap;

use super::apis::Apis;
use super::export::{Export, Kind};
use super::files::{named, read_policy};
use super::remark::{Report, Spot};
use super::tree::{Node, Value};

pub(super) fn import(exports: &[Export], apis: &mut Apis, report: &mut Report) {
    let of_kind = |kind| exports.iter().filter(move |export| export.kind == kind);
    let listed = of_kind(Kind::Domains).flat_map(|export| export.items().iter().map(move |node| (export, node)));
    let alone = of_kind(Kind::Domain).map(|export| (export, &export.tree));
    let mut domains: BTreeMap<String, (&Export, &Node)> = BTreeMap::new();
    for (export, node) in listed.chain(alone) {
        match node.text_of("domainName") {
            Some(name) => {
                domains.insert(name.to_ascii_lowercase(), (export, node));
            }
            None => {
                report.error(&export.spot(node), "a domain has no `domainName`, and is left out", "export it once more")
            }
        }
    }
    let mut mappings: BTreeMap<&str, Vec<Mapping<'_>>> = BTreeMap::new();
    for export in of_kind(Kind::Mappings).chain(of_kind(Kind::ApiMappings)) {
        match domains.keys().find(|domain| export.is_named_for_domain(domain)) {
            Some(domain) => {
                mappings.entry(domain).or_default().extend(export.items().iter().map(|node| Mapping::of(export, node)));
            }
            None => {
                let message = "it is not known of which domain these mappings are";
                let help = "this listing does not say it: call the file after the domain, as `orders.example.com.json`, and \
                            give the output of `aws apigateway get-domain-names` too";
                report.error(&export.spot(&export.tree), message, help);
            }
        }
    }
    for (domain, (export, node)) in &domains {
        let spot = export.spot(node);
        let mappings = mappings.get(domain.as_str()).map(Vec::as_slice).unwrap_or_default();
        match stage_of(export, node, mappings, report) {
            Ok((mapping, api, stage)) => match apis.get_mut(api) {
                Some(api) => api.has_host(domain, stage),
                None => {
                    let message =
                        format!("{} is left out: {} is in no export", named("domain", domain), named("API", api));
                    report.note(&mapping.spot, message, "calls by the domain are refused");
                }
            },
            Err(why) => {
                let message = format!("{} is left out: {why}", named("domain", domain));
                report.note(&spot, message, "calls by it are refused");
            }
        }
    }
}

/// A mapping of a domain.
struct Mapping<'e> {
    spot: Spot,
    base_path: &'e str,
    api: Option<&'e str>,
    stage: Option<&'e str>,
}

impl<'e> Mapping<'e> {
    fn of(export: &'e Export, node: &'e Node) -> Self {
        let either = |one, other| node.text_of(one).or_else(|| node.text_of(other));
        Self {
            spot: export.spot(node),
            base_path: either("basePath", "ApiMappingKey").filter(|path| *path != "(none)").unwrap_or_default(),
            api: either("restApiId", "ApiId"),
            stage: either("stage", "Stage").filter(|stage| *stage != "(none)"),
        }
    }
}

/// Where a domain leads to, or why a bundle cannot say it.
fn stage_of<'m, 'e>(
    export: &Export,
    node: &Node,
    mappings: &'m [Mapping<'e>],
    report: &mut Report,
) -> Result<(&'m Mapping<'e>, &'e str, &'e str), String> {
    let types = node.get("endpointConfiguration").map_or(&[][..], |configuration| configuration.list_of("types"));
    if !types.iter().any(|kind| kind.text() == Some("PRIVATE")) {
        return Err("it is not private".to_owned());
    }
    let Some(policy) = node.get("policy") else {
        return Err("its own policy is not in the export, as `aws apigateway get-domain-name` prints it".to_owned());
    };
    let policy = read_policy(policy, "the policy of a domain", &export.spot(policy), report);
    if !policy.is_some_and(|policy| allows_everything(&policy)) {
        return Err("its own policy does not allow everything, and a bundle has no place for one".to_owned());
    }
    let [mapping] = mappings else {
        return Err(match mappings.len() {
            0 => "no export has its mappings".to_owned(),
            count => format!("it has {count} mappings, and a bundle's host leads to one stage"),
        });
    };
    if !mapping.base_path.is_empty() {
        return Err(format!("its mapping has the {}", named("base path", mapping.base_path)));
    }
    match (mapping.api, mapping.stage) {
        (Some(api), Some(stage)) => Ok((mapping, api, stage)),
        _ => Err("its mapping names no stage of an API".to_owned()),
    }
}

/// Whether a policy is nothing but an `Allow` of everything to everybody.
fn allows_everything(policy: &Node) -> bool {
    let statement = match policy.get("Statement") {
        Some(Node { value: Value::List(statements), .. }) => match statements.as_slice() {
            [statement] => statement,
            _ => return false,
        },
        Some(alone) => alone,
        None => return false,
    };
    let is = |key: &str, expected: &[&str]| {
        let value = statement.get(key);
        let listed = value.and_then(Node::list).and_then(|list| if let [one] = list { one.text() } else { None });
        value.and_then(Node::text).or(listed).is_some_and(|value| expected.contains(&value))
    };
    let keys = ["Sid", "Effect", "Principal", "Action", "Resource"];
    let has_no_other = statement.properties().iter().all(|(key, _)| keys.contains(&key.name.as_str()));
    has_no_other
        && is("Effect", &["Allow"])
        && is("Principal", &["*"])
        && is("Action", &["*", "execute-api:*", "execute-api:Invoke"])
        && is("Resource", &["*"])
}
