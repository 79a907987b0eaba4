//! VPC endpoints, from `aws ec2 describe-vpc-endpoints` and from templates.

use std::collections::{BTreeMap, BTreeSet};

use super::export::{Export, Kind};
use super::files::{Files, named, read_policy};
use super::remark::{Report, Spot};
use super::template::{NOT_PLAIN, NotPlain, Resource, Template};
use super::tree::Node;
use super::{object, text};

/// The endpoints of the bundle.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    pub entries: BTreeMap<String, Node>,
    /// The regions that they are in.
    regions: BTreeSet<String>,
}

/// What is known of an endpoint.
struct Found<'e> {
    id: &'e str,
    service: Option<String>,
    vpc: Option<String>,
    policy: Option<Node>,
}

pub(super) fn import(
    exports: &[Export],
    templates: &[Template<'_>],
    files: &mut Files,
    report: &mut Report,
) -> Endpoints {
    let mut endpoints = Endpoints::default();
    for export in exports.iter().filter(|export| export.kind == Kind::Endpoints) {
        for endpoint in export.items() {
            let Some(id) = endpoint.text_of("VpcEndpointId") else {
                let help = "expected the output of `aws ec2 describe-vpc-endpoints`, without `--query`";
                report.error(&export.spot(endpoint), "an endpoint has no `VpcEndpointId`", help);
                continue;
            };
            if let Some(state @ ("deleted" | "deleting" | "failed" | "rejected" | "expired")) =
                endpoint.text_of("State").map(str::to_ascii_lowercase).as_deref()
            {
                let message = format!("{} is left out: it is {state}", named("endpoint", id));
                report.note(&export.spot(endpoint), message, "nothing comes through it");
                continue;
            }
            let text = |key| endpoint.text_of(key).map(str::to_owned);
            let policy = endpoint.get("PolicyDocument");
            let found = Found { id, service: text("ServiceName"), vpc: text("VpcId"), policy: policy.cloned() };
            endpoints.add(found, &export.spot(endpoint), HasDefault::No, files, report);
        }
    }
    for template in templates {
        for resource in template.of_kind("AWS::EC2::VPCEndpoint") {
            let spot = template.spot_of(resource);
            match of_template(template, resource) {
                Ok(found) => endpoints.add(found, &spot, HasDefault::Yes, files, report),
                Err(NotPlain(function)) => {
                    let name = named("endpoint", &resource.name.name);
                    report.error(&spot, format!("{name} is left out: it hangs on `{function}`"), NOT_PLAIN);
                }
            }
        }
    }
    endpoints
}

fn of_template<'t>(template: &Template<'_>, resource: Resource<'t>) -> Result<Found<'t>, NotPlain> {
    let mut found = Found { id: resource.id, service: None, vpc: None, policy: None };
    if let Some(properties) = resource.properties {
        found.service = template.text(properties, "ServiceName")?;
        // Of an endpoint of another service nothing else matters.
        if found.service.as_deref().is_some_and(|service| region_of(service).is_some()) {
            found.vpc = template.text(properties, "VpcId")?;
            found.policy = template.value(properties, "PolicyDocument")?;
        }
    }
    Ok(found)
}

/// Whether an endpoint of which no policy is said has the default one, which allows everything: a template says it so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HasDefault {
    Yes,
    No,
}

impl Endpoints {
    /// The region that all of them are in.
    pub fn region(&self) -> Option<String> {
        if self.regions.len() == 1 { self.regions.first().cloned() } else { None }
    }

    /// Adds an endpoint, or says why not.
    fn add(&mut self, found: Found<'_>, spot: &Spot, default: HasDefault, files: &mut Files, report: &mut Report) {
        let Found { id, service, vpc, policy } = found;
        let name = named("endpoint", id);
        let Some(service) = service else {
            report.error(spot, format!("{name} has no `ServiceName`, and is left out"), "export it once more");
            return;
        };
        let Some(region) = region_of(&service) else {
            report.note(spot, format!("{name} is left out: it leads to another service"), service);
            return;
        };
        let policy = match policy {
            Some(policy) => {
                let whose = format!("the policy of {name}");
                let spot = Spot::new(&spot.source, policy.place);
                let Some(policy) = read_policy(&policy, &whose, &spot, report) else { return };
                Some(policy)
            }
            None if default == HasDefault::Yes => None,
            None => {
                let help = "expected `PolicyDocument`: `aws ec2 describe-vpc-endpoints` prints it, without `--query`";
                report.error(spot, format!("{name} has no policy, and is left out"), help);
                return;
            }
        };
        // A `Deny` may ask for it.
        let Some(vpc) = vpc else {
            report.error(spot, format!("{name} has no `VpcId`, and is left out"), "export it once more");
            return;
        };
        if self.entries.contains_key(id) {
            report.error(spot, format!("{name} is listed twice"), "give one listing of it");
            return;
        }
        self.regions.insert(region.to_owned());
        let mut entry = Vec::new();
        entry.extend(policy.map(|policy| ("policy".to_owned(), text(files.add(&["endpoints", id], &policy)))));
        entry.push(("context".to_owned(), object([("aws:SourceVpc".to_owned(), text(vpc))])));
        self.entries.insert(id.to_owned(), object(entry));
    }
}

/// The region in the name of API Gateway's endpoint service, as `com.amazonaws.us-east-1.execute-api`.
fn region_of(service: &str) -> Option<&str> {
    let service = service.strip_prefix("cn.").unwrap_or(service);
    service.strip_prefix("com.amazonaws.")?.strip_suffix(".execute-api").filter(|region| !region.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_names_the_region() {
        assert_eq!(region_of("com.amazonaws.us-east-1.execute-api"), Some("us-east-1"));
        assert_eq!(region_of("cn.com.amazonaws.cn-north-1.execute-api"), Some("cn-north-1"));
        for other in ["com.amazonaws.us-east-1.s3", "com.amazonaws.vpce.us-east-1.vpce-svc-1", "execute-api"] {
            assert_eq!(region_of(other), None, "{other}");
        }
    }
}
