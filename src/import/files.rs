//! The policies of a bundle that is being made, as files, each under a name of its own.

use std::collections::{BTreeMap, HashMap};

use super::remark::{Report, Spot};
use super::tree::{Node, Value};
use crate::policy::Source;
use crate::policy::error::quote;

/// The policies so far.
#[derive(Debug, Default)]
pub(super) struct Files {
    texts: BTreeMap<String, String>,
    /// The names that are taken, in lower case: some file systems do not tell cases apart.
    taken: HashMap<String, usize>,
}

impl Files {
    /// Adds a policy, and gives the path that it has. `parts` say whose it is.
    pub fn add(&mut self, parts: &[&str], policy: &Node) -> String {
        let path = self.name(parts);
        self.texts.insert(path.clone(), policy.lay_out());
        path
    }

    /// A path for a policy that is not there.
    pub fn name(&mut self, parts: &[&str]) -> String {
        let parts: Vec<_> = parts.iter().map(|part| file_name(part)).collect();
        let path = parts.join("/");
        let count = self.taken.entry(path.to_lowercase()).or_default();
        *count += 1;
        match *count {
            1 => format!("{path}.json"),
            // No name from outside has a `~`.
            count => format!("{path}~{count}.json"),
        }
    }

    /// The paths, and the texts.
    pub fn into_texts(self) -> BTreeMap<String, String> {
        self.texts
    }
}

/// A name as a part of a path.
fn file_name(name: &str) -> String {
    let tame = |(at, character): (usize, char)| match character {
        '.' if at > 0 => '.',
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '+' | '=' | ',' | '@' => character,
        _ => '_',
    };
    name.chars().take(128).enumerate().map(tame).collect()
}

/// A policy as an export holds it: in place, or as a text, which may be encoded for a URL, as IAM gives it, or escaped once
/// more, as API Gateway does. `None`, reported, where the text is not JSON; `whose` begins the message.
pub(super) fn read_policy(policy: &Node, whose: &str, spot: &Spot, report: &mut Report) -> Option<Node> {
    let written = match &policy.value {
        Value::Object(_) => return Some(policy.clone()),
        Value::Text(text) => text.as_str(),
        Value::Bare(_) | Value::List(_) => {
            report.error(spot, format!("{whose} is no policy"), "expected an object, or a text that is one");
            return None;
        }
    };
    let text = match written.trim_start() {
        encoded if encoded.starts_with("%7B") || encoded.starts_with("%7b") => {
            percent_encoding::percent_decode_str(encoded).decode_utf8_lossy().into_owned()
        }
        escaped if escaped.starts_with("{\\\"") => {
            serde_json::from_str(&format!("\"{escaped}\"")).unwrap_or_else(|_| escaped.to_owned())
        }
        _ => written.to_owned(),
    };
    match Node::read(&Source::new("the policy", text)) {
        Ok(node) => Some(node),
        Err(errors) => {
            for error in &errors {
                let message = format!("{whose} cannot be read: {}", error.message());
                let help = format!(
                    "{}, in line {}, column {} of the policy; export it once more, or mend it",
                    error.label(),
                    error.line(),
                    error.column()
                );
                report.error(spot, message, help);
            }
            None
        }
    }
}

/// A name for messages, with what it is the name of.
pub(super) fn named(what: &str, name: &str) -> String {
    format!("{what} {}", quote(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_their_folder_and_apart() {
        let mut files = Files::default();
        assert_eq!(files.name(&["apis", "a1"]), "apis/a1.json");
        assert_eq!(files.name(&["apis", "A1"]), "apis/A1~2.json");
        assert_eq!(files.name(&["..", "a/b\\c d~2.x"]), "_./a_b_c_d_2.x.json");
        assert_eq!(files.name(&["apis", "a1"]), "apis/a1~3.json");
    }

    #[test]
    fn policies_are_read_in_every_wrapping() {
        let expected = "{\"Version\": \"2012-10-17\"}\n";
        for wrapped in [
            r#"{"Version":"2012-10-17"}"#,
            r#""{\"Version\":\"2012-10-17\"}""#,
            r#""\n  {\"Version\":\"2012-10-17\"}\n""#,
            r#""{\\\"Version\\\":\\\"2012-10-17\\\"}""#,
            r#""%7B%22Version%22%3A%222012-10-17%22%7D""#,
        ] {
            let source = Source::new("-", wrapped);
            let node = Node::read(&source).unwrap();
            let mut report = Report::default();
            let read = read_policy(&node, "it", &Spot::new(&source, node.place), &mut report).unwrap();
            assert_eq!(read.lay_out(), expected, "{wrapped}");
        }
        for broken in ["1", "\"\"", "\"{\"", "\"{\\\\\\\"\"", "[]", "\"%7B\""] {
            let source = Source::new("-", broken);
            let node = Node::read(&source).unwrap();
            let mut report = Report::default();
            assert!(read_policy(&node, "it", &Spot::new(&source, node.place), &mut report).is_none(), "{broken}");
            assert_eq!(report.into_remarks().len(), 1, "{broken}");
        }
    }
}
