use std::{env, error::Error, fs, path::Path};

use portcullis::{Compiler, bundle::Bundle};

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::open("policy.json")?;
    for file in bundle.files() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let out = Path::new(&env::var("OUT_DIR")?).join("gate.gate");
    Ok(fs::write(out, Compiler::new().compile(&bundle)?.as_bytes())?)
}
