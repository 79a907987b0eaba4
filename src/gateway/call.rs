//! The whole way of a call: from what a proxy saw of it to the [`Request`] that a gate is asked, and to the words of a
//! refusal (L-01, its steps 1 and 4).
//!
//! Invariant: all that a [`Call`] says is what [`read_request`] found, what a verified signature proves, and what the proxy
//! itself states. Of what the caller wrote, two headers alone become context keys (H-14). [`read_call`] makes it so, and
//! nothing else makes one.

use std::net::IpAddr;
use std::time::SystemTime;

use super::authorization::{Authorization, Header, Invalid, Moment};
use super::credentials::{Credentials, Signer};
use super::fault::HttpFault;
use super::http::{Directory, HttpRequest, Invocation, read_request};
use super::refusal::Response;
use super::sigv4::{Payload, Signed, Verifier};
use super::target::as_sent;
use crate::gate::{self, Authorizer, Caller, Context, Refusal, Request, Value, is_principal_key};

/// A call as a proxy saw it, and what the proxy knows besides.
#[derive(Clone, Copy)]
pub struct HttpCall<'a> {
    /// The request line, the headers and the connection.
    pub request: HttpRequest<'a>,
    /// The body.
    pub payload: Payload<'a>,
    /// The address that the connection came from: `aws:VpcSourceIp` (K-11).
    pub source_ip: Option<IpAddr>,
    /// The clock, for signatures and for `aws:CurrentTime`.
    pub time: SystemTime,
    /// What the method's Lambda or Cognito authorizer said, if anything.
    pub authorizer: Option<Authorizer>,
    /// What else the proxy states. It wins over what is derived from the call (K-04), but not over what belongs to the
    /// signer's access key (S-05).
    pub context: &'a [(&'a str, Value<'a>)],
}

/// A call that has been read: what is asked for, by whom.
#[derive(Clone)]
pub struct Call<'a> {
    invocation: Invocation<'a>,
    resource: String,
    authorization: Authorization,
    authorizer: Option<Authorizer>,
    endpoint: Option<&'a str>,
    context: &'a [(&'a str, Value<'a>)],
    source_ip: Option<String>,
    current_time: Option<String>,
}

/// Reads a call: finds what it asks for, and verifies its signature.
///
/// The endpoint is the request's, or else the one text of `aws:SourceVpce` in the context (L-16); a host that names another
/// one is refused (H-02). Time is linear in the call's length. `credentials` is asked at most once.
///
/// # Errors
/// [`HttpFault`], as of [`read_request`]. A signature that does not verify is none: whether that matters is the method's to
/// say.
pub fn read_call<'a>(
    call: &HttpCall<'a>,
    directory: &'a dyn Directory,
    credentials: &impl Credentials,
) -> Result<Call<'a>, HttpFault> {
    let HttpCall { request, payload, source_ip, time, authorizer, context } = *call;
    let stated = || Context::new(context).get("aws:SourceVpce").and_then(|value| value.single());
    let connection = HttpRequest { endpoint: request.endpoint.or_else(stated), ..request };
    let invocation = read_request(&connection, directory)?;
    let target = str::from_utf8(request.target).map_err(|_| HttpFault::Character)?;
    let (path, query) = as_sent(target);
    let mut headers: Vec<Header<'_>> = request.headers.to_vec();
    // Where the host came otherwise, as in HTTP/2, it is signed as a header all the same.
    if let Some(host) = request.host
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"host"))
    {
        headers.push((b"host", host));
    }
    let signed = Signed { method: invocation.method(), path, query, headers: &headers, payload };
    let authorization = match Verifier::new(invocation.api().region, time).authorization(&signed, credentials) {
        // K-07: of the other keys no layer could tell whose they are.
        Authorization::Valid(signer) if !signer.context.iter().all(|(key, _)| is_principal_key(key.as_bytes())) => {
            Authorization::Invalid(Invalid::SignerContext)
        }
        authorization => authorization,
    };
    Ok(Call {
        resource: invocation.resource(),
        invocation,
        authorization,
        authorizer,
        endpoint: request.endpoint,
        context,
        source_ip: source_ip.map(|address| address.to_string()),
        current_time: Moment::of(time).and_then(Moment::current_time),
    })
}

impl<'a> Call<'a> {
    /// What is asked for.
    pub const fn invocation(&self) -> &Invocation<'a> {
        &self.invocation
    }

    /// The resource's ARN (H-07).
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// What the `Authorization` header turned out to be, or the signature in the query.
    pub const fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    /// Who has signed, where a signature verifies.
    pub fn signer(&self) -> Option<&Signer> {
        match &self.authorization {
            Authorization::Valid(signer) => Some(signer),
            _ => None,
        }
    }

    /// Makes the request that a gate is to be asked, and hands it on.
    pub fn ask<T>(&self, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        let signer = self.signer();
        let tags = signer.into_iter().flat_map(|signer| &signer.tags);
        let tags: Vec<_> = tags.map(|(name, value)| (format!("aws:PrincipalTag/{name}"), value)).collect();
        let known = signer.into_iter().flat_map(|signer| &signer.context);
        let known: Vec<(_, Vec<_>)> =
            known.map(|(name, texts)| (name, texts.iter().map(String::as_str).collect())).collect();
        // S-05, then K-04.
        let mut pairs: Vec<(&str, Value<'_>)> = Vec::with_capacity(self.context.len().saturating_add(8));
        pairs.extend(tags.iter().map(|(name, value)| (name.as_str(), Value::text(value))));
        pairs.extend(known.iter().map(|(name, texts)| (name.as_str(), one_or_list(texts))));
        let of_signer = pairs.len();
        for &(name, value) in self.context {
            let is_signers = pairs.iter().take(of_signer).any(|(own, _)| own.eq_ignore_ascii_case(name));
            if !is_signers {
                pairs.push((name, value));
            }
        }
        for (names, value) in self.derived() {
            if !names.iter().any(|name| pairs.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))) {
                pairs.extend(names.first().map(|name| (*name, value)));
            }
        }
        ask(&Request {
            endpoint: self.endpoint,
            caller: signer.map_or(Caller::Anonymous, |signer| Caller::Arn(&signer.principal)),
            authorization: Some(self.state()),
            authorizer: self.authorizer,
            action: "execute-api:Invoke",
            resource: &self.resource,
            context: Context::new(&pairs),
        })
    }

    /// What is said to the caller of a request that [`Call::ask`] made and a gate refused: with what was missing of the
    /// signature, and the dates of one that is out of its time.
    pub fn response<'r>(&self, request: &Request<'r>, refusal: Refusal) -> Response<'r> {
        match (refusal, &self.authorization) {
            (Refusal::IncompleteSignature, Authorization::Incomplete(missing) | Authorization::Bearer(missing)) => {
                Response::IncompleteSignature(*missing)
            }
            (Refusal::InvalidSignature, Authorization::Invalid(Invalid::Expired { signed_at, limit, now })) => {
                Response::SignatureExpired { signed_at: *signed_at, limit: *limit, now: *now }
            }
            (Refusal::InvalidSignature, Authorization::Invalid(Invalid::NotYetCurrent { signed_at, limit, now })) => {
                Response::SignatureNotYetCurrent { signed_at: *signed_at, limit: *limit, now: *now }
            }
            _ => Response::to(request, refusal),
        }
    }

    /// The state of the header, as a decision needs it.
    const fn state(&self) -> gate::Authorization {
        match &self.authorization {
            Authorization::Absent => gate::Authorization::Absent,
            Authorization::Valid(_) => gate::Authorization::Valid,
            Authorization::Incomplete(_) => gate::Authorization::Incomplete,
            Authorization::Invalid(Invalid::UnknownKey | Invalid::WrongToken | Invalid::SignerContext) => {
                gate::Authorization::InvalidToken
            }
            Authorization::Invalid(_) => gate::Authorization::Invalid,
            Authorization::Bearer(_) => gate::Authorization::Bearer,
        }
    }

    /// The keys that come from the call itself, each with the names of which none may be given already (H-14, K-10, K-11).
    fn derived(&self) -> impl Iterator<Item = (&'static [&'static str], Value<'_>)> {
        let headers = self.invocation.context().map(|(name, value)| {
            let names: &[_] = if name == "aws:Referer" { &["aws:Referer"] } else { &["aws:UserAgent"] };
            (names, value)
        });
        let address = self.source_ip.as_deref().map(|text| (["aws:VpcSourceIp"].as_slice(), Value::address(text)));
        // One clock: what the context says of either is the time of both.
        let clock: &[_] = &["aws:CurrentTime", "aws:EpochTime"];
        let time = self.current_time.as_deref().map(|text| (clock, Value::text(text)));
        headers.chain(address).chain(time)
    }
}

/// A list of one is the value itself (K-01).
fn one_or_list<'s>(texts: &'s [&'s str]) -> Value<'s> {
    match texts {
        [text] => Value::address(text),
        texts => Value::list(texts),
    }
}
