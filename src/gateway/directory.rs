//! A gate as the directory of the APIs and domains that its bundle has.

use super::http::{Api, Directory, Mapping};
use crate::blob::View;
use crate::blob::apis::{self, ApiSlot};
use crate::gate::Gate;

/// What is in the gate's bundle. Nothing is in a document, or in a bundle without APIs.
impl<D: AsRef<[u8]>> Directory for Gate<D> {
    fn find_api(&self, region: &str, id: &str) -> Option<Api<'_>> {
        let view = self.view();
        api_of(&view, apis::find_in_region(&view, region, id)?)
    }

    /// A domain has one mapping, without a base path.
    fn mapping(&self, host: &str, _: &str) -> Option<Mapping<'_>> {
        let view = self.view();
        let (stage, api) = apis::host(&view, host)?;
        Some(Mapping { api: api_of(&view, api)?, stage, base_path: "" })
    }

    fn has_stage(&self, api: &Api<'_>, stage: &str) -> bool {
        let view = self.view();
        let slot = apis::find_in_region(&view, api.region, api.id);
        slot.is_some_and(|slot| api_of(&view, slot) == Some(*api) && apis::has_stage(&view, slot, stage))
    }
}

fn api_of<'a>(view: &View<'a>, slot: &ApiSlot) -> Option<Api<'a>> {
    let [partition, _, region, account, id] = apis::parts(view.text(slot.name))?;
    Some(Api { partition, region, account, id })
}
