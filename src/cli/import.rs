//! `import`: a bundle from what `aws` commands print.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::ProgressBar;
use portcullis::bundle::{Bundle, Profile};
use portcullis::import::{Counts, Import, Imported, Options};

use super::failure::Failure;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Saved output of `aws` commands, and templates, in any order; a folder stands for the files in it
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The bundle's folder: a new one, or an empty one
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// The account of the APIs, where the exports do not say it
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The region of the APIs, where the exports do not say it
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Which reading of the `Authorization` header the bundle has
    #[arg(long, value_enum, default_value_t)]
    profile: ProfileName,
}

/// The value of `--profile`.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum ProfileName {
    /// AWS's page on endpoint policies in its earlier edition
    Classic,
    /// The page as it is
    #[default]
    Current,
}

/// Imports what can be used, and says what could not.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if fs::read_dir(&args.output).is_ok_and(|mut files| files.next().is_some()) {
        let reason = format!("`{}` is not empty: name a new folder with --output", args.output.display());
        return Err(Failure::Usage(reason));
    }
    let progress = if super::shows_progress() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    progress.enable_steady_tick(Duration::from_millis(100));
    let profile = match args.profile {
        ProfileName::Classic => Profile::Classic,
        ProfileName::Current => Profile::Current,
    };
    let mut import = Import::new(Options { account: args.account.clone(), region: args.region.clone(), profile });
    let mut files = Vec::new();
    let mut unread = Vec::new();
    for path in &args.files {
        let found = if path.is_dir() { exports_in(path) } else { Ok(vec![path.clone()]) };
        match found {
            Ok(found) => files.extend(found),
            Err(error) => unread.push((path, error)),
        }
    }
    files.sort();
    files.dedup();
    for path in &files {
        progress.set_message(format!("reading {}", path.display()));
        match fs::read(path) {
            Ok(bytes) => import.add(&path.display().to_string(), bytes),
            Err(error) => unread.push((path, error)),
        }
    }
    progress.set_message("putting the bundle together");
    let imported = import.finish();
    progress.finish_and_clear();
    for (path, error) in &unread {
        anstream::eprintln!("error: cannot read `{}`: {error}\n", path.display());
    }
    for errors in &imported.refused {
        anstream::eprintln!("{}\n", errors.render(true));
    }
    for remark in &imported.remarks {
        anstream::eprintln!("{}\n", remark.render(true));
    }
    let cannot_write = |error| Failure::io(format_args!("cannot write `{}`", args.output.display()), &error);
    write(&imported, &args.output).map_err(cannot_write)?;
    let Counts { endpoints, apis, methods, identities } = imported.counts;
    let counts = [
        counted(endpoints, "endpoint"),
        counted(apis, "API"),
        counted(methods, "method"),
        format!("{identities} {}", if identities == 1 { "identity" } else { "identities" }),
    ];
    writeln!(anstream::stdout(), "{}", counts.join(", ")).map_err(|error| Failure::output(&error))?;
    // What the exports hold is a policy only now.
    Bundle::open(&args.output)?;
    Ok(ExitCode::from(u8::from(imported.is_partial() || !unread.is_empty())))
}

fn counted(count: usize, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// The files of a folder and of those in it that could be exports, by what their names end in.
fn exports_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            // Links to folders are not followed: they could lead back.
            if kind.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| EXPORTS.iter().any(|known| extension == *known)) {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// What the names of exports end in.
const EXPORTS: [&str; 4] = ["json", "yaml", "yml", "template"];

/// Writes the bundle's files.
fn write(imported: &Imported, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // `bundle.json` last: a folder without it is no bundle.
    let (bundle, policies): (Vec<_>, Vec<_>) = imported.files.iter().partition(|(path, _)| *path == "bundle.json");
    for (path, text) in policies.into_iter().chain(bundle) {
        let path = folder.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
