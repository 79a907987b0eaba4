//! Findings as one object of JSON: field names are a promise to scripts.

use std::io::{self, Write};

use portcullis::analysis::{Finding, Position, Severity};
use serde::Serialize;

#[derive(Serialize)]
struct Report<'f> {
    findings: Vec<Reported<'f>>,
    errors: usize,
    warnings: usize,
    infos: usize,
    allowed: usize,
}

#[derive(Serialize)]
struct Reported<'f> {
    code: &'static str,
    severity: &'static str,
    #[serde(flatten)]
    at: Spot<'f>,
    message: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<&'f str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedSpot<'f>>,
}

/// Another place that belongs to a finding.
#[derive(Serialize)]
struct RelatedSpot<'f> {
    #[serde(flatten)]
    at: Spot<'f>,
    message: &'f str,
}

/// A piece of a file, its end one past the last character. Lines and columns count from 1, columns in characters.
#[derive(Serialize)]
struct Spot<'f> {
    file: &'f str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl<'f> From<&'f Position> for Spot<'f> {
    fn from(at: &'f Position) -> Self {
        let (end_line, end_column) = at.end();
        Self { file: at.source_text().name(), line: at.line(), column: at.column(), end_line, end_column }
    }
}

/// Prints every finding, and how many there are, in one line.
pub(super) fn print(found: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let standing = || found.iter().filter(|finding| finding.allowed().is_none());
    let count = |severity| standing().filter(|finding| finding.severity() == severity).count();
    let report = Report {
        findings: found.iter().map(reported).collect(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        infos: count(Severity::Info),
        allowed: found.len().saturating_sub(standing().count()),
    };
    serde_json::to_writer(&mut *out, &report)?;
    writeln!(out)
}

fn reported(finding: &Finding) -> Reported<'_> {
    let related = finding.related_places().iter();
    Reported {
        code: finding.code().as_str(),
        severity: finding.severity().as_str(),
        at: finding.at().into(),
        message: finding.message(),
        help: finding.help(),
        allowed: finding.allowed(),
        related: related.map(|one| RelatedSpot { at: one.at().into(), message: one.message() }).collect(),
    }
}
