use super::*;

fn read(text: &str) -> Result<CredentialsFile, Vec<String>> {
    CredentialsFile::parse(&Source::new("keys.json", text)).map_err(|errors| {
        errors.iter().map(|error| format!("{}:{}: {}", error.line(), error.column(), error.message())).collect()
    })
}

#[test]
fn a_file_is_read_whole() {
    let keys = read(
        r#"{"AKIDEXAMPLE": {"secret": "s/+\u0041", "principal": "arn:aws:iam::123412341234:user/MyUser"},
            "ASIDEXAMPLE": {"secret": "t", "principal": "arn:aws:sts::123412341234:assumed-role/r/s",
              "session_token": "token", "tags": {"team": "red", "empty": ""},
              "context": {"aws:PrincipalOrgID": "o-abc", "aws:MultiFactorAuthPresent": true,
                          "aws:MultiFactorAuthAge": 1.50, "aws:PrincipalOrgPaths": ["a", "b"]}},
            "AKIDNULL": {"session_token": null, "secret": "u", "principal": "arn:aws:iam::123412341234:root"}}"#,
    )
    .unwrap();
    assert_eq!(keys.len(), 3);
    assert!(!keys.is_empty());
    let user = keys.find("AKIDEXAMPLE").unwrap();
    assert_eq!((user.secret.as_str(), user.session_token), ("s/+A", None));
    assert_eq!(user.signer.principal, "arn:aws:iam::123412341234:user/MyUser");
    let session = keys.find("ASIDEXAMPLE").unwrap();
    assert_eq!(session.session_token.as_deref(), Some("token"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(session.signer.tags, [pair("team", "red"), pair("empty", "")]);
    let many = |name: &str, values: &[&str]| (name.to_owned(), values.iter().map(|&value| value.to_owned()).collect());
    let expected: [(String, Vec<String>); 4] = [
        many("aws:PrincipalOrgID", &["o-abc"]),
        many("aws:MultiFactorAuthPresent", &["true"]),
        many("aws:MultiFactorAuthAge", &["1.50"]),
        many("aws:PrincipalOrgPaths", &["a", "b"]),
    ];
    assert_eq!(session.signer.context, expected);
    assert_eq!(keys.find("AKIDNULL").unwrap().session_token, None);
    assert!(keys.find("akidexample").is_none(), "access keys have a case");
    assert!(read("{}").unwrap().is_empty());
}

#[test]
fn what_is_not_understood_is_refused_by_place() {
    const USER: &str = r#""principal":"arn:aws:iam::123412341234:user/u""#;
    for (text, expected) in [
        ("[]".to_owned(), "1:1: the file is a list"),
        (r#"{"A":{}}"#.to_owned(), "1:6: access key `A` has no `secret`"),
        (format!(r#"{{"A":{{{USER}}}}}"#), "1:6: access key `A` has no `secret`"),
        (r#"{"A":{"secret":"s"}}"#.to_owned(), "1:6: access key `A` has no `principal`"),
        (format!(r#"{{"A":{{"secret":"",{USER}}}}}"#), "1:16: `secret` is the empty string"),
        (format!(r#"{{"A":{{"secret":1,{USER}}}}}"#), "1:16: `secret` is a number"),
        (format!(r#"{{"A":{{"secret":null,{USER}}}}}"#), "1:16: `secret` is null"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"token":"t"}}}}"#), "unknown key `token` in access key `A`"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"Secret":"t"}}}}"#), "unknown key `Secret`"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"session_token":""}}}}"#), "`session_token` is the empty string"),
        (format!(r#"{{"A":{{"secret":"s",{USER}}},"A":{{"secret":"s",{USER}}}}}"#), "key `A` stands twice"),
        (format!(r#"{{"A/B":{{"secret":"s",{USER}}}}}"#), "1:2: `A/B` is no access key id"),
        (format!(r#"{{"":{{"secret":"s",{USER}}}}}"#), "1:2: the empty string is no access key id"),
        (r#"{"A":{"secret":"s","principal":"MyUser"}}"#.to_owned(), "1:32: `MyUser` signs no request"),
        (r#"{"A":{"secret":"s","principal":"arn:aws:iam::123412341234:role/r"}}"#.to_owned(), "signs no request"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"tags":{{"a":1}}}}}}"#), "tag `a` is a number"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"tags":{{"a":"1","A":"2"}}}}}}"#), "keys `a` and `A` are the same"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"org":"o"}}}}}}"#), "`org` is no context key"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"aws:PrincipalTag/a":"o"}}}}}}"#), "is a tag"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"aws:principalarn":"o"}}}}}}"#), "cannot set"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"aws:SourceVpc":"o"}}}}}}"#), "cannot set"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"aws:SourceIp":"o"}}}}}}"#), "cannot set"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"saml:dept":"o"}}}}}}"#), "cannot set"),
        (format!(r#"{{"A":{{"secret":"s",{USER},"context":{{"aws:userid":[1]}}}}}}"#), "is a number"),
        (format!(r#"{{"A":{{"secret":"s",{USER},}}}}"#), "not JSON: a comma before `}`"),
    ] {
        let errors = read(&text).unwrap_err();
        assert!(errors.iter().any(|error| error.contains(expected)), "{text}\n{errors:?}");
    }
}

/// No diagnostic and no debugging output shows a secret.
#[test]
fn secrets_are_covered() {
    for text in [
        r#"{"A":{"secret":"hush-hush","session_token":"hush-hush","principal":"nobody"}}"#,
        r#"{"A":{"secret" : "hush-hush" "principal":"nobody"}}"#,
        r#"{"A":{"secret":"hush-hush\"hush-hush","principal":"nobody"}}"#,
        r#"{"A":{"secret":"hush-hush"#,
        r#"{"A":{"SecretAccessKey":"hush-hush","SessionToken":"hush-hush"}}"#,
        "{\"A\":{\"secret\":\n\"hush-hush\",\"principal\":1}}",
        r#"{"A":{"principal":"nobody","secret":"é hush-hush","tags":1}}"#,
    ] {
        let errors = CredentialsFile::parse(&Source::new("keys.json", text)).unwrap_err();
        let shown = errors.render(false) + &errors.to_string() + &format!("{errors:?}");
        assert!(!shown.contains("hush"), "{shown}");
        assert_eq!(covered(text).len(), text.len());
        assert_eq!(covered(text).lines().count(), text.lines().count());
    }
    assert_eq!(covered(r#"{"secret":"é\"x","b":"secret","c":"d"}"#), r#"{"secret":"*****","b":"secret","c":"d"}"#);
    let keys = read(r#"{"A":{"secret":"hush","session_token":"hush","principal":"arn:aws:iam::123412341234:root"}}"#);
    assert!(!format!("{keys:?}").contains("hush"));
}
