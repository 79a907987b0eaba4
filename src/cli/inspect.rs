//! `inspect`: what a blob holds.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use comfy_table::{CellAlignment, Table, presets};
use portcullis::Gate;
use portcullis::policy::tame;
use serde::Serialize;

use super::failure::Failure;
use super::input::{Input, load};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(help = super::INPUT_HELP)]
    input: PathBuf,
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// What `--json` prints; the names are a promise to scripts.
#[derive(Serialize)]
struct Report<'g> {
    kind: &'static str,
    version: u32,
    digest: String,
    bytes: usize,
    stripped: bool,
    sections: Vec<Section>,
    counts: Counts,
    context_keys: Vec<&'g str>,
}

#[derive(Serialize)]
struct Section {
    name: &'static str,
    bytes: usize,
}

#[derive(Serialize)]
struct Counts {
    policies: usize,
    statements: usize,
    resources: usize,
    principals: usize,
    conditions: usize,
    context_keys: usize,
    endpoints: usize,
    apis: usize,
    methods: usize,
    identities: usize,
    blocks: usize,
}

/// Shows the blob, or the one that the policies compile to.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let bytes = Input::open(&args.input)?.into_bytes()?;
    let bytes = bytes.as_ref();
    let gate = load(bytes)?;
    let report = report(&gate, bytes.len());
    let text = if args.json {
        serde_json::to_string(&report).map_err(|error| Failure::Refused(error.to_string()))?
    } else {
        table(&report)
    };
    writeln!(anstream::stdout(), "{text}").map_err(|error| Failure::output(&error))?;
    Ok(ExitCode::SUCCESS)
}

fn report<'g>(gate: &'g Gate<&[u8]>, bytes: usize) -> Report<'g> {
    let counts = gate.counts();
    let context_keys: Vec<_> = gate.context_keys().collect();
    let sections = gate.sections().map(|(name, bytes)| Section { name, bytes });
    Report {
        kind: if gate.is_bundle() { "bundle" } else { "document" },
        version: gate.version(),
        digest: gate.digest().iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes,
        // A blob of policies has names for them, unless they were left out.
        stripped: counts.policies > 0 && gate.policy_name(0).is_none(),
        sections: sections.collect(),
        counts: Counts {
            policies: counts.policies,
            statements: counts.statements,
            resources: counts.resources,
            principals: counts.principals,
            conditions: counts.predicates,
            context_keys: context_keys.len(),
            endpoints: counts.endpoints,
            apis: counts.apis,
            methods: counts.methods,
            identities: counts.identities,
            blocks: counts.blocks,
        },
        context_keys,
    }
}

/// The report for a person.
fn table(report: &Report<'_>) -> String {
    let Counts {
        policies,
        statements,
        resources,
        principals,
        conditions,
        context_keys,
        endpoints,
        apis,
        methods,
        identities,
        blocks,
    } = &report.counts;
    let mut facts = Table::new();
    facts.load_preset(presets::NOTHING);
    facts.add_row(["kind", report.kind]);
    facts.add_row(["format version", &report.version.to_string()]);
    facts.add_row(["digest", &report.digest]);
    facts.add_row(["bytes", &report.bytes.to_string()]);
    facts.add_row(["names, Sids and lines", if report.stripped { "stripped" } else { "kept" }]);
    for (name, count) in [
        ("policies", policies),
        ("statements", statements),
        ("resource patterns", resources),
        ("principals", principals),
        ("distinct conditions", conditions),
        ("context keys", context_keys),
        ("endpoints", endpoints),
        ("APIs", apis),
        ("methods", methods),
        ("identities", identities),
        ("automaton blocks", blocks),
    ] {
        facts.add_row([name, &count.to_string()]);
    }
    let mut sections = Table::new();
    sections.load_preset(presets::NOTHING).set_header(["section", "bytes"]);
    for section in &report.sections {
        sections.add_row([section.name, &section.bytes.to_string()]);
    }
    if let Some(column) = sections.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let keys: String = report.context_keys.iter().map(|key| format!("\n {}", tame(key))).collect();
    format!("{facts}\n\n{sections}\n\n context keys{keys}")
}
