use portcullis::{Caller, Gate, LoadError, Request};

static BLOB: &[u8] = portcullis::include_gate!("gate.gate");

fn main() -> Result<(), LoadError> {
    let gate = Gate::load(BLOB)?;
    let caller = Caller::Arn("arn:aws:sts::123412341234:assumed-role/reader/session-1");
    for path in ["prod/GET/pets/42", "prod/DELETE/pets/42"] {
        let resource = format!("arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/{path}");
        let decision = gate.decide(&Request::invoke(caller, &resource));
        println!("{path}: {}", decision.reason().as_str());
    }
    Ok(())
}
