//! CloudFormation templates, with what `aws cloudformation describe-stack-resources` says of their stacks.
//!
//! A template has no ids: a stack's resources say which endpoint or API each of its logical names has become, and the
//! stack's own ARN in which region and account. What a template says by functions is used where the stack tells what they
//! give: `Ref` of one of its resources or of `AWS::Region` and its like, `Fn::Sub` and `Fn::Join` of those. What hangs on
//! parameters, conditions within values or other functions is not plain, and left out.

use std::collections::{BTreeSet, HashMap};

use super::apis::{Apis, Method, authorization};
use super::export::{Export, Kind};
use super::files::{named, read_policy};
use super::openapi;
use super::remark::{Report, Spot};
use super::sam;
use super::tree::{Key, Node, Value, of_pairs};

/// A stack, as its resources show it.
#[derive(Debug)]
pub(super) struct Stack<'e> {
    /// Its name; empty where the export has none.
    name: &'e str,
    region: Option<&'e str>,
    account: Option<&'e str>,
    partition: Option<&'e str>,
    /// What logical names have become: type and physical id.
    resources: HashMap<&'e str, (&'e str, &'e str)>,
}

/// A template whose stack is known.
pub(super) struct Template<'e> {
    pub export: &'e Export,
    pub stack: &'e Stack<'e>,
    /// The resources that the stack has.
    pub resources: Vec<Resource<'e>>,
    /// One that the stack should have, and has not: its listing is not whole, or the template is another version.
    missing: Option<&'e str>,
}

/// A resource of a template.
#[derive(Clone, Copy)]
pub(super) struct Resource<'e> {
    pub name: &'e Key,
    pub kind: &'e str,
    pub properties: Option<&'e Node>,
    /// What it has become.
    pub id: &'e str,
}

/// The stacks of all exports.
pub(super) fn stacks(exports: &[Export]) -> Vec<Stack<'_>> {
    let mut stacks: Vec<Stack<'_>> = Vec::new();
    for export in exports.iter().filter(|export| export.kind == Kind::Stack) {
        for resource in export.items() {
            let text = |key| resource.text_of(key);
            let (Some(logical), Some(physical), Some(kind)) =
                (text("LogicalResourceId"), text("PhysicalResourceId"), text("ResourceType"))
            else {
                continue;
            };
            let name = text("StackName").unwrap_or(export.source.name());
            let at = stacks.iter().position(|stack| stack.name == name).unwrap_or_else(|| {
                // arn:aws:cloudformation:us-east-1:123412341234:stack/NAME/ID
                let mut parts = text("StackId").unwrap_or_default().split(':').skip(1);
                let (partition, region, account) = (parts.next(), parts.nth(1), parts.next());
                stacks.push(Stack { name, region, account, partition, resources: HashMap::new() });
                stacks.len() - 1
            });
            if let Some(stack) = stacks.get_mut(at) {
                stack.resources.insert(logical, (kind, physical));
            }
        }
    }
    stacks
}

/// The templates of all exports whose stack is known; others are reported.
pub(super) fn templates<'e>(exports: &'e [Export], stacks: &'e [Stack<'e>], report: &mut Report) -> Vec<Template<'e>> {
    let mut templates = Vec::new();
    for export in exports.iter().filter(|export| export.kind == Kind::Template) {
        let listed = export.tree.get("Resources").map(Node::properties).unwrap_or_default();
        let fits = |stack: &Stack<'_>| listed.iter().any(|(name, _)| stack.resources.contains_key(name.name.as_str()));
        let named_for = || stacks.iter().filter(|stack| export.is_named_for_stack(stack.name));
        let mut fitting: Vec<_> = named_for().collect();
        if fitting.is_empty() {
            fitting = stacks.iter().filter(|stack| fits(stack)).collect();
        }
        let [stack] = fitting.as_slice() else {
            let message = match fitting.len() {
                0 => "no export says what this template's resources have become",
                _ => "several stacks have resources of this template",
            };
            let help = "give the output of `aws cloudformation describe-stack-resources`, and call the template's file after the \
                        stack: `STACK.yaml`";
            report.error(&export.spot(&export.tree), message, help);
            continue;
        };
        let mut template = Template { export, stack, resources: Vec::new(), missing: None };
        for (name, node) in listed {
            let Some(kind) = node.text_of("Type").filter(|_| !name.name.starts_with("Fn::")) else {
                template.missing.get_or_insert(&name.name);
                continue;
            };
            match stack.resources.get(name.name.as_str()) {
                Some((has, id)) if *has == kind || sam::becomes(kind) == Some(*has) => {
                    template.resources.push(Resource { name, kind, properties: node.get("Properties"), id });
                }
                // One with a condition need not be there.
                _ if node.get("Condition").is_some() => {}
                _ if ["AWS::ApiGateway::", "AWS::Serverless::"].iter().any(|service| kind.starts_with(service)) => {
                    template.missing.get_or_insert(&name.name);
                }
                _ => {}
            }
        }
        templates.push(template);
    }
    templates
}

/// Why a value is not known: the function that it hangs on.
#[derive(Debug)]
pub(super) struct NotPlain(pub String);

impl Template<'_> {
    pub fn spot(&self, node: &Node) -> Spot {
        self.export.spot(node)
    }

    /// Where a resource's name stands.
    pub fn spot_of(&self, resource: Resource<'_>) -> Spot {
        Spot::new(&self.export.source, resource.name.place)
    }

    /// The resources of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        self.resources.iter().copied().filter(move |resource| resource.kind == kind)
    }

    /// The resource of a logical name.
    pub fn resource(&self, name: &str) -> Option<Resource<'_>> {
        self.resources.iter().copied().find(|resource| resource.name.name == name)
    }

    /// A value with its functions worked out; `None` where there is none.
    pub fn value(&self, node: &Node, key: &str) -> Result<Option<Node>, NotPlain> {
        node.get(key).map_or(Ok(None), |node| self.plain(node))
    }

    /// A text, likewise.
    pub fn text(&self, node: &Node, key: &str) -> Result<Option<String>, NotPlain> {
        let value = self.value(node, key)?;
        Ok(value.and_then(|value| value.text().map(str::to_owned)))
    }

    /// A value without functions; `None` for `AWS::NoValue`.
    fn plain(&self, node: &Node) -> Result<Option<Node>, NotPlain> {
        let value = match &node.value {
            Value::Bare(_) | Value::Text(_) => return Ok(Some(node.clone())),
            Value::List(elements) => {
                let elements: Result<Vec<_>, _> = elements.iter().map(|element| self.plain(element)).collect();
                Value::List(elements?.into_iter().flatten().collect())
            }
            Value::Object(pairs) => match pairs.as_slice() {
                [(Key { name, .. }, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    return self.call(name, argument, node);
                }
                pairs => {
                    let mut plain = Vec::with_capacity(pairs.len());
                    for (key, value) in pairs {
                        plain.extend(self.plain(value)?.map(|value| (key.clone(), value)));
                    }
                    Value::Object(plain)
                }
            },
        };
        Ok(Some(Node { place: node.place, value }))
    }

    /// What a function gives.
    fn call(&self, function: &str, argument: &Node, node: &Node) -> Result<Option<Node>, NotPlain> {
        let not_plain = || NotPlain(function.to_owned());
        let of = |text: String| Ok(Some(Node { place: node.place, value: Value::Text(text) }));
        match (function, &argument.value) {
            ("Ref", Value::Text(name)) if name == "AWS::NoValue" => Ok(None),
            ("Ref", Value::Text(name)) => of(self.reference(name).ok_or_else(not_plain)?.to_owned()),
            ("Fn::Sub", Value::Text(text)) => of(self.substituted(text).ok_or_else(not_plain)?),
            ("Fn::Join", Value::List(arguments)) => {
                let [separator, parts] = arguments.as_slice() else { return Err(not_plain()) };
                let parts = self.plain(parts)?.ok_or_else(not_plain)?;
                let texts: Option<Vec<_>> = parts.list().and_then(|parts| parts.iter().map(Node::text).collect());
                match (separator.text(), texts) {
                    (Some(separator), Some(texts)) => of(texts.join(separator)),
                    _ => Err(not_plain()),
                }
            }
            _ => Err(not_plain()),
        }
    }

    /// What `Ref` gives: of a resource its id, of a role its name, say, as the stack lists it.
    fn reference(&self, name: &str) -> Option<&str> {
        match name {
            "AWS::Region" => self.stack.region,
            "AWS::AccountId" => self.stack.account,
            "AWS::Partition" => self.stack.partition,
            "AWS::URLSuffix" if self.stack.partition == Some("aws") => Some("amazonaws.com"),
            name => self.stack.resources.get(name).map(|(_, id)| *id),
        }
    }

    /// A text with what stands in `${…}` put in.
    fn substituted(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let (name, behind) = behind.split_once('}')?;
            out.push_str(before);
            match name.strip_prefix('!') {
                // `${!x}` is the text `${x}`.
                Some(literal) => out.push_str(&format!("${{{literal}}}")),
                None => out.push_str(self.reference(name)?),
            }
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    }

    /// Whether all of what the template says of APIs has become something: without one method, its calls would be taken for
    /// another's.
    pub fn is_whole(&self) -> Result<(), String> {
        match self.missing {
            Some(name) => Err(format!("its stack has no {}, which the template has", named("resource", name))),
            None => Ok(()),
        }
    }

    /// The resource that a property refers to.
    fn referred<'p>(&self, properties: &'p Node, key: &str) -> Option<&'p str> {
        properties.get(key)?.text_of("Ref")
    }
}

/// Takes the APIs of templates.
pub(super) fn import_apis(templates: &[Template<'_>], apis: &mut Apis, report: &mut Report) {
    for template in templates {
        for resource in template.of_kind("AWS::ApiGateway::RestApi") {
            let name = named("API", &resource.name.name);
            if let Err(why) = rest_api(template, resource, &name, apis, report) {
                let message = format!("{name} is left out: {why}");
                report.error(&template.spot_of(resource), message, NOT_PLAIN);
                apis.at(resource.id, template.spot_of(resource)).leave_out();
            }
        }
        sam::import_apis(template, apis, report);
        let identities: Vec<_> =
            template.resources.iter().filter(|resource| resource.kind.starts_with("AWS::IAM::")).collect();
        if let Some(first) = identities.first() {
            let message = format!(
                "{} resources of IAM are left out: a template does not show all policies of anybody",
                identities.len()
            );
            let help = "give the output of `aws iam get-account-authorization-details`";
            report.note(&template.spot_of(**first), message, help);
        }
    }
}

/// How what is not plain becomes known.
pub(super) const NOT_PLAIN: &str = "write it plainly, or give the output of `aws apigateway get-rest-apis`, `get-resources --embed \
                                    methods` and `get-stages` in place of the template";

fn not_plain(what: &str) -> impl Fn(NotPlain) -> String {
    move |NotPlain(function)| format!("{what} hangs on `{function}`")
}

/// Takes one API, or says why not.
fn rest_api(
    template: &Template<'_>,
    resource: Resource<'_>,
    name: &str,
    apis: &mut Apis,
    report: &mut Report,
) -> Result<(), String> {
    template.is_whole()?;
    let spot = template.spot_of(resource);
    let none = Node { place: resource.name.place, value: of_pairs([]) };
    let properties = resource.properties.unwrap_or(&none);
    let configuration = template.value(properties, "EndpointConfiguration").map_err(not_plain("its endpoint"))?;
    let types = configuration.as_ref().map_or(&[][..], |configuration| configuration.list_of("Types"));
    let own_policy = template.value(properties, "Policy").map_err(not_plain("its policy"))?;
    let body = properties.get("Body").unwrap_or(&none);
    let body_policy = template.value(body, "x-amazon-apigateway-policy").map_err(not_plain("its policy"))?;
    for elsewhere in ["BodyS3Location", "CloneFrom"] {
        if properties.get(elsewhere).is_some() {
            return Err(format!("its methods stand elsewhere: it has {}", named("property", elsewhere)));
        }
    }
    let own_methods = methods(template, resource, report)?;
    let methods = match properties.get("Body") {
        Some(_) if !own_methods.is_empty() => {
            return Err("some of its methods stand in its body, some beside it".to_owned());
        }
        Some(body) if body.properties().iter().any(|(key, _)| key.name.starts_with("Fn::")) => {
            return Err("its body hangs on a function".to_owned());
        }
        Some(body) => openapi::methods(&template.export.source, body, name, report)
            .ok_or_else(|| "its body is not understood".to_owned())?,
        None => own_methods,
    };
    let stages = stages(template, &resource.name.name)?;
    // An API without this property is of another kind.
    let types: Vec<_> = types.iter().filter_map(Node::text).map(str::to_owned).collect();
    let mut policies = Vec::new();
    for policy in own_policy.into_iter().chain(body_policy) {
        let whose = format!("the policy of {name}");
        let policy = read_policy(&policy, &whose, &template.spot(&policy), report);
        policies.push(policy.ok_or("its policy cannot be read")?);
    }
    let api = apis.at(resource.id, spot.clone());
    template.stack.locate(api);
    api.has_types(types);
    for policy in policies {
        api.has_policy(name, policy, &spot, report);
    }
    api.has_methods(name, methods, &spot, report);
    for stage in stages {
        api.has_stage_name(&stage);
    }
    Ok(())
}

impl Stack<'_> {
    /// Says of an API where it is.
    pub fn locate(&self, api: &mut super::apis::Api) {
        if let (Some(partition), Some(region), Some(account)) = (self.partition, self.region, self.account) {
            api.is_at(partition, region, account);
        }
    }
}

/// The methods that stand beside an API.
fn methods(template: &Template<'_>, api: Resource<'_>, report: &mut Report) -> Result<Vec<Method>, String> {
    let mut methods = BTreeSet::new();
    for resource in template.of_kind("AWS::ApiGateway::Method") {
        let name = named("method", &resource.name.name);
        let Some(properties) = resource.properties else { return Err(format!("{name} has no properties")) };
        match template.referred(properties, "RestApiId") {
            Some(other) if other == api.name.name => {}
            Some(_) => continue,
            None if template.text(properties, "RestApiId").is_ok_and(|id| id.as_deref() == Some(api.id)) => {}
            None => {
                let message = format!("{name} is left out: it is not known of which API it is");
                report.error(&template.spot_of(resource), message, NOT_PLAIN);
                return Err(format!("{name} could be one of its own"));
            }
        }
        let text = |key: &str| template.text(properties, key).map_err(not_plain(&name));
        let authorization =
            authorization(text("AuthorizationType")?.as_deref()).map_err(|why| format!("{name} {why}"))?;
        let method = text("HttpMethod")?.ok_or_else(|| format!("{name} has no `HttpMethod`"))?;
        let path = path_at(template, properties, "ResourceId", MAX_SEGMENTS)
            .ok_or_else(|| format!("the path of {name} is not known"))?;
        let path = if path.is_empty() { "/".to_owned() } else { path };
        methods.insert(Method { path, method: method.to_ascii_uppercase(), authorization });
    }
    Ok(methods.into_iter().collect())
}

/// More segments than any path has.
const MAX_SEGMENTS: usize = 64;

/// The path of the resource that a property refers to; empty for the root.
fn path_at(template: &Template<'_>, properties: &Node, key: &str, left: usize) -> Option<String> {
    let reference = properties.get(key)?;
    if let Some(parts) = reference.get("Fn::GetAtt").and_then(Node::list) {
        let is_root = matches!(parts, [_, attribute] if attribute.text() == Some("RootResourceId"));
        return is_root.then(String::new);
    }
    let resource = template.resource(reference.text_of("Ref")?)?;
    let properties = resource.properties.filter(|_| resource.kind == "AWS::ApiGateway::Resource")?;
    let parent = path_at(template, properties, "ParentId", left.checked_sub(1)?)?;
    let part = template.text(properties, "PathPart").ok()??;
    Some(format!("{parent}/{part}"))
}

/// The names of an API's stages.
fn stages(template: &Template<'_>, api: &str) -> Result<BTreeSet<String>, String> {
    let mut stages = BTreeSet::new();
    for kind in ["AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment"] {
        for resource in template.of_kind(kind) {
            let Some(properties) = resource.properties else { continue };
            if template.referred(properties, "RestApiId").is_none_or(|other| other == api) {
                let what = named("stage", &resource.name.name);
                stages.extend(template.text(properties, "StageName").map_err(not_plain(&what))?);
            }
        }
    }
    Ok(stages)
}
