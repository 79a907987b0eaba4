//! What the `Authorization` header, or the query in its place, says of itself (S-01, S-02).
//!
//! Nothing is verified here: [`read_authorization`] tells a signature that has all its parts from one that has
//! not, from another scheme and from nothing at all. Whoever verifies it (`sigv4`) starts from a [`Signature`].
//!
//! Invariant: a [`Signature`] was made in one place alone, is of `AWS4-HMAC-SHA256`, has each part once, and its
//! `SignedHeaders` are in lower case, in order, without repetition, with `host` among them. [`read_authorization`]
//! makes it so and nothing else makes one. Where a request could be read in two ways it is [`Invalid`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
#[cfg(feature = "sigv4")]
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::credentials::Signer;
use super::refusal::MissingParts;

/// How far the date of a signature and the clock may lie apart, either way (S-01).
pub const MAX_CLOCK_SKEW: Duration = Duration::from_secs(300);

/// The longest life of a query-string signature, in seconds: seven days.
pub const MAX_EXPIRES_SECONDS: u32 = 604_800;

/// The one algorithm that is verified.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// SigV4a, which is known and refused (S-02).
const ECDSA_ALGORITHM: &str = "AWS4-ECDSA-P256-SHA256";

/// A header: its name, in any case, and its value, without the line's end.
pub type Header<'a> = (&'a [u8], &'a [u8]);

/// What the `Authorization` header turned out to be (S-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// There is none, or an empty one, and no query-string signature.
    Absent,
    /// A signature that verifies, of this signer (S-05).
    Valid(Arc<Signer>),
    /// A signature without all of its parts.
    Incomplete(MissingParts),
    /// A signature that has all its parts and does not verify.
    Invalid(Invalid),
    /// Another scheme. It has none of the parts of a signature, save perhaps the date.
    Bearer(MissingParts),
}

/// The same before anything is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading<'a> {
    /// As [`Authorization::Absent`].
    Absent,
    /// A signature that has all its parts.
    Signed(Signature<'a>),
    /// As [`Authorization::Incomplete`].
    Incomplete(MissingParts),
    /// As [`Authorization::Invalid`]; it need not be looked at further.
    Invalid(Invalid),
    /// As [`Authorization::Bearer`].
    Bearer(MissingParts),
}

/// What a signature lacks.
enum Flaw {
    Incomplete(MissingParts),
    Invalid(Invalid),
}

impl From<Invalid> for Flaw {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl<'a> From<Result<Signature<'a>, Flaw>> for Reading<'a> {
    fn from(read: Result<Signature<'a>, Flaw>) -> Self {
        match read {
            Ok(signature) => Self::Signed(signature),
            Err(Flaw::Incomplete(missing)) => Self::Incomplete(missing),
            Err(Flaw::Invalid(invalid)) => Self::Invalid(invalid),
        }
    }
}

/// Why a complete signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A header and a query-string signature at once (S-02).
    #[error("the request is signed in a header and in the query at once")]
    HeaderAndQuery,
    /// Two `Authorization` headers (S-02).
    #[error("there are two `Authorization` headers")]
    TwoHeaders,
    /// Another algorithm of AWS than `AWS4-HMAC-SHA256`, or none (S-02).
    #[error("the algorithm is not `AWS4-HMAC-SHA256`")]
    Algorithm,
    /// A part stands twice, or there is something that is no part.
    #[error("the signature has a part twice, or one that is not known")]
    Malformed,
    /// The names in `SignedHeaders` are not in lower case, in order and different, or `host` is not among them.
    #[error("`SignedHeaders` is not an ordered list of names in lower case with `host` among them")]
    SignedHeaders,
    /// A signed header, or one that the signature speaks of, is absent, stands twice, is folded, or is not UTF-8.
    #[error("a signed header is absent, stands twice, goes over several lines or is not UTF-8")]
    Header,
    /// Path or query have two readings: a fragment, a half escape, `+`, or bytes that are not UTF-8.
    #[error("path or query can be read in two ways")]
    Target,
    /// `X-Amz-Expires` is not a number from 1 to [`MAX_EXPIRES_SECONDS`].
    #[error("`X-Amz-Expires` is not a number of seconds from 1 to {MAX_EXPIRES_SECONDS}")]
    Lifetime,
    /// Too old.
    #[error("the signature has expired: {signed_at} is earlier than {limit}")]
    Expired {
        /// The date of the signature.
        signed_at: Moment,
        /// The earliest date that would do.
        limit: Moment,
        /// The gate's clock.
        now: Moment,
    },
    /// From the future.
    #[error("the signature is not yet current: {signed_at} is later than {limit}")]
    NotYetCurrent {
        /// The date of the signature.
        signed_at: Moment,
        /// The latest date that would do.
        limit: Moment,
        /// The gate's clock.
        now: Moment,
    },
    /// The scope of the credential is not the signature's date, the region, the service and `aws4_request`.
    #[error("the credential is of another date, region or service")]
    Scope,
    /// Nobody has this access key.
    #[error("the access key is not known")]
    UnknownKey,
    /// The session token is not the access key's: another, none, or one where there should be none.
    #[error("the session token is not the access key's")]
    WrongToken,
    /// What is known of the signer names a key that does not describe a principal (K-07): layers that do not see the
    /// signer would see it.
    #[error("what is known of the signer has a context key that describes no principal")]
    SignerContext,
    /// `X-Amz-Content-Sha256` is not the hash of the body; `UNSIGNED-PAYLOAD` never is.
    #[error("`X-Amz-Content-Sha256` is not the hash of the body")]
    Payload,
    /// The signature is not the request's.
    #[error("the signature is not that of the request")]
    Mismatch,
}

/// A second in time. Displayed as signatures write it, `20260101T000000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

impl Moment {
    const FORMAT: &str = "%Y%m%dT%H%M%SZ";

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn epoch_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Reads `YYYYMMDDThhmmssZ`, to the letter.
    pub(super) fn read(text: &str) -> Option<Self> {
        let moment = DateTime::strptime(Self::FORMAT, text).ok()?;
        let moment = Self(TimeZone::UTC.to_timestamp(moment).ok()?);
        // What is signed is the text, so that it must be the only text of this moment.
        (moment.to_string() == text).then_some(moment)
    }

    /// Reads the header `Date`: as HTTP writes dates, or as above.
    fn read_date_header(text: &str) -> Option<Self> {
        let http = || jiff::fmt::rfc2822::parse(text).ok().map(|zoned| Self(zoned.timestamp()));
        Self::read(text).or_else(http)
    }
}

/// What verifying needs of it.
#[cfg(feature = "sigv4")]
impl Moment {
    /// The text of `aws:CurrentTime`; `None` outside the years 1 to 9999 (K-10).
    pub(super) fn current_time(self) -> Option<String> {
        let year = TimeZone::UTC.to_datetime(self.0).year();
        (1..=9999).contains(&year).then(|| self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// The date alone, as a credential's scope has it.
    pub(super) fn date(self) -> String {
        self.0.strftime("%Y%m%d").to_string()
    }

    /// The second that a time lies in; `None` outside the years -9999 to 9999.
    pub(super) fn of(time: SystemTime) -> Option<Self> {
        let exact = Timestamp::try_from(time).ok()?;
        let floor = exact.as_nanosecond().div_euclid(1_000_000_000);
        Timestamp::from_second(i64::try_from(floor).ok()?).ok().map(Self)
    }

    /// The same for the standard library; `None` where its clock cannot tell it.
    pub(super) fn system_time(self) -> Option<SystemTime> {
        self.0.try_into().ok()
    }

    /// So much later; at the end of time at the latest.
    pub(super) fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span).unwrap_or(Timestamp::MAX))
    }

    /// So much earlier.
    pub(super) fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span).unwrap_or(Timestamp::MIN))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime(Self::FORMAT))
    }
}

/// A signature that has all its parts, none of which has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'a> {
    pub(super) credential: Cow<'a, str>,
    pub(super) signature: Cow<'a, str>,
    pub(super) signed_headers: Cow<'a, str>,
    pub(super) signed_at: Moment,
    pub(super) session_token: Option<Cow<'a, str>>,
    /// For a query-string signature: how long it lives.
    pub(super) expires: Option<Duration>,
}

impl Signature<'_> {
    /// Who claims to have signed: a claim, until it is verified.
    pub fn access_key_id(&self) -> &str {
        self.credential.split_once('/').map_or("", |(id, _)| id)
    }

    /// The date of the signature.
    pub fn signed_at(&self) -> Moment {
        self.signed_at
    }
}

/// The headers of a request by their names in lower case.
pub(super) struct Headers<'a>(HashMap<Vec<u8>, Found<'a>>);

/// What is known of one header.
#[derive(Clone, Copy)]
struct Found<'a> {
    value: &'a [u8],
    repeated: bool,
}

impl<'a> Headers<'a> {
    pub(super) fn new(headers: &[Header<'a>]) -> Self {
        let mut found: HashMap<Vec<u8>, Found<'a>> = HashMap::with_capacity(headers.len());
        for (name, value) in headers {
            found
                .entry(name.to_ascii_lowercase())
                .and_modify(|first| first.repeated = true)
                .or_insert(Found { value, repeated: false });
        }
        Self(found)
    }

    /// The value of a header that stands once, without the spaces around it; `None` if there is none.
    ///
    /// # Errors
    /// It stands twice, has characters that end a line, or is not UTF-8: two readers of it could differ.
    pub(super) fn once(&self, name: &str) -> Result<Option<&'a str>, Invalid> {
        let Some(found) = self.0.get(name.as_bytes()) else { return Ok(None) };
        let value = str::from_utf8(found.value).map_err(|_| Invalid::Header)?;
        match found.repeated || value.contains(['\r', '\n', '\0']) {
            true => Err(Invalid::Header),
            false => Ok(Some(value.trim_matches([' ', '\t']))),
        }
    }

    fn repeated(&self, name: &str) -> bool {
        self.0.get(name.as_bytes()).is_some_and(|found| found.repeated)
    }
}

/// Reads the `Authorization` header, or the query-string signature in its place.
///
/// `headers` are all the headers of the request; `query` is its query as it stood on the wire, without the `?`.
/// Time is linear in their length. Nothing is verified, no clock is read.
pub fn read_authorization<'a>(headers: &[Header<'a>], query: &'a str) -> Reading<'a> {
    read(&Headers::new(headers), query)
}

/// The same, with the headers found by name.
pub(super) fn read<'a>(headers: &Headers<'a>, query: &'a str) -> Reading<'a> {
    if headers.repeated("authorization") {
        return Reading::Invalid(Invalid::TwoHeaders);
    }
    let header = match headers.once("authorization") {
        Ok(header) => header.filter(|value| !value.is_empty()),
        Err(invalid) => return Reading::Invalid(invalid),
    };
    let parameters = Parameters::read(query);
    match (header, parameters.signs()) {
        (None, false) => Reading::Absent,
        (Some(_), true) => Reading::Invalid(Invalid::HeaderAndQuery),
        (Some(value), false) => of_header(value, headers),
        (None, true) => of_query(parameters, headers).into(),
    }
}

/// A header that is not empty.
fn of_header<'a>(value: &'a str, headers: &Headers<'a>) -> Reading<'a> {
    let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
    let date = date_of_headers(headers);
    if scheme != ALGORITHM {
        // Schemes have no case in HTTP and have one in AWS, so that one in another case has two readings.
        let known = [ALGORITHM, ECDSA_ALGORITHM].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        return match known {
            true => Reading::Invalid(Invalid::Algorithm),
            false => Reading::Bearer(MissingParts { date: date == Ok(None), ..MissingParts::ALL }),
        };
    }
    of_parameters(rest, date, headers).into()
}

/// What stands behind the scheme: parts of the form `Name=value`, with commas between.
fn of_parameters<'a>(
    rest: &'a str,
    date: Result<Option<Moment>, Invalid>,
    headers: &Headers<'a>,
) -> Result<Signature<'a>, Flaw> {
    let (mut credential, mut signature, mut signed_headers) = (None, None, None);
    let mut malformed = false;
    for parameter in rest.split(',') {
        let parameter = parameter.trim_matches([' ', '\t']);
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let slot = match name {
            "Credential" => &mut credential,
            "Signature" => &mut signature,
            "SignedHeaders" => &mut signed_headers,
            _ => {
                malformed = true;
                continue;
            }
        };
        malformed |= slot.is_some();
        slot.get_or_insert(Cow::Borrowed(value));
    }
    let signed = Parts { credential, signature, signed_headers, date }.complete()?;
    if malformed {
        return Err(Invalid::Malformed.into());
    }
    let session_token = headers.once("x-amz-security-token")?.map(Cow::Borrowed);
    Ok(Signature { session_token, ..signed })
}

/// The date of a signature in a header: `X-Amz-Date`, and only where there is none, `Date`.
fn date_of_headers(headers: &Headers<'_>) -> Result<Option<Moment>, Invalid> {
    match headers.once("x-amz-date")? {
        Some(date) => Ok(Moment::read(date)),
        None => Ok(headers.once("date")?.and_then(Moment::read_date_header)),
    }
}

/// A query that has parts of a signature.
fn of_query<'a>(parameters: Parameters<'a>, headers: &Headers<'a>) -> Result<Signature<'a>, Flaw> {
    let Parameters { algorithm, credential, signature, signed_headers, date, expires, token, repeated, readable } =
        parameters;
    // The algorithm first: of another one the parts may be others.
    if algorithm.as_ref().is_some_and(|algorithm| algorithm != ALGORITHM) {
        return Err(Invalid::Algorithm.into());
    }
    let date = Ok(date.as_deref().and_then(Moment::read));
    let signed = Parts { credential, signature, signed_headers, date }.complete()?;
    if algorithm.is_none() {
        return Err(Invalid::Algorithm.into());
    }
    if repeated {
        return Err(Invalid::Malformed.into());
    }
    if !readable {
        return Err(Invalid::Target.into());
    }
    let expires = expires.as_deref().and_then(read_lifetime).ok_or(Invalid::Lifetime)?;
    // A token in a header beside a signature in the query would be a second one.
    if headers.once("x-amz-security-token")?.is_some() {
        return Err(Invalid::HeaderAndQuery.into());
    }
    Ok(Signature { session_token: token, expires: Some(expires), ..signed })
}

/// `X-Amz-Expires`: seconds, written in the one way there is.
fn read_lifetime(text: &str) -> Option<Duration> {
    let seconds = text.parse::<u32>().ok().filter(|seconds| seconds.to_string() == text)?;
    (1..=MAX_EXPIRES_SECONDS).contains(&seconds).then(|| Duration::from_secs(seconds.into()))
}

/// The parts of a signature, wherever they stood.
struct Parts<'a> {
    credential: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    date: Result<Option<Moment>, Invalid>,
}

impl<'a> Parts<'a> {
    /// The signature they make, if they are all there: without a token, and of no certain life.
    fn complete(self) -> Result<Signature<'a>, Flaw> {
        let credential = self.credential.filter(|credential| is_credential(credential));
        let signature = self.signature.filter(|signature| !signature.is_empty());
        let signed_headers = self.signed_headers.filter(|names| !names.is_empty());
        // What is missing is said before what is wrong.
        let incomplete = Flaw::Incomplete(MissingParts {
            credential: credential.is_none(),
            signature: signature.is_none(),
            signed_headers: signed_headers.is_none(),
            date: self.date == Ok(None),
        });
        let (Some(credential), Some(signature), Some(signed_headers)) = (credential, signature, signed_headers) else {
            return Err(incomplete);
        };
        let signed_at = self.date?.ok_or(incomplete)?;
        if !are_signed_headers(&signed_headers) {
            return Err(Invalid::SignedHeaders.into());
        }
        Ok(Signature { credential, signature, signed_headers, signed_at, session_token: None, expires: None })
    }
}

/// Five parts with slashes between, none of them empty.
fn is_credential(text: &str) -> bool {
    text.split('/').count() == 5 && text.split('/').all(|part| !part.is_empty())
}

/// Names in lower case, each greater than the one before, `host` among them.
fn are_signed_headers(text: &str) -> bool {
    let names = || text.split(';');
    let lower = names().all(|name| !name.is_empty() && !name.contains(|c: char| c.is_ascii_uppercase()));
    lower && names().zip(names().skip(1)).all(|(one, next)| one < next) && names().any(|name| name == "host")
}

/// What a query holds of a signature.
#[derive(Default)]
struct Parameters<'a> {
    algorithm: Option<Cow<'a, str>>,
    credential: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    expires: Option<Cow<'a, str>>,
    token: Option<Cow<'a, str>>,
    /// One of them stands twice.
    repeated: bool,
    /// The whole query decodes in one way.
    readable: bool,
}

impl<'a> Parameters<'a> {
    fn read(query: &'a str) -> Self {
        let mut found = Self { readable: true, ..Self::default() };
        for parameter in query.split('&') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (decode(name), decode(value));
            found.readable &= name.is_some() && value.is_some();
            let Some(name) = name else { continue };
            let slot = match &*name {
                "X-Amz-Algorithm" => &mut found.algorithm,
                "X-Amz-Credential" => &mut found.credential,
                "X-Amz-Signature" => &mut found.signature,
                "X-Amz-SignedHeaders" => &mut found.signed_headers,
                "X-Amz-Date" => &mut found.date,
                "X-Amz-Expires" => &mut found.expires,
                "X-Amz-Security-Token" => &mut found.token,
                _ => continue,
            };
            found.repeated |= slot.is_some();
            // A part that cannot be read is there, and empty: a signature is meant.
            slot.get_or_insert(value.unwrap_or_default());
        }
        found
    }

    /// Whether a signature is meant. A date or a token alone can be a parameter of the API's own.
    fn signs(&self) -> bool {
        [&self.algorithm, &self.credential, &self.signature, &self.signed_headers].into_iter().any(Option::is_some)
    }
}

/// The text that a part of a query stands for; `None` if it stands for none, or for one of two.
pub(super) fn decode(part: &str) -> Option<Cow<'_, str>> {
    // `+` is a space in a form and a plus sign elsewhere.
    if part.contains(['+', '#']) {
        return None;
    }
    if !part.contains('%') {
        return Some(Cow::Borrowed(part));
    }
    let mut decoded = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests;
