//! What a context holds and refuses (K-01 to K-03, E-09), and which texts are addresses (C-19).

use core::net::IpAddr;

use super::{
    BLOCK_NAMES, Context, FEW_KEYS, Fault, MAX_CONTEXT_VALUE_BYTES, Value, has_duplicate, has_duplicate_among_many,
    order, read_address,
};

#[test]
fn k_02_names_that_differ_in_case_alone_are_equal() {
    let x = Value::text("x");
    for pairs in [
        [("aws:SourceVpc", x), ("aws:SourceVpc", x)],
        [("aws:SourceVpc", x), ("AWS:SOURCEVPC", x)],
        [("aws:PrincipalTag/Team", x), ("aws:principaltag/tEAM", x)],
        [("", x), ("", x)],
        [("é", x), ("é", x)],
    ] {
        assert_eq!(Context::new(&pairs).fault(), Some(Fault::DuplicateKey), "{pairs:?}");
    }
    // Two absent ones are still two.
    let lists = [("a:b", Value::list(&[])), ("A:B", Value::list(&[]))];
    assert_eq!(Context::new(&lists).fault(), Some(Fault::DuplicateKey));
    for pairs in [
        [("aws:SourceVpc", x), ("aws:SourceVpce", x)],
        // ASCII case alone is folded (C-21).
        [("é", x), ("É", x)],
        [("k", x), ("\u{212a}", x)],
        [("a", x), ("a ", x)],
    ] {
        assert_eq!(Context::new(&pairs).fault(), None, "{pairs:?}");
    }
}

/// So many names that some share a bucket, and the answer is still exact.
#[test]
fn k_02_among_many_names() {
    let names: Vec<String> = (0..600).map(|number| format!("aws:PrincipalTag/t{number}")).collect();
    let mut pairs: Vec<(&str, Value<'_>)> = names.iter().map(|name| (name.as_str(), Value::text("x"))).collect();
    assert_eq!(Context::new(&pairs).fault(), None);
    for twin in ["AWS:PRINCIPALTAG/T0", "aws:principaltag/T299", "aws:PrincipalTag/t599"] {
        pairs.push((twin, Value::text("x")));
        assert_eq!(Context::new(&pairs).fault(), Some(Fault::DuplicateKey), "{twin}");
        pairs.pop();
    }
}

/// On both sides of every size where the way of looking changes, and in every pair of blocks, the answer is the same.
#[test]
fn k_02_wherever_the_twins_stand() {
    for count in [2, FEW_KEYS, FEW_KEYS + 1, BLOCK_NAMES, BLOCK_NAMES + 1, 3 * BLOCK_NAMES - 1, 3 * BLOCK_NAMES] {
        let names: Vec<String> = (0..count).map(|number| format!("aws:PrincipalTag/t{number}")).collect();
        let twins: Vec<String> = names.iter().map(|name| name.to_ascii_uppercase()).collect();
        let mut pairs: Vec<(&str, Value<'_>)> = names.iter().map(|name| (name.as_str(), Value::text("x"))).collect();
        assert_eq!(Context::new(&pairs).fault(), None, "{count} names");
        let places = [0, 1, BLOCK_NAMES - 1, BLOCK_NAMES, BLOCK_NAMES + 1, 2 * BLOCK_NAMES, count - 2, count - 1];
        for first in places.into_iter().filter(|place| *place < count) {
            for second in places.into_iter().filter(|place| *place < count && *place != first) {
                let kept = std::mem::replace(&mut pairs[second].0, &twins[first]);
                assert_eq!(Context::new(&pairs).fault(), Some(Fault::DuplicateKey), "{count} names: {first}, {second}");
                pairs[second].0 = kept;
            }
        }
    }
}

proptest::proptest! {
    /// Both ways of looking give what comparing every pair gives.
    #[test]
    fn k_02_is_what_comparing_every_pair_gives(
        names in proptest::collection::vec("[a-cA-C@é\u{212a}]{0,3}", 0..40), filler in 0..700_usize, at in 0..700_usize,
    ) {
        let filler: Vec<String> = (0..filler).map(|number| format!("filler{number}")).collect();
        let mut all: Vec<&str> = filler.iter().map(String::as_str).collect();
        for (place, name) in names.iter().enumerate() {
            all.insert(place.wrapping_mul(37).wrapping_add(at).checked_rem(all.len()).unwrap_or_default(), name);
        }
        let pairs: Vec<(&str, Value<'_>)> = all.iter().map(|name| (*name, Value::text("x"))).collect();
        let expected = (1..all.len()).any(|at| all[..at].iter().any(|earlier| earlier.eq_ignore_ascii_case(all[at])));
        proptest::prop_assert_eq!(has_duplicate(&pairs), expected);
        proptest::prop_assert_eq!(has_duplicate_among_many(&pairs), expected);
    }

    /// The order is one: equal where the names are, and turned around with them.
    #[test]
    fn names_have_an_order(one in "[abAB@é]{0,4}", other in "[abAB@é]{0,4}") {
        proptest::prop_assert_eq!(order(&one, &other).is_eq(), one.eq_ignore_ascii_case(&other));
        proptest::prop_assert_eq!(order(&one, &other), order(&other, &one).reverse());
    }
}

/// Names that share a bucket send the second to look back, and there it finds no equal.
#[test]
fn k_02_names_of_one_bucket_are_not_equal() {
    // 31 * 'a' + '@' is 31 * 'b' + '!'.
    let pairs = [("a@", Value::text("x")), ("b!", Value::text("x"))];
    assert_eq!(Context::new(&pairs).fault(), None);
    let pairs = [("a@", Value::text("x")), ("b!", Value::text("x")), ("A@", Value::text("x"))];
    assert_eq!(Context::new(&pairs).fault(), Some(Fault::DuplicateKey));
}

#[test]
fn e_09_the_longest_value() {
    let longest = "x".repeat(MAX_CONTEXT_VALUE_BYTES);
    let longer = "x".repeat(MAX_CONTEXT_VALUE_BYTES + 1);
    assert_eq!(Context::new(&[("a:b", Value::text(&longest))]).fault(), None);
    assert_eq!(Context::new(&[("a:b", Value::text(&longer))]).fault(), Some(Fault::LongValue));
    assert_eq!(Context::new(&[("a:b", Value::address(&longer))]).fault(), Some(Fault::LongValue));
    assert_eq!(Context::new(&[("a:b", Value::list(&["", &longer]))]).fault(), Some(Fault::LongValue));
    // The limit is each value's own.
    assert_eq!(Context::new(&[("a:b", Value::list(&[&longest, &longest]))]).fault(), None);
}

#[test]
fn get_ignores_case() {
    let pairs = [("aws:PrincipalTag/Team", Value::text("red")), ("aws:TagKeys", Value::list(&["a", "b"]))];
    let context = Context::new(&pairs);
    assert_eq!(context.get("AWS:principaltag/TEAM").unwrap().single(), Some("red"));
    assert_eq!(context.get("aws:tagkeys").unwrap().texts().collect::<Vec<_>>(), ["a", "b"]);
    assert!(context.get("aws:PrincipalTag").is_none());
    assert!(Context::EMPTY.get("aws:TagKeys").is_none());
}

#[test]
fn k_01_a_single_value_is_a_list_of_one() {
    assert_eq!(Value::text("a").single(), Some("a"));
    assert_eq!(Value::list(&["a"]).single(), Some("a"));
    assert_eq!(Value::list(&["a", "a"]).single(), None);
    assert_eq!(Value::list(&[]).single(), None);
    assert_eq!(Value::list(&[]).texts().count(), 0);
    assert_eq!(Value::text("").texts().collect::<Vec<_>>(), [""]);
    assert_eq!(Value::boolean(true).single(), Some("true"));
    assert_eq!(Value::boolean(false).single(), Some("false"));
}

#[track_caller]
fn address(text: &str, expected: &str) {
    assert_eq!(read_address(text), Some(expected.parse::<IpAddr>().unwrap()), "{text}");
}

#[test]
fn c_19_readable_addresses() {
    address("10.0.0.7", "10.0.0.7");
    address("0.0.0.0", "0.0.0.0");
    address("255.255.255.255", "255.255.255.255");
    address("::", "::");
    address("2001:db8::1", "2001:db8::1");
    address("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1");
    address("fe80::0001", "fe80::1");
    address("64:ff9b::10.0.0.7", "64:ff9b::a00:7");
}

#[test]
fn c_19_an_ipv4_address_in_ipv6_clothes() {
    for text in [
        "::ffff:10.0.0.7",
        "::FFFF:10.0.0.7",
        "::ffff:a00:7",
        "::ffff:0a00:0007",
        "0:0:0:0:0:ffff:10.0.0.7",
        "0000:0000:0000:0000:0000:ffff:0a00:0007",
    ] {
        address(text, "10.0.0.7");
    }
    // Compatible, translated, and one bit beside: IPv6.
    for text in ["::10.0.0.7", "::ffff:0:10.0.0.7", "::fffe:10.0.0.7", "::1:ffff:a00:7"] {
        assert!(read_address(text).unwrap().is_ipv6(), "{text}");
    }
}

#[test]
fn c_19_unreadable_addresses() {
    for text in [
        "",
        " ",
        "10.0.0",
        "10.0.0.",
        "10.0.0.0.0",
        "10.0.0.256",
        "10.0.0.-1",
        "10.0.0.07",
        "010.0.0.7",
        "00.0.0.0",
        "0x0a.0.0.7",
        "167772167",
        "10.0.0.7 ",
        " 10.0.0.7",
        "10.0.0.7/32",
        "10.0.0.7:443",
        "10.0.0.a",
        "１０.0.0.7",
        "10,0,0,7",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::12345",
        "::00001",
        "::g",
        "fe80::1%eth0",
        "fe80::1%1",
        "[::1]",
        "[::1]:443",
        "::1/128",
        "::ffff:10.0.0.07",
        "::ffff:10.0.0",
        "::10.0.0.7:1",
        "1:2:3:4:5:6:7:10.0.0.7",
        "::ffff:10.0.0.256",
        "2001:db8::1 ",
        "localhost",
    ] {
        assert_eq!(read_address(text), None, "{text:?}");
        assert_eq!(Value::address(text).as_address(), None, "{text:?}");
        assert_eq!(Value::address(text).single(), Some(text), "plain text otherwise");
    }
}

#[test]
fn an_address_is_the_one_value_or_none() {
    let ten = read_address("10.0.0.7");
    assert!(ten.is_some());
    assert_eq!(Value::address("10.0.0.7").as_address(), ten);
    assert_eq!(Value::text("10.0.0.7").as_address(), ten);
    assert_eq!(Value::list(&["10.0.0.7"]).as_address(), ten);
    assert_eq!(Value::list(&["10.0.0.7", "10.0.0.7"]).as_address(), None);
    assert_eq!(Value::list(&[]).as_address(), None);
}
