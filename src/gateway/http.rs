//! From what a proxy saw to the resource that is asked for: API, stage, method, path (H-01 to H-12, H-14).
//!
//! Invariant: an [`Invocation`] names one API that the [`Directory`] knows, one stage of it, and a path with one reading;
//! every source that names an API, an endpoint or a region names the same. [`read_request`] makes it so, and nothing
//! else makes one.

use std::fmt::{self, Write};

use super::fault::HttpFault;
use super::host::{self, Name};
use super::target::{Target, with_authority};
use crate::gate::Value;

/// An HTTP request as a proxy saw it, and what it knows of the connection. All of it is bytes: nothing is trusted to
/// be text.
#[derive(Clone, Copy, Default)]
pub struct HttpRequest<'a> {
    /// The method, as it stood in the request line.
    pub method: &'a [u8],
    /// The target, as it stood in the request line: not decoded, not resolved.
    pub target: &'a [u8],
    /// The host, where it is known from elsewhere than a header: `:authority` of HTTP/2. A `Host` header besides must
    /// name the same.
    pub host: Option<&'a [u8]>,
    /// The headers, every one, in any order; names in any case, values without white space around them.
    pub headers: &'a [(&'a [u8], &'a [u8])],
    /// The name that the client looked for when it connected (SNI), where that is known: an endpoint's own DNS name, or
    /// one of those that a host may be.
    pub server_name: Option<&'a [u8]>,
    /// The endpoint that the connection came through, as `vpce-1a2b3c4d`. Nothing in the request can stand for it.
    pub endpoint: Option<&'a str>,
}

/// A private API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Api<'a> {
    /// As `aws`.
    pub partition: &'a str,
    /// As `us-east-1`.
    pub region: &'a str,
    /// Twelve digits.
    pub account: &'a str,
    /// As `a1b2c3d4e5`.
    pub id: &'a str,
}

/// Where a custom domain leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping<'a> {
    /// The API.
    pub api: Api<'a>,
    /// Its stage.
    pub stage: &'a str,
    /// The segments that a path must begin with, and that are then removed, as `orders` or `orders/v1`; empty for none.
    pub base_path: &'a str,
}

/// What APIs, stages and custom domains there are. All that is not known is refused.
pub trait Directory {
    /// The API with this id in this region.
    fn find_api(&self, region: &str, id: &str) -> Option<Api<'_>>;

    /// Where this domain leads to for this path; `host` is in lower case, without port and dot at the end, and never one
    /// of API Gateway's own names; `path` is normalised. A domain has one mapping, or one for each base path.
    fn mapping(&self, host: &str, path: &str) -> Option<Mapping<'_>>;

    /// Whether the API has this stage; `stage` is not empty.
    fn has_stage(&self, api: &Api<'_>, stage: &str) -> bool;
}

/// An HTTP request that has been read: what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation<'a> {
    api: Api<'a>,
    /// Stage and base path of a custom domain.
    mapped: Option<(&'a str, &'a str)>,
    method: &'a str,
    target: Target<'a>,
    user_agent: Option<&'a str>,
    referer: Option<&'a str>,
}

impl<'a> Invocation<'a> {
    /// The API.
    pub const fn api(&self) -> Api<'a> {
        self.api
    }

    /// The stage: the path's first segment, or that of the custom domain (H-05).
    pub fn stage(&self) -> &str {
        self.cut().map_or("", |(stage, _)| stage)
    }

    /// The path within the stage, without its first slash; empty for the root (H-07).
    pub fn path(&self) -> &str {
        self.cut().map_or("", |(_, path)| path)
    }

    /// The method (H-06).
    pub const fn method(&self) -> &'a str {
        self.method
    }

    /// The normalised target: what the proxy must forward (H-12).
    pub const fn target(&self) -> &Target<'a> {
        &self.target
    }

    /// Writes the resource's ARN (H-07), as into a `String` that is used again.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_resource(&self, out: &mut impl Write) -> fmt::Result {
        let Api { partition, region, account, id } = self.api;
        let (stage, path) = self.cut().ok_or(fmt::Error)?;
        write!(out, "arn:{partition}:execute-api:{region}:{account}:{id}/{stage}/{}/{path}", self.method)
    }

    /// The resource's ARN (H-07).
    pub fn resource(&self) -> String {
        let mut resource = String::new();
        // A `String` takes all; an empty one would be denied (E-07).
        let _ = self.write_resource(&mut resource);
        resource
    }

    /// The context keys that headers of the caller set, and no others: `aws:UserAgent` and `aws:Referer` (H-14).
    pub fn context(&self) -> impl Iterator<Item = (&'static str, Value<'a>)> + use<'a> {
        let keys = [("aws:UserAgent", self.user_agent), ("aws:Referer", self.referer)];
        keys.into_iter().filter_map(|(key, text)| Some((key, Value::text(text?))))
    }

    fn cut(&self) -> Option<(&str, &str)> {
        cut(self.target.path(), self.mapped)
    }
}

/// Stage, and path within it (H-05, H-07). `None` where the path does not begin with the base path.
fn cut<'p>(path: &'p str, mapped: Option<(&'p str, &'p str)>) -> Option<(&'p str, &'p str)> {
    let path = path.strip_prefix('/')?;
    match mapped {
        None => Some(path.split_once('/').unwrap_or((path, ""))),
        Some((stage, "")) => Some((stage, path)),
        Some((stage, base_path)) => match path.strip_prefix(base_path)? {
            "" => Some((stage, "")),
            rest => Some((stage, rest.strip_prefix('/')?)),
        },
    }
}

/// Reads an HTTP request: finds what it asks for, or refuses it.
///
/// Time is linear in the request's length. Allocates only where host or target are spelled otherwise than normalised, and
/// for a target whose path has encoded bytes beyond ASCII.
///
/// # Errors
/// [`HttpFault`], whose [`response`](HttpFault::response) is the answer: where the request could be read in two ways, and
/// where an API, a stage or a domain is not known.
pub fn read_request<'a>(request: &HttpRequest<'a>, directory: &'a dyn Directory) -> Result<Invocation<'a>, HttpFault> {
    let headers = Headers::read(request.headers)?;
    let method = read_method(request.method)?;
    let (target, authority) = with_authority(request.target)?;
    // H-02, H-03: every name of the host is the same one.
    let mut hosts = [request.host, headers.host].into_iter().flatten();
    let host = host::fold(hosts.next().ok_or(HttpFault::Host)?)?;
    for other in hosts {
        if host::fold(other)? != host {
            return Err(HttpFault::Disagreement);
        }
    }
    if let Some(authority) = authority
        && host::fold(authority.as_bytes())? != host
    {
        return Err(HttpFault::Form);
    }
    let server_name = request.server_name.map(host::fold).transpose()?;
    let name = Name::read(&host);
    let server = server_name.as_deref().and_then(Name::read);
    // A server name that is not API Gateway's is a custom domain, and can be no other than the host.
    if server_name.as_ref().is_some_and(|server_name| server.is_none() && *server_name != host) {
        return Err(HttpFault::Disagreement);
    }
    let names = [name, server];
    let names = || names.iter().flatten();
    let endpoints = names().filter_map(|name| name.endpoint).chain(request.endpoint);
    let ids = names().filter_map(|name| name.api).chain(headers.api_id);
    if !agree(endpoints) || !agree(ids.clone()) || !agree(names().map(|name| (name.region, name.is_china))) {
        return Err(HttpFault::Disagreement);
    }
    let (api, mapped) = match name {
        Some(name) => {
            let id = name.api.or(headers.api_id).ok_or(HttpFault::NoApi)?;
            (directory.find_api(name.region, id).ok_or(HttpFault::UnknownApi)?, None)
        }
        None => {
            let mapping = directory.mapping(&host, target.path()).ok_or(HttpFault::UnknownApi)?;
            (mapping.api, Some((mapping.stage, mapping.base_path)))
        }
    };
    // What the directory gave must be what was named.
    if ids.clone().any(|id| id != api.id) || names().any(|name| name.region != api.region) {
        return Err(HttpFault::Disagreement);
    }
    if names().any(|name| name.is_china != (api.partition == "aws-cn")) {
        return Err(HttpFault::UnknownApi);
    }
    let (stage, _) = cut(target.path(), mapped).ok_or(HttpFault::UnknownApi)?;
    if stage.is_empty() || !directory.has_stage(&api, stage) {
        return Err(HttpFault::UnknownStage);
    }
    let Headers { user_agent, referer, .. } = headers;
    Ok(Invocation { api, mapped, method, target, user_agent, referer })
}

/// Whether all that were given are equal.
fn agree<T: PartialEq>(mut given: impl Iterator<Item = T>) -> bool {
    given.next().is_none_or(|first| given.all(|other| other == first))
}

/// H-06. No method that is registered has other characters, save `*`, which is reserved; `CONNECT` takes no path.
fn read_method(method: &[u8]) -> Result<&str, HttpFault> {
    let method = str::from_utf8(method).map_err(|_| HttpFault::Method)?;
    let is_name = method.starts_with(|first: char| first.is_ascii_uppercase())
        && method.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
    if is_name && !matches!(method, "ANY" | "CONNECT") { Ok(method) } else { Err(HttpFault::Method) }
}

/// The headers that are read. Nothing else of them is looked at: there are no override headers (H-06, H-14).
#[derive(Default)]
struct Headers<'a> {
    host: Option<&'a [u8]>,
    api_id: Option<&'a str>,
    user_agent: Option<&'a str>,
    referer: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn read(headers: &[(&'a [u8], &'a [u8])]) -> Result<Self, HttpFault> {
        let mut read = Self::default();
        for &(name, value) in headers {
            // `Host : x`, or a value that goes on in another line, is a header to one proxy and none to another.
            if name.is_empty() || !name.iter().all(|&byte| is_token_byte(byte)) {
                return Err(HttpFault::Header);
            }
            if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
                return Err(HttpFault::Header);
            }
            let text = || str::from_utf8(value).map_err(|_| HttpFault::Header);
            let is_second = if name.eq_ignore_ascii_case(b"host") {
                read.host.replace(value).is_some()
            } else if name.eq_ignore_ascii_case(b"x-apigw-api-id") {
                let id = text()?;
                if !host::is_api_id(id) {
                    return Err(HttpFault::NoApi);
                }
                read.api_id.replace(id).is_some()
            } else if name.eq_ignore_ascii_case(b"user-agent") {
                read.user_agent.replace(text()?).is_some()
            } else if name.eq_ignore_ascii_case(b"referer") {
                read.referer.replace(text()?).is_some()
            } else {
                false
            };
            if is_second {
                return Err(HttpFault::HeaderTwice);
            }
        }
        Ok(read)
    }
}

/// RFC 9110, section 5.6.2.
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}
