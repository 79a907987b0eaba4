//! Signature Version 4, verified: whether a request was signed by who it claims (S-01, S-02, S-05).
//!
//! A signature is verified by signing the same request once more, with the secret that belongs to the claimed access
//! key, and comparing in constant time. The signer is `aws-sigv4`, from AWS's own SDK: its canonical request *is*
//! what the callers' SDKs sign, it is maintained with them, and it neither waits nor does I/O. The one crate that
//! verifies, `scratchstack-aws-signature` 0.11, was tried and does not do: it encodes paths once where `execute-api`
//! encodes them twice, takes only secrets of 40 characters, cannot read `X-Amz-Credential` in a query, knows no
//! `X-Amz-Expires`, and writes the signature it expected to the log.
//!
//! Invariant: two requests that a server could tell apart have different canonical requests, apart from the order of
//! the query's parameters and what is the same by HTTP. A signer is lenient where a verifier must not be, so that
//! everything it would mend (fragments, `+`, half escapes, bytes that are not UTF-8, headers that stand twice) is
//! refused here or in `authorization`, and the path is signed as it was sent, without normalising: H-11 refuses the
//! paths for which that makes a difference.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials as SigningKey;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::authorization::{
    Authorization, Header, Headers, Invalid, MAX_CLOCK_SKEW, Moment, Reading, Signature, decode, read,
};
use super::credentials::{Credential, Credentials, Signer};

/// The service of a signature's scope (S-01).
pub const SERVICE: &str = "execute-api";

/// The last part of a signature's scope.
const SCOPE_END: &str = "aws4_request";

/// The body of a request, or what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// The whole body; empty where there is none.
    Bytes(&'a [u8]),
    /// The SHA-256 of the body, by whoever saw it: not what the caller says of it.
    Sha256([u8; 32]),
}

impl Payload<'_> {
    /// The hash in lower-case hexadecimal, as a canonical request has it.
    fn hash(&self) -> String {
        let hash: [u8; 32] = match *self {
            Self::Bytes(bytes) => Sha256::digest(bytes).into(),
            Self::Sha256(hash) => hash,
        };
        hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// The parts of an HTTP request that are signed, as they stood on the wire.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// As `GET`.
    pub method: &'a str,
    /// The path as it was sent, neither decoded nor normalised; it begins with `/`.
    pub path: &'a str,
    /// The query as it was sent, without the `?`; empty where there is none.
    pub query: &'a str,
    /// All headers, `host` among them, as often as they stand.
    pub headers: &'a [Header<'a>],
    /// The body.
    pub payload: Payload<'a>,
}

/// What a signature must be of, besides the request.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    region: &'a str,
    service: &'a str,
    now: SystemTime,
}

impl<'a> Verifier<'a> {
    /// Verifies requests for APIs of `region`, as `us-east-1`, at the time `now` (S-01).
    pub const fn new(region: &'a str, now: SystemTime) -> Self {
        Self { region, service: SERVICE, now }
    }

    /// The same for another service.
    #[must_use]
    pub const fn service(self, service: &'a str) -> Self {
        Self { service, ..self }
    }

    /// What the `Authorization` header of a request turns out to be, or the query-string signature in its place.
    ///
    /// Time is linear in the request's length; the body is hashed once, if the signature is otherwise of the right
    /// form. `credentials` is asked at most once.
    pub fn authorization(&self, request: &Signed<'_>, credentials: &impl Credentials) -> Authorization {
        let headers = Headers::new(request.headers);
        match read(&headers, request.query) {
            Reading::Absent => Authorization::Absent,
            Reading::Bearer(missing) => Authorization::Bearer(missing),
            Reading::Incomplete(missing) => Authorization::Incomplete(missing),
            Reading::Invalid(invalid) => Authorization::Invalid(invalid),
            Reading::Signed(signature) => match self.verify(&signature, request, &headers, credentials) {
                Ok(signer) => Authorization::Valid(signer),
                Err(invalid) => Authorization::Invalid(invalid),
            },
        }
    }

    /// Whose signature it is. What is cheap to see comes first, and the caller's secret is looked for only then.
    fn verify(
        &self,
        signature: &Signature<'_>,
        request: &Signed<'_>,
        headers: &Headers<'_>,
        credentials: &impl Credentials,
    ) -> Result<Arc<Signer>, Invalid> {
        self.check_clock(signature)?;
        self.check_scope(signature)?;
        check_target(request)?;
        let signed_headers = signed_headers(signature, headers)?;
        let credential = credentials.find(signature.access_key_id()).ok_or(Invalid::UnknownKey)?;
        check_token(signature, &credential)?;
        let payload_hash = request.payload.hash();
        check_payload(request, headers, &payload_hash)?;
        let expected = self.sign(signature, request, signed_headers, payload_hash, &credential)?;
        match bool::from(expected.as_bytes().ct_eq(signature.signature.as_bytes())) {
            true => Ok(credential.signer),
            false => Err(Invalid::Mismatch),
        }
    }

    /// The date is within five minutes of the clock; that of a query-string signature is over for no longer than it
    /// lives.
    fn check_clock(&self, signature: &Signature<'_>) -> Result<(), Invalid> {
        // A clock that cannot be told: nothing is current.
        let now = Moment::of(self.now).ok_or(Invalid::Mismatch)?;
        let signed_at = signature.signed_at;
        let limit = now.minus(signature.expires.unwrap_or(MAX_CLOCK_SKEW));
        if signed_at < limit {
            return Err(Invalid::Expired { signed_at, limit, now });
        }
        let limit = now.plus(MAX_CLOCK_SKEW);
        if signed_at > limit {
            return Err(Invalid::NotYetCurrent { signed_at, limit, now });
        }
        Ok(())
    }

    /// The credential ends in the signature's own date, the region, the service and `aws4_request`.
    fn check_scope(&self, signature: &Signature<'_>) -> Result<(), Invalid> {
        let date = signature.signed_at.date();
        let scope = signature.credential.split('/').skip(1);
        match scope.eq([date.as_str(), self.region, self.service, SCOPE_END]) {
            true => Ok(()),
            false => Err(Invalid::Scope),
        }
    }

    /// The signature that the holder of the secret makes of this request, with these headers, at this time.
    fn sign<'r>(
        &self,
        signature: &Signature<'_>,
        request: &Signed<'r>,
        mut headers: Vec<(&'r str, &'r str)>,
        payload_hash: String,
        credential: &Credential,
    ) -> Result<String, Invalid> {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Double;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        // The signer adds this header by itself, and signs every header it is given but those to be excluded.
        let dated = headers.iter().any(|(name, _)| *name == "x-amz-date");
        settings.excluded_headers = (!dated).then(|| vec![Cow::Borrowed("x-amz-date")]);
        headers.retain(|(name, _)| *name != "x-amz-date");

        let target = match without_signature(request.query) {
            query if query.is_empty() => request.path.to_owned(),
            query => format!("{}?{query}", request.path),
        };
        let body = SignableBody::Precomputed(payload_hash);
        // What the signer cannot read as a request has not been signed by it, or by anybody else.
        let signable =
            SignableRequest::new(request.method, target, headers.into_iter(), body).map_err(|_| Invalid::Mismatch)?;
        // Without the token: where it is signed, it is a header or a parameter like any other.
        let key = SigningKey::new(signature.access_key_id(), &credential.secret, None, None, "portcullis").into();
        let parameters = SigningParams::builder()
            .identity(&key)
            .region(self.region)
            .name(self.service)
            .time(signature.signed_at.system_time().ok_or(Invalid::Mismatch)?)
            .settings(settings)
            .build()
            .map_err(|_| Invalid::Mismatch)?
            .into();
        sign(signable, &parameters).map(|signed| signed.into_parts().1).map_err(|_| Invalid::Mismatch)
    }
}

/// The path is one path and nothing else, and the query decodes in one way.
fn check_target(request: &Signed<'_>) -> Result<(), Invalid> {
    let path = request.path.starts_with('/') && !request.path.contains(['?', '#']);
    let query = request.query.split(['&', '=']).all(|part| decode(part).is_some());
    match path && query {
        true => Ok(()),
        false => Err(Invalid::Target),
    }
}

/// The signed headers with their values, in the order of their names: each is there once.
fn signed_headers<'s>(signature: &'s Signature<'_>, headers: &Headers<'s>) -> Result<Vec<(&'s str, &'s str)>, Invalid> {
    let signed: Vec<_> = signature
        .signed_headers
        .split(';')
        .map(|name| Ok((name, headers.once(name)?.ok_or(Invalid::Header)?)))
        .collect::<Result<_, _>>()?;
    // The signer writes this one itself, from the date of the signature.
    let signed_at = signature.signed_at.to_string();
    match signed.iter().all(|(name, value)| *name != "x-amz-date" || *value == signed_at) {
        true => Ok(signed),
        false => Err(Invalid::Mismatch),
    }
}

/// The request's session token is the access key's, or neither has one.
fn check_token(signature: &Signature<'_>, credential: &Credential) -> Result<(), Invalid> {
    let same = match (&signature.session_token, &credential.session_token) {
        (None, None) => true,
        (Some(given), Some(expected)) => bool::from(given.as_bytes().ct_eq(expected.as_bytes())),
        (Some(_), None) | (None, Some(_)) => false,
    };
    match same {
        true => Ok(()),
        false => Err(Invalid::WrongToken),
    }
}

/// What the request says of its body's hash is so. It need not say anything, since the hash is signed in any case.
fn check_payload(request: &Signed<'_>, headers: &Headers<'_>, payload_hash: &str) -> Result<(), Invalid> {
    let agrees = |said: &str| said == payload_hash;
    let header = headers.once("x-amz-content-sha256")?.is_none_or(agrees);
    let query = request.query.split('&').all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        decode(name).is_none_or(|name| name != "X-Amz-Content-Sha256")
            || decode(value).is_some_and(|value| agrees(&value))
    });
    match header && query {
        true => Ok(()),
        false => Err(Invalid::Payload),
    }
}

/// A query without `X-Amz-Signature`, which is all of it that is not signed.
fn without_signature(query: &str) -> String {
    let signed = |parameter: &&str| {
        let name = parameter.split_once('=').map_or(*parameter, |(name, _)| name);
        decode(name).is_none_or(|name| name != "X-Amz-Signature")
    };
    query.split('&').filter(signed).collect::<Vec<_>>().join("&")
}
