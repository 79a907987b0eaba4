//! The request target: one spelling of each path, or a refusal (H-03, H-04, H-09 to H-12).
//!
//! Proxies, frameworks and policies read one path in several ways: they resolve dot segments or do not, decode once,
//! twice or never, take `\` for `/`. So there is one spelling of a path here, and a target whose path could be taken for
//! another one's is refused. What is accepted is this:
//!
//! - printable ASCII, without `#`, a `/` before each segment, no segment empty but the last, none `.` or `..`;
//! - in the path: unreserved characters, `: @ ! $ & ' ( ) + , =`, and encodings of two hex digits that decode to UTF-8
//!   without control characters, `/`, `\`, `*` and `?`;
//! - in the query, from the first `?` on: anything. It is no part of the resource, and goes on as it came.
//!
//! An encoded unreserved character is then decoded, another encoding gets upper-case digits, in one pass: `%2525` stays.
//!
//! Invariant: the text of a [`Target`] is accepted, and normalised to itself. [`normalise`] makes it so, and nothing
//! else makes one.

use std::borrow::Cow;

use percent_encoding::{percent_decode_str, percent_encode_byte};

use super::fault::HttpFault;

/// A normalised target in origin form: path and query. What was decided on, and so what is to be forwarded (H-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    text: Cow<'a, str>,
    is_unchanged: bool,
}

impl<'a> Target<'a> {
    /// Path and query, as they are to be forwarded.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, without a copy where nothing had to change.
    pub fn into_text(self) -> Cow<'a, str> {
        self.text
    }

    /// The path, from its first `/` on.
    pub fn path(&self) -> &str {
        self.text.split_once('?').map_or(&self.text, |(path, _)| path)
    }

    /// What follows the first `?`, as it came (H-04).
    pub fn query(&self) -> Option<&str> {
        self.text.split_once('?').map(|(_, query)| query)
    }

    /// Whether the target came in these very bytes, so that the original may be forwarded as well (H-12).
    pub const fn is_unchanged(&self) -> bool {
        self.is_unchanged
    }
}

/// Reads a target in origin form, as `/prod/pets?limit=3`, and gives its one spelling.
///
/// Time is linear in the target's length. Nothing is copied where nothing has to change and no encoded byte is beyond
/// ASCII.
///
/// # Errors
/// [`HttpFault`] says what has two readings (H-11), or that it is another form (H-03).
pub fn normalise(target: &[u8]) -> Result<Target<'_>, HttpFault> {
    read(target).and_then(origin)
}

/// The target, and the authority of one in absolute form, as it came (H-03).
pub(super) fn with_authority(target: &[u8]) -> Result<(Target<'_>, Option<&str>), HttpFault> {
    let text = read(target)?;
    if text.starts_with('/') {
        return Ok((origin(text)?, None));
    }
    let (scheme, rest) = text.split_once("://").ok_or(HttpFault::Form)?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(HttpFault::Form);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or(HttpFault::Form)?;
    // An empty path is `/` (RFC 9110, section 4.2.3).
    let text = if path.starts_with('/') { normal_form(path)? } else { Cow::Owned(format!("/{path}")) };
    Ok((Target { text, is_unchanged: false }, Some(authority)))
}

/// Path and query of a target that has been read, as they were sent: what is signed.
#[cfg(feature = "sigv4")]
pub(super) fn as_sent(target: &str) -> (&str, &str) {
    let origin = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => {
            rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/")
        }
        _ => target,
    };
    let (path, query) = origin.split_once('?').unwrap_or((origin, ""));
    (if path.is_empty() { "/" } else { path }, query)
}

fn origin(text: &str) -> Result<Target<'_>, HttpFault> {
    let normal = normal_form(text)?;
    let is_unchanged = normal == text;
    Ok(Target { text: normal, is_unchanged })
}

/// H-03, H-11: what no target may hold, the query included, since a request line is cut at such bytes.
fn read(target: &[u8]) -> Result<&str, HttpFault> {
    let text = str::from_utf8(target).map_err(|_| HttpFault::Character)?;
    if text.contains('#') {
        return Err(HttpFault::Fragment);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(HttpFault::Character);
    }
    Ok(text)
}

fn normal_form(text: &str) -> Result<Cow<'_, str>, HttpFault> {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    if !path.starts_with('/') {
        return Err(HttpFault::Form);
    }
    if !path.bytes().all(is_path_byte) {
        return Err(HttpFault::Character);
    }
    if path.contains("//") {
        return Err(HttpFault::EmptySegment);
    }
    let normal = decode(path)?;
    if normal.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(HttpFault::DotSegment);
    }
    Ok(match (normal, query) {
        (Cow::Borrowed(_), _) => Cow::Borrowed(text),
        (Cow::Owned(path), None) => Cow::Owned(path),
        (Cow::Owned(path), Some(query)) => Cow::Owned(path + "?" + query),
    })
}

/// H-09, in one pass. Borrowed where nothing changes.
fn decode(path: &str) -> Result<Cow<'_, str>, HttpFault> {
    let (mut is_normal, mut is_ascii) = (true, true);
    for piece in path.split('%').skip(1) {
        let (digits, _, byte) = encoding(piece)?;
        if byte.is_ascii_control() || matches!(byte, b'/' | b'\\' | b'*' | b'?') {
            return Err(HttpFault::Character);
        }
        is_ascii &= byte.is_ascii();
        is_normal &= !is_unreserved(byte) && !digits.bytes().any(|digit| digit.is_ascii_lowercase());
    }
    if !is_ascii && percent_decode_str(path).decode_utf8().is_err() {
        return Err(HttpFault::Encoding);
    }
    if is_normal {
        return Ok(Cow::Borrowed(path));
    }
    let mut pieces = path.split('%');
    let mut normal = String::with_capacity(path.len());
    normal.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (_, rest, byte) = encoding(piece)?;
        if is_unreserved(byte) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(percent_encode_byte(byte));
        }
        normal.push_str(rest);
    }
    Ok(Cow::Owned(normal))
}

/// What follows a `%`: two hex digits, the rest, and the byte they stand for.
fn encoding(piece: &str) -> Result<(&str, &str, u8), HttpFault> {
    let (digits, rest) = piece.split_at_checked(2).ok_or(HttpFault::Encoding)?;
    // `from_str_radix` alone would read a sign.
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(HttpFault::Encoding);
    }
    let byte = u8::from_str_radix(digits, 16).map_err(|_| HttpFault::Encoding)?;
    Ok((digits, rest, byte))
}

/// RFC 3986, section 2.3.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986, section 3.3, without `;` and `*` (H-11). What is not in it, as `{` or `|`, is encoded by some and
/// refused by others.
const fn is_path_byte(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(byte, b'/' | b'%' | b':' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'+' | b',' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_change_is_not_copied() {
        for text in ["/", "/prod/pets?limit=3", "/prod/a%20b", "/prod/%2520"] {
            let target = normalise(text.as_bytes()).unwrap();
            assert!(target.is_unchanged());
            assert!(matches!(target.into_text(), Cow::Borrowed(same) if same == text));
        }
        let target = normalise(b"/pr%6Fd?%6F").unwrap();
        assert_eq!((target.as_str(), target.path(), target.query()), ("/prod?%6F", "/prod", Some("%6F")));
        assert!(!target.is_unchanged());
    }

    #[test]
    fn an_absolute_form_is_never_the_original() {
        let (target, authority) = with_authority(b"https://a.example/prod?x=/").unwrap();
        assert_eq!((target.as_str(), authority, target.is_unchanged()), ("/prod?x=/", Some("a.example"), false));
        assert_eq!(with_authority(b"http://a.example?x").unwrap().0.as_str(), "/?x");
        assert_eq!(with_authority(b"HTTPS://a.example").unwrap().0.as_str(), "/");
        for other in ["", "*", "a.example:443", "ftp://a.example/", "https:/a/", "mailto:a", "?x", "prod"] {
            assert_eq!(with_authority(other.as_bytes()), Err(HttpFault::Form), "{other}");
        }
    }

    #[cfg(feature = "sigv4")]
    #[test]
    fn what_is_signed_is_what_was_sent() {
        for (target, path, query) in [
            ("/prod/%70ets?a=/://", "/prod/%70ets", "a=/://"),
            ("/prod://x", "/prod://x", ""),
            ("https://a.example/pr%6Fd?x", "/pr%6Fd", "x"),
            ("https://a.example?x=/y", "/", "x=/y"),
            ("https://a.example", "/", ""),
        ] {
            assert_eq!(as_sent(target), (path, query), "{target}");
        }
    }

    /// By a table: each byte, as it is and encoded.
    #[test]
    fn each_byte_alone() {
        for byte in 0..=u8::MAX {
            let kept = b"/:@!$&'()+,=".contains(&byte) || byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let raw = [b"/a", [byte].as_slice(), b"b"].concat();
            match byte {
                b'?' => assert_eq!(normalise(&raw).unwrap().path(), "/a"),
                _ => assert_eq!(normalise(&raw).is_ok(), kept, "{byte:#x}"),
            }
            for encoded in [format!("/a%{byte:02x}b"), format!("/a%{byte:02X}b")] {
                let normal = normalise(encoded.as_bytes()).map(|target| target.as_str().to_owned());
                match byte {
                    0..0x20 | 0x7F | b'/' | b'\\' | b'*' | b'?' => assert_eq!(normal, Err(HttpFault::Character)),
                    0x80.. => assert_eq!(normal, Err(HttpFault::Encoding), "half a character"),
                    _ if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                        assert_eq!(normal.unwrap(), format!("/a{}b", char::from(byte)));
                    }
                    _ => assert_eq!(normal.unwrap(), format!("/a%{byte:02X}b")),
                }
            }
        }
    }
}
