//! Readers of request values (C-15 to C-20). `None` is a value that an operator cannot read (C-09).
//!
//! Numbers, dates and base64 have one syntax for policies and requests, and one reader in `policy` for both;
//! gates have readers of their own. Here is what a request writes in another way.

use std::net::IpAddr;

use super::key::OneValue;
pub(super) use crate::policy::{read_bytes, read_instant, read_number};

/// C-18: `true` and `false`, in any case.
pub(super) fn read_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// C-19: an address, no block; a mapped one is the IPv4 address.
pub(super) fn read_address(value: OneValue<'_>) -> Option<IpAddr> {
    // Rust reads addresses to the letter of C-19: no zones, no ports, no leading zeros in IPv4 parts.
    value.known_address.or_else(|| value.text.parse::<IpAddr>().ok()).map(|address| address.to_canonical())
}

/// C-15: the six parts of an ARN, cut at its first five colons. What stands in them does not matter.
pub(super) fn read_arn(text: &str) -> Option<[&str; 6]> {
    let mut parts = text.splitn(6, ':');
    let mut part = || parts.next();
    Some([part()?, part()?, part()?, part()?, part()?, part()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans() {
        for (text, value) in [("true", true), ("True", true), ("tRUE", true), ("false", false), ("FALSE", false)] {
            assert_eq!(read_bool(text), Some(value), "C-18 {text}");
        }
        for text in ["", "1", "0", "yes", " true", "true ", "truee", "tru", "ｔｒｕｅ"] {
            assert_eq!(read_bool(text), None, "C-18 {text}");
        }
    }

    #[test]
    fn addresses() {
        let read = |text| read_address(OneValue { text, known_address: None }).map(|address| address.to_string());
        for (text, address) in [
            ("10.0.0.1", "10.0.0.1"),
            ("0.0.0.0", "0.0.0.0"),
            ("::", "::"),
            ("2001:DB8:0000::0001", "2001:db8::1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("0:0:0:0:0:FFFF:0a00:1", "10.0.0.1"),
            ("::10.0.0.1", "::a00:1"),
        ] {
            assert_eq!(read(text).as_deref(), Some(address), "C-19 {text}");
        }
        for text in [
            "",
            "10.0.0",
            "10.0.0.256",
            "10.0.0.01",
            "10.0.0.1/32",
            "10.0.0.1:80",
            " 10.0.0.1",
            "10.0.0.1\n",
            "::1%eth0",
            "[::1]",
            "[::1]:80",
            "00001::",
            "::1/128",
            "::ffff:10.0.0.01",
        ] {
            assert_eq!(read(text), None, "C-19 {text}");
        }
        let known = OneValue { text: "10.0.0.1", known_address: "::ffff:10.0.0.1".parse().ok() };
        assert_eq!(read_address(known), "10.0.0.1".parse().ok());
    }

    #[test]
    fn arns() {
        assert_eq!(read_arn("arn:aws:sns:r:a:b:c/d:"), Some(["arn", "aws", "sns", "r", "a", "b:c/d:"]));
        assert_eq!(read_arn(":::::"), Some([""; 6]));
        for text in ["", "arn", "arn:aws:sns:r:a", "::::"] {
            assert_eq!(read_arn(text), None, "C-15 {text}");
        }
    }
}
