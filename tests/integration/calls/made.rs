//! Signed calls, broken in every way: none of them may pass, panic or hang.
//!
//! 20,000 calls unless `PORTCULLIS_CALLS` says how many. The same calls every time; `PORTCULLIS_SEED` names the first seed
//! of another sequence.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use portcullis::bundle::Bundle;
use portcullis::gateway::{CredentialsFile, Response};
use portcullis::{Compiler, Gate};

use super::{Seen, copied, corpus, eval_with_keys, keys, lines};
use crate::agreement::number;

/// Numbers that follow from a seed: SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What hosts, targets and headers are broken with.
const PIECES: [&str; 72] = [
    "/",
    "//",
    ".",
    "..",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5C",
    "\\",
    "%",
    "%25",
    "%61",
    "%C3%A9",
    "%c3",
    "%20",
    ":",
    "@",
    ";",
    "*",
    "?",
    "#",
    "&",
    "=",
    "+",
    "{proxy+}",
    "|",
    "\t",
    "\n",
    "\r\n",
    " ",
    "\0",
    "\u{e9}",
    "%00",
    "%u002f",
    "https://",
    "http://pets.example.com",
    ".amazonaws.com",
    ".cn",
    "execute-api",
    "a1b2c3d4e5",
    "f6g7h8i9j0",
    "-vpce-1a2b3c4d",
    "vpce-0000ffff",
    "us-east-1",
    "eu-west-1",
    "pets.example.com",
    ":443",
    ":80",
    ",",
    "AWS4-HMAC-SHA256",
    "Bearer ",
    "Credential=",
    "Signature=",
    "SignedHeaders=",
    "host",
    ";x-amz-date",
    "AKIDEXAMPLE",
    "ASIDEXAMPLE",
    "AKIDNOBODY",
    "aws4_request",
    "20260101",
    "T120000Z",
    "X-Amz-Signature=",
    "X-Amz-Expires=604800",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    "UNSIGNED-PAYLOAD",
    "0",
    "f",
    "prod",
    "admin",
    "9999999999999999999999",
    "\u{202e}",
];

const NAMES: [&str; 16] = [
    "Host",
    "host",
    "Authorization",
    "authorization ",
    "X-Amz-Date",
    "Date",
    "X-Amz-Security-Token",
    "x-apigw-api-id",
    "X-Amz-Content-Sha256",
    "User-Agent",
    "Referer",
    "X-HTTP-Method-Override",
    "X-Forwarded-Host",
    "",
    "a b",
    "x-other",
];

const METHODS: [&str; 10] = ["GET", "POST", "DELETE", "get", "ANY", "CONNECT", "PURGE", "", "GET ", "G\u{c9}T"];

/// Changes bytes: some out, some in.
fn edit(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let from = rng.below(bytes.len() + 1);
    let taken = *rng.pick(&[0, 0, 0, 1, 1, 2, 5, 40]);
    let to = (from + taken).min(bytes.len());
    let put: Vec<u8> = match rng.below(5) {
        0 => Vec::new(),
        1 => vec![rng.next().to_le_bytes()[0]],
        2 => bytes[from..to].iter().map(|byte| byte ^ 0x20).collect(),
        3 => bytes[..from.min(64)].to_vec(),
        _ => rng.pick(&PIECES).as_bytes().to_vec(),
    };
    bytes.splice(from..to, put);
}

fn position(seen: &Seen, name: &str) -> Option<usize> {
    seen.headers.iter().position(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()))
}

/// Breaks one thing.
fn spoil(rng: &mut Rng, seen: &mut Seen, others: &[Seen]) {
    let at = rng.below(seen.headers.len());
    let other = rng.pick(others).clone();
    match rng.below(20) {
        0 | 1 => {
            if let Some(at) = position(seen, "host") {
                edit(rng, &mut seen.headers[at].1);
            }
        }
        2 => {
            let mut host = seen.host.take().unwrap_or_default();
            edit(rng, &mut host);
            seen.host = Some(host);
        }
        3..=6 => edit(rng, &mut seen.target),
        7 | 8 => {
            if let Some(at) = position(seen, "authorization") {
                edit(rng, &mut seen.headers[at].1);
            }
        }
        9 if !seen.headers.is_empty() => edit(rng, &mut seen.headers[at].1),
        10 if !seen.headers.is_empty() => edit(rng, &mut seen.headers[at].0),
        11 if !seen.headers.is_empty() => drop(seen.headers.remove(at)),
        12 if !seen.headers.is_empty() => seen.headers.push(seen.headers[at].clone()),
        13 => {
            let value = rng.pick(&PIECES).as_bytes().to_vec();
            seen.headers.push((rng.pick(&NAMES).as_bytes().to_vec(), value));
        }
        14 => seen.method = rng.pick(&METHODS).as_bytes().to_vec(),
        15 => edit(rng, &mut seen.body),
        16 => {
            let span = Duration::from_secs(*rng.pick(&[1, 299, 301, 3_600, 86_400, 1 << 40]));
            let moved = if rng.below(2) == 0 { seen.time.checked_add(span) } else { seen.time.checked_sub(span) };
            seen.time = moved.unwrap_or(seen.time);
        }
        17 => seen.endpoint = rng.pick(&[None, Some("vpce-9"), Some(""), Some("vpce-1a2b3c4d ")]).map(str::to_owned),
        18 => seen.target = other.target,
        _ => {
            if let (Some(at), Some(from)) = (position(seen, "authorization"), position(&other, "authorization")) {
                seen.headers[at].1 = other.headers[from].1.clone();
            }
        }
    }
}

/// The names and values of a query, decoded.
fn parameters(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decoded = |part: &str| percent_decode_str(part).collect();
    query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// What a signature is of, in a form that has one spelling: two calls that agree in it are the same call.
fn signed_part(seen: &Seen) -> impl PartialEq + use<> {
    let one = |name: &str| {
        let all = seen.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
        all.map(|(_, value)| value.trim_ascii().to_vec()).collect::<Vec<_>>()
    };
    // Without the header, that of the connection is signed.
    let mut hosts = one("host");
    if hosts.is_empty() {
        hosts.extend(seen.host.clone());
    }
    let squeezed = |values: Vec<Vec<u8>>| {
        values.into_iter().map(|value| value.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect()).collect()
    };
    let target = String::from_utf8_lossy(&seen.target).into_owned();
    // The whole URL of the request's own host is the same target.
    let origin = target.find("://").filter(|_| !target.starts_with('/')).and_then(|at| {
        let rest = &target[at + 3..];
        Some(rest[rest.find('/')?..].to_owned())
    });
    let target = origin.unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut query = parameters(query);
    query.sort();
    let mut authorization: Vec<Vec<u8>> = squeezed(one("authorization"));
    // S-01: an empty one is none.
    if matches!(authorization.as_slice(), [only] if only.is_empty()) {
        authorization.clear();
    }
    // A date is a part of a signature in a header alone.
    let date = if authorization.is_empty() { Vec::new() } else { one("x-amz-date") };
    (
        seen.method.clone(),
        path.to_owned(),
        query,
        seen.body.clone(),
        hosts,
        authorization,
        [date, one("x-amz-security-token")],
    )
}

/// Whether the clock is in the window of a signature that is whole: five minutes each way, in a query for as long as it
/// lives.
fn is_in_time(seen: &Seen) -> bool {
    let target = String::from_utf8_lossy(&seen.target);
    let query = target.split_once('?').map_or(Vec::new(), |(_, query)| parameters(query));
    let parameter = |name: &str| {
        let (_, value) = query.iter().find(|(own, _)| own == name.as_bytes())?;
        Some(String::from_utf8_lossy(value))
    };
    let header = || position(seen, "x-amz-date").map(|at| String::from_utf8_lossy(&seen.headers[at].1));
    let (date, life) = match parameter("X-Amz-Expires") {
        Some(life) => (parameter("X-Amz-Date"), life.parse().unwrap_or(0)),
        None => (header(), 300),
    };
    let date = date.and_then(|date| jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date.trim()).ok());
    let Some(date) = date.and_then(|date| jiff::tz::TimeZone::UTC.to_timestamp(date).ok()) else { return false };
    match seen.time.duration_since(date.try_into().unwrap()) {
        Ok(later) => later <= Duration::from_secs(life),
        Err(earlier) => earlier.duration() <= Duration::from_secs(300),
    }
}

/// Whether it is still the call that was signed, at a time and an endpoint that do.
fn is_whole(base: &Seen, made: &Seen) -> bool {
    // The bases' contexts say the endpoint and nothing else.
    let stated = made.context.first().and_then(|(_, texts)| texts.first());
    let endpoint = made.endpoint.as_deref().or(stated.map(String::as_str));
    let is_through = matches!(endpoint, Some("vpce-1a2b3c4d" | "vpce-0000ffff"));
    is_through && is_in_time(made) && signed_part(base) == signed_part(made)
}

/// A bundle in which nobody may do anything who has not signed, the gate of it, and calls that it allows.
fn strict() -> (tempfile::TempDir, Gate<Vec<u8>>, CredentialsFile, Vec<Seen>) {
    let bundle = fs::read_to_string(corpus("bundles/apis/bundle.json")).unwrap().replace("\"NONE\"", "\"AWS_IAM\"");
    let folder = copied(&bundle);
    let blob = Compiler::new().compile(&Bundle::open(folder.path()).unwrap()).unwrap();
    let (gate, keys) = (Gate::load(blob.into_bytes()).unwrap(), keys());
    let signed = lines()
        .into_iter()
        .filter(|(_, answer)| answer.starts_with("{\"decision\":\"allow\"") && answer.contains("\"principal\":\"arn:"));
    let bases: Vec<_> = signed.map(|(line, _)| Seen { hash: None, ..Seen::read(&line) }).collect();
    let allowed =
        |seen: &Seen| seen.ask(&gate, &keys, |call| call.unwrap().ask(|request| gate.decide(request)).is_allowed());
    // One comes with the hash of its body alone.
    let bases: Vec<_> = bases.into_iter().filter(allowed).collect();
    assert!(bases.len() >= 20, "{}", bases.len());
    (folder, gate, keys, bases)
}

#[test]
fn no_broken_call_passes() {
    let calls = number("PORTCULLIS_CALLS", 20_000);
    let (_, gate, keys, bases) = strict();
    let mut rng = Rng(number("PORTCULLIS_SEED", 0));
    let (mut said, mut broken, mut slowest) = (BTreeMap::<String, u64>::new(), 0u64, Duration::ZERO);
    let begin = Instant::now();
    while broken < calls {
        let base = rng.pick(&bases).clone();
        let mut made = base.clone();
        for _ in 0..=rng.below(3) {
            spoil(&mut rng, &mut made, &bases);
        }
        let is_whole = is_whole(&base, &made);
        let start = Instant::now();
        let (word, is_allowed) = made.ask(&gate, &keys, |call| {
            let call = match call {
                Ok(call) => call,
                Err(fault) => return (answer_of(&fault.response()) + &format!(": {fault:?}"), false),
            };
            call.ask(|request| {
                let (decision, evaluation) = (gate.decide(request), gate.evaluate(request));
                assert_eq!(
                    (decision.reason(), decision.refusal()),
                    (evaluation.reason, evaluation.refusal),
                    "{made:?}"
                );
                match decision.refusal() {
                    Some(refusal) => (answer_of(&call.response(request, refusal)), decision.is_allowed()),
                    None => ("allowed".to_owned(), decision.is_allowed()),
                }
            })
        });
        slowest = slowest.max(start.elapsed());
        // Two changes may make another call of it that was signed.
        let is_whole = is_whole || (is_allowed && bases.iter().any(|base| self::is_whole(base, &made)));
        let word = if is_whole { format!("not broken, {word}") } else { word };
        broken += u64::from(!is_whole);
        assert!(!is_allowed || is_whole, "{base:?}\nbecame\n{made:?}");
        *said.entry(word).or_default() += 1;
    }
    println!("{broken} broken calls in {:?}, the slowest took {slowest:?}", begin.elapsed());
    for (word, count) in &said {
        println!("{count:>9} {word}");
    }
    let of = |part: &str| said.iter().filter(|(word, _)| word.starts_with(part)).map(|(_, count)| count).sum::<u64>();
    for (part, share) in [
        ("400 ", 10),
        ("403 ForbiddenException", 500),
        ("403 MissingAuthenticationToken", 100),
        ("403 IncompleteSignature", 100),
        ("403 InvalidSignature", 10),
        ("403 AccessDenied", 100),
        ("not broken", 1_000),
    ] {
        assert!(of(part) * share >= broken, "{part}: {} of {broken}", of(part));
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
}

/// A response in a word, after a look at what goes on the wire.
fn answer_of(response: &Response<'_>) -> String {
    let body: BTreeMap<String, String> = serde_json::from_str(&response.body()).unwrap();
    assert_eq!(body.into_values().collect::<Vec<_>>(), [response.message()]);
    format!("{} {}", response.status(), response.errortype())
}

/// Some of them as lines of `eval`, and those lines broken as text: an answer for each, and none lets a call in.
#[test]
fn no_broken_line_passes() {
    let (folder, _, _, bases) = strict();
    let mut rng = Rng(number("PORTCULLIS_SEED", 1));
    let mut requests = String::new();
    let mut count = 0;
    while count < 4_000 {
        let base = rng.pick(&bases).clone();
        let mut made = base.clone();
        spoil(&mut rng, &mut made, &bases);
        let Some(mut line) = line(&made).filter(|_| !bases.iter().any(|base| is_whole(base, &made))) else { continue };
        if count % 2 == 1 {
            let mut bytes = line.into_bytes();
            edit(&mut rng, &mut bytes);
            line = String::from_utf8_lossy(&bytes).replace(['\n', '\r'], "");
        }
        if line.trim().is_empty() {
            continue;
        }
        requests += &line;
        requests.push('\n');
        count += 1;
    }
    let (answers, code) = eval_with_keys(folder.path(), &requests);
    assert_eq!((answers.len(), code), (count, Some(1)));
    for (line, answer) in requests.lines().zip(&answers) {
        // What breaks a text may mend what was broken before.
        let is_refused = answer.starts_with("{\"decision\":\"deny\"") || answer.starts_with("{\"error\":{\"line\":");
        assert!(is_refused || bases.iter().any(|base| is_whole(base, &Seen::read(line))), "{line}\n{answer}");
    }
    let denied = answers.iter().filter(|answer| answer.starts_with("{\"decision\"")).count();
    assert!(denied > count / 2 && denied < count, "{denied} of {count}");
}

/// The call as a line; `None` where it is no text.
fn line(seen: &Seen) -> Option<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let headers: Option<Vec<_>> = seen.headers.iter().map(|(name, value)| Some([text(name)?, text(value)?])).collect();
    let time = jiff::Timestamp::try_from(seen.time).ok()?;
    let mut http = serde_json::json!({
        "method": text(&seen.method)?, "target": text(&seen.target)?, "headers": headers?, "body": text(&seen.body)?,
        "time": time.to_string(),
    });
    for (field, value) in [("host", seen.host.as_deref().and_then(text)), ("endpoint", seen.endpoint.clone())] {
        if let Some(value) = value {
            http[field] = value.into();
        }
    }
    let context: BTreeMap<_, _> = seen.context.iter().cloned().collect();
    Some(serde_json::json!({"http": http, "context": context}).to_string())
}
