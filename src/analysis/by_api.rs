//! What resource patterns stand for, by the API that they spell out: most statements speak of one, and need be compared with
//! few others.

use std::collections::HashMap;

use crate::policy::{ArnPattern, Piece, ResourcePattern};

/// Values by the API of their patterns, in the order in which they came.
#[derive(Debug)]
pub(super) struct ByApi<T> {
    named: HashMap<String, Vec<T>>,
    /// Of patterns that leave some part of it open.
    open: Vec<T>,
}

impl<T> ByApi<T> {
    /// Takes them.
    pub fn of(values: impl IntoIterator<Item = (ResourcePattern, T)>) -> Self {
        let mut by_api = Self { named: HashMap::new(), open: Vec::new() };
        for (pattern, value) in values {
            match api_of(&pattern) {
                Some(api) => by_api.named.entry(api).or_default().push(value),
                None => by_api.open.push(value),
            }
        }
        by_api
    }

    /// Those whose pattern may hold all that one of this API does, or of a pattern that leaves it open.
    pub fn under(&self, api: Option<&str>) -> impl Iterator<Item = &T> {
        self.open.iter().chain(api.and_then(|api| self.named.get(api)).into_iter().flatten())
    }

    /// Those whose pattern may have something in common with one of this API, or with one that leaves it open.
    pub fn meeting(&self, api: Option<&str>) -> impl Iterator<Item = &T> {
        let all = api.is_none().then(|| self.named.values().flatten());
        self.under(api).chain(all.into_iter().flatten())
    }
}

/// The ARN of the API that a pattern spells out, without `arn:`.
pub(super) fn api_of(pattern: &ResourcePattern) -> Option<String> {
    let ResourcePattern::Arn(arn) = pattern else { return None };
    let ArnPattern { partition, service, region, account, rest } = arn.as_ref();
    let Some(Piece::Text(first)) = rest.pieces.first() else { return None };
    let (api, _) = first.split_once('/')?;
    Some([partition.as_literal()?, service, region.as_literal()?, account.as_literal()?, api].join(":"))
}
