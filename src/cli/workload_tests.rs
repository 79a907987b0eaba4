//! Tests of `workload.rs`, which the benches include without them.

use clap::ValueEnum;

use super::workload::{Plan, Shape};

#[test]
fn the_same_plan_makes_the_same_text() {
    for shape in Shape::value_variants() {
        let plan = Plan { shape: *shape, statements: 30, requests: 20, sessions: 0.7, seed: 7 };
        let made = plan.make();
        assert_eq!(made, plan.make());
        assert_ne!(made, Plan { seed: 8, ..plan }.make());
        assert_eq!(made.requests.lines().count(), 20);
    }
}

#[test]
fn a_workload_never_changes() {
    // Figures of different versions could not be compared.
    let made = Plan { shape: Shape::Gateway, statements: 10, requests: 1, sessions: 0.7, seed: 7 }.make();
    let request = r#"{"action":"execute-api:Invoke","context":{"aws:PrincipalOrgID":"o-p4s6sccct5","aws:SourceVpce":"vpce-89d20de1","aws:UserAgent":"invoices/1.4","aws:VpcSourceIp":"10.216.72.177"},"principal":"arn:aws:iam::372594955804:role/sessions-3","resource":"arn:aws:execute-api:us-east-1:372594955804:8v84rftq4e/v2/PUT/users/887"}"#;
    assert_eq!(made.requests, format!("{request}\n"));
}
