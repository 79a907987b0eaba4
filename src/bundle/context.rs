//! The `context` of an endpoint: keys that every request through it has.

use jsonc_parser::ast::Value;

use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::{self, read_key_name};

/// Keys, in lower case, that describe the caller, the resource, the time or the endpoint itself: what they are
/// is known for each request (K-05, K-07, K-09 to K-11), so an endpoint may not set them.
const REQUEST_KEYS: [&str; 15] = [
    "aws:userid",
    "aws:username",
    "aws:tokenissuetime",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:assumedroot",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:signinsessionarn",
    "aws:resourceaccount",
    "aws:requestedregion",
    "aws:currenttime",
    "aws:epochtime",
    "aws:sourcevpce",
];

/// What whole groups of such keys begin with (K-07).
const REQUEST_KEY_GROUPS: [&str; 2] = ["aws:principal", "aws:multifactorauth"];

/// The `context` of an endpoint: keys in the order of the file, each with its values.
pub(super) fn read_context(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<(String, Vec<String>)>> {
    policy::read_context(value, check_context_key, mistakes)
}

/// A key that an endpoint may set.
fn check_context_key(name: &str) -> Result<(), Problem> {
    read_key_name(name)?;
    let folded = name.to_ascii_lowercase();
    if REQUEST_KEYS.contains(&folded.as_str()) || REQUEST_KEY_GROUPS.iter().any(|group| folded.starts_with(group)) {
        let problem = Problem::new(
            format!("an endpoint cannot set {}", quote(name)),
            "expected a key that is the same for every request through the endpoint",
        );
        return Err(problem.help("remove it: this key comes from the request's caller, resource, time or endpoint"));
    }
    Ok(())
}
