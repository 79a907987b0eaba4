//! The loader: any bytes give a gate that answers, or an error. Nothing panics.
//!
//! Each input is loaded twice: as it is, and with its length and checksum put right, so that the checks behind
//! them are reached. What loads is asked everything there is to ask.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::survives::{repair, survives};

fuzz_target!(|bytes: &[u8]| {
    survives(bytes);
    let mut repaired = bytes.to_vec();
    if let Some(len_bytes) = repaired.get_mut(16..24) {
        len_bytes.copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    }
    repair(&mut repaired);
    survives(&repaired);
});
