//! A blob inside the program: [`include_gate!`](crate::include_gate).

/// Bytes that begin at a multiple of 64, the size of a cache line and of a blob's alignment.
///
/// What [`include_gate!`](crate::include_gate) puts a blob in; of no other use.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Aligned<const LEN: usize>(pub [u8; LEN]);

/// Embeds the blob that the build script wrote to `OUT_DIR` under this name, as a `&'static [u8]`.
///
/// The bytes begin at a multiple of 64, where [`Gate::load`](crate::Gate::load) reads fastest; plain
/// `include_bytes!` promises no alignment. The name is a string literal. A file that is not there is a compile
/// error.
///
/// The build script, which has `portcullis` with its feature `compiler` as a build dependency:
///
/// ```ignore
/// let bundle = Bundle::open("policies")?;
/// for file in bundle.files() { println!("cargo::rerun-if-changed={}", file.display()); }
/// let out = Path::new(&env::var("OUT_DIR")?).join("gate.gate");
/// fs::write(out, Compiler::new().compile(&bundle)?.as_bytes())?;
/// ```
///
/// The program:
///
/// ```ignore
/// static BLOB: &[u8] = portcullis::include_gate!("gate.gate");
/// let gate = Gate::load(BLOB)?;
/// ```
#[macro_export]
macro_rules! include_gate {
    ($name:literal) => {{
        const BYTES: &[u8] = ::core::include_bytes!(::core::concat!(::core::env!("OUT_DIR"), "/", $name));
        static ALIGNED: $crate::Aligned<{ BYTES.len() }> =
            $crate::Aligned(*::core::include_bytes!(::core::concat!(::core::env!("OUT_DIR"), "/", $name)));
        let bytes: &'static [u8] = &ALIGNED.0;
        bytes
    }};
}
