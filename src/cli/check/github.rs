//! Findings as the workflow commands of GitHub Actions, which shows them beside the lines of a change.

use std::io::{self, Write};

use portcullis::analysis::{Finding, Severity};

/// Prints a line for each finding that the bundle does not allow.
pub(super) fn print(found: &[Finding], out: &mut impl Write) -> io::Result<()> {
    for finding in found.iter().filter(|finding| finding.allowed().is_none()) {
        let command = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let at = finding.at();
        let (line, (end_line, end_column)) = (at.line(), at.end());
        write!(out, "::{command} file={},line={line},endLine={end_line}", property(at.source_text().name()))?;
        // Columns are shown within one line alone.
        if end_line == line {
            write!(out, ",col={},endColumn={end_column}", at.column())?;
        }
        let help = finding.help().map(|help| format!("\n{help}")).unwrap_or_default();
        writeln!(out, ",title={}::{}", finding.code(), data(&format!("{}{help}", finding.message())))?;
    }
    Ok(())
}

/// A message: the characters that end a command, escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: likewise, and those that end a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        assert_eq!(data("50 %\r\na: b, c"), "50 %25%0D%0Aa: b, c");
        assert_eq!(property("a%3A:b,c\n"), "a%253A%3Ab%2Cc%0A");
    }
}
