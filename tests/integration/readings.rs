//! What must hold of every HTTP request: it is refused, or every reading of its path is the one that was decided on.
//!
//! The readings are those of libraries that others wrote: `url` resolves as browsers do (WHATWG), `http` is hyper's. The
//! fuzz target `http` asks the same.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is for tests alone")]

use portcullis::gateway::{Api, Directory, HttpRequest, Invocation, Mapping, normalise, read_request};

/// The APIs, stages and domains of `corpus/paths.jsonl`.
pub struct Known;

const fn api(partition: &'static str, region: &'static str, id: &'static str) -> Api<'static> {
    Api { partition, region, account: "123412341234", id }
}

const ORDERS: Api<'_> = api("aws", "us-east-1", "a1b2c3d4e5");
const PETS: Api<'_> = api("aws", "us-east-1", "f6g7h8i9j0");
const APIS: [Api<'_>; 5] = [
    ORDERS,
    PETS,
    api("aws", "eu-west-1", "a1b2c3d4e5"),
    api("aws-cn", "cn-north-1", "c1c2c3c4c5"),
    api("aws-us-gov", "us-gov-west-1", "g1g2g3g4g5"),
];

/// Domain, base path, API, stage; the longest base path first.
const DOMAINS: [(&str, &str, Api<'_>, &str); 5] = [
    ("orders.example.com", "", ORDERS, "prod"),
    ("shop.example.com", "orders/v2", ORDERS, "test"),
    ("shop.example.com", "orders", ORDERS, "prod"),
    ("shop.example.com", "pets", PETS, "prod"),
    ("gone.example.com", "", ORDERS, "old"),
];

impl Directory for Known {
    fn find_api(&self, region: &str, id: &str) -> Option<Api<'_>> {
        APIS.into_iter().find(|api| api.region == region && api.id == id)
    }

    fn mapping(&self, host: &str, path: &str) -> Option<Mapping<'_>> {
        let fits = |base_path: &str| {
            let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(base_path));
            base_path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let (_, base_path, api, stage) =
            DOMAINS.into_iter().find(|(domain, base_path, ..)| *domain == host && fits(base_path))?;
        Some(Mapping { api, stage, base_path })
    }

    fn has_stage(&self, _: &Api<'_>, stage: &str) -> bool {
        matches!(stage, "prod" | "test")
    }
}

/// Reads the request; whether it was accepted.
///
/// # Panics
/// Where an accepted request has another reading, or is not read the same again.
pub fn have_one_reading(request: &HttpRequest<'_>) -> bool {
    let invocation = match read_request(request, &Known) {
        Ok(invocation) => invocation,
        Err(fault) => {
            assert!([400, 403].contains(&fault.response().status()));
            return false;
        }
    };
    let target = invocation.target();
    let path = target.path();
    // Once more: the same, and nothing to change.
    let again = normalise(target.as_str().as_bytes()).unwrap();
    assert_eq!((again.as_str(), again.is_unchanged()), (target.as_str(), true));
    let forwarded = HttpRequest { target: target.as_str().as_bytes(), ..*request };
    let resource = read_request(&forwarded, &Known).unwrap().resource();
    assert_eq!(resource, invocation.resource(), "what is forwarded is what was decided on");
    assert_eq!(target.is_unchanged(), request.target == target.as_str().as_bytes());
    // WHATWG, of what came and of what is forwarded: dot segments resolved, `\` turned, tabs and spaces dropped.
    let came = str::from_utf8(request.target).unwrap();
    let came = if came.starts_with('/') { format!("https://a.example{came}") } else { came.to_owned() };
    let forwarded = format!("https://a.example{}", target.as_str());
    for (text, query) in [(&came, false), (&forwarded, true)] {
        let url = url::Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(unreserved_decoded(url.path()), path, "{text}");
        assert_eq!(url.fragment(), None);
        assert!(!query || url.query().is_some() == target.query().is_some());
    }
    // hyper's. It refuses some queries that go on here as they came; no path.
    assert_eq!(path.parse::<http::Uri>().unwrap().path(), path);
    if let Ok(uri) = target.as_str().parse::<http::Uri>() {
        assert_eq!((uri.path(), uri.query()), (path, target.query()));
    }
    // Whoever decodes before cutting, and whoever resolves after decoding, gets the same segments.
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
    assert_eq!(decoded.split('/').count(), path.split('/').count());
    assert!(!decoded.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")), "{decoded}");
    assert!(!decoded.contains(|character: char| matches!(character, '\\' | '*' | '?' | '\0'..='\x1F' | '\x7F')));
    is_whole(&invocation, &resource);
    true
}

/// The resource has its parts, and each is what the invocation says.
fn is_whole(invocation: &Invocation<'_>, resource: &str) {
    let Api { partition, region, account, id } = invocation.api();
    let prefix = format!("arn:{partition}:execute-api:{region}:{account}:{id}/");
    let rest: Vec<&str> = resource.strip_prefix(&prefix).unwrap().splitn(3, '/').collect();
    assert_eq!(rest, [invocation.stage(), invocation.method(), invocation.path()]);
    assert!(!invocation.path().starts_with('/') && !invocation.path().contains("//"));
    assert!(invocation.target().path().ends_with(invocation.path()));
}

/// The text with its encoded unreserved characters decoded, and the digits of other encodings in upper case: by the
/// letter of RFC 3986, section 6.2.2.
fn unreserved_decoded(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut decoded = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at(2);
        let character = char::from(u8::from_str_radix(digits, 16).unwrap());
        if character.is_ascii_alphanumeric() || "-._~".contains(character) {
            decoded.push(character);
        } else {
            decoded += &format!("%{}", digits.to_ascii_uppercase());
        }
        decoded += rest;
    }
    decoded
}
