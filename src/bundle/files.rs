//! The policies of a bundle, read from files of its folder or in place, each once for each kind it is read as.
//!
//! As in `policy::parse`, what is wrong is reported and answered with `None`, so that no policy is ever left out: an
//! endpoint whose policy has a mistake is refused, and never becomes one without a policy, which would allow everything
//! (L-02).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use jsonc_parser::ast::{StringLit, Value};

use super::{BUNDLE_FILE, NamedPolicy};
use crate::policy::error::{Mistakes, Problem, quote};
use crate::policy::{PolicyKind, Source, json, read_policy};

/// Reads a file as a text; what is not UTF-8 is a mistake in it (D-01). No more is read than a document may hold.
///
/// `shown` is the path that diagnostics name.
pub(super) fn load(path: &Path, shown: &Path) -> io::Result<(Source, Mistakes)> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(json::MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    let name = shown.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => {
            let source = Source::new(name, text);
            let mistakes = Mistakes::new(&source);
            Ok((source, mistakes))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let source = Source::new(name, String::from_utf8_lossy(error.as_bytes()));
            let mut mistakes = Mistakes::new(&source);
            let problem = Problem::new("the file is not UTF-8", "expected UTF-8 text");
            mistakes.report(at..at + char::REPLACEMENT_CHARACTER.len_utf8(), problem.help("save the file as UTF-8"));
            Ok((source, mistakes))
        }
    }
}

/// The policies that have been read so far.
pub(super) struct Files<'f> {
    /// The folder as given: diagnostics begin with it.
    folder: &'f Path,
    /// The same without links: no policy may stand outside.
    canonical_folder: PathBuf,
    pub policies: Vec<NamedPolicy>,
    /// Every file that was read, `bundle.json` first.
    pub read: Vec<PathBuf>,
    /// What the files have been read as, by their path without links.
    known: HashMap<PathBuf, Known>,
}

/// A policy file that has been loaded.
struct Known {
    /// Its place in [`Files::read`].
    order: usize,
    source: Source,
    /// It is UTF-8, so that it can be read at all.
    is_text: bool,
    /// Its mistakes, whatever it was read as.
    mistakes: Mistakes,
    /// The kinds it has been read as; the policy's number, or `None` where it has mistakes.
    numbers: Vec<(Kind, Option<u32>)>,
}

/// A [`PolicyKind`] that outlives its API.
#[derive(PartialEq, Eq)]
enum Kind {
    Endpoint,
    Resource(String),
    Identity,
}

impl Kind {
    fn of(kind: PolicyKind<'_>) -> Self {
        match kind {
            PolicyKind::Endpoint => Self::Endpoint,
            PolicyKind::Resource(api) => Self::Resource(api.to_string()),
            PolicyKind::Identity => Self::Identity,
        }
    }
}

impl<'f> Files<'f> {
    /// None yet, in a folder whose `bundle.json` is at `bundle`.
    ///
    /// # Errors
    /// Where the folder cannot be found.
    pub fn of(folder: &'f Path, bundle: PathBuf) -> io::Result<Self> {
        let canonical_folder = folder.canonicalize()?;
        Ok(Self { folder, canonical_folder, policies: Vec::new(), read: vec![bundle], known: HashMap::new() })
    }

    /// The mistakes of the policy files, in the order in which the files were first named.
    pub fn take_mistakes(&mut self) -> Vec<Mistakes> {
        let mut known: Vec<_> = self.known.drain().map(|(_, known)| known).collect();
        known.sort_by_key(|known| known.order);
        known.into_iter().map(|known| known.mistakes).collect()
    }

    /// A policy, as its number: a path, or a document in place, which answers name by `pointer`.
    ///
    /// `None` where it has a mistake, which has been reported, or is neither.
    pub fn policy(
        &mut self,
        kind: PolicyKind<'_>,
        pointer: &[&str],
        value: &Value<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<u32> {
        match value {
            Value::StringLit(path) => self.file(kind, path, mistakes),
            _ => {
                let policy = read_policy(value, kind, mistakes)?;
                let mut name = format!("{BUNDLE_FILE}#");
                for part in pointer {
                    name.push('/');
                    name.push_str(&part.replace('~', "~0").replace('/', "~1"));
                }
                self.number(NamedPolicy { name, policy })
            }
        }
    }

    /// A policy in a file of the folder. One that is named twice is read once.
    fn file(&mut self, kind: PolicyKind<'_>, written: &StringLit<'_>, mistakes: &mut Mistakes) -> Option<u32> {
        let file = match self.locate(&written.value) {
            Ok(file) => file,
            Err(problem) => {
                mistakes.report(written.range, problem);
                return None;
            }
        };
        if !self.known.contains_key(&file) {
            let shown = self.folder.join(&*written.value);
            match load(&file, &shown) {
                Ok((source, mistakes)) => {
                    let (order, is_text) = (self.read.len(), mistakes.is_empty());
                    self.read.push(shown);
                    let known = Known { order, source, is_text, mistakes, numbers: Vec::new() };
                    self.known.insert(file.clone(), known);
                }
                Err(error) => {
                    mistakes.report(written.range, cannot_read(&written.value, &error));
                    return None;
                }
            }
        }
        let known = self.known.get_mut(&file)?;
        let wanted = Kind::of(kind);
        if let Some((_, number)) = known.numbers.iter().find(|(kind, _)| *kind == wanted) {
            return *number;
        }
        // The mistakes of another reading of the same text are not said twice.
        let mut own = Mistakes::new(&known.source);
        let value = if known.is_text { json::read(&known.source, &mut own) } else { None };
        let policy = value.and_then(|value| read_policy(&value, kind, &mut own));
        known.mistakes.add_new(own);
        let name = written.value.clone().into_owned();
        let number = policy.and_then(|policy| self.number(NamedPolicy { name, policy }));
        self.known.get_mut(&file)?.numbers.push((wanted, number));
        number
    }

    /// Adds a policy.
    fn number(&mut self, policy: NamedPolicy) -> Option<u32> {
        let number = u32::try_from(self.policies.len()).ok()?;
        self.policies.push(policy);
        Some(number)
    }

    /// The file a path names, without links, if that is a file inside the folder.
    fn locate(&self, written: &str) -> Result<PathBuf, Problem> {
        const EXPECTED: &str = "expected the path of a file in the bundle's folder";
        const HELP: &str = "copy the policy into the folder";
        let relative = Path::new(written);
        let stays = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if written.is_empty() || !stays {
            return Err(Problem::new(format!("path {} leaves the folder", quote(written)), EXPECTED).help(HELP));
        }
        let file = self.folder.join(relative).canonicalize().map_err(|error| cannot_read(written, &error))?;
        if !file.starts_with(&self.canonical_folder) {
            let message = format!("path {} leaves the folder through a link", quote(written));
            return Err(Problem::new(message, EXPECTED).help(HELP));
        }
        // Opening anything else could wait for ever.
        if !file.is_file() {
            return Err(Problem::new(format!("{} is not a file", quote(written)), EXPECTED));
        }
        Ok(file)
    }
}

fn cannot_read(path: &str, error: &io::Error) -> Problem {
    Problem::new(format!("cannot read {}: {error}", quote(path)), "expected the path of a file in the bundle's folder")
        .help("paths are relative to the folder that holds `bundle.json`")
}
