//! Reads `bundle.json` and the policies it names, collecting the mistakes of all of them.
//!
//! As in `policy::parse`, each function reports what is wrong with its element and answers `None`, and its
//! caller goes on with the elements beside it. No policy is ever left out: an endpoint whose policy has a
//! mistake is refused, and never becomes one without a policy, which would allow everything (L-02).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use jsonc_parser::ast::{ObjectProp, StringLit, Value};
use jsonc_parser::common::Ranged;

use super::{Attachments, BUNDLE_FILE, Bundle, BundleError, Endpoint, NamedPolicy};
use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::{Policy, PolicyKind, Source, json, read_key_name, read_policy};

/// The keys of `bundle.json`.
const BUNDLE: [&str; 5] = ["format", "endpoints", "apis", "identities", "profile"];

/// The keys of an endpoint.
const ENDPOINT: [&str; 2] = ["policy", "context"];

/// The longest context value in bytes: a request's may not be longer either (E-09).
const MAX_CONTEXT_VALUE_BYTES: usize = 64 << 10;

/// Keys, in lower case, that describe the caller, the resource, the time or the endpoint itself: what they are
/// is known for each request (K-05, K-07, K-09 to K-11), so an endpoint may not set them.
const REQUEST_KEYS: [&str; 10] = [
    "aws:userid",
    "aws:username",
    "aws:tokenissuetime",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:resourceaccount",
    "aws:requestedregion",
    "aws:currenttime",
    "aws:epochtime",
    "aws:sourcevpce",
];

/// What whole groups of such keys begin with (K-07).
const REQUEST_KEY_GROUPS: [&str; 2] = ["aws:principal", "aws:multifactorauth"];

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
    let canonical_folder = folder.canonicalize().map_err(unreadable)?;
    let mut reader = Reader {
        folder,
        canonical_folder,
        policies: Vec::new(),
        files: vec![path.clone()],
        numbers: HashMap::new(),
        others: Vec::new(),
    };
    let value = if mistakes.is_empty() { json::read(&source, &mut mistakes) } else { None };
    let endpoints = value.and_then(|value| reader.bundle(&value, &mut mistakes));
    let endpoints = mistakes.finish(reader.others, endpoints)?;
    Ok(Bundle { policies: reader.policies, attachments: Attachments::Endpoints(endpoints), files: reader.files })
}

/// Reads a file as a text; what is not UTF-8 is a mistake in it (D-01). No more is read than a document may hold.
///
/// `shown` is the path that diagnostics name.
fn load(path: &Path, shown: &Path) -> io::Result<(Source, Mistakes)> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(json::MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    let name = shown.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => {
            let source = Source::new(name, text);
            let mistakes = Mistakes::new(&source);
            Ok((source, mistakes))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let source = Source::new(name, String::from_utf8_lossy(error.as_bytes()));
            let mut mistakes = Mistakes::new(&source);
            let problem = Problem::new("the file is not UTF-8", "expected UTF-8 text");
            mistakes.report(at..at + char::REPLACEMENT_CHARACTER.len_utf8(), problem.help("save the file as UTF-8"));
            Ok((source, mistakes))
        }
    }
}

/// What has been read so far.
struct Reader<'f> {
    /// The folder as given: diagnostics begin with it.
    folder: &'f Path,
    /// The same without links: no policy may stand outside.
    canonical_folder: PathBuf,
    policies: Vec<NamedPolicy>,
    files: Vec<PathBuf>,
    /// The policy files that have been read, by their path without links; `None` for one with mistakes.
    numbers: HashMap<PathBuf, Option<u32>>,
    /// The mistakes of the policy files.
    others: Vec<Mistakes>,
}

impl Reader<'_> {
    /// The whole of `bundle.json`.
    fn bundle(&mut self, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Endpoint>> {
        let object = json::object(value, "the bundle", mistakes)?;
        let [format, endpoints, apis, identities, profile] = json::fields(object, "the bundle", &BUNDLE, mistakes);
        match format {
            Some(format) => check_format(&format.value, mistakes),
            None => {
                let problem = Problem::new("the bundle has no `format`", "expected `format` in this object");
                mistakes.report(json::opening(object), problem.help("add `\"format\": 1`"));
            }
        }
        for later in [apis, identities, profile].into_iter().flatten() {
            let name = quote(later.name.as_str());
            let problem =
                Problem::new(format!("{name} is not supported yet"), "expected `format` and `endpoints` alone");
            mistakes.report(later.name.range(), problem.help("remove it, or wait for a version that reads it"));
        }
        let Some(endpoints) = endpoints else {
            let problem = Problem::new("the bundle has no `endpoints`", "expected `endpoints` in this object");
            mistakes.report(
                json::opening(object),
                problem.help("add `\"endpoints\": {\"vpce-…\": {\"policy\": \"endpoint.json\"}}`"),
            );
            return None;
        };
        let listed = json::object(&endpoints.value, "`endpoints`", mistakes)?;
        let mut read: Vec<_> =
            listed.properties.iter().filter_map(|property| self.endpoint(property, mistakes)).collect();
        read.sort_by(|one, other| one.id.cmp(&other.id));
        (read.len() == listed.properties.len()).then_some(read)
    }

    /// One endpoint.
    fn endpoint(&mut self, property: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<Endpoint> {
        let id = property.name.as_str();
        let well_formed = check_endpoint_id(id);
        if let Err(problem) = &well_formed {
            mistakes.report(property.name.range(), problem.clone());
        }
        let what = format!("endpoint {}", quote(id));
        let object = json::object(&property.value, &what, mistakes)?;
        let [policy, context] = json::fields(object, &what, &ENDPOINT, mistakes);
        let policy = policy.map_or(Some(None), |policy| self.policy(id, &policy.value, mistakes).map(Some));
        let context = context.map_or(Some(Vec::new()), |context| read_context(&context.value, mistakes));
        well_formed.ok()?;
        Some(Endpoint { id: id.to_owned(), policy: policy?, context: context? })
    }

    /// An endpoint's policy, as its number: a path, or a document in place.
    fn policy(&mut self, id: &str, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<u32> {
        match value {
            Value::StringLit(path) => self.policy_file(path, mistakes),
            Value::Object(_) => {
                let policy = read_policy(value, PolicyKind::Endpoint, mistakes)?;
                self.number(NamedPolicy { name: format!("{BUNDLE_FILE}#/endpoints/{id}/policy"), policy })
            }
            other => {
                let problem =
                    Problem::new(format!("`policy` is {}", json::kind(other)), "expected a path, or a policy in place");
                mistakes.report(
                    other.range(),
                    problem.help("leave `policy` out for the default policy, which allows everything"),
                );
                None
            }
        }
    }

    /// A policy in a file of the folder. One that several endpoints name is read once.
    fn policy_file(&mut self, written: &StringLit<'_>, mistakes: &mut Mistakes) -> Option<u32> {
        let located = self.locate(&written.value);
        let file = match located {
            Ok(file) => file,
            Err(problem) => {
                mistakes.report(written.range, problem);
                return None;
            }
        };
        if let Some(number) = self.numbers.get(&file) {
            return *number;
        }
        let shown = self.folder.join(&*written.value);
        let number = match load(&file, &shown) {
            Ok((source, own)) => {
                self.files.push(shown);
                self.read_file(&written.value, &source, own)
            }
            Err(error) => {
                mistakes.report(written.range, cannot_read(&written.value, &error));
                None
            }
        };
        self.numbers.insert(file, number);
        number
    }

    /// The policy of a file that has been loaded.
    fn read_file(&mut self, name: &str, source: &Source, mut own: Mistakes) -> Option<u32> {
        let value = if own.is_empty() { json::read(source, &mut own) } else { None };
        let policy = value.and_then(|value| read_policy(&value, PolicyKind::Endpoint, &mut own));
        self.others.push(own);
        self.number(NamedPolicy { name: name.to_owned(), policy: policy? })
    }

    /// Adds a policy.
    fn number(&mut self, policy: NamedPolicy) -> Option<u32> {
        let number = u32::try_from(self.policies.len()).ok()?;
        self.policies.push(policy);
        Some(number)
    }

    /// The file a path names, without links, if that is a file inside the folder.
    fn locate(&self, written: &str) -> Result<PathBuf, Problem> {
        const EXPECTED: &str = "expected the path of a file in the bundle's folder";
        const HELP: &str = "copy the policy into the folder";
        let relative = Path::new(written);
        let stays = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if written.is_empty() || !stays {
            return Err(Problem::new(format!("path {} leaves the folder", quote(written)), EXPECTED).help(HELP));
        }
        let file = self.folder.join(relative).canonicalize().map_err(|error| cannot_read(written, &error))?;
        if !file.starts_with(&self.canonical_folder) {
            let message = format!("path {} leaves the folder through a link", quote(written));
            return Err(Problem::new(message, EXPECTED).help(HELP));
        }
        // Opening anything else could wait for ever.
        if !file.is_file() {
            return Err(Problem::new(format!("{} is not a file", quote(written)), EXPECTED));
        }
        Ok(file)
    }
}

fn cannot_read(path: &str, error: &io::Error) -> Problem {
    Problem::new(format!("cannot read {}: {error}", quote(path)), "expected the path of a file in the bundle's folder")
        .help("paths are relative to the folder that holds `bundle.json`")
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

/// The `context` of an endpoint: keys in the order of the file, each with its values.
fn read_context(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<(String, Vec<String>)>> {
    let object = json::object(value, "`context`", mistakes)?;
    json::report_repeats_but_for_case(object, mistakes);
    let mut context = Vec::with_capacity(object.properties.len());
    for property in &object.properties {
        let name = property.name.as_str();
        let usable = check_context_key(name);
        if let Err(problem) = &usable {
            mistakes.report(property.name.range(), problem.clone());
        }
        let values = read_context_values(name, &property.value, mistakes);
        if let (Ok(()), Some(values)) = (usable, values) {
            context.push((name.to_owned(), values));
        }
    }
    (context.len() == object.properties.len()).then_some(context)
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

/// The values of a context key (K-01): numbers and booleans as their JSON text.
fn read_context_values(name: &str, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    let listed = match value {
        Value::Array(array) => array.elements.as_slice(),
        alone => std::slice::from_ref(alone),
    };
    let alone = value.as_array().is_none();
    let mut values = Vec::with_capacity(listed.len());
    for element in listed {
        let text = match element {
            Value::StringLit(text) => &*text.value,
            Value::NumberLit(number) if alone => number.value,
            Value::BooleanLit(boolean) if alone => {
                if boolean.value {
                    "true"
                } else {
                    "false"
                }
            }
            other => {
                let problem = Problem::new(
                    format!("a value of {} is {}", quote(name), json::kind(other)),
                    "expected a string, a number, a boolean, or a list of strings",
                );
                mistakes.report(other.range(), problem);
                continue;
            }
        };
        if text.len() > MAX_CONTEXT_VALUE_BYTES {
            mistakes.report(
                element.range(),
                Problem::new(format!("a value of {} is too long", quote(name)), "expected at most 64 KiB"),
            );
            continue;
        }
        values.push(text.to_owned());
    }
    (values.len() == listed.len()).then_some(values)
}
