//! The methods of APIs to trees over the segments of their templates.

use std::collections::{BTreeMap, VecDeque};

use super::limits::{CompileError, number};
use super::strings::Strings;
use crate::blob::Span;
use crate::blob::routes::{AuthorizationType, Method, RouteNode, method_number};
use crate::blob::write::Sections;
use crate::bundle::{self, Segment};

/// The trees of all APIs so far.
#[derive(Debug, Default)]
pub(super) struct Routes {
    nodes: Vec<RouteNode>,
    methods: Vec<Method>,
}

/// A node while its API's tree grows. Sub-nodes go by their places in a list, so that no template is too deep.
#[derive(Debug, Default)]
struct Growing<'b> {
    literals: BTreeMap<&'b str, usize>,
    variable: Option<usize>,
    here: Vec<&'b bundle::Method>,
    rest: Vec<&'b bundle::Method>,
}

impl Routes {
    /// Adds the methods of an API, whose stages these are, in order; returns the number of its root.
    pub fn add(
        &mut self,
        methods: &[bundle::Method],
        stages: &[&str],
        strings: &mut Strings,
    ) -> Result<u32, CompileError> {
        let growing = grow(methods);
        let root = number("routes", self.nodes.len())?.get();
        // Breadth first: so the literal segments below a node stand side by side, and behind it.
        let mut queue = VecDeque::from([(root, "", 0)]);
        let mut next = root;
        while let Some((parent, segment, place)) = queue.pop_front() {
            let at = number("routes", self.nodes.len())?.get();
            let Some(node) = growing.get(place) else { continue };
            let mut claim = |count: usize| -> Result<u32, CompileError> {
                let first = next.saturating_add(1);
                next = next.saturating_add(number("routes", count)?.get());
                number("routes", next as usize)?;
                Ok(first)
            };
            let literals =
                Span { start: claim(node.literals.len())?.into(), len: number("routes", node.literals.len())? };
            let literals = if node.literals.is_empty() { Span::EMPTY } else { literals };
            queue.extend(node.literals.iter().map(|(segment, place)| (at, *segment, *place)));
            let variable = match node.variable {
                Some(place) => {
                    queue.push_back((at, "", place));
                    claim(1)?.saturating_add(1)
                }
                None => 0,
            };
            let (here, rest) = (self.entries(&node.here, stages)?, self.entries(&node.rest, stages)?);
            let segment = strings.intern(segment.as_bytes())?;
            self.nodes.push(RouteNode {
                segment,
                parent: parent.into(),
                literals,
                variable: variable.into(),
                here,
                rest,
            });
        }
        Ok(root)
    }

    /// The methods of one template, in the order of stage and method.
    fn entries(&mut self, methods: &[&bundle::Method], stages: &[&str]) -> Result<Span, CompileError> {
        let start = number("methods", self.methods.len())?;
        let mut sorted = Vec::with_capacity(methods.len());
        for entry in methods {
            let stage = match &entry.stage {
                None => 0,
                Some(stage) => {
                    let place = stages.binary_search(&stage.as_str()).unwrap_or(usize::MAX);
                    number("stages", place.saturating_add(1))?.get()
                }
            };
            let method = match &entry.method {
                None => 0,
                Some(method) => {
                    method_number(method).ok_or_else(|| CompileError::UnknownMethod { method: method.clone() })?
                }
            };
            sorted.push((stage, method, authorization(entry.authorization) as u16));
        }
        sorted.sort_unstable();
        self.methods.extend(sorted.into_iter().map(|(stage, method, authorization)| Method {
            stage: stage.into(),
            method: method.into(),
            authorization: authorization.into(),
        }));
        number("methods", self.methods.len())?;
        Ok(Span { start, len: number("methods", methods.len())? })
    }

    /// Fills the sections.
    pub fn put(&self, sections: &mut Sections) {
        sections.put(&self.nodes);
        sections.put(&self.methods);
    }
}

const fn authorization(of: bundle::AuthorizationType) -> AuthorizationType {
    match of {
        bundle::AuthorizationType::None => AuthorizationType::None,
        bundle::AuthorizationType::AwsIam => AuthorizationType::AwsIam,
        bundle::AuthorizationType::Custom => AuthorizationType::Custom,
        bundle::AuthorizationType::CognitoUserPools => AuthorizationType::CognitoUserPools,
    }
}

/// The tree of one API's templates; the root is the first.
fn grow(methods: &[bundle::Method]) -> Vec<Growing<'_>> {
    let mut nodes = vec![Growing::default()];
    for method in methods {
        let (mut at, mut takes_rest) = (0, false);
        for segment in &method.path.segments {
            let free = nodes.len();
            let Some(node) = nodes.get_mut(at) else { continue };
            at = match segment {
                Segment::Literal(text) => *node.literals.entry(text).or_insert(free),
                Segment::Variable => *node.variable.get_or_insert(free),
                // The last of its template.
                Segment::Rest => {
                    takes_rest = true;
                    break;
                }
            };
            if at == free {
                nodes.push(Growing::default());
            }
        }
        if let Some(node) = nodes.get_mut(at) {
            if takes_rest { node.rest.push(method) } else { node.here.push(method) }
        }
    }
    nodes
}
