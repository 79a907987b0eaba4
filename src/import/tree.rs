//! A text as a tree that knows where each of its values stood, and the tree as a text again.
//!
//! Nothing is lost on the way: numbers are kept as they are written, and a key that stands twice in an object stands
//! there twice, so that who reads a policy later refuses what is to be refused.

use std::fmt::Write as _;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use crate::policy::error::Mistakes;
use crate::policy::{Place, PolicyErrors, Source, json};

/// What an export may be nested, in objects and lists: models of OpenAPI go deep.
pub(super) const MAX_DEPTH: usize = 128;

/// What fits into a line of this many characters stands on one.
const LINE_CHARS: usize = 100;

/// A value, and where it stood.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

/// A JSON value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// `null`, `true`, `false` or a number, as it was written.
    Bare(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(Key, Node)>),
}

/// A key of an object, and where it stood.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub place: Place,
    pub name: String,
}

impl Node {
    /// The tree of a JSON text (D-01, D-02, but for its depth).
    ///
    /// # Errors
    /// Every mistake of the text.
    pub fn read(source: &Source) -> Result<Self, PolicyErrors> {
        let mut mistakes = Mistakes::new(source);
        let tree = json::read_nested(source, MAX_DEPTH, &mut mistakes).map(|value| Self::of(&value));
        mistakes.finish(Vec::new(), tree)
    }

    fn of(value: &ast::Value<'_>) -> Self {
        let place = value.range().into();
        let value = match value {
            ast::Value::StringLit(text) => Value::Text(text.value.clone().into_owned()),
            ast::Value::NumberLit(number) => Value::Bare(number.value.to_owned()),
            ast::Value::BooleanLit(boolean) => Value::Bare(boolean.value.to_string()),
            ast::Value::NullKeyword(_) => Value::Bare("null".to_owned()),
            ast::Value::Array(array) => Value::List(array.elements.iter().map(Self::of).collect()),
            ast::Value::Object(object) => {
                let property = |property: &ast::ObjectProp<'_>| {
                    let name = property.name.as_str().to_owned();
                    (Key { place: property.name.range().into(), name }, Self::of(&property.value))
                };
                Value::Object(object.properties.iter().map(property).collect())
            }
        };
        Self { place, value }
    }

    /// The value under a key, if this is an object with it; `null` is none.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Value::Object(properties) = &self.value else { return None };
        let found = properties.iter().find(|(name, _)| name.name == key).map(|(_, node)| node);
        found.filter(|node| !matches!(&node.value, Value::Bare(bare) if bare == "null"))
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text under a key.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The elements of a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The elements of the list under a key; none where there is no such list.
    pub fn list_of(&self, key: &str) -> &[Self] {
        self.get(key).and_then(Self::list).unwrap_or_default()
    }

    /// The properties of an object; none of anything else.
    pub fn properties(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Object(properties) => properties,
            _ => &[],
        }
    }

    /// This value as JSON, laid out for people, with a line break at the end. What is laid out twice is what it was once.
    pub fn lay_out(&self) -> String {
        let mut out = String::new();
        self.write(0, 0, &mut out);
        out.push('\n');
        out
    }

    /// Whether both are the same value, wherever they stood.
    pub fn equals(&self, other: &Self) -> bool {
        self.on_one_line() == other.on_one_line()
    }

    /// `taken` is what stands before the value on its line.
    fn write(&self, indent: usize, taken: usize, out: &mut String) {
        let line = self.on_one_line();
        let is_short = taken + line.chars().count() <= LINE_CHARS;
        match &self.value {
            Value::List(elements) if !is_short => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    start_line(indent + 2, at > 0, out);
                    element.write(indent + 2, indent + 2, out);
                }
                start_line(indent, false, out);
                out.push(']');
            }
            Value::Object(properties) if !is_short => {
                out.push('{');
                for (at, (key, value)) in properties.iter().enumerate() {
                    start_line(indent + 2, at > 0, out);
                    let key = quoted(&key.name);
                    let _ = write!(out, "{key}: ");
                    value.write(indent + 2, indent + 4 + key.chars().count(), out);
                }
                start_line(indent, false, out);
                out.push('}');
            }
            _ => out.push_str(&line),
        }
    }

    fn on_one_line(&self) -> String {
        match &self.value {
            Value::Bare(bare) => bare.clone(),
            Value::Text(text) => quoted(text),
            Value::List(elements) => {
                let elements: Vec<_> = elements.iter().map(Self::on_one_line).collect();
                format!("[{}]", elements.join(", "))
            }
            Value::Object(properties) => {
                let property = |(key, value): &(Key, Self)| format!("{}: {}", quoted(&key.name), value.on_one_line());
                let properties: Vec<_> = properties.iter().map(property).collect();
                format!("{{{}}}", properties.join(", "))
            }
        }
    }
}

/// An object of these, none of which stood anywhere.
pub(super) fn of_pairs(pairs: impl IntoIterator<Item = (String, Node)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, node)| (Key { place: Place::default(), name }, node)).collect())
}

/// Ends a line, perhaps with a comma, and begins another.
fn start_line(indent: usize, comma: bool, out: &mut String) {
    if comma {
        out.push(',');
    }
    let _ = write!(out, "\n{:indent$}", "");
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Node {
        Node::read(&Source::new("-", text)).unwrap()
    }

    #[test]
    fn a_text_that_is_laid_out_says_the_same_and_stays_as_it_is() {
        let long = "x".repeat(90);
        let text = format!(
            r#"{{"a":[1.50,true,null,"\"\u00e9\n"],"{long}":{{"b":["{long}",{{"c":{{}}}},[]]}},"d":"{long}{long}"}}"#
        );
        let laid_out = read(&text).lay_out();
        assert_eq!(
            laid_out,
            format!(
                "{{\n  \"a\": [1.50, true, null, \"\\\"é\\n\"],\n  \"{long}\": {{\n    \"b\": [\n      \"{long}\",\n      \
                 {{\"c\": {{}}}},\n      []\n    ]\n  }},\n  \"d\": \"{long}{long}\"\n}}\n"
            )
        );
        assert_eq!(read(&laid_out).lay_out(), laid_out);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&text), value(&laid_out));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Node::read(&Source::new("-", nested(MAX_DEPTH))).is_ok());
        assert!(Node::read(&Source::new("-", nested(MAX_DEPTH + 1))).is_err());
    }
}
