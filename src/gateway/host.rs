//! Host names: one spelling of each, and what API Gateway's own say (H-01).

use std::borrow::Cow;

use super::fault::HttpFault;

/// The one spelling of a host: lower case, without `:443` and without one dot at the end. `Ok` is a DNS name.
///
/// Another port than 443 is refused: whether it belongs to the name is read both ways.
pub(super) fn fold(host: &[u8]) -> Result<Cow<'_, str>, HttpFault> {
    let host = str::from_utf8(host).map_err(|_| HttpFault::Host)?;
    let name = host.strip_suffix(":443").unwrap_or(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(HttpFault::Host);
    }
    let has_upper = name.bytes().any(|byte| byte.is_ascii_uppercase());
    Ok(if has_upper { name.to_ascii_lowercase().into() } else { name.into() })
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// What a name of API Gateway's own says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name<'h> {
    /// The API; an endpoint's own name has none.
    pub(super) api: Option<&'h str>,
    /// The endpoint, as `vpce-1a2b3c4d`.
    pub(super) endpoint: Option<&'h str>,
    pub(super) region: &'h str,
    /// Whether it ends in `.cn`.
    pub(super) is_china: bool,
}

impl<'h> Name<'h> {
    /// Reads a folded host; `None` is a name of somebody else's, or of no known form.
    pub(super) fn read(host: &'h str) -> Option<Self> {
        let (name, is_china) = match host.strip_suffix(".amazonaws.com.cn") {
            Some(name) => (name, true),
            None => (host.strip_suffix(".amazonaws.com")?, false),
        };
        let (name, is_endpoint) = match name.strip_suffix(".vpce") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (label, rest) = name.split_once('.')?;
        let region = rest.strip_prefix("execute-api.").filter(|region| is_region(region))?;
        let (api, endpoint) = match label.split_once('-') {
            _ if is_endpoint => (None, Some(endpoint_of(label)?)),
            Some((api, endpoint)) => (Some(api), Some(endpoint).filter(|id| is_endpoint_id(id))),
            None => (Some(label), None),
        };
        let is_whole = is_endpoint || endpoint.is_some() == label.contains('-');
        (is_whole && api.is_none_or(is_api_id)).then_some(Self { api, endpoint, region, is_china })
    }
}

/// Whether this is an API's id, as `a1b2c3d4e5`.
pub(super) fn is_api_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

fn is_region(region: &str) -> bool {
    !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-')
}

fn is_endpoint_id(id: &str) -> bool {
    id.strip_prefix("vpce-").is_some_and(is_api_id)
}

/// The endpoint in the first label of its own name: `vpce-1a2b3c4d` of `vpce-1a2b3c4d-abcd1234-us-east-1a`.
fn endpoint_of(label: &str) -> Option<&str> {
    let (number, _) = label.strip_prefix("vpce-")?.split_once('-')?;
    label.get(.."vpce-".len() + number.len()).filter(|id| is_endpoint_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_spelling() {
        for host in ["orders.example.com", "ORDERS.Example.com", "orders.example.com.", "orders.example.com:443"] {
            assert_eq!(fold(host.as_bytes()).unwrap(), "orders.example.com");
        }
        assert_eq!(fold(b"orders.example.com.:443").unwrap(), "orders.example.com");
        assert!(matches!(fold(b"orders.example.com:443"), Ok(Cow::Borrowed(_))), "nothing is copied");
        for host in
            ["", ".", "a..", "a:443.", "a:443:443", "a:80", "a:", "[::1]", "a b", "a/b", "a@b", "b\u{e4}r", "a\0"]
        {
            assert_eq!(fold(host.as_bytes()), Err(HttpFault::Host), "{host:?}");
        }
        assert_eq!(fold(b"\xff"), Err(HttpFault::Host));
        assert!(fold("a".repeat(63).as_bytes()).is_ok());
        assert!(fold("a".repeat(64).as_bytes()).is_err());
        assert!(fold("a.".repeat(127).trim_end_matches('.').as_bytes()).is_ok());
        assert!(fold("a.".repeat(128).trim_end_matches('.').as_bytes()).is_err());
    }

    #[test]
    fn the_four_forms_are_read_and_no_other() {
        let name = |api, endpoint, region, is_china| Some(Name { api, endpoint, region, is_china });
        let read = Name::read;
        assert_eq!(read("a1.execute-api.us-east-1.amazonaws.com"), name(Some("a1"), None, "us-east-1", false));
        assert_eq!(read("a1.execute-api.cn-north-1.amazonaws.com.cn"), name(Some("a1"), None, "cn-north-1", true));
        assert_eq!(
            read("a1-vpce-2b.execute-api.us-east-1.amazonaws.com"),
            name(Some("a1"), Some("vpce-2b"), "us-east-1", false)
        );
        for label in ["vpce-2b-cd", "vpce-2b-cd-us-east-1a"] {
            let host = format!("{label}.execute-api.us-east-1.vpce.amazonaws.com");
            let read = Name::read(&host).unwrap();
            assert_eq!((read.api, read.endpoint, read.region), (None, Some("vpce-2b"), "us-east-1"));
        }
        for host in [
            "orders.example.com",
            "amazonaws.com",
            "execute-api.us-east-1.amazonaws.com",
            ".execute-api.us-east-1.amazonaws.com",
            "a1.execute-api..amazonaws.com",
            "a1.execute-api.amazonaws.com",
            "a1.execute-api.us.east.amazonaws.com",
            "b.a1.execute-api.us-east-1.amazonaws.com",
            "a1.s3.us-east-1.amazonaws.com",
            "a1-2b.execute-api.us-east-1.amazonaws.com",
            "a1-vpce-.execute-api.us-east-1.amazonaws.com",
            "a1-vpce-2b-3c.execute-api.us-east-1.amazonaws.com",
            "-vpce-2b.execute-api.us-east-1.amazonaws.com",
            "a_1.execute-api.us-east-1.amazonaws.com",
            "vpce-2b.execute-api.us-east-1.vpce.amazonaws.com",
            "vpce--cd.execute-api.us-east-1.vpce.amazonaws.com",
            "a1.execute-api.us-east-1.vpce.amazonaws.com",
            "a1.execute-api.us-east-1.amazonaws.com.example.com",
            "a1.execute-api.us-east-1.amazonaws.com.cn.cn",
        ] {
            assert_eq!(read(host), None, "{host}");
        }
    }
}
