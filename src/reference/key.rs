//! Rules K: what the request says of a context key, else what its endpoint does, else what is derived.

use std::net::IpAddr;

use super::Asked;
use crate::gate::{DerivedKey, Scratch, Value};

/// What is known of one key: no value, one, or several (K-01, K-03).
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    /// Neither given nor derived.
    Unknown,
    /// As the request gives it, or as it is derived.
    Given(Value<'a>),
    /// As the endpoint of the bundle gives it.
    OfEndpoint(&'a [String]),
}

/// One value of a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct OneValue<'a> {
    /// The text.
    pub text: &'a str,
    /// The address that the text was given as, where it was.
    pub known_address: Option<IpAddr>,
}

impl<'a> Asked<'a> {
    /// K-04, K-05: what the request gives wins, an empty list included (K-03).
    pub(super) fn key<'s>(&'s self, name: &str, scratch: &'s mut Scratch) -> Key<'s> {
        // K-07: nobody can give an anonymous caller of a bundle the keys of a signer.
        let may_be_given = self.endpoint.is_none() || self.question.may_be_given(name);
        if may_be_given && let Some(value) = self.question.given(name) {
            return Key::Given(value);
        }
        let context = self.endpoint.map(|endpoint| endpoint.context.as_slice()).unwrap_or_default();
        let of_endpoint = context.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        if may_be_given && let Some((_, texts)) = of_endpoint {
            return Key::OfEndpoint(texts);
        }
        // K-11
        let endpoint = self.endpoint.map(|endpoint| endpoint.id.as_str());
        match DerivedKey::of(name.as_bytes()).and_then(|key| self.question.derived(key, endpoint, scratch)) {
            Some(text) => Key::Given(Value::text(text)),
            None => Key::Unknown,
        }
    }
}

impl<'a> Key<'a> {
    /// The values, in order. A single value is a list of one (K-01).
    pub fn values(self) -> impl Iterator<Item = OneValue<'a>> {
        let (value, texts) = match self {
            Self::Unknown => (None, [].as_slice()),
            Self::Given(value) => (Some(value), [].as_slice()),
            Self::OfEndpoint(texts) => (None, texts),
        };
        let given = value
            .into_iter()
            .flat_map(|value| value.texts().map(move |text| OneValue { text, known_address: value.known_address() }));
        given.chain(texts.iter().map(|text| OneValue { text, known_address: None }))
    }

    /// K-03: a key is there if it has a value, be it the empty string.
    pub fn is_present(self) -> bool {
        self.values().next().is_some()
    }

    /// The value, where there is exactly one, also where it came as a list (C-08).
    pub fn single(self) -> Option<OneValue<'a>> {
        let mut values = self.values();
        values.next().filter(|_| values.next().is_none())
    }

    /// C-07, C-11: there are values, and each of them is the empty string.
    pub fn is_all_empty(self) -> bool {
        self.is_present() && self.values().all(|value| value.text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Endpoint;
    use crate::gate::{Caller, Context, Question, Request};
    use crate::policy::Place;

    const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";

    fn texts<'a>(key: Key<'a>) -> Vec<&'a str> {
        key.values().map(|value| value.text).collect()
    }

    /// K-01, K-03, C-07, C-08: values, whether there is exactly one, and whether all are empty, wherever they
    /// come from.
    #[test]
    fn counts() {
        for (values, single, is_all_empty) in [
            (&[][..], None, false),
            (&["a"], Some("a"), false),
            (&[""], Some(""), true),
            (&["a", "b"], None, false),
            (&["a", "a"], None, false),
            (&["", ""], None, true),
            (&["", "a"], None, false),
            (&["a", ""], None, false),
        ] {
            let owned: Vec<String> = values.iter().map(|text| (*text).to_owned()).collect();
            for key in [Key::Given(Value::list(values)), Key::OfEndpoint(&owned)] {
                assert_eq!(texts(key), values, "{key:?}");
                assert_eq!(key.is_present(), !values.is_empty(), "{key:?}");
                assert_eq!(key.single().map(|value| value.text), single, "{key:?}");
                assert_eq!(key.is_all_empty(), is_all_empty, "{key:?}");
            }
        }
        assert!(!Key::Unknown.is_present() && !Key::Unknown.is_all_empty() && Key::Unknown.single().is_none());
        let address = Key::Given(Value::address("::ffff:10.0.0.1")).single().and_then(|value| value.known_address);
        assert_eq!(address, "10.0.0.1".parse().ok());
    }

    /// K-03 to K-05, K-11: the request, else the endpoint, else what is derived.
    #[test]
    fn sources() {
        let endpoint = Endpoint {
            place: Place::default(),
            id: "vpce-1a2b3c4d".to_owned(),
            policy: None,
            context: vec![
                ("x:both".to_owned(), vec!["endpoint".to_owned()]),
                ("x:emptied".to_owned(), vec!["endpoint".to_owned()]),
                ("x:endpoint".to_owned(), vec!["one".to_owned(), "two".to_owned()]),
            ],
        };
        let context = [
            ("x:both", Value::text("request")),
            ("x:emptied", Value::list(&[])),
            ("aws:RequestedRegion", Value::text("moon-1")),
            ("aws:ResourceAccount", Value::list(&[])),
        ];
        let request = Request::invoke(Caller::Arn("arn:aws:iam::111122223333:user/team/Ann"), RESOURCE)
            .with_context(Context::new(&context));
        let question = Question::read(&request).unwrap();
        let asked = Asked { question, endpoint: Some(&endpoint), has_boundary: false };
        for (name, values) in [
            ("X:BOTH", &["request"][..]),
            ("x:emptied", &[]),
            ("x:Endpoint", &["one", "two"]),
            ("x:none", &[]),
            ("aws:requestedregion", &["moon-1"]),
            ("aws:ResourceAccount", &[]),
            ("aws:UserName", &["Ann"]),
            ("aws:SourceVpce", &["vpce-1a2b3c4d"]),
            ("aws:SourceIp", &[]),
        ] {
            assert_eq!(texts(asked.key(name, &mut Scratch::new())), values, "{name}");
        }
        // K-07
        let by_nobody = Request { caller: Caller::Anonymous, ..request };
        let anonymous = Question::read(&by_nobody).unwrap();
        let given =
            [("aws:PrincipalTag/team", Value::text("red")), ("aws:PrincipalAccount", Value::text("111122223333"))];
        let request = request.with_context(Context::new(&given));
        let signed = Question { request: &request, ..anonymous };
        for (endpoint, team, account) in [(Some(&endpoint), None, "anonymous"), (None, Some("red"), "111122223333")] {
            let asked = Asked { question: signed, endpoint, has_boundary: false };
            let first = |name| asked.key(name, &mut Scratch::new()).single().map(|value| value.text.to_owned());
            assert_eq!(first("aws:principaltag/TEAM").as_deref(), team);
            assert_eq!(first("aws:PrincipalAccount").as_deref(), Some(account));
        }
        let alone = Asked { question, endpoint: None, has_boundary: false };
        for name in ["x:endpoint", "aws:SourceVpce"] {
            assert!(!alone.key(name, &mut Scratch::new()).is_present(), "{name}");
        }
    }
}
