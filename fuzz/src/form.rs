//! What holds of every text that is read as a document, or is not.

use portcullis::policy::{Place, Policy, PolicyErrors, PolicyKind, Source, Spanned};

/// Reads a text as either kind of policy, and looks at all that comes of it.
///
/// # Panics
/// Where a place lies outside of the text, a mistake cannot be drawn, or a document reads differently a second
/// time or in another form.
pub fn check(text: &str) {
    for kind in [PolicyKind::Endpoint, PolicyKind::Identity] {
        match read(text, kind) {
            Ok(policy) => {
                check_places(&policy);
                let meaning = meaning(&policy);
                for form in [text.to_owned(), rewritten(text, "\n\t ", false), rewritten(text, "", true)] {
                    let again = read(&form, kind).unwrap_or_else(|errors| panic!("{errors}\n{form}\n{text}"));
                    assert_eq!(self::meaning(&again), meaning, "{form}\n{text}");
                }
            }
            Err(errors) => check_mistakes(text, &errors),
        }
    }
}

fn read(text: &str, kind: PolicyKind) -> Result<Policy, PolicyErrors> {
    Policy::parse(Source::new("policy.json", text), kind)
}

fn check_mistakes(text: &str, errors: &PolicyErrors) {
    assert!(!errors.as_slice().is_empty(), "refused, and nobody knows why: {text:?}");
    assert!(!errors.render(false).is_empty() && !errors.render(true).is_empty() && !errors.to_string().is_empty());
    let mut before = 0;
    for error in errors {
        let Place { start, end } = error.place();
        assert!(start <= end && text.get(start..end).is_some(), "{start}..{end} of {text:?}");
        assert!(before <= start, "mistakes stand in the order of the text: {text:?}");
        before = start;
        assert!(error.line() >= 1 && error.column() >= 1 && !error.message().is_empty() && !error.label().is_empty());
    }
}

fn check_places(policy: &Policy) {
    let text = policy.source.text();
    let inside = |place: Place| {
        assert!(text.get(place.start..place.end).is_some_and(|text| !text.is_empty()), "{place:?} of {text:?}");
    };
    assert!(!policy.statements.is_empty());
    for statement in &policy.statements {
        inside(statement.place);
        statement.sid.iter().for_each(|sid| inside(sid.place));
        statement.principal.iter().flat_map(|principal| &principal.entries).for_each(|entry| inside(entry.place));
        statement.action.patterns.iter().for_each(|pattern| inside(pattern.place));
        statement.resource.patterns.iter().for_each(|pattern| inside(pattern.place));
        for test in &statement.condition {
            inside(test.operator.place);
            inside(test.key.place);
            test.values.iter().for_each(|value| inside(value.place));
        }
    }
}

/// All that a document says, without the places where it says so.
fn meaning(policy: &Policy) -> String {
    let mut said = format!("{:?} {:?}", policy.version, policy.id.as_ref().map(|id| &id.value));
    for statement in &policy.statements {
        let sid = statement.sid.as_ref().map(|sid| &sid.value);
        let principal = statement.principal.as_ref();
        let entries = principal.map(|principal| (principal.negated, values(&principal.entries)));
        let action = (statement.action.negated, values(&statement.action.patterns));
        let resource = (statement.resource.negated, values(&statement.resource.patterns));
        said += &format!("\n{sid:?} {:?} {entries:?} {action:?} {resource:?}", statement.effect);
        for test in &statement.condition {
            said += &format!(" {:?} {:?} {:?}", test.operator.value, test.key.value, values(&test.values));
        }
    }
    said
}

fn values<T>(spanned: &[Spanned<T>]) -> Vec<&T> {
    spanned.iter().map(|spanned| &spanned.value).collect()
}

/// JSON text with this white space, and its strings in escapes if asked. The text is JSON.
fn rewritten(text: &str, space: &str, escape: bool) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    let mut in_string = false;
    while let Some(character) = characters.next() {
        match (in_string, character) {
            (true, '\\') => {
                out.push('\\');
                out.extend(characters.next());
            }
            (true, '"') => {
                in_string = false;
                out.push('"');
            }
            // Four digits behind an escape would be escaped too: only what cannot be one of them.
            (true, character) if escape && !character.is_ascii_hexdigit() => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out += &format!("\\u{unit:04x}");
                }
            }
            (true, character) => out.push(character),
            (false, ' ' | '\t' | '\r' | '\n') => {}
            (false, '{' | '}' | '[' | ']' | ':' | ',') => {
                out += space;
                out.push(character);
                out += space;
            }
            (false, character) => {
                in_string = character == '"';
                out.push(character);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let text = "{ \"a\\\"{,\" : [1,\n\"\\u00e9x𝄞\"] }";
        assert_eq!(rewritten(text, "", false), "{\"a\\\"{,\":[1,\"\\u00e9x𝄞\"]}");
        assert_eq!(rewritten(text, " ", false), " { \"a\\\"{,\" :  [ 1 , \"\\u00e9x𝄞\" ]  } ");
        assert_eq!(rewritten(text, "", true), "{\"a\\\"\\u007b\\u002c\":[1,\"\\u00e9\\u0078\\ud834\\udd1e\"]}");
    }

    #[test]
    fn texts() {
        check("");
        check("{");
        check(r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*"}]}"#);
        check(r#"{"Statement": {"Effect": "Deny", "Action": "é:${", "Resource": "execute-api:/*"}}"#);
    }
}
