//! INPUT: a policy document, a bundle folder or a blob, told by what it holds.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use portcullis::bundle::Bundle;
use portcullis::policy::Source;
use portcullis::{Compiler, Gate, MAGIC};

use super::failure::Failure;

/// What INPUT holds.
pub enum Input {
    /// A blob.
    Blob(Bytes),
    /// Policies, read.
    Policies(Bundle),
}

/// The bytes of a blob.
pub enum Bytes {
    /// Read or compiled into memory.
    Owned(Vec<u8>),
    /// A file, in place.
    Mapped(memmap2::Mmap),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == OsStr::new("-")
}

/// Refuses a command line on which more than one input is standard input.
///
/// # Errors
/// What to do about it.
pub fn one_stdin(inputs: &[&Path], help: &str) -> Result<(), Failure> {
    if inputs.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(Failure::Usage(format!("only one input can come from standard input: {help}")));
    }
    Ok(())
}

/// The longest policy document (E-09).
const MAX_DOCUMENT_BYTES: u64 = 64 * 1024 * 1024;

/// The first byte of a blob, and of no text.
const NO_TEXT: u8 = MAGIC[0];

impl Input {
    /// Opens INPUT. A file that is a blob is mapped, not read.
    ///
    /// # Errors
    /// Where it cannot be read, or its policies are refused. Blobs are not looked into yet.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if is_stdin(path) {
            return Self::read("-", io::stdin().lock());
        }
        let cannot_read = |error| Failure::io(format_args!("cannot read `{}`", path.display()), &error);
        let kind = fs::metadata(path).map_err(cannot_read)?;
        if kind.is_dir() {
            return Ok(Self::Policies(Bundle::open(path)?));
        }
        let mut file = File::open(path).map_err(cannot_read)?;
        if !kind.is_file() {
            // A pipe can be read only once.
            return Self::read(&path.to_string_lossy(), file);
        }
        let mut start = Vec::new();
        file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(cannot_read)?;
        if start == MAGIC {
            return Ok(Self::Blob(Bytes::Mapped(map(&file).map_err(cannot_read)?)));
        }
        if let Some(0 | NO_TEXT) = start.first().copied() {
            return Err(Failure::Refused(format!(
                "`{}` is neither a policy nor a whole blob: it begins as no text does, and not as a blob\n  \
                 help: if it was a blob, it was cut short or damaged: compile it again, or copy it again as binary",
                path.display()
            )));
        }
        if path.file_name() == Some(OsStr::new("bundle.json")) {
            let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
            return Err(Failure::Refused(format!(
                "`{}` is a bundle, which is more than this file\n  help: give its folder, `{}`",
                path.display(),
                folder.display()
            )));
        }
        Ok(Self::Policies(Bundle::open(path)?))
    }

    /// Reads a blob or a document from something that is not a file.
    fn read(name: &str, mut from: impl Read) -> Result<Self, Failure> {
        let cannot_read = |error| Failure::io(format_args!("cannot read `{name}`"), &error);
        let mut bytes = Vec::new();
        // A document that is too long is refused by its reader (E-09), which needs no more of it than this.
        from.by_ref().take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(cannot_read)?;
        if bytes.starts_with(&MAGIC) {
            from.read_to_end(&mut bytes).map_err(cannot_read)?;
            return Ok(Self::Blob(Bytes::Owned(bytes)));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::Refused(format!(
                "`{name}` is neither a blob nor UTF-8 text: the byte at offset {at} begins no character"
            ))
        })?;
        Ok(Self::Policies(Bundle::from_source(Source::new(name, text))?))
    }

    /// The bytes of the blob, or of what the policies compile to.
    ///
    /// # Errors
    /// Where the policies do not compile.
    pub fn into_bytes(self) -> Result<Bytes, Failure> {
        match self {
            Self::Blob(bytes) => Ok(bytes),
            Self::Policies(bundle) => Ok(Bytes::Owned(Compiler::new().compile(&bundle)?.into_bytes())),
        }
    }

    /// The gate. Policies, too, go through the bytes of a blob and back: a document answers as its blob does.
    ///
    /// # Errors
    /// Where the policies do not compile, or the blob does not load.
    pub fn gate(self) -> Result<Gate<Bytes>, Failure> {
        load(self.into_bytes()?)
    }
}

/// Loads a blob.
pub fn load<D: AsRef<[u8]>>(bytes: D) -> Result<Gate<D>, Failure> {
    Gate::load(bytes).map_err(|error| {
        Failure::Refused(format!("the blob does not load: {error}\n  help: compile it again with this version"))
    })
}

/// Maps a file into memory.
#[expect(unsafe_code, reason = "a map is sound while nobody shortens or rewrites the file")]
fn map(file: &File) -> io::Result<memmap2::Mmap> {
    // SAFETY: the map is read only and lives no longer than this process, which answers from it and ends.
    // Blobs are replaced by renaming (`compile -o`), which leaves the old file as it was under this map. A
    // program that writes into a blob in place is outside of what this one can survive, as with any map.
    unsafe { memmap2::Mmap::map(file) }
}
