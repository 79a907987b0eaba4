//! Differences about the tests of a condition, and about variables.

use std::net::IpAddr;

use portcullis::Outcome;
use serde_json::Value;

use super::differences::{Element, Part};
use super::resource::{glob, simple_glob};
use super::values::{self, is_binary, is_boolean, is_calendar, is_epoch, is_number};

/// One test: an operator on a key.
struct Test<'a> {
    /// `ForAllValues` or `ForAnyValue`.
    qualifier: Option<&'a str>,
    base: &'a str,
    if_exists: bool,
    /// The policy's values as text.
    listed: Vec<String>,
    /// The request's values.
    given: Vec<&'a str>,
}

impl Test<'_> {
    fn is_numeric(&self) -> bool {
        self.base.starts_with("Numeric")
    }

    fn is_date(&self) -> bool {
        self.base.starts_with("Date")
    }

    fn is_address(&self) -> bool {
        self.base.ends_with("IpAddress")
    }

    fn is_arn(&self) -> bool {
        self.base.starts_with("Arn")
    }

    fn is_negated(&self) -> bool {
        self.base.contains("Not")
    }

    /// Some value of the policy and some value of the request.
    fn some_pair(&self, knows: impl Fn(&str, &str) -> bool) -> bool {
        self.listed.iter().any(|listed| self.given.iter().any(|given| knows(listed, given)))
    }
}

fn test<'a>(part: &Part<'a>) -> Option<Test<'a>> {
    let Element::Test { operator, key, values } = part.element else { return None };
    let (qualifier, rest) = match operator.split_once(':') {
        Some((qualifier, rest)) => (Some(qualifier), rest),
        None => (None, operator),
    };
    let base = rest.strip_suffix("IfExists").unwrap_or(rest);
    Some(Test { qualifier, base, if_exists: base != rest, listed: texts(values), given: part.values(key) })
}

/// D-11: values of a policy as text.
fn texts(values: &Value) -> Vec<String> {
    match values {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// A variable of a string (V-03).
pub struct Variable<'a> {
    pub name: &'a str,
    pub default: Option<&'a str>,
    /// Where its `$` stands.
    pub at: usize,
}

impl Variable<'_> {
    /// V-08
    pub fn has_no_value(&self, part: &Part<'_>) -> bool {
        matches!(part.values(self.name).as_slice(), [] | [""])
    }
}

/// The variables of a string; escapes are none.
pub fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    text.match_indices("${").filter_map(|(at, _)| {
        let inside = text[at + 2..].split_once('}')?.0;
        let (name, default) = match inside.split_once(", ") {
            Some((name, default)) => (name, Some(default.trim_matches('\''))),
            None => (inside, None),
        };
        (!matches!(inside, "*" | "?" | "$")).then_some(Variable { name, default, at })
    })
}

/// The strings of an element in which variables may stand.
fn strings_with_variables(part: &Part<'_>) -> Vec<String> {
    match part.element {
        Element::Test { values, .. } => texts(values),
        Element::Resource => {
            [part.strings("Resource"), part.strings("NotResource")].concat().into_iter().map(str::to_owned).collect()
        }
        Element::Principal | Element::Action => Vec::new(),
    }
}

/// `several-values-in-variable`, V-10: a variable's key has several values, so that it cannot be told.
pub fn several_values_in_variable(part: &Part<'_>) -> bool {
    part.ours == Outcome::Undefined
        && part.has_variables()
        && strings_with_variables(part)
            .iter()
            .any(|text| variables(text).any(|variable| part.values(variable.name).len() > 1))
}

/// `variables-before-2012`, V-02: `${` and `}` in a document of the older version.
pub fn variables_before_2012(part: &Part<'_>) -> bool {
    let opens = |text: &String| text.split_once("${").is_some_and(|(_, rest)| rest.contains('}'));
    !part.has_variables() && strings_with_variables(part).iter().any(opens)
}

/// `escape-without-wildcards`, V-05: an escape, under an operator that has no wildcards.
pub fn escape_without_wildcards(part: &Part<'_>) -> bool {
    part.has_variables()
        && test(part).is_some_and(|test| {
            test.base.contains("Equals")
                && !test.is_arn()
                && test.listed.iter().any(|text| ["${*}", "${?}", "${$}"].iter().any(|escape| text.contains(escape)))
        })
}

/// `empty-default`, V-04 and V-08: a variable without value has an empty default.
pub fn empty_default(part: &Part<'_>) -> bool {
    part.has_variables()
        && strings_with_variables(part)
            .iter()
            .any(|text| variables(text).any(|one| one.default == Some("") && one.has_no_value(part)))
}

/// `comma-in-default`, V-04: a variable without value has a default in which a comma and a space stand.
pub fn comma_in_default(part: &Part<'_>) -> bool {
    part.has_variables()
        && strings_with_variables(part).iter().any(|text| {
            variables(text)
                .any(|one| one.default.is_some_and(|default| default.contains(", ")) && one.has_no_value(part))
        })
}

/// `case-beyond-ascii`, C-13: case is ignored, and a value that a variable brings and the request's are alike but for
/// the case of letters beyond ASCII.
pub fn case_beyond_ascii(part: &Part<'_>) -> bool {
    part.has_variables()
        && test(part).is_some_and(|test| {
            test.base.ends_with("IgnoreCase")
                && test.given.iter().any(|given| !given.is_ascii())
                && test
                    .listed
                    .iter()
                    .flat_map(|listed| variables(listed))
                    .any(|one| part.values(one.name).iter().any(|value| !value.is_ascii()))
        })
}

/// `glob-and-line-ends`: a pattern with a wildcard, over a text with a line end, or one with `?`, over a character
/// beyond the sixteen bits of a JavaScript character.
pub fn glob_over_unusual_characters(part: &Part<'_>) -> bool {
    let given = match test(part) {
        Some(test) if test.base.ends_with("Like") || test.is_arn() => test.given,
        None if matches!(part.element, Element::Resource) => vec![part.request.resource.as_str()],
        _ => return false,
    };
    strings_with_variables(part).iter().any(|pattern| given.iter().any(|text| units_matter(pattern, text)))
}

/// Whether a glob matches by characters, and not by JavaScript's units with wildcards that stop at line ends, or the
/// reverse. Of a pattern with variables only that it may.
fn units_matter(pattern: &str, text: &str) -> bool {
    const LINE_ENDS: [u16; 4] = [0x0a, 0x0d, 0x2028, 0x2029];
    let unusual = text.contains(['\n', '\r', '\u{2028}', '\u{2029}']) || text.chars().any(|one| one > '\u{ffff}');
    if !unusual || pattern.contains("${") {
        return unusual && pattern.contains(['*', '?']);
    }
    let characters = |text: &str| text.chars().collect::<Vec<_>>();
    let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let (star, mark) = (u16::from(b'*'), u16::from(b'?'));
    // The parts of an ARN are globs of their own (R-03, C-15).
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (whole, cut) = ((vec![pattern.to_owned()], vec![text.to_owned()]), (parts(pattern), parts(text)));
    [whole, cut].into_iter().any(|(patterns, texts)| {
        patterns.iter().zip(&texts).any(|(pattern, text)| {
            glob(&characters(pattern), &characters(text), '*', '?', |_| true)
                != glob(&units(pattern), &units(text), star, mark, |unit| !LINE_ENDS.contains(&unit))
        })
    })
}

/// `several-values`, C-08: several values, and no qualifier.
pub fn several_values(part: &Part<'_>) -> bool {
    part.ours == Outcome::Undefined
        && test(part).is_some_and(|test| test.qualifier.is_none() && test.base != "Null" && test.given.len() > 1)
}

/// `one-value-of-a-multivalued-key`, C-08 and K-06: no qualifier, on a key that is known to be multivalued and has
/// one value.
pub fn one_value_of_a_multivalued_key(part: &Part<'_>) -> bool {
    const MULTIVALUED: [&str; 7] = [
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    ];
    let Element::Test { key, .. } = part.element else { return false };
    MULTIVALUED.contains(&key.to_ascii_lowercase().as_str())
        && test(part).is_some_and(|test| test.qualifier.is_none() && test.base != "Null" && test.given.len() == 1)
}

/// `unreadable-value`, C-09: a value that the operator cannot read.
pub fn unreadable_value(part: &Part<'_>) -> bool {
    let Some(test) = test(part) else { return false };
    let reads: fn(&str) -> bool = match test.base {
        "Bool" => is_boolean,
        "BinaryEquals" => is_binary,
        _ if test.is_numeric() => is_number,
        _ if test.is_date() => |text| is_epoch(text) || is_calendar(text),
        _ if test.is_address() => |text| text.parse::<IpAddr>().is_ok(),
        _ if test.is_arn() => |text| text.matches(':').count() >= 5,
        _ => return false,
    };
    part.ours == Outcome::Undefined && test.given.iter().any(|given| !reads(given))
}

/// `null-of-empty`, C-11: `Null` on a key whose values are all empty.
pub fn null_of_empty(part: &Part<'_>) -> bool {
    part.ours == Outcome::Undefined && test(part).is_some_and(|test| test.base == "Null" && is_empty_set(&test.given))
}

/// `empty-set`, C-07: a qualifier, on a key whose values are all empty.
pub fn empty_set(part: &Part<'_>) -> bool {
    test(part).is_some_and(|test| test.qualifier.is_some() && is_empty_set(&test.given))
}

fn is_empty_set(given: &[&str]) -> bool {
    !given.is_empty() && given.iter().all(|given| given.is_empty())
}

/// `any-value-if-exists`, C-05: `ForAnyValue:...IfExists` on a key that is not present.
pub fn any_value_if_exists(part: &Part<'_>) -> bool {
    part.ours == Outcome::Undefined
        && test(part)
            .is_some_and(|test| test.qualifier == Some("ForAnyValue") && test.if_exists && test.given.is_empty())
}

/// `no-value-negated`, V-09: a negated operator, and a variable without value or default.
pub fn no_value_negated(part: &Part<'_>) -> bool {
    let Some(test) = test(part) else { return false };
    let without = |text: &String| variables(text).any(|one| one.default.is_none() && one.has_no_value(part));
    part.ours == Outcome::Matched && part.has_variables() && test.is_negated() && test.listed.iter().any(without)
}

/// `variable-in-arn-parts`, C-15: a variable begins before the fifth colon of an ARN pattern.
pub fn variable_in_arn_parts(part: &Part<'_>) -> bool {
    let early = |text: &String| variables(text).any(|one| text[..one.at].matches(':').count() < 5);
    part.has_variables() && test(part).is_some_and(|test| test.is_arn() && test.listed.iter().any(early))
}

/// `arn-first-part`, C-15: pattern and value differ in what stands before the first colon.
pub fn arn_first_part(part: &Part<'_>) -> bool {
    let first = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    test(part).is_some_and(|test| {
        test.is_arn() && test.some_pair(|listed, given| !simple_glob(first(listed).as_bytes(), first(given).as_bytes()))
    })
}

/// `exact-numbers`, C-16: two numbers that differ, and not as floating point.
pub fn exact_numbers(part: &Part<'_>) -> bool {
    test(part).is_some_and(|test| {
        test.is_numeric()
            && test.some_pair(|listed, given| {
                is_number(listed)
                    && is_number(given)
                    && listed.parse::<f64>() == given.parse::<f64>()
                    && values::decimal(listed) != values::decimal(given)
            })
    })
}

/// `epoch-beside-calendar`, C-17: seconds since 1970 on one side, a calendar's date on the other.
pub fn epoch_beside_calendar(part: &Part<'_>) -> bool {
    test(part).is_some_and(|test| {
        test.is_date()
            && test.some_pair(|listed, given| {
                is_epoch(listed) && is_calendar(given) || is_calendar(listed) && is_epoch(given)
            })
    })
}

/// `epoch-with-leading-zeros`, C-17: seconds since 1970 that begin with a zero, on either side.
pub fn epoch_with_leading_zeros(part: &Part<'_>) -> bool {
    let padded = |text: &str| is_epoch(text) && text.starts_with('0');
    test(part).is_some_and(|test| test.is_date() && test.some_pair(|listed, given| padded(listed) || padded(given)))
}

/// `fraction-of-a-second`, C-17: a date with more than three digits of a second's fraction.
pub fn fraction_of_a_second(part: &Part<'_>) -> bool {
    let long = |text: &str| {
        text.split_once('.').is_some_and(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count() > 3)
    };
    test(part).is_some_and(|test| test.is_date() && test.some_pair(|listed, given| long(listed) || long(given)))
}

/// `single-address`, C-19: an address without prefix, beside the same in another spelling or, negated, beside an
/// address of the other family.
pub fn single_address(part: &Part<'_>) -> bool {
    test(part).is_some_and(|test| {
        test.is_address()
            && test.some_pair(|listed, given| {
                let (Ok(one), Ok(other)) = (listed.parse::<IpAddr>(), given.parse::<IpAddr>()) else { return false };
                let respelled = listed != given && one.to_canonical() == other.to_canonical();
                respelled || test.is_negated() && one.is_ipv4() != other.is_ipv4()
            })
    })
}

/// `block-of-all-ipv4`, C-19: the IPv4 block with the prefix 0, beside an IPv4 address.
pub fn block_of_all_ipv4(part: &Part<'_>) -> bool {
    test(part).is_some_and(|test| {
        test.is_address()
            && test.some_pair(|listed, given| {
                listed.strip_suffix("/0").is_some_and(|address| address.contains('.') && !address.contains(':'))
                    && given.parse::<IpAddr>().is_ok_and(|given| given.is_ipv4())
            })
    })
}

/// `ipv4-inside-ipv6`, C-19: an IPv6 address that ends in, or stands for, an IPv4 address, on either side.
pub fn ipv4_inside_ipv6(part: &Part<'_>) -> bool {
    let inside = |text: &str| {
        let address = text.split('/').next().unwrap_or_default();
        address
            .parse::<IpAddr>()
            .is_ok_and(|read| read.is_ipv6() && (address.contains('.') || read.to_canonical().is_ipv4()))
    };
    test(part).is_some_and(|test| test.is_address() && test.some_pair(|listed, given| inside(listed) || inside(given)))
}
