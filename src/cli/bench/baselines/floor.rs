//! The floor: one look-up of the whole request key in a map that holds every request, which is what a perfect cache
//! would cost.

use hashbrown::HashMap;
use portcullis::{Caller, Decision, Request};

/// The keys and the answers.
///
/// Principal, action and resource lie in one buffer, the buffers side by side in the order of the requests, and
/// the keys of the map are slices of that same text: its strictest form, since a map with its own copy of the keys
/// would miss the cache once more.
pub struct Floor {
    text: Vec<u8>,
    ends: Vec<usize>,
    decisions: Vec<Decision>,
}

/// The map, by key.
pub type Map<'f> = HashMap<&'f [u8], Decision, foldhash::fast::FixedState>;

impl Floor {
    /// These requests and their answers.
    pub fn new(requests: &[Request<'_>], decide: impl Fn(&Request<'_>) -> Decision) -> Self {
        let mut floor = Self { text: Vec::new(), ends: Vec::new(), decisions: Vec::new() };
        for request in requests {
            let caller = match request.caller {
                Caller::Anonymous => "",
                Caller::Arn(name) | Caller::Service(name) => name,
            };
            for part in [caller, request.action, request.resource] {
                floor.text.extend_from_slice(part.as_bytes());
            }
            floor.ends.push(floor.text.len());
            floor.decisions.push(decide(request));
        }
        floor
    }

    /// The key of each request, in their order.
    pub fn keys(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(*start..*end)).collect()
    }

    /// The map of every request.
    pub fn map(&self) -> Map<'_> {
        self.keys().into_iter().zip(self.decisions.iter().copied()).collect()
    }
}
