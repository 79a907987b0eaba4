//! A blob mapped into memory, and one decision: `cargo run --example mmap -- policy.gate RESOURCE [PRINCIPAL]`.

use std::{env, error::Error, fs::File};

use portcullis::{Caller, Gate, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let (blob, resource, principal) = match args.as_slice() {
        [blob, resource] => (blob, resource, Caller::Anonymous),
        [blob, resource, principal] => (blob, resource, Caller::Arn(principal)),
        _ => return Err("usage: mmap BLOB RESOURCE [PRINCIPAL]".into()),
    };
    let file = File::open(blob)?;
    #[expect(unsafe_code, reason = "a map is sound while nobody shortens or rewrites the file")]
    // SAFETY: blobs are replaced by renaming, as `portcullis compile` does, never written in place.
    let map = unsafe { memmap2::Mmap::map(&file)? };
    // The gate reads the map in place and keeps it alive: `Gate<Mmap>`.
    let gate = Gate::load(map)?;
    let decision = gate.decide(&Request::invoke(principal, resource));
    println!("{}", decision.reason().as_str());
    Ok(())
}
