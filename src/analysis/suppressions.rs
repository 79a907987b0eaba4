//! The findings that a bundle allows, and PC010: those of its `allow` that nothing stands behind any more.

use std::path::Path;

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::Code;
use super::finding::{Finding, Report};
use crate::bundle::{Bundle, Layers, Suppression};
use crate::policy::error::Mistakes;
use crate::policy::{Place, Source, json, tame};

/// Marks the findings that are allowed, and adds those of the entries that allow none.
pub(super) fn apply(bundle: &Bundle, layers: &Layers, report: &mut Report) {
    for suppression in &layers.suppressions {
        let scope = scope(bundle, layers, suppression);
        let mut is_used = false;
        for finding in report.found_mut().filter(|finding| finding.code().as_str() == suppression.code) {
            let at = finding.at();
            let is_within = scope.as_ref().is_ok_and(|(name, place)| {
                at.source_text().name() == *name
                    && place.is_none_or(|place| place.start <= at.place().start && at.place().end <= place.end)
            });
            if is_within {
                finding.allow(&suppression.because);
                is_used = true;
            }
        }
        if !is_used {
            let (code, at) = (tame(&suppression.code), tame(&suppression.at));
            let why = match scope {
                Ok(_) => format!("no finding `{code}` stands in `{at}`"),
                Err(missing) => format!("`{at}` is nowhere: {missing}"),
            };
            report.add(
                Finding::new(Code::PC010, &layers.source, suppression.place, format!("this allows nothing: {why}"))
                    .advice("remove it, or name the place where the finding stands now"),
            );
        }
    }
}

/// The file of a suppression, by the name that diagnostics give it, and the piece of it that is meant; or what of it is not
/// there.
fn scope(bundle: &Bundle, layers: &Layers, suppression: &Suppression) -> Result<(String, Option<Place>), String> {
    let (file, pointer) = match suppression.at.split_once('#') {
        Some((file, pointer)) => (file, Some(pointer)),
        None => (suppression.at.as_str(), None),
    };
    let folder = Path::new(layers.source.name()).parent().unwrap_or(Path::new(""));
    let policies = bundle.policies().iter().map(|named| &named.policy.source);
    let source = std::iter::once(&layers.source)
        .chain(policies)
        .find(|source| Path::new(source.name()) == folder.join(file))
        .ok_or_else(|| format!("the bundle has no file `{}`", tame(file)))?;
    let place = pointer.map(|pointer| place_of(source, pointer)).transpose()?;
    Ok((source.name().to_owned(), place))
}

/// The piece of a text that a JSON pointer means (RFC 6901), with its key where it has one.
fn place_of(source: &Source, pointer: &str) -> Result<Place, String> {
    let mut mistakes = Mistakes::new(source);
    let Some(mut value) = json::read(source, &mut mistakes) else { return Err("the file is no JSON".to_owned()) };
    let mut place = Place::from(value.range().start..value.range().end);
    let Some(path) = pointer.strip_prefix('/') else {
        let wrong = || "a pointer begins with `/`".to_owned();
        return if pointer.is_empty() { Ok(place) } else { Err(wrong()) };
    };
    for token in path.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        let missing = || format!("nothing stands at `{}`", tame(&token));
        value = match value {
            Value::Object(object) => {
                let is_named = |property: &ObjectProp<'_>| property.name.as_str() == token;
                let property = object.properties.into_iter().find(is_named).ok_or_else(missing)?;
                place = Place::from(property.range.start..property.range.end);
                property.value
            }
            Value::Array(array) => {
                let index: usize = token.parse().map_err(|_| missing())?;
                let element = array.elements.into_iter().nth(index).ok_or_else(missing)?;
                place = Place::from(element.range().start..element.range().end);
                element
            }
            _ => return Err(missing()),
        };
    }
    Ok(place)
}
