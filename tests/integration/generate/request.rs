//! Requests near the edges of a document.
//!
//! A request aims at one statement: it takes the words of its principals, patterns and values and stays equal to
//! them, or goes one step off. What it does follows from a row of numbers, of which 0 is always the plainest choice,
//! so that a request shrinks towards one that simply matches the first statement.

use proptest::prelude::*;

use super::document::{AWS_ENTRIES, Document, Principal, SERVICES, Statement, Test, Values};
use crate::lines::{Other, Pairs, Principal as Caller, RequestLine, Texts};

/// How to ask, whatever the document.
#[derive(Debug, Clone)]
pub struct Question(Vec<u16>);

pub fn question() -> impl Strategy<Value = Question> {
    prop::collection::vec(any::<u16>(), 40).prop_map(Question)
}

/// What may stand where a `*` of the last part stands.
const RUNS: [&str; 12] = ["a", "", "/", ":", "prod/GET/pets", "ab", "é", "*", "?", "/b:a", "𝄞a", LONG];
/// What may stand where a `?` stands: mostly one character.
const ONES: [&str; 9] = ["a", "/", ":", "b", "é", "𝄞", "*", "", "ab"];
/// The same in a part that sees no colon.
const PART_RUNS: [&str; 6] = ["1", "", "east-1", "-", "*", "é"];
const PART_ONES: [&str; 5] = ["1", "4", "?", "𝄞", "11"];
const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// What a part that is `*` stands for.
const USUAL_PARTS: [&str; 5] = ["arn", "aws", "execute-api", "us-east-1", "123412341234"];
const OTHER_PARTS: [&str; 5] = ["arn", "aws-cn", "execute-api", "eu-west-1", "999999999999"];

const ACTIONS: [&str; 5] = [
    "execute-api:Invoke",
    "execute-api:InvalidateCache",
    "execute-api:ManageConnections",
    "s3:GetObject",
    "execute-api:*",
];
/// Callers that no entry names, some of no known form.
const STRANGERS: [&str; 8] = [
    "arn:aws:iam::123412341234:user/Eve",
    "arn:aws:iam::123412341234:user/ann",
    "arn:aws:sts::123412341234:assumed-role/y/Ann",
    "arn:aws:sts::123412341234:federated-user/Bob",
    "arn:aws-iso-b:iam::999999999999:root",
    "arn:aws:iam::123412341234:group/Ann",
    "arn:aws:sts::123412341234:assumed-role/Ann",
    "123412341234",
];
/// Values for keys that variables name.
const WORDS: [&str; 12] =
    ["a", "b", "Ann", "", "*", "?", "a/b", "x:y", "red", "é", "a*b", "arn:aws:iam::123412341234:role/Ann"];
/// Where a text may be changed by a little.
const SCRAPS: [&str; 8] = ["a", "/", ":", "*", "?", " ", "é", "1"];

impl Question {
    /// The request, made for this document.
    pub fn line(&self, document: &Document) -> RequestLine {
        let mut picks = Picks { row: self.0.iter().cycle() };
        let aim = picks.below(document.statements.len());
        let mut asker = Asker { picks, document, caller: None, context: Vec::new() };
        asker.ask(&document.statements[aim])
    }
}

/// A row of numbers to choose by, over and over.
struct Picks<'p> {
    row: std::iter::Cycle<std::slice::Iter<'p, u16>>,
}

impl Picks<'_> {
    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        // By size and not by remainder: where a list shrinks, most choices stay near what they were.
        self.row.next().map_or(0, |number| (usize::from(*number) * limit) >> u16::BITS)
    }

    /// True once in `count` times, and never for a plain choice.
    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// A request while it is made.
struct Asker<'d> {
    picks: Picks<'d>,
    document: &'d Document,
    caller: Option<Caller>,
    context: Vec<(String, Texts)>,
}

impl Asker<'_> {
    fn ask(&mut self, aim: &Statement) -> RequestLine {
        self.caller = self.caller_of(&aim.principal);
        if self.document.has_variables() {
            self.give_variables(aim);
        }
        aim.tests.iter().for_each(|test| self.give(test));
        let other = self.picks.below(self.document.statements.len());
        if self.picks.one_in(2) {
            self.document.statements[other].tests.iter().for_each(|test| self.give(test));
        }
        if self.picks.one_in(40)
            && let Some((key, texts)) = self.context.first().cloned()
        {
            // K-02.
            self.context.push((key.to_ascii_uppercase(), texts));
        }
        let action = self.action(aim);
        let resource = self.resource(aim);
        RequestLine {
            endpoint: None,
            principal: self.caller.take(),
            action,
            resource,
            context: Pairs(std::mem::take(&mut self.context)),
            authorization: None,
            authorizer: None,
        }
    }

    fn caller_of(&mut self, principal: &Principal) -> Option<Caller> {
        let service = |name: &str| Some(Caller::Other(Other { service: name.to_owned() }));
        let mut entries: Vec<(bool, &str)> = match principal {
            Principal::Listed { negated: false, aws, services } => {
                let aws = aws.iter().map(|entry| (false, *entry));
                aws.chain(services.iter().map(|entry| (true, *entry))).collect()
            }
            // Whom the list spares is one side, everyone else the other.
            Principal::Listed { negated: true, aws, services } if self.picks.one_in(3) => {
                let aws = aws.iter().map(|entry| (false, *entry));
                aws.chain(services.iter().map(|entry| (true, *entry))).collect()
            }
            _ => Vec::new(),
        };
        if entries.is_empty() || self.picks.one_in(10) {
            entries = AWS_ENTRIES.iter().map(|entry| (false, *entry)).collect();
            entries.push((true, SERVICES[0]));
        }
        match self.picks.of(&entries) {
            (true, name) if self.picks.one_in(8) => service(&name.replace("events", "Events")),
            (true, name) => service(name),
            (false, "*") => match self.picks.below(3) {
                0 => None,
                1 => service(self.picks.of(&SERVICES)),
                _ => Some(Caller::Arn(self.picks.of(&STRANGERS).to_owned())),
            },
            (false, entry) => {
                let arns = identities(entry);
                let arn = self.picks.of(&arns);
                Some(Caller::Arn(match self.picks.below(24) {
                    0..18 => arn,
                    18 => arn.replace("123412341234", "999999999999"),
                    19 => arn.replace("arn:aws:", "arn:aws-cn:"),
                    20 => arn.replace("Ann", "ann"),
                    21 => arn.replace("/x/y/", "/").replace("/team/", "/"),
                    22 => self.picks.of(&STRANGERS).to_owned(),
                    _ => self.bent(&arn),
                }))
            }
        }
    }

    fn action(&mut self, aim: &Statement) -> String {
        let action = if aim.action.negated && !self.picks.one_in(4) {
            self.picks.of(&ACTIONS).to_owned()
        } else {
            match self.picks.of(&aim.action.patterns).as_str() {
                "*" => ACTIONS[0].to_owned(),
                pattern => self.filled(pattern, true, &["Invoke", "e", "Inv", "i"], &["v", "i", "K"]),
            }
        };
        match self.picks.below(16) {
            0..10 => action,
            10..12 => action.to_ascii_uppercase(),
            12..14 => action.to_ascii_lowercase(),
            14 => self.picks.of(&ACTIONS).to_owned(),
            _ => self.bent(&action),
        }
    }

    fn resource(&mut self, aim: &Statement) -> String {
        let pattern = if aim.resource.negated && !self.picks.one_in(4) {
            let other = self.picks.below(self.document.statements.len());
            self.document.statements[other].resource.patterns[0].clone()
        } else {
            self.picks.of(&aim.resource.patterns)
        };
        let mut parts: Vec<&str> = pattern.splitn(6, ':').collect();
        if parts == ["*"] {
            parts.clear();
        }
        // the parts that are not there are `*`.
        parts.resize(6, "*");
        let mut resource = String::new();
        for (at, part) in parts[..5].iter().enumerate() {
            let usual = if self.picks.one_in(8) { OTHER_PARTS[at] } else { USUAL_PARTS[at] };
            match *part {
                "*" | "arn" => resource.push_str(usual),
                glob => resource.push_str(&self.filled(glob, true, &PART_RUNS, &PART_ONES)),
            }
            resource.push(':');
        }
        resource += &match parts[5] {
            "*" => self
                .picks
                .of(&["a1b2c3d4e5/prod/GET/pets", "a1b2c3d4e5/prod/GET/", "z9/prod/POST/a:b/é", ""])
                .to_owned(),
            rest => self.filled(rest, true, &RUNS, &ONES),
        };
        if self.picks.one_in(8) { self.bent(&resource) } else { resource }
    }

    /// Gives the keys of the variables of a statement.
    fn give_variables(&mut self, aim: &Statement) {
        let texts = aim.resource.patterns.iter().chain(aim.tests.iter().flat_map(|test| &test.values));
        let keys: Vec<&str> = texts.flat_map(|text| variables(text)).collect();
        for key in keys {
            if self.is_given(key) || self.picks.one_in(4) {
                continue;
            }
            let word = self.picks.of(&WORDS).to_owned();
            let texts = match self.picks.below(12) {
                0..7 => Texts::One(word),
                7 => Texts::List(vec![word]),
                8..11 => Texts::List(vec![word, "b".to_owned()]),
                _ => Texts::List(Vec::new()),
            };
            self.context.push((key.to_owned(), texts));
        }
    }

    /// Gives a test's key a value that helps the test to hold, or one that does not.
    fn give(&mut self, test: &Test) {
        let derived = ["aws:principal", "aws:user", "aws:re"];
        let key = test.key.to_ascii_lowercase();
        let may_be_derived = derived.iter().any(|prefix| key.starts_with(prefix));
        if self.is_given(test.key) || (may_be_derived && self.picks.one_in(2)) {
            return;
        }
        let hit = self.value(test, true);
        let texts = match self.picks.below(20) {
            0..10 => vec![hit],
            10 | 11 => vec![self.value(test, false)],
            12 | 13 => vec![hit, self.value(test, true)],
            14 => vec![hit.clone(), hit],
            15 => vec![hit, self.value(test, false)],
            16 => vec![String::new()],
            17 => vec![String::new(), hit],
            18 => vec![],
            // The key stays away.
            _ => return,
        };
        let name = match (key.as_str(), self.picks.below(6)) {
            (_, 3) => key.clone(),
            (_, 4) => key.to_ascii_uppercase(),
            // K-10.
            ("aws:currenttime", 5) => "aws:EpochTime".to_owned(),
            ("aws:epochtime", 5) => "aws:CurrentTime".to_owned(),
            _ => test.key.to_owned(),
        };
        let alone = texts.len() == 1 && !self.picks.one_in(4);
        self.context.push((name, if alone { Texts::One(texts[0].clone()) } else { Texts::List(texts) }));
    }

    fn is_given(&self, key: &str) -> bool {
        self.context.iter().any(|(name, _)| name.eq_ignore_ascii_case(key))
    }

    /// A text for a test's key: one for which the test holds, as far as one can tell from here, or a neighbour.
    fn value(&mut self, test: &Test, holds: bool) -> String {
        let value = self.picks.of(&test.values);
        let equal = holds != test.operator.is_negated();
        match test.operator.values() {
            Values::Of(scale) => {
                let edge = scale.edge(&value);
                match (equal, self.picks.below(8)) {
                    (_, 6) => self.picks.of(scale.unreadable).to_owned(),
                    (true, 0..6) | (false, 7) => self.picks.of(edge.same).to_owned(),
                    _ => self.picks.of(edge.beside).to_owned(),
                }
            }
            Values::Text => {
                let wild = test.operator.base.ends_with("Like");
                let text = self.filled(&value, wild, &RUNS, &ONES);
                match (test.operator.base.ends_with("IgnoreCase"), self.picks.below(4)) {
                    (true, 2) => text.to_ascii_uppercase(),
                    (true, 3) => text.to_ascii_lowercase(),
                    _ if equal => text,
                    _ => self.bent(&text),
                }
            }
            Values::Arn => {
                let parts: Vec<&str> = value.splitn(6, ':').collect();
                let filled: Vec<String> = (0..)
                    .zip(parts)
                    .map(|(at, part)| match (at, part) {
                        (0, "*") => "arn".to_owned(),
                        (0..5, part) => self.filled(part, true, &PART_RUNS, &PART_ONES),
                        _ => self.filled(part, true, &RUNS, &ONES),
                    })
                    .collect();
                if equal { filled.join(":") } else { self.bent(&filled.join(":")) }
            }
        }
    }

    /// A text that the pattern matches, roughly: what an engine says of it is what the engines are asked for.
    fn filled(&mut self, pattern: &str, wild: bool, runs: &[&str], ones: &[&str]) -> String {
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(next) = rest.chars().next() {
            if self.document.has_variables()
                && let Some((variable, after)) = rest.strip_prefix("${").and_then(|opened| opened.split_once('}'))
            {
                match variable {
                    "*" | "?" | "$" => text.push_str(variable),
                    variable => text.push_str(&self.variable(variable)),
                }
                rest = after;
                continue;
            }
            match next {
                '*' if wild => text.push_str(self.picks.of(runs)),
                '?' if wild => text.push_str(self.picks.of(ones)),
                other => text.push(other),
            }
            rest = &rest[next.len_utf8()..];
        }
        text
    }

    /// What stands for a variable: its value, else its default.
    fn variable(&self, inner: &str) -> String {
        let (key, default) = inner.split_once(", ").unwrap_or((inner, ""));
        let given = self.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        let value = match (given, &self.caller) {
            (Some((_, Texts::One(text))), _) => text.clone(),
            (Some((_, Texts::List(texts))), _) => texts.first().cloned().unwrap_or_default(),
            (None, Some(Caller::Arn(arn))) if key == "aws:username" => arn.rsplit('/').next().unwrap_or("").to_owned(),
            (None, Some(Caller::Arn(arn))) if key == "aws:PrincipalAccount" => {
                arn.split(':').nth(4).unwrap_or("").to_owned()
            }
            _ => String::new(),
        };
        if value.is_empty() { default.trim_matches('\'').to_owned() } else { value }
    }

    /// The text, one step off.
    fn bent(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let at = self.picks.below(characters.len() + 1);
        let scrap = self.picks.of(&SCRAPS);
        match self.picks.below(4) {
            0 => characters.extend(scrap.chars()),
            1 => drop(characters.splice(at..at, scrap.chars())),
            2 if at < characters.len() => drop(characters.remove(at)),
            _ => {
                if let Some(character) = characters.get_mut(at) {
                    let upper = character.to_ascii_uppercase();
                    *character = if *character == upper { character.to_ascii_lowercase() } else { upper };
                }
            }
        }
        characters.into_iter().collect()
    }
}

/// The keys of the variables in a text.
fn variables(text: &str) -> Vec<&str> {
    let opened = text.split("${").skip(1).filter_map(|after| after.split_once('}'));
    let keys = opened.map(|(inner, _)| inner.split_once(',').map_or(inner, |(key, _)| key));
    keys.filter(|key| key.contains(':')).collect()
}

/// Callers that have to do with an entry of a principal element.
fn identities(entry: &str) -> Vec<String> {
    let mut parts = entry.splitn(6, ':');
    let (partition, account, rest) = match (parts.nth(1), parts.nth(2), parts.next()) {
        (Some(partition), Some(account), Some(rest)) => (partition, account, rest),
        _ => ("aws", entry, "root"),
    };
    let iam = |rest: &str| format!("arn:{partition}:iam::{account}:{rest}");
    let sts = |rest: &str| format!("arn:{partition}:sts::{account}:{rest}");
    let name = rest.rsplit('/').next().unwrap_or_default();
    match rest.split_once('/').map_or(rest, |(kind, _)| kind) {
        "root" => vec![
            iam("user/Ann"),
            iam("root"),
            iam("role/x/y/Ann"),
            sts("assumed-role/Ann/s"),
            sts("federated-user/Ann"),
        ],
        "role" => {
            vec![entry.to_owned(), sts(&format!("assumed-role/{name}/s")), sts(&format!("assumed-role/{name}/a:é"))]
        }
        "user" => vec![entry.to_owned(), entry.to_owned(), sts(&format!("federated-user/{name}"))],
        "assumed-role" => vec![entry.to_owned(), entry.replace("/s", "/t"), iam("role/Ann")],
        _ => vec![entry.to_owned(), iam(&format!("user/{name}"))],
    }
}
