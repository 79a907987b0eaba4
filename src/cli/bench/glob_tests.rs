//! Tests of `baselines/glob.rs`, which the benches include without them.

use portcullis::policy::{Piece, Template};

use super::baselines::glob::Glob;

fn glob(pattern: &str) -> Glob {
    let mut template = Template::default();
    for letter in pattern.chars() {
        match (letter, template.pieces.last_mut()) {
            ('*', _) => template.pieces.push(Piece::AnyRun),
            ('?', _) => template.pieces.push(Piece::AnyOne),
            (letter, Some(Piece::Text(text))) => text.push(letter),
            (letter, _) => template.pieces.push(Piece::Text(letter.to_string())),
        }
    }
    Glob::new(&template).expect("no variable")
}

#[test]
fn stars_take_any_run_and_question_marks_one_letter() {
    for (pattern, matches, differs) in [
        ("", &[""][..], &["a"][..]),
        ("a", &["a"], &["", "aa", "A"]),
        ("*", &["", "a/b:c"], &[]),
        ("a*a", &["aa", "aba"], &["a", "ab"]),
        ("*ab*ab", &["abab", "xabyab"], &["ab", "aab"]),
        ("a*?", &["ab", "aé", "abc"], &["a"]),
        ("*?b*", &["ab", "xxb", "éb"], &["b", "ba"]),
        ("?", &["é", "*"], &["", "ab"]),
        ("*a?", &["aé", "aab"], &["a", "éa"]),
    ] {
        let glob = glob(pattern);
        assert!(matches.iter().all(|text| glob.matches(text)), "{pattern}");
        assert!(!differs.iter().any(|text| glob.matches(text)), "{pattern}");
    }
}
