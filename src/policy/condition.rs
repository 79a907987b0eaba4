//! Names in conditions: operators (C-01) and context keys (C-21).

use std::fmt;

use super::error::{Problem, nearest, quote};
use super::json::{did_you_mean, list};
use super::{BaseOperator, Operator, Qualifier};

/// Every operator, and its name.
const OPERATORS: [(&str, BaseOperator); 27] = [
    ("StringEquals", BaseOperator::StringEquals),
    ("StringNotEquals", BaseOperator::StringNotEquals),
    ("StringEqualsIgnoreCase", BaseOperator::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", BaseOperator::StringNotEqualsIgnoreCase),
    ("StringLike", BaseOperator::StringLike),
    ("StringNotLike", BaseOperator::StringNotLike),
    ("NumericEquals", BaseOperator::NumericEquals),
    ("NumericNotEquals", BaseOperator::NumericNotEquals),
    ("NumericLessThan", BaseOperator::NumericLessThan),
    ("NumericLessThanEquals", BaseOperator::NumericLessThanEquals),
    ("NumericGreaterThan", BaseOperator::NumericGreaterThan),
    ("NumericGreaterThanEquals", BaseOperator::NumericGreaterThanEquals),
    ("DateEquals", BaseOperator::DateEquals),
    ("DateNotEquals", BaseOperator::DateNotEquals),
    ("DateLessThan", BaseOperator::DateLessThan),
    ("DateLessThanEquals", BaseOperator::DateLessThanEquals),
    ("DateGreaterThan", BaseOperator::DateGreaterThan),
    ("DateGreaterThanEquals", BaseOperator::DateGreaterThanEquals),
    ("Bool", BaseOperator::Bool),
    ("BinaryEquals", BaseOperator::BinaryEquals),
    ("IpAddress", BaseOperator::IpAddress),
    ("NotIpAddress", BaseOperator::NotIpAddress),
    ("ArnEquals", BaseOperator::ArnEquals),
    ("ArnLike", BaseOperator::ArnLike),
    ("ArnNotEquals", BaseOperator::ArnNotEquals),
    ("ArnNotLike", BaseOperator::ArnNotLike),
    ("Null", BaseOperator::Null),
];

/// The qualifiers, as they stand before an operator.
const QUALIFIERS: [(&str, Qualifier); 2] =
    [("ForAllValues:", Qualifier::ForAllValues), ("ForAnyValue:", Qualifier::ForAnyValue)];

const IF_EXISTS: &str = "IfExists";

/// Tag keys, in lower case: each needs the name of a tag after a `/` (C-21).
const TAG_KEYS: [&str; 3] = ["aws:principaltag", "aws:requesttag", "aws:resourcetag"];

impl BaseOperator {
    /// AWS's name of the operator.
    pub fn name(self) -> &'static str {
        OPERATORS.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    /// Whether it holds where no listed value matches (C-02).
    pub fn is_negated(self) -> bool {
        self.name().contains("Not")
    }

    /// Whether it compares numbers (C-16).
    pub fn is_numeric(self) -> bool {
        self.name().starts_with("Numeric")
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let qualifier = QUALIFIERS.iter().find(|(_, qualifier)| Some(*qualifier) == self.qualifier);
        let suffix = if self.if_exists { IF_EXISTS } else { "" };
        write!(formatter, "{}{}{suffix}", qualifier.map_or("", |(name, _)| name), self.base.name())
    }
}

/// Reads the name of an operator (C-01).
pub(super) fn read_operator(text: &str) -> Result<Operator, Problem> {
    let (qualifier, unqualified) = QUALIFIERS
        .iter()
        .find_map(|(name, qualifier)| Some((Some(*qualifier), text.strip_prefix(name)?)))
        .unwrap_or((None, text));
    let stem = unqualified.strip_suffix(IF_EXISTS);
    let Some((_, base)) = OPERATORS.iter().find(|(name, _)| *name == stem.unwrap_or(unqualified)) else {
        let problem =
            Problem::new(format!("unknown condition operator {}", quote(text)), "expected an IAM condition operator");
        let help = match meant_operator(text) {
            Some(meant) => did_you_mean(text, &meant),
            None => hint(text),
        };
        return Err(problem.help(help));
    };
    let operator = Operator { qualifier, base: *base, if_exists: stem.is_some() };
    if operator.base == BaseOperator::Null && (qualifier.is_some() || operator.if_exists) {
        let problem = Problem::new(
            format!("operator {} would be constant", quote(text)),
            "expected `Null` without `ForAllValues`, `ForAnyValue` and `IfExists`",
        );
        return Err(problem.help("`Null` itself asks whether the key is present"));
    }
    Ok(operator)
}

/// The operator that an unknown name was probably meant to be.
fn meant_operator(text: &str) -> Option<String> {
    let (before, after) = match text.split_once(':') {
        Some((before, after)) => (Some(before), after),
        None => (None, text),
    };
    let qualifier = match before {
        Some(before) => nearest(before, QUALIFIERS.iter().map(|(name, _)| name.trim_end_matches(':')))?,
        None => "",
    };
    let colon = if before.is_some() { ":" } else { "" };
    let names: Vec<_> =
        OPERATORS.iter().flat_map(|(name, _)| [(*name).to_owned(), format!("{name}{IF_EXISTS}")]).collect();
    let operator = nearest(after, names.iter().map(String::as_str))?;
    let meant = format!("{qualifier}{colon}{operator}");
    read_operator(&meant).is_ok().then_some(meant)
}

/// What may help with an unknown operator that resembles none.
fn hint(text: &str) -> String {
    if let Some((qualifier, _)) = QUALIFIERS.iter().find(|(name, _)| name.trim_end_matches(':') == text) {
        return format!("a qualifier stands before an operator, as `{qualifier}StringEquals`");
    }
    if text.contains(':') && !text.starts_with("For") && read_key_name(text).is_ok() {
        return format!(
            "put the context key under an operator, as `{{\"StringEquals\": {{\"{}\": …}}}}`",
            text.escape_debug()
        );
    }
    let family = ["String", "Numeric", "Date", "Arn", "Ip"].into_iter().find(|family| text.contains(family));
    let names: Vec<_> = OPERATORS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| family.is_none_or(|family| name.contains(family)))
        .collect();
    format!("the operators are {}", list(&names))
}

/// Checks the name of a context key (C-21): `prefix:name` or `prefix:name/rest`.
pub(crate) fn read_key_name(text: &str) -> Result<(), Problem> {
    let well_formed = text.split_once(':').is_some_and(|(prefix, tail)| {
        let (name, rest) = match tail.split_once('/') {
            Some((name, rest)) => (name, Some(rest)),
            None => (tail, None),
        };
        !prefix.is_empty() && !prefix.contains('/') && !name.is_empty() && !name.contains(':') && rest != Some("")
    });
    if !well_formed {
        let problem =
            Problem::new(format!("{} is no context key", quote(text)), "expected `prefix:name` or `prefix:name/rest`");
        let tag = text.rsplit_once(':').filter(|(key, _)| TAG_KEYS.iter().any(|tag| tag.eq_ignore_ascii_case(key)));
        let help = match tag {
            Some((key, name)) => format!("did you mean {}?", quote(&format!("{key}/{name}"))),
            None if !text.is_empty() && !text.contains([':', '/']) => {
                format!("did you mean {}?", quote(&format!("aws:{text}")))
            }
            None => {
                "a key has one colon, as `aws:SourceVpce`; more may follow a `/`, as `aws:PrincipalTag/team`".to_owned()
            }
        };
        return Err(problem.help(help));
    }
    if TAG_KEYS.iter().any(|key| key.eq_ignore_ascii_case(text)) {
        let problem = Problem::new(format!("{} names no tag", quote(text)), "expected a tag's name after a `/`");
        return Err(problem.help(format!("write {}", quote(&format!("{text}/team")))));
    }
    Ok(())
}
