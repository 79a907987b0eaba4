//! `check`: findings about policies, with codes. The library finds; here they are printed.

mod github;
mod json;
mod sarif;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::ProgressBar;
use portcullis::analysis::{self, Code, Finding, Severity};

use super::failure::Failure;
use super::input::Input;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(
        help = "A policy document or a bundle folder (it holds `bundle.json`); `-` is standard input",
        required_unless_present = "explain"
    )]
    input: Option<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// What counts as an error for the exit code, besides errors
    #[arg(long, value_name = "SEVERITY")]
    deny: Option<Deny>,
    /// Print the page about a code, as `PC001`, instead
    #[arg(long, value_name = "CODE", conflicts_with_all = ["input", "format", "deny"])]
    explain: Option<String>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// What `--deny` may name.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Deny {
    /// Warnings
    Warning,
}

/// Prints every finding, or the page about a code.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if let Some(code) = &args.explain {
        return explain(code);
    }
    let Some(input) = &args.input else {
        return Err(Failure::Usage("name the policies to check".to_owned()));
    };
    let progress = if super::shows_progress() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    progress.enable_steady_tick(Duration::from_millis(100));
    progress.set_message("reading");
    let Input::Policies(bundle) = Input::open(input)? else {
        return Err(Failure::Usage(format!("`{}` is a blob: give the policies it was made of", input.display())));
    };
    progress.set_message("checking");
    let found = analysis::check(&bundle, &mut |done, of| {
        progress.set_message(format!("checking statement {done} of {of}"));
    });
    progress.finish_and_clear();
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    let printed = match args.format {
        Format::Text => text(&found, &mut out),
        Format::Json => json::print(&found, &mut out),
        Format::Sarif => sarif::print(&found, &mut out),
        Format::Github => github::print(&found, &mut out),
    };
    printed.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))?;
    let denied = |finding: &Finding| match finding.severity() {
        _ if finding.allowed().is_some() => false,
        Severity::Error => true,
        Severity::Warning => matches!(args.deny, Some(Deny::Warning)),
        Severity::Info => false,
    };
    Ok(ExitCode::from(u8::from(found.iter().any(denied))))
}

/// The page about a code.
fn explain(name: &str) -> Result<ExitCode, Failure> {
    let Some(page) = Code::read(name).and_then(Code::page) else {
        let last = Code::all().last().map_or("", Code::as_str);
        return Err(Failure::Usage(format!("`{name}` is no code: they go from PC001 to {last}")));
    };
    write!(anstream::stdout(), "{page}").map_err(|error| Failure::output(&error))?;
    Ok(ExitCode::SUCCESS)
}

/// Every finding as it is drawn for people, and how many there are.
fn text(found: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let standing = || found.iter().filter(|finding| finding.allowed().is_none());
    for finding in standing() {
        writeln!(out, "{}\n", finding.render(true))?;
    }
    let count = |severity: Severity, name: &str| {
        let count = standing().filter(|finding| finding.severity() == severity).count();
        match count {
            0 => None,
            1 => Some(format!("1 {name}")),
            _ => Some(format!("{count} {name}s")),
        }
    };
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let counts: Vec<_> = counts.into_iter().filter_map(|(severity, name)| count(severity, name)).collect();
    let allowed = match found.len().saturating_sub(standing().count()) {
        0 => String::new(),
        count => format!(", and {count} that the bundle allows"),
    };
    match counts.as_slice() {
        [] => writeln!(out, "no findings{allowed}"),
        _ => writeln!(out, "{}{allowed}; `portcullis check --explain CODE` says more of each", counts.join(", ")),
    }
}
