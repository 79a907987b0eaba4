//! A request as a line of JSON: read strictly, or refused with what was expected.
//!
//! A [`Line`] states its request in the fields of a [`RequestLine`], or has the call itself, an [`HttpLine`].
//!
//! Invariant: a [`RequestLine`] holds what the line said and nothing else. A key twice, an unknown field or a
//! value of another type is an error (E-07), never skipped. What the *library* calls unreadable in a
//! well-formed line (a resource that is no ARN, say) stays in, and is denied by whoever decides.

use std::borrow::Cow;
use std::fmt;

use portcullis::{Authorization, Authorizer, Caller, Context, Fault, Gate, Request, Value};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::http::HttpLine;

/// What the lines are asked of; it decides which fields they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One document: the fields of a bundle are errors (E-07).
    Document,
    /// A bundle of endpoints.
    Bundle,
    /// A bundle with APIs.
    Layers,
}

impl Asked {
    /// What a gate is asked.
    pub fn of<D: AsRef<[u8]>>(gate: &Gate<D>) -> Self {
        match (gate.is_bundle(), gate.has_apis()) {
            (false, _) => Self::Document,
            (true, false) => Self::Bundle,
            (true, true) => Self::Layers,
        }
    }
}

/// One line, read.
#[derive(Debug)]
pub enum Line<'a> {
    /// It states the request.
    Stated(RequestLine<'a>),
    /// It holds the call as a proxy saw it.
    Http(Box<HttpLine<'a>>),
}

impl<'a> Line<'a> {
    /// Reads one line. Numbers of the context keep the text they were written with (K-01).
    ///
    /// # Errors
    /// What was found and what was expected, with the column where it stood (E-07).
    pub fn read(line: &'a [u8], asked: Asked) -> Result<Self, String> {
        let text = std::str::from_utf8(line)
            .map_err(|error| format!("not UTF-8 at column {}: expected JSON text", error.valid_up_to() + 1))?;
        match text.trim_start_matches([' ', '\t', '\r', '\n']).chars().next() {
            Some('{') => {}
            Some('\u{feff}') => return Err("expected a JSON object, found a byte order mark: leave it out".to_owned()),
            // Not left to serde: it would read an array as the fields in order.
            _ => return Err("expected a JSON object, as {\"resource\":\"arn:aws:execute-api:…\"}".to_owned()),
        }
        let mut line: RequestLine<'a> = serde_json::from_str(text).map_err(|error| describe(&error))?;
        line.check_fields(asked)?;
        line.words = (
            word("authorization", &AUTHORIZATIONS, line.authorization)?,
            word("authorizer", &AUTHORIZERS, line.authorizer)?,
        );
        if line.http.is_some() {
            let (_, authorizer) = line.words;
            return Ok(Self::Http(Box::new(HttpLine::read(text, line.context, authorizer)?)));
        }
        line.check()?;
        Ok(Self::Stated(line))
    }
}

/// A line that states its request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct RequestLine<'a> {
    #[serde(borrow, default, deserialize_with = "some_text")]
    endpoint: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_principal")]
    principal: Option<Principal<'a>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    action: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "some_text")]
    resource: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    context: Pairs<'a>,
    // Read as whatever they hold, so that a line to something else is told what is missing.
    #[serde(borrow, default, deserialize_with = "raw")]
    authorization: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw")]
    authorizer: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw")]
    http: Option<&'a RawValue>,
    /// The words of `authorization` and `authorizer`, once they are read.
    #[serde(skip)]
    words: (Option<Authorization>, Option<Authorizer>),
}

impl<'a> RequestLine<'a> {
    /// Reads one line that states its request.
    ///
    /// # Errors
    /// As [`Line::read`], and where it holds an HTTP request.
    pub fn read(line: &'a [u8], asked: Asked) -> Result<Self, String> {
        match Line::read(line, asked)? {
            Line::Stated(line) => Ok(line),
            Line::Http(_) => {
                Err("a line with `http` is for `eval` and `explain`: state its `resource` here".to_owned())
            }
        }
    }

    /// The fields that may not stand in a line to this, or beside each other.
    fn check_fields(&self, asked: Asked) -> Result<(), String> {
        let (header, authorizer) = (self.authorization.is_some(), self.authorizer.is_some());
        let fields = [("authorization", header), ("authorizer", authorizer), ("http", self.http.is_some())];
        if let Some((name, _)) = fields.iter().find(|(_, given)| *given && asked != Asked::Layers) {
            return Err(format!("the field `{name}` needs a bundle with `apis`: leave it out"));
        }
        // Not left to serde, as above.
        if let Some(http) = self.http.filter(|http| !http.get().starts_with('{')) {
            let found = shortened(http.get());
            return Err(format!(
                "`http` is {found}: expected an object, as {{\"method\":\"GET\",\"host\":\"…\",\"target\":\"/…\"}}"
            ));
        }
        let stated = [
            ("endpoint", self.endpoint.is_some(), "write it inside `http`"),
            ("principal", self.principal.is_some(), FOUND),
            ("action", self.action.is_some(), FOUND),
            ("resource", self.resource.is_some(), FOUND),
            ("authorization", header, FOUND),
        ];
        if let Some((name, _, help)) = stated.iter().find(|(_, given, _)| *given && self.http.is_some()) {
            return Err(format!("the field `{name}` cannot stand beside `http`: {help}"));
        }
        if self.endpoint.is_some() && asked == Asked::Document {
            return Err(
                "the field `endpoint` needs a bundle: leave it out, or give `aws:SourceVpce` in `context`".to_owned()
            );
        }
        Ok(())
    }

    /// The errors that are about a whole request.
    fn check(&self) -> Result<(), String> {
        if self.resource.is_none() {
            return Err("missing field `resource`".to_owned());
        }
        // Asked of the action alone, since `check` stops at the first fault it finds.
        let action = Request { action: self.action(), ..Request::invoke(Caller::Anonymous, "arn:::::") };
        match action.check() {
            Err(Fault::Action) => Err(format!("the action `{}` is not of the form `service:name`", self.action())),
            _ => Ok(()),
        }
    }

    fn action(&self) -> &str {
        self.action.as_deref().unwrap_or("execute-api:Invoke")
    }

    /// The texts of every context key, in the order of the line; [`Self::pairs`] borrows from them.
    pub fn texts(&self) -> Vec<Vec<&str>> {
        self.context.texts()
    }

    /// The names of the context with their values, which [`Self::request`] borrows.
    pub fn pairs<'s>(&'s self, texts: &'s [Vec<&'s str>]) -> Vec<(&'s str, Value<'s>)> {
        self.context.pairs(texts)
    }

    /// The request itself.
    ///
    /// # Errors
    /// Where the context holds a key twice, case ignored (K-02).
    pub fn request<'s>(&'s self, pairs: &'s [(&'s str, Value<'s>)]) -> Result<Request<'s>, String> {
        let context = context_of(pairs)?;
        let caller = match &self.principal {
            None | Some(Principal::Anonymous) => Caller::Anonymous,
            Some(Principal::Arn(arn)) => Caller::Arn(arn),
            Some(Principal::Service(name)) => Caller::Service(name),
        };
        let endpoint = self.endpoint.as_deref();
        let (authorization, authorizer) = self.words;
        Ok(Request {
            endpoint,
            caller,
            authorization,
            authorizer,
            action: self.action(),
            // Without one there is no line.
            resource: self.resource.as_deref().unwrap_or_default(),
            context,
        })
    }

    /// Builds the request and hands it on.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub fn ask<T>(&self, ask: impl FnOnce(&Request<'_>) -> T) -> Result<T, String> {
        let texts = self.texts();
        let pairs = self.pairs(&texts);
        Ok(ask(&self.request(&pairs)?))
    }
}

/// Why a field cannot stand beside `http`.
const FOUND: &str = "it is found from the HTTP request, leave it out";

/// What the `Authorization` header may have turned out to be.
const AUTHORIZATIONS: [(&str, Authorization); 5] = [
    ("absent", Authorization::Absent),
    ("valid", Authorization::Valid),
    ("incomplete", Authorization::Incomplete),
    ("invalid", Authorization::Invalid),
    ("bearer", Authorization::Bearer),
];

/// What an authorizer may have said.
const AUTHORIZERS: [(&str, Authorizer); 3] =
    [("allow", Authorizer::Allow), ("deny", Authorizer::Deny), ("silent", Authorizer::Silent)];

/// One of these words, where the field is there; another value is an error (E-07).
fn word<T: Copy>(field: &str, words: &[(&str, T)], raw: Option<&RawValue>) -> Result<Option<T>, String> {
    let Some(raw) = raw else { return Ok(None) };
    let text: Option<Text<'_>> = serde_json::from_str(raw.get()).ok();
    let meant = text.and_then(|Text(text)| words.iter().find(|(word, _)| *word == text));
    match meant {
        Some((_, meant)) => Ok(Some(*meant)),
        None => {
            let known: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            Err(format!("`{field}` is {}: expected one of {}", shortened(raw.get()), known.join(", ")))
        }
    }
}

/// A value of a line for a message, cut where it is long.
pub fn shortened(json: &str) -> String {
    const LONGEST: usize = 60;
    match json.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", json.get(..end).unwrap_or_default()),
        None => json.to_owned(),
    }
}

/// A list of one is the value itself (K-01); an address is read here, once for all decisions.
fn value<'s>(texts: &'s [&'s str]) -> Value<'s> {
    match texts {
        [text] => Value::address(text),
        texts => Value::list(texts),
    }
}

/// A context.
///
/// # Errors
/// Where it holds a key twice, case ignored (K-02).
pub fn context_of<'s>(pairs: &'s [(&'s str, Value<'s>)]) -> Result<Context<'s>, String> {
    let context = Context::new(pairs);
    if context.fault() == Some(Fault::DuplicateKey) {
        return Err(format!("the context holds {} twice: keys are compared without regard to case", twice(pairs)));
    }
    Ok(context)
}

/// The key that stands twice.
fn twice(pairs: &[(&str, Value<'_>)]) -> String {
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    let pair = names.windows(2).find_map(|two| match two {
        [one, other] if one == other => Some(one),
        _ => None,
    });
    pair.map_or_else(|| "a key".to_owned(), |name| format!("the key `{name}`"))
}

/// The parser's words, and the column in place of a line number that is always 1.
pub fn describe(error: &serde_json::Error) -> String {
    format!("{} at column {}", words(error), error.column())
}

/// The parser's words without the place.
fn words(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    text.truncate(text.strip_suffix(&end).map_or(text.len(), str::len));
    text
}

/// A field that may be absent, but not `null`.
pub fn some_text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'a, str>>, D::Error> {
    Text::deserialize(deserializer).map(|text| Some(text.0))
}

/// A principal, be it `null`.
fn some_principal<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Principal<'a>>, D::Error> {
    Principal::deserialize(deserializer).map(Some)
}

/// A field as it is written, be it `null`.
fn raw<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Text that borrows from the line where it holds no escape.
#[derive(Debug, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Who asks, as a line says it.
#[derive(Debug)]
enum Principal<'a> {
    Anonymous,
    Arn(Cow<'a, str>),
    Service(Cow<'a, str>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Principal<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Principal<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an ARN, `null`, or {\"Service\":\"…\"} as the `principal`")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Principal::Anonymous)
            }

            fn visit_borrowed_str<E: de::Error>(self, arn: &'de str) -> Result<Self::Value, E> {
                Ok(Principal::Arn(Cow::Borrowed(arn)))
            }

            fn visit_str<E: de::Error>(self, arn: &str) -> Result<Self::Value, E> {
                Ok(Principal::Arn(Cow::Owned(arn.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let name = match map.next_entry::<Text<'de>, Text<'de>>()? {
                    Some((Text(kind), Text(name))) if kind == "Service" => name,
                    _ => {
                        let message = "expected {\"Service\":\"…\"}, an ARN or `null` as the `principal`";
                        return Err(de::Error::custom(message));
                    }
                };
                if map.next_key::<IgnoredAny>()?.is_some() {
                    return Err(de::Error::custom("a `principal` object holds `Service` alone"));
                }
                Ok(Principal::Service(name))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// The context in the order of the line. Keys that stand twice are still in it.
#[derive(Debug, Default)]
pub struct Pairs<'a>(Vec<(Text<'a>, Vec<Text<'a>>)>);

impl Pairs<'_> {
    /// The texts of every key, in the order of the line; [`Self::pairs`] borrows from them.
    pub fn texts(&self) -> Vec<Vec<&str>> {
        self.0.iter().map(|(_, value)| value.iter().map(AsRef::as_ref).collect()).collect()
    }

    /// The names with their values.
    pub fn pairs<'s>(&'s self, texts: &'s [Vec<&'s str>]) -> Vec<(&'s str, Value<'s>)> {
        let names = self.0.iter().map(|(name, _)| name.as_ref());
        names.zip(texts).map(|(name, texts)| (name, value(texts))).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of context keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    let raw = map.next_value::<&'de RawValue>()?;
                    let texts = context_value(raw).map_err(|reason| {
                        de::Error::custom(format_args!("the context key `{}` holds {reason}", key.as_ref()))
                    })?;
                    pairs.push((key, texts));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// The texts of one context value (K-01). `raw` is well-formed JSON, but for what its strings hold.
fn context_value(raw: &RawValue) -> Result<Vec<Text<'_>>, String> {
    let text = raw.get();
    match text.bytes().next() {
        Some(b'"') => serde_json::from_str(text).map(|text| vec![text]).map_err(|error| words(&error)),
        Some(b'[') => serde_json::from_str(text).map_err(|error| words(&error)),
        // Not through a number type: `1e3` and `1000` are different texts.
        Some(b'-' | b'0'..=b'9' | b't' | b'f') => Ok(vec![Text(Cow::Borrowed(text))]),
        Some(b'n') => Err("`null`: expected a string, number, boolean or list of strings".to_owned()),
        _ => Err("an object: expected a string, number, boolean or list of strings".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";

    #[track_caller]
    fn error(line: &str, message: &str) {
        let line = line.replace("RES", &format!("\"resource\":\"{RESOURCE}\""));
        let found = RequestLine::read(line.as_bytes(), Asked::Document).and_then(|line| line.ask(|_| ()));
        let found = found.expect_err(&line);
        assert_eq!(found.rsplit_once(" at column ").map_or(found.as_str(), |(words, _)| words), message, "{line}");
    }

    #[test]
    fn a_line_is_one_object_and_nothing_else() {
        error("\u{feff}{RES}", "expected a JSON object, found a byte order mark: leave it out");
        error(
            "[null,\"execute-api:Invoke\",\"arn:a:b:c:d:e\",{}]",
            "expected a JSON object, as {\"resource\":\"arn:aws:execute-api:…\"}",
        );
        error("{RES} x", "trailing characters");
        error("{RES}{}", "trailing characters");
        error("{RES,}", "trailing comma");
        let found = RequestLine::read(b"  {\"principal\":7}", Asked::Document).expect_err("a number");
        assert!(found.ends_with(" at column 16"), "columns count from 1, in the line as it stands: {found}");
        error("{RES // why", "expected `,` or `}`");
        error("{\"principal\":null}", "missing field `resource`");
        let mut latin = format!("{{\"resource\":\"{RESOURCE}").into_bytes();
        latin.extend_from_slice(b"\xe9\"}");
        let found = RequestLine::read(&latin, Asked::Document).expect_err("not UTF-8");
        assert_eq!(found, "not UTF-8 at column 81: expected JSON text");
    }

    #[test]
    fn no_key_stands_twice() {
        error("{RES,RES}", "duplicate field `resource`");
        error("{RES,\"principal\":null,\"principal\":null}", "duplicate field `principal`");
        error("{RES,\"http\":{},\"http\":{}}", "duplicate field `http`");
        error(
            "{RES,\"context\":{\"aws:UserAgent\":\"a\",\"AWS:useragent\":\"a\"}}",
            "the context holds the key `aws:useragent` twice: keys are compared without regard to case",
        );
        error(
            "{RES,\"context\":{\"a:b\":\"a\",\"a:\\u0062\":\"a\"}}",
            "the context holds the key `a:b` twice: keys are compared without regard to case",
        );
        error(
            "{RES,\"principal\":{\"Service\":\"a\",\"Service\":\"a\"}}",
            "a `principal` object holds `Service` alone",
        );
    }

    #[test]
    fn fields_have_their_types() {
        error(
            "{RES,\"Action\":\"a:b\"}",
            "unknown field `Action`, expected one of `endpoint`, `principal`, `action`, `resource`, `context`, `authorization`, `authorizer`, `http`",
        );
        error("{RES,\"action\":null}", "invalid type: null, expected a string");
        error("{RES,\"context\":null}", "invalid type: null, expected an object of context keys");
        error("{RES,\"context\":[]}", "invalid type: sequence, expected an object of context keys");
        error(
            "{RES,\"principal\":7}",
            "invalid type: integer `7`, expected an ARN, `null`, or {\"Service\":\"…\"} as the `principal`",
        );
        for object in ["{}", "{\"AWS\":\"*\"}", "{\"service\":\"a\"}"] {
            let line = format!("{{RES,\"principal\":{object}}}");
            error(&line, "expected {\"Service\":\"…\"}, an ARN or `null` as the `principal`");
        }
        error("{RES,\"principal\":{\"Service\":null}}", "invalid type: null, expected a string");
        let wanted = "expected a string, number, boolean or list of strings";
        error("{RES,\"context\":{\"a:b\":null}}", &format!("the context key `a:b` holds `null`: {wanted}"));
        error("{RES,\"context\":{\"a:b\":{}}}", &format!("the context key `a:b` holds an object: {wanted}"));
        error(
            "{RES,\"context\":{\"a:b\":[1]}}",
            "the context key `a:b` holds invalid type: integer `1`, expected a string",
        );
    }

    #[test]
    fn surrogates_come_in_pairs() {
        error("{RES,\"principal\":\"\\ud800\"}", "unexpected end of hex escape");
        error("{RES,\"context\":{\"a:b\":[\"\\ud800\"]}}", "the context key `a:b` holds unexpected end of hex escape");
        let line = format!("{{\"resource\":\"{RESOURCE}\",\"context\":{{\"a:b\":\"\\ud83d\\ude00\"}}}}");
        let line = RequestLine::read(line.as_bytes(), Asked::Document).expect("a pair");
        assert_eq!(line.texts(), [["😀"]]);
    }

    #[test]
    fn an_action_has_one_colon() {
        for action in ["Invoke", "a:b:c", ":b", "a:", ""] {
            error(
                &format!("{{RES,\"action\":\"{action}\"}}"),
                &format!("the action `{action}` is not of the form `service:name`"),
            );
        }
        // The action is an error also where something else is only a deny.
        let line = "{\"resource\":\"x\",\"principal\":\"y\",\"action\":\"Invoke\"}";
        assert!(RequestLine::read(line.as_bytes(), Asked::Document).is_err());
    }

    #[test]
    fn bundle_fields_need_a_bundle() {
        error(
            "{RES,\"endpoint\":\"vpce-1\"}",
            "the field `endpoint` needs a bundle: leave it out, or give `aws:SourceVpce` in `context`",
        );
        error("{RES,\"authorizer\":null}", "the field `authorizer` needs a bundle with `apis`: leave it out");
        let line = format!("{{\"resource\":\"{RESOURCE}\",\"endpoint\":\"vpce-1\"}}");
        let line = RequestLine::read(line.as_bytes(), Asked::Bundle).expect("a bundle's field");
        assert_eq!(
            line.ask(|request| request.endpoint.map(str::to_owned)).expect("a request").as_deref(),
            Some("vpce-1")
        );
    }

    #[test]
    fn a_bundle_with_apis_has_words() {
        let ask = |fields: &str, asked| {
            let line = format!("{{\"resource\":\"{RESOURCE}\"{fields}}}");
            let read = RequestLine::read(line.as_bytes(), asked);
            read.and_then(|line| line.ask(|request| (request.authorization, request.authorizer)))
        };
        assert_eq!(ask("", Asked::Layers), Ok((None, None)));
        for (word, meant) in AUTHORIZATIONS {
            let fields = format!(",\"authorization\":\"{word}\",\"authorizer\":\"silent\"");
            assert_eq!(ask(&fields, Asked::Layers), Ok((Some(meant), Some(Authorizer::Silent))), "{word}");
        }
        for (word, meant) in AUTHORIZERS {
            let fields = format!(",\"authorizer\":\"{word}\"");
            assert_eq!(ask(&fields, Asked::Layers), Ok((None, Some(meant))), "{word}");
        }
        for value in ["null", "true", "\"Valid\"", "\"\"", "[\"valid\"]", "\"\\ud800\""] {
            let message = format!(
                "`authorization` is {value}: expected one of \"absent\", \"valid\", \"incomplete\", \"invalid\", \"bearer\""
            );
            assert_eq!(ask(&format!(",\"authorization\":{value}"), Asked::Layers), Err(message), "{value}");
            assert!(ask(&format!(",\"authorizer\":{value}"), Asked::Layers).is_err(), "{value}");
        }
        for field in ["authorization", "authorizer", "http"] {
            for asked in [Asked::Document, Asked::Bundle] {
                let message = format!("the field `{field}` needs a bundle with `apis`: leave it out");
                assert_eq!(ask(&format!(",\"{field}\":\"valid\""), asked), Err(message));
            }
        }
        let message =
            "the field `resource` cannot stand beside `http`: it is found from the HTTP request, leave it out";
        assert_eq!(ask(",\"http\":{}", Asked::Layers), Err(message.to_owned()));
        let line = br#"{"http":{"method":"GET","target":"/"}}"#;
        assert!(matches!(Line::read(line, Asked::Layers), Ok(Line::Http(_))));
        let found = RequestLine::read(line, Asked::Layers).expect_err("no stated request");
        assert_eq!(found, "a line with `http` is for `eval` and `explain`: state its `resource` here");
    }

    #[test]
    fn numbers_keep_their_text() {
        let line = format!(
            "{{\"resource\":\"{RESOURCE}\",\"context\":{{\"a:a\":1e3,\"a:b\":-0.10,\"a:c\":1e999,\"a:d\":true,\"a:e\":[],\"a:f\":[\"x\",\"\"]}}}}"
        );
        let line = RequestLine::read(line.as_bytes(), Asked::Document).expect("a request");
        let expected: [&[&str]; 6] = [&["1e3"], &["-0.10"], &["1e999"], &["true"], &[], &["x", ""]];
        assert_eq!(line.texts(), expected);
        assert!(RequestLine::read(b"{\"resource\":\"\",\"context\":{\"a:a\":01}}", Asked::Document).is_err());
    }
}
