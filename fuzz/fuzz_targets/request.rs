//! Deciding: any caller, action, resource and context, asked of everything in the corpus. Gate and reference
//! agree, and nothing panics.
//!
//! `portcullis_fuzz::request` says how bytes are read as a request: none of them are refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::engines::Engines;
use portcullis_fuzz::request::Asked;
use portcullis_fuzz::seeds;

static ENGINES: LazyLock<Vec<Engines<'static>>> = LazyLock::new(|| {
    let bundles = Box::leak(Box::new(seeds::bundles()));
    bundles.iter().map(Engines::new).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let asked = Asked::from_bytes(bytes);
    for engines in ENGINES.iter() {
        asked.ask(|request| engines.agree(request));
    }
});
