//! YAML as a tree: templates are mostly written in it.
//!
//! What JSON has, and CloudFormation's short forms: `!Ref x` is `{"Ref": "x"}`, `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`,
//! and `!Name x` is `{"Fn::Name": x}`. Plain `null`, `true`, `false` and numbers are bare, as in YAML 1.2's JSON schema, and all
//! else is a text, as `2012-10-17` is. Anchors are refused: what they stand for could be endless.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::tree::{Key, MAX_DEPTH, Node, Value};
use crate::policy::error::{Mistakes, Problem};
use crate::policy::{Place, PolicyErrors, Source};

/// Reads a text as one YAML document.
///
/// # Errors
/// The first mistake of the text.
pub(super) fn read(source: &Source) -> Result<Node, PolicyErrors> {
    let mut mistakes = Mistakes::new(source);
    let offsets = Offsets::of(source.text());
    let tree = match build(source.text(), &offsets) {
        Ok(tree) => Some(tree),
        Err((place, problem)) => {
            mistakes.report(place, problem);
            None
        }
    };
    mistakes.finish(Vec::new(), tree)
}

/// Where characters stand, as bytes.
struct Offsets {
    /// `None` where all characters are a byte.
    starts: Option<Vec<usize>>,
    len: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { starts, len: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.starts {
            Some(starts) => starts.get(character).copied().unwrap_or(self.len),
            None => character.min(self.len),
        }
    }

    fn place(&self, span: Span) -> Place {
        Place { start: self.byte(span.start.index()), end: self.byte(span.end.index()) }
    }
}

/// A list or an object that is not closed yet.
struct Open {
    place: Place,
    /// What it is wrapped in: the name of a short form.
    function: Option<String>,
    held: Held,
}

enum Held {
    List(Vec<Node>),
    Object { pairs: Vec<(Key, Node)>, key: Option<Key> },
}

type Mistake = (Place, Problem);

fn build(text: &str, offsets: &Offsets) -> Result<Node, Mistake> {
    let mut open: Vec<Open> = Vec::new();
    let mut whole = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = offsets.byte(error.marker().index());
            let problem = Problem::new(format!("not YAML: {}", error.info()), "expected YAML, or JSON");
            (Place { start: at, end: at }, problem.help("see whether the file is whole"))
        })?;
        let place = offsets.place(span);
        let refused = |what: &str, help: &str| Err((place, Problem::new(what, "expected what JSON has").help(help)));
        let done = match event {
            Event::Scalar(text, style, 0, tag) => wrap(function_of(tag.as_deref()), place, scalar(&text, style)),
            Event::SequenceStart(0, tag) => {
                let function = function_of(tag.as_deref());
                open.push(Open { place, function, held: Held::List(Vec::new()) });
                continue;
            }
            Event::MappingStart(0, tag) => {
                let function = function_of(tag.as_deref());
                open.push(Open { place, function, held: Held::Object { pairs: Vec::new(), key: None } });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { place: from, function, held }) = open.pop() else { continue };
                let value = match held {
                    Held::List(elements) => Value::List(elements),
                    Held::Object { pairs, .. } => Value::Object(pairs),
                };
                wrap(function, Place { start: from.start, end: place.end.max(from.end) }, value)
            }
            Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                return refused("an anchor, or what refers to one", "write out what it stands for");
            }
            Event::DocumentStart(_) if whole.is_some() => {
                return refused("a second document", "give each document a file of its own");
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
        };
        if open.len() >= MAX_DEPTH {
            return refused("the document is nested too deeply", "no template needs so many levels");
        }
        match open.last_mut().map(|open| &mut open.held) {
            None => whole = Some(done),
            Some(Held::List(elements)) => elements.push(done),
            Some(Held::Object { pairs, key }) => match key.take() {
                Some(key) => pairs.push((key, done)),
                None => {
                    let name = match done.value {
                        Value::Text(name) | Value::Bare(name) => name,
                        Value::List(_) | Value::Object(_) => return refused("a key that is no text", "write a text"),
                    };
                    if pairs.iter().any(|(key, _)| key.name == name) {
                        return refused("a key that stands twice in one object", "keep one of them");
                    }
                    *key = Some(Key { place: done.place, name });
                }
            },
        }
    }
    whole.ok_or_else(|| (Place::default(), Problem::new("the document is empty", "expected an object")))
}

/// A scalar: bare where JSON has it bare.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    let is_bare = style == ScalarStyle::Plain && serde_json::from_str::<serde_json::Value>(text).is_ok();
    match style {
        ScalarStyle::Plain if matches!(text, "" | "~") => Value::Bare("null".to_owned()),
        _ if is_bare => Value::Bare(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

/// The function that a short form's tag stands for.
fn function_of(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| tag.handle == "!")?;
    Some(match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        name => format!("Fn::{name}"),
    })
}

/// A value, or a call of a function with it.
fn wrap(function: Option<String>, place: Place, value: Value) -> Node {
    let Some(function) = function else { return Node { place, value } };
    let value = match value {
        Value::Text(text) if function == "Fn::GetAtt" => {
            let parts = text.splitn(2, '.').map(|part| Node { place, value: Value::Text(part.to_owned()) });
            Value::List(parts.collect())
        }
        value => value,
    };
    Node { place, value: Value::Object(vec![(Key { place, name: function }, Node { place, value })]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<String, String> {
        read(&Source::new("-", text)).map(|node| node.lay_out()).map_err(|errors| errors.to_string())
    }

    #[test]
    fn yaml_is_what_the_same_json_is() {
        for (yaml, json) in [
            ("a: 1\nb:\n  - x\n  - true\n", r#"{"a": 1, "b": ["x", true]}"#),
            (
                "Version: 2012-10-17\nAccount: '123412341234'\n",
                r#"{"Version": "2012-10-17", "Account": "123412341234"}"#,
            ),
            ("a: !Ref B\nc: !Sub \"x${y}\"\n", r#"{"a": {"Ref": "B"}, "c": {"Fn::Sub": "x${y}"}}"#),
            ("a: !GetAtt B.C.D\n", r#"{"a": {"Fn::GetAtt": ["B", "C.D"]}}"#),
            ("a: !If [X, {b: !Ref C}, ~]\n", r#"{"a": {"Fn::If": ["X", {"b": {"Ref": "C"}}, null]}}"#),
            ("a: |\n  x\n  y\nb:\nc: yes\n", r#"{"a": "x\ny\n", "b": null, "c": "yes"}"#),
            ("{\"a\": [\"\\u00e9\"]}", r#"{"a": ["é"]}"#),
            ("200:\n  é: ö\n", r#"{"200": {"é": "ö"}}"#),
        ] {
            assert_eq!(read_text(yaml).unwrap().trim_end(), json, "{yaml}");
        }
    }

    #[test]
    fn what_json_has_not_is_refused_with_its_place() {
        for (yaml, expected) in [
            ("a: &x 1\nb: *x\n", "-:1:4: an anchor"),
            ("a: 1\n---\nb: 2\n", "-:2:1: a second document"),
            ("a: 1\na: 2\n", "-:2:1: a key that stands twice"),
            ("? [a]\n: 1\n", "a key that is no text"),
            ("a: [1\n", "not YAML"),
            ("é: \"x\n", "not YAML"),
            ("", "the document is empty"),
        ] {
            let refused = read_text(yaml).unwrap_err();
            assert!(refused.contains(expected), "{yaml}: {refused}");
        }
        assert!(read_text(&"[".repeat(100_000)).is_err(), "no depth is too much to refuse");
        assert!(read_text(&format!("{}{}", "[".repeat(200), "]".repeat(200))).unwrap_err().contains("too deeply"));
    }

    #[test]
    fn places_are_bytes() {
        let source = Source::new("-", "é: x\nkey: ü value\n");
        let tree = read(&source).unwrap();
        assert_eq!(source.at(tree.get("key").unwrap().place), "ü value");
    }
}
