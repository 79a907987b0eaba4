//! How a command ends that could not do what was asked.

use std::fmt;
use std::io;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::ErrorKind;
use portcullis::CompileError;
use portcullis::bundle::BundleError;
use portcullis::gateway::CredentialsError;
use portcullis::policy::PolicyErrors;

/// Why a command could not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Policies that were refused, with every mistake.
    Policies(PolicyErrors),
    /// Another input that was refused, and why.
    Refused(String),
    /// A command line that asks for something that cannot be.
    Usage(String),
    /// Whoever read the output has closed it: there is nobody to tell.
    Closed,
}

impl Failure {
    /// An input or output that failed, named.
    pub fn io(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::Refused(format!("{what}: {error}"))
    }

    /// Standard output that failed.
    pub fn output(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::io("cannot write to standard output", error),
        }
    }

    /// Tells a person on standard error, and gives the exit code.
    pub fn report(self) -> ExitCode {
        match self {
            Self::Policies(errors) => anstream::eprintln!("{}", errors.render(true)),
            Self::Refused(reason) => anstream::eprintln!("error: {reason}"),
            Self::Usage(reason) => {
                let error = super::Cli::command().error(ErrorKind::ArgumentConflict, reason);
                // A standard error that is closed leaves nowhere to say so.
                let _ = error.print();
                return ExitCode::from(2);
            }
            Self::Closed => {}
        }
        ExitCode::from(1)
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Refused(errors) => Self::Policies(errors),
            error => Self::Refused(error.to_string()),
        }
    }
}

impl From<CredentialsError> for Failure {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::Refused(errors) => Self::Policies(errors),
            error => Self::Refused(error.to_string()),
        }
    }
}

impl From<PolicyErrors> for Failure {
    fn from(errors: PolicyErrors) -> Self {
        Self::Policies(errors)
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Self {
        Self::Refused(error.to_string())
    }
}
