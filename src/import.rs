//! A bundle from what people have: the saved output of `aws` commands, and templates.
//!
//! [`Import::add`] takes files in any order, tells by content what each is, and keeps what it says; [`Import::finish`]
//! puts the pieces together. Policies that stood escaped in strings become files of their own, laid out in lines.
//!
//! What is in an export and could not be used is named in a [`Remark`]; nothing is guessed, and nothing that is left out
//! makes the bundle allow more: an API one of whose methods is not understood is left out as a whole (its routes would
//! lead elsewhere, H-15), an endpoint without a readable policy likewise, and where an identity's policy is missing the
//! bundle names a file that is not there, so that it does not compile before somebody puts it there.
//!
//! The policies themselves are not judged here: [`Bundle::open`](crate::bundle::Bundle::open) of the files does that, as of
//! any bundle.

use std::collections::BTreeMap;

use crate::bundle::Profile;
use crate::policy::{PolicyErrors, Source};

mod apis;
mod domains;
mod endpoints;
mod export;
mod files;
mod identities;
mod openapi;
mod remark;
mod sam;
mod template;
mod tree;
mod yaml;

use apis::Apis;
use export::{Export, Kind};
use files::Files;
use identities::Identities;
pub use remark::{Remark, Weight};
use remark::{Report, Spot};
use tree::{Node, Value, of_pairs};

/// What the exports cannot say.
#[derive(Debug, Clone)]
pub struct Options {
    /// The account of the APIs, 12 digits; `None` where the exports say it.
    pub account: Option<String>,
    /// The region of the APIs, as `us-east-1`; `None` where the exports say it.
    pub region: Option<String>,
    /// Which reading of the `Authorization` header the bundle is to have.
    pub profile: Profile,
}

/// The exports that were taken so far.
#[derive(Debug)]
pub struct Import {
    options: Options,
    exports: Vec<Export>,
    refused: Vec<PolicyErrors>,
    report: Report,
}

/// A bundle's files, and what did not become a part of them.
#[derive(Debug)]
pub struct Imported {
    /// `bundle.json` and the policies: a path within the bundle's folder, with `/` between its parts, and the text.
    pub files: BTreeMap<String, String>,
    /// The files that are not JSON, with every mistake.
    pub refused: Vec<PolicyErrors>,
    /// What else could not be used, in the order of the files and of their text.
    pub remarks: Vec<Remark>,
    /// How many endpoints, APIs, methods and identities the bundle has.
    pub counts: Counts,
}

/// How much of each a bundle has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Counts {
    pub endpoints: usize,
    pub apis: usize,
    pub methods: usize,
    pub identities: usize,
}

impl Imported {
    /// Whether something was refused that should have become a part of the bundle.
    pub fn is_partial(&self) -> bool {
        !self.refused.is_empty() || self.remarks.iter().any(|remark| remark.weight() == Weight::Error)
    }
}

impl Import {
    /// None yet.
    pub fn new(options: Options) -> Self {
        Self { options, exports: Vec::new(), refused: Vec::new(), report: Report::default() }
    }

    /// Takes an export. `name` is the path of its file: some exports say only there which API or domain they are of.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let source = match String::from_utf8(bytes) {
            // Windows writes a byte order mark before UTF-8.
            Ok(text) => Source::new(name, text.strip_prefix('\u{feff}').unwrap_or(&text)),
            Err(error) => {
                let is_utf16 = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
                let source = Source::new(name, String::from_utf8_lossy(error.as_bytes()));
                let at = error.utf8_error().valid_up_to();
                let help = match is_utf16 {
                    true => "it is UTF-16: save it as UTF-8, as `aws … | Out-File -Encoding utf8` does",
                    false => "save it as UTF-8",
                };
                self.report.error(&Spot::new(&source, at..at + 3), "the file is not UTF-8", help);
                return;
            }
        };
        self.add_text(source);
    }

    fn add_text(&mut self, source: Source) {
        let is_json = source.name().ends_with(".json") || source.text().trim_start().starts_with(['{', '[']);
        let tree = match if is_json { Node::read(&source) } else { yaml::read(&source) } {
            Ok(tree) => tree,
            Err(errors) => {
                self.refused.push(errors);
                return;
            }
        };
        // What `aws cloudformation get-template` prints: the template, or its text.
        match tree.get("TemplateBody") {
            Some(body) => match body.text() {
                Some(text) => self.add_text(Source::new(format!("{}#/TemplateBody", source.name()), text)),
                None => self.add_tree(source, body.clone()),
            },
            None => self.add_tree(source, tree),
        }
    }

    fn add_tree(&mut self, source: Source, tree: Node) {
        match Kind::of(&tree) {
            Some(kind) => self.exports.push(Export { source, tree, kind }),
            None => {
                let spot = Spot::new(&source, tree.place);
                self.report.error(&spot, "the file is no export that is known", export::KNOWN);
            }
        }
    }

    /// The bundle that the exports make.
    pub fn finish(mut self) -> Imported {
        // The order in which they came is not to matter.
        self.exports.sort_by(|one, other| one.source.name().cmp(other.source.name()));
        self.refused.sort_by_key(|errors| errors.iter().next().map(|error| error.source_text().shared_name()));
        let (report, exports) = (&mut self.report, self.exports.as_slice());
        let mut files = Files::default();
        export::report_missing_pages(exports, report);
        let stacks = template::stacks(exports);
        let templates = template::templates(exports, &stacks, report);
        let endpoints = endpoints::import(exports, &templates, &mut files, report);
        let identities = Identities::of(exports, report);
        let identity_entries = identities.import(&mut files, report);
        let surroundings = apis::Surroundings {
            region: self.options.region.clone().or_else(|| endpoints.region()),
            account: self.options.account.clone().or_else(|| identities.account.clone()),
            partition: identities.partition.clone(),
        };
        let mut apis = Apis::of(exports, &templates, report);
        domains::import(exports, &mut apis, report);
        let apis = apis.import(&self.options, &surroundings, &mut files, report);

        let counts = Counts {
            endpoints: endpoints.entries.len(),
            apis: apis.entries.len(),
            methods: apis.methods,
            identities: identity_entries.len(),
        };
        let mut bundle = vec![("format", made(Value::Bare("1".to_owned())))];
        // Without `apis` only endpoint policies are asked: a bundle whose APIs were all left out must not become one.
        if apis.were_listed {
            let profile = match self.options.profile {
                Profile::Classic => "classic",
                Profile::Current => "current",
            };
            bundle.push(("profile", text(profile)));
        }
        bundle.push(("endpoints", object(endpoints.entries)));
        if apis.were_listed {
            bundle.push(("apis", object(apis.entries)));
        }
        if !identity_entries.is_empty() {
            bundle.push(("identities", object(identity_entries)));
        }
        let mut files = files.into_texts();
        files.insert(
            "bundle.json".to_owned(),
            object(bundle.into_iter().map(|(name, value)| (name.to_owned(), value))).lay_out(),
        );
        Imported { files, refused: self.refused, remarks: self.report.into_remarks(), counts }
    }
}

/// A value that stood nowhere.
fn made(value: Value) -> Node {
    Node { place: (0..0).into(), value }
}

fn text(text: impl Into<String>) -> Node {
    made(Value::Text(text.into()))
}

fn object(properties: impl IntoIterator<Item = (String, Node)>) -> Node {
    made(of_pairs(properties))
}
