//! Globs against two others that decide the same: automata determinized by `regex-automata`, and the project's textbook
//! matcher.
//!
//! 20,000 pairs unless `PORTCULLIS_PAIRS` says how many; `PORTCULLIS_SEED` names another sequence.

mod oracle;

use std::env;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::*;
use crate::policy::{Policy, ResourcePattern, read_glob};
use crate::reference::glob_matches;
use oracle::{Automaton, Reading};

fn glob(text: &str) -> Glob {
    Glob::of(&read_glob(text)).unwrap()
}

/// The globs of the resource patterns of one statement.
fn resources(patterns: &[&str]) -> Vec<Glob> {
    let policy = serde_json::json!({"Statement":
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": patterns}});
    let policy = Policy::from_json(&policy.to_string()).unwrap();
    policy.statements[0].resource.patterns.iter().map(|pattern| Glob::of_resource(&pattern.value).unwrap()).collect()
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// A source of choices that follow from a seed.
fn choices(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn below(rng: &mut TestRng, limit: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % limit
}

/// A glob of up to `most` characters: few letters, so that globs meet, of one to four bytes.
fn made_up(rng: &mut TestRng, most: usize) -> String {
    let alphabets: [&[char]; 4] =
        [&['a', '*'], &['a', 'b', '*', '?'], &['a', '/', 'é', '*', '*', '?'], &['a', 'b', '日', '𝄞', '*', '?', '?']];
    let alphabet = alphabets[below(rng, alphabets.len())];
    (0..below(rng, most + 1)).map(|_| alphabet[below(rng, alphabet.len())]).collect()
}

/// What stands in `text_outside` and `meeting` is checked by the matcher that shares nothing with them.
fn textbook(glob: &str, text: &str) -> bool {
    glob_matches(&read_glob(glob), text)
}

/// Asks both for each pair of globs, `count` in all, that `make` makes of its choices.
fn compare(count: u64, reading: Reading, make: impl Fn(&mut TestRng) -> (String, Glob)) {
    const BATCH: usize = 64;
    let matched = |glob: &str, text: &str| match reading {
        Reading::Text => glob_matches(&read_glob(glob), text),
        Reading::IgnoringCase => glob_matches(&read_glob(&glob.to_ascii_lowercase()), &text.to_ascii_lowercase()),
        Reading::Arn => glob.splitn(6, ':').zip(text.splitn(6, ':')).all(|(own, part)| textbook(own, part)),
    };
    let mut rng = choices(number("PORTCULLIS_SEED", 0));
    let (mut looked_at, mut within, mut meeting) = (0u64, 0u64, 0u64);
    while looked_at < count {
        let globs: Vec<(String, Glob, Automaton)> = std::iter::repeat_with(|| make(&mut rng))
            .take(BATCH)
            .map(|(text, glob)| {
                let automaton = Automaton::of(&text, reading);
                (text, glob, automaton)
            })
            .collect();
        for (one_text, one, one_automaton) in &globs {
            for (other_text, other, other_automaton) in &globs {
                let expected = one_automaton.relation(other_automaton);
                let pair = format!("`{one_text}` and `{other_text}`");
                assert_eq!(one.is_within(other), expected.within, "inclusion of {pair}");
                match one.text_outside(other) {
                    Some(text) => {
                        assert!(!expected.within, "{pair}: `{text}`");
                        assert!(matched(one_text, &text) && !matched(other_text, &text), "{pair}: `{text}`");
                    }
                    None => assert!(expected.within, "{pair}: no text outside"),
                }
                match one.meeting(other) {
                    Some(text) => {
                        assert!(matched(one_text, &text) && matched(other_text, &text), "{pair}: `{text}`");
                        assert_eq!(Some(text.chars().count()), expected.shortest, "{pair}: `{text}` is the shortest");
                    }
                    None => assert_eq!(expected.shortest, None, "overlap of {pair}"),
                }
                looked_at += 1;
                within += u64::from(expected.within);
                meeting += u64::from(expected.shortest.is_some());
            }
        }
    }
    println!("{looked_at} pairs, {reading:?}: {within} within, {meeting} with a text in common");
    // The answers are not all the same.
    assert!(within * 50 > looked_at && meeting * 8 > looked_at && within * 2 < looked_at && meeting < looked_at);
}

#[test]
fn pairs_are_as_their_automata() {
    compare(number("PORTCULLIS_PAIRS", 20_000), Reading::Text, |rng| {
        let text = made_up(rng, 9);
        (text.clone(), glob(&text))
    });
}

#[test]
fn pairs_without_case_are_as_their_automata() {
    compare(number("PORTCULLIS_PAIRS", 20_000) / 10, Reading::IgnoringCase, |rng| {
        let text = made_up(rng, 9);
        let bent = |letter: char| if below(rng, 2) == 0 { letter.to_ascii_uppercase() } else { letter };
        let text: String = text.chars().map(bent).collect();
        (text.clone(), glob(&text).folded())
    });
}

#[test]
fn pairs_of_arns_are_as_their_automata() {
    compare(number("PORTCULLIS_PAIRS", 20_000) / 10, Reading::Arn, |rng| {
        // An ARN with an empty last part is one, too.
        let mut rest = made_up(rng, 4);
        if below(rng, 2) == 0 {
            rest.insert(rest.chars().next().map_or(0, char::len_utf8), ':');
        }
        let text = format!("arn:aws:execute-api:{}:*:{rest}", made_up(rng, 4));
        let glob = resources(&[&text]).remove(0);
        (text, glob)
    });
}

#[test]
fn unions_are_as_their_automata() {
    let cases = number("PORTCULLIS_PAIRS", 20_000) / 10;
    let mut rng = choices(number("PORTCULLIS_SEED", 0) + 1);
    let (mut together, mut unknown) = (0, 0);
    for _ in 0..cases {
        let mut texts: Vec<String> = (0..4).map(|_| made_up(&mut rng, 6)).collect();
        if below(&mut rng, 2) == 0 {
            // What is left where each `*` takes nothing, or a character and more, is all together.
            let split = |run: &str| texts[0].replacen('*', run, 1);
            (texts[1], texts[2]) = (split(""), split("?*"));
        }
        let globs: Vec<Glob> = texts.iter().map(|text| glob(text)).collect();
        let others: Vec<&Glob> = globs[1..].iter().collect();
        let automata: Vec<Automaton> = texts.iter().map(|text| Automaton::of(text, Reading::Text)).collect();
        let expected = automata[0].is_within_union(&automata[1..]);
        match globs[0].is_within_some(&others, &mut Steps::new(20_000)) {
            Inclusion::Yes => assert!(expected, "{texts:?}"),
            Inclusion::No(text) => {
                assert!(!expected, "{texts:?}: `{text}`");
                assert!(textbook(&texts[0], &text), "{texts:?}: `{text}`");
                assert!(!texts[1..].iter().any(|other| textbook(other, &text)), "{texts:?}: `{text}`");
            }
            Inclusion::Unknown => unknown += 1,
        }
        together += usize::from(expected && !others.iter().any(|other| globs[0].is_within(other)));
    }
    println!("{cases} unions: {together} only together, {unknown} unknown");
    assert!(together * 50 > usize::try_from(cases).unwrap(), "{together} only together");
    assert_eq!(unknown, 0);
}

/// The bound that is promised, met by the pairs that are made to come near it.
#[test]
fn pairs_of_a_hundred_characters_are_bounded() {
    const LENGTH: usize = 100;
    const BOUND: usize = (LENGTH + 1) * (LENGTH + 1);
    let repeated = |text: &str| text.chars().cycle().take(LENGTH).collect::<String>();
    let mut texts: Vec<String> =
        ["a", "*a", "a*", "*?", "*a?", "?*a", "*ab", "*a*a?", "*aab", "a*a*b", "*é", "?"].map(repeated).to_vec();
    for ends in [("*", "*"), ("*", ""), ("", "*"), ("a", "b*"), ("*a", "b"), ("*b", "?")] {
        for middle in ["a", "?", "a?", "*a", "*a?b"] {
            let room = LENGTH - ends.0.len() - ends.1.len();
            let middle: String = middle.chars().cycle().take(room).collect();
            texts.push(format!("{}{middle}{}", ends.0, ends.1));
        }
    }
    let mut rng = choices(3);
    texts.extend((0..40).map(|_| (0..LENGTH).map(|_| ['a', 'b', '*', '?'][below(&mut rng, 4)]).collect()));
    let globs: Vec<Glob> = texts.iter().map(|text| glob(text)).collect();
    let (mut inclusion, mut overlap) = (0, 0);
    for one in &globs {
        assert!(one.steps.len() <= LENGTH);
        for other in &globs {
            let (mut within, mut meeting) = (0, 0);
            inclusion::holds(&one.steps, &other.steps, &mut within);
            overlap::shortest(&one.steps, &other.steps, &mut meeting);
            assert!(within <= BOUND && meeting <= BOUND, "`{one}` and `{other}`: {within}, {meeting}");
            (inclusion, overlap) = (inclusion.max(within), overlap.max(meeting));
        }
    }
    println!("at most {inclusion} places and {overlap} pairs of places, of {BOUND}");
    assert!(inclusion * 4 > BOUND && overlap * 4 > BOUND, "the hard ones are hard: {inclusion}, {overlap}");
}

/// Of globs too long to tell, the answer is the one that proves nothing; it takes no table of their product.
#[test]
fn long_globs_are_not_known() {
    let long = glob(&"a*".repeat(50_000));
    assert!(!long.is_within(&long) && long.meets(&long) && long.meeting(&long).is_none());
    let (short, other) = (glob(&"a*".repeat(500)), glob(&"b*".repeat(500)));
    assert!(short.is_within(&short) && short.meets(&short) && !short.meets(&other));
    let mut steps = Steps::new(10);
    assert_eq!((short.is_within_in(&short, &mut steps), steps.left()), (None, 0));
    assert_eq!(glob("a").meets_in(&glob("?"), &mut Steps::new(10)), Some(true));
}

/// Past its budget a union is not known, and no more is taken than was given.
#[test]
fn a_union_past_its_budget_is_unknown() {
    let hard: Vec<Glob> =
        (0..12).map(|gap| glob(&format!("*a{}b*{}a*", "?".repeat(gap), "?".repeat(12 - gap)))).collect();
    let others: Vec<&Glob> = hard.iter().collect();
    let inner = glob("*a*b*a*b*a*b*a*b*a*b*a*");
    let mut steps = Steps::new(5_000);
    assert_eq!(inner.is_within_some(&others, &mut steps), Inclusion::Unknown);
    assert_eq!(steps, Steps::new(0));
    assert_eq!(glob("a*").is_within_some(&[&glob("a"), &glob("a?*")], &mut Steps::new(3)), Inclusion::Unknown);
    assert_eq!(glob("a*").is_within_some(&[&glob("a"), &glob("a?*")], &mut Steps::new(300)), Inclusion::Yes);
    assert_eq!(glob("a").is_within_some(&[], &mut Steps::new(300)), Inclusion::No("a".to_owned()));
}

#[test]
fn by_hand() {
    for (one, other, within) in [
        ("", "", true),
        ("", "*", true),
        ("*", "", false),
        ("a", "?", true),
        ("?", "a", false),
        ("*?", "?*", true),
        ("?*", "*?", true),
        ("*?*?*", "??*", true),
        ("a*b", "a?*b", false),
        ("a*bb", "a?*b", true),
        ("*a*", "*a?*", false),
        ("*a*a*", "*a?*", true),
        ("*a?b*", "*a*b*", true),
        ("*a*b*", "*a?b*", false),
        ("prod/GET/pets/*", "prod/*/pets/*", true),
        ("prod/*/pets/*", "prod/GET/pets/*", false),
        ("é?", "??", true),
        ("é?", "???", false),
    ] {
        assert_eq!(glob(one).is_within(&glob(other)), within, "`{one}` in `{other}`");
    }
    for (one, other, text) in [
        ("a*", "*b", Some("ab")),
        ("a*a", "?", None),
        ("*GET*", "prod/*", Some("prod/GET")),
        ("prod/?/x", "*/é/*", Some("prod/é/x")),
        ("*", "*", Some("")),
        ("a?", "?b", Some("ab")),
    ] {
        assert_eq!(glob(one).meeting(&glob(other)).as_deref(), text, "`{one}` and `{other}`");
    }
    assert!(glob("*?a*?*").equals(&glob("?*a?*")) && !glob("*?a*").equals(&glob("*a?*")));
    assert_eq!(glob("a\u{e9}b*").first_outside(|character| character.is_ascii()), Some('\u{e9}'));
    assert_eq!(glob("a?b*").first_outside(|character| character.is_ascii()), None);
    assert_eq!(glob("*a??").to_string(), "*a??");
}

/// R-03, R-04: a wildcard of the first five parts sees no colon, one of the rest does.
#[test]
fn arns() {
    let globs = resources(&[
        "*",
        "arn:aws:execute-api:us-east-1:123412341234:a1/prod/GET/*",
        "arn:*:execute-api:us-*:*:*/prod/*",
        "arn:aws:execute-api:*:123412341234:*",
        "arn:aws:execute-api:*:*:x",
        "arn:aws:s3:::*",
    ]);
    let [every, pets, prod, account, x, other] = globs.as_slice() else { panic!("six globs") };
    assert!(globs.iter().all(|glob| glob.is_within(every) && *every == Glob::every_arn()));
    assert!(pets.is_within(prod) && pets.is_within(account) && !prod.is_within(account));
    // The region may not run on to the account and beyond, the rest may hold colons.
    assert!(
        !account.matches("arn:aws:execute-api:a:b:123412341234:c")
            && account.matches("arn:aws:execute-api:a:123412341234:b:c")
    );
    assert_eq!(account.meeting(x).unwrap(), "arn:aws:execute-api::123412341234:x");
    assert!(!other.meets(prod) && prod.meets(account));
    assert_eq!(prod.text_outside(account).unwrap(), "arn::execute-api:us-::/prod/");
}

/// A-02, A-03: neither side sees the colon, and case is nothing.
#[test]
fn actions() {
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Resource": "*",
        "Action": ["*", "execute-api:Invoke", "EXECUTE-API:inv*", "e*:*", "s3:*"]}}"#;
    let policy = Policy::from_json(policy).unwrap();
    let patterns = &policy.statements[0].action.patterns;
    let globs: Vec<Glob> = patterns.iter().map(|pattern| Glob::of_action(&pattern.value).unwrap()).collect();
    let [every, invoke, prefix, service, s3] = globs.as_slice() else { panic!("five globs") };
    assert!(invoke.is_within(prefix) && prefix.is_within(service) && service.is_within(every));
    assert!(!service.is_within(prefix) && !s3.meets(service));
    assert!(!every.matches("a:b:c") && !service.matches("e:b:c"));
}

/// Variables depend on the request.
#[test]
fn a_variable_has_no_glob() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",
        "Resource": ["arn:aws:execute-api:*:*:a/${aws:username}", "arn:aws:execute-api:*:*:a/${*}"]}}"#;
    let policy = Policy::from_json(policy).unwrap();
    let globs: Vec<Option<Glob>> =
        policy.statements[0].resource.patterns.iter().map(|pattern| Glob::of_resource(&pattern.value)).collect();
    let [None, Some(escaped)] = globs.as_slice() else { panic!("{globs:?}") };
    assert_eq!(escaped.first_outside(|character| character != '*'), Some('*'));
    let ResourcePattern::Arn(arn) = &policy.statements[0].resource.patterns[0].value else { panic!("an ARN") };
    assert_eq!(Glob::of(&arn.rest), None);
}
