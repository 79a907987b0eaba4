//! `compile`: policies to a blob.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::ProgressBar;
use portcullis::bundle::{Attachments, Bundle, Layers};
use portcullis::policy::tame;
use portcullis::{Compiler, Crowd};

use super::failure::Failure;
use super::input::{Input, is_stdin};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(help = "A policy document or a bundle folder (it holds `bundle.json`); `-` is standard input")]
    input: PathBuf,
    /// The blob; replaced as a whole, and only once all of it is written
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Leave out names, Sids and lines: a smaller blob, whose answers name statements by number
    #[arg(long)]
    strip: bool,
}

/// Compiles, then writes. Nothing is written where anything was refused.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if is_stdin(&args.output) {
        return Err(Failure::Usage("a blob is written to a file: name one with --output".to_owned()));
    }
    if names_the_same(&args.input, &args.output) {
        let reason = format!("`{}` would be written over by its own blob: name another --output", args.input.display());
        return Err(Failure::Usage(reason));
    }
    let progress = if super::shows_progress() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    progress.enable_steady_tick(Duration::from_millis(100));
    progress.set_message("reading");
    let Input::Policies(bundle) = Input::open(&args.input)? else {
        return Err(Failure::Usage(format!("`{}` is a blob already: give the policies", args.input.display())));
    };
    if let Some(file) = bundle.files().iter().find(|file| names_the_same(file, &args.output)) {
        let reason = format!("`{}` would be written over by the blob: name another --output", file.display());
        return Err(Failure::Usage(reason));
    }
    if let Attachments::Layers(Layers { apis: None, identities, .. }) = bundle.attachments()
        && !identities.is_empty()
    {
        anstream::eprintln!(
            "warning: without `apis` no identity policy is asked: the answer is the endpoint policy's alone\n  \
             help: add the APIs and their methods to `apis`, or leave out `identities`"
        );
    }
    progress.set_message("compiling");
    let blob = Compiler::new().strip(args.strip).compile(&bundle)?;
    progress.finish_and_clear();
    for crowd in blob.crowds() {
        warn_of(crowd, &bundle);
    }
    let written = replace(&args.output, blob.as_bytes());
    written.map_err(|error| Failure::io(format_args!("cannot write `{}`", args.output.display()), &error))?;
    Ok(ExitCode::SUCCESS)
}

/// Says what a crowd costs, and where it begins.
fn warn_of(crowd: &Crowd, bundle: &Bundle) {
    let Crowd { arn, policy, statement, patterns } = crowd;
    let place = bundle.policies().get(*policy).and_then(|named| {
        let statement = named.policy.statements.get(*statement)?;
        let source = &named.policy.source;
        Some(format!("{}:{}", tame(source.name()), source.line(statement.place.start)))
    });
    anstream::eprintln!(
        "warning: {patterns} patterns of `{}` spell out no four characters in a row beside wildcards: a request for it may be \
         compared with each\n --> {} is the first\n  \
         help: spell out more of a path, as `*/GET/orders/*`: then it is compared only where a request holds it",
        tame(arn),
        place.unwrap_or_default()
    );
}

/// Whether two paths lead to one file, by whatever links.
fn names_the_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => false,
    }
}

/// Puts a file in the place of another in one step: a reader sees the old one or the new one, whole.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through a link, to what it names.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&path).is_ok_and(|kind| !kind.is_file() && !kind.is_dir()) {
        // A device or a pipe is written to, not replaced.
        return OpenOptions::new().write(true).open(&path)?.write_all(bytes);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // In the same folder: a rename does not reach over file systems.
    let mut file = new_file().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    // So that the rename, too, is on the disk; where folders cannot be opened the file is whole all the same.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// A new file, with the permissions of any other new file; removed again if it is not kept.
fn new_file<'p>() -> tempfile::Builder<'p, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".portcullis-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}
