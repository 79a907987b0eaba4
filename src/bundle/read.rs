//! Reads `bundle.json`: its head, and its endpoints. Files, APIs and identities have readers of their own.
//!
//! As in `policy::parse`, each function reports what is wrong with its element and answers `None`, and its
//! caller goes on with the elements beside it: all mistakes of a bundle come at once.

use std::path::Path;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::context::read_context;
use super::files::{Files, load};
use super::{
    Apis, Attachments, BUNDLE_FILE, Bundle, BundleError, Endpoint, Layers, Profile, api, identity, suppression,
};
use crate::policy::error::{Mistakes, Problem, nearest, quote};
use crate::policy::{Policy, PolicyKind, json};

/// The keys of `bundle.json`.
pub(super) const BUNDLE: [&str; 6] = ["format", "profile", "endpoints", "apis", "identities", "allow"];

/// The keys of an endpoint.
pub(super) const ENDPOINT: [&str; 2] = ["policy", "context"];

const PROFILES: [(&str, Profile); 2] = [("classic", Profile::Classic), ("current", Profile::Current)];

/// Reads a file that is one endpoint policy.
pub(super) fn document(path: &Path) -> Result<Bundle, BundleError> {
    let (source, mistakes) = load(path, path).map_err(|error| BundleError::Read { path: path.to_owned(), error })?;
    let policy = if mistakes.is_empty() {
        Policy::parse(source, PolicyKind::Endpoint)
    } else {
        mistakes.finish(Vec::new(), None)
    };
    let mut bundle = Bundle::endpoint(policy?);
    bundle.files.push(path.to_owned());
    Ok(bundle)
}

/// Reads a folder that holds a `bundle.json`.
pub(super) fn folder(folder: &Path) -> Result<Bundle, BundleError> {
    let path = folder.join(BUNDLE_FILE);
    let unreadable = |error| BundleError::Read { path: path.clone(), error };
    let (source, mut mistakes) = load(&path, &path).map_err(unreadable)?;
    let mut files = Files::of(folder, path.clone()).map_err(unreadable)?;
    let value = if mistakes.is_empty() { json::read(&source, &mut mistakes) } else { None };
    let layers = value.and_then(|value| bundle(&value, &mut files, &mut mistakes));
    let layers = mistakes.finish(files.take_mistakes(), layers)?;
    Ok(Bundle { policies: files.policies, attachments: Attachments::Layers(layers), files: files.read })
}

/// The whole of `bundle.json`.
fn bundle(value: &Value<'_>, files: &mut Files<'_>, mistakes: &mut Mistakes) -> Option<Layers> {
    let object = json::object(value, "the bundle", mistakes)?;
    let [format, profile, endpoints, apis, identities, allow] = json::fields(object, "the bundle", &BUNDLE, mistakes);
    if let Some(format) = required(object, "the bundle", "format", format, "add `\"format\": 1`", mistakes) {
        check_format(&format.value, mistakes);
    }
    let profile = profile.map(|profile| read_word("profile", &PROFILES, &profile.value, mistakes));
    let help = "add `\"endpoints\": {\"vpce-…\": {\"policy\": \"endpoint.json\"}}`";
    let endpoints = required(object, "the bundle", "endpoints", endpoints, help, mistakes).and_then(|endpoints| {
        named(&endpoints.value, "`endpoints`", mistakes, |id, value, mistakes| endpoint(id, value, files, mistakes))
    });
    let list = apis.map(|apis| api::read_apis(&apis.value, files, mistakes));
    let identities = match identities {
        Some(identities) => identity::read_identities(&identities.value, files, mistakes),
        None => Some(Vec::new()),
    };
    let suppressions = match allow {
        Some(allow) => suppression::read_allow(&allow.value, mistakes),
        None => Some(Vec::new()),
    };
    if let (Some(apis), None) = (apis, profile) {
        let problem = Problem::new("the bundle has `apis` and no `profile`", "expected `profile` beside it");
        let help = "add `\"profile\": \"current\"`, or `\"classic\"` for AWS's page on endpoint policies in its earlier \
                    edition: which requests pass without a signature depends on it";
        mistakes.report(apis.name.range(), problem.help(help));
    }

    let mut endpoints = endpoints?;
    endpoints.sort_by(|one, other| one.id.cmp(&other.id));
    let apis = match list {
        Some(list) => {
            let mut list = list?;
            list.sort_by_cached_key(|api| api.arn.to_string());
            Some(Apis { profile: profile.flatten()?, list })
        }
        None => None,
    };
    let mut identities = identities?;
    identities.sort_by(|one, other| one.arn.cmp(&other.arn));
    Some(Layers { source: mistakes.source().clone(), endpoints, apis, identities, suppressions: suppressions? })
}

/// One endpoint.
fn endpoint(
    property: &ObjectProp<'_>,
    value: &Value<'_>,
    files: &mut Files<'_>,
    mistakes: &mut Mistakes,
) -> Option<Endpoint> {
    let id = property.name.as_str();
    let well_formed = check_endpoint_id(id);
    if let Err(problem) = &well_formed {
        mistakes.report(property.name.range(), problem.clone());
    }
    let what = format!("endpoint {}", quote(id));
    let object = json::object(value, &what, mistakes)?;
    let [policy, context] = json::fields(object, &what, &ENDPOINT, mistakes);
    let pointer = ["endpoints", id, "policy"];
    let help = "leave `policy` out for the default policy, which allows everything";
    let policy = policy_of(policy, PolicyKind::Endpoint, &pointer, help, files, mistakes);
    let context = context.map_or(Some(Vec::new()), |context| read_context(&context.value, mistakes));
    well_formed.ok()?;
    Some(Endpoint { place: property.name.range().into(), id: id.to_owned(), policy: policy?, context: context? })
}

/// A property that holds a policy and may be absent, as the policy's number. The outer `None` is a mistake; `absence` is
/// how one says that there is no policy.
pub(super) fn policy_of(
    property: Option<&ObjectProp<'_>>,
    kind: PolicyKind<'_>,
    pointer: &[&str],
    absence: &str,
    files: &mut Files<'_>,
    mistakes: &mut Mistakes,
) -> Option<Option<u32>> {
    let Some(property) = property else { return Some(None) };
    if matches!(property.value, Value::StringLit(_) | Value::Object(_)) {
        return files.policy(kind, pointer, &property.value, mistakes).map(Some);
    }
    let message = format!("{} is {}", quote(property.name.as_str()), json::kind(&property.value));
    let problem = Problem::new(message, "expected a path, or a policy in place");
    mistakes.report(property.value.range(), problem.help(absence));
    None
}

/// The elements of an object whose keys are names, each as `read` reads it; `None` where one has a mistake.
pub(super) fn named<T>(
    value: &Value<'_>,
    what: &str,
    mistakes: &mut Mistakes,
    mut read: impl FnMut(&ObjectProp<'_>, &Value<'_>, &mut Mistakes) -> Option<T>,
) -> Option<Vec<T>> {
    let object = json::object(value, what, mistakes)?;
    let elements: Vec<_> =
        object.properties.iter().filter_map(|property| read(property, &property.value, mistakes)).collect();
    (elements.len() == object.properties.len()).then_some(elements)
}

/// A property that must be there.
pub(super) fn required<'v, 't>(
    object: &Object<'_>,
    owner: &str,
    name: &str,
    property: Option<&'v ObjectProp<'t>>,
    help: &str,
    mistakes: &mut Mistakes,
) -> Option<&'v ObjectProp<'t>> {
    if property.is_none() {
        let problem =
            Problem::new(format!("{owner} has no `{name}`"), format!("expected `{name}` in this object")).help(help);
        mistakes.report(json::opening(object), problem);
    }
    property
}

/// A string that must be one of these.
pub(super) fn read_word<T: Copy>(
    name: &str,
    words: &[(&str, T)],
    value: &Value<'_>,
    mistakes: &mut Mistakes,
) -> Option<T> {
    let text = json::string(value, &format!("`{name}`"), mistakes)?;
    if let Some((_, meant)) = words.iter().find(|(word, _)| *word == text.value) {
        return Some(*meant);
    }
    let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    let problem =
        Problem::new(format!("`{name}` is {}", quote(&text.value)), format!("expected one of {}", json::list(&known)));
    let meant = nearest(&text.value, known.iter().copied());
    mistakes.report(text.range, problem.help_if(meant.map(|meant| json::did_you_mean(&text.value, meant))));
    None
}

/// `format`.
fn check_format(value: &Value<'_>, mistakes: &mut Mistakes) {
    if value.as_number_lit().is_some_and(|number| number.value == "1") {
        return;
    }
    let found = value.as_number_lit().map_or_else(|| json::kind(value).to_owned(), |number| quote(number.value));
    let problem = Problem::new(format!("`format` is {found}"), "expected `1`, the only format there is");
    mistakes.report(value.range(), problem.help("write `1`; a later format needs a later version of portcullis"));
}

/// `vpce-`, and then letters, digits and hyphens.
fn check_endpoint_id(id: &str) -> Result<(), Problem> {
    let well_formed = id
        .strip_prefix("vpce-")
        .is_some_and(|tail| !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    if well_formed {
        return Ok(());
    }
    let problem =
        Problem::new(format!("{} is no endpoint", quote(id)), "expected the id of a VPC endpoint, as `vpce-1a2b3c4d`");
    Err(problem.help("`aws ec2 describe-vpc-endpoints` lists them"))
}
