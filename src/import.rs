//! A bundle from what people have: the saved output of `aws` commands.
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
mod tree;

use apis::Apis;
use export::{Export, Kind};
use files::Files;
use identities::Identities;
pub use remark::{Remark, Weight};
use remark::{Report, Spot};
use tree::{Key, Node, Value};

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
            Ok(text) => Source::new(name, text),
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
        let tree = match Node::read(&source) {
            Ok(tree) => tree,
            Err(errors) => {
                self.refused.push(errors);
                return;
            }
        };
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
        let endpoints = endpoints::import(exports, &mut files, report);
        let identities = Identities::of(exports, report);
        let identity_entries = identities.import(&mut files, report);
        let surroundings = apis::Surroundings {
            region: self.options.region.clone().or_else(|| endpoints.region.clone()),
            account: self.options.account.clone().or_else(|| identities.account.clone()),
            partition: identities.partition.clone(),
        };
        let mut apis = Apis::of(exports, report);
        domains::import(exports, &mut apis, report);
        let apis = apis.import(&self.options, &surroundings, &mut files, report);

        let counts = Counts {
            endpoints: endpoints.entries.len(),
            apis: apis.entries.len(),
            methods: apis.methods,
            identities: identity_entries.len(),
        };
        let mut bundle = vec![property("format", bare("1"))];
        // Without `apis` only endpoint policies are asked: a bundle whose APIs were all left out must not become one.
        if apis.were_listed {
            let profile = match self.options.profile {
                Profile::Classic => "classic",
                Profile::Current => "current",
            };
            bundle.push(property("profile", text(profile)));
        }
        bundle.push(property("endpoints", object(endpoints.entries)));
        if apis.were_listed {
            bundle.push(property("apis", object(apis.entries)));
        }
        if !identity_entries.is_empty() {
            bundle.push(property("identities", object(identity_entries)));
        }
        let mut files = files.into_texts();
        files.insert("bundle.json".to_owned(), made(Value::Object(bundle)).lay_out());
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

fn bare(bare: &str) -> Node {
    made(Value::Bare(bare.to_owned()))
}

fn property(name: impl Into<String>, value: Node) -> (Key, Node) {
    (Key { place: (0..0).into(), name: name.into() }, value)
}

fn object(properties: impl IntoIterator<Item = (String, Node)>) -> Node {
    made(Value::Object(properties.into_iter().map(|(name, value)| property(name, value)).collect()))
}
