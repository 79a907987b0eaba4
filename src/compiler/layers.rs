//! What a `bundle.json` attaches policies to, as records: endpoints, APIs with their domains, and identities.

use std::collections::HashMap;

use super::limits::{CompileError, number};
use super::principals::Principals;
use super::routes::Routes;
use super::statements::Statements;
use super::strings::Strings;
use crate::blob::Span;
use crate::blob::apis::{ApiSlot, HostSlot, Profile, ProfileRecord, Stage, api_slots, host_slots};
use crate::blob::identities::{IdentityPolicy, IdentityRecord};
use crate::blob::sets::{Endpoint, EndpointContext, EndpointValue};
use crate::blob::write::Sections;
use crate::bundle::{self, Apis, Identity};

/// One more than the number of a policy set, which is its policy's; 0 for none.
fn one_more(policy: Option<u32>) -> u32 {
    policy.map_or(0, |policy| policy.saturating_add(1))
}

/// The endpoints of a bundle, in the order of their ids.
pub(super) fn put_endpoints(
    endpoints: &[bundle::Endpoint],
    compiled: &mut Statements<'_>,
    sections: &mut Sections,
) -> Result<(), CompileError> {
    let (mut records, mut context, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut sorted: Vec<_> = endpoints.iter().collect();
    sorted.sort_by(|one, other| one.id.as_bytes().cmp(other.id.as_bytes()));
    for endpoint in sorted {
        let start = number("keys of endpoints", context.len())?;
        for (name, texts) in &endpoint.context {
            let key = compiled.keys.number(name, &mut compiled.strings)?;
            let start = number("values of endpoints", values.len())?;
            for text in texts {
                values.push(EndpointValue(compiled.strings.intern(text.as_bytes())?));
            }
            let len = number("values of endpoints", texts.len())?;
            number("values of endpoints", values.len())?;
            context.push(EndpointContext { key: key.into(), values: Span { start, len } });
        }
        // The gate bisects them.
        if let Some(own) = context.get_mut(start.get() as usize..) {
            own.sort_unstable_by_key(|entry: &EndpointContext| entry.key.get());
        }
        let len = number("keys of endpoints", endpoint.context.len())?;
        number("keys of endpoints", context.len())?;
        records.push(Endpoint {
            id: compiled.strings.intern(endpoint.id.as_bytes())?,
            set: one_more(endpoint.policy).into(),
            context: Span { start, len },
        });
    }
    number("endpoints", records.len())?;
    sections.put(&records);
    sections.put(&context);
    sections.put(&values);
    Ok(())
}

/// The APIs of a bundle, their routes, and the domains that lead to them.
pub(super) fn put_apis(apis: &Apis, strings: &mut Strings, sections: &mut Sections) -> Result<(), CompileError> {
    let profile = match apis.profile {
        bundle::Profile::Classic => Profile::Classic,
        bundle::Profile::Current => Profile::Current,
    };
    let (mut slots, mut names, mut stages, mut routes) = (Vec::new(), Vec::new(), Vec::new(), Routes::default());
    for api in &apis.list {
        let mut named: Vec<_> = api.methods.iter().map(|method| method.stage.as_deref().unwrap_or_default()).collect();
        named.sort_unstable();
        named.dedup();
        let start = number("stages", stages.len())?;
        for stage in &named {
            stages.push(Stage(strings.intern(stage.as_bytes())?));
        }
        let stages = Span { start, len: number("stages", named.len())? };
        let text = api.arn.to_string();
        let name = strings.intern(text.strip_prefix("arn:").unwrap_or_default().as_bytes())?;
        let root = routes.add(&api.methods, &named, strings)?.saturating_add(1).into();
        names.push(name);
        let slot = ApiSlot { tag: 0.into(), name, set: one_more(api.policy).into(), root, stages };
        slots.push((api.arn.region.as_str(), api.arn.id.as_str(), slot));
    }
    number("stages", stages.len())?;
    let slots = api_slots(slots);
    number("APIs", slots.len())?;

    // Each API has a slot, and its name is stored once.
    let filled = (1u32..).zip(&slots).filter(|(_, slot)| slot.root.get() != 0);
    let places: HashMap<u32, u32> = filled.map(|(place, slot)| (slot.name.start.get(), place)).collect();
    let mut hosts = Vec::new();
    for (api, name) in apis.list.iter().zip(names) {
        let place = places.get(&name.start.get()).copied().unwrap_or_default();
        for host in &api.hosts {
            let name = strings.intern(host.name.as_bytes())?;
            let stage = strings.intern(host.stage.as_bytes())?;
            hosts.push((host.name.as_str(), HostSlot { tag: 0.into(), name, stage, api: place.into() }));
        }
    }
    let hosts = host_slots(hosts);
    number("hosts", hosts.len())?;
    sections.put(&[ProfileRecord((profile as u32).into())]);
    sections.put(&slots);
    sections.put(&stages);
    sections.put(&hosts);
    routes.put(sections);
    Ok(())
}

/// The identities of a bundle. Their names get the lowest numbers, so that an identity has the number of its name:
/// nothing else may have been numbered yet.
pub(super) fn put_identities<'b>(
    identities: &'b [Identity],
    principals: &mut Principals<'b>,
    sections: &mut Sections,
) -> Result<(), CompileError> {
    let (mut records, mut policies) = (Vec::new(), Vec::new());
    for identity in identities {
        let start = number("identity policies", policies.len())?;
        policies.extend(identity.policies.iter().map(|policy| IdentityPolicy((*policy).into())));
        number("identity policies", policies.len())?;
        let policies = Span { start, len: number("identity policies", identity.policies.len())? };
        let record = IdentityRecord { policies, boundary: one_more(identity.boundary).into() };
        for name in principals.identity(&identity.principal)? {
            debug_assert_eq!(name as usize, records.len(), "no name is of two identities");
            records.push(record);
        }
    }
    number("identities", records.len())?;
    sections.put(&records);
    sections.put(&policies);
    Ok(())
}
