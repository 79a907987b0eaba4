//! The JSON Schema of `bundle.json`, for editors and other programs: `docs/bundle.schema.json`.
//!
//! Made from these types, which say what the file looks like; the reader reads a tree with places instead, so tests hold
//! its keys and words against the schema. The schema knows forms: that a path leads to a policy, that no host stands
//! twice, and what policies say, is the reader's to check. To write it anew:
//!
//! ```sh
//! UPDATE_SCHEMA=1 cargo test --lib bundle::schema
//! ```
#![expect(dead_code, reason = "types that nothing makes: the schema is all there is to them")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::api::{API, AUTHORIZATION, METHOD, METHODS};
use super::identity::IDENTITY;
use super::read::{BUNDLE, ENDPOINT};
use super::suppression::SUPPRESSION;

/// What is attached where: the policies of VPC endpoints, private APIs and IAM identities.
#[derive(JsonSchema)]
#[schemars(title = "bundle.json of portcullis", deny_unknown_fields)]
struct Bundle {
    /// The version of this file's form.
    #[schemars(extend("const" = 1))]
    format: u32,
    /// Which reading of the `Authorization` header holds; required where there are `apis`.
    profile: Option<Profile>,
    /// VPC endpoints by their ids.
    #[schemars(extend("propertyNames" = { "pattern": "^vpce-[A-Za-z0-9-]+$" }))]
    endpoints: BTreeMap<String, Endpoint>,
    /// Private APIs by their ARNs, without stage, method and path. Without it only the endpoint policies are asked.
    #[schemars(extend("propertyNames" = { "pattern": "^arn:aws(-[a-z0-9-]+)?:execute-api:[a-z0-9-]+:[0-9]{12}:[a-z0-9]+$" }))]
    apis: Option<BTreeMap<String, Api>>,
    /// Users, roles, federated users and root users by their ARNs.
    #[schemars(extend("propertyNames" = { "pattern": "^arn:aws(-[a-z0-9-]+)?:(iam|sts)::[0-9]{12}:(root|user/.+|role/.+|federated-user/.+)$" }))]
    identities: Option<BTreeMap<String, Identity>>,
    /// Findings of `portcullis check` that are right as they are. They change no decision.
    allow: Option<Vec<Suppression>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Suppression {
    /// The code of the finding.
    #[schemars(regex(pattern = r"^PC[0-9]{3}$"))]
    code: String,
    /// The file that it stands in, as this file writes its path, or `bundle.json`; and perhaps `#` and a JSON pointer to
    /// what it stands in, as `orders.json#/Statement/0`.
    #[schemars(rename = "where", length(min = 1))]
    at: String,
    /// Why it is right.
    #[schemars(length(min = 1))]
    because: String,
}

/// Which edition of AWS's page on endpoint policies.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Profile {
    Classic,
    Current,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Endpoint {
    /// The endpoint policy; without it the default policy, which allows everything.
    policy: Option<Policy>,
    /// Keys that every request through the endpoint has.
    context: Option<BTreeMap<String, ContextValue>>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum ContextValue {
    Text(String),
    Number(f64),
    Boolean(bool),
    List(Vec<String>),
}

/// A path relative to this file, or a policy in place.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Policy {
    Path(String),
    InPlace(Map<String, Value>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Api {
    /// The resource policy; without it every call is denied.
    policy: Option<Policy>,
    /// Custom domains, and the stage that each leads to.
    hosts: Option<BTreeMap<String, Stage>>,
    /// What the API answers, and who may call it.
    methods: Vec<Method>,
}

#[derive(JsonSchema)]
#[schemars(transparent)]
struct Stage(#[schemars(regex(pattern = r"^[A-Za-z0-9_-]+$"))] String);

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Method {
    /// A stage, or `*` for every stage.
    #[schemars(regex(pattern = r"^(\*|[A-Za-z0-9_-]+)$"))]
    stage: String,
    method: Verb,
    /// A template, as `/pets/{id}` or `/{proxy+}`.
    #[schemars(regex(pattern = r"^/"))]
    path: String,
    authorization: AuthorizationType,
}

/// A method of HTTP, or `ANY`.
#[derive(JsonSchema)]
#[schemars(rename_all = "UPPERCASE")]
enum Verb {
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Options,
    Any,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
enum AuthorizationType {
    None,
    AwsIam,
    Custom,
    CognitoUserPools,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Identity {
    /// Identity policies.
    policies: Option<Vec<Policy>>,
    /// The permissions boundary.
    boundary: Option<Policy>,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The schema that the types give. A key that may be absent may not be `null`.
fn made() -> Value {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = false;
    let mut schema = settings.into_generator().into_root_schema_for::<Bundle>().to_value();
    without_null(&mut schema);
    schema["dependentRequired"] = serde_json::json!({ "apis": ["profile"] });
    schema
}

/// Takes `null` out of what may be absent.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [only] = choices.as_slice()
                    && let Value::Object(only) = only.clone()
                {
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(array) => array.iter_mut().for_each(without_null),
        _ => {}
    }
}

#[test]
fn the_shipped_schema_is_what_the_types_give() {
    let text = format!("{:#}\n", made());
    let path = root("docs/bundle.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "write it anew, as the head of this file says");
}

#[test]
fn the_schema_has_the_keys_and_words_of_the_reader() {
    let schema = made();
    let keys = |value: &Value| {
        let mut keys: Vec<String> = value["properties"].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let sorted = |words: &[&str]| {
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        words.sort();
        words
    };
    assert_eq!(keys(&schema), sorted(&BUNDLE));
    for (name, known) in [
        ("Endpoint", &ENDPOINT[..]),
        ("Api", &API[..]),
        ("Method", &METHOD[..]),
        ("Identity", &IDENTITY[..]),
        ("Suppression", &SUPPRESSION[..]),
    ] {
        assert_eq!(keys(&schema["$defs"][name]), sorted(known), "{name}");
    }
    let words = |name: &str| -> Vec<String> {
        let listed = schema["$defs"][name]["enum"].as_array().unwrap();
        let words: Vec<&str> = listed.iter().map(|word| word.as_str().unwrap()).collect();
        sorted(&words)
    };
    assert_eq!(words("Verb"), sorted(&METHODS));
    assert_eq!(words("AuthorizationType"), sorted(&AUTHORIZATION.map(|(word, _)| word)));
    assert_eq!(words("Profile"), ["classic", "current"]);
}

#[test]
fn what_the_reader_takes_the_schema_takes_and_not_everything() {
    let validator = jsonschema::validator_for(&made()).unwrap();
    let mut accepted = 0;
    for file in fs::read_dir(root("corpus/layers")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            assert!(validator.is_valid(&case["bundle"]), "{line}");
            accepted += 1;
        }
    }
    for folder in ["corpus/bundles", "corpus/guide"].into_iter().flat_map(|path| fs::read_dir(root(path)).unwrap()) {
        let path = folder.unwrap().path().join("bundle.json");
        if let Ok(text) = fs::read_to_string(path) {
            assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()), "{text}");
            accepted += 1;
        }
    }
    assert!(accepted > 400, "{accepted}");
    for refused in [
        "bundle-no-profile",
        "bundle-profile-misspelt",
        "bundle-api-with-a-stage",
        "bundle-api-policy-is-null",
        "bundle-method-without-authorization",
        "bundle-method-in-lower-case",
        "bundle-identity-is-a-session",
        "bundle-identity-policies-not-in-a-list",
        "bundle-format-2",
        "bundle-no-endpoints",
        "bundle-endpoint-id",
    ] {
        let text = fs::read_to_string(root("corpus/refused").join(refused).join("bundle.json")).unwrap();
        assert!(!validator.is_valid(&serde_json::from_str(&text).unwrap()), "{refused}");
    }
}
