//! APIs: their policies, stages and methods, from the listings of `aws apigateway` and from exports as OpenAPI.
//!
//! Some of these listings do not say which API they are of. What an export of resources holds tells it, where the listing
//! of the APIs has their root's id; else the name of the file must.

use std::collections::{BTreeMap, BTreeSet};

use super::export::{Export, Kind};
use super::files::{Files, named, read_policy};
use super::openapi;
use super::remark::{Report, Spot};
use super::template::{self, Template};
use super::tree::{Node, Value};
use super::{Options, made, object, text};
use crate::bundle::AuthorizationType;
use crate::policy::ApiArn;
use crate::policy::error::quote;

/// What a method asks of its callers, where it stands in the export, and for which stages it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Method {
    pub path: String,
    /// `ANY`, or a method.
    pub method: String,
    /// As `bundle.json` writes it.
    pub authorization: &'static str,
}

/// An API, as far as the exports say.
#[derive(Debug)]
pub(super) struct Api {
    /// Where it was first named.
    spot: Spot,
    /// The kinds of its endpoint: `None` where no listing has it.
    types: Option<Vec<String>>,
    /// The id of its root resource.
    root: Option<String>,
    policy: Option<Node>,
    /// The partition, region and account, as far as its own exports say.
    partition: Option<String>,
    region: Option<String>,
    account: Option<String>,
    /// The methods of `get-resources`, of every stage that was not exported by itself.
    resources: Option<Vec<Method>>,
    /// The stages, and the methods of those that were exported.
    stages: BTreeMap<String, Option<Vec<Method>>>,
    /// Domains, and their stages.
    hosts: Vec<(String, String)>,
    /// Something of it was not understood, and has been reported: it must not become an entry.
    is_broken: bool,
}

/// The APIs so far, by their ids.
#[derive(Debug)]
pub(super) struct Apis(BTreeMap<String, Api>);

/// What the other exports say of where the APIs are.
pub(super) struct Surroundings {
    pub partition: Option<String>,
    pub region: Option<String>,
    pub account: Option<String>,
}

/// The APIs of the bundle.
pub(super) struct Entries {
    pub entries: BTreeMap<String, Node>,
    pub methods: usize,
    /// Some export was about APIs.
    pub were_listed: bool,
}

impl Apis {
    /// Collects them.
    pub fn of(exports: &[Export], templates: &[Template<'_>], report: &mut Report) -> Self {
        let mut apis = Self(BTreeMap::new());
        let of_kind = |kind| exports.iter().filter(move |export| export.kind == kind);
        for export in of_kind(Kind::RestApis) {
            for api in export.items() {
                apis.listed(export, api, report);
            }
        }
        for export in of_kind(Kind::RestApi) {
            apis.listed(export, &export.tree, report);
        }
        for export in of_kind(Kind::OpenApi) {
            openapi::read(export, &mut apis, report);
        }
        template::import_apis(templates, &mut apis, report);
        let mut pages: BTreeMap<String, Vec<&Export>> = BTreeMap::new();
        for export in of_kind(Kind::Resources) {
            if let Some(id) = apis.id_of_resources(export, of_kind(Kind::Resources), report) {
                pages.entry(id).or_default().push(export);
            }
        }
        for (id, pages) in pages {
            if let Some(api) = apis.0.get_mut(&id) {
                api.read_resources(&id, &pages, report);
            }
        }
        for export in of_kind(Kind::Stages) {
            apis.read_stages(export, report);
        }
        apis
    }

    /// The API of an id, which is made where there is none.
    pub fn at(&mut self, id: &str, spot: Spot) -> &mut Api {
        self.0.entry(id.to_owned()).or_insert_with(|| Api {
            spot,
            types: None,
            root: None,
            policy: None,
            partition: None,
            region: None,
            account: None,
            resources: None,
            stages: BTreeMap::new(),
            hosts: Vec::new(),
            is_broken: false,
        })
    }

    /// The API of an id, if some export has it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Api> {
        self.0.get_mut(id)
    }

    /// Takes an API of a listing.
    fn listed(&mut self, export: &Export, node: &Node, report: &mut Report) {
        let spot = export.spot(node);
        let Some(id) = node.text_of("id") else {
            report.error(&spot, "an API has no `id`, and is left out", "export it once more, without `--query`");
            return;
        };
        let name = named("API", id);
        let api = self.at(id, spot.clone());
        let types = node.get("endpointConfiguration").map_or(&[][..], |configuration| configuration.list_of("types"));
        api.types = Some(types.iter().filter_map(Node::text).map(str::to_owned).collect());
        api.root = node.text_of("rootResourceId").map(str::to_owned);
        if let Some(policy) = node.get("policy") {
            match read_policy(policy, &format!("the policy of {name}"), &export.spot(policy), report) {
                Some(policy) => api.has_policy(&name, policy, &spot, report),
                None => api.is_broken = true,
            }
        }
    }

    /// The API that the resources of an export belong to.
    fn id_of_resources<'e>(
        &self,
        export: &Export,
        others: impl Iterator<Item = &'e Export>,
        report: &mut Report,
    ) -> Option<String> {
        let root_of = |export: &Export| {
            let root = export.items().iter().find(|item| item.text_of("path") == Some("/"))?.text_of("id")?;
            Some(self.0.iter().find(|(_, api)| api.root.as_deref() == Some(root))?.0.clone())
        };
        if let Some(id) = root_of(export) {
            return Some(id);
        }
        // A page without the root: its elements say whose children they are.
        let ids_of = |export: &Export, key: &str| -> BTreeSet<String> {
            export.items().iter().filter_map(|item| item.text_of(key)).map(str::to_owned).collect()
        };
        let parents = ids_of(export, "parentId");
        let mut by_parent = others.filter(|other| !ids_of(other, "id").is_disjoint(&parents)).filter_map(root_of);
        by_parent.next().or_else(|| self.id_in_name(export, "resources", report))
    }

    /// The API whose id stands in the name of a file; reported where there is none.
    fn id_in_name(&self, export: &Export, what: &str, report: &mut Report) -> Option<String> {
        let mut named = self.0.keys().filter(|id| export.is_named_for(id));
        if let (Some(id), None) = (named.next(), named.next()) {
            return Some(id.clone());
        }
        let message = format!("it is not known of which API these {what} are");
        let help = format!(
            "this listing does not say it: put the API's id into the file's name, as `{what}-a1b2c3d4e5.json`, and give \
             the output of `aws apigateway get-rest-apis` too"
        );
        report.error(&export.spot(&export.tree), message, help);
        None
    }

    /// Takes the names of an API's stages.
    fn read_stages(&mut self, export: &Export, report: &mut Report) {
        let Some(id) = self.id_in_name(export, "stages", report) else { return };
        let Some(api) = self.0.get_mut(&id) else { return };
        for stage in export.items() {
            if let Some(name) = stage.text_of("stageName") {
                api.has_stage_name(name);
            }
        }
    }

    /// The entries of the bundle.
    pub fn import(self, options: &Options, around: &Surroundings, files: &mut Files, report: &mut Report) -> Entries {
        let mut entries = BTreeMap::new();
        let mut methods = 0;
        let were_listed = !self.0.is_empty();
        for (id, api) in self.0 {
            let name = named("API", &id);
            if let Some(types) = &api.types
                && !types.iter().any(|kind| kind == "PRIVATE")
            {
                let kind = if types.is_empty() { "of an unknown kind".to_owned() } else { types.join(", ") };
                let message = format!("{name} is left out: it is not private");
                report.note(&api.spot, message, format!("its endpoint is {kind}: no VPC endpoint leads to it"));
                continue;
            }
            if api.is_broken {
                continue;
            }
            let Some(arn) = api.arn(&id, &name, options, around, report) else { continue };
            let Some(list) = api.methods(&name, report) else { continue };
            methods += list.len();
            let mut entry = Vec::new();
            if let Some(policy) = &api.policy {
                entry.push(("policy".to_owned(), text(files.add(&["apis", &id], policy))));
            }
            if !api.hosts.is_empty() {
                let hosts = api.hosts.into_iter().map(|(host, stage)| (host, text(stage)));
                entry.push(("hosts".to_owned(), object(hosts)));
            }
            entry.push(("methods".to_owned(), made(Value::List(list))));
            entries.insert(arn, object(entry));
        }
        Entries { entries, methods, were_listed }
    }
}

impl Api {
    /// Takes a policy; two that differ are reported.
    pub fn has_policy(&mut self, name: &str, policy: Node, spot: &Spot, report: &mut Report) {
        match &self.policy {
            Some(first) if !first.equals(&policy) => {
                self.is_broken = true;
                let message = format!("{name} is left out: two exports show two policies of it");
                let help =
                    "deploy the API, so that its stages have its policy, and export again, or give one of the exports";
                report.error(spot, message, help);
            }
            _ => self.policy = Some(policy),
        }
    }

    /// Takes where the API is.
    pub fn is_in(&mut self, region: &str) {
        self.region = Some(region.to_owned());
    }

    /// Takes where the API is, in full.
    pub fn is_at(&mut self, partition: &str, region: &str, account: &str) {
        self.partition = Some(partition.to_owned());
        self.region = Some(region.to_owned());
        self.account = Some(account.to_owned());
    }

    /// Takes the kinds of its endpoint.
    pub fn has_types(&mut self, types: Vec<String>) {
        self.types = Some(types);
    }

    /// Takes the methods of every stage that is not exported by itself; others than those that are known are reported.
    pub fn has_methods(&mut self, name: &str, methods: Vec<Method>, spot: &Spot, report: &mut Report) {
        if self.resources.as_ref().is_some_and(|known| *known != methods) {
            self.is_broken = true;
            let message = format!("{name} is left out: two exports of its methods differ");
            report.error(spot, message, "give one of them");
        }
        self.resources = Some(methods);
    }

    /// Takes the name of one of its stages.
    pub fn has_stage_name(&mut self, stage: &str) {
        self.stages.entry(stage.to_owned()).or_default();
    }

    /// Leaves the API out: why has been reported.
    pub fn leave_out(&mut self) {
        self.is_broken = true;
    }

    /// Takes a stage with its methods.
    pub fn has_stage(&mut self, name: &str, stage: &str, methods: Vec<Method>, spot: &Spot, report: &mut Report) {
        let known = self.stages.entry(stage.to_owned()).or_default();
        if known.as_ref().is_some_and(|known| *known != methods) {
            self.is_broken = true;
            let message = format!("{name} is left out: two exports of its {} differ", named("stage", stage));
            report.error(spot, message, "give one of them");
        }
        *known = Some(methods);
    }

    /// Takes a domain that leads to one of its stages.
    pub fn has_host(&mut self, host: &str, stage: &str) {
        self.hosts.push((host.to_owned(), stage.to_owned()));
    }

    /// Takes the methods of the pages of a listing of resources.
    fn read_resources(&mut self, id: &str, pages: &[&Export], report: &mut Report) {
        let name = named("API", id);
        if let Some(next) = pages.iter().find_map(|page| Some((page, page.next_page()?)))
            && pages.iter().all(|page| page.next_page().is_some())
        {
            self.is_broken = true;
            let message = format!("{name} is left out: the last page of its resources is missing");
            report.error(&next.0.spot(next.1), message, "give all pages of the listing");
        }
        let mut methods = BTreeSet::new();
        for page in pages {
            for resource in page.items() {
                let Some(path) = resource.text_of("path") else {
                    self.is_broken = true;
                    let message = format!("{name} is left out: one of its resources has no `path`");
                    report.error(&page.spot(resource), message, "export it once more, without `--query`");
                    continue;
                };
                let listed = resource.get("resourceMethods").map(Node::properties).unwrap_or_default();
                for (method, node) in listed {
                    let spot = Spot::new(&page.source, method.place);
                    let what = format!("{} {}", method.name, path);
                    match authorization(node.text_of("authorizationType")) {
                        Ok(authorization) => {
                            methods.insert(Method {
                                path: path.to_owned(),
                                method: method.name.clone(),
                                authorization,
                            });
                        }
                        Err(why) => {
                            self.is_broken = true;
                            let message = format!("{name} is left out: {} {why}", named("method", &what));
                            let help = "without one method, its calls would be taken for another's: export the resources with \
                                        `aws apigateway get-resources --embed methods`";
                            report.error(&spot, message, help);
                        }
                    }
                }
            }
        }
        if let Some(page) = pages.first() {
            self.has_methods(&name, methods.into_iter().collect(), &page.spot(&page.tree), report);
        }
    }

    /// The API's ARN. Its own policy tells it where nothing else does: API Gateway writes it there in full.
    fn arn(
        &self,
        id: &str,
        name: &str,
        options: &Options,
        around: &Surroundings,
        report: &mut Report,
    ) -> Option<String> {
        let written: BTreeSet<_> = self.policy.iter().flat_map(|policy| arns_in(policy, id)).collect();
        let written = if written.len() == 1 { written.first() } else { None };
        let first = |candidates: [Option<&String>; 4]| candidates.into_iter().flatten().next().cloned();
        let region = first([
            options.region.as_ref(),
            self.region.as_ref(),
            written.map(|arn| &arn.region),
            around.region.as_ref(),
        ]);
        let account = first([
            options.account.as_ref(),
            self.account.as_ref(),
            written.map(|arn| &arn.account),
            around.account.as_ref(),
        ]);
        let (Some(region), Some(account)) = (region, account) else {
            let message = format!("{name} is left out: no export says in which region and account it is");
            report.error(&self.spot, message, "say it with `--region us-east-1` and `--account 123412341234`");
            return None;
        };
        let partition = first([
            self.partition.as_ref(),
            written.map(|arn| &arn.partition),
            around.partition.as_ref(),
            Some(&partition_of(&region).to_owned()),
        ])?;
        let arn = format!("arn:{partition}:execute-api:{region}:{account}:{id}");
        if ApiArn::read(&arn).is_none() {
            let message = format!("{name} is left out: {} is no API's ARN", quote(&arn));
            report.error(&self.spot, message, "see what `--region` and `--account` say");
            return None;
        }
        if let Some(written) = written.filter(|written| written.to_string() != arn) {
            let written = quote(&written.to_string());
            let message = format!("{name} is left out: its own policy says that it is {written}");
            report.error(&self.spot, message, format!("the other exports, or `--region` and `--account`, say {arn}"));
            return None;
        }
        Some(arn)
    }

    /// The API's methods as the bundle has them, stage by stage.
    fn methods(&self, name: &str, report: &mut Report) -> Option<Vec<Node>> {
        let mut list = Vec::new();
        let mut add = |stage: &str, methods: &[Method]| list.extend(methods.iter().map(|method| method.entry(stage)));
        match &self.resources {
            Some(methods) if self.stages.is_empty() => {
                let message = format!("the stages of {name} are not known: its methods are taken to be in every stage");
                let help = "give the output of `aws apigateway get-stages` in a file that is named for the API";
                report.note(&self.spot, message, help);
                add("*", methods);
            }
            resources => {
                for (stage, methods) in &self.stages {
                    if let Some(methods) = methods.as_ref().or(resources.as_ref()) {
                        add(stage, methods);
                    } else {
                        let message =
                            format!("{} of {name} is left out: no export has its methods", named("stage", stage));
                        report.error(&self.spot, message, EXPORT_METHODS);
                    }
                }
                if resources.is_none() && self.stages.is_empty() {
                    report.error(&self.spot, format!("{name} is left out: no export has its methods"), EXPORT_METHODS);
                    return None;
                }
            }
        }
        Some(list)
    }
}

const EXPORT_METHODS: &str =
    "give the output of `aws apigateway get-resources --embed methods`, or of `get-export` with its extensions";

impl Method {
    fn entry(&self, stage: &str) -> Node {
        object_of([
            ("stage", stage),
            ("method", &self.method),
            ("path", &self.path),
            ("authorization", self.authorization),
        ])
    }
}

fn object_of<const N: usize>(properties: [(&str, &str); N]) -> Node {
    object(properties.map(|(name, value)| (name.to_owned(), text(value))))
}

/// An `authorizationType`, which is never guessed; or what is wrong with it.
pub(super) fn authorization(written: Option<&str>) -> Result<&'static str, String> {
    let Some(written) = written else { return Err("has no `authorizationType`".to_owned()) };
    AuthorizationType::read(written)
        .map(AuthorizationType::as_str)
        .ok_or_else(|| format!("has the unknown {}", named("authorization type", written)))
}

/// The ARNs of this API that the resources of its policy begin with.
fn arns_in(policy: &Node, id: &str) -> Vec<ApiArn> {
    let statements = match policy.get("Statement") {
        Some(Node { value: Value::List(statements), .. }) => statements.as_slice(),
        Some(alone) => std::slice::from_ref(alone),
        None => &[],
    };
    let resources = statements.iter().filter_map(|statement| statement.get("Resource"));
    let texts = resources.flat_map(|resource| match &resource.value {
        Value::List(resources) => resources.iter().filter_map(Node::text).collect(),
        _ => resource.text().into_iter().collect::<Vec<_>>(),
    });
    texts.filter_map(|text| ApiArn::read(text.split_once('/')?.0)).filter(|arn| arn.id == id).collect()
}

/// The partition that a region belongs to.
fn partition_of(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 6] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
    ];
    PARTITIONS.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}
