//! What the passes read: each policy of a bundle with what it is attached to.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::bundle::{Api, Attachments, Bundle, Identity, Layers};
use crate::policy::{Place, Policy, PrincipalEntry, Source};

/// A bundle, policy by policy.
#[derive(Debug)]
pub(crate) struct Inputs<'b> {
    /// What `bundle.json` says; `None` for a document alone.
    pub layers: Option<&'b Layers>,
    /// The policies, in the order of their numbers.
    pub documents: Vec<Document<'b>>,
    /// The accounts of APIs and identities, where there are APIs.
    pub accounts: HashSet<&'b str>,
    /// Whether some identity has a permissions boundary.
    pub has_boundaries: bool,
    /// The accounts of identities that have policies.
    pub accounts_with_policies: HashSet<&'b str>,
    /// The APIs whose resource policy stands in a place.
    apis: HashMap<(Arc<str>, Place), Vec<&'b Api>>,
}

/// A policy, and what it is attached to.
#[derive(Debug)]
pub(crate) struct Document<'b> {
    pub policy: &'b Policy,
    pub attached: Attached<'b>,
}

/// What a policy is attached to, and so which kind it is.
#[derive(Debug)]
pub(crate) enum Attached<'b> {
    /// To nothing: a document alone. It may be an endpoint policy or an API's.
    Nothing,
    /// To one endpoint or several.
    Endpoints,
    /// To this API, whose resource policy it is. A file that several APIs name is a policy for each.
    Api(&'b Api),
    /// To identities, as an identity policy or a boundary.
    Identities,
}

impl<'b> Inputs<'b> {
    /// The policies of a bundle.
    pub fn of(bundle: &'b Bundle) -> Self {
        let layers = match bundle.attachments() {
            Attachments::Document => None,
            Attachments::Layers(layers) => Some(layers),
        };
        let resource = layers.and_then(|layers| layers.apis.as_ref()).into_iter().flat_map(|apis| &apis.list);
        let resource: HashMap<u32, &Api> = resource.filter_map(|api| Some((api.policy?, api))).collect();
        let identities = layers.into_iter().flat_map(|layers| &layers.identities);
        let identity: HashSet<u32> =
            identities.flat_map(|identity| identity.policies.iter().copied().chain(identity.boundary)).collect();
        let mut apis: HashMap<_, Vec<_>> = HashMap::new();
        let mut documents = Vec::with_capacity(bundle.policies().len());
        for (number, named) in (0..).zip(bundle.policies()) {
            let policy = &named.policy;
            let attached = match (layers, resource.get(&number)) {
                (None, _) => Attached::Nothing,
                (_, Some(api)) => Attached::Api(api),
                // A policy has one kind (bundle).
                (_, None) if identity.contains(&number) => Attached::Identities,
                (_, None) => Attached::Endpoints,
            };
            if let Attached::Api(api) = attached {
                apis.entry((policy.source.shared_name(), policy.place)).or_default().push(api);
            }
            documents.push(Document { policy, attached });
        }
        let apis_of_bundle = layers.and_then(|layers| layers.apis.as_ref());
        let identities = layers.map_or(&[][..], |layers| &layers.identities);
        let owners = apis_of_bundle.into_iter().flat_map(|apis| &apis.list).map(|api| api.arn.account.as_str());
        let mut accounts: HashSet<_> = owners.collect();
        if apis_of_bundle.is_some() {
            accounts.extend(identities.iter().filter_map(account));
        }
        let with_policies = identities.iter().filter(|identity| !identity.policies.is_empty());
        let accounts_with_policies = with_policies.filter_map(account).collect();
        let has_boundaries = identities.iter().any(|identity| identity.boundary.is_some());
        Self { layers, documents, accounts, has_boundaries, accounts_with_policies, apis }
    }

    /// The APIs whose resource policy this text is, this document's own among them.
    pub fn apis_of(&self, document: &Document<'_>) -> &[&'b Api] {
        let key = (document.source().shared_name(), document.policy.place);
        self.apis.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// The account of an identity.
fn account(identity: &Identity) -> Option<&str> {
    match &identity.principal {
        PrincipalEntry::Root { account, .. } => Some(account),
        PrincipalEntry::User(arn) | PrincipalEntry::Role(arn) | PrincipalEntry::FederatedUser(arn) => {
            Some(&arn.account)
        }
        _ => None,
    }
}

impl Document<'_> {
    /// The text of the policy.
    pub fn source(&self) -> &Source {
        &self.policy.source
    }

    /// What stands at a place, as JSON reads it: of a string its content, of another literal its text.
    pub fn written(&self, place: Place) -> Cow<'_, str> {
        let text = self.source().at(place);
        match serde_json::from_str::<Cow<'_, str>>(text) {
            Ok(content) => content,
            Err(_) => Cow::Borrowed(text),
        }
    }

    /// Where a part of a string's content stands. With an escape in the string, its whole place: offsets in its content
    /// are no offsets in the text then.
    pub fn within(&self, string: Place, part: Range<usize>) -> Place {
        let inner = Place { start: string.start + 1, end: string.end.saturating_sub(1) };
        if self.source().at(inner) == self.written(string) {
            Place { start: inner.start + part.start, end: inner.start + part.end }
        } else {
            string
        }
    }
}
