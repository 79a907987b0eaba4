//! Random requests, signed by `aws-sigv4` as an SDK has it sign, verify; and with another secret do not.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use proptest::prelude::*;

use super::{Case, word};

const HOST: &str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";

/// A path, a query, or part of one, as a client sends it.
fn encoded(characters: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => characters.prop_map(|text: String| text),
        1 => any::<char>().prop_map(|character| {
            let mut buffer = [0; 4];
            character.encode_utf8(&mut buffer).bytes().map(|byte| format!("%{byte:02X}")).collect()
        }),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let segment =
        prop::collection::vec(encoded("[A-Za-z0-9_~@:!$&'()*+,;=-]{1,4}"), 1..4).prop_map(|parts| parts.concat());
    (prop::collection::vec(segment, 0..4), any::<bool>()).prop_map(|(segments, slash)| {
        let path: String = segments.iter().map(|segment| format!("/{segment}")).collect();
        if slash || path.is_empty() { path + "/" } else { path }
    })
}

fn query() -> impl Strategy<Value = String> {
    let text = || prop::collection::vec(encoded("[A-Za-z0-9._~/:@!-]{0,4}"), 0..3).prop_map(|parts| parts.concat());
    prop::collection::vec((encoded("[a-z.-]{1,3}"), prop::option::of(text())), 0..5).prop_map(|parameters| {
        let parameters: Vec<_> = parameters
            .into_iter()
            .map(|(name, value)| value.map_or_else(|| name.clone(), |value| format!("{name}={value}")))
            .collect();
        parameters.join("&")
    })
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::btree_map("x-[a-z]{1,6}", "[ -~]{0,12}", 0..4)
        .prop_map(|headers| headers.into_iter().filter(|(name, _)| !name.starts_with("x-amz")).collect())
}

/// The case as `aws-sigv4` signs it.
fn signed(mut case: Case, place: SignatureLocation) -> Case {
    let mut settings = SigningSettings::default();
    settings.signature_location = place;
    settings.expires_in = (place == SignatureLocation::QueryParams).then_some(Duration::from_secs(60));
    let token = case.session_token.clone();
    let identity =
        aws_credential_types::Credentials::new(&case.access_key_id, &case.secret, token, None, "test").into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(&case.region)
        .name(&case.service)
        .time(case.now)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = match case.query.as_str() {
        "" => format!("https://{HOST}{}", case.path),
        query => format!("https://{HOST}{}?{query}", case.path),
    };
    let given = case.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(&case.method, url, given, SignableBody::Bytes(&case.body)).unwrap();
    let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
    let (headers, params) = instructions.into_parts();
    case.headers.extend(headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned())));
    for (name, value) in params {
        let value: String = value
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        let and = if case.query.is_empty() { "" } else { "&" };
        case.query += &format!("{and}{name}={value}");
    }
    case
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_the_sdk_signs_verifies(
        method in "GET|PUT|POST|DELETE|PATCH",
        path in path(),
        query in query(),
        headers in headers(),
        body in prop::collection::vec(any::<u8>(), 0..40),
        secret in "[A-Za-z0-9/+]{1,50}",
        token in prop::option::of("[A-Za-z0-9/+=]{1,80}"),
        seconds in 0u64..253_402_300_000,
        in_query: bool,
    ) {
        let mut headers = headers;
        headers.push(("Host".to_owned(), HOST.to_owned()));
        let case = Case {
            name: String::new(),
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret,
            session_token: token,
            region: "us-east-1".to_owned(),
            service: "execute-api".to_owned(),
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            method,
            path,
            query,
            headers,
            body,
            answer: "valid".to_owned(),
        };
        let place = if in_query { SignatureLocation::QueryParams } else { SignatureLocation::Headers };
        let mut case = signed(case, place);
        prop_assert_eq!(word(&case.authorization()), "valid", "{:?}", case);
        // Neither the order of the headers nor the case of their names is signed.
        case.headers.reverse();
        for (name, _) in &mut case.headers {
            name.make_ascii_uppercase();
        }
        prop_assert_eq!(word(&case.authorization()), "valid", "{:?}", case);
        case.secret.push('x');
        prop_assert_eq!(word(&case.authorization()), "Mismatch", "{:?}", case);
    }
}
