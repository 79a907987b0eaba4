//! Globs as languages: whether all texts of one are texts of another, and whether two have a text in common.
//!
//! A glob is a row of steps, so its language needs no table: a place in the row is a state. Everything here walks the
//! places of two globs side by side.
//!
//! - *Overlap* ([`Glob::meeting`]) is a search through pairs of places.
//! - *Inclusion* ([`Glob::is_within`]) is a match: the one glob is read as a text in which `*` is a character that only a
//!   `*` of the other takes. `inclusion` says why that is exact, where other expressions would have to be determinized.
//! - *Inclusion in several globs* ([`Glob::is_within_some`]) walks sets of places. There may be exponentially many, so it
//!   has a budget, and past that it does not know.
//!
//! The compiler's automata (`compiler::automaton`) answer one question, whether a text has one of many globs: they are
//! determinized over bytes, and built for the sets that stay small so. What is asked here has small answers for all
//! globs, so there is nothing to share but the meaning, which the tests compare: those of this room determinize with the
//! same library.
//!
//! Invariant: the steps are in normal form, as [`Builder`] makes them: of wildcards that stand together and take the same
//! characters, the `?` come first, and one `*` at most.

mod inclusion;
mod overlap;
mod union;

use std::fmt;

use crate::policy::{ActionPattern, ArnPattern, Piece, ResourcePattern, Template};

use inclusion::Places;
pub(crate) use union::{Inclusion, Steps};

/// A set of texts: those that a glob, or several in a row, match.
///
/// Two globs are compared character by character, so both regard case, or neither does ([`Glob::folded`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Glob {
    steps: Vec<Step>,
}

/// What a text must have at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    /// This character.
    Character(char),
    /// Exactly one character, as `?` asks for.
    One(Wild),
    /// Any run of characters, also none, as `*` asks for.
    Run(Wild),
}

/// The characters (Unicode scalar values) that a wildcard takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wild {
    /// Every one.
    Any,
    /// Every one but this: the colon, in the first parts of an ARN; the slash, in a segment of a path.
    Except(char),
}

impl Wild {
    fn takes(self, character: char) -> bool {
        self != Self::Except(character)
    }

    /// Whether it takes all that the other does.
    fn takes_all_of(self, other: Self) -> bool {
        self == Self::Any || self == other
    }
}

/// So many places, or pairs of places, are looked at of two globs: of longer ones nothing is known. Two of a thousand
/// characters have fewer.
const PLACES: usize = 1 << 20;

impl Glob {
    /// The texts that match a template; `None` where it has a variable, since the texts depend on the request then.
    pub fn of(template: &Template) -> Option<Self> {
        Builder::default().template(template, Wild::Any)?.finish()
    }

    /// The ARNs that match a resource pattern: those a request can have, which begin with `arn:` and have six parts
    /// (R-03, E-07). `None` where the pattern has a variable.
    pub fn of_resource(pattern: &ResourcePattern) -> Option<Self> {
        match pattern {
            ResourcePattern::Any => Some(Self::every_arn()),
            ResourcePattern::Arn(arn) => Self::of_arn(arn),
        }
    }

    fn of_arn(arn: &ArnPattern) -> Option<Self> {
        const PART: Wild = Wild::Except(':');
        Builder::default()
            .text("arn:")
            .template(&arn.partition, PART)?
            .text(":")
            .text(&arn.service)
            .text(":")
            .template(&arn.region, PART)?
            .text(":")
            .template(&arn.account, PART)?
            .text(":")
            .template(&arn.rest, Wild::Any)?
            .finish()
    }

    /// Every text.
    pub fn every_text() -> Self {
        Builder::default().run(Wild::Any).into_glob()
    }

    /// Every ARN that a request can have (E-07).
    pub fn every_arn() -> Self {
        let mut builder = Builder::default().text("arn");
        for _ in 0..4 {
            builder = builder.text(":").run(Wild::Except(':'));
        }
        builder.text(":").run(Wild::Any).into_glob()
    }

    /// The actions that match a pattern, in lower case. Those a request can have are `service:name`, so `*`
    /// is `*:*`.
    pub fn of_action(pattern: &ActionPattern) -> Option<Self> {
        const SIDE: Wild = Wild::Except(':');
        let builder = Builder::default();
        let glob = match pattern {
            ActionPattern::Any => builder.run(SIDE).text(":").run(SIDE),
            ActionPattern::Named { service, name } => {
                builder.template(service, SIDE)?.text(":").template(name, SIDE)?
            }
        };
        glob.finish().map(Self::folded)
    }

    /// The same without regard to the case of ASCII letters: in lower case, as the other side has to be.
    pub fn folded(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Character(character) = step {
                character.make_ascii_lowercase();
            }
        }
        self
    }

    /// Whether every text of this glob is one of the other.
    ///
    /// Exact where the wildcards of both take every character, or stand in the same parts of ARNs; elsewhere a yes is
    /// true, and a no may be wrong. So is a no where a glob spells out each character there is, and of two too long to tell.
    ///
    /// With `n` and `m` steps (at most as many as characters), `(n + 1) * (m + 1)` places are looked at at most, and where
    /// that is more than [`PLACES`], none.
    pub fn is_within(&self, other: &Self) -> bool {
        self.is_short_beside(other) && inclusion::holds(&self.steps, &other.steps, &mut 0)
    }

    /// [`Glob::is_within`], and the places looked at as steps; `None` past them.
    pub fn is_within_in(&self, other: &Self, steps: &mut Steps) -> Option<bool> {
        let mut looked_at = 1;
        let holds = self.is_short_beside(other) && inclusion::holds(&self.steps, &other.steps, &mut looked_at);
        steps.take(looked_at).map(|()| holds)
    }

    fn is_short_beside(&self, other: &Self) -> bool {
        (self.steps.len() + 1).saturating_mul(other.steps.len() + 1) <= PLACES
    }

    /// A text of this glob that the other does not match, a short one; `None` where there is none.
    ///
    /// As exact as [`Glob::is_within`], which it asks four times at most for each `*`; but a text that is given is one.
    #[cfg_attr(not(test), expect(dead_code, reason = "the comparison of two policies asks it"))]
    pub fn text_outside(&self, other: &Self) -> Option<String> {
        inclusion::counterexample(&self.steps, &other.steps).filter(|text| !other.matches(text))
    }

    /// Whether every text of this glob is one of some of the others: of one of them, or of several together.
    ///
    /// Takes at most `steps`: past them it is [`Inclusion::Unknown`]. A yes is true; a no has its text.
    pub fn is_within_some(&self, others: &[&Self], steps: &mut Steps) -> Inclusion {
        union::holds(self, others, steps)
    }

    /// Whether both have the same texts; as exact as [`Glob::is_within`].
    #[cfg_attr(not(test), expect(dead_code, reason = "the comparison of two policies asks it"))]
    pub fn equals(&self, other: &Self) -> bool {
        self == other || (self.is_within(other) && other.is_within(self))
    }

    /// Whether some text is one of both. A no is true, and a yes but for two too long to tell.
    pub fn meets(&self, other: &Self) -> bool {
        !self.is_short_beside(other) || self.meeting(other).is_some()
    }

    /// [`Glob::meets`], and the pairs of places looked at as steps; `None` past them.
    pub fn meets_in(&self, other: &Self, steps: &mut Steps) -> Option<bool> {
        let mut looked_at = 1;
        let meets =
            !self.is_short_beside(other) || overlap::shortest(&self.steps, &other.steps, &mut looked_at).is_some();
        steps.take(looked_at).map(|()| meets)
    }

    /// A shortest text that is one of both; `None` where there is none, and of two too long to tell.
    ///
    /// Exact but for those. With `n` and `m` steps, `(n + 1) * (m + 1)` pairs of places are looked at at most, and where that is more
    /// than [`PLACES`], none.
    pub fn meeting(&self, other: &Self) -> Option<String> {
        self.is_short_beside(other).then(|| overlap::shortest(&self.steps, &other.steps, &mut 0)).flatten()
    }

    /// The first character that the glob spells out and an alphabet has not: where there is one, no text of that
    /// alphabet matches, and otherwise some does (an alphabet has a character that `?` takes).
    #[cfg_attr(not(test), expect(dead_code, reason = "the comparison of two policies asks it"))]
    pub fn first_outside(&self, alphabet: impl Fn(char) -> bool) -> Option<char> {
        self.steps.iter().find_map(|step| match step {
            Step::Character(character) if !alphabet(*character) => Some(*character),
            _ => None,
        })
    }

    /// Whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        let mut places = Places::start(&self.steps);
        text.chars().for_each(|character| places.advance(&self.steps, Step::Character(character)));
        places.at_end(&self.steps)
    }
}

/// As a policy writes it, but for escapes: a wildcard that does not take all characters looks like one that does.
impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| match step {
            Step::Character(character) => write!(formatter, "{character}"),
            Step::One(_) => formatter.write_str("?"),
            Step::Run(_) => formatter.write_str("*"),
        })
    }
}

/// Makes globs, from left to right.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    steps: Vec<Step>,
}

impl Builder {
    /// Adds text that stands for itself.
    pub fn text(mut self, text: &str) -> Self {
        self.steps.extend(text.chars().map(Step::Character));
        self
    }

    /// Adds exactly one character.
    pub fn one(mut self, wild: Wild) -> Self {
        match self.steps.last().copied() {
            // Normal form: `*?` is `?*`.
            Some(run @ Step::Run(of)) if of == wild => {
                self.steps.pop();
                self.steps.extend([Step::One(wild), run]);
            }
            _ => self.steps.push(Step::One(wild)),
        }
        self
    }

    /// Adds any run of characters.
    pub fn run(mut self, wild: Wild) -> Self {
        if self.steps.last() != Some(&Step::Run(wild)) {
            self.steps.push(Step::Run(wild));
        }
        self
    }

    /// Adds a template whose wildcards take these characters; `None` where it has a variable.
    pub fn template(self, template: &Template, wild: Wild) -> Option<Self> {
        template.pieces.iter().try_fold(self, |builder, piece| match piece {
            Piece::Text(text) => Some(builder.text(text)),
            Piece::AnyOne => Some(builder.one(wild)),
            Piece::AnyRun => Some(builder.run(wild)),
            Piece::Variable { .. } => None,
        })
    }

    /// What has been added.
    pub fn into_glob(self) -> Glob {
        Glob { steps: self.steps }
    }

    fn finish(self) -> Option<Glob> {
        Some(self.into_glob())
    }
}

#[cfg(test)]
mod tests;
