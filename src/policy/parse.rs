//! JSON to the tree of a policy (rules D), collecting every mistake.
//!
//! Every function here reads one element. It reports what is wrong with it and answers `None`; its caller
//! still reads the elements beside it, so that one mistake hides no other. Nothing is refused without a
//! report, and a `None` never becomes an absent element: the statement, and with it the document, is `None`.

use std::borrow::Cow;
use std::collections::HashSet;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::action::read_action;
use super::condition::{read_key_name, read_operator};
use super::error::{Mistakes, PolicyErrors, Problem, nearest, quote};
use super::principal::{read_aws, read_service};
use super::resource::read_resource;
use super::template::refuse_variable;
use super::value::read_value;
use super::{
    ActionElement, ConditionTest, ConditionValue, Effect, Operator, Place, Policy, PolicyKind, PrincipalElement,
    PrincipalEntry, ResourceElement, ResourcePattern, Source, Spanned, Statement, Version, json,
};

/// The keys of a document (D-03).
const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];

/// The keys of a statement (D-05, D-06).
const STATEMENT: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// What a condition looks like.
const CONDITION_FORM: &str =
    "write `{\"StringEquals\": {\"aws:SourceVpce\": \"vpce-1a2b3c4d\"}}`: operator, key, values";

/// The keys of a principal (P-01): first those that are refused for what they are.
const PRINCIPAL: [&str; 4] = ["Federated", "CanonicalUser", "AWS", "Service"];

impl Policy {
    /// Reads an endpoint policy. Diagnostics call the text `policy.json`.
    ///
    /// # Errors
    /// Every mistake of the text, see [`Policy::parse`].
    pub fn from_json(text: &str) -> Result<Self, PolicyErrors> {
        Self::parse(Source::new("policy.json", text), PolicyKind::Endpoint)
    }

    /// Reads a policy of a kind, in time linear in its length.
    ///
    /// # Errors
    /// Every mistake of the text: what is not JSON (D-01; that alone hides what follows it), what the rules D,
    /// V, P, A, R and C refuse. Every text gives `Ok` or `Err`; none panics.
    pub fn parse(source: Source, kind: PolicyKind<'_>) -> Result<Self, PolicyErrors> {
        let mut mistakes = Mistakes::new(&source);
        let policy = json::read(&source, &mut mistakes).and_then(|value| read_policy(&value, kind, &mut mistakes));
        mistakes.finish(Vec::new(), policy)
    }
}

/// Reads a policy that stands in a text as one of its values.
///
/// Keys that an object holds twice have been reported by [`json::read`].
pub(crate) fn read_policy(value: &Value<'_>, kind: PolicyKind<'_>, mistakes: &mut Mistakes) -> Option<Policy> {
    let Some(object) = value.as_object() else {
        let problem = Problem::new(format!("the document is {}", json::kind(value)), "expected an object");
        let help = match value {
            Value::StringLit(_) => "write the policy as it is, not as a string with escapes",
            _ => "a policy is `{\"Version\": \"2012-10-17\", \"Statement\": [{…}]}`",
        };
        mistakes.report(value.range(), problem.help(help));
        return None;
    };
    if is_statement(object) {
        let problem =
            Problem::new("the document is a statement alone", "expected `Version` and `Statement` in this object");
        mistakes.report(
            json::opening(object),
            problem.help("write `{\"Version\": \"2012-10-17\", \"Statement\": [` before it and `]}` after it"),
        );
        // For its other mistakes.
        Reader { kind, version: Version::V2012 }.statement(value, mistakes);
        return None;
    }
    let [version, id, statement] = json::fields(object, "the document", &DOCUMENT, mistakes);

    // Statements are read under a version in any case, for their other mistakes.
    let version_place = version.map(|version| version.value.range().into());
    let version = version.map_or(Some(Version::V2008), |version| read_version(&version.value, mistakes));
    let id = id.map_or(Some(None), |id| read_id(id, kind, mistakes).map(Some));
    let Some(statement) = statement else {
        let problem = Problem::new("the document has no `Statement`", "expected `Statement` in this object");
        mistakes.report(json::opening(object), problem.help("add a list of statements: `\"Statement\": [{…}]`"));
        return None;
    };
    let reader = Reader { kind, version: version.unwrap_or(Version::V2012) };
    let statements = reader.statements(&statement.value, mistakes)?;
    Some(Policy {
        source: mistakes.source().clone(),
        place: object.range.into(),
        version: version?,
        version_place,
        id: id?,
        statements,
    })
}

/// Whether an object that should be a document has what a statement has, and nothing else.
fn is_statement(object: &Object<'_>) -> bool {
    let mut names = object.properties.iter().map(|property| property.name.as_str());
    names.clone().any(|name| name == "Effect") && names.all(|name| STATEMENT.contains(&name))
}

/// `Version` (V-01).
fn read_version(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Version> {
    let Value::StringLit(text) = value else {
        let problem = Problem::new(
            format!("`Version` is {}", json::kind(value)),
            "expected `\"2012-10-17\"` or `\"2008-10-17\"`",
        );
        mistakes.report(value.range(), problem.help("write `\"2012-10-17\"`, in quotes"));
        return None;
    };
    match &*text.value {
        "2008-10-17" => Some(Version::V2008),
        "2012-10-17" => Some(Version::V2012),
        other => {
            let problem = Problem::new(
                format!("`Version` is {}, which does not exist", quote(other)),
                "expected `2012-10-17` or `2008-10-17`",
            );
            mistakes.report(
                text.range,
                problem.help("write `2012-10-17`, the version of the language, not of the document"),
            );
            None
        }
    }
}

/// `Id` (D-03).
fn read_id(id: &ObjectProp<'_>, kind: PolicyKind<'_>, mistakes: &mut Mistakes) -> Option<Spanned<String>> {
    let text = json::string(&id.value, "`Id`", mistakes)?;
    if kind == PolicyKind::Identity {
        let problem = Problem::new("an identity policy has no `Id`", "expected `Version` and `Statement` alone");
        mistakes.report(id.name.range(), problem.help("remove it"));
        return None;
    }
    Some(Spanned { value: text.value.clone().into_owned(), place: text.range.into() })
}

/// What every statement of a document is read under.
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    kind: PolicyKind<'a>,
    version: Version,
}

impl Reader<'_> {
    /// `Statement` (D-04).
    fn statements(self, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Statement>> {
        let listed = match value {
            Value::Array(array) => array.elements.as_slice(),
            Value::Object(_) => std::slice::from_ref(value),
            other => {
                let problem = Problem::new(
                    format!("`Statement` is {}", json::kind(other)),
                    "expected an object or a list of objects",
                );
                mistakes.report(other.range(), problem.help("write `[{\"Effect\": …, \"Principal\": …, …}]`"));
                return None;
            }
        };
        if listed.is_empty() {
            let problem = Problem::new("`Statement` is an empty list", "expected at least one statement");
            mistakes.report(value.range(), problem.help("to deny everything, write a statement that denies it"));
            return None;
        }
        let statements: Vec<_> = listed.iter().filter_map(|element| self.statement(element, mistakes)).collect();
        if self.kind == PolicyKind::Identity {
            report_repeated_sids(&statements, mistakes);
        }
        (statements.len() == listed.len()).then_some(statements)
    }

    /// One statement (D-05, D-06). All its elements are read before one of them is missed.
    fn statement(self, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Statement> {
        let Some(object) = value.as_object() else {
            let problem =
                Problem::new(format!("an element of `Statement` is {}", json::kind(value)), "expected an object");
            mistakes.report(value.range(), problem.help("each statement is an object, and all stand in one list"));
            return None;
        };
        let [sid, effect, principal, not_principal, action, not_action, resource, not_resource, condition] =
            json::fields(object, "a statement", &STATEMENT, mistakes);

        let sid = sid.map_or(Some(None), |sid| self.sid(&sid.value, mistakes).map(Some));
        let effect = match effect {
            Some(effect) => read_effect(&effect.value, mistakes),
            None => {
                report_missing(object, "`Effect`", "add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`", mistakes);
                None
            }
        };
        let principal = self.principal_element(object, [principal, not_principal], effect, mistakes);
        let action =
            one_of(object, ["`Action`", "`NotAction`"], [action, not_action], mistakes, |what, value, mistakes| {
                json::strings(value, what, mistakes, |text| read_action(text, self.version))
            });
        let resource = one_of(
            object,
            ["`Resource`", "`NotResource`"],
            [resource, not_resource],
            mistakes,
            |what, value, mistakes| json::strings(value, what, mistakes, |text| self.resource(text)),
        );
        let condition_place = condition.map(|condition| condition.value.range().into());
        let condition = condition.map_or(Some(Vec::new()), |condition| self.condition(&condition.value, mistakes));

        let (action_place, negated_action, actions) = action?;
        let (resource_place, negated_resource, resources) = resource?;
        Some(Statement {
            place: object.range.into(),
            sid: sid?,
            effect: effect?,
            principal: principal?,
            action: ActionElement { place: action_place, negated: negated_action, patterns: actions },
            resource: ResourceElement { place: resource_place, negated: negated_resource, patterns: resources },
            condition: condition?,
            condition_place,
        })
    }

    /// `Sid` (D-08), save that it is unique.
    fn sid(self, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Spanned<String>> {
        let text = json::string(value, "`Sid`", mistakes)?;
        if self.kind == PolicyKind::Identity
            && let Some(odd) = text.value.chars().find(|character| !character.is_ascii_alphanumeric())
        {
            let problem = Problem::new(
                format!("`Sid` {} holds {}", quote(&text.value), quote(odd.encode_utf8(&mut [0; 4]))),
                "expected letters `A-Z`, `a-z` and digits alone",
            );
            mistakes.report(text.range, problem);
            return None;
        }
        Some(Spanned { value: text.value.clone().into_owned(), place: text.range.into() })
    }

    /// `Principal` or `NotPrincipal` (D-06, P-01, P-12). The outer `None` is a mistake, the inner one absence.
    fn principal_element(
        self,
        object: &Object<'_>,
        given: [Option<&ObjectProp<'_>>; 2],
        effect: Option<Effect>,
        mistakes: &mut Mistakes,
    ) -> Option<Option<PrincipalElement>> {
        if self.kind == PolicyKind::Identity {
            let mut refused = false;
            for property in given.into_iter().flatten() {
                let name = quote(property.name.as_str());
                let problem = Problem::new(format!("an identity policy has no {name}"), "expected no principal here");
                mistakes.report(
                    property.name.range(),
                    problem.help("remove it: the principal is whoever the policy is attached to"),
                );
                refused = true;
            }
            return (!refused).then_some(None);
        }
        let names = ["`Principal`", "`NotPrincipal`"];
        let (place, negated, entries) =
            one_of(object, names, given, mistakes, |what, value, mistakes| self.principal(what, value, mistakes))?;
        if negated && let Some(problem) = refuse_not_principal(effect, &entries) {
            mistakes.report(place, problem);
            return None;
        }
        Some(Some(PrincipalElement { place, negated, entries }))
    }

    /// The value of `Principal` or `NotPrincipal` (P-01).
    fn principal(self, what: &str, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Spanned<PrincipalEntry>>> {
        let object = match value {
            Value::StringLit(text) if text.value == "*" => {
                return Some(vec![Spanned { value: PrincipalEntry::Everyone, place: text.range.into() }]);
            }
            Value::Object(object) => object,
            other => {
                let found =
                    other.as_string_lit().map_or_else(|| json::kind(other).to_owned(), |text| quote(&text.value));
                let problem = Problem::new(
                    format!("{what} is {found}"),
                    "expected `\"*\"`, or an object with `AWS` or `Service`",
                );
                let help = match other {
                    Value::StringLit(text) if !text.value.is_empty() => {
                        format!("write `{{\"AWS\": \"{}\"}}`", text.value.escape_debug())
                    }
                    Value::Array(_) => "write `{\"AWS\": […]}`".to_owned(),
                    _ => "write `\"*\"` for everyone, or name somebody, as `{\"AWS\": \"123412341234\"}`".to_owned(),
                };
                mistakes.report(other.range(), problem.help(help));
                return None;
            }
        };
        let [federated, canonical, aws, service] =
            json::fields_expecting(object, what, &PRINCIPAL, &["AWS", "Service"], mistakes);
        let mut readable = true;
        for (refused, why) in [
            (federated, "a federated identity calls as a role session or a federated user: name that under `AWS`"),
            (canonical, "name the account of the canonical user under `AWS`"),
        ] {
            if let Some(property) = refused {
                let name = quote(property.name.as_str());
                let problem = Problem::new(
                    format!("principals under {name} cannot call a private API"),
                    "expected `AWS` or `Service`",
                );
                mistakes.report(property.name.range(), problem.help(why));
                readable = false;
            }
        }
        if object.properties.is_empty() {
            let problem = Problem::new(format!("{what} is an empty object"), "expected `AWS` or `Service` in it");
            mistakes.report(
                object.range,
                problem.help("name somebody, as `{\"AWS\": \"123412341234\"}`, or write `\"*\"` for everyone"),
            );
        }
        let mut entries = Vec::new();
        let aws = aws.map(|aws| json::strings(&aws.value, "`AWS`", mistakes, |text| read_aws(text, self.version)));
        let service = service.map(|service| {
            json::strings(&service.value, "`Service`", mistakes, |text| read_service(text, self.version))
        });
        for part in [aws, service].into_iter().flatten() {
            entries.extend(part?);
        }
        (readable && !entries.is_empty()).then_some(entries)
    }

    /// One resource pattern.
    fn resource(self, text: &str) -> Result<ResourcePattern, Problem> {
        let api = match self.kind {
            PolicyKind::Resource(api) => Some(api),
            PolicyKind::Endpoint | PolicyKind::Identity => None,
        };
        read_resource(text, self.version, api)
    }

    /// `Condition` (D-10).
    fn condition(self, value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<ConditionTest>> {
        let Some(object) = value.as_object() else {
            let problem = Problem::new(format!("`Condition` is {}", json::kind(value)), "expected an object");
            mistakes.report(value.range(), problem.help(CONDITION_FORM));
            return None;
        };
        let mut tests = Some(Vec::new());
        for property in &object.properties {
            let read = self.operator(property, mistakes);
            tests = match (tests, read) {
                (Some(mut tests), Some(read)) => {
                    tests.extend(read);
                    Some(tests)
                }
                _ => None,
            };
        }
        tests
    }

    /// One operator and its keys (D-10, D-12, D-13).
    fn operator(self, property: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<Vec<ConditionTest>> {
        let name = property.name.as_str();
        let operator = match read_operator(name) {
            Ok(operator) => Some(operator),
            Err(problem) => {
                mistakes.report_in_string(property.name.range(), name, problem);
                None
            }
        };
        let Some(keys) = property.value.as_object() else {
            // Of a context key in an operator's place, this would say the same a second time.
            if operator.is_some() || read_key_name(name).is_err() {
                let what = format!("the value of {} is {}", quote(name), json::kind(&property.value));
                let problem = Problem::new(what, "expected an object of context keys");
                mistakes.report(property.value.range(), problem.help(CONDITION_FORM));
            }
            return None;
        };
        if keys.properties.is_empty() {
            let problem = Problem::new(
                format!("operator {} has no context key", quote(name)),
                "expected at least one context key",
            );
            mistakes.report(keys.range, problem.help("remove the operator, or name the key it tests"));
            return None;
        }
        json::report_repeats_but_for_case(keys, mistakes);
        let mut tests = Vec::with_capacity(keys.properties.len());
        for key in &keys.properties {
            let name = self.key_name(key, mistakes);
            let values = self.values(operator, key, mistakes);
            if let (Some(operator), Some(name), Some(values)) = (operator, name, values) {
                let operator = Spanned { value: operator, place: property.name.range().into() };
                tests.push(ConditionTest { operator, key: name, values });
            }
        }
        (tests.len() == keys.properties.len()).then_some(tests)
    }

    /// The name of a condition's context key (C-21, V-06).
    fn key_name(self, key: &ObjectProp<'_>, mistakes: &mut Mistakes) -> Option<Spanned<String>> {
        let name = key.name.as_str();
        let place = key.name.range();
        match refuse_variable(name, self.version, "the name of a context key").and_then(|()| read_key_name(name)) {
            Ok(()) => Some(Spanned { value: name.to_owned(), place: place.into() }),
            Err(problem) => {
                mistakes.report_in_string(place, name, problem);
                None
            }
        }
    }

    /// The values of a context key (D-10, D-11). Without an operator they are read for their form alone.
    fn values(
        self,
        operator: Option<Operator>,
        key: &ObjectProp<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<Vec<Spanned<ConditionValue>>> {
        let listed = match &key.value {
            Value::Array(array) => array.elements.as_slice(),
            alone => std::slice::from_ref(alone),
        };
        if listed.is_empty() {
            let name = quote(key.name.as_str());
            let problem = Problem::new(format!("{name} has an empty list of values"), "expected at least one value");
            mistakes.report(key.value.range(), problem.help("list the values to compare with, or remove the key"));
            return None;
        }
        let mut values = Vec::with_capacity(listed.len());
        for element in listed {
            let place = element.range();
            let text = match read_literal(element, operator, key.name.as_str()) {
                Ok(text) => text,
                Err(problem) => {
                    mistakes.report(place, problem);
                    continue;
                }
            };
            let Some(operator) = operator else { continue };
            match read_value(operator.base, &text, self.version) {
                Ok(value) => values.push(Spanned { value, place: place.into() }),
                Err(problem) if element.as_string_lit().is_some() => mistakes.report_in_string(place, &text, problem),
                Err(problem) => mistakes.report(place, problem),
            }
        }
        (values.len() == listed.len()).then_some(values)
    }
}

/// What is wrong with a `NotPrincipal` as a whole (P-12).
fn refuse_not_principal(effect: Option<Effect>, entries: &[Spanned<PrincipalEntry>]) -> Option<Problem> {
    if effect == Some(Effect::Allow) {
        let problem = Problem::new("`NotPrincipal` stands in an Allow", "expected `NotPrincipal` in a Deny alone");
        return Some(problem.help("name who is allowed in `Principal`"));
    }
    let everyone = [PrincipalEntry::Everyone, PrincipalEntry::AnyAws];
    entries.iter().any(|entry| everyone.contains(&entry.value)).then(|| {
        let expected = "expected the principals that are not to be denied";
        Problem::new("`NotPrincipal` of `*` denies nobody", expected).help("remove the statement, or name them")
    })
}

/// The text of a condition value (D-11).
fn read_literal<'v>(value: &'v Value<'_>, operator: Option<Operator>, key: &str) -> Result<Cow<'v, str>, Problem> {
    match value {
        Value::StringLit(text) => Ok(Cow::Borrowed(&text.value)),
        Value::BooleanLit(boolean) => Ok(Cow::Borrowed(if boolean.value { "true" } else { "false" })),
        Value::NumberLit(number) if number.value.contains(['e', 'E']) => {
            let problem =
                Problem::new(format!("number {} has an exponent", quote(number.value)), "expected digits alone");
            Err(problem.help("write the number out"))
        }
        Value::NumberLit(number)
            if number.value.contains('.') && !operator.is_none_or(|operator| operator.base.is_numeric()) =>
        {
            let problem = Problem::new(
                format!("number {} has a fraction", quote(number.value)),
                "expected a string, a whole number or a boolean",
            );
            Err(problem.help(format!("if the text is meant, write `\"{}\"`", number.value)))
        }
        Value::NumberLit(number) => Ok(Cow::Borrowed(number.value)),
        Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => {
            let problem = Problem::new(
                format!("a value of {} is {}", quote(key), json::kind(value)),
                "expected a string, a number or a boolean",
            );
            let help = match value {
                Value::NullKeyword(_) => Some(format!(
                    "to ask whether the key is absent, write `\"Null\": {{\"{}\": \"true\"}}`",
                    key.escape_debug()
                )),
                _ => json::as_string(value),
            };
            Err(problem.help_if(help))
        }
    }
}

/// `Effect` (D-07).
fn read_effect(value: &Value<'_>, mistakes: &mut Mistakes) -> Option<Effect> {
    let Value::StringLit(text) = value else {
        let problem = Problem::new(format!("`Effect` is {}", json::kind(value)), "expected `\"Allow\"` or `\"Deny\"`");
        mistakes.report(value.range(), problem.help("write one of the two, in quotes"));
        return None;
    };
    match &*text.value {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            let problem = Problem::new(format!("`Effect` is {}", quote(other)), "expected `Allow` or `Deny`");
            let meant = nearest(other, ["Allow", "Deny"]).or_else(|| nearest(other, ["Allowed", "Denied"]));
            let help = match meant {
                Some("Allowed") => "did you mean `Allow`?".to_owned(),
                Some("Denied") => "did you mean `Deny`?".to_owned(),
                Some(meant) => json::did_you_mean(other, meant),
                None => "there are no other effects".to_owned(),
            };
            mistakes.report(text.range, problem.help(help));
            None
        }
    }
}

/// Reads the one of two elements that is given: where its name stands, whether it is the second, and what it holds.
/// Neither and both are reported; both are read for their other mistakes.
fn one_of<T>(
    object: &Object<'_>,
    [plain, negated]: [&str; 2],
    given: [Option<&ObjectProp<'_>>; 2],
    mistakes: &mut Mistakes,
    read: impl Fn(&str, &Value<'_>, &mut Mistakes) -> Option<T>,
) -> Option<(Place, bool, T)> {
    let name = |property: &ObjectProp<'_>| property.name.range().into();
    match given {
        [Some(property), None] => Some((name(property), false, read(plain, &property.value, mistakes)?)),
        [None, Some(property)] => Some((name(property), true, read(negated, &property.value, mistakes)?)),
        [Some(first), Some(second)] => {
            let problem = Problem::new(
                format!("a statement has both {plain} and {negated}"),
                format!("expected one of {plain} and {negated}"),
            );
            mistakes.report(second.name.range(), problem.help("write two statements"));
            read(plain, &first.value, mistakes);
            read(negated, &second.value, mistakes);
            None
        }
        [None, None] => {
            let help = match plain {
                "`Principal`" => {
                    "add `\"Principal\"` with somebody, as `{\"AWS\": \"123412341234\"}`, or `\"*\"` for everyone; without it, this is an identity policy"
                }
                "`Action`" => "add `\"Action\": \"execute-api:Invoke\"`",
                _ => "add `\"Resource\"` with the ARNs that are meant, or with `\"*\"` for every API",
            };
            report_missing(object, &format!("{plain} or {negated}"), help, mistakes);
            None
        }
    }
}

/// Reports an element that a statement lacks.
fn report_missing(object: &Object<'_>, what: &str, help: &str, mistakes: &mut Mistakes) {
    let problem = Problem::new(format!("a statement has no {what}"), format!("expected {what} in this object"));
    mistakes.report(json::opening(object), problem.help(help));
}

/// Reports each `Sid` that an earlier statement has (D-08); the empty one may be repeated by nobody either.
fn report_repeated_sids(statements: &[Statement], mistakes: &mut Mistakes) {
    let mut seen = HashSet::new();
    for sid in statements.iter().filter_map(|statement| statement.sid.as_ref()) {
        if !seen.insert(sid.value.as_str()) {
            let problem = Problem::new(
                format!("`Sid` {} stands twice", quote(&sid.value)),
                "expected each `Sid` once in an identity policy",
            );
            mistakes.report(sid.place, problem.help("rename one of them"));
        }
    }
}
