//! What an export is, told by what it holds.

use super::remark::{Report, Spot};
use super::tree::Node;
use crate::policy::Source;

/// What may be given, for messages.
pub(super) const KNOWN: &str = "give the output of `aws ec2 describe-vpc-endpoints`, of `aws apigateway get-rest-apis`, \
                                `get-resources`, `get-stages`, `get-export`, `get-domain-names` or `get-base-path-mappings`, \
                                or of `aws iam get-account-authorization-details`, as JSON; or a template, and the output of \
                                `aws cloudformation describe-stack-resources`";

/// A file that was read.
#[derive(Debug)]
pub(super) struct Export {
    pub source: Source,
    pub tree: Node,
    pub kind: Kind,
}

/// Which command it is the output of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `aws ec2 describe-vpc-endpoints`.
    Endpoints,
    /// `aws apigateway get-rest-apis`.
    RestApis,
    /// `aws apigateway get-rest-api`.
    RestApi,
    /// `aws apigateway get-resources --embed methods`.
    Resources,
    /// `aws apigateway get-stages`.
    Stages,
    /// `aws apigateway get-export`.
    OpenApi,
    /// `aws apigateway get-domain-names`.
    Domains,
    /// `aws apigateway get-domain-name`.
    Domain,
    /// `aws apigateway get-base-path-mappings`.
    Mappings,
    /// `aws apigatewayv2 get-api-mappings`.
    ApiMappings,
    /// `aws iam get-account-authorization-details`.
    Iam,
    /// A template of CloudFormation.
    Template,
    /// `aws cloudformation describe-stack-resources`, or `list-stack-resources`.
    Stack,
    /// A listing with nothing in it.
    Empty,
}

impl Kind {
    /// Tells by the keys; `None` for a file of another kind.
    pub fn of(tree: &Node) -> Option<Self> {
        let has = |key: &str| tree.get(key).is_some();
        if has("openapi") || has("swagger") {
            return Some(Self::OpenApi);
        }
        if has("VpcEndpoints") {
            return Some(Self::Endpoints);
        }
        if ["UserDetailList", "GroupDetailList", "RoleDetailList"].into_iter().any(has) {
            return Some(Self::Iam);
        }
        if has("StackResources") || has("StackResourceSummaries") {
            return Some(Self::Stack);
        }
        let resources = tree.get("Resources").map(Node::properties).unwrap_or_default();
        if resources.iter().any(|(_, resource)| resource.text_of("Type").is_some()) {
            return Some(Self::Template);
        }
        if has("domainName") && has("endpointConfiguration") {
            return Some(Self::Domain);
        }
        if has("id") && has("name") && has("endpointConfiguration") {
            return Some(Self::RestApi);
        }
        let listed = ["items", "item", "Items"].into_iter().find_map(|key| tree.get(key)?.list())?;
        let Some(first) = listed.first() else { return Some(Self::Empty) };
        let kinds = [
            ("stageName", Self::Stages),
            ("restApiId", Self::Mappings),
            ("ApiMappingKey", Self::ApiMappings),
            ("ApiMappingId", Self::ApiMappings),
            ("domainName", Self::Domains),
            ("path", Self::Resources),
            ("endpointConfiguration", Self::RestApis),
            ("apiKeySource", Self::RestApis),
        ];
        kinds.into_iter().find(|(key, _)| first.get(key).is_some()).map(|(_, kind)| kind)
    }
}

impl Export {
    /// A piece of it.
    pub fn spot(&self, node: &Node) -> Spot {
        Spot::new(&self.source, node.place)
    }

    /// The elements of its listing, whatever the key.
    pub fn items(&self) -> &[Node] {
        ["items", "item", "Items", "VpcEndpoints", "StackResources", "StackResourceSummaries"]
            .into_iter()
            .find_map(|key| self.tree.get(key)?.list())
            .unwrap_or_default()
    }

    /// The marker of the next page, where there is one.
    pub fn next_page(&self) -> Option<&Node> {
        ["NextToken", "nextToken", "position", "Marker"].into_iter().find_map(|key| self.tree.get(key))
    }

    /// Whether the path of its file has this name as a word: between characters that no name has, or as all of a folder's
    /// or a file's name but for what follows a dot. An API's id is such a name.
    pub fn is_named_for(&self, name: &str) -> bool {
        let is_part = |character: char| character.is_ascii_alphanumeric();
        self.source.name().split(|character| !is_part(character)).any(|word| word == name)
    }

    /// Whether its file is called after a stack: `STACK`, and what follows a dot.
    pub fn is_named_for_stack(&self, stack: &str) -> bool {
        let file = self.source.name().rsplit(['/', '\\']).next().unwrap_or_default();
        file.strip_prefix(stack).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Whether its file, or the folder of that, is called after a domain: `DOMAIN`, `DOMAIN.json`, or with something and a
    /// `_` before.
    pub fn is_named_for_domain(&self, domain: &str) -> bool {
        self.source.name().rsplit(['/', '\\']).take(2).any(|part| {
            let part = part.to_ascii_lowercase();
            let stem = part.strip_suffix(".json").unwrap_or(&part);
            stem.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('_'))
        })
    }
}

/// Reports each kind of listing of which there is no last page.
pub(super) fn report_missing_pages(exports: &[Export], report: &mut Report) {
    for (at, export) in exports.iter().enumerate() {
        let alike = || exports.iter().filter(|other| other.kind == export.kind);
        let is_first = exports.iter().take(at).all(|other| other.kind != export.kind);
        let Some(next) = export.next_page().filter(|_| is_first) else { continue };
        // Listings of one API or domain each are told apart by their readers.
        let is_one_listing =
            matches!(export.kind, Kind::Endpoints | Kind::RestApis | Kind::Domains | Kind::Iam | Kind::Stack);
        if is_one_listing && alike().all(|page| page.next_page().is_some()) {
            report.error(&export.spot(next), "the last page of this listing is missing", "give all pages of it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(name: &str) -> Export {
        let source = Source::new(name, "{}");
        let tree = Node::read(&source).unwrap();
        Export { source, tree, kind: Kind::Empty }
    }

    #[test]
    fn a_file_is_named_for_an_api_by_a_whole_word() {
        for name in
            ["a1b2c3d4e5.json", "x/resources-a1b2c3d4e5.json", "a1b2c3d4e5/stages.json", "get_a1b2c3d4e5.1.json"]
        {
            assert!(export(name).is_named_for("a1b2c3d4e5"), "{name}");
        }
        assert!(!export("a1b2c3d4e5f6.json").is_named_for("a1b2c3d4e5"));
    }

    #[test]
    fn a_file_is_named_for_a_domain_as_a_whole() {
        let is_named = |name| export(name).is_named_for_domain("orders.example.com");
        for name in ["orders.example.com", "x/Orders.example.com.json", "mappings_orders.example.com.json"] {
            assert!(is_named(name), "{name}");
        }
        assert!(is_named("orders.example.com/mappings.json"));
        for name in ["my-orders.example.com.json", "my.orders.example.com.json", "orders.example.com.au.json"] {
            assert!(!is_named(name), "{name}");
        }
    }
}
