//! `import`, as a script sees it: exports in, a bundle's files and remarks out.
//!
//! `corpus/import` has a folder for each case: `exports`, the bundle they make, and `said.txt`, the first line of each
//! thing that is said with the place it points at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use portcullis::bundle::{Bundle, Profile};
use portcullis::import::{Counts, Import, Imported, Options, Weight};
use portcullis::{Authorization, Authorizer, Caller, Compiler, Context, Gate, Request, analysis};
use serde_json::{Value, json};
use snapbox::cmd::{Command, cargo_bin};

fn options() -> Options {
    Options { account: None, region: None, profile: Profile::Current }
}

/// The files below a folder, by their paths from there, with `/` between parts.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What is said, a line each: weight, place, message.
fn said(imported: &Imported) -> String {
    let mut lines = String::new();
    for error in imported.refused.iter().flat_map(|errors| errors.iter()) {
        let name = error.source_text().name();
        lines += &format!("refused {name}:{}:{}: {}\n", error.line(), error.column(), error.message());
    }
    for remark in &imported.remarks {
        let weight = match remark.weight() {
            Weight::Error => "error",
            Weight::Note => "note",
        };
        let name = remark.source_text().name();
        lines += &format!("{weight} {name}:{}:{}: {}\n", remark.line(), remark.column(), remark.message());
    }
    lines
}

#[test]
fn each_case_makes_its_bundle_and_says_what_is_left() {
    let update = std::env::var_os("PORTCULLIS_WRITE").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/import");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 10, "there are cases");
    for case in cases {
        let import = |exports: Vec<(String, Vec<u8>)>| {
            let mut import = Import::new(options());
            for (name, bytes) in exports {
                import.add(&name, bytes);
            }
            import.finish()
        };
        let exports: Vec<_> = files(&case.join("exports")).into_iter().collect();
        let imported = import(exports.clone());
        let bundle = case.join("bundle");
        if update {
            let _ = fs::remove_dir_all(&bundle);
            for (name, text) in &imported.files {
                let path = bundle.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            fs::write(case.join("said.txt"), said(&imported)).unwrap();
        }
        let name = case.display();
        assert_eq!(said(&imported), fs::read_to_string(case.join("said.txt")).unwrap(), "{name}");
        let made: BTreeMap<_, _> =
            imported.files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect();
        assert_eq!(made.keys().collect::<Vec<_>>(), files(&bundle).keys().collect::<Vec<_>>(), "{name}");
        assert_eq!(made, files(&bundle), "{name}");

        // In whatever order they come.
        let mut turned = exports;
        turned.reverse();
        let again = import(turned);
        assert_eq!((said(&again), again.files), (said(&imported), imported.files.clone()), "{name}, in reverse");

        // A policy of an identity that is missing is the one thing that a bundle does not compile without.
        let text: Value = serde_json::from_str(&imported.files["bundle.json"]).unwrap();
        let identities = text["identities"].as_object().into_iter().flat_map(|identities| identities.values());
        let mut paths = identities.flat_map(|identity| {
            let policies = identity["policies"].as_array().into_iter().flatten();
            policies.chain(identity.get("boundary")).map(|path| path.as_str().unwrap())
        });
        let needs_more = paths.any(|path| !imported.files.contains_key(path));
        assert!(!needs_more || imported.is_partial(), "{name}");
        match Bundle::open(&bundle) {
            Ok(_) => assert!(!needs_more, "{name}"),
            Err(error) => assert!(needs_more && error.to_string().contains("cannot read"), "{name}: {error}"),
        }
    }
}

/// An account, as its exports show it and as somebody would write its bundle down.
struct Account {
    exports: Vec<(String, Value)>,
    bundle: Value,
    apis: Vec<String>,
}

const OWNER: &str = "123412341234";
const REGION: &str = "us-east-1";

/// 20 endpoints, 200 APIs with 5,000 methods, 500 roles: field names and nesting are those of AWS's API references.
fn account() -> Account {
    let arn = |id: &str| format!("arn:aws:execute-api:{REGION}:{OWNER}:{id}");
    let role = |number: usize| format!("arn:aws:iam::{OWNER}:role/service/role-{number}");
    let ids: Vec<_> = (0..200).map(|number| format!("a{number:04}b2c3d")).collect();
    let (mut endpoints, mut listed_endpoints) = (serde_json::Map::new(), Vec::new());
    for number in 0..20 {
        let statement = match number % 4 {
            0 => json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
            _ => json!({"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "execute-api:Invoke",
                        "Resource": ids.iter().skip(number).step_by(3).map(|id| format!("{}/*", arn(id))).collect::<Vec<_>>()}),
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        let id = format!("vpce-0{number:016x}");
        let vpc = format!("vpc-0{:016x}", number / 2);
        listed_endpoints.push(json!({
            "VpcEndpointId": id, "VpcEndpointType": "Interface", "VpcId": vpc,
            "ServiceName": format!("com.amazonaws.{REGION}.execute-api"), "State": "available",
            "PolicyDocument": serde_json::to_string_pretty(&policy).unwrap(), "RouteTableIds": [], "SubnetIds": ["subnet-1"],
            "Groups": [{"GroupId": "sg-1", "GroupName": "default"}], "IpAddressType": "ipv4", "PrivateDnsEnabled": true,
            "RequesterManaged": false, "NetworkInterfaceIds": ["eni-1"], "CreationTimestamp": "2026-01-01T00:00:00+00:00",
            "Tags": [{"Key": "team", "Value": "red"}], "OwnerId": OWNER,
            "DnsEntries": [{"DnsName": format!("{id}-abcdefgh.execute-api.{REGION}.vpce.amazonaws.com"), "HostedZoneId": "Z1"}]
        }));
        endpoints.insert(id, json!({"policy": policy, "context": {"aws:SourceVpc": vpc}}));
    }
    let mut exports = vec![("vpc/endpoints.json".to_owned(), json!({"VpcEndpoints": listed_endpoints}))];

    let (mut apis, mut listed_apis) = (serde_json::Map::new(), Vec::new());
    for (number, id) in ids.iter().enumerate() {
        let reader = role(number % 500);
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": if number % 3 == 0 { json!("*") } else { json!({"AWS": [reader]}) },
             "Action": "execute-api:Invoke", "Resource": format!("{}/*", arn(id))},
            {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": format!("{}/*/DELETE/*", arn(id)),
             "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-00000000000000003"}}}]});
        // As API Gateway prints it: escaped once more than JSON asks for.
        let escaped = policy.to_string().replace('"', "\\\"");
        listed_apis.push(json!({
            "id": id, "name": format!("api-{number}"), "createdDate": 1_767_225_600, "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-00000000000000000"]},
            "policy": escaped, "tags": {}, "disableExecuteApiEndpoint": false, "rootResourceId": format!("r{number}x0")
        }));
        let mut resources = vec![json!({"id": format!("r{number}x0"), "path": "/"})];
        let mut methods = Vec::new();
        for resource in 0..12 {
            let (part, path) = match resource {
                10 => ("{id}".to_owned(), "/things0/{id}".to_owned()),
                11 => ("{proxy+}".to_owned(), "/{proxy+}".to_owned()),
                _ => (format!("things{resource}"), format!("/things{resource}")),
            };
            let mut listed = serde_json::Map::new();
            let names: &[&str] = match resource {
                11 => &["ANY"],
                0..=1 => &["GET", "POST", "DELETE"],
                _ => &["GET", "DELETE"],
            };
            for (at, name) in names.iter().enumerate() {
                let authorization = ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"][(number + resource + at) % 4];
                listed.insert((*name).to_owned(), json!({
                    "httpMethod": name, "authorizationType": authorization, "apiKeyRequired": false,
                    "requestParameters": {"method.request.path.id": true},
                    "methodResponses": {"200": {"statusCode": "200", "responseModels": {"application/json": "Empty"}}},
                    "methodIntegration": {"type": "MOCK", "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000,
                        "cacheNamespace": "n", "cacheKeyParameters": [], "requestTemplates": {"application/json": "{}"},
                        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": null}}}}
                }));
                methods.push(json!({"stage": "prod", "method": name, "path": path, "authorization": authorization}));
            }
            resources.push(json!({"id": format!("r{number}x{}", resource + 1), "parentId": format!("r{number}x0"),
                                  "pathPart": part, "path": path, "resourceMethods": listed}));
        }
        // Pages of one listing: the root is on the first of them alone.
        let second = resources.split_off(5);
        let token = json!("eyJwb3NpdGlvbiI6IG51bGx9");
        exports.push((format!("apis/{number}-resources.1.json"), json!({"items": resources, "NextToken": token})));
        exports.push((format!("apis/{number}-resources.2.json"), json!({"items": second})));
        exports.push((format!("apis/stages-{id}.json"), json!({"item": [{
            "deploymentId": "d1", "stageName": "prod", "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE",
            "methodSettings": {}, "tracingEnabled": false, "createdDate": 1_767_225_600, "lastUpdatedDate": 1_767_225_600}]})));
        apis.insert(arn(id), json!({"policy": policy, "methods": methods}));
    }
    let second = listed_apis.split_off(100);
    exports.push(("apis/all.1.json".to_owned(), json!({"items": listed_apis, "NextToken": "more"})));
    exports.push(("apis/all.2.json".to_owned(), json!({"items": second})));

    let elsewhere = json!({"Effect": "Allow", "Action": ["s3:GetObject", "ec2:Describe*"], "Resource": "*"});
    let boundary = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/*/POST/*"}]});
    let shared = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": format!("{}/prod/GET/*", arn("a*"))}, elsewhere.clone()]});
    let (mut identities, mut roles) = (serde_json::Map::new(), Vec::new());
    for number in 0..500 {
        let own = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": format!("{}/*", arn(&ids[number % 200]))},
            {"Effect": if number % 7 == 0 { "Deny" } else { "Allow" }, "Action": "execute-api:Invoke",
             "Resource": format!("{}/prod/GET/things1", arn(&ids[(number + 1) % 200]))}, elsewhere.clone()]});
        let mut listed = json!({
            "Path": "/service/", "RoleName": format!("role-{number}"), "RoleId": format!("AROA{number}"), "Arn": role(number),
            "CreateDate": "2026-01-01T00:00:00+00:00", "Tags": [], "RoleLastUsed": {}, "InstanceProfileList": [],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": own}],
            "AttachedManagedPolicies": [{"PolicyName": "shared", "PolicyArn": format!("arn:aws:iam::{OWNER}:policy/shared")},
                                        {"PolicyName": "S3", "PolicyArn": "arn:aws:iam::aws:policy/S3"}]
        });
        let mut entry = json!({"policies": [own, "shared.json"]});
        if number % 5 == 0 {
            listed["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy",
                                                   "PermissionsBoundaryArn": format!("arn:aws:iam::{OWNER}:policy/boundary")});
            entry["boundary"] = json!("boundary.json");
        }
        roles.push(listed);
        identities.insert(role(number), entry);
    }
    let managed = |arn: String, document: &Value| {
        json!({"PolicyName": "p", "PolicyId": "ANPA1", "Arn": arn, "Path": "/", "DefaultVersionId": "v2", "AttachmentCount": 1,
               "IsAttachable": true, "PolicyVersionList": [
                   {"Document": {"Version": "2012-10-17", "Statement": []}, "VersionId": "v1", "IsDefaultVersion": false},
                   {"Document": document, "VersionId": "v2", "IsDefaultVersion": true}]})
    };
    let s3 = json!({"Version": "2012-10-17", "Statement": [elsewhere]});
    exports.push((
        "iam.json".to_owned(),
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": [
        managed(format!("arn:aws:iam::{OWNER}:policy/shared"), &shared),
        managed(format!("arn:aws:iam::{OWNER}:policy/boundary"), &boundary),
        managed("arn:aws:iam::aws:policy/S3".to_owned(), &s3)]}),
    ));
    let bundle = json!({"bundle.json": {"format": 1, "profile": "current", "endpoints": endpoints, "apis": apis,
                                        "identities": identities},
                        "shared.json": shared, "boundary.json": boundary});
    Account { exports, bundle, apis: ids.iter().map(|id| arn(id)).collect() }
}

/// A bundle of these files, and its gate.
fn gate<'f>(files: impl IntoIterator<Item = (&'f str, String)>) -> (Bundle, Gate<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let bundle = Bundle::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let gate = Gate::load(Compiler::new().compile(&bundle).unwrap().into_bytes()).unwrap();
    (bundle, gate)
}

#[test]
fn an_accounts_worth_of_exports_answers_as_the_bundle_written_by_hand() {
    let account = account();
    let started = Instant::now();
    let mut import = Import::new(options());
    for (name, export) in &account.exports {
        import.add(name, export.to_string().into_bytes());
    }
    let imported = import.finish();
    assert_eq!(said(&imported), "");
    assert_eq!(imported.counts, Counts { endpoints: 20, apis: 200, methods: 5000, identities: 500 });
    let (bundle, from_exports) = gate(imported.files.iter().map(|(name, text)| (name.as_str(), text.clone())));
    analysis::check(&bundle, &mut |_, _| {});
    println!("imported, compiled and checked in {:?}", started.elapsed());
    let by_hand = account.bundle.as_object().unwrap();
    let (_, by_hand) = gate(by_hand.iter().map(|(name, value)| (name.as_str(), value.to_string())));

    let mut state = 7_u64;
    let mut pick = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..10_000 {
        let endpoint = format!("vpce-0{:016x}", pick(21));
        let api = pick(account.apis.len());
        // One that the API's policy or its own names, every other time.
        let number = if pick(2) == 0 { api } else { pick(501) };
        let session = format!("arn:aws:sts::{OWNER}:assumed-role/role-{number}/s");
        let caller = if pick(4) == 0 { Caller::Anonymous } else { Caller::Arn(&session) };
        let authorization = match caller {
            Caller::Arn(_) => Authorization::Valid,
            _ => [Authorization::Absent, Authorization::Bearer][pick(2)],
        };
        let authorizer = [None, Some(Authorizer::Allow), Some(Authorizer::Deny), Some(Authorizer::Silent)][pick(4)];
        let path = match pick(14) {
            0 => "things0/7".to_owned(),
            1 => "elsewhere/7".to_owned(),
            number => format!("things{}", number - 2),
        };
        let stage = if pick(20) == 0 { "dev" } else { "prod" };
        let method = ["GET", "GET", "POST", "DELETE"][pick(4)];
        let resource = format!("{}/{stage}/{method}/{path}", account.apis[api]);
        let request = Request::invoke(caller, &resource)
            .with_endpoint(&endpoint)
            .with_authorization(authorization)
            .with_context(Context::new(&[]));
        let request = match authorizer {
            Some(authorizer) => request.with_authorizer(authorizer),
            None => request,
        };
        let (one, other) = (from_exports.evaluate(&request), by_hand.evaluate(&request));
        let brief =
            |said: &portcullis::Evaluation| (said.reason, said.refusal, said.layers.clone(), said.statements.len());
        assert_eq!(brief(&one), brief(&other), "{request:?}");
        *answers.entry(one.reason.as_str().to_owned()).or_default() += 1;
    }
    println!("{answers:?}");
    assert!(answers.len() == 3 && answers.values().all(|count| *count > 300), "{answers:?}");
}

#[test]
fn broken_and_truncated_exports_hide_no_good_ones() {
    let folder = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/import/broken-beside-good/exports");
    let done = Command::new(cargo_bin!("portcullis"))
        .arg("import")
        .arg(&case)
        .arg("-o")
        .arg(folder.path().join("bundle"))
        .assert()
        .code(1);
    let output = done.get_output();
    let said = String::from_utf8([output.stderr.clone(), output.stdout.clone()].concat()).unwrap();
    for place in ["broken-1.json:3:32", "broken-2.json:1:1", "truncated-1.json:8:39", "truncated-2.json:1:52"] {
        assert!(said.contains(place), "{place} in\n{said}");
    }
    assert!(said.contains("1 endpoint, 1 API, 1 method, 0 identities"), "{said}");
    Bundle::open(folder.path().join("bundle")).unwrap();
}

#[test]
fn what_windows_writes_is_read_or_told() {
    let text = r#"{"VpcEndpoints": []}"#;
    let import = |bytes: Vec<u8>| {
        let mut import = Import::new(options());
        import.add("a.json", bytes);
        import.finish()
    };
    assert_eq!(said(&import(["\u{feff}", text].concat().into_bytes())), "");
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let imported = import(utf16);
    assert!(imported.is_partial() && imported.remarks[0].help().contains("UTF-16"), "{}", said(&imported));
}

/// Exports of the corpus, cut short and changed at random: every one is imported or refused, and what is imported is a bundle
/// whose own files are read as any are.
#[test]
fn damaged_exports_do_no_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/import");
    let cases: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| files(&entry.unwrap().path().join("exports"))).collect();
    let mut state = 11_u64;
    let mut pick = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let signs = b"{}[]\"\\:,0an\n -!&*";
    let mut partial = 0;
    for round in 0..600 {
        let mut import = Import::new(options());
        for (name, bytes) in &cases[round % cases.len()] {
            let mut bytes = bytes.clone();
            for _ in 0..pick(3) {
                let at = pick(bytes.len());
                match pick(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => bytes[at] = signs[pick(signs.len())],
                    2 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, signs[pick(signs.len())]),
                }
                if bytes.is_empty() {
                    bytes.push(b'x');
                }
            }
            import.add(name, bytes);
        }
        let imported = import.finish();
        partial += usize::from(imported.is_partial());
        for (path, text) in &imported.files {
            assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."), "{path}");
            serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        }
    }
    assert!(partial > 200, "{partial}");
}

#[test]
fn options_say_what_the_exports_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(
        root.join("apis.json"),
        json!({"items": [{"id": "a1b2c3d4e5", "name": "a", "endpointConfiguration": {"types": ["PRIVATE"]},
                          "rootResourceId": "r"}]})
        .to_string(),
    )
    .unwrap();
    fs::write(
        root.join("resources.json"),
        json!({"items": [{"id": "r", "path": "/", "resourceMethods": {"GET": {"authorizationType": "NONE"}}}]})
            .to_string(),
    )
    .unwrap();
    let run = |args: &[&str]| {
        Command::new(cargo_bin!("portcullis"))
            .current_dir(root)
            .args(["import", "apis.json", "resources.json", "-o"])
            .args(args)
            .assert()
    };
    run(&["none"]).code(1);
    let done = run(&["some", "--account", "123412341234", "--region", "cn-north-1", "--profile", "classic"]).code(0);
    drop(done);
    let bundle: Value = serde_json::from_slice(&fs::read(root.join("some/bundle.json")).unwrap()).unwrap();
    assert_eq!(bundle["profile"], "classic");
    let api = &bundle["apis"]["arn:aws-cn:execute-api:cn-north-1:123412341234:a1b2c3d4e5"];
    assert_eq!(api["methods"], json!([{"stage": "*", "method": "GET", "path": "/", "authorization": "NONE"}]));
    // What is there already is not written over.
    run(&["some", "--account", "123412341234", "--region", "cn-north-1"]).code(2);
    run(&["wrong", "--account", "1234", "--region", "cn-north-1"]).code(1);
}
