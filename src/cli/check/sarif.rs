//! Findings in SARIF 2.1.0, the form that code scanning services take.
//!
//! OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". Lines and columns are SARIF's: counted from
//! 1, the end of a region one past its last character.

use std::io::{self, Write};
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use portcullis::analysis::{Code, Finding, Position, Severity};
use serde_json::{Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What a path in a URI may not hold as it is (RFC 3986).
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// Prints one log of one run.
pub(super) fn print(found: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let codes: Vec<_> = Code::all().filter(|code| found.iter().any(|finding| finding.code() == *code)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": found.iter().map(|finding| result(finding, &codes)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// What a code means.
fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": {"text": code.what()},
        "fullDescription": {"text": format!("{}: {}", code.what(), code.why())},
        "help": {"text": code.page(), "markdown": code.page()},
        "defaultConfiguration": {"level": level(code.severity())},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, codes: &[Code]) -> Value {
    let help = finding.help().map(|help| format!("; {help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.code().as_str(),
        "ruleIndex": codes.iter().position(|code| *code == finding.code()),
        "level": level(finding.severity()),
        "message": {"text": format!("{}{help}", finding.message())},
        "locations": [{"physicalLocation": location(finding.at())}],
    });
    let related = finding.related_places().iter();
    let related: Vec<_> = related
        .map(|one| json!({"physicalLocation": location(one.at()), "message": {"text": one.message()}}))
        .collect();
    if let Some(fields) = result.as_object_mut() {
        if !related.is_empty() {
            fields.insert("relatedLocations".to_owned(), related.into());
        }
        if let Some(because) = finding.allowed() {
            let suppression = json!([{"kind": "inSource", "justification": because}]);
            fields.insert("suppressions".to_owned(), suppression);
        }
    }
    result
}

fn location(at: &Position) -> Value {
    let (end_line, end_column) = at.end();
    json!({
        "artifactLocation": {"uri": uri(at.source_text().name())},
        "region": {
            "startLine": at.line(),
            "startColumn": at.column(),
            "endLine": end_line,
            "endColumn": end_column,
        },
    })
}

/// A file's name as a URI: a relative one stays relative, to the folder that the command ran in.
fn uri(name: &str) -> String {
    let slashes = if cfg!(windows) { name.replace('\\', "/") } else { name.to_owned() };
    let path = utf8_percent_encode(&slashes, NOT_IN_PATHS).to_string();
    match (name, Path::new(name).is_absolute()) {
        ("-", _) => "stdin".to_owned(),
        (_, true) => format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" }),
        (_, false) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn names_are_uris() {
        assert_eq!(uri("policies/orders 1%.json"), "policies/orders%201%25.json");
        assert_eq!(uri("é#:?.json"), "%C3%A9%23%3A%3F.json");
        assert_eq!(uri("-"), "stdin");
        if cfg!(unix) {
            assert_eq!(uri("/a/b.json"), "file:///a/b.json");
        }
    }
}
