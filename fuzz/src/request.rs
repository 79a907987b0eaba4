//! Bytes to a request, so that every byte string is one.
//!
//! Fields stand between bytes 0xFF: endpoint (empty: none), caller (empty: anonymous; `service:NAME` a service;
//! all else an ARN), action, resource, and then names and values of the context. A value that begins with 0xFD is
//! handed over as an address. One that begins with 0xFE is a list, each of its texts after another 0xFE; alone it
//! is the empty list. UTF-8 has none of these bytes.

use portcullis::{Caller, Context, Request, Value};

const FIELD: u8 = 0xFF;
const ELEMENT: u8 = 0xFE;
const ADDRESS: u8 = 0xFD;

/// One request, in text of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub endpoint: Option<String>,
    pub caller: Who,
    pub action: String,
    pub resource: String,
    pub context: Vec<(String, Given)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Anonymous,
    Arn(String),
    Service(String),
}

/// The value of a context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    Text(String),
    Address(String),
    List(Vec<String>),
}

impl Asked {
    /// Reads bytes; what is missing is empty.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut fields = bytes.split(|byte| *byte == FIELD);
        let mut next = || fields.next().map(text).unwrap_or_default();
        let endpoint = Some(next()).filter(|endpoint| !endpoint.is_empty());
        let caller = next();
        let caller = match caller.strip_prefix("service:") {
            Some(name) => Who::Service(name.to_owned()),
            None if caller.is_empty() => Who::Anonymous,
            None => Who::Arn(caller),
        };
        let (action, resource) = (next(), next());
        let mut context = Vec::new();
        while let Some(name) = fields.next() {
            context.push((text(name), Given::from_bytes(fields.next().unwrap_or_default())));
        }
        Self { endpoint, caller, action, resource, context }
    }

    /// The bytes that are read as this request.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.endpoint.clone().unwrap_or_default().into_bytes();
        let caller = match &self.caller {
            Who::Anonymous => String::new(),
            Who::Arn(arn) => arn.clone(),
            Who::Service(name) => format!("service:{name}"),
        };
        for field in [&caller, &self.action, &self.resource] {
            bytes.push(FIELD);
            bytes.extend_from_slice(field.as_bytes());
        }
        for (name, value) in &self.context {
            bytes.push(FIELD);
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(FIELD);
            match value {
                Given::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Given::Address(text) => {
                    bytes.push(ADDRESS);
                    bytes.extend_from_slice(text.as_bytes());
                }
                Given::List(texts) => {
                    bytes.push(ELEMENT);
                    for text in texts {
                        bytes.push(ELEMENT);
                        bytes.extend_from_slice(text.as_bytes());
                    }
                }
            }
        }
        bytes
    }

    /// Asks with this request.
    pub fn ask<T>(&self, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        let lists: Vec<Vec<&str>> = self.context.iter().map(|(_, given)| given.texts()).collect();
        let pairs: Vec<(&str, Value<'_>)> = self
            .context
            .iter()
            .zip(&lists)
            .map(|((name, given), texts)| match given {
                Given::Text(text) => (name.as_str(), Value::text(text)),
                Given::Address(text) => (name.as_str(), Value::address(text)),
                Given::List(_) => (name.as_str(), Value::list(texts)),
            })
            .collect();
        let caller = match &self.caller {
            Who::Anonymous => Caller::Anonymous,
            Who::Arn(arn) => Caller::Arn(arn),
            Who::Service(name) => Caller::Service(name),
        };
        ask(&Request {
            endpoint: self.endpoint.as_deref(),
            caller,
            action: &self.action,
            resource: &self.resource,
            context: Context::new(&pairs),
            authorization: None,
            authorizer: None,
        })
    }
}

impl Given {
    fn from_bytes(bytes: &[u8]) -> Self {
        match bytes.split_first() {
            Some((&ELEMENT, rest)) => {
                // Before the first 0xFE of the rest stands nothing that is written.
                Self::List(rest.split(|byte| *byte == ELEMENT).skip(1).map(text).collect())
            }
            Some((&ADDRESS, rest)) => Self::Address(text(rest)),
            _ => Self::Text(text(bytes)),
        }
    }

    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) | Self::Address(text) => vec![text],
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let asked = Asked {
            endpoint: Some("vpce-1".to_owned()),
            caller: Who::Service("x.amazonaws.com".to_owned()),
            action: "execute-api:Invoke".to_owned(),
            resource: "arn:aws:execute-api:us-east-1:123412341234:a/b/GET/é".to_owned(),
            context: vec![
                ("a:b".to_owned(), Given::List(vec![])),
                ("a:c".to_owned(), Given::List(vec![String::new(), "x".to_owned()])),
                ("a:d".to_owned(), Given::Address("::1".to_owned())),
                (String::new(), Given::Text(String::new())),
            ],
        };
        assert_eq!(Asked::from_bytes(&asked.to_bytes()), asked);
    }
}
