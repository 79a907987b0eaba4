use std::{env, error::Error, fs, path::Path};

use portcullis::{Compiler, bundle::Bundle};

fn main() -> Result<(), Box<dyn Error>> {
    // The program begins at its own `_start`. Of the C library it has `memcpy`, `memcmp` and `memset` alone, which
    // the compiler calls by name; a target without an operating system brings its own.
    println!("cargo::rustc-link-arg-bins=-nostartfiles");
    println!("cargo::rustc-link-arg-bins=-lc");
    let bundle = Bundle::open("policy.json")?;
    for file in bundle.files() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let out = Path::new(&env::var("OUT_DIR")?).join("gate.gate");
    Ok(fs::write(out, Compiler::new().compile(&bundle)?.as_bytes())?)
}
