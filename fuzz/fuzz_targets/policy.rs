//! The document parser: any bytes give a policy, or mistakes that can be shown. Nothing panics.
//!
//! What is read once is read again, and reads the same with other white space and with its text in escapes. Every
//! place lies inside the text, and every mistake can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::form;

fuzz_target!(|bytes: &[u8]| form::check(&String::from_utf8_lossy(bytes)));
