//! A line that holds an HTTP request as a proxy saw it, and the file of access keys that its signature is verified with.
//!
//! Invariant: an [`HttpLine`] holds what the line said and nothing else, as a `RequestLine` does (E-07). What the library
//! refuses in a well-formed line (a path with two readings, say) stays in, and is answered as API Gateway would.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use portcullis::Authorizer;
use portcullis::gateway::{
    Call, Credential, Credentials, CredentialsFile, Directory, HttpCall, HttpFault, HttpRequest, Payload, read_call,
};
use portcullis::policy::Source;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::failure::Failure;
use super::input::is_stdin;
use super::request::{Pairs, context_of, describe, shortened, some_text};

/// What `--credentials` is, for `--help`.
pub const CREDENTIALS_HELP: &str =
    "Access keys in JSON, to verify the signatures of `http` lines with; without it none verifies";

/// The access keys that are known.
pub struct Keys(CredentialsFile);

impl Keys {
    /// Those of a file; without one there are none.
    ///
    /// # Errors
    /// Where it cannot be read, and every mistake in it. No secret is shown.
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self(CredentialsFile::default())) };
        if !is_stdin(path) {
            return Ok(Self(CredentialsFile::open(path)?));
        }
        let text = io::read_to_string(io::stdin()).map_err(|error| Failure::io("cannot read `-`", &error))?;
        Ok(Self(CredentialsFile::parse(&Source::new("-", text))?))
    }
}

impl Credentials for Keys {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        self.0.find(access_key_id)
    }
}

/// A line that holds an HTTP request.
#[derive(Debug)]
pub struct HttpLine<'a> {
    http: Http<'a>,
    body: Body,
    source_ip: Option<IpAddr>,
    /// `None`: the clock of the moment when it is answered.
    time: Option<SystemTime>,
    context: Pairs<'a>,
    authorizer: Option<Authorizer>,
}

/// The whole line, of which only this field has not been read.
#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    http: Http<'a>,
}

/// The field `http`, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object, as {\"method\":\"GET\",\"host\":\"…\",\"target\":\"/…\"}")]
struct Http<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    host: Option<Cow<'a, str>>,
    #[serde(borrow)]
    target: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "headers")]
    headers: Vec<Header<'a>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    body: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    body_base64: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    body_sha256: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    endpoint: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    source_ip: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    time: Option<Cow<'a, str>>,
}

/// A header: name and value.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a header as [\"name\",\"value\"]")]
struct Header<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>);

/// A list of headers; serde's own words for one do not say of what.
fn headers<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Header<'a>>, D::Error> {
    struct Reader;
    impl<'de> Visitor<'de> for Reader {
        type Value = Vec<Header<'de>>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of headers, each as [\"name\",\"value\"]")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
            let mut headers = Vec::new();
            while let Some(header) = sequence.next_element()? {
                headers.push(header);
            }
            Ok(headers)
        }
    }
    deserializer.deserialize_seq(Reader)
}

/// What is known of the body.
#[derive(Debug)]
enum Body {
    /// What `body` holds, or nothing.
    Text,
    Bytes(Vec<u8>),
    Sha256([u8; 32]),
}

impl<'a> HttpLine<'a> {
    /// Reads the field `http` of a line whose other fields have been read.
    ///
    /// # Errors
    /// What was found and what was expected (E-07).
    pub fn read(line: &'a str, context: Pairs<'a>, authorizer: Option<Authorizer>) -> Result<Self, String> {
        let Whole { http } = serde_json::from_str(line).map_err(|error| format!("`http`: {}", describe(&error)))?;
        let body = Body::read(&http)?;
        let source_ip = http.source_ip.as_deref().map(read_address).transpose()?;
        let time = http.time.as_deref().map(read_time).transpose()?;
        let texts = context.texts();
        context_of(&context.pairs(&texts))?;
        Ok(Self { http, body, source_ip, time, context, authorizer })
    }

    /// Reads the call, and hands it on.
    ///
    /// # Errors
    /// None: what is wrong with a line was told when it was read. This is the form of a stated request's.
    pub fn ask<T>(
        &self,
        directory: &dyn Directory,
        keys: &Keys,
        ask: impl FnOnce(&Result<Call<'_>, HttpFault>) -> T,
    ) -> Result<T, String> {
        let http = &self.http;
        let headers: Vec<_> =
            http.headers.iter().map(|Header(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        let texts = self.context.texts();
        let pairs = self.context.pairs(&texts);
        let call = HttpCall {
            request: HttpRequest {
                method: http.method.as_bytes(),
                target: http.target.as_bytes(),
                host: http.host.as_deref().map(str::as_bytes),
                headers: &headers,
                server_name: None,
                endpoint: http.endpoint.as_deref(),
            },
            payload: match &self.body {
                Body::Text => Payload::Bytes(http.body.as_deref().unwrap_or_default().as_bytes()),
                Body::Bytes(bytes) => Payload::Bytes(bytes),
                Body::Sha256(hash) => Payload::Sha256(*hash),
            },
            source_ip: self.source_ip,
            time: self.time.unwrap_or_else(SystemTime::now),
            authorizer: self.authorizer,
            context: &pairs,
        };
        Ok(ask(&read_call(&call, directory, keys)))
    }
}

impl Body {
    fn read(http: &Http<'_>) -> Result<Self, String> {
        match (&http.body, &http.body_base64, &http.body_sha256) {
            (_, None, None) => Ok(Self::Text),
            (None, Some(text), None) => STANDARD.decode(text.as_bytes()).map(Self::Bytes).map_err(|_| {
                format!("`body_base64` is {}: expected base64 with its padding, as \"aGVsbG8=\"", quoted(text))
            }),
            (None, None, Some(text)) => read_sha256(text).map(Self::Sha256).ok_or_else(|| {
                format!("`body_sha256` is {}: expected the SHA-256 of the body, 64 hexadecimal digits", quoted(text))
            }),
            _ => Err("`http` holds its body twice: give one of `body`, `body_base64` and `body_sha256`".to_owned()),
        }
    }
}

fn read_sha256(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        // `from_str_radix` alone would read a sign.
        let digits =
            str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

fn read_address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| {
        format!("`source_ip` is {}: expected an IP address, as \"10.0.0.7\" or \"2001:db8::7\"", quoted(text))
    })
}

/// A time as RFC 3339 writes it, of the years that `aws:CurrentTime` can say (K-10).
fn read_time(text: &str) -> Result<SystemTime, String> {
    // The calendar's reader takes spaces, small letters and names of zones as well.
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte)) && !text.starts_with(['-', '+']);
    let time = text.parse::<Timestamp>().ok().filter(|time| is_plain && time.as_second() >= YEAR_ONE);
    time.and_then(|time| time.try_into().ok()).ok_or_else(|| {
        format!("`time` is {}: expected a time with its zone, as \"2026-01-01T00:00:00Z\"", quoted(text))
    })
}

/// 0001-01-01T00:00:00Z.
const YEAR_ONE: i64 = -62_135_596_800;

/// A text for a message, as JSON writes it, cut where it is long.
fn quoted(text: &str) -> String {
    shortened(&serde_json::Value::from(text).to_string())
}
