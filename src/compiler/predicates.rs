//! Conditions to predicates: equal ones are stored once.

use std::collections::HashMap;

use ipnet::IpNet;

use super::limits::{CompileError, number};
use super::strings::{Strings, glob};
use crate::blob::Span;
use crate::blob::predicates::{Key, ListedValue, Operator, Predicate, PredicateId};
use crate::policy::{self, BaseOperator, ConditionTest, ConditionValue};

/// The condition sections while they grow.
#[derive(Debug, Default)]
pub(super) struct Predicates {
    pub keys: Vec<Key>,
    pub predicates: Vec<Predicate>,
    pub values: Vec<ListedValue>,
    pub conditions: Vec<PredicateId>,
    key_numbers: HashMap<String, u32>,
    predicate_numbers: HashMap<(u32, u32, Vec<Vec<u8>>), u32>,
}

impl Predicates {
    /// A statement's condition. The error says which part no blob can express.
    pub fn condition(&mut self, tests: &[ConditionTest], strings: &mut Strings) -> Result<Span, PredicateError> {
        let start = number("conditions", self.conditions.len())?;
        for test in tests {
            let predicate = self.predicate(test, strings)?;
            self.conditions.push(PredicateId(predicate.into()));
        }
        number("conditions", self.conditions.len())?;
        Ok(Span { start, len: number("conditions", tests.len())? })
    }

    /// The number of a context key; names are equal when ASCII case is ignored (C-21).
    pub fn key(&mut self, name: &str, strings: &mut Strings) -> Result<u32, CompileError> {
        let name = name.to_ascii_lowercase();
        if let Some(number) = self.key_numbers.get(&name) {
            return Ok(*number);
        }
        let number = number("context keys", self.keys.len())?.get();
        self.keys.push(Key { name: strings.intern(name.as_bytes())? });
        self.key_numbers.insert(name, number);
        Ok(number)
    }

    fn predicate(&mut self, test: &ConditionTest, strings: &mut Strings) -> Result<u32, PredicateError> {
        let operator = operator(test.operator.value)?.number();
        let key = self.key(&test.key.value, strings)?;
        // Listed values are alternatives (C-02): their order and repeats mean nothing.
        let mut values = Vec::with_capacity(test.values.len());
        for value in &test.values {
            values.push(value_bytes(&value.value)?);
        }
        values.sort_unstable();
        values.dedup();

        let identity = (operator, key, values);
        if let Some(number) = self.predicate_numbers.get(&identity) {
            return Ok(*number);
        }
        let start = number("condition values", self.values.len())?;
        for value in &identity.2 {
            self.values.push(ListedValue(strings.intern(value)?));
        }
        let len = number("condition values", identity.2.len())?;
        number("condition values", self.values.len())?;
        let number = number("predicates", self.predicates.len())?.get();
        self.predicates.push(Predicate { operator: operator.into(), key: key.into(), values: Span { start, len } });
        self.predicate_numbers.insert(identity, number);
        Ok(number)
    }
}

/// Why a condition could not be compiled.
#[derive(Debug)]
pub(super) enum PredicateError {
    Limit(CompileError),
    Unsupported(&'static str),
}

impl From<CompileError> for PredicateError {
    fn from(error: CompileError) -> Self {
        Self::Limit(error)
    }
}

fn operator(operator: policy::Operator) -> Result<Operator, PredicateError> {
    if operator.qualifier.is_some() {
        return Err(PredicateError::Unsupported("a condition operator with a qualifier"));
    }
    if operator.if_exists {
        return Err(PredicateError::Unsupported("a condition operator with `IfExists`"));
    }
    match operator.base {
        BaseOperator::StringEquals => Ok(Operator::StringEquals),
        BaseOperator::StringLike => Ok(Operator::StringLike),
        BaseOperator::IpAddress => Ok(Operator::IpAddress),
        BaseOperator::Bool => Ok(Operator::Bool),
        BaseOperator::Null => Ok(Operator::Null),
        _ => Err(PredicateError::Unsupported("a condition operator")),
    }
}

/// A value as [`ListedValue`] says that its operator reads it.
fn value_bytes(value: &ConditionValue) -> Result<Vec<u8>, PredicateError> {
    match value {
        ConditionValue::Text(template) => glob(template).ok_or(PredicateError::Unsupported("a policy variable")),
        ConditionValue::Bool(value) => Ok(value.to_string().into_bytes()),
        ConditionValue::Network(IpNet::V4(net)) => Ok([&[net.prefix_len()][..], &net.network().octets()].concat()),
        ConditionValue::Network(IpNet::V6(net)) => Ok([&[net.prefix_len()][..], &net.network().octets()].concat()),
        ConditionValue::Number { .. } | ConditionValue::Instant { .. } | ConditionValue::Bytes(_) => {
            Err(PredicateError::Unsupported("a condition value"))
        }
    }
}
