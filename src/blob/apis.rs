//! The APIs of a bundle: found by their ARNs, each with its policy set, its stages and its routes; and the domains that
//! lead to them.
//!
//! Invariant: a slot of `apis` that is not empty has a name of five parts, and everything that it numbers is there; a
//! host leads to such a slot. There is one profile where there are APIs. `compiler::apis` makes it so, [`validate`]
//! refuses a blob where it is not. Names are compared in full: no hash decides anything.

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::routes::RouteNode;
use super::sets::Set;
use super::strings::TextRef;
use super::table::{self, Slot, tag};
use super::{Fail, LoadError, Record, SectionId, Span, View, words};

/// How callers are told: the one record of a bundle with APIs, none of another blob.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ProfileRecord(pub U32);

/// Which reading of the `Authorization` header holds (S-03, S-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Profile {
    Classic,
    Current,
}

/// An API: a slot of the hash table over all of them.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ApiSlot {
    /// The low half of the hash.
    pub tag: U32,
    /// Its ARN without `arn:`: partition, service, region, account and id, with colons between.
    pub name: TextRef,
    /// One more than the number of its resource policy's set; 0 where it has none (L-05).
    pub set: U32,
    /// One more than the number of its root in `routes`; 0 where the slot is empty.
    pub root: U32,
    /// Its stages.
    pub stages: Span,
}

/// A stage of an API; empty for `*`, which is every stage.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Stage(pub TextRef);

/// A custom domain: a slot of the hash table over all of them.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct HostSlot {
    /// The low half of the hash.
    pub tag: U32,
    /// The domain, in lower case.
    pub name: TextRef,
    /// The stage that it leads to.
    pub stage: TextRef,
    /// One more than the place of its API in `apis`; 0 where the slot is empty.
    pub api: U32,
}

impl Record for ProfileRecord {
    const SECTION: SectionId = SectionId::Profile;
}
impl Record for ApiSlot {
    const SECTION: SectionId = SectionId::Apis;
}
impl Slot for ApiSlot {
    fn is_empty(&self) -> bool {
        self.root == U32::ZERO
    }
}
impl Record for Stage {
    const SECTION: SectionId = SectionId::Stages;
}
impl Record for HostSlot {
    const SECTION: SectionId = SectionId::Hosts;
}
impl Slot for HostSlot {
    fn is_empty(&self) -> bool {
        self.api == U32::ZERO
    }
}

/// How callers are told; `None` where the blob has no APIs at all.
pub(crate) fn profile(view: &View<'_>) -> Option<Profile> {
    // What is not one of them is refused on load.
    let is_classic = view.records::<ProfileRecord>().first()?.0.get() == Profile::Classic as u32;
    Some(if is_classic { Profile::Classic } else { Profile::Current })
}

/// APIs are hashed by region and id: an ARN has both, and so has a host of API Gateway's own.
#[inline]
fn hash(region: &[u8], id: &[u8]) -> u64 {
    (words::hash(region).rotate_left(32) ^ words::hash(id)).wrapping_mul(words::SPREAD)
}

/// The API of this ARN without `arn:`, whose region and id these are.
#[inline]
pub(crate) fn find<'a>(view: &View<'a>, arn: &[u8], region: &str, id: &str) -> Option<&'a ApiSlot> {
    let hash = hash(region.as_bytes(), id.as_bytes());
    let slots = view.records::<ApiSlot>();
    table::find(slots, hash, |slot| slot.tag.get() == tag(hash) && view.bytes(slot.name) == arn).map(|(_, slot)| slot)
}

/// The API of this id in this region, whatever its partition and account. No region is in two partitions.
#[cfg(feature = "gateway")]
pub(crate) fn find_in_region<'a>(view: &View<'a>, region: &str, id: &str) -> Option<&'a ApiSlot> {
    let hash = hash(region.as_bytes(), id.as_bytes());
    let is = |slot: &ApiSlot| {
        let parts = parts(view.text(slot.name));
        slot.tag.get() == tag(hash) && parts.is_some_and(|[_, _, own, _, name]| own == region && name == id)
    };
    table::find(view.records::<ApiSlot>(), hash, is).map(|(_, slot)| slot)
}

/// Where a custom domain leads to: its stage, and the API.
#[cfg(feature = "gateway")]
pub(crate) fn host<'a>(view: &View<'a>, name: &str) -> Option<(&'a str, &'a ApiSlot)> {
    let hash = words::hash(name.as_bytes());
    let is = |slot: &HostSlot| slot.tag.get() == tag(hash) && view.bytes(slot.name) == name.as_bytes();
    let (_, slot) = table::find(view.records::<HostSlot>(), hash, is)?;
    let api = view.records::<ApiSlot>().get(slot.api.get().checked_sub(1)? as usize)?;
    Some((view.text(slot.stage), api))
}

/// The number of a stage in its API's methods; 0, that of `*`, where none names it.
pub(crate) fn stage_number(view: &View<'_>, api: &ApiSlot, stage: &str) -> u32 {
    let stages = (1..).zip(view.span::<Stage>(api.stages));
    stages.into_iter().find(|(_, own)| view.bytes(own.0) == stage.as_bytes()).map_or(0, |(number, _)| number)
}

/// Whether an API has a stage; an entry of every stage means that it has them all.
#[cfg(feature = "gateway")]
pub(crate) fn has_stage(view: &View<'_>, api: &ApiSlot, stage: &str) -> bool {
    view.span::<Stage>(api.stages)
        .iter()
        .map(|stage| view.bytes(stage.0))
        .any(|own| own.is_empty() || own == stage.as_bytes())
}

/// How many APIs there are.
#[cfg(feature = "explain")]
pub(crate) fn count(view: &View<'_>) -> usize {
    view.records::<ApiSlot>().iter().filter(|slot| !slot.is_empty()).count()
}

/// Partition, service, region, account and id of an API's name.
pub(crate) fn parts(name: &str) -> Option<[&str; 5]> {
    let mut parts = name.split(':');
    let mut next = || parts.next().filter(|part| !part.is_empty());
    let five = [next()?, next()?, next()?, next()?, next()?];
    parts.next().is_none().then_some(five)
}

/// Checks numbers, ranges and names.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let profiles = view.records::<ProfileRecord>();
    for (at, profile) in profiles.iter().enumerate() {
        let fail = Fail::at::<ProfileRecord>(view, at);
        fail.unless_equal("number of the profile", at as u64, 0)?;
        fail.unless_at_most("profile", profile.0.get().into(), (Profile::Current as u32).into())?;
    }
    let apis = view.records::<ApiSlot>();
    if profiles.is_empty() {
        Fail::at::<ApiSlot>(view, 0).unless_equal("APIs without a profile", apis.len() as u64, 0)?;
    }
    // No longer together than all strings, as no two are equal: so this loop is linear whatever the lengths say.
    let mut bytes = 0u64;
    for (at, slot) in apis.iter().enumerate() {
        let fail = Fail::at::<ApiSlot>(view, at);
        if slot.is_empty() {
            continue;
        }
        slot.name.validate(view, fail)?;
        bytes = bytes.saturating_add(slot.name.len.get().into());
        fail.unless_at_most("bytes of all names", bytes, view.strings().len() as u64)?;
        let is_name = parts(view.text(slot.name)).is_some_and(|[_, service, ..]| service == "execute-api");
        fail.unless_equal("name of an API", is_name.into(), 1)?;
        fail.unless_at_most("set", slot.set.get().into(), view.records::<Set>().len() as u64)?;
        fail.unless_at_most("root", slot.root.get().into(), view.records::<RouteNode>().len() as u64)?;
        slot.stages.validate::<Stage>(view, fail)?;
    }
    for (at, stage) in view.records::<Stage>().iter().enumerate() {
        stage.0.validate(view, Fail::at::<Stage>(view, at))?;
    }
    for (at, slot) in view.records::<HostSlot>().iter().enumerate() {
        let fail = Fail::at::<HostSlot>(view, at);
        if slot.is_empty() {
            continue;
        }
        slot.name.validate(view, fail)?;
        slot.stage.validate(view, fail)?;
        fail.unless_at_most("API", slot.api.get().into(), apis.len() as u64)?;
        let api = slot.api.get().checked_sub(1).and_then(|at| apis.get(at as usize));
        fail.unless_equal("an API that is there", api.is_some_and(|api| !api.is_empty()).into(), 1)?;
    }
    Ok(())
}

/// Builds the hash table over APIs, given with their regions and ids; tags are filled in here.
#[cfg(feature = "compiler")]
pub(crate) fn api_slots(apis: Vec<(&str, &str, ApiSlot)>) -> Vec<ApiSlot> {
    let tagged = apis.into_iter().map(|(region, id, slot)| {
        let hash = hash(region.as_bytes(), id.as_bytes());
        (hash, ApiSlot { tag: tag(hash).into(), ..slot })
    });
    table::build(tagged.collect())
}

/// Builds the hash table over domains, likewise.
#[cfg(feature = "compiler")]
pub(crate) fn host_slots(hosts: Vec<(&str, HostSlot)>) -> Vec<HostSlot> {
    let tagged = hosts.into_iter().map(|(name, slot)| {
        let hash = words::hash(name.as_bytes());
        (hash, HostSlot { tag: tag(hash).into(), ..slot })
    });
    table::build(tagged.collect())
}
