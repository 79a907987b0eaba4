//! A workload made by the program itself: one endpoint policy of N statements, and requests to ask it.
//!
//! The shapes are those that the measurements name; each is a distribution, and a seed makes it one workload:
//! the same arguments give the same text, on every machine and with every version of every crate.

use std::fmt::Write;

use serde_json::{Map, Value, json};

/// What the statements look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shape {
    /// Every statement names one API, about ten statements an API
    Gateway,
    /// As gateway, but a tenth of the statements are for any API
    Crosscut,
    /// As gateway, but a third name the API with region and account wild
    WildRegion,
    /// As gateway, but a third name an account and any API in it
    WildApi,
    /// As gateway, but every statement carries two conditions, half of them shared with others
    Conditions,
    /// All statements on one API, with overlapping globs such as `*/GET/ab*cd/*`
    OneApi,
    /// All on one API, globs made to hurt: `*a*ab*b…Z`
    Hostile,
    /// As hostile, with paths of 8 KB
    HostileLong,
}

/// Which workload.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub shape: Shape,
    pub statements: usize,
    pub requests: usize,
    /// The share of role callers that come as an assumed-role session, 0 to 1.
    pub sessions: f64,
    pub seed: u64,
}

/// The texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// One document.
    pub policy: String,
    /// One JSON object a line.
    pub requests: String,
}

impl Plan {
    /// Makes the texts.
    pub fn make(self) -> Workload {
        let mut maker = Maker::new(self);
        let statements: Vec<_> = (0..self.statements).map(|index| maker.statement(index)).collect();
        let mut requests = String::new();
        for _ in 0..self.requests {
            // Writing to a string does not fail.
            let _ = writeln!(requests, "{}", maker.request(&statements));
        }
        let statements: Vec<_> = statements.into_iter().map(|made| made.json).collect();
        Workload { policy: json!({"Version": "2012-10-17", "Statement": statements}).to_string(), requests }
    }
}

const NOUNS: [&str; 10] =
    ["pets", "orders", "users", "carts", "invoices", "sessions", "reports", "teams", "files", "events"];
const VERBS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"];
const STAGES: [&str; 5] = ["prod", "beta", "dev", "v1", "v2"];
const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
const ALNUM: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// SplitMix64: ten lines whose numbers no new version of a crate can change.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0. The bias is below one in 2^32 for what is asked here.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or_default()
    }

    /// A number from 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        let index = self.below(from.len());
        from.get(index)
    }

    fn word<'t>(&mut self, from: &[&'t str]) -> &'t str {
        self.pick(from).copied().unwrap_or_default()
    }

    fn text(&mut self, from: &[String]) -> String {
        self.pick(from).cloned().unwrap_or_default()
    }

    fn letters(&mut self, from: &str, count: usize) -> String {
        (0..count).map(|_| char::from(self.pick(from.as_bytes()).copied().unwrap_or_default())).collect()
    }
}

struct Api {
    region: &'static str,
    account: String,
    id: String,
}

impl Api {
    fn prefix(&self) -> String {
        format!("arn:aws:execute-api:{}:{}:{}", self.region, self.account, self.id)
    }
}

/// A condition: operator, key, value.
type Condition = (&'static str, &'static str, Value);

/// A statement, and what a request needs that it should match.
struct Made {
    json: Value,
    api: usize,
    resource: String,
    /// An ARN, or nobody for `*`.
    principal: Option<String>,
    conditions: Vec<Condition>,
}

struct Maker {
    plan: Plan,
    random: Random,
    accounts: Vec<String>,
    apis: Vec<Api>,
    principals: Vec<String>,
    endpoints: Vec<String>,
    organizations: Vec<String>,
    vocabulary: Vec<String>,
    shared: Vec<Condition>,
}

impl Maker {
    fn new(plan: Plan) -> Self {
        let mut random = Random(plan.seed);
        let count = plan.statements;
        let accounts: Vec<_> = (0..(count / 100).max(2))
            .map(|_| (100_000_000_000 + random.next() % 900_000_000_000).to_string())
            .collect();
        let one_api = matches!(plan.shape, Shape::OneApi | Shape::Hostile | Shape::HostileLong);
        let apis = (0..if one_api { 1 } else { (count / 10).max(1) })
            .map(|_| Api {
                region: random.word(&REGIONS),
                account: random.text(&accounts),
                id: random.letters(ALNUM, 10),
            })
            .collect();
        let principals = (0..(count / 5).max(4))
            .map(|number| {
                let (account, kind) = (random.text(&accounts), random.word(&["role", "user"]));
                format!("arn:aws:iam::{account}:{kind}/{}-{number}", random.word(&NOUNS))
            })
            .collect();
        let endpoints = (0..20).map(|_| format!("vpce-{:08x}", random.below(1 << 32))).collect();
        let organizations = (0..5).map(|_| format!("o-{}", random.letters(ALNUM, 10))).collect();
        let vocabulary = (0..300).map(|_| word(&mut random)).collect();
        let shared = Vec::new();
        let mut maker = Self { plan, random, accounts, apis, principals, endpoints, organizations, vocabulary, shared };
        maker.shared = (0..50).map(|_| maker.one_condition()).collect();
        maker
    }

    fn chance(&mut self, share: f64) -> bool {
        self.random.share() < share
    }

    fn statement(&mut self, index: usize) -> Made {
        let api = self.random.below(self.apis.len());
        let who = self.random.share();
        let principal = if who < 0.3 {
            None
        } else if who < 0.9 {
            Some(self.random.text(&self.principals))
        } else {
            Some(format!("arn:aws:iam::{}:root", self.random.text(&self.accounts)))
        };
        let denies = matches!(self.plan.shape, Shape::Hostile | Shape::HostileLong);
        let effect = if self.chance(if denies { 0.33 } else { 0.1 }) { "Deny" } else { "Allow" };
        let resource = self.resource(index, api);
        let conditions = self.conditions();
        let mut json = json!({
            "Sid": format!("S{index}"), "Effect": effect,
            "Principal": principal.as_ref().map_or(json!("*"), |arn| json!({"AWS": arn})),
            "Action": "execute-api:Invoke", "Resource": resource,
        });
        let mut block: Map<String, Value> = Map::new();
        for (operator, key, value) in &conditions {
            let tests = block.entry(*operator).or_insert_with(|| json!({}));
            if let Some(tests) = tests.as_object_mut() {
                tests.insert((*key).to_owned(), value.clone());
            }
        }
        if let Some(statement) = json.as_object_mut().filter(|_| !block.is_empty()) {
            statement.insert("Condition".to_owned(), block.into());
        }
        Made { json, api, resource, principal, conditions }
    }

    fn resource(&mut self, index: usize, api: usize) -> String {
        let prefix = self.apis.get(api).map(Api::prefix).unwrap_or_default();
        match self.plan.shape {
            Shape::OneApi => return format!("{prefix}/{}", self.overlapping_tail()),
            Shape::Hostile | Shape::HostileLong => return format!("{prefix}/{}", self.hostile_tail(index)),
            _ => {}
        }
        let share = self.random.share();
        let (stage, verb, noun) = (self.random.word(&STAGES), self.random.word(&VERBS), self.random.word(&NOUNS));
        match (self.plan.shape, self.apis.get(api)) {
            (Shape::Crosscut, _) if share < 0.1 => {
                format!("arn:aws:execute-api:*:*:*/{stage}/{verb}/*{noun}{}*", self.random.below(1000))
            }
            (Shape::WildRegion, Some(Api { id, .. })) if share < 0.33 => {
                let head = format!("arn:aws:execute-api:*:*:{id}");
                format!("{head}/{}", self.gateway_tail())
            }
            (Shape::WildApi, Some(Api { region, account, .. })) if share < 0.33 => {
                format!("arn:aws:execute-api:{region}:{account}:*/{stage}/{verb}/{noun}/*")
            }
            _ => format!("{prefix}/{}", self.gateway_tail()),
        }
    }

    fn gateway_tail(&mut self) -> String {
        if self.chance(0.15) {
            return "*".to_owned();
        }
        let stage = if self.chance(0.7) { self.random.word(&STAGES) } else { "*" };
        let verb = if self.chance(0.7) { self.random.word(&VERBS) } else { "*" };
        let share = self.random.share();
        let (one, two) = (self.random.word(&NOUNS), self.random.word(&NOUNS));
        let path = match share {
            share if share < 0.35 => "*".to_owned(),
            share if share < 0.60 => format!("{one}/*"),
            share if share < 0.75 => format!("{one}/*/{two}"),
            share if share < 0.85 => format!("{one}/v?/{two}"),
            _ => format!("{one}/{two}/{}", self.random.below(100)),
        };
        format!("{stage}/{verb}/{path}")
    }

    fn overlapping_tail(&mut self) -> String {
        let share = self.random.share();
        let (stage, verb) = (self.random.word(&STAGES), self.random.word(&VERBS));
        let (one, two) = (self.random.word(&NOUNS), self.random.word(&NOUNS));
        let (v, w) = (self.random.text(&self.vocabulary), self.random.text(&self.vocabulary));
        match share {
            share if share < 0.25 => format!("*/{verb}/{v}*{w}/*"),
            share if share < 0.40 => format!("{stage}/*/{v}/*"),
            share if share < 0.55 => format!("*/{one}/*/{two}-{}", self.random.below(500)),
            share if share < 0.70 => format!("{stage}/{verb}/{one}/v?/{v}"),
            share if share < 0.85 => format!("{stage}/{verb}/{one}/{v}/{}", self.random.below(100)),
            share if share < 0.95 => format!("*/{verb}/*{one}{}*", self.random.below(1000)),
            _ => format!("{stage}/{verb}/{v}*/{w}"),
        }
    }

    fn hostile_tail(&mut self, index: usize) -> String {
        match self.random.below(4) {
            0 => {
                let stars: String = (0..3 + self.random.below(6)).map(|_| format!("*{}", self.ab(3))).collect();
                format!("{stars}Z")
            }
            1 => format!("*{}{index}*{}*", word(&mut self.random), word(&mut self.random)),
            2 => {
                let stars = "*/".repeat(1 + self.random.below(8));
                format!("{stars}{}/*/*/*{}*/{}", self.ab(2), self.ab(2), self.ab(4))
            }
            _ => format!("*{}*{}?{}*c", self.ab(4), self.ab(4), self.ab(4)),
        }
    }

    /// One to `most` letters `a` and `b`.
    fn ab(&mut self, most: usize) -> String {
        let count = 1 + self.random.below(most);
        self.random.letters("ab", count)
    }

    fn one_condition(&mut self) -> Condition {
        match self.random.below(if self.plan.shape == Shape::Conditions { 4 } else { 3 }) {
            0 => {
                // Two different ones.
                let first = self.random.below(self.endpoints.len());
                let step = 1 + self.random.below(self.endpoints.len().saturating_sub(1));
                let second = (first + step) % self.endpoints.len().max(1);
                let values: Vec<_> = [first, second].iter().filter_map(|index| self.endpoints.get(*index)).collect();
                ("StringEquals", "aws:SourceVpce", json!(values))
            }
            1 => ("IpAddress", "aws:VpcSourceIp", json!(format!("10.{}.0.0/16", self.random.below(256)))),
            2 => ("StringEquals", "aws:PrincipalOrgID", json!(self.random.text(&self.organizations))),
            _ => ("StringLike", "aws:UserAgent", json!(format!("{}/*", self.random.word(&NOUNS)))),
        }
    }

    fn conditions(&mut self) -> Vec<Condition> {
        if self.plan.shape != Shape::Conditions {
            return if self.chance(0.1) { vec![self.one_condition()] } else { Vec::new() };
        }
        let mut conditions: Vec<Condition> = Vec::new();
        while conditions.len() < 2 {
            let shared = self.chance(0.5).then(|| self.random.pick(&self.shared).cloned()).flatten();
            let condition = shared.unwrap_or_else(|| self.one_condition());
            // A key stands once under an operator; the later one wins.
            conditions.retain(|(operator, key, _)| (*operator, *key) != (condition.0, condition.1));
            conditions.push(condition);
        }
        conditions
    }

    fn request(&mut self, statements: &[Made]) -> Value {
        let Some(made) = self.random.pick(statements) else { return Value::Null };
        let (shape, hard, other) = (self.plan.shape, self.chance(0.8), self.chance(0.2));
        let resource = match shape {
            Shape::Hostile | Shape::HostileLong if hard => self.hostile_resource(statements),
            Shape::Hostile | Shape::HostileLong => self.concrete(made),
            _ if other => {
                let prefix = self.random.pick(&self.apis).map(Api::prefix).unwrap_or_default();
                let (stage, verb, noun) =
                    (self.random.word(&STAGES), self.random.word(&VERBS), self.random.word(&NOUNS));
                format!("{prefix}/{stage}/{verb}/{noun}/{}", self.random.below(1000))
            }
            _ => self.concrete(made),
        };
        let [second, third, fourth] = [(); 3].map(|()| self.random.below(256));
        let mut context = json!({
            "aws:SourceVpce": self.random.text(&self.endpoints),
            "aws:VpcSourceIp": format!("10.{second}.{third}.{fourth}"),
            "aws:PrincipalOrgID": self.random.text(&self.organizations),
            "aws:UserAgent": format!("{}/1.{}", self.random.word(&NOUNS), self.random.below(10)),
        });
        if self.chance(0.8)
            && let Some(context) = context.as_object_mut()
        {
            for (_, key, value) in &made.conditions {
                let first = value.get(0).unwrap_or(value).as_str().unwrap_or_default();
                context.insert((*key).to_owned(), first.replace("0.0/16", "7.7").replace('*', "2.0").into());
            }
        }
        let principal = self.caller(made);
        json!({"principal": principal, "action": "execute-api:Invoke", "resource": resource, "context": context})
    }

    /// A resource that the statement matches.
    fn concrete(&mut self, made: &Made) -> String {
        let prefix = self.apis.get(made.api).map(Api::prefix).unwrap_or_default();
        let (_, tail) = made.resource.split_once('/').unwrap_or_default();
        let mut path = String::new();
        for letter in tail.chars() {
            match letter {
                '*' => {
                    let noun = self.random.word(&NOUNS);
                    path.push_str(self.random.word(&["42", "a/b", "x9", noun]));
                }
                '?' => path.push_str(&self.random.letters(ALNUM, 1)),
                letter => path.push(letter),
            }
        }
        let end = if path.ends_with('/') { "x" } else { "" };
        format!("{prefix}/{path}{end}")
    }

    fn hostile_resource(&mut self, statements: &[Made]) -> String {
        let size = if self.plan.shape == Shape::HostileLong { 8000 } else { 40 };
        let last = self.random.pick(statements).and_then(|made| made.resource.rsplit('/').next()).unwrap_or_default();
        // The longest piece between stars, the first of those that are as long.
        let longest = last.split('*').rev().max_by_key(|piece| piece.len()).unwrap_or_default();
        let piece = format!("{longest}-");
        let path = match self.random.below(5) {
            0 => "a".repeat(size),
            1 => "a/".repeat(size / 2) + "x",
            2 => self.random.letters("ab", size),
            3 => {
                let letters: Vec<_> = (0..size)
                    .map(|at| if at % 7 == 6 { "/".to_owned() } else { self.random.letters(LETTERS, 1) })
                    .collect();
                letters.concat() + "q"
            }
            _ => piece.repeat(size / piece.len()),
        };
        let prefix = self.apis.first().map(Api::prefix).unwrap_or_default();
        format!("{prefix}/prod/GET/{path}")
    }

    fn caller(&mut self, made: &Made) -> String {
        let mut who = self.random.text(&self.principals);
        if let Some(principal) = &made.principal
            && self.chance(0.9)
        {
            who = principal.strip_suffix(":root").map_or_else(|| principal.clone(), |head| format!("{head}:role/any"));
        }
        if let Some((head, name)) = who.split_once(":role/")
            && self.chance(self.plan.sessions)
        {
            let head = head.replace(":iam:", ":sts:");
            return format!("{head}:assumed-role/{name}/session-{}", self.random.below(10_000));
        }
        who
    }
}

/// Two to five letters.
fn word(random: &mut Random) -> String {
    let count = 2 + random.below(4);
    random.letters(LETTERS, count)
}
