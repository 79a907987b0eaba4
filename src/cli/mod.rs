//! The commands: arguments in, exit code out. What they do is the library's; how it is asked and shown is here.
//!
//! Exit codes are a promise to scripts: 0, everything asked was done; 1, some input was refused, some line could not be
//! read, or `check` found an error, or `import` could not use something; 2, the command line was wrong.

mod answer;
mod bench;
mod check;
mod compile;
mod eval;
mod explain;
mod failure;
mod http;
mod import;
mod input;
mod inspect;
mod lines;
mod refusal;
mod request;
mod workload;
#[cfg(test)]
mod workload_tests;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Compiles IAM policies for private APIs into one decision automaton, and decides with it.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile policies to a blob
    Compile(compile::Args),
    /// Find what in policies compiles, and may not do what it seems to: findings with codes
    Check(check::Args),
    /// Make a bundle of what `aws` commands print
    Import(import::Args),
    /// Answer requests: JSON Lines of requests in, JSON Lines of decisions out, in the same order
    Eval(eval::Args),
    /// Say why a request is allowed or denied: every statement, and which part of it did or did not match
    Explain(explain::Args),
    /// Show what a blob holds: sections, sizes, counts, context keys, digest
    Inspect(inspect::Args),
    /// Measure decisions per second beside the naive evaluator and the floor, in one run
    Bench(bench::Args),
}

/// What INPUT is, for `--help`.
const INPUT_HELP: &str = "A policy document, a bundle folder (it holds `bundle.json`) or a blob; `-` is standard input";

/// Runs the command that the arguments ask for.
pub fn run() -> ExitCode {
    // A wrong command line ends the program here, with exit code 2.
    let done = match Cli::parse().command {
        Command::Compile(args) => compile::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    done.unwrap_or_else(Failure::report)
}

/// A progress bar's place: a terminal that nothing else is written to by a pipe.
fn shows_progress() -> bool {
    use std::io::IsTerminal;
    std::io::stdout().is_terminal() && std::io::stderr().is_terminal()
}
