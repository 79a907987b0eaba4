//! The answer to a request, as a line of JSON: field names and their order are a promise to scripts.

use portcullis::gateway::{self, Call, HttpFault};
use portcullis::{CalledMethod, Evaluation, Gate, Layer, Reason, Refusal, Request};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::refusal::Response;

/// A decision, and what led to it.
#[derive(Serialize)]
pub struct Answer<'g> {
    decision: &'static str,
    reason: &'static str,
    statements: Vec<Deciding<'g>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<Layers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    found: Option<Found>,
}

/// What was found from an HTTP request.
#[derive(Serialize)]
struct Found {
    /// `null` where the request could not be read.
    resource: Option<String>,
    /// Who has signed, if anybody.
    principal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<Route>,
}

/// The entry of an API's methods that an HTTP request is a call of.
#[derive(Serialize)]
struct Route {
    stage: String,
    method: &'static str,
    path: String,
    authorization: &'static str,
}

impl From<CalledMethod> for Route {
    fn from(called: CalledMethod) -> Self {
        let CalledMethod { stage, method, path, authorization } = called;
        Self { stage, method, path, authorization }
    }
}

/// A statement that decided.
#[derive(Serialize)]
struct Deciding<'g> {
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'g str>,
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'g str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'static str>,
}

/// What each layer said that was asked, in that order.
struct Layers(Vec<(Layer, Reason)>);

impl Serialize for Layers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (layer, reason) in &self.0 {
            map.serialize_entry(layer.as_str(), reason.as_str())?;
        }
        map.end()
    }
}

impl<'g> Answer<'g> {
    /// What a gate says of a request. Layers and the response are a bundle's alone.
    pub fn of<D: AsRef<[u8]>>(gate: &'g Gate<D>, request: &Request<'_>) -> Self {
        Self::with(gate, request, |refusal| gateway::Response::to(request, refusal).into())
    }

    /// What a gate says of an HTTP request.
    pub fn to_call<D: AsRef<[u8]>>(gate: &'g Gate<D>, call: &Result<Call<'_>, HttpFault>) -> Self {
        match call {
            Ok(call) => {
                let answer =
                    call.ask(|request| Self::with(gate, request, |refusal| call.response(request, refusal).into()));
                let found = Found {
                    resource: Some(call.resource().to_owned()),
                    principal: call.signer().map(|signer| signer.principal.clone()),
                    route: gate.called_method(call.resource()).map(Route::from),
                };
                Self { found: Some(found), ..answer }
            }
            Err(fault) => Self {
                decision: decision(Reason::ImplicitDeny),
                reason: Reason::ImplicitDeny.as_str(),
                statements: Vec::new(),
                layers: Some(Layers(Vec::new())),
                response: Some(fault.response().into()),
                found: Some(Found { resource: None, principal: None, route: None }),
            },
        }
    }

    fn with<D: AsRef<[u8]>>(
        gate: &'g Gate<D>,
        request: &Request<'_>,
        response: impl FnOnce(Refusal) -> Response,
    ) -> Self {
        let evaluation = gate.evaluate(request);
        let Evaluation { reason, layers, statements, refusal } = evaluation;
        let deciding = statements.into_iter().map(|(layer, statement)| Deciding {
            policy: gate.policy_name(statement.policy),
            index: statement.index,
            sid: gate.sid(statement),
            layer: layer.map(Layer::as_str),
        });
        Self {
            decision: decision(reason),
            reason: reason.as_str(),
            statements: deciding.collect(),
            layers: gate.is_bundle().then_some(Layers(layers)),
            response: refusal.map(response),
            found: None,
        }
    }
}

/// `allow` for an explicit allow, `deny` for everything else.
pub fn decision(reason: Reason) -> &'static str {
    match reason {
        Reason::ExplicitAllow => "allow",
        Reason::ExplicitDeny | Reason::ImplicitDeny => "deny",
    }
}

/// A line that could not be read, in the place of its answer.
#[derive(Serialize)]
pub struct ErrorAnswer<'a> {
    error: LineError<'a>,
}

#[derive(Serialize)]
struct LineError<'a> {
    line: u64,
    message: &'a str,
}

impl<'a> ErrorAnswer<'a> {
    /// The line, counted from 1, and what is wrong with it.
    pub fn new(line: u64, message: &'a str) -> Self {
        Self { error: LineError { line, message } }
    }
}
