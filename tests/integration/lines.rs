//! Lines of requests and answers, read and written by the letter of the command line's promise, not by its code.

use std::fmt;

use portcullis::bundle::{Attachments, Bundle};
use portcullis::{Authorization, Authorizer, Caller, Context, Evaluation, Reason, Request, Value};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::words::{Words, words};

/// One request, in text of its own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RequestLine {
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    #[serde(default)]
    pub principal: Option<Principal>,
    #[serde(default = "invoke")]
    pub action: String,
    pub resource: String,
    #[serde(default)]
    pub context: Pairs,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    pub authorization: Option<State>,
    #[serde(default, deserialize_with = "stated", skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<Said>,
}

/// What the `Authorization` header turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Absent,
    Valid,
    Incomplete,
    Invalid,
    Bearer,
}

impl From<State> for Authorization {
    fn from(state: State) -> Self {
        match state {
            State::Absent => Self::Absent,
            State::Valid => Self::Valid,
            State::Incomplete => Self::Incomplete,
            State::Invalid => Self::Invalid,
            State::Bearer => Self::Bearer,
        }
    }
}

/// What an authorizer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    Allow,
    Deny,
    Silent,
}

impl From<Said> for Authorizer {
    fn from(said: Said) -> Self {
        match said {
            Said::Allow => Self::Allow,
            Said::Deny => Self::Deny,
            Said::Silent => Self::Silent,
        }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Principal {
    Arn(String),
    Other(Other),
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    #[serde(rename = "Service")]
    pub service: String,
}

/// The context, its keys as they came, also where one came twice.
#[derive(Debug, Clone, Default)]
pub struct Pairs(pub Vec<(String, Texts)>);

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Texts {
    One(String),
    List(Vec<String>),
}

impl RequestLine {
    /// An anonymous request to invoke, with an empty context.
    pub fn invoke(resource: &str) -> Self {
        let context = Pairs::default();
        Self {
            endpoint: None,
            principal: None,
            action: invoke(),
            resource: resource.to_owned(),
            context,
            authorization: None,
            authorizer: None,
        }
    }

    /// Asks with this request.
    pub fn ask<T>(&self, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        self.ask_with(Value::text, ask)
    }

    /// Asks with this request, each single text made a value by `single`.
    pub fn ask_with<'l, T>(&'l self, single: fn(&'l str) -> Value<'l>, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        let lists: Vec<Vec<&str>> = self.context.0.iter().map(|(_, texts)| texts.as_strs()).collect();
        let pairs: Vec<(&str, Value<'_>)> = self
            .context
            .0
            .iter()
            .zip(&lists)
            .map(|((name, texts), list)| match texts {
                Texts::One(text) => (name.as_str(), single(text)),
                Texts::List(_) => (name.as_str(), Value::list(list)),
            })
            .collect();
        let caller = match &self.principal {
            None => Caller::Anonymous,
            Some(Principal::Arn(arn)) => Caller::Arn(arn),
            Some(Principal::Other(other)) => Caller::Service(&other.service),
        };
        ask(&Request {
            endpoint: self.endpoint.as_deref(),
            action: &self.action,
            authorization: self.authorization.map(Into::into),
            authorizer: self.authorizer.map(Into::into),
            ..Request::invoke(caller, &self.resource).with_context(Context::new(&pairs))
        })
    }
}

impl Texts {
    pub fn as_strs(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text],
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

fn invoke() -> String {
    "execute-api:Invoke".to_owned()
}

/// A word that may be absent and may not be `null`.
fn stated<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that may be absent and may not be `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, texts)| (name, texts)))
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Pairs;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of context keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    pairs.push((name, texts(value.get()).map_err(A::Error::custom)?));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// K-01: numbers and booleans read as their JSON text.
fn texts(json: &str) -> Result<Texts, String> {
    let unreadable = |error: serde_json::Error| error.to_string();
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).map(Texts::One).map_err(unreadable),
        Some(b'[') => serde_json::from_str(json).map(Texts::List).map_err(unreadable),
        Some(b'{' | b'n') | None => Err(format!("{json} is no context value")),
        Some(_) => Ok(Texts::One(json.to_owned())),
    }
}

/// One answer, fields in the order they are promised.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    decision: &'static str,
    reason: &'static str,
    statements: Vec<Deciding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<Layers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response>,
}

#[derive(Debug, Serialize)]
struct Deciding<'a> {
    policy: &'a str,
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'static str>,
}

/// In the order in which they were asked.
#[derive(Debug)]
struct Layers(Vec<(&'static str, &'static str)>);

impl Serialize for Layers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[derive(Debug, Serialize)]
struct Response {
    status: u16,
    errortype: &'static str,
    message: String,
    body: String,
}

/// The line that answers a request.
pub fn answer(bundle: &Bundle, line: &RequestLine, evaluation: &Evaluation) -> String {
    let statements = evaluation.statements.iter().map(|(layer, statement)| {
        let named = &bundle.policies()[statement.policy as usize];
        Deciding {
            policy: &named.name,
            index: statement.index,
            sid: named.policy.statements[statement.index as usize].sid.as_ref().map(|sid| sid.value.as_str()),
            layer: layer.map(|layer| layer.as_str()),
        }
    });
    let alone = matches!(bundle.attachments(), Attachments::Document);
    let layers = evaluation.layers.iter().map(|(layer, reason)| (layer.as_str(), reason.as_str())).collect();
    let answer = Answer {
        decision: if evaluation.reason == Reason::ExplicitAllow { "allow" } else { "deny" },
        reason: evaluation.reason.as_str(),
        statements: statements.collect(),
        layers: (!alone).then_some(Layers(layers)),
        response: evaluation.refusal.map(|refusal| response(words(line, refusal))),
    };
    serde_json::to_string(&answer).expect("an answer is JSON")
}

fn response(words: Words) -> Response {
    let Words { status, errortype, message, body } = words;
    Response { status, errortype, message, body }
}
