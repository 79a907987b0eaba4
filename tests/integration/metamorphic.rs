//! What holds of the compiled gate with nobody to say what is right: a document and another that must mean the same,
//! or the opposite, or no less.

use portcullis::{Gate, Reason};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use crate::generate::document::{Document, Effect, Element, Operator, Principal, Statement, Test, Values, statement};
use crate::generate::{gate, gate_of, trial};
use crate::lines::{RequestLine, Texts};

fn reasons_of(gate: &Gate<Vec<u8>>, lines: &[RequestLine]) -> Vec<Reason> {
    lines.iter().map(|line| line.ask(|request| gate.decide(request).reason())).collect()
}

fn reasons(document: &Document, lines: &[RequestLine]) -> Vec<Reason> {
    reasons_of(&gate(document), lines)
}

/// The document with other statements.
fn with(document: &Document, statements: Vec<Statement>) -> Document {
    Document { statements, ..document.clone() }
}

/// The document with one more statement of this effect: the second where there are variables, else the first.
fn one_more(document: &Document, more: [Statement; 2], effect: Effect) -> Document {
    let [plain, varied] = more;
    let mut more = Statement { effect, ..if document.has_variables() { varied } else { plain } };
    more.mend();
    with(document, [document.statements.clone(), vec![more]].concat())
}

/// Two documents that answer alike.
fn same(one: &Document, other: &Document, lines: &[RequestLine]) -> Result<(), TestCaseError> {
    let (one_gate, other_gate) = (gate(one), gate(other));
    for line in lines {
        let ask = |gate: &Gate<Vec<u8>>| line.ask(|request| gate.decide(request).reason());
        let (left, right) = (ask(&one_gate), ask(&other_gate));
        let shown = || format!("{line:?}\n{}\n{}", one.json(), other.json());
        prop_assert_eq!(left, right, "{}", shown());
    }
    Ok(())
}

/// Two documents of which exactly one allows, whatever is asked that can be read.
fn opposite(one: &Document, other: &Document, lines: &[RequestLine]) -> Result<(), TestCaseError> {
    let (one_gate, other_gate) = (gate(one), gate(other));
    for line in lines.iter().filter(|line| line.ask(|request| request.check().is_ok())) {
        let allows = |gate: &Gate<Vec<u8>>| line.ask(|request| gate.decide(request).is_allowed());
        let shown = || format!("{line:?}\n{}\n{}", one.json(), other.json());
        prop_assert!(allows(&one_gate) != allows(&other_gate), "{}", shown());
    }
    Ok(())
}

impl Statement {
    /// The same with every list the other way round.
    fn turned(&self) -> Self {
        let mut turned = self.clone();
        if let Principal::Listed { aws, services, .. } = &mut turned.principal {
            aws.reverse();
            services.reverse();
        }
        turned.action.patterns.reverse();
        turned.resource.patterns.reverse();
        turned.tests.reverse();
        turned.tests.iter_mut().for_each(|test| test.values.reverse());
        turned
    }

    /// The statements that say together what this one does: one for each element of one of its lists, where the
    /// elements of that list are alternatives.
    fn split(&self, list: usize) -> Vec<Self> {
        match (list, &self.principal) {
            (0, Principal::Listed { negated: false, aws, services }) => {
                let listed = |aws, services| Principal::Listed { negated: false, aws, services };
                let aws = aws.iter().map(|one| listed(vec![*one], vec![]));
                let principals = aws.chain(services.iter().map(|one| listed(vec![], vec![*one])));
                principals.map(|principal| Self { principal, ..self.clone() }).collect()
            }
            (1, _) if !self.action.negated => {
                self.action.split().map(|action| Self { action, ..self.clone() }).collect()
            }
            (2, _) if !self.resource.negated => {
                self.resource.split().map(|resource| Self { resource, ..self.clone() }).collect()
            }
            (3, _) => match self.tests.split_first() {
                // C-02, C-06: some value of the list, for some value of the request.
                Some((test, others)) if !test.operator.is_negated() && test.operator.qualifier != "ForAllValues:" => {
                    let one = |value: &String| Test { values: vec![value.clone()], ..test.clone() };
                    let tests = test.values.iter().map(|value| [&[one(value)], others].concat());
                    tests.map(|tests| Self { tests, ..self.clone() }).collect()
                }
                _ => vec![self.clone()],
            },
            _ => vec![self.clone()],
        }
    }

    /// An Allow for everyone that asks for this element alone.
    fn of_action(action: Element) -> Self {
        Self { action, ..Self::everything() }
    }

    fn of_resource(resource: Element) -> Self {
        Self { resource, ..Self::everything() }
    }

    fn of_test(test: Test) -> Self {
        Self { tests: vec![test], ..Self::everything() }
    }
}

impl Element {
    fn split(&self) -> impl Iterator<Item = Self> {
        self.patterns.iter().map(|pattern| Self { negated: self.negated, patterns: vec![pattern.clone()] })
    }

    fn complement(&self) -> Self {
        Self { negated: !self.negated, patterns: self.patterns.clone() }
    }
}

/// Operators that say the opposite of each other; of a list of values where they are `Not` operators, of a single
/// value otherwise.
const OPPOSITES: [(&str, &str); 12] = [
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    ("StringLike", "StringNotLike"),
    ("NumericEquals", "NumericNotEquals"),
    ("NumericLessThan", "NumericGreaterThanEquals"),
    ("NumericGreaterThan", "NumericLessThanEquals"),
    ("DateEquals", "DateNotEquals"),
    ("DateLessThan", "DateGreaterThanEquals"),
    ("DateGreaterThan", "DateLessThanEquals"),
    ("IpAddress", "NotIpAddress"),
    ("ArnEquals", "ArnNotEquals"),
    ("ArnLike", "ArnNotLike"),
];

fn opposite_of(base: &str) -> Option<&'static str> {
    OPPOSITES.iter().find_map(|(one, other)| match base {
        base if base == *one => Some(*other),
        base if base == *other => Some(*one),
        _ => None,
    })
}

/// Whether the operator can read this value of a request.
fn is_readable(operator: Operator, text: &str) -> bool {
    match operator.values() {
        Values::Text => true,
        Values::Arn => text.matches(':').count() >= 5,
        Values::Of(scale) => scale.edges.iter().any(|edge| edge.same.contains(&text) || edge.beside.contains(&text)),
    }
}

/// The one value that the request gives a key.
fn single<'l>(line: &'l RequestLine, key: &str) -> Option<&'l str> {
    let (_, texts) = line.context.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    match texts {
        Texts::One(text) => Some(text),
        Texts::List(texts) => match texts.as_slice() {
            [text] => Some(text),
            _ => None,
        },
    }
}

/// Every string written with escapes alone, keys the other way round, and white space everywhere.
fn escaped(value: &Value) -> String {
    let text = |text: &str| {
        let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        format!("\"{units}\"")
    };
    match value {
        Value::String(string) => text(string),
        Value::Array(array) => format!("[\t{}\r\n]", array.iter().map(escaped).collect::<Vec<_>>().join(" ,\n")),
        Value::Object(map) => {
            let pairs = map.iter().rev().map(|(key, value)| format!("{} : {}", text(key), escaped(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// E-03.
    #[test]
    fn the_order_of_statements_decides_nothing(trial in trial(), by in any::<Index>()) {
        let mut turned = trial.document.statements.clone();
        turned.rotate_left(by.index(trial.document.statements.len()));
        turned.reverse();
        same(&trial.document, &with(&trial.document, turned), &trial.lines())?;
    }

    /// E-03.
    #[test]
    fn the_order_of_lists_decides_nothing(trial in trial()) {
        let turned = trial.document.statements.iter().map(Statement::turned).collect();
        same(&trial.document, &with(&trial.document, turned), &trial.lines())?;
    }

    /// One more Allow takes no allow away and lifts no explicit deny.
    #[test]
    fn one_more_allow(trial in trial(), more in [statement(false), statement(true)]) {
        let after = one_more(&trial.document, more, Effect::Allow);
        let lines = trial.lines();
        for (before, after) in reasons(&trial.document, &lines).into_iter().zip(reasons(&after, &lines)) {
            prop_assert!(before == after || (before == Reason::ImplicitDeny && after == Reason::ExplicitAllow));
        }
    }

    /// One more Deny allows nothing that was not.
    #[test]
    fn one_more_deny(trial in trial(), more in [statement(false), statement(true)]) {
        let after = one_more(&trial.document, more, Effect::Deny);
        let lines = trial.lines();
        for (before, after) in reasons(&trial.document, &lines).into_iter().zip(reasons(&after, &lines)) {
            prop_assert!(before == after || after == Reason::ExplicitDeny);
        }
    }

    /// P-04, A-04, R-12, C-02: the elements of a list are alternatives, and so are statements.
    #[test]
    fn a_list_is_as_many_statements(trial in trial(), list in 0usize..4) {
        let split = trial.document.statements.iter().flat_map(|statement| statement.split(list)).collect();
        same(&trial.document, &with(&trial.document, split), &trial.lines())?;
    }

    /// White space, the order of keys and escapes are no part of a document's meaning.
    #[test]
    fn form_decides_nothing(trial in trial()) {
        let lines = trial.lines();
        let document = trial.document.json();
        let plain = reasons(&trial.document, &lines);
        prop_assert_eq!(&plain, &reasons_of(&gate_of(&serde_json::to_string_pretty(&document).unwrap()), &lines));
        prop_assert_eq!(&plain, &reasons_of(&gate_of(&escaped(&document)), &lines));
    }

    /// A-02, C-21: the case of actions and of key names is no part of it either.
    #[test]
    fn the_case_of_actions_and_keys_decides_nothing(trial in trial()) {
        let lines = trial.lines();
        let louder = lines.iter().cloned().map(|mut line| {
            line.action = line.action.to_ascii_uppercase();
            line.context.0.iter_mut().for_each(|(name, _)| *name = name.to_ascii_uppercase());
            line
        });
        prop_assert_eq!(reasons(&trial.document, &lines), reasons(&trial.document, &louder.collect::<Vec<_>>()));
    }

    /// what a list of resources allows and what its `NotResource` allows is everything, and nothing twice.
    /// (V-08 to V-10 make exceptions for variables.)
    #[test]
    fn not_resource_is_the_complement(trial in trial()) {
        for statement in &trial.document.statements {
            let resource = &statement.resource;
            if trial.document.has_variables() && resource.patterns.iter().any(|pattern| pattern.contains("${")) {
                continue;
            }
            let of = |resource| with(&trial.document, vec![Statement::of_resource(resource)]);
            opposite(&of(resource.clone()), &of(resource.complement()), &trial.lines())?;
        }
    }

    ///
    #[test]
    fn not_action_is_the_complement(trial in trial()) {
        for statement in &trial.document.statements {
            let of = |action| with(&trial.document, vec![Statement::of_action(action)]);
            opposite(&of(statement.action.clone()), &of(statement.action.complement()), &trial.lines())?;
        }
    }

    /// C-02, C-08: of one value that is there and can be read, one of two opposite operators holds.
    #[test]
    fn a_negated_operator_is_the_complement(trial in trial(), at in any::<Index>()) {
        for test in trial.document.statements.iter().flat_map(|statement| &statement.tests) {
            let Some(other) = opposite_of(test.operator.base) else { continue };
            if trial.document.has_variables() && test.values.iter().any(|value| value.contains("${")) {
                continue;
            }
            let is_a_list = test.operator.is_negated() || other.contains("Not");
            let values = if is_a_list { test.values.clone() } else { vec![at.get(&test.values).clone()] };
            let of = |base| {
                let test = Test { operator: Operator::plain(base), values: values.clone(), ..test.clone() };
                with(&trial.document, vec![Statement::of_test(test)])
            };
            let readable = |line: &RequestLine| single(line, test.key).is_some_and(|text| is_readable(test.operator, text));
            let lines: Vec<_> = trial.lines().into_iter().filter(readable).collect();
            opposite(&of(test.operator.base), &of(other), &lines)?;
        }
    }

    /// C-06 to C-08, C-10: of one value that is there and not empty, qualifiers and `IfExists` change nothing.
    #[test]
    fn of_one_value_qualifiers_change_nothing(
        trial in trial(),
        qualifier in select(vec!["", "ForAllValues:", "ForAnyValue:"]),
        if_exists in any::<bool>(),
    ) {
        for statement in &trial.document.statements {
            let Some(test) = statement.tests.first().filter(|test| test.operator.base != "Null") else { continue };
            let of = |operator| {
                let test = Test { operator, ..test.clone() };
                with(&trial.document, vec![Statement { effect: statement.effect, ..Statement::of_test(test) }])
            };
            let is_one = |line: &RequestLine| single(line, test.key).is_some_and(|text| !text.is_empty());
            let lines: Vec<_> = trial.lines().into_iter().filter(is_one).collect();
            let plain = Operator::plain(test.operator.base);
            same(&of(plain), &of(Operator { qualifier, if_exists, ..plain }), &lines)?;
        }
    }
}
