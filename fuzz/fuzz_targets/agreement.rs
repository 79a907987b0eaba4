//! Document and request, through both evaluators: reason, statement and list of statements are the same.
//!
//! Bytes that begin as a document does, with `{`, are its text, up to a byte 0xFF, and then a request. All others
//! are choices that build a document of the whole language and requests beside its edges: most documents built so
//! are well formed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::bundle::Bundle;
use portcullis::policy::Policy;
use portcullis_fuzz::engines::Engines;
use portcullis_fuzz::grammar::Case;

fuzz_target!(|bytes: &[u8]| {
    let case = Case::from_bytes(bytes);
    let Ok(policy) = Policy::from_json(&case.document) else { return };
    let bundle = Bundle::endpoint(policy);
    let engines = Engines::new(&bundle);
    for asked in &case.requests {
        asked.ask(|request| engines.agree(request));
    }
});
