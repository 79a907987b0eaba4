//! Automata: many globs of one predicate, asked in one walk over the text.
//!
//! A minimal automaton over classes of bytes. State 0 is the end without hope, a walk begins in state 1.
//!
//! Invariant: the table has a row of `width` for each state, its last column says whether a text may end there (0 or
//! 1), and all others name states. `compiler::automaton` makes it so, [`validate`] refuses a blob where it is not.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Fail, LoadError, Record, SectionId, Span, View};

/// An automaton.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Automaton {
    /// Columns of a row: the classes, and the last.
    pub width: U32,
    /// Rows one after another, in `transitions`.
    pub rows: Span,
    /// The class of each byte.
    pub class_of: [u8; 256],
}

/// A cell of an automaton's table.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Transition(pub U16);

impl Record for Automaton {
    const SECTION: SectionId = SectionId::Automata;
}
impl Record for Transition {
    const SECTION: SectionId = SectionId::Transitions;
}

/// Where there is nothing left to hope for.
const DEAD: usize = 0;
/// Where a walk begins.
const START: usize = 1;

impl Automaton {
    /// Whether the automaton takes the whole of a text; one step for each byte.
    pub fn takes(&self, view: &View<'_>, text: &[u8]) -> bool {
        let (table, width) = (view.span::<Transition>(self.rows), self.width.get() as usize);
        // What is not there, in no loaded blob, takes nothing.
        let cell = |state: usize, column: usize| {
            let at = state.saturating_mul(width).saturating_add(column);
            table.get(at).map_or(DEAD, |cell| cell.0.get().into())
        };
        let mut state = START;
        for byte in text {
            let class = self.class_of.get(usize::from(*byte)).copied().unwrap_or_default();
            state = cell(state, class.into());
            if state == DEAD {
                return false;
            }
        }
        cell(state, width.saturating_sub(1)) == 1
    }
}

/// Checks the shape of every table.
pub(crate) fn validate(view: &View<'_>) -> Result<(), LoadError> {
    let mut next = 0;
    for (at, automaton) in view.records::<Automaton>().iter().enumerate() {
        let fail = Fail::at::<Automaton>(view, at);
        let width = automaton.width.get();
        let classes = automaton.class_of.iter().copied().max().unwrap_or_default();
        fail.unless_below("class", classes.into(), width.saturating_sub(1).into())?;
        fail.unless_equal("first row", automaton.rows.start.get().into(), next)?;
        automaton.rows.validate::<Transition>(view, fail)?;
        next = next.saturating_add(automaton.rows.len.get().into());
        let table = view.span::<Transition>(automaton.rows);
        let rows = table.chunks_exact(width as usize);
        fail.unless_equal("cells of a partial row", rows.remainder().len() as u64, 0)?;
        let states = rows.len() as u64;
        // States 0 and 1 are always there.
        fail.unless_below("states", 1, states)?;
        for row in rows {
            let Some((ends, cells)) = row.split_last() else { continue };
            fail.unless_at_most("last column", ends.0.get().into(), 1)?;
            let largest = cells.iter().map(|cell| cell.0.get()).max().unwrap_or_default();
            fail.unless_below("state", largest.into(), states)?;
        }
    }
    let end = Fail::at::<Automaton>(view, view.records::<Automaton>().len());
    end.unless_equal("cells of all automata", next, view.records::<Transition>().len() as u64)
}
