//! Access keys from a JSON file: what `--credentials` names.
//!
//! Every mistake is reported with its line and column, as those of policies are, and no diagnostic shows a secret:
//! what is drawn is the text with the secrets covered. A file with one mistake gives no keys at all.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::{Credential, Credentials, Signer};
use crate::gate::{Caller, Identity, is_principal_key};
use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::{self, PolicyErrors, Source, json, read_key_name};

/// The fields of an access key.
const CREDENTIAL: [&str; 5] = ["secret", "principal", "session_token", "tags", "context"];

/// What the names of fields have in them that no diagnostic shows, in lower case. A misspelt one is not shown either.
const SECRETS: [&str; 2] = ["secret", "token"];

/// Keys, in lower case, that are derived from the principal (K-05): an access key cannot set them.
const DERIVED_KEYS: [&str; 5] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
];

/// Why the file gives no access keys.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// It could not be read at all.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Every mistake in it.
    #[error(transparent)]
    Refused(#[from] PolicyErrors),
}

/// The access keys of a JSON file:
///
/// ```json
/// {"AKIDEXAMPLE": {"secret": "...", "principal": "arn:aws:iam::123412341234:user/MyUser", "session_token": null,
///                  "tags": {"team": "red"}, "context": {"aws:PrincipalOrgID": "o-abc"}}}
/// ```
///
/// `secret` and `principal` are required, and an unknown field is a mistake.
#[derive(Debug, Clone, Default)]
pub struct CredentialsFile {
    keys: HashMap<String, Credential>,
}

impl CredentialsFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CredentialsError::Read`] where it cannot be read; [`CredentialsError::Refused`] with every mistake in it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CredentialsError> {
        let path = path.as_ref();
        let unreadable = |error| CredentialsError::Read { path: path.to_owned(), error };
        let mut bytes = Vec::new();
        let limit = u64::try_from(json::MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let file = File::open(path).map_err(unreadable)?;
        file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|error| unreadable(io::Error::other(error)))?;
        Ok(Self::parse(&Source::new(path.display().to_string(), text))?)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Every mistake in it, by place.
    pub fn parse(source: &Source) -> Result<Self, PolicyErrors> {
        let mut mistakes = Mistakes::new(&Source::new(source.name(), covered(source.text())));
        let keys = json::read(source, &mut mistakes).and_then(|value| read_keys(&value, &mut mistakes));
        mistakes.finish(Vec::new(), keys.map(|keys| Self { keys }))
    }

    /// How many access keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl Credentials for CredentialsFile {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        self.keys.get(access_key_id).cloned()
    }
}

/// The text with `*` for every byte of a string that stands behind the name of a secret: as long, and with the same
/// lines. It need not be JSON.
fn covered(text: &str) -> String {
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    let mut secret = false;
    // Strings are what stands between quotes; what is behind an odd one is covered rather than shown.
    while let Some((before, string)) = rest.split_once('"') {
        secret &= before.trim() == ":";
        covered.push_str(before);
        covered.push('"');
        let end = closing_quote(string);
        let (content, after) = string.split_at_checked(end).unwrap_or((string, ""));
        match secret {
            true => covered.extend(content.chars().flat_map(|c| {
                let cover = if c == '\n' || c == '\r' { c } else { '*' };
                std::iter::repeat_n(cover, c.len_utf8())
            })),
            false => covered.push_str(content),
        }
        let name = content.to_ascii_lowercase();
        secret = SECRETS.iter().any(|part| name.contains(part));
        rest = match after.strip_prefix('"') {
            Some(after) => {
                covered.push('"');
                after
            }
            None => after,
        };
    }
    covered.push_str(rest);
    covered
}

/// Where the string ends whose text this is, or the text if it does not.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The whole file.
fn read_keys(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<HashMap<String, Credential>> {
    let object = json::object(value, "the file", mistakes)?;
    let mut keys = HashMap::with_capacity(object.properties.len());
    for property in &object.properties {
        if let Some(credential) = read_key(property, mistakes) {
            keys.insert(property.name.as_str().to_owned(), credential);
        }
    }
    // Every key, or the file is refused: what is missing has been reported.
    (keys.len() == object.properties.len()).then_some(keys)
}

/// One access key.
fn read_key(property: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<Credential> {
    let id = property.name.as_str();
    let well_formed = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"/,;=".contains(&byte));
    if !well_formed {
        let problem = Problem::new(
            format!("{} is no access key id", quote(id)),
            "expected visible ASCII characters without `/`, `,`, `;` and `=`",
        );
        mistakes.report(property.name.range(), problem.help("write it as `aws iam list-access-keys` prints it"));
    }
    let what = format!("access key {}", quote(id));
    let object = json::object(&property.value, &what, mistakes)?;
    let [secret, principal, token, tags, context] = json::fields(object, &what, &CREDENTIAL, mistakes);
    let secret = required(secret, object, &what, "secret", mistakes)
        .and_then(|secret| text(secret, "`secret`", "expected the secret access key", mistakes));
    let principal = required(principal, object, &what, "principal", mistakes)
        .and_then(|principal| read_principal(principal, mistakes));
    let token = match token {
        None => Some(None),
        Some(token) if matches!(token.value, Value::NullKeyword(_)) => Some(None),
        Some(token) => {
            text(token, "`session_token`", "expected the session token, or null for none", mistakes).map(Some)
        }
    };
    let tags = tags.map_or(Some(Vec::new()), |tags| read_tags(tags, mistakes));
    let context = context.map_or(Some(Vec::new()), |context| read_context(context, mistakes));
    let signer = Signer { principal: principal?, tags: tags?, context: context? };
    Some(Credential { secret: secret?, session_token: token?, signer: Arc::new(signer) }).filter(|_| well_formed)
}

/// A field that has to be there.
fn required<'v, 't>(
    field: Option<&'v ObjectProp<'t>>,
    object: &Object<'t>,
    what: &str,
    name: &str,
    mistakes: &mut Mistakes,
) -> Option<&'v ObjectProp<'t>> {
    if field.is_none() {
        let problem = Problem::new(format!("{what} has no `{name}`"), format!("expected `{name}` in this object"));
        mistakes.report(json::opening(object), problem.help(format!("add `\"{name}\": \"…\"`")));
    }
    field
}

/// A string that is not empty.
fn text(property: &ObjectProp<'_>, what: &str, expected: &str, mistakes: &mut Mistakes) -> Option<String> {
    let string = json::string(&property.value, what, mistakes)?;
    if string.value.is_empty() {
        mistakes.report(string.range, Problem::new(format!("{what} is the empty string"), expected));
        return None;
    }
    Some(string.value.clone().into_owned())
}

/// A principal that can sign (S-08): a role itself cannot, its sessions do.
fn read_principal(property: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<String> {
    let string = json::string(&property.value, "`principal`", mistakes)?;
    let arn = &*string.value;
    let help = match Identity::read(Caller::Arn(arn)) {
        Some(Identity::User { .. } | Identity::Session { .. } | Identity::FederatedUser { .. } | Identity::Root(_)) => {
            return Some(arn.to_owned());
        }
        Some(Identity::Role { .. }) => {
            "a role signs nothing: write its session, `arn:aws:sts::…:assumed-role/ROLE/SESSION`"
        }
        Some(Identity::Anonymous | Identity::Service(_)) | None => {
            "write it as `aws sts get-caller-identity` prints it"
        }
    };
    let problem = Problem::new(
        format!("{} signs no request", quote(arn)),
        "expected the ARN of a user, a role session, a federated user, or an account's root user",
    );
    mistakes.report(string.range, problem.help(help));
    None
}

/// The tags: names, and a string for each.
fn read_tags(property: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<Vec<(String, String)>> {
    let object = json::object(&property.value, "`tags`", mistakes)?;
    json::report_repeats_but_for_case(object, mistakes);
    let mut tags = Vec::with_capacity(object.properties.len());
    for tag in &object.properties {
        let name = tag.name.as_str();
        let named = !name.is_empty();
        if !named {
            mistakes.report(tag.name.range(), Problem::new("a tag without a name", "expected the name of a tag"));
        }
        let value = json::string(&tag.value, &format!("tag {}", quote(name)), mistakes);
        let Some(value) =
            value.filter(|value| named && policy::is_short(&value.value, tag.value.range(), name, mistakes))
        else {
            continue;
        };
        tags.push((name.to_owned(), value.value.clone().into_owned()));
    }
    (tags.len() == object.properties.len()).then_some(tags)
}

/// What else is known of the principal: context keys and their values.
fn read_context(property: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<Vec<(String, Vec<String>)>> {
    policy::read_context(&property.value, check_context_key, mistakes)
}

/// A key that an access key may set: one that describes a principal, since any other would be seen by layers that do not
/// see the signer (K-07).
fn check_context_key(name: &str) -> Result<(), Problem> {
    read_key_name(name)?;
    let folded = name.to_ascii_lowercase();
    let expected = "expected a key that says something of the principal";
    if folded.starts_with("aws:principaltag/") {
        let problem = Problem::new(format!("{} is a tag", quote(name)), expected);
        return Err(problem.help("write it under `tags`"));
    }
    if DERIVED_KEYS.contains(&folded.as_str()) || !is_principal_key(name.as_bytes()) {
        let problem = Problem::new(format!("an access key cannot set {}", quote(name)), expected);
        return Err(problem.help("remove it: this key comes from `principal` or from the request"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
