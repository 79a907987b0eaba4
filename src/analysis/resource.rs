//! Findings about `Resource` and `NotResource`: PC3.

use super::Code;
use super::by_api::{ByApi, api_of};
use super::finding::{Finding, Report};
use super::inputs::{Attached, Document, Inputs};
use super::language::{Builder, Glob, Inclusion, Steps, Wild};
use super::reach::called;
use crate::bundle::Api;
use crate::policy::{ArnPattern, Effect, Piece, Place, ResourcePattern, Spanned, Statement, Template, tame};

const SERVICE: &str = "execute-api";
/// What the shorthand for an API's own ARN begins with.
const SHORT_FORM: &str = "execute-api:";
/// The methods that API Gateway knows.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The findings of one statement.
pub(super) fn check(inputs: &Inputs<'_>, document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let resource = &statement.resource;
    if resource.negated && statement.effect == Effect::Allow {
        let message = "an Allow with `NotResource` grants everything else, other APIs included";
        report.add(
            Finding::new(Code::PC306, document.source(), resource.place, message)
                .advice("name what is allowed in `Resource`; what is not may stand in a Deny"),
        );
    }
    short_form(inputs, document, statement, report);
    for pattern in &resource.patterns {
        let ResourcePattern::Arn(arn) = &pattern.value else { continue };
        if arn.service == SERVICE {
            everywhere(document, arn, pattern, report);
            if !is_never_called(document, arn, pattern.place, report) {
                parts(document, arn, pattern.place, report);
                crossing(inputs, document, arn, pattern.place, report);
            }
        } else if !resource.negated && !matches!(document.attached, Attached::Identities) {
            let message = format!("`{}` belongs to another service", tame(&document.written(pattern.place)));
            report.add(
                Finding::new(Code::PC301, document.source(), pattern.place, message)
                    .advice("a method of an API is `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`"),
            );
        }
    }
}

/// Whether a resource, as written, is shorthand for one of the API that has the policy.
pub(super) fn is_short_form(written: &str) -> bool {
    written.starts_with(SHORT_FORM)
}

/// PC307: R-09.
fn short_form(inputs: &Inputs<'_>, document: &Document<'_>, statement: &Statement, report: &mut Report) {
    let (Some(layers), [first, second, ..]) = (inputs.layers, inputs.apis_of(document)) else { return };
    for pattern in &statement.resource.patterns {
        let written = document.written(pattern.place);
        let Some(rest) = written.strip_prefix(SHORT_FORM) else { continue };
        let message = format!("`{}` is another ARN for each API that the policy is attached to", tame(&written));
        let finding = Finding::new(Code::PC307, document.source(), pattern.place, message)
            .advice("give each API a policy of its own, or write the whole ARNs");
        let meaning = |api: &Api| format!("here it is `{}{}`", api.arn, tame(rest));
        let finding = finding.related(&layers.source, first.place, meaning(first));
        report.add(finding.related(&layers.source, second.place, meaning(second)));
    }
}

/// PC310.
fn everywhere(document: &Document<'_>, arn: &ArnPattern, pattern: &Spanned<ResourcePattern>, report: &mut Report) {
    let what = match (arn.region.is_any_run(), arn.account.is_any_run()) {
        (true, true) => "every region and every account",
        (true, false) => "every region",
        (false, true) => "every account",
        (false, false) => return,
    };
    let message = format!("`{}` means APIs of {what}", tame(&document.written(pattern.place)));
    report.add(
        Finding::new(Code::PC310, document.source(), pattern.place, message)
            .advice("name the region and the account, if no others are meant"),
    );
}

/// PC302: R-10. Whether no call has such a resource, whatever its API.
fn is_never_called(document: &Document<'_>, arn: &ArnPattern, place: Place, report: &mut Report) -> bool {
    const PART: Wild = Wild::Except('/');
    // API/STAGE/METHOD/PATH, of which the last part may be empty.
    let mut calls = Builder::default();
    for _ in 0..3 {
        calls = calls.one(PART).run(PART).text("/");
    }
    let calls = calls.run(Wild::Any).into_glob();
    if Glob::of(&arn.rest).is_none_or(|rest| rest.meets(&calls)) {
        return false;
    }
    let written = document.written(place);
    let message = format!("no call has the resource `{}`: a call's is `API/STAGE/METHOD/PATH`", tame(&written));
    let advice = format!("write `{}/*` for everything below it", tame(written.trim_end_matches('/')));
    report.add(Finding::new(Code::PC302, document.source(), place, message).advice(advice));
    true
}

/// What a pattern says of the parts of a call, one after another, as far as no wildcard may cross a slash.
struct Parts<'p> {
    /// API, stage and method where they are spelled out, and the places of their pieces do not matter.
    method: Option<&'p str>,
    /// What is spelled out behind API and stage: the method and the path, piece by piece.
    path: Vec<&'p str>,
}

impl<'p> Parts<'p> {
    fn of(rest: &'p Template) -> Self {
        let mut path = Vec::new();
        let mut slashes = 0;
        let mut method = None;
        let mut is_exact = true;
        for piece in &rest.pieces {
            let Piece::Text(text) = piece else {
                is_exact = false;
                continue;
            };
            if is_exact && let [_, _, named, _, ..] = text.splitn(4, '/').collect::<Vec<_>>().as_slice() {
                method = Some(*named);
            }
            // Behind the third slash at least: the path.
            let before = slashes;
            slashes += text.matches('/').count();
            if before >= 3 {
                path.push(text.as_str());
            } else if let Some(tail) = text.splitn(4 - before, '/').nth(3 - before) {
                path.push(tail);
            }
            is_exact = false;
        }
        Self { method, path }
    }
}

/// PC304, PC308, PC309: parts that no call has.
fn parts(document: &Document<'_>, arn: &ArnPattern, place: Place, report: &mut Report) {
    let Parts { method, path } = Parts::of(&arn.rest);
    if let Some(method) = method.filter(|method| !METHODS.contains(method)) {
        let meant = METHODS.iter().find(|known| known.eq_ignore_ascii_case(method));
        let message = format!("no call has the method `{}`", tame(method));
        let advice = match meant {
            Some(meant) => format!("write `{meant}`"),
            None => "write a method that API Gateway knows, as `GET`, or `*` for every one".to_owned(),
        };
        report.add(Finding::new(Code::PC304, document.source(), place, message).advice(advice));
    }
    if let Some(template) = path.iter().find_map(|text| template_in(text)) {
        let message = format!("a call has a value where `{}` stands", tame(template));
        report.add(
            Finding::new(Code::PC308, document.source(), place, message)
                .advice("write `*` in its place, or a value: a `*` means further segments too"),
        );
    } else if let Some(refused) = path.iter().find_map(|text| refused_in(text)) {
        let message = format!("no call is let through whose path holds {refused}");
        report.add(
            Finding::new(Code::PC309, document.source(), place, message)
                .advice("write the path as it comes once it is normalised, with other characters percent-encoded"),
        );
    }
}

/// A `{name}` or `{name+}` as a whole segment.
fn template_in(text: &str) -> Option<&str> {
    text.split('/').find(|segment| segment.len() > 2 && segment.starts_with('{') && segment.ends_with('}'))
}

/// What H-11 refuses in a path, or H-09 writes in another way.
fn refused_in(text: &str) -> Option<String> {
    if let Some(char) =
        text.chars().find(|char| matches!(char, ' ' | '\\' | ';') || char.is_control() || !char.is_ascii())
    {
        return Some(format!("`{}`", tame(&char.to_string())));
    }
    if text.contains("//") {
        return Some("an empty segment".to_owned());
    }
    let inner = text.split('/').skip(1);
    let segments = inner.clone().take(inner.count().saturating_sub(1));
    if let Some(dots) = segments.into_iter().find(|segment| matches!(*segment, "." | "..")) {
        return Some(format!("a segment `{dots}`"));
    }
    text.match_indices('%').find_map(|(at, _)| {
        // What a wildcard cuts off is not known.
        let encoded = text.get(at..at + 3)?;
        let digits = encoded.get(1..)?;
        let byte = u8::from_str_radix(digits, 16).ok();
        let is_plain = byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let is_refused = matches!(digits, "2F" | "5C" | "00" | "2A" | "3F");
        let is_odd = byte.is_none() || is_plain || is_refused || digits.chars().any(|char| char.is_ascii_lowercase());
        is_odd.then(|| format!("`{}`", tame(encoded)))
    })
}

/// PC303: R-04. A `*` for the stage or the method, with more behind it, that also takes what a call has further on.
fn crossing(inputs: &Inputs<'_>, document: &Document<'_>, arn: &ArnPattern, place: Place, report: &mut Report) {
    let Some((layers, apis)) = inputs.layers.and_then(|layers| Some((layers, layers.apis.as_ref()?))) else { return };
    let Some(Wide { api, crossing, meant }) = Wide::of(&arn.rest) else { return };
    let of_rest = |rest| Glob::of_resource(&ResourcePattern::Arn(Box::new(ArnPattern { rest, ..arn.clone() })));
    let Some(head) = of_rest(Template { pieces: vec![Piece::Text(format!("{api}/")), Piece::AnyRun] }) else { return };
    for api in apis.list.iter().filter(|api| head.matches(&format!("{}/", api.arn))) {
        for template in &crossing {
            let Some(wide) = of_rest(template.clone()) else { continue };
            let is_meant = |text: &str| {
                let rest = text.splitn(6, ':').nth(5).unwrap_or_default();
                meant.matches(rest)
            };
            let Some((method, text)) = called(apis, api, &wide, |text| !is_meant(text)) else { continue };
            let message = format!("`*` crosses slashes: the pattern also matches `{}`", tame(&text));
            report.add(
                Finding::new(Code::PC303, document.source(), place, message)
                    .advice("name the stages, or the methods, that are meant")
                    .related(&layers.source, method.place, "a call of this method"),
            );
            return;
        }
    }
}

/// A pattern whose stage or method is `*`, and behind it more than one `*`.
struct Wide<'p> {
    api: &'p str,
    /// The pattern again, for each such `*` that takes a slash at least.
    crossing: Vec<Template>,
    /// What it seems to mean: a stage, a method, and a path.
    meant: Glob,
}

impl<'p> Wide<'p> {
    fn of(rest: &'p Template) -> Option<Self> {
        let (Piece::Text(first), pieces) = rest.pieces.split_first()? else { return None };
        let (api, _) = first.split_once('/')?;
        let mut crossing = Vec::new();
        let mut meant = Builder::default().text(first);
        let mut slashes = first.matches('/').count();
        for (at, piece) in pieces.iter().enumerate() {
            meant = match piece {
                Piece::Text(text) => {
                    slashes += text.matches('/').count();
                    meant.text(text)
                }
                Piece::AnyRun if slashes < 3 => {
                    // With nothing behind it, it means all the rest.
                    if at + 1 == pieces.len() {
                        return None;
                    }
                    let mut pieces = rest.pieces.clone();
                    pieces.splice(at + 2..at + 2, [Piece::Text("/".to_owned()), Piece::AnyRun]);
                    crossing.push(Template { pieces });
                    meant.run(Wild::Except('/'))
                }
                Piece::AnyRun => meant.run(Wild::Any),
                Piece::AnyOne => meant.one(Wild::Any),
                Piece::Variable { .. } => return None,
            };
        }
        // With fewer slashes than a call has, a `*` is meant to take some.
        (slashes >= 3 && !crossing.is_empty()).then(|| Self { api, crossing, meant: meant.into_glob() })
    }
}

/// PC305: H-10. A Deny of a path without what is below it, or the reverse, where an Allow of the policy means both.
pub(super) fn halves(document: &Document<'_>, report: &mut Report) {
    let statements = &document.policy.statements;
    let globs_of = |effect| {
        let of_effect =
            statements.iter().filter(move |statement| statement.effect == effect && !statement.resource.negated);
        let patterns = of_effect.flat_map(|statement| &statement.resource.patterns);
        patterns.filter_map(|pattern| Some((Glob::of_resource(&pattern.value)?, pattern)))
    };
    let denies: Vec<_> = globs_of(Effect::Deny).collect();
    let counterparts: Vec<_> =
        denies.iter().filter_map(|(_, pattern)| Some((counterpart(&pattern.value)?, *pattern))).collect();
    if counterparts.is_empty() {
        return;
    }
    let allows = ByApi::of(globs_of(Effect::Allow).map(|(glob, pattern)| (pattern.value.clone(), glob)));
    let denied = ByApi::of(denies.iter().map(|(glob, pattern)| (pattern.value.clone(), glob)));
    // What each Deny with `NotResource` spares for certain: nothing by a pattern with a variable.
    let of_rest = statements.iter().filter(|one| one.effect == Effect::Deny && one.resource.negated);
    let globs = |one: &Statement| -> Vec<Glob> {
        one.resource.patterns.iter().filter_map(|pattern| Glob::of_resource(&pattern.value)).collect()
    };
    let spared: Vec<_> = of_rest.map(globs).collect();
    let mut left = COMPARISONS;
    for (other, pattern) in counterparts {
        let (Some(one), Some(of_other)) = (Glob::of_resource(&pattern.value), Glob::of_resource(&other)) else {
            continue;
        };
        let api = api_of(&other);
        let mut count = |glob: &Glob| {
            left = left.saturating_sub(1);
            left > 0 && of_other.is_within(glob)
        };
        let is_denied = denied.under(api.as_deref()).any(|glob| count(glob))
            || spared.iter().any(|patterns| !patterns.iter().any(&mut count));
        let is_allowed = !is_denied && allows.under(api.as_deref()).any(|glob| count(glob) && one.meets(glob));
        let parts: Vec<_> = match is_allowed {
            true => denied.under(api.as_deref()).copied().filter(|glob| glob.meets(&of_other)).collect(),
            false => Vec::new(),
        };
        left = left.saturating_sub(parts.len());
        // Past the budget nothing is said.
        if left == 0 {
            return;
        }
        // Several Denies may have all of it together.
        let is_left = || matches!(of_other.is_within_some(&parts, &mut Steps::new(UNION_STEPS)), Inclusion::No(_));
        if !is_allowed || !is_left() {
            continue;
        }
        let ResourcePattern::Arn(arn) = &other else { continue };
        let shown = Glob::of(&arn.rest).map(|rest| rest.to_string()).unwrap_or_default();
        let message = format!("the Deny leaves `{}` to an Allow of the policy", tame(&shown));
        report.add(
            Finding::new(Code::PC305, document.source(), pattern.place, message)
                .advice("deny a path and what is below it together, as `secrets` and `secrets/*`"),
        );
    }
}

/// So many globs are held against one another for PC305, in one document.
const COMPARISONS: usize = 50_000;
/// So many steps may an inclusion in several globs together take.
const UNION_STEPS: usize = 2_000;

/// The other half of a path: of `…/x` what is below it, of `…/x/*` the path itself.
fn counterpart(pattern: &ResourcePattern) -> Option<ResourcePattern> {
    let ResourcePattern::Arn(arn) = pattern else { return None };
    let mut pieces = arn.rest.pieces.clone();
    match pieces.as_mut_slice() {
        [.., Piece::Text(text), Piece::AnyRun] => {
            text.pop().filter(|char| *char == '/')?;
            pieces.pop();
        }
        [.., Piece::Text(text)] if !text.ends_with('/') => text.push('/'),
        _ => return None,
    }
    // A path of its own, behind API, stage and method.
    let rest = Template { pieces };
    let last = rest.pieces.last()?;
    let slashes: usize =
        rest.pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.matches('/').count() } else { 0 }).sum();
    let has_path = matches!(last, Piece::Text(text) if text.trim_end_matches('/').rsplit('/').next().is_some_and(|name| !name.is_empty()));
    (slashes >= 3 && has_path).then(|| ResourcePattern::Arn(Box::new(ArnPattern { rest, ..arn.as_ref().clone() })))
}
