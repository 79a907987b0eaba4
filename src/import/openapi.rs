//! A stage of an API, from `aws apigateway get-export` with its extensions.

use std::collections::BTreeSet;

use super::apis::{Apis, Method, authorization};
use super::export::Export;
use super::files::{named, read_policy};
use super::remark::{Report, Spot};
use super::tree::{Node, Value};
use crate::policy::Source;
use crate::policy::error::quote;

const AUTHTYPE: &str = "x-amazon-apigateway-authtype";

const HELP: &str = "export it with `aws apigateway get-export --export-type oas30 --parameters extensions=apigateway`";

/// The keys of a path that are methods, and what they are in a bundle.
const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("x-amazon-apigateway-any-method", "ANY"),
];

/// Takes the stage.
pub(super) fn read(export: &Export, apis: &mut Apis, report: &mut Report) {
    let spot = export.spot(&export.tree);
    let Some(Server { api: id, region, stage }) = server(&export.tree) else {
        let message = "it is not known of which API and stage this export is";
        let help = "expected a server, or `host` and `basePath`, as `get-export` writes them: \
                    `https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod`";
        report.error(&spot, message, help);
        return;
    };
    let name = named("API", &id);
    let methods = methods(&export.source, &export.tree, &name, report);
    let policy = export.tree.get("x-amazon-apigateway-policy");
    let policy =
        policy.map(|policy| read_policy(policy, &format!("the policy of {name}"), &export.spot(policy), report));
    let api = apis.at(&id, spot.clone());
    api.is_in(&region);
    match methods {
        Some(methods) => api.has_stage(&name, &stage, methods, &spot, report),
        None => api.leave_out(),
    }
    match policy {
        Some(Some(policy)) => api.has_policy(&name, policy, &spot, report),
        Some(None) => api.leave_out(),
        None => {}
    }
}

/// The API, region and stage that an export is of.
struct Server {
    api: String,
    region: String,
    stage: String,
}

fn server(tree: &Node) -> Option<Server> {
    if let Some(host) = tree.text_of("host") {
        return server_of(host, tree.text_of("basePath")?);
    }
    let found = tree.list_of("servers").iter().filter_map(|server| {
        let url = server.text_of("url")?.strip_prefix("https://")?;
        let (host, path) = url.split_once('/')?;
        let variable = path.strip_prefix('{').and_then(|path| path.strip_suffix('}'));
        let path = match variable {
            Some(variable) => server.get("variables")?.get(variable)?.text_of("default")?,
            None => path,
        };
        server_of(host, path)
    });
    found.into_iter().next()
}

/// API, region and stage of `{api}.execute-api.{region}.amazonaws.com` or `{api}-{endpoint}.…`, and a path.
fn server_of(host: &str, path: &str) -> Option<Server> {
    let mut labels = host.split('.');
    let api = labels.next()?.split('-').next()?;
    let region = labels.next().filter(|label| *label == "execute-api").and_then(|_| labels.next())?;
    let stage = path.trim_matches('/');
    let is_api = !api.is_empty() && labels.next() == Some("amazonaws") && !stage.is_empty() && !stage.contains('/');
    is_api.then(|| Server { api: api.to_owned(), region: region.to_owned(), stage: stage.to_owned() })
}

/// The methods; `None` where one was not understood, which has been reported.
pub(super) fn methods(source: &Source, tree: &Node, name: &str, report: &mut Report) -> Option<Vec<Method>> {
    let mut methods = BTreeSet::new();
    let mut understood = true;
    for (path, node) in tree.get("paths").map(Node::properties).unwrap_or_default() {
        if !matches!(node.value, Value::Object(_)) {
            understood = false;
            let message = format!("{name} is left out: path {} holds no methods", quote(&path.name));
            report.error(&Spot::new(source, path.place), message, HELP);
        }
        for (key, operation) in node.properties() {
            let Some((_, method)) = METHODS.iter().find(|(name, _)| *name == key.name) else {
                // What all methods of a path share.
                if !["parameters", "summary", "description", "servers"].contains(&key.name.as_str())
                    && !key.name.starts_with("x-")
                {
                    understood = false;
                    let message = format!(
                        "{name} is left out: {} of path {} is no method",
                        named("key", &key.name),
                        quote(&path.name)
                    );
                    report.error(&Spot::new(source, key.place), message, HELP);
                }
                continue;
            };
            match authorization_of(operation, tree) {
                Ok(authorization) => {
                    methods.insert(Method { path: path.name.clone(), method: (*method).to_owned(), authorization });
                }
                Err(why) => {
                    understood = false;
                    let what = named("method", &format!("{method} {}", path.name));
                    let message = format!("{name} is left out: {what} {why}");
                    report.error(&Spot::new(source, key.place), message, HELP);
                }
            }
        }
    }
    understood.then(|| methods.into_iter().collect())
}

/// What an operation asks of its callers, or why that is not known.
fn authorization_of(operation: &Node, tree: &Node) -> Result<&'static str, String> {
    let mut found = BTreeSet::new();
    if let Some(auth) = operation.get("x-amazon-apigateway-auth") {
        let written = auth.text_of("type").map(str::to_ascii_uppercase);
        found.insert(authorization(written.as_deref())?);
    }
    let schemes = tree
        .get("securityDefinitions")
        .or_else(|| tree.get("components").and_then(|components| components.get("securitySchemes")));
    let security = operation.get("security").or_else(|| tree.get("security"));
    let requirements = match security {
        Some(security) => security.list().ok_or("has `security` that is no list")?,
        None => &[],
    };
    for requirement in requirements {
        let Value::Object(requirement) = &requirement.value else {
            return Err("has `security` that is no list of objects".to_owned());
        };
        for (scheme, _) in requirement {
            let Some(definition) = schemes.and_then(|schemes| schemes.get(&scheme.name)) else {
                return Err(format!("asks for {}, which is not defined", named("scheme", &scheme.name)));
            };
            if let Some(authorization) = scheme_authorization(&scheme.name, definition)? {
                found.insert(authorization);
            }
        }
    }
    match found.into_iter().collect::<Vec<_>>().as_slice() {
        [authorization] => Ok(authorization),
        [] if operation.get("x-amazon-apigateway-integration").is_some() => Ok("NONE"),
        [] => Err("does not say what it asks of its callers: the extensions are missing".to_owned()),
        several => Err(format!("asks for {} at once", several.join(" and "))),
    }
}

/// What a security scheme stands for; `None` for an API key, which is no authorization.
fn scheme_authorization(name: &str, scheme: &Node) -> Result<Option<&'static str>, String> {
    let authorizer = scheme.get("x-amazon-apigateway-authorizer").and_then(|authorizer| authorizer.text_of("type"));
    match (scheme.text_of(AUTHTYPE), authorizer) {
        (Some(kind), _) if kind.eq_ignore_ascii_case("awsSigv4") => Ok(Some("AWS_IAM")),
        (Some("cognito_user_pools"), _) | (None, Some("cognito_user_pools")) => Ok(Some("COGNITO_USER_POOLS")),
        (Some(_), Some("token" | "request")) | (None, Some("token" | "request")) => Ok(Some("CUSTOM")),
        (None, None) if scheme.text_of("type") == Some("apiKey") && is_api_key(scheme) => Ok(None),
        _ => Err(format!("asks for {}, which has no known `{AUTHTYPE}`", named("scheme", name))),
    }
}

fn is_api_key(scheme: &Node) -> bool {
    scheme.text_of("name").is_some_and(|name| name.eq_ignore_ascii_case("x-api-key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_operation_asks_for_is_read_and_never_guessed() {
        let tree = r#"{"components": {"securitySchemes": {
            "sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
            "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "lambda": {"type": "apiKey", "name": "token", "in": "header", "x-amazon-apigateway-authtype": "custom",
                       "x-amazon-apigateway-authorizer": {"type": "token"}},
            "pool": {"type": "apiKey", "name": "token", "x-amazon-apigateway-authtype": "cognito_user_pools",
                     "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}},
            "odd": {"type": "oauth2"}}}}"#;
        let read = |text: &str| Node::read(&Source::new("-", text)).unwrap();
        let tree = read(tree);
        for (operation, expected) in [
            (r#"{"security": [{"sigv4": []}]}"#, Some("AWS_IAM")),
            (r#"{"security": [{"sigv4": [], "api_key": []}]}"#, Some("AWS_IAM")),
            (r#"{"security": [{"lambda": []}]}"#, Some("CUSTOM")),
            (r#"{"security": [{"pool": ["a/b"]}]}"#, Some("COGNITO_USER_POOLS")),
            (r#"{"x-amazon-apigateway-auth": {"type": "aws_iam"}}"#, Some("AWS_IAM")),
            (r#"{"x-amazon-apigateway-auth": {"type": "NONE"}}"#, Some("NONE")),
            (r#"{"x-amazon-apigateway-integration": {"type": "mock"}}"#, Some("NONE")),
            (r#"{"security": [{"api_key": []}], "x-amazon-apigateway-integration": {"type": "mock"}}"#, Some("NONE")),
            (r#"{"security": [{"api_key": []}]}"#, None),
            ("{}", None),
            (r#"{"security": [{"sigv4": []}, {"lambda": []}]}"#, None),
            (r#"{"security": [{"sigv4": []}], "x-amazon-apigateway-auth": {"type": "NONE"}}"#, None),
            (r#"{"security": {"Fn::If": []}, "x-amazon-apigateway-integration": {}}"#, None),
            (r#"{"security": ["sigv4"], "x-amazon-apigateway-integration": {}}"#, None),
            (r#"{"security": [{"odd": []}]}"#, None),
            (r#"{"security": [{"nobody": []}]}"#, None),
            (r#"{"x-amazon-apigateway-auth": {"type": "SOME"}}"#, None),
        ] {
            assert_eq!(authorization_of(&read(operation), &tree).ok(), expected, "{operation}");
        }
    }

    #[test]
    fn the_server_names_api_region_and_stage() {
        let parts = |host, path| server_of(host, path).map(|server| [server.api, server.region, server.stage]);
        let expected = Some(["a1".to_owned(), "us-east-1".to_owned(), "prod".to_owned()]);
        assert_eq!(parts("a1.execute-api.us-east-1.amazonaws.com", "/prod"), expected);
        assert_eq!(parts("a1-vpce-2b.execute-api.us-east-1.amazonaws.com", "prod"), expected);
        for (host, path) in [
            ("orders.example.com", "/prod"),
            ("a1.execute-api.us-east-1.amazonaws.com", "/"),
            ("a1.execute-api.us-east-1.amazonaws.com", "/prod/v1"),
            ("a1.s3.us-east-1.amazonaws.com", "/prod"),
        ] {
            assert_eq!(parts(host, path), None, "{host}{path}");
        }
    }
}
