//! What is said of a text that is not JSON (D-01): serde_json finds the mistake, this says it to its author.
//!
//! Nothing here decides whether a text is refused.

use super::error::{Problem, quote};
use super::place::{Place, Source};

/// The mistake of a text that is not JSON, where serde_json found it.
pub(super) fn explain(source: &Source, error: &serde_json::Error) -> (Place, Problem) {
    let text = source.text();
    let mut start = (source.line_start(error.line()) + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let whole = error.to_string();
    // serde_json's message ends in a place of its own.
    let message = whole.split_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
    if error.is_eof() {
        return ended_early(source);
    }
    if message.starts_with("control character") {
        return control_character(text, start);
    }
    let offending = text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or_default();
    let place = Place { start, end: (start + offending.len_utf8()).min(text.len()) };
    if matches!(offending, '}' | ']')
        && let Some(comma) = trailing_comma(text, start)
    {
        let problem = Problem::new(
            format!("not JSON: a comma before {}", quote(offending.encode_utf8(&mut [0; 4]))),
            "expected no comma after the last element",
        );
        return (comma, problem.help("remove the comma"));
    }
    (place, said_of(message, offending, text, start))
}

/// A mistake that is one character, which stands where it may not.
fn said_of(message: &str, offending: char, text: &str, start: usize) -> Problem {
    const VALUE: &str = "expected a string, a number, an object, a list, `true`, `false` or `null`";
    let shown = quote(offending.encode_utf8(&mut [0; 4]));
    match offending {
        // Comments may stand anywhere, whatever serde_json was looking for.
        '/' | '#' => {
            return Problem::new("not JSON: a comment", "expected JSON here").help("remove it: JSON has no comments");
        }
        '\'' | '“' | '”' | '„' | '‘' | '’' => {
            return Problem::new(format!("not JSON: a string in {shown}"), "expected straight double quotes")
                .help("write `\"` on both sides; editors for prose replace it");
        }
        _ => {}
    }
    if message.starts_with("trailing characters") {
        let problem = Problem::new("not JSON: trailing characters after the document", "expected nothing more");
        return problem.help("remove them: a file holds one policy");
    }
    if message.starts_with("key must be a string") {
        return Problem::new(format!("not JSON: {shown} begins no key"), "expected a key in double quotes");
    }
    if message.starts_with("expected `,`") {
        let problem = Problem::new(format!("not JSON: {message}"), format!("{message} before this"));
        return problem.help("put a comma after the element before");
    }
    let word: String =
        text.get(start..).into_iter().flat_map(str::chars).take_while(|next| next.is_ascii_alphanumeric()).collect();
    let help = match word.as_str() {
        _ if text.get(..start).is_some_and(|before| before.trim().is_empty()) => {
            Some("a policy is written in JSON and begins with `{`; convert it, if it is in another language")
        }
        "None" => Some("write `null`, or leave the element out"),
        "True" | "TRUE" => Some("write `true`, in lower case"),
        "False" | "FALSE" => Some("write `false`, in lower case"),
        _ if offending == '$' => Some("this is a template's placeholder: compile what the template renders to"),
        _ if !word.is_empty() => Some("text stands in double quotes"),
        _ => None,
    };
    let problem = match message.starts_with("expected value") {
        true => Problem::new(format!("not JSON: {shown} begins no value"), VALUE),
        false => Problem::new(format!("not JSON: {message}"), "expected JSON here"),
    };
    problem.help_if(help.map(str::to_owned))
}

/// A text that ends before its value does.
fn ended_early(source: &Source) -> (Place, Problem) {
    let text = source.text();
    if text.trim().is_empty() {
        let problem = Problem::new("not JSON: the document is empty", "expected a policy");
        return (Place::default(), problem.help("the least policy is `{\"Statement\": [{…}]}`"));
    }
    let end = text.trim_end().len();
    let place = Place { start: end, end };
    let problem = Problem::new("not JSON: the document ends too early", "expected more");
    match unclosed(text) {
        Some((at, what)) => {
            let (line, column) = source.line_column(at);
            (place, problem.help(format!("close the {what} that opens at line {line}, column {column}")))
        }
        None => (place, problem),
    }
}

/// Where the innermost string, object or list opens that a text does not close.
fn unclosed(text: &str) -> Option<(usize, &'static str)> {
    let mut open = Vec::new();
    let (mut string, mut escaped) = (None, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = string.is_some(),
            b'"' => string = if string.is_some() { None } else { Some((at, "string")) },
            _ if string.is_some() => {}
            b'{' => open.push((at, "object")),
            b'[' => open.push((at, "list")),
            b'}' | b']' => {
                open.pop();
            }
            _ => {}
        }
    }
    string.or_else(|| open.pop())
}

/// A control character in a string: one that JSON forbids there, which U+007F and those beyond ASCII are not.
/// serde_json may have stopped before it.
fn control_character(text: &str, near: usize) -> (Place, Problem) {
    let found = text.get(near..).and_then(|rest| rest.char_indices().find(|(_, character)| *character < ' '));
    let (at, character) = found.unwrap_or((0, '\u{0}'));
    let start = (near + at).min(text.len());
    let place = Place { start, end: (start + 1).min(text.len()) };
    if matches!(character, '\n' | '\r') {
        let problem = Problem::new("not JSON: a line break in a string", "expected the string to end on its line");
        return (place, problem.help(r"close the string, or write the break as `\n`"));
    }
    let problem = Problem::new(
        format!("not JSON: control character U+{:04X} in a string", u32::from(character)),
        "expected it as an escape",
    );
    (place, problem.help(format!(r"write `\u{:04x}`", u32::from(character))))
}

/// The comma before a closing bracket.
fn trailing_comma(text: &str, bracket: usize) -> Option<Place> {
    let before = text.get(..bracket)?.trim_end();
    let at = before.strip_suffix(',')?.len();
    Some(Place { start: at, end: at + 1 })
}

#[cfg(test)]
mod tests {
    use super::super::{Policy, PolicyErrors};

    fn refusal(text: &str) -> PolicyErrors {
        Policy::from_json(text).unwrap_err()
    }

    /// Where each mistake stands, and what helps; `corpus/refused` has whole documents.
    #[test]
    fn mistakes_stand_where_an_author_looks() {
        for (text, offending, help) in [
            ("{\"a\": [1,]}", ",", "remove the comma"),
            ("{\"a\": 1,\n}", ",", "remove the comma"),
            ("{\"a\": \"b\nc\"}", "\n", r"close the string, or write the break as `\n`"),
            ("{\"a\": \"b\tc\"}", "\t", r"write `\u0009`"),
            ("{\"a\": \"\u{7f}\u{80}\t\"}", "\t", r"write `\u0009`"),
            ("{\"a\": \"b", "", "close the string that opens at line 1, column 7"),
            ("{\"a\":\n [", "", "close the list that opens at line 2, column 2"),
            ("{\"a\": \"\\\"}\", \"b\"", "", "close the object that opens at line 1, column 1"),
            ("{\"a\": “b”}", "“", "write `\"` on both sides; editors for prose replace it"),
            ("{\"a\": b}", "b", "text stands in double quotes"),
            ("{\"a\": True}", "T", "write `true`, in lower case"),
            ("{\"a\": 1 \"b\": 2}", "\"", "put a comma after the element before"),
            (" \n", "", "the least policy is `{\"Statement\": [{…}]}`"),
        ] {
            let errors = refusal(text);
            let [error] = errors.as_slice() else { panic!("{text:?}: {errors}") };
            assert_eq!((error.source_text().at(error.place()), error.help()), (offending, Some(help)), "{text:?}");
        }
    }
}
