//! VPC endpoints, from `aws ec2 describe-vpc-endpoints`.

use std::collections::{BTreeMap, BTreeSet};

use super::export::{Export, Kind};
use super::files::{Files, named, read_policy};
use super::remark::Report;
use super::tree::Node;
use super::{object, text};

/// The endpoints of the bundle.
pub(super) struct Endpoints {
    pub entries: BTreeMap<String, Node>,
    /// The region that all of them are in.
    pub region: Option<String>,
}

pub(super) fn import(exports: &[Export], files: &mut Files, report: &mut Report) -> Endpoints {
    let mut entries = BTreeMap::new();
    let mut regions = BTreeSet::new();
    for export in exports.iter().filter(|export| export.kind == Kind::Endpoints) {
        for endpoint in export.items() {
            let Some(id) = endpoint.text_of("VpcEndpointId") else {
                let help = "expected the output of `aws ec2 describe-vpc-endpoints`, without `--query`";
                report.error(&export.spot(endpoint), "an endpoint has no `VpcEndpointId`", help);
                continue;
            };
            let (spot, name) = (export.spot(endpoint), named("endpoint", id));
            let Some(service) = endpoint.text_of("ServiceName") else {
                report.error(&spot, format!("{name} has no `ServiceName`, and is left out"), "export it once more");
                continue;
            };
            let Some(region) = region_of(service) else {
                report.note(&spot, format!("{name} is left out: it leads to another service"), service);
                continue;
            };
            if let Some(state @ ("deleted" | "deleting" | "failed" | "rejected" | "expired")) =
                endpoint.text_of("State").map(str::to_ascii_lowercase).as_deref()
            {
                report.note(&spot, format!("{name} is left out: it is {state}"), "nothing comes through it");
                continue;
            }
            let Some(policy) = endpoint.get("PolicyDocument") else {
                let help = "expected `PolicyDocument`: `aws ec2 describe-vpc-endpoints` prints it, without `--query`";
                report.error(&spot, format!("{name} has no policy, and is left out"), help);
                continue;
            };
            regions.insert(region.to_owned());
            let whose = format!("the policy of {name}");
            let Some(policy) = read_policy(policy, &whose, &export.spot(policy), report) else { continue };
            if entries.contains_key(id) {
                report.error(&spot, format!("{name} is listed twice"), "give one listing of it");
                continue;
            }
            let mut entry = vec![("policy".to_owned(), text(files.add(&["endpoints", id], &policy)))];
            if let Some(vpc) = endpoint.text_of("VpcId") {
                entry.push(("context".to_owned(), object([("aws:SourceVpc".to_owned(), text(vpc))])));
            }
            entries.insert(id.to_owned(), object(entry));
        }
    }
    let region = if regions.len() == 1 { regions.pop_first() } else { None };
    Endpoints { entries, region }
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
