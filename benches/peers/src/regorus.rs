//! Regorus: `policy.rego` compiled once to its virtual machine's program, the statements as data by API, and the
//! inputs built beforehand.

use std::cell::RefCell;
use std::sync::Arc;

use regorus::cache::Config;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};
use serde_json::json;

use crate::work::{Peer, Work};

const ALLOW: &str = "data.gate.allow";

/// Sets Regorus up.
pub fn set_up(work: &Work) -> Peer {
    let mut apis = serde_json::Map::new();
    for statement in &work.statements {
        let mut translated = json!({"who": statement.who, "tail": statement.tail});
        if let Some(condition) = &statement.condition {
            translated["condition"] = if condition.is_network {
                json!({"key": condition.key, "network": condition.values[0], "values": []})
            } else {
                json!({"key": condition.key, "values": condition.values})
            };
        }
        let api = apis.entry(&statement.api).or_insert_with(|| json!({"allow": [], "deny": []}));
        let effect = if statement.is_deny { "deny" } else { "allow" };
        api[effect].as_array_mut().expect("a list").push(translated);
    }
    let data = Value::from_json_str(&json!({"apis": apis}).to_string()).expect("the data is JSON");

    // By default it keeps 128 compiled globs, and compiles the others at every call.
    regorus::cache::configure(Config { glob: Config::MAX_CAPACITY, ..Config::default() });
    let mut engine = Engine::new();
    engine.add_policy("policy.rego".to_owned(), include_str!("policy.rego").to_owned()).expect("the policy is Rego");
    engine.add_data(data.clone()).expect("the data is an object");
    let compiled = engine.compile_with_entrypoint(&ALLOW.into()).expect("the policy compiles");
    let program = Compiler::compile_from_policy(&compiled, &[ALLOW]).expect("the policy compiles");
    let mut machine = RegoVM::new_with_policy(compiled);
    machine.load_program(Arc::clone(&program));
    machine.set_data(data).expect("the data is an object");

    let input = |asked: &crate::work::Asked| {
        let input = json!({
            "api": asked.api, "tail": asked.tail, "context": asked.context,
            "identities": ["*", asked.identity, asked.account],
        });
        Value::from_json_str(&input.to_string()).expect("the input is JSON")
    };
    let inputs: Vec<_> = work.requests.iter().map(input).collect();
    let machine = RefCell::new(machine);
    Box::new(move |number| {
        let mut machine = machine.borrow_mut();
        machine.set_input(inputs[number].clone());
        machine.execute().expect("the policy has no error") == Value::Bool(true)
    })
}
