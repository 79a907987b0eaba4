//! HTTP requests: any method, target, host and headers are refused, or have one reading. Nothing panics.
//!
//! The fields stand between bytes 0xFF: method, target, host, the server's name, then names and values of headers. An
//! empty host or server's name is none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::gateway::HttpRequest;
use portcullis_fuzz::readings::have_one_reading;

fuzz_target!(|bytes: &[u8]| {
    let mut fields = bytes.split(|byte| *byte == 0xFF);
    let mut field = || fields.next().unwrap_or_default();
    let (method, target, host, server_name) = (field(), field(), field(), field());
    let rest: Vec<&[u8]> = fields.collect();
    let headers: Vec<_> = rest.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    have_one_reading(&HttpRequest {
        method,
        target,
        host: Some(host).filter(|host| !host.is_empty()),
        headers: &headers,
        server_name: Some(server_name).filter(|name| !name.is_empty()),
        endpoint: None,
    });
});
