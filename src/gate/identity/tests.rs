//! Which texts are principals (P-02, P-15), which are resources, which questions can be read (E-07).

use super::{Account, Identity, Resource};
use crate::gate::request::{Caller, Context, Fault, MAX_PRINCIPAL_BYTES, MAX_RESOURCE_BYTES, Request, Value};

const A: Account<'_> = Account { partition: "aws", id: "111122223333" };
const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";

#[track_caller]
fn reads(arn: &str, identity: Identity<'_>) {
    assert_eq!(Identity::read(Caller::Arn(arn)), Some(identity), "{arn}");
}

#[test]
fn p_15_forms() {
    assert_eq!(Identity::read(Caller::Anonymous), Some(Identity::Anonymous));
    reads("arn:aws:iam::111122223333:root", Identity::Root(A));
    let arn = "arn:aws:iam::111122223333:user/Ann";
    reads(arn, Identity::User { arn, account: A, path: "Ann" });
    let arn = "arn:aws:iam::111122223333:user/team/red/Ann";
    reads(arn, Identity::User { arn, account: A, path: "team/red/Ann" });
    let arn = "arn:aws:iam::111122223333:role/developer";
    reads(arn, Identity::Role { arn, account: A, path: "developer" });
    let arn = "arn:aws:iam::111122223333:role/service/x/developer";
    reads(arn, Identity::Role { arn, account: A, path: "service/x/developer" });
    let arn = "arn:aws:sts::111122223333:assumed-role/developer/monday";
    reads(arn, Identity::Session { arn, account: A, path: "developer/monday", role: "developer" });
    let arn = "arn:aws:sts::111122223333:federated-user/Bob";
    reads(arn, Identity::FederatedUser { arn, account: A, name: "Bob" });
    let service = "apigateway.amazonaws.com";
    assert_eq!(Identity::read(Caller::Service(service)), Some(Identity::Service(service)));
}

/// A name is any text without `/`, `*`, `?`: colons, blanks and other scripts too.
#[test]
fn p_02_names() {
    for name in ["a:b", "root", "user", "a@b.c", " ", "日本", "${aws:username}", ":", "arn:aws:iam::111122223333:root"]
    {
        let arn = format!("arn:aws:iam::111122223333:user/{name}");
        reads(&arn, Identity::User { arn: &arn, account: A, path: name });
        let arn = format!("arn:aws:sts::111122223333:assumed-role/{name}/{name}");
        let path = format!("{name}/{name}");
        reads(&arn, Identity::Session { arn: &arn, account: A, path: &path, role: name });
        let arn = format!("arn:aws:sts::111122223333:federated-user/{name}");
        reads(&arn, Identity::FederatedUser { arn: &arn, account: A, name });
    }
}

#[test]
fn p_02_partitions() {
    for partition in ["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-2", "aws--"] {
        let arn = format!("arn:{partition}:iam::111122223333:root");
        reads(&arn, Identity::Root(Account { partition, id: "111122223333" }));
    }
    for partition in ["", "aw", "awscn", "aws-", "AWS", "aws-CN", "aws_cn", "aws-é", "aws*", "gcp", "aws-cn "] {
        let arn = format!("arn:{partition}:iam::111122223333:root");
        assert_eq!(Identity::read(Caller::Arn(&arn)), None, "{arn}");
    }
}

#[test]
fn p_15_non_forms() {
    for arn in [
        // What a policy may write and a request may not.
        "",
        "*",
        "111122223333",
        "anonymous",
        "AIDACKCEVSQ6C2EXAMPLE",
        // Not an ARN of six parts.
        "arn",
        "arn:",
        "arn:aws:iam::111122223333",
        "arn:aws:iam::111122223333:",
        "ARN:aws:iam::111122223333:root",
        " arn:aws:iam::111122223333:root",
        "arn:aws:iam:111122223333:root",
        // Accounts and regions.
        "arn:aws:iam:::root",
        "arn:aws:iam::11112222333:root",
        "arn:aws:iam::1111222233334:root",
        "arn:aws:iam::11112222333x:root",
        "arn:aws:iam::*:root",
        "arn:aws:iam::１１１１２２２２３３３３:root",
        "arn:aws:iam::1111-2222-3333:root",
        "arn:aws:iam:us-east-1:111122223333:root",
        "arn:aws:sts:us-east-1:111122223333:assumed-role/developer/monday",
        // Kinds.
        "arn:aws:iam::111122223333:root/",
        "arn:aws:iam::111122223333:root/x",
        "arn:aws:iam::111122223333:Root",
        "arn:aws:iam::111122223333:root ",
        "arn:aws:sts::111122223333:root",
        "arn:aws:iam::111122223333:group/Admins",
        "arn:aws:iam::111122223333:User/Ann",
        "arn:aws:iam::111122223333:instance-profile/x",
        "arn:aws:iam::111122223333:policy/x",
        "arn:aws:iam::111122223333:saml-provider/x",
        "arn:aws:sts::111122223333:user/Ann",
        "arn:aws:sts::111122223333:role/developer",
        "arn:aws:iam::111122223333:assumed-role/developer/monday",
        "arn:aws:iam::111122223333:federated-user/Bob",
        "arn:aws:sts::111122223333:self",
        "arn:aws:IAM::111122223333:user/Ann",
        "arn:aws:s3::111122223333:user/Ann",
        "arn:aws:::111122223333:user/Ann",
        // Names and paths: empty, wild, one too few, one too many.
        "arn:aws:iam::111122223333:user",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam::111122223333:user//Ann",
        "arn:aws:iam::111122223333:user/team/",
        "arn:aws:iam::111122223333:user/A*",
        "arn:aws:iam::111122223333:user/A?",
        "arn:aws:iam::111122223333:user/*/Ann",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::111122223333:role/a//b",
        "arn:aws:sts::111122223333:assumed-role/developer",
        "arn:aws:sts::111122223333:assumed-role/developer/",
        "arn:aws:sts::111122223333:assumed-role//monday",
        "arn:aws:sts::111122223333:assumed-role/service/developer/monday",
        "arn:aws:sts::111122223333:assumed-role/developer/*",
        "arn:aws:sts::111122223333:federated-user",
        "arn:aws:sts::111122223333:federated-user/",
        "arn:aws:sts::111122223333:federated-user/a/b",
        "arn:aws:sts::111122223333:federated-user/?",
    ] {
        assert_eq!(Identity::read(Caller::Arn(arn)), None, "{arn}");
    }
    for service in ["", "*", "*.amazonaws.com", "a?.amazonaws.com", "a/b"] {
        assert_eq!(Identity::read(Caller::Service(service)), None, "{service}");
    }
}

#[test]
fn e_09_the_longest_principal() {
    let head = "arn:aws:iam::111122223333:user/";
    let arn = format!("{head}{}", "u".repeat(MAX_PRINCIPAL_BYTES - head.len()));
    assert!(Identity::read(Caller::Arn(&arn)).is_some());
    assert_eq!(Identity::read(Caller::Arn(&format!("{arn}u"))), None);
    let service = "s".repeat(MAX_PRINCIPAL_BYTES);
    assert!(Identity::read(Caller::Service(&service)).is_some());
    assert_eq!(Identity::read(Caller::Service(&format!("{service}s"))), None);
    // Bytes, not characters.
    let arn = format!("{head}{}", "é".repeat(MAX_PRINCIPAL_BYTES / 2));
    assert_eq!(Identity::read(Caller::Arn(&arn)), None);
}

#[test]
fn accounts() {
    for arn in [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/Ann",
        "arn:aws:iam::111122223333:role/developer",
        "arn:aws:sts::111122223333:assumed-role/developer/monday",
        "arn:aws:sts::111122223333:federated-user/Bob",
    ] {
        assert_eq!(Identity::read(Caller::Arn(arn)).unwrap().account(), Some(A), "{arn}");
    }
    assert_eq!(Identity::Anonymous.account(), None);
    assert_eq!(Identity::Service("apigateway.amazonaws.com").account(), None);
}

#[test]
fn r_03_a_resource_is_cut_at_its_first_five_colons() {
    let resource = Resource::read(RESOURCE).unwrap();
    assert_eq!((resource.partition, resource.service, resource.region), ("aws", "execute-api", "us-east-1"));
    assert_eq!((resource.account, resource.rest), ("123412341234", "a1b2c3d4e5/prod/GET/pets"));
    let resource = Resource::read("arn:a:b:c:d:e:f::").unwrap();
    assert_eq!((resource.account, resource.rest), ("d", "e:f::"));
    let empty = Resource { text: "arn:::::", partition: "", service: "", region: "", account: "", rest: "" };
    assert_eq!(Resource::read("arn:::::"), Some(empty));
    for text in [
        "",
        "*",
        "arn",
        "arn:",
        "arn::::",
        "arn:aws:execute-api:us-east-1:123412341234",
        "ARN:a:b:c:d:e",
        "execute-api:/prod/GET/pets",
        " arn:a:b:c:d:e",
        "urn:a:b:c:d:e",
    ] {
        assert_eq!(Resource::read(text), None, "{text}");
    }
    let longest = format!("{RESOURCE}{}", "x".repeat(MAX_RESOURCE_BYTES - RESOURCE.len()));
    assert!(Resource::read(&longest).is_some());
    assert_eq!(Resource::read(&format!("{longest}x")), None);
}

#[test]
fn e_07_what_cannot_be_read() {
    let user = Caller::Arn("arn:aws:iam::111122223333:user/Ann");
    let fine = Request::invoke(user, RESOURCE);
    assert_eq!(fine.check(), Ok(()));
    //
    for action in ["execute-api:*", "s3:GetObject", "EXECUTE-API:invoke", "?:*"] {
        assert_eq!(Request { action, ..fine }.check(), Ok(()), "{action}");
    }
    for action in ["", "*", ":", "Invoke", "execute-api:", ":Invoke", "execute-api::Invoke", "a:b:c"] {
        assert_eq!(Request { action, ..fine }.check(), Err(Fault::Action), "{action}");
    }
    assert_eq!(Request { resource: "*", ..fine }.check(), Err(Fault::Resource));
    assert_eq!(Request { caller: Caller::Arn("*"), ..fine }.check(), Err(Fault::Principal));
    let twice = [("aws:SourceVpc", Value::text("a")), ("AWS:sourcevpc", Value::text("a"))];
    assert_eq!(fine.with_context(Context::new(&twice)).check(), Err(Fault::DuplicateKey));
}
