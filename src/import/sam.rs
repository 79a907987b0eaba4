//! The resources of the Serverless Application Model: APIs, and the methods that functions take calls of.
//!
//! Only what the model says outright is used. Where it would add methods or policies of its own making, as for CORS, the API is
//! left out: what it becomes is in the template that CloudFormation has processed.

use std::collections::BTreeSet;

use super::apis::{Apis, Method};
use super::files::named;
use super::openapi;
use super::remark::Report;
use super::template::{NotPlain, Resource, Template};
use super::tree::{Node, Value, of_pairs};

const HELP: &str = "give what it becomes: `aws cloudformation get-template --template-stage Processed`";

/// What a resource of the model is in a stack.
pub(super) fn becomes(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Serverless::Api" => Some("AWS::ApiGateway::RestApi"),
        "AWS::Serverless::Function" => Some("AWS::Lambda::Function"),
        _ => None,
    }
}

/// Takes the APIs of a template.
pub(super) fn import_apis(template: &Template<'_>, apis: &mut Apis, report: &mut Report) {
    for resource in template.of_kind("AWS::Serverless::Api") {
        let name = named("API", &resource.name.name);
        let spot = template.spot_of(resource);
        match read(template, resource, &name, report) {
            Ok(read) => {
                let api = apis.at(resource.id, spot.clone());
                template.stack.locate(api);
                api.has_types(vec![read.endpoint]);
                if let Some(policy) = read.policy {
                    api.has_policy(&name, policy, &spot, report);
                }
                api.has_methods(&name, read.methods, &spot, report);
                api.has_stage_name(&read.stage);
            }
            Err(why) => {
                report.error(&spot, format!("{name} is left out: {why}"), HELP);
                apis.at(resource.id, spot).leave_out();
            }
        }
    }
}

struct Read {
    endpoint: String,
    policy: Option<Node>,
    methods: Vec<Method>,
    stage: String,
}

fn not_plain(NotPlain(function): NotPlain) -> String {
    format!("it hangs on `{function}`")
}

/// Reads one API, or says why not.
fn read(template: &Template<'_>, api: Resource<'_>, name: &str, report: &mut Report) -> Result<Read, String> {
    template.is_whole()?;
    if template.export.tree.get("Globals").is_some_and(|globals| globals.get("Api").is_some()) {
        return Err("the template has properties of all its APIs in `Globals`".to_owned());
    }
    let properties = api.properties.ok_or("it has no properties")?;
    for made in ["Cors", "DefinitionUri", "Models", "Domain", "MergeDefinitions"] {
        if properties.get(made).is_some() {
            return Err(format!("it has {}", named("property", made)));
        }
    }
    let configuration = template.value(properties, "EndpointConfiguration").map_err(not_plain)?;
    let endpoint = configuration.as_ref().and_then(|node| node.text().or_else(|| node.text_of("Type")));
    let stage = template.text(properties, "StageName").map_err(not_plain)?.ok_or("it has no plain `StageName`")?;
    let auth = template.value(properties, "Auth").map_err(not_plain)?;
    let none = Node { place: api.name.place, value: of_pairs([]) };
    let auth = auth.as_ref().unwrap_or(&none);
    let known = ["DefaultAuthorizer", "Authorizers", "ResourcePolicy", "ApiKeyRequired", "UsagePlan"];
    if let Some((key, _)) = auth.properties().iter().find(|(key, _)| !known.contains(&key.name.as_str())) {
        return Err(format!("its `Auth` has {}", named("property", &key.name)));
    }
    let policy = match auth.get("ResourcePolicy") {
        None => None,
        Some(policy) => match policy.properties() {
            [(key, statements)] if key.name == "CustomStatements" => {
                let version = Node { place: policy.place, value: Value::Text("2012-10-17".to_owned()) };
                let pairs = [("Version".to_owned(), version), ("Statement".to_owned(), statements.clone())];
                Some(Node { place: policy.place, value: of_pairs(pairs) })
            }
            _ => return Err("its `ResourcePolicy` is more than `CustomStatements`".to_owned()),
        },
    };
    let methods = match properties.get("DefinitionBody") {
        Some(_) if auth.get("DefaultAuthorizer").is_some() || auth.get("Authorizers").is_some() => {
            return Err("its `Auth` changes what its `DefinitionBody` says".to_owned());
        }
        Some(body) => {
            openapi::methods(&template.export.source, body, name, report).ok_or("its body is not understood")?
        }
        None => events(template, api, auth)?,
    };
    Ok(Read { endpoint: endpoint.unwrap_or("EDGE").to_owned(), policy, methods, stage })
}

/// The methods that functions take calls of.
fn events(template: &Template<'_>, api: Resource<'_>, auth: &Node) -> Result<Vec<Method>, String> {
    let mut methods = BTreeSet::new();
    for function in template.of_kind("AWS::Serverless::Function") {
        let events = function.properties.and_then(|properties| properties.get("Events"));
        for (event_name, event) in events.map(Node::properties).unwrap_or_default() {
            let kind = event.text_of("Type").filter(|_| !event_name.name.starts_with("Fn::"));
            if kind.is_some_and(|kind| kind != "Api") {
                continue;
            }
            let what = named("event", &format!("{}/{}", function.name.name, event_name.name));
            if kind.is_none() {
                return Err(format!("{what} could be a call of it"));
            }
            let properties = event.get("Properties").ok_or_else(|| format!("{what} has no properties"))?;
            match properties.get("RestApiId").map(|id| id.text_of("Ref")) {
                Some(Some(other)) if other == api.name.name => {}
                // Without one it is a call of the API that the model makes for the template.
                Some(Some(_)) | None => continue,
                Some(None) => return Err(format!("{what} could be a call of it")),
            }
            let text = |key: &str| template.text(properties, key).map_err(not_plain);
            let path = text("Path")?.ok_or_else(|| format!("{what} has no plain `Path`"))?;
            let method = text("Method")?.ok_or_else(|| format!("{what} has no plain `Method`"))?;
            let own = template.value(properties, "Auth").map_err(not_plain)?;
            let known = ["Authorizer", "ApiKeyRequired", "AuthorizationScopes"];
            let keys = own.as_ref().map(Node::properties).unwrap_or_default();
            if let Some((key, _)) = keys.iter().find(|(key, _)| !known.contains(&key.name.as_str())) {
                return Err(format!("the `Auth` of {what} has {}", named("property", &key.name)));
            }
            let authorizer =
                own.as_ref().and_then(|own| own.text_of("Authorizer")).or(auth.text_of("DefaultAuthorizer"));
            let authorization = authorization_of(authorizer, auth).ok_or_else(|| {
                format!("{what} asks for {}, which is not defined", named("authorizer", authorizer.unwrap_or_default()))
            })?;
            methods.insert(Method { path, method: method.to_ascii_uppercase(), authorization });
        }
    }
    Ok(methods.into_iter().collect())
}

/// What an authorizer of this name stands for; `None` where it is not defined.
fn authorization_of(authorizer: Option<&str>, auth: &Node) -> Option<&'static str> {
    match authorizer {
        None | Some("NONE") => Some("NONE"),
        Some("AWS_IAM") => Some("AWS_IAM"),
        Some(name) => {
            let defined = auth.get("Authorizers")?.get(name)?;
            match (defined.get("UserPoolArn"), defined.get("FunctionArn")) {
                (Some(_), None) => Some("COGNITO_USER_POOLS"),
                (None, Some(_)) => Some("CUSTOM"),
                _ => None,
            }
        }
    }
}
