//! The `Authorization` header and query-string signatures: nothing verifies but what the holder of the key signed, and
//! nothing panics.
//!
//! `portcullis_fuzz::signed` says how a text is a request: all of them are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::signed;

fuzz_target!(|bytes: &[u8]| signed::check(&String::from_utf8_lossy(bytes)));
