use super::*;

/// A header as text.
type Text<'a> = (&'a str, &'a str);

const DATE: Text<'_> = ("X-Amz-Date", "20260101T120000Z");
const WHOLE: &str = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/execute-api/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=abc";
const QUERY: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fexecute-api%2F\
                     aws4_request&X-Amz-Date=20260101T120000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=abc";

fn bytes<'a>(headers: &[Text<'a>]) -> Vec<Header<'a>> {
    headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect()
}

/// The missing parts by name.
fn parts(missing: MissingParts) -> Vec<&'static str> {
    let MissingParts { credential, signature, signed_headers, date } = missing;
    let named =
        [(credential, "Credential"), (signature, "Signature"), (signed_headers, "SignedHeaders"), (date, "Date")];
    named.into_iter().filter_map(|(missing, name)| missing.then_some(name)).collect()
}

/// The reading in a word, and its missing parts.
fn said(headers: &[Text<'_>], query: &str) -> String {
    match read_authorization(&bytes(headers), query) {
        Reading::Absent => "absent".to_owned(),
        Reading::Signed(signature) => format!("signed {}", signature.access_key_id()),
        Reading::Incomplete(missing) => format!("incomplete [{}]", parts(missing).join(", ")),
        Reading::Invalid(invalid) => format!("{invalid:?}"),
        Reading::Bearer(missing) => format!("bearer [{}]", parts(missing).join(", ")),
    }
}

fn of_value(value: &str) -> String {
    said(&[("Host", "h"), DATE, ("Authorization", value)], "")
}

/// S-01, state by state.
#[test]
fn a_header_has_one_of_five_states() {
    for (value, expected) in [
        ("", "absent"),
        (" \t", "absent"),
        (WHOLE, "signed AKID"),
        ("AWS4-HMAC-SHA256", "incomplete [Credential, Signature, SignedHeaders]"),
        ("AWS4-HMAC-SHA256 ", "incomplete [Credential, Signature, SignedHeaders]"),
        ("AWS4-HMAC-SHA256 nonsense", "incomplete [Credential, Signature, SignedHeaders]"),
        ("AWS4-HMAC-SHA256 Signature=abc", "incomplete [Credential, SignedHeaders]"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host", "incomplete [Signature]"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=,SignedHeaders=host", "incomplete [Signature]"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d,Signature=s,SignedHeaders=host", "incomplete [Credential]"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f,Signature=s,SignedHeaders=host", "incomplete [Credential]"),
        ("AWS4-HMAC-SHA256 Credential=/b/c/d/e,Signature=s,SignedHeaders=host", "incomplete [Credential]"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=", "incomplete [SignedHeaders]"),
        ("AWS4-HMAC-SHA256\tCredential=a/b/c/d/e,Signature=s,SignedHeaders=host", "signed a"),
        ("AWS4-HMAC-SHA256   Credential=a/b/c/d/e ,\tSignature=s, SignedHeaders=host", "signed a"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=x", "SignedHeaders"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host;a", "SignedHeaders"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=Host", "SignedHeaders"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host;host", "SignedHeaders"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host;", "SignedHeaders"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host,Signature=s", "Malformed"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host,", "Malformed"),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host,credential=x", "Malformed"),
        ("AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host", "Algorithm"),
        ("aws4-HMAC-sha256 Credential=a/b/c/d/e,Signature=s,SignedHeaders=host", "Algorithm"),
        ("Bearer abc", "bearer [Credential, Signature, SignedHeaders]"),
        ("Basic", "bearer [Credential, Signature, SignedHeaders]"),
        ("allow", "bearer [Credential, Signature, SignedHeaders]"),
        ("AWS4-HMAC-SHA256, Credential=a/b/c/d/e", "bearer [Credential, Signature, SignedHeaders]"),
    ] {
        assert_eq!(of_value(value), expected, "{value:?}");
    }
    assert_eq!(said(&[], ""), "absent");
    assert_eq!(said(&[("authorization", "Bearer abc")], ""), "bearer [Credential, Signature, SignedHeaders, Date]");
    assert_eq!(
        said(&[("authorization", "AWS4-HMAC-SHA256")], ""),
        "incomplete [Credential, Signature, SignedHeaders, Date]"
    );
}

/// S-02: what has two readings is read in neither.
#[test]
fn two_signatures_are_none() {
    let whole = ("authorization", WHOLE);
    assert_eq!(said(&[DATE, whole, ("AUTHORIZATION", WHOLE)], ""), "TwoHeaders");
    assert_eq!(said(&[DATE, whole, ("AUTHORIZATION", "")], ""), "TwoHeaders");
    assert_eq!(said(&[DATE, whole], QUERY), "HeaderAndQuery");
    assert_eq!(said(&[DATE, whole], "X-Amz-Signature="), "HeaderAndQuery");
    assert_eq!(said(&[("authorization", "Bearer abc")], QUERY), "HeaderAndQuery");
    assert_eq!(said(&[("authorization", "")], QUERY), "signed AKID");
    assert_eq!(said(&[("x-amz-security-token", "t")], QUERY), "HeaderAndQuery");
    assert_eq!(said(&[DATE, DATE, whole], ""), "Header");
    assert_eq!(said(&[DATE, whole, ("x-amz-security-token", "t"), ("X-Amz-Security-Token", "t")], ""), "Header");
    assert_eq!(said(&[DATE, ("authorization", "AWS4-HMAC-SHA256\r\n Credential=a/b/c/d/e")], ""), "Header");
}

#[test]
fn the_date_is_x_amz_date_before_date() {
    let date = |headers: &[Text<'_>]| said(&[headers, &[("Authorization", WHOLE)]].concat(), "");
    let http = ("Date", "Thu, 01 Jan 2026 12:00:00 GMT");
    assert_eq!(date(&[http]), "signed AKID");
    assert_eq!(date(&[("date", "20260101T120000Z")]), "signed AKID");
    assert_eq!(date(&[("date", "yesterday")]), "incomplete [Date]");
    assert_eq!(date(&[]), "incomplete [Date]");
    assert_eq!(date(&[http, http]), "Header");
    assert_eq!(date(&[DATE, http, http]), "signed AKID", "the one that counts stands once");
    for unreadable in [
        "",
        "2026-01-01T12:00:00Z",
        "20260101T120000",
        "20260101T120000z",
        "20260101T120000+0000",
        "20260101 120000Z",
        "20260229T000000Z",
        "20260101T240000Z",
        "20260101T120060Z",
        "2026011T120000Z",
        "+20260101T120000Z",
        "120260101T120000Z",
        "Thu, 01 Jan 2026 12:00:00 GMT",
        "20260101T120000Z ,",
        "２0260101T120000Z",
    ] {
        assert_eq!(date(&[("x-amz-date", unreadable), http]), "incomplete [Date]", "{unreadable}");
    }
    let Reading::Signed(signature) = read_authorization(&bytes(&[http, ("authorization", WHOLE)]), "") else {
        panic!("signed")
    };
    assert_eq!(signature.signed_at().to_string(), "20260101T120000Z");
    assert_eq!(signature.signed_at().epoch_seconds(), 1_767_268_800);
}

#[test]
fn a_query_counts_as_the_header_does() {
    assert_eq!(said(&[], QUERY), "signed AKID");
    assert_eq!(said(&[], &QUERY.replace("X-Amz-Signature", "X%2DAmz-Signatur%65")), "signed AKID");
    // A date or a token alone is a parameter of the API's own, and names have a case.
    assert_eq!(said(&[], "X-Amz-Date=20260101T120000Z&X-Amz-Security-Token=t&X-Amz-Expires=1"), "absent");
    assert_eq!(said(&[], "x-amz-signature=abc"), "absent");
    assert_eq!(said(&[], "X-Amz-Signature=%zz"), "incomplete [Credential, Signature, SignedHeaders, Date]");
    assert_eq!(said(&[], "X-Amz-Signature=abc"), "incomplete [Credential, SignedHeaders, Date]");
    assert_eq!(said(&[], "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256"), "Algorithm");
    assert_eq!(said(&[], "X-Amz-Algorithm="), "Algorithm");
    assert_eq!(said(&[], &QUERY.replace("X-Amz-Algorithm=AWS4-HMAC-SHA256&", "")), "Algorithm");
    // The date of a query stands in the query.
    let undated = QUERY.replace("&X-Amz-Date=20260101T120000Z", "");
    assert_eq!(said(&[DATE], &undated), "incomplete [Date]");
    for (expires, expected) in [
        ("1", "signed AKID"),
        ("604800", "signed AKID"),
        ("0", "Lifetime"),
        ("604801", "Lifetime"),
        ("060", "Lifetime"),
        ("%2B60", "Lifetime"),
        ("-1", "Lifetime"),
        ("", "Lifetime"),
        ("4294967297", "Lifetime"),
        ("60s", "Lifetime"),
    ] {
        let query = QUERY.replace("X-Amz-Expires=60", &format!("X-Amz-Expires={expires}"));
        assert_eq!(said(&[], &query), expected, "{expires}");
    }
    assert_eq!(said(&[], &format!("{QUERY}&X-Amz-Date=20260101T120000Z")), "Malformed");
    assert_eq!(said(&[], &format!("{QUERY}&a=b+c")), "Target");
    assert_eq!(said(&[], &format!("{QUERY}&a=%zz")), "Target");
}

#[test]
fn a_text_is_decoded_in_the_one_way_there_is() {
    assert_eq!(decode("a%20b%2Bc%c3%A9").as_deref(), Some("a b+cé"));
    assert_eq!(decode("").as_deref(), Some(""));
    for unreadable in ["+", "%", "%4", "%zz", "%+1", "%ff", "%C3", "#", "%é"] {
        assert_eq!(decode(unreadable), None, "{unreadable}");
    }
}

#[test]
fn what_is_not_text_is_not_guessed_at() {
    let whole: Header<'_> = (b"authorization", WHOLE.as_bytes());
    let date: Header<'_> = (b"x-amz-date", b"20260101T120000Z");
    assert!(matches!(read_authorization(&[(b"authorization", b"Bearer \xff")], ""), Reading::Invalid(Invalid::Header)));
    let undated = read_authorization(&[whole, (b"x-amz-date", b"\xff")], "");
    assert!(matches!(undated, Reading::Invalid(Invalid::Header)));
    // What the signature does not speak of may be anything.
    let signed = read_authorization(&[whole, date, (b"x-other", b"\xff"), (b"\xff", b"\n")], "");
    assert!(matches!(signed, Reading::Signed(_)));
}
