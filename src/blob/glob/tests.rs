//! Globs against tables of what fits, and their steps counted.

use core::cell::Cell;

use proptest::prelude::*;

use super::*;

/// Writes a glob with `*` and `?` as the section holds it.
fn glob(text: &str) -> Vec<u8> {
    text.bytes()
        .map(|byte| match byte {
            b'*' => ANY_RUN,
            b'?' => ANY_ONE,
            byte => byte,
        })
        .collect()
}

#[test]
fn globs() {
    let cases = [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "a/b:c", true),
        ("a*", "a", true),
        ("a*b", "ab", true),
        ("a*b", "a/x/b", true),
        ("a*b", "a/x/bc", false),
        ("*b*", "abc", true),
        ("a*b*c", "a-b-b-c", true),
        ("?", "", false),
        ("?", "/", true),
        ("?", "é", true),
        ("??", "é", false),
        ("*??", "€", false),
        ("*?x", "éx", true),
        ("v?", "v", false),
        ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(matches(&glob(pattern), text), expected, "{pattern} on {text}");
    }
}

#[test]
fn arns() {
    let cases = [
        ("a:b:c:d:e:f", "a:b:c:d:e:f", true),
        ("a:b:c:d:e:f", "a:b:c:d:e:g", false),
        ("*:*:*:*:*:*", "a:b:c:d:e:f:g", true),
        ("a*f:b:c:d:e:*", "a:f:b:c:d:e", false),
        ("a:*:d:e:f:g", "a:b:c:d:e:f", false),
        ("a:b:c:d:e:*g", "a:b:c:d:e:f:g", true),
        ("a:b::d:e:f", "a:b::d:e:f", true),
        ("a:b:c:d:e", "a:b:c:d:e:", false),
        ("a:b:c:d:e:", "a:b:c:d:e", false),
        ("a:b:c:d:?:f", "a:b:c:d::f", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(matches_arn(&glob(pattern), text), expected, "{pattern} on {text}");
    }
}

#[test]
fn variables() {
    let mut writer = Writer::default();
    writer.any_run();
    writer.text("a");
    writer.variable(7, None);
    writer.variable(u32::MAX, Some(""));
    writer.variable(1 << 20, Some("d*"));
    let bytes = writer.finish();
    let template = Template::of(&bytes).unwrap();
    let found: Vec<_> = template.variables().map(Result::unwrap).collect();
    let expected = [
        Variable { key: 7, default: None },
        Variable { key: u32::MAX, default: Some(b"") },
        Variable { key: 1 << 20, default: Some(b"d*") },
    ];
    assert_eq!(found, expected);
    // `*` of the glob is wild, that of a value or a default is not.
    fn value<'a>(variable: Variable<'a>) -> &'a [u8] {
        variable.default.unwrap_or(b"x*")
    }
    assert!(template.matches("bax*d*", &value));
    assert!(!template.matches("bax*dd", &value));
    assert!(!template.matches("baxxd*", &value));
    assert!(template.matches_ignoring_case("BAX*D*", &value));
    assert!(Template::of(b"a").is_none());
}

/// The same by what each position of glob and text allows, for globs in the section's form.
#[expect(clippy::arithmetic_side_effects, reason = "lengths of short texts")]
fn matches_by_table(glob: &[u8], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let glob: Vec<u8> = glob.to_vec();
    let mut fits: Vec<bool> = (0..=text.len()).map(|at| at == 0).collect();
    let mut position = 0;
    while position < glob.len() {
        let mut next = vec![false; text.len() + 1];
        match glob[position] {
            ANY_RUN => {
                let first = fits.iter().position(|fits| *fits).unwrap_or(text.len() + 1);
                next.iter_mut().skip(first).for_each(|fits| *fits = true);
                position += 1;
            }
            ANY_ONE => {
                (0..text.len()).for_each(|at| next[at + 1] = fits[at]);
                position += 1;
            }
            _ => {
                let rest = glob[position..].split(|byte| *byte >= HAS_VARIABLES).next().unwrap();
                let first = str::from_utf8(rest).unwrap().chars().next().unwrap();
                (0..text.len()).for_each(|at| next[at + 1] = fits[at] && text[at] == first);
                position += first.len_utf8();
            }
        }
        fits = next;
    }
    *fits.last().unwrap()
}

/// Repeats itself, so that long runs nearly match in many places.
fn repetitive() -> impl Strategy<Value = String> {
    let piece = ("[ab]{1,3}|é", 1usize..40).prop_map(|(unit, times)| unit.repeat(times));
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn long_runs_are_found(
        pieces in proptest::collection::vec(prop_oneof![repetitive(), Just("*".to_owned()), Just("?".to_owned())], 0..9),
        fillers in proptest::collection::vec(repetitive(), 9),
    ) {
        let text = pieces.iter().zip(&fillers).map(|(piece, filler)| match piece.as_str() {
            "*" => filler.as_str(),
            "?" => "b",
            piece => piece,
        });
        let text: String = text.collect();
        let bytes = glob(&pieces.concat());
        prop_assert!(matches(&bytes, &text));
        for filler in &fillers {
            for text in [filler.clone(), format!("{filler}{text}"), format!("{text}{filler}")] {
                prop_assert_eq!(matches(&bytes, &text), matches_by_table(&bytes, &text), "{}", text);
            }
        }
    }

    /// However a glob is cut into text and variables, it matches the same.
    #[test]
    fn values_match_as_text_does(
        pieces in proptest::collection::vec(
            (prop_oneof![repetitive(), Just("*".to_owned()), Just("?".to_owned())], any::<bool>()),
            0..14,
        ),
        text in repetitive(),
    ) {
        let mut writer = Writer::default();
        for ((piece, is_variable), key) in pieces.iter().zip(0u32..) {
            match (piece.as_str(), is_variable) {
                ("*", _) => writer.any_run(),
                ("?", _) => writer.any_one(),
                (_, true) => writer.variable(key, None),
                (piece, false) => writer.text(piece),
            }
        }
        writer.variable(u32::MAX, Some(""));
        let bytes = writer.finish();
        let value = |variable: Variable<'_>| match pieces.get(variable.key as usize) {
            Some((piece, _)) => piece.as_bytes(),
            None => &[],
        };
        let whole = glob(&pieces.iter().map(|(piece, _)| piece.as_str()).collect::<String>());
        prop_assert_eq!(Template::of(&bytes).unwrap().matches(&text, &value), matches_by_table(&whole, &text));
    }
}

/// A source that counts what is read.
#[derive(Clone, Copy)]
pub(in crate::blob) struct Counted<'c, S>(pub S, pub &'c Cell<usize>);

impl<S: Source> Source for Counted<'_, S> {
    fn split_first(self) -> Option<(u8, Self)> {
        self.1.set(self.1.get().saturating_add(1));
        self.0.split_first().map(|(first, rest)| (first, Self(rest, self.1)))
    }
}

#[test]
fn long_values_cost_their_length_and_the_texts() {
    let a = "a".repeat(10_000);
    let text = "a".repeat(30_000);
    for pieces in
        [&["*", "{}", "b"][..], &["*", "{}", "?", "{}", "b"], &["*", "b", "?", "{}"], &["*", "{}", "?", "b", "*"]]
    {
        let mut writer = Writer::default();
        for piece in pieces {
            match *piece {
                "*" => writer.any_run(),
                "?" => writer.any_one(),
                "{}" => writer.variable(0, None),
                piece => writer.text(piece),
            }
        }
        let bytes = writer.finish();
        let template = Template::of(&bytes).unwrap();
        let value = |_: Variable<'_>| a.as_bytes();
        let kept = Kept::new(template, &value);
        let steps = Cell::new(0);
        let source = Counted(Completed::new(template, &kept), &steps);
        assert!(!walk(source, text.as_bytes(), |byte| byte), "{pieces:?}");
        let bound = 10 * (text.len() + 2 * a.len());
        assert!(steps.get() <= bound, "{pieces:?}: {}", steps.get());
    }
}

#[test]
fn many_short_values_do_not_each_cost_a_long_one() {
    let a = "a".repeat(10_000);
    let mut writer = Writer::default();
    writer.any_run();
    writer.variable(0, None);
    writer.text("b");
    let bytes = writer.finish();
    let template = Template::of(&bytes).unwrap();
    let value = |_: Variable<'_>| a.as_bytes();
    let kept = Kept::new(template, &value);
    let steps = Cell::new(0);
    for _ in 0..1_000 {
        assert!(!walk(Counted(Completed::new(template, &kept), &steps), b"b", |byte| byte));
    }
    assert!(steps.get() <= 10_000, "{}", steps.get());
}

#[test]
fn broken_variables_are_the_last_and_unreadable() {
    for broken in [
        &[HAS_VARIABLES, VARIABLE][..],
        &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0],
        &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0x7F, END],
        &[HAS_VARIABLES, VARIABLE, 0, 0, 0x80, 0, 0, END],
        &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0, b'a', END],
        &[HAS_VARIABLES, VARIABLE, 0, 0, 0, 0, 0, DEFAULT, ANY_RUN, END],
    ] {
        let template = Template::of(broken).unwrap();
        assert_eq!(template.variables().collect::<Vec<_>>(), [Err(Unreadable)], "{broken:X?}");
        assert!(!template.matches("a", &|_| b"a"));
    }
}
