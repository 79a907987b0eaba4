//! JSON with places: the strict reading of a text, and the questions its readers ask of a tree.
//!
//! Invariant: [`read`] gives a tree for exactly the texts that D-01 accepts. serde_json is the judge of
//! what is JSON, since it takes nothing but RFC 8259; jsonc-parser, laxer in white space and control
//! characters, then gives the tree with byte ranges. The depth is known to be small before anything recurses.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jsonc_parser::ast::{Object, ObjectProp, StringLit, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::value::RawValue;

use super::error::{Mistakes, Problem, nearest, quote};
use super::not_json;
use super::place::{Place, Source, Spanned};

/// The largest document in bytes (E-09).
pub(crate) const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// The deepest nesting of objects and arrays (D-01).
const MAX_DEPTH: usize = 16;

/// Objects with more properties than this look for repeated keys in a map.
const MAX_COMPARED_PAIRWISE: usize = 16;

impl From<Range> for Place {
    fn from(range: Range) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// Reads a text as one JSON value (D-01), and reports keys that an object holds twice (D-02), at any depth.
///
/// `None` where the text is not JSON, or over a limit; the reason has then been reported.
pub(crate) fn read<'t>(source: &'t Source, mistakes: &mut Mistakes) -> Option<Value<'t>> {
    read_nested(source, MAX_DEPTH, mistakes)
}

/// The same for a text that may be nested so many levels deep.
pub(crate) fn read_nested<'t>(source: &'t Source, max_depth: usize, mistakes: &mut Mistakes) -> Option<Value<'t>> {
    let text = source.text();
    match check(source, max_depth).and_then(|()| tree(text)) {
        Ok(value) => {
            report_repeats(&value, mistakes);
            Some(value)
        }
        Err((place, problem)) => {
            mistakes.report(place, problem);
            None
        }
    }
}

/// Whether a text is within the limits, and JSON to the letter.
fn check(source: &Source, max_depth: usize) -> Result<(), (Place, Problem)> {
    let text = source.text();
    if text.len() > MAX_DOCUMENT_BYTES {
        let problem = Problem::new("the document is too large", "expected at most 64 MiB");
        return Err((Place::default(), problem.help("split the document")));
    }
    if text.starts_with('\u{feff}') {
        let problem = Problem::new("byte order mark before the document", "expected the document to begin here");
        return Err((Place { start: 0, end: 3 }, problem.help("save the file as UTF-8 without a byte order mark")));
    }
    // A raw value is read past without building anything, and without recursion.
    if let Err(error) = serde_json::from_str::<&RawValue>(text) {
        return Err(not_json::explain(source, &error));
    }
    too_deep(text, max_depth).map_or(Ok(()), Err)
}

/// The first bracket of a JSON text that opens one level too many (D-01).
fn too_deep(text: &str, max_depth: usize) -> Option<(Place, Problem)> {
    let mut depth = 0usize;
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > max_depth {
                    let problem = Problem::new(
                        "the document is nested too deeply",
                        format!("expected at most {max_depth} levels"),
                    );
                    return Some((
                        Place { start: at, end: at + 1 },
                        problem.help("no element of a policy needs so many"),
                    ));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The tree of a text that [`check`] has accepted.
fn tree(text: &str) -> Result<Value<'_>, (Place, Problem)> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(parsed) => parsed
            .value
            .ok_or_else(|| (Place::default(), Problem::new("the document is empty", "expected a JSON object"))),
        Err(error) => {
            // What serde_json skipped without a look at it: escapes of half a surrogate pair.
            let start = error.range().start;
            // `\uXXXX`: jsonc-parser's range has what follows in it too.
            let place = Place { start, end: error.range().end.min(start + 6) };
            let escape = text.get(place.start..place.end).unwrap_or_default();
            let problem = Problem::new(
                format!("not JSON: escape {} is half of a character", quote(escape)),
                "expected an escape that stands for a character",
            );
            let help = r"characters beyond U+FFFF are two escapes, as `\ud83d\ude00`, or stand as they are";
            Err((place, problem.help(help)))
        }
    }
}

/// Reports every key that an object of the tree holds twice (D-02).
fn report_repeats(value: &Value<'_>, mistakes: &mut Mistakes) {
    match value {
        Value::Object(object) => {
            each_repeat(object, Cow::Borrowed, |first, again| {
                let name = quote(again.name.as_str());
                let problem = Problem::new(format!("key {name} stands twice in one object"), "expected each key once");
                let line = mistakes.source().line(first.name.range().start);
                let help = format!("keep one of them, or merge the two: the first stands on line {line}");
                mistakes.report(again.name.range(), problem.help(help));
            });
            for property in &object.properties {
                report_repeats(&property.value, mistakes);
            }
        }
        Value::Array(array) => {
            for element in &array.elements {
                report_repeats(element, mistakes);
            }
        }
        Value::StringLit(_) | Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {}
    }
}

/// Reports every key that differs from an earlier one of the object in ASCII case alone (D-12).
pub(crate) fn report_repeats_but_for_case(object: &Object<'_>, mistakes: &mut Mistakes) {
    each_repeat(
        object,
        |name| Cow::Owned(name.to_ascii_lowercase()),
        |first, again| {
            let (first, again_name) = (first.name.as_str(), again.name.as_str());
            if first != again_name {
                let problem = Problem::new(
                    format!("keys {} and {} are the same", quote(first), quote(again_name)),
                    "expected each context key once, whatever its case",
                );
                mistakes.report(again.name.range(), problem.help("keep one of them"));
            }
        },
    );
}

/// Calls `report` with the first property of a name, as `fold` sees names, and each later one.
fn each_repeat<'v, 't>(
    object: &'v Object<'t>,
    fold: impl Fn(&'v str) -> Cow<'v, str>,
    mut report: impl FnMut(&'v ObjectProp<'t>, &'v ObjectProp<'t>),
) {
    let properties = &object.properties;
    if properties.len() <= MAX_COMPARED_PAIRWISE {
        for (index, again) in properties.iter().enumerate().skip(1) {
            let name = fold(again.name.as_str());
            if let Some(first) = properties.iter().take(index).find(|first| fold(first.name.as_str()) == name) {
                report(first, again);
            }
        }
        return;
    }
    let mut firsts = HashMap::with_capacity(properties.len());
    for property in properties {
        match firsts.entry(fold(property.name.as_str())) {
            Entry::Vacant(vacant) => {
                vacant.insert(property);
            }
            Entry::Occupied(first) => report(first.get(), property),
        }
    }
}

/// The kind of a JSON value, with its article, for messages.
pub(crate) fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a boolean",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    }
}

/// Where the bracket that opens an object stands: what is missing in it is reported there.
pub(crate) fn opening(object: &Object<'_>) -> Place {
    Place { start: object.range.start, end: object.range.start + 1 }
}

/// The properties of an object by their names, in the order of `known`. Every other key is reported, with the
/// right name where it differs in case (D-02) or a little; its value then stands in for that name's, so that
/// it is read for mistakes too and the name is not said to be missing.
pub(crate) fn fields<'v, 't, const N: usize>(
    object: &'v Object<'t>,
    owner: &str,
    known: &[&'static str; N],
    mistakes: &mut Mistakes,
) -> [Option<&'v ObjectProp<'t>>; N] {
    fields_expecting(object, owner, known, known, mistakes)
}

/// The same, where not all of the known names are expected: some are known to be refused.
pub(crate) fn fields_expecting<'v, 't, const N: usize>(
    object: &'v Object<'t>,
    owner: &str,
    known: &[&'static str; N],
    expected: &[&str],
    mistakes: &mut Mistakes,
) -> [Option<&'v ObjectProp<'t>>; N] {
    let mut found = [None; N];
    let mut guessed = [None; N];
    for property in &object.properties {
        let name = property.name.as_str();
        let (slots, meant) = match known.contains(&name) {
            true => (&mut found, Some(name)),
            false => {
                let meant = nearest(name, known.iter().copied());
                let problem = Problem::new(
                    format!("unknown key {} in {owner}", quote(name)),
                    format!("expected one of {}", list(expected)),
                );
                let help = match meant {
                    Some(meant) => did_you_mean(name, meant),
                    None if property.value.as_object().is_some_and(|inner| inner.get("Statement").is_some()) => {
                        "this holds a policy: compile it alone".to_owned()
                    }
                    None => "say it with the elements there are, or leave it out: nothing is skipped".to_owned(),
                };
                mistakes.report(property.name.range(), problem.help(help));
                (&mut guessed, meant)
            }
        };
        let slot = known.iter().zip(slots).find(|(key, _)| Some(**key) == meant);
        // The first of two speaks for both; the second has been reported.
        if let Some((_, slot)) = slot {
            slot.get_or_insert(property);
        }
    }
    for (found, guess) in found.iter_mut().zip(guessed) {
        *found = found.or(guess);
    }
    found
}

/// The help for a name that is known in another spelling.
pub(crate) fn did_you_mean(wrong: &str, right: &str) -> String {
    match wrong.eq_ignore_ascii_case(right) {
        true => format!("write `{right}`: names are case-sensitive"),
        false => format!("did you mean `{right}`?"),
    }
}

/// Names in backticks, with commas.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// How a value that should have been a string becomes one.
pub(crate) fn as_string(value: &Value<'_>) -> Option<String> {
    match value {
        Value::NumberLit(number) => Some(format!("write `\"{}\"`, in quotes", number.value)),
        Value::BooleanLit(boolean) => Some(format!("write `\"{}\"`, in quotes", boolean.value)),
        Value::Array(_) => Some("take what is in the list out of it".to_owned()),
        Value::Object(object) => object
            .properties
            .iter()
            .any(|property| property.name.as_str() == "Ref" || property.name.as_str().starts_with("Fn::"))
            .then(|| "this is a template's function: compile what the template renders to".to_owned()),
        Value::NullKeyword(_) => Some("write what is meant, or leave the element out".to_owned()),
        Value::StringLit(_) => None,
    }
}

/// The object that a value must be.
pub(crate) fn object<'v, 't>(value: &'v Value<'t>, what: &str, mistakes: &mut Mistakes) -> Option<&'v Object<'t>> {
    let object = value.as_object();
    if object.is_none() {
        let problem = Problem::new(format!("{what} is {}", kind(value)), "expected an object");
        mistakes.report(value.range(), problem);
    }
    object
}

/// The string that a value must be.
pub(crate) fn string<'v, 't>(value: &'v Value<'t>, what: &str, mistakes: &mut Mistakes) -> Option<&'v StringLit<'t>> {
    let string = value.as_string_lit();
    if string.is_none() {
        let problem = Problem::new(format!("{what} is {}", kind(value)), "expected a string");
        mistakes.report(value.range(), problem.help_if(as_string(value)));
    }
    string
}

/// The strings of a value that must be a string or a non-empty list of strings (D-09), each as `read` reads it.
///
/// `None` where one of them has a mistake; all of them are read before that.
pub(crate) fn strings<T>(
    value: &Value<'_>,
    what: &str,
    mistakes: &mut Mistakes,
    read: impl Fn(&str) -> Result<T, Problem>,
) -> Option<Vec<Spanned<T>>> {
    let listed = match value {
        Value::Array(array) => array.elements.as_slice(),
        alone => std::slice::from_ref(alone),
    };
    if listed.is_empty() {
        let problem = Problem::new(format!("{what} is an empty list"), "expected at least one string");
        mistakes.report(value.range(), problem.help("list what is meant, or remove the statement"));
    }
    let mut strings = Vec::with_capacity(listed.len());
    for element in listed {
        let Value::StringLit(text) = element else {
            let problem = match value {
                Value::Array(_) => Problem::new(format!("{what} lists {}", kind(element)), "expected a string"),
                _ => Problem::new(format!("{what} is {}", kind(element)), "expected a string or a list of strings"),
            };
            mistakes.report(element.range(), problem.help_if(as_string(element)));
            continue;
        };
        match read(&text.value) {
            Ok(value) => strings.push(Spanned { value, place: text.range.into() }),
            Err(problem) => mistakes.report_in_string(text.range, &text.value, problem),
        }
    }
    (strings.len() == listed.len() && !listed.is_empty()).then_some(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        let source = Source::new("a.json", text);
        let mut mistakes = Mistakes::new(&source);
        let read = read(&source, &mut mistakes).map(|_| ());
        mistakes
            .finish(Vec::new(), read)
            .err()
            .into_iter()
            .flat_map(|errors| {
                errors
                    .iter()
                    .map(|error| format!("{}:{}: {}", error.line(), error.column(), error.message()))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Texts that a laxer reader takes for JSON (D-01).
    #[test]
    fn json_is_read_to_the_letter() {
        for text in [
            "",
            " ",
            "{} {}",
            "{}x",
            "\u{feff}{}",
            "\u{a0}{}",
            "{\u{b}}",
            "{\u{c}}",
            "\u{2003}[]",
            "\u{85}[]",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "// c\n{}",
            "/* c */{}",
            "# c\n{}",
            "{'a':1}",
            "{a:1}",
            "{1:1}",
            "[01]",
            "[1.]",
            "[.5]",
            "[+1]",
            "[-]",
            "[1e]",
            "[0x1F]",
            "[NaN]",
            "[Infinity]",
            "[-Infinity]",
            "[nul]",
            "[truefalse]",
            "[True]",
            "\"a\tb\"",
            "\"a\nb\"",
            "\"\u{0}\"",
            "\"\u{1f}\"",
            "\"a",
            r#""\x41""#,
            r#""\'""#,
            r#""\u12""#,
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800\ud800""#,
            r#""\ud800x""#,
            r#""\udc00\ud800""#,
            "[",
            "{\"a\"",
            "{\"a\":}",
            "[,]",
            "]",
            "}",
            ":",
            "{\"a\":1]",
            "[1}",
            "{[1]:1}",
            "{\"a\" 1}",
            "{\"a\"::1}",
            "{,}",
            "[1,,2]",
            "\0",
        ] {
            assert_eq!(messages(text).len(), 1, "{text:?}");
        }
        for text in [
            "{}",
            " \t\r\n[ ]\n",
            "0",
            "-0",
            "-0.0e-0",
            "1E+5",
            "123456789012345678901234567890",
            "1e999",
            "\"\"",
            "null",
            "\"\u{7f}\u{80}\u{2028}\u{feff}\"",
            r#""\ud83d\ude00\u0000\/\b\f\n\r\t\"\\""#,
            r#"{"":{},"a":[{}]}"#,
        ] {
            assert!(messages(text).is_empty(), "{text:?}: {:?}", messages(text));
        }
    }

    #[test]
    fn nesting_has_a_limit_that_brackets_in_strings_do_not_count_to() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(messages(&nested(16)).is_empty());
        assert_eq!(messages(&nested(17)), ["1:17: the document is nested too deeply"]);
        assert_eq!(messages(&format!("{}]", nested(17))).len(), 1);
        assert_eq!(messages(&nested(1_000_000)).len(), 1, "far beyond what a stack holds");
        assert_eq!(messages(&"[".repeat(1_000_000)).len(), 1);
        assert!(messages(&format!(r#"["{}\"[[[[", "\\", "]]"]"#, "[{".repeat(40))).is_empty());
    }

    #[test]
    fn a_document_may_have_64_mebibytes() {
        let document = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
        assert!(messages(&document(MAX_DOCUMENT_BYTES)).is_empty());
        assert_eq!(messages(&document(MAX_DOCUMENT_BYTES + 1)), ["1:1: the document is too large"]);
    }

    #[test]
    fn repeated_keys_are_reported_at_every_depth_and_size() {
        assert_eq!(
            messages(r#"{"a":[{"b":1,"c":{"d":1,"d":2}}],"x":0,"a":1}"#),
            ["1:25: key `d` stands twice in one object", "1:40: key `a` stands twice in one object"]
        );
        assert_eq!(
            messages(r#"{"a":1,"\u0061":2}"#),
            ["1:8: key `a` stands twice in one object"],
            "escapes do not hide one"
        );
        let mut many: Vec<_> = (0..100).map(|number| format!("\"k{number}\":0")).collect();
        assert!(messages(&format!("{{{}}}", many.join(","))).is_empty());
        many.push("\"k7\":0".to_owned());
        assert_eq!(messages(&format!("{{{}}}", many.join(","))).len(), 1);
    }
}
