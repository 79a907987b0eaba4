//! Signed requests with one thing changed: each is refused, and for what was changed.

use std::collections::BTreeMap;
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64;

use super::{Case, cases, word};

/// How many changed requests are put to the verifier.
const ROUNDS: usize = 10_000;

/// Choices that are the same in every run.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 += 1;
        usize::try_from(xxh3_64(&self.0.to_le_bytes()) % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        (!from.is_empty()).then(|| &from[self.below(from.len())])
    }
}

/// A change; returns what may be said of the changed request, or `None` where the request has nothing to change.
type Mutation = fn(&mut Case, &mut Choices) -> Option<&'static [&'static str]>;

const MUTATIONS: [(&str, Mutation); 34] = [
    ("another method", |case, choices| {
        let methods: Vec<_> = ["GET", "POST", "PUT", "get", "BREW"].into_iter().filter(|m| *m != case.method).collect();
        case.method = (*choices.pick(&methods)?).to_owned();
        Some(&["Mismatch"])
    }),
    ("a character of the path inserted", |case, choices| {
        let at = boundary(&case.path, choices.below(case.path.len()) + 1);
        case.path.insert(at, *choices.pick(&['a', 'Z', '0', '/', '.', '%', '~', '+', '*', ';', ':'])?);
        Some(&["Mismatch"])
    }),
    ("a character of the path removed", |case, choices| {
        let at = (1..case.path.len()).nth(choices.below(case.path.len().checked_sub(1).filter(|len| *len > 0)?))?;
        case.path.is_char_boundary(at).then(|| case.path.remove(at))?;
        Some(&["Mismatch"])
    }),
    ("a character of the path encoded", |case, choices| {
        let at = choices.below(case.path.len());
        let byte = *case.path.as_bytes().get(at).filter(|byte| byte.is_ascii_alphanumeric())?;
        case.path.replace_range(at..=at, &format!("%{byte:02X}"));
        Some(&["Mismatch"])
    }),
    ("an escape of the path in lower case", |case, _| {
        let lower = case.path.replace("%C3%A9", "%c3%a9").replace("%3D", "%3d");
        (lower != case.path).then(|| case.path = lower)?;
        Some(&["Mismatch"])
    }),
    ("a fragment, or a query within the path", |case, choices| {
        case.path += choices.pick(&["#a", "?a=b", "#"])?;
        Some(&["Target"])
    }),
    ("a path without its slash", |case, _| {
        case.path = case.path.trim_start_matches('/').to_owned();
        Some(&["Target"])
    }),
    ("a parameter added", |case, choices| {
        let and = if case.query.is_empty() { "" } else { "&" };
        case.query += and;
        case.query +=
            choices.pick(&["zz", "zz=1", "a=%20", "x-amz-date=1", "X-Amz-Meta=2", "%00=", "x-amz-signature="])?;
        Some(&["Mismatch"])
    }),
    ("a parameter removed", |case, choices| {
        let (mut parameters, own) = parameters(case);
        parameters.remove(*choices.pick(&own)?);
        case.query = parameters.join("&");
        Some(&["Mismatch"])
    }),
    ("a parameter changed", |case, choices| {
        let (mut parameters, own) = parameters(case);
        let parameter = &mut parameters[*choices.pick(&own)?];
        let at = boundary(parameter, choices.below(parameter.len() + 1));
        // An escape is not torn apart.
        (!parameter.contains('%')).then(|| parameter.insert(at, 'q'))?;
        case.query = parameters.join("&");
        Some(&["Mismatch"])
    }),
    ("a query of two readings", |case, choices| {
        let and = if case.query.is_empty() { "" } else { "&" };
        case.query += and;
        case.query += choices.pick(&["a+b", "a=b+c", "a=%", "a=%4", "a=%zz", "a=%ff", "%fe=1", "a=b#c"])?;
        Some(&["Target"])
    }),
    ("a signed header changed", |case, choices| {
        let name =
            signed_header(case, choices, &["x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "date"])?;
        let value = &mut case.headers[name].1;
        value.insert(value.find(|c: char| c != ' ').unwrap_or(0), *choices.pick(&['a', '0', '-', '"'])?);
        Some(&["Mismatch"])
    }),
    ("a signed header emptied", |case, choices| {
        let name =
            signed_header(case, choices, &["x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "date"])?;
        let value = &mut case.headers[name].1;
        (!value.trim().is_empty()).then(|| value.clear())?;
        Some(&["Mismatch"])
    }),
    ("a signed header removed", |case, choices| {
        let name = signed_header(case, choices, &["x-amz-date", "x-amz-security-token", "date"])?;
        case.headers.remove(name);
        Some(&["Header"])
    }),
    ("a signed header twice", |case, choices| {
        let name = signed_header(case, choices, &[])?;
        let again = case.headers[name].clone();
        case.headers.insert(choices.below(case.headers.len()), again);
        Some(&["Header"])
    }),
    ("a signed header folded", |case, choices| {
        let name = signed_header(case, choices, &[])?;
        case.headers[name].1 += choices.pick(&["\r\n a", "\na", "\r", "\0"])?;
        Some(&["Header"])
    }),
    ("another host", |case, _| {
        let host = case.position("host")?;
        case.headers[host].1 = "other.execute-api.us-east-1.amazonaws.com".to_owned();
        Some(&["Mismatch"])
    }),
    ("a byte of the body", |case, choices| {
        match choices.below(case.body.len() + 1) {
            at if at < case.body.len() => case.body[at] ^= 1 << choices.below(8),
            _ => case.body.push(0),
        }
        match case.position("x-amz-content-sha256") {
            Some(_) => Some(&["Payload"]),
            None => Some(&["Mismatch"]),
        }
    }),
    ("an unsigned word on the body", |case, choices| {
        if case.position("x-amz-content-sha256").is_some() {
            return None;
        }
        let words = ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "", "e3b0c44298fc1c149afbf4c8996fb924"];
        case.headers.push(("X-Amz-Content-Sha256".to_owned(), (*choices.pick(&words)?).to_owned()));
        Some(&["Payload"])
    }),
    ("long ago", |case, choices| {
        case.now += Duration::from_secs(3_601 + u64::try_from(choices.below(1 << 30)).unwrap());
        Some(&["Expired"])
    }),
    ("not yet", |case, choices| {
        case.now -= Duration::from_secs(301 + u64::try_from(choices.below(1 << 30)).unwrap());
        Some(&["NotYetCurrent"])
    }),
    ("another second", |case, _| {
        let (from, to) = match case.service.as_str() {
            "service" => ("20150830T123600Z", "20150830T123601Z"),
            _ => ("20260101T120000Z", "20260101T120001Z"),
        };
        let query = case.query.replace(from, to);
        match case.position("x-amz-date").filter(|_| query == case.query) {
            Some(date) => case.headers[date].1 = to.to_owned(),
            None => (query != case.query).then(|| case.query = query)?,
        }
        Some(&["Mismatch"])
    }),
    ("no readable date", |case, choices| {
        let date = case.position("x-amz-date").filter(|_| case.position("authorization").is_some())?;
        case.headers[date].1 =
            (*choices.pick(&["", "now", "2026-01-01T12:00:00Z", "20260101", "20261301T000000Z"])?).to_owned();
        Some(&["incomplete Date"])
    }),
    ("another scope", |case, choices| {
        let (region, service) = (case.region.clone(), case.service.clone());
        let scope = [
            (format!("/{region}/"), "/eu-west-1/"),
            (format!("/{service}/"), "/s3/"),
            ("/aws4_request".to_owned(), "/aws5_request"),
            ("/20".to_owned(), "/19"),
        ];
        let (from, to) = choices.pick(&scope)?.clone();
        replace(case, &from, to)?;
        Some(&["Scope"])
    }),
    ("a credential of four parts", |case, _| {
        replace(case, "/aws4_request", "")?;
        Some(&["incomplete Credential"])
    }),
    ("another access key", |case, _| {
        let id = format!("{}/", case.access_key_id);
        replace(case, &id, "AKIDANOTHER/")?;
        Some(&["UnknownKey"])
    }),
    ("another secret", |case, choices| {
        case.secret.insert(choices.below(case.secret.len()), 'x');
        Some(&["Mismatch"])
    }),
    ("another session token of the key", |case, _| {
        case.session_token = match case.session_token.take() {
            Some(token) => Some(token + "x"),
            None => Some("token".to_owned()),
        };
        Some(&["WrongToken"])
    }),
    ("another session token of the request", |case, choices| {
        let token = case.position("x-amz-security-token")?;
        match choices.below(2) {
            0 => case.headers[token].1.push('x'),
            _ => _ = case.headers[token].1.pop(),
        }
        Some(&["WrongToken"])
    }),
    ("a signature changed", |case, choices| {
        let (start, len) = signature(case);
        let at = start + choices.below(len);
        let text = holder(case);
        let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
        text.replace_range(at..=at, choices.pick(&[other, "", "00", "g"])?);
        Some(&["Mismatch"])
    }),
    ("no signature", |case, _| {
        let (start, len) = signature(case);
        holder(case).replace_range(start..start + len, "");
        Some(&["incomplete Signature"])
    }),
    ("fewer signed headers", |case, _| {
        let names = signed_headers(case);
        let others: Vec<_> = names.iter().filter(|name| *name != "host").cloned().collect();
        (!others.is_empty()).then_some(())?;
        set_signed_headers(case, &["host".to_owned()]);
        Some(&["Mismatch"])
    }),
    ("signed headers that are no list of headers", |case, choices| {
        let mut names = signed_headers(case);
        let expected: &'static [&'static str] = match choices.below(5) {
            0 => {
                names.retain(|name| name != "host");
                if names.is_empty() { &["incomplete SignedHeaders"] } else { &["SignedHeaders"] }
            }
            1 => {
                names.push(names[0].clone());
                &["SignedHeaders"]
            }
            2 => {
                names[0] = names[0].to_uppercase();
                &["SignedHeaders"]
            }
            3 => {
                names.insert(0, String::new());
                &["SignedHeaders"]
            }
            _ => {
                names.push("zzz-not-there".to_owned());
                &["Header"]
            }
        };
        set_signed_headers(case, &names);
        Some(expected)
    }),
    ("another form of the header, or a second one", |case, choices| {
        let at = case.position("authorization");
        let Some(at) = at else {
            case.headers.push(("Authorization".to_owned(), "Bearer token".to_owned()));
            return Some(&["HeaderAndQuery"]);
        };
        let value = case.headers[at].1.clone();
        match choices.below(7) {
            0 => {
                case.headers.push(("AUTHORIZATION".to_owned(), value));
                return Some(&["TwoHeaders"]);
            }
            1 => {
                case.query = "X-Amz-Signature=0".to_owned();
                return Some(&["HeaderAndQuery"]);
            }
            2 => case.headers[at].1 = value.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            3 => {
                case.headers[at].1 = value.replace("AWS4-HMAC-SHA256", "aws4-hmac-sha256");
            }
            4 => {
                case.headers[at].1 = value.replace("AWS4-HMAC-SHA256", "Bearer");
                return Some(&["bearer"]);
            }
            5 => {
                case.headers[at].1 += ", Region=us-east-1";
                return Some(&["Malformed"]);
            }
            _ => {
                case.headers[at].1 += ", SignedHeaders=host";
                return Some(&["Malformed"]);
            }
        }
        Some(&["Algorithm"])
    }),
];

/// Changes that a query-string signature alone has.
const QUERY_MUTATIONS: [(&str, Mutation); 5] = [
    ("another life", |case, choices| {
        replace(case, "X-Amz-Expires=3600", choices.pick(&["X-Amz-Expires=3601", "X-Amz-Expires=604800"])?)?;
        Some(&["Mismatch"])
    }),
    ("no life", |case, choices| {
        let lives = ["=0", "=604801", "=-1", "=3600.0", "=03600", "=", "=99999999999", "s=3600"];
        replace(case, "X-Amz-Expires=3600", &format!("X-Amz-Expires{}", choices.pick(&lives)?))?;
        Some(&["Lifetime"])
    }),
    ("another algorithm", |case, choices| {
        replace(case, "=AWS4-HMAC-SHA256", choices.pick(&["=AWS4-ECDSA-P256-SHA256", "=", "=Bearer"])?)?;
        Some(&["Algorithm"])
    }),
    ("a part twice", |case, choices| {
        let (parameters, _) = parameters(case);
        let parts: Vec<_> = parameters.into_iter().filter(|parameter| parameter.starts_with("X-Amz-")).collect();
        case.query += "&";
        case.query += choices.pick(&parts)?;
        Some(&["Malformed"])
    }),
    ("a part missing", |case, choices| {
        const PARTS: [(&str, &str); 5] = [
            ("X-Amz-Credential", "incomplete Credential"),
            ("X-Amz-Signature", "incomplete Signature"),
            ("X-Amz-SignedHeaders", "incomplete SignedHeaders"),
            ("X-Amz-Date", "incomplete Date"),
            ("X-Amz-Algorithm", "Algorithm"),
        ];
        let (part, expected) = choices.pick(&PARTS)?;
        replace(case, &format!("{part}="), "other=")?;
        Some(std::slice::from_ref(expected))
    }),
];

/// The nearest boundary of a character, at or before.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap()
}

/// The parameters of the query, and the positions of those that are no part of a signature.
fn parameters(case: &Case) -> (Vec<String>, Vec<usize>) {
    let all: Vec<_> = case.query.split('&').map(str::to_owned).collect();
    let own = all
        .iter()
        .enumerate()
        .filter(|(_, parameter)| !parameter.is_empty() && !parameter.starts_with("X-Amz-"))
        .map(|(at, _)| at)
        .collect();
    (all, own)
}

/// The text that holds the signature: the header's value, or the query.
fn holder(case: &mut Case) -> &mut String {
    match case.position("authorization") {
        Some(at) => &mut case.headers[at].1,
        None => &mut case.query,
    }
}

/// Replaces within that text, once, in the encoding of the place.
fn replace(case: &mut Case, from: &str, to: &str) -> Option<()> {
    let in_query = case.position("authorization").is_none();
    let encode = |text: &str| if in_query { text.replace('/', "%2F") } else { text.to_owned() };
    let text = holder(case);
    let changed = text.replacen(&encode(from), &encode(to), 1);
    (changed != *text).then(|| *text = changed)
}

/// Where the signature stands in that text, and how long it is.
fn signature(case: &mut Case) -> (usize, usize) {
    let text = holder(case);
    let start = text.find("Signature=").unwrap() + "Signature=".len();
    (start, text[start..].find(['&', ',']).unwrap_or(text.len() - start))
}

fn signed_headers(case: &mut Case) -> Vec<String> {
    let text = holder(case);
    let start = text.find("SignedHeaders=").unwrap() + "SignedHeaders=".len();
    let end = text[start..].find(['&', ',']).map_or(text.len(), |len| start + len);
    text[start..end].replace("%3B", ";").split(';').map(str::to_owned).collect()
}

fn set_signed_headers(case: &mut Case, names: &[String]) {
    let before = signed_headers(case);
    let separator = if case.position("authorization").is_none() { "%3B" } else { ";" };
    let (from, to) = (before.join(separator), names.join(separator));
    let text = holder(case);
    *text = text.replacen(&format!("SignedHeaders={from}"), &format!("SignedHeaders={to}"), 1);
}

/// The position of some signed header that is none of these.
fn signed_header(case: &mut Case, choices: &mut Choices, but: &[&str]) -> Option<usize> {
    let names = signed_headers(case);
    let usable: Vec<_> = names.iter().filter(|name| !but.contains(&name.as_str())).collect();
    case.position(choices.pick(&usable)?)
}

#[test]
fn one_change_and_it_is_refused_for_it() {
    let cases: Vec<_> =
        ["suite.jsonl", "botocore.jsonl"].into_iter().flat_map(cases).filter(|case| case.answer == "valid").collect();
    let mutations = || MUTATIONS.iter().chain(&QUERY_MUTATIONS);
    let mut choices = Choices(0);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut refused = 0;
    while refused < ROUNDS {
        let case = choices.pick(&cases).unwrap();
        let (name, mutate) = mutations().nth(choices.below(mutations().count())).unwrap();
        let mut changed = case.clone();
        let Some(expected) = mutate(&mut changed, &mut choices) else { continue };
        let said = word(&changed.authorization());
        assert!(expected.contains(&said.as_str()), "{name}: {said}, expected {expected:?}\n{case:#?}\n{changed:#?}");
        *counts.entry(name).or_default() += 1;
        refused += 1;
    }
    for (name, _) in mutations() {
        assert!(counts.contains_key(name), "{name} was never tried");
    }
    println!("{refused} changed requests, all refused for what was changed:\n{counts:#?}");
}
