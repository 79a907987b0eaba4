//! Answers written by hand: nothing else can tell that a key is derived wrongly.

use super::{DERIVED_KEYS, Derivation, DerivedKey, Question, Scratch};
use crate::gate::request::{Caller, Context, MAX_PRINCIPAL_BYTES, Request, Value};

const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets";

/// The value a key is derived to, for this caller, resource and context.
fn derive(key: DerivedKey, caller: Caller<'_>, resource: &str, context: &[(&str, Value<'_>)]) -> Option<String> {
    let request = Request::invoke(caller, resource).with_context(Context::new(context));
    let question = Question::read(&request).expect("the request can be read");
    question.derived(key, None, &mut Scratch::new()).map(str::to_owned)
}

const USER: Caller<'_> = Caller::Arn("arn:aws:iam::111122223333:user/team/red/Ann");
const ROLE: Caller<'_> = Caller::Arn("arn:aws-cn:iam::111122223333:role/service/developer");
const SESSION: Caller<'_> = Caller::Arn("arn:aws-cn:sts::111122223333:assumed-role/developer/monday");
const FEDERATED: Caller<'_> = Caller::Arn("arn:aws:sts::111122223333:federated-user/Bob");
const ROOT: Caller<'_> = Caller::Arn("arn:aws-us-gov:iam::111122223333:root");
const SERVICE: Caller<'_> = Caller::Service("apigateway.amazonaws.com");

/// One row of the table in K-05: user, role, role session, federated user, root, service, anonymous.
#[track_caller]
fn row(key: DerivedKey, expected: [Option<&str>; 7]) {
    let callers = [USER, ROLE, SESSION, FEDERATED, ROOT, SERVICE, Caller::Anonymous];
    for (caller, value) in callers.into_iter().zip(expected) {
        assert_eq!(derive(key, caller, RESOURCE, &[]).as_deref(), value, "{key:?} of {caller:?}");
    }
}

#[test]
fn k_05_principal_arn() {
    row(
        DerivedKey::PrincipalArn,
        [
            Some("arn:aws:iam::111122223333:user/team/red/Ann"),
            Some("arn:aws-cn:iam::111122223333:role/service/developer"),
            // K-08: the session's ARN has no path, so neither has this.
            Some("arn:aws-cn:iam::111122223333:role/developer"),
            Some("arn:aws:sts::111122223333:federated-user/Bob"),
            Some("arn:aws-us-gov:iam::111122223333:root"),
            None,
            None,
        ],
    );
}

#[test]
fn k_05_principal_account() {
    let account = Some("111122223333");
    row(DerivedKey::PrincipalAccount, [account, account, account, account, account, None, Some("anonymous")]);
}

#[test]
fn k_05_principal_type() {
    row(
        DerivedKey::PrincipalType,
        [
            Some("User"),
            Some("AssumedRole"),
            Some("AssumedRole"),
            Some("FederatedUser"),
            Some("Account"),
            None,
            Some("Anonymous"),
        ],
    );
}

#[test]
fn k_05_username() {
    row(DerivedKey::Username, [Some("Ann"), None, None, None, None, None, None]);
    let no_path = Caller::Arn("arn:aws:iam::111122223333:user/Ann");
    assert_eq!(derive(DerivedKey::Username, no_path, RESOURCE, &[]).as_deref(), Some("Ann"));
}

#[test]
fn k_05_userid() {
    row(
        DerivedKey::Userid,
        [None, None, None, Some("111122223333:Bob"), Some("111122223333"), None, Some("anonymous")],
    );
}

#[test]
fn k_05_principal_is_aws_service() {
    let no = Some("false");
    row(DerivedKey::PrincipalIsAwsService, [no, no, no, no, no, Some("true"), None]);
}

#[test]
fn k_05_principal_service_name() {
    row(DerivedKey::PrincipalServiceName, [None, None, None, None, None, Some("apigateway.amazonaws.com"), None]);
}

/// "Nothing else is": the names, and near misses.
#[test]
fn k_05_which_keys_are_derived() {
    assert_eq!(DerivedKey::of(b"AWS:PRINCIPALARN"), Some(DerivedKey::PrincipalArn));
    assert_eq!(DerivedKey::of(b"aws:UserId"), Some(DerivedKey::Userid));
    assert_eq!(DerivedKey::of(b"aws:PrincipalIsAWSService"), Some(DerivedKey::PrincipalIsAwsService));
    for (at, (name, key)) in DERIVED_KEYS.iter().enumerate() {
        assert_eq!(DerivedKey::of(name.as_bytes()), Some(*key));
        assert_eq!(*name, name.to_ascii_lowercase(), "the table is in lower case");
        assert!(!DERIVED_KEYS[..at].iter().any(|(_, other)| other == key), "{key:?} stands twice");
    }
    for name in [
        "",
        "aws:",
        "principalarn",
        "aws:PrincipalArn ",
        "aws:PrincipalOrgID",
        "aws:PrincipalTag/team",
        "aws:SourceIp",
        "aws:VpcSourceIp",
        "aws:SourceVpc",
        "aws:TokenIssueTime",
        "aws:PrincipalServiceNamesList",
        "aws:SourceAccount",
        "aws:MultiFactorAuthPresent",
        "aws:SecureTransport",
        "aws:ResourceOrgID",
    ] {
        assert_eq!(DerivedKey::of(name.as_bytes()), None, "{name}");
    }
}

#[test]
fn k_09_resource_account_is_twelve_digits() {
    let of = |account: &str| {
        let resource = format!("arn:aws:execute-api:us-east-1:{account}:a1b2c3d4e5/prod/GET/pets");
        derive(DerivedKey::ResourceAccount, USER, &resource, &[])
    };
    assert_eq!(of("123412341234").as_deref(), Some("123412341234"));
    for account in ["", "12341234123", "1234123412345", "12341234123a", "*", "????????????", "１２３４１２３４１２３４"]
    {
        assert_eq!(of(account), None, "{account}");
    }
}

#[test]
fn k_09_requested_region_is_not_empty() {
    let of = |region: &str| {
        let resource = format!("arn:aws:execute-api:{region}:123412341234:a1b2c3d4e5/prod/GET/pets");
        derive(DerivedKey::RequestedRegion, Caller::Anonymous, &resource, &[])
    };
    assert_eq!(of("us-east-1").as_deref(), Some("us-east-1"));
    assert_eq!(of("*").as_deref(), Some("*"), "an ordinary character in a request (R-11)");
    assert_eq!(of(""), None);
}

#[test]
fn k_03_an_empty_list_says_that_the_key_is_not_there() {
    let context = [("aws:PrincipalArn", Value::list(&[])), ("aws:username", Value::text(""))];
    let request = Request::invoke(USER, RESOURCE).with_context(Context::new(&context));
    let question = Question::read(&request).unwrap();
    // `given` answers first and wins: a value, with no text in it.
    assert_eq!(question.given("AWS:principalARN").unwrap().texts().count(), 0);
    assert_eq!(question.given("aws:username").unwrap().single(), Some(""));
    assert!(question.given("aws:userid").is_none());
}

#[test]
fn k_04_a_given_key_wins() {
    let context = [("aws:principalaccount", Value::text("999999999999"))];
    let request = Request::invoke(USER, RESOURCE).with_context(Context::new(&context));
    let question = Question::read(&request).unwrap();
    assert_eq!(question.given("aws:PrincipalAccount").unwrap().single(), Some("999999999999"));
}

#[track_caller]
/// Keys that nobody can give an anonymous caller.
#[test]
fn k_07_principal_keys() {
    let may = |caller, name: &str| Question::read(&Request::invoke(caller, RESOURCE)).unwrap().may_be_given(name);
    for name in [
        "aws:PrincipalArn",
        "aws:PRINCIPALTAG/team",
        "aws:PrincipalOrgID",
        "aws:userid",
        "AWS:UserName",
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:FederatedProvider",
        "aws:SourceIdentity",
        "aws:AssumedRoot",
        "aws:ChatbotSourceArn",
        "aws:Ec2InstanceSourcePrivateIPv4",
        "aws:Ec2InstanceSourceVpc",
        "aws:SigninSessionArn",
    ] {
        assert!(!may(Caller::Anonymous, name), "{name}");
        assert!(may(Caller::Arn("arn:aws:iam::111122223333:root"), name), "{name}");
        assert!(may(Caller::Service("apigateway.amazonaws.com"), name), "{name}");
    }
    for name in ["aws:SourceVpce", "aws:useridx", "aws:UserAgent", "aws:principa", "x:PrincipalArn", "", "é"] {
        assert!(may(Caller::Anonymous, name), "{name}");
    }
}

fn time_of(epoch: &str, expected: Option<&str>) {
    let time = derive(DerivedKey::CurrentTime, USER, RESOURCE, &[("aws:EpochTime", Value::text(epoch))]);
    assert_eq!(time.as_deref(), expected, "the time of {epoch}");
}

#[track_caller]
fn epoch_of(time: &str, expected: Option<&str>) {
    let epoch = derive(DerivedKey::EpochTime, USER, RESOURCE, &[("aws:CurrentTime", Value::text(time))]);
    assert_eq!(epoch.as_deref(), expected, "the epoch of {time}");
}

#[test]
fn k_10_current_time_from_the_epoch() {
    time_of("10000", Some("1970-01-01T02:46:40Z"));
    time_of("1767225600", Some("2026-01-01T00:00:00Z"));
    time_of("1709210096", Some("2024-02-29T12:34:56Z"));
    // Any readable instant will do.
    time_of("1969-12-31T23:59:59.5Z", Some("1969-12-31T23:59:59Z"));
    time_of("2026-01-01T00:30:00+01:00", Some("2025-12-31T23:30:00Z"));
    time_of("99999999999", Some("5138-11-16T09:46:39Z"));
    time_of("1767225600000", None);
    time_of("2026", None);
    time_of("", None);
    time_of("now", None);
}

#[test]
fn k_10_the_time_stays_within_the_years_1_to_9999() {
    time_of("0001-01-01", Some("0001-01-01T00:00:00Z"));
    time_of("9999-12-31T23:59:59.999Z", Some("9999-12-31T23:59:59Z"));
    time_of("0001-01-01T00:00:00+00:01", None);
    time_of("0000-12-31", None);
    time_of("9999-12-31T23:59:59-00:01", None);
}

#[test]
fn k_10_the_epoch_from_the_current_time() {
    epoch_of("2026-01-01T00:00:00Z", Some("1767225600"));
    epoch_of("2026-01", Some("1767225600"));
    epoch_of("2026-01-01T00:00:00.999999999Z", Some("1767225600"));
    epoch_of("1970-01-01", Some("0"));
    // Rounded down, not towards zero.
    epoch_of("1969-12-31T23:59:59.5Z", Some("-1"));
    epoch_of("1969-12-31T23:59:59Z", Some("-1"));
    // The epoch of a year that has no time of its own is still an integer.
    epoch_of("0000-12-31T23:59:59Z", Some("-62135596801"));
    epoch_of("1767225600", Some("1767225600"));
    epoch_of("2026-01-01T00:00:00", None);
}

#[test]
fn k_10_several_values_derive_nothing_and_a_list_of_one_does() {
    let two = [("aws:EpochTime", Value::list(&["1767225600", "1767225601"]))];
    assert_eq!(derive(DerivedKey::CurrentTime, USER, RESOURCE, &two), None);
    let none = [("aws:EpochTime", Value::list(&[]))];
    assert_eq!(derive(DerivedKey::CurrentTime, USER, RESOURCE, &none), None);
    let one = [("AWS:epochtime", Value::list(&["1767225600"]))];
    assert_eq!(derive(DerivedKey::CurrentTime, USER, RESOURCE, &one).as_deref(), Some("2026-01-01T00:00:00Z"));
}

#[test]
fn k_10_no_clock_is_read() {
    assert_eq!(derive(DerivedKey::CurrentTime, USER, RESOURCE, &[]), None);
    assert_eq!(derive(DerivedKey::EpochTime, USER, RESOURCE, &[]), None);
    // Neither is derived from itself.
    assert_eq!(derive(DerivedKey::EpochTime, USER, RESOURCE, &[("aws:EpochTime", Value::text("1767225600"))]), None);
}

#[test]
fn k_11_source_vpce_is_the_endpoint() {
    let request = Request::invoke(USER, RESOURCE);
    let question = Question::read(&request).unwrap();
    let mut scratch = Scratch::new();
    assert_eq!(question.derived(DerivedKey::SourceVpce, Some("vpce-1"), &mut scratch), Some("vpce-1"));
    assert_eq!(question.derived(DerivedKey::SourceVpce, None, &mut scratch), None);
}

/// One scratch serves key after key: what an earlier one left must not lead the next.
#[test]
fn a_scratch_is_used_again() {
    let context = [("aws:CurrentTime", Value::text("2026-01-01T00:00:00Z"))];
    let request = Request::invoke(SESSION, RESOURCE).with_context(Context::new(&context));
    let question = Question::read(&request).unwrap();
    let mut scratch = Scratch::new();
    let arn = Some("arn:aws-cn:iam::111122223333:role/developer");
    assert_eq!(question.derived(DerivedKey::PrincipalArn, None, &mut scratch), arn);
    assert_eq!(question.derived(DerivedKey::EpochTime, None, &mut scratch), Some("1767225600"));
    assert_eq!(question.derived(DerivedKey::EpochTime, None, &mut scratch), Some("1767225600"));
    assert_eq!(question.derived(DerivedKey::PrincipalArn, None, &mut scratch), arn);
}

/// A value that has no room leaves nothing, neither its beginning nor what stood there before.
#[test]
fn a_scratch_without_room_holds_nothing() {
    let half = "x".repeat(MAX_PRINCIPAL_BYTES / 2);
    let mut scratch = Scratch::new();
    assert_eq!(scratch.compose(&Derivation::Text("before")), Some("before"));
    assert_eq!(scratch.compose(&Derivation::Joined([&half, &half, "y", "", "", ""])), None);
    assert_eq!(scratch.text(), None);
    assert_eq!(scratch.compose(&Derivation::Text("behind")), Some("behind"));
}

/// The longest principals that are read still have all their keys.
#[test]
fn the_scratch_has_room_for_the_longest_principal() {
    let head = "arn:aws:sts::111122223333:assumed-role/";
    let role = "r".repeat(MAX_PRINCIPAL_BYTES - head.len() - 2);
    let session = format!("{head}{role}/s");
    assert_eq!(session.len(), MAX_PRINCIPAL_BYTES);
    let arn = derive(DerivedKey::PrincipalArn, Caller::Arn(&session), RESOURCE, &[]);
    assert_eq!(arn, Some(format!("arn:aws:iam::111122223333:role/{role}")));

    let head = "arn:aws:sts::111122223333:federated-user/";
    let name = "é".repeat((MAX_PRINCIPAL_BYTES - head.len()) / 2);
    let federated = format!("{head}{name}");
    assert_eq!(
        derive(DerivedKey::Userid, Caller::Arn(&federated), RESOURCE, &[]),
        Some(format!("111122223333:{name}"))
    );
}
