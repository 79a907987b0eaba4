//! Templates of paths, as routes have them (H-17).
//!
//! Invariant: a template's rest segment, if any, is its last, and no literal is empty or holds `/`, `{` or `}`.

use crate::policy::error::{Problem, quote};

const FORM: &str = "expected `/`, or a `/` before each segment, as `/pets/{id}` or `/{proxy+}`";

/// The template of a path: `/` has no segments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathTemplate {
    /// The segments, from left to right. What variables are called does not matter, and is not kept.
    pub segments: Vec<Segment>,
}

/// A segment of a template. Their order is that of preference (H-15).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// This text, exactly.
    Literal(String),
    /// `{name}`: any one segment.
    Variable,
    /// `{name+}`: one or more segments, to the end.
    Rest,
}

/// Reads a template.
pub(super) fn read_template(text: &str) -> Result<PathTemplate, Problem> {
    let Some(inner) = text.strip_prefix('/') else {
        let problem = Problem::new(format!("path {} does not begin with `/`", quote(text)), FORM);
        return Err(problem.help(format!("write `/{}`", text.escape_debug())));
    };
    if inner.is_empty() {
        return Ok(PathTemplate { segments: Vec::new() });
    }
    let mut segments = Vec::new();
    let mut start = 1;
    let last = inner.split('/').count() - 1;
    for (index, part) in inner.split('/').enumerate() {
        let segment = read_segment(part, index == last).map_err(|problem| problem.shifted(start, part.len()))?;
        segments.push(segment);
        start += part.len() + 1;
    }
    Ok(PathTemplate { segments })
}

/// Reads one segment; `is_last` where nothing follows it.
fn read_segment(text: &str, is_last: bool) -> Result<Segment, Problem> {
    let Some(opened) = text.strip_prefix('{') else {
        return match text.find(['{', '}']) {
            _ if text.is_empty() => {
                let problem = Problem::new("the path has an empty segment", FORM);
                Err(problem.help("write one `/` between segments, and none at the end: a request may have one there"))
            }
            Some(_) => {
                let problem = Problem::new(format!("segment {} is a text and a variable at once", quote(text)), FORM);
                Err(problem.help("a variable is a whole segment, as `{id}`"))
            }
            None => Ok(Segment::Literal(text.to_owned())),
        };
    };
    let Some(name) = opened.strip_suffix('}') else {
        let problem = Problem::new(format!("segment {} has no `}}` at its end", quote(text)), FORM);
        return Err(problem.help("a variable is a whole segment, as `{id}`"));
    };
    let (name, segment) = match name.strip_suffix('+') {
        Some(name) => (name, Segment::Rest),
        None => (name, Segment::Variable),
    };
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-'));
    if !is_name {
        let problem = Problem::new(format!("variable {} has no name that can be one", quote(text)), FORM);
        return Err(problem.help("a name is of letters, digits and `.`, `_`, `:`, `-`"));
    }
    if segment == Segment::Rest && !is_last {
        let problem = Problem::new(format!("{} is not the last segment", quote(text)), FORM);
        return Err(problem.help("`{name+}` takes all segments to the end; `{name}` takes one"));
    }
    Ok(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let literal = |text: &str| Segment::Literal(text.to_owned());
        for (text, segments) in [
            ("/", vec![]),
            ("/pets", vec![literal("pets")]),
            ("/pets/{id}", vec![literal("pets"), Segment::Variable]),
            ("/{a.B_9:-}/x+y/{proxy+}", vec![Segment::Variable, literal("x+y"), Segment::Rest]),
            ("/*/é", vec![literal("*"), literal("é")]),
        ] {
            assert_eq!(read_template(text), Ok(PathTemplate { segments }), "{text}");
        }
        for text in [
            "", "pets", "//", "/pets/", "/a//b", "/{", "/}", "/{}", "/{+}", "/{a+}/b", "/{a}b", "/a{b}", "/{a{b}}",
            "/{a b}", "/{a++}", "/{é}", "*",
        ] {
            assert!(read_template(text).is_err(), "H-17 {text}");
        }
    }

    #[test]
    fn preference_is_the_order_of_segments() {
        assert!(Segment::Literal("z".to_owned()) < Segment::Variable && Segment::Variable < Segment::Rest);
    }
}
