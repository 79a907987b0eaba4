//! The three values of a condition (E-05), combined as in Kleene's logic.

use core::cell::Cell;

/// True, false, or undefined: an undefined condition never helps an Allow and never stops a Deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Undefined,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    /// Both: false if one side is.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Undefined,
        }
    }

    /// Either: true if one side is.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Undefined,
        }
    }

    /// The opposite; of undefined, undefined.
    pub fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Undefined => Self::Undefined,
        }
    }

    /// Whether all of these hold; what follows a false one is not looked at.
    pub fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::True;
        for truth in truths {
            all = all.and(truth);
            if all == Self::False {
                break;
            }
        }
        all
    }

    /// Whether one of these holds; what follows a true one is not looked at.
    pub fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::False;
        for truth in truths {
            any = any.or(truth);
            if any == Self::True {
                break;
            }
        }
        any
    }

    /// Whether a statement with this outcome applies: an Allow asks for true, a Deny for not false.
    pub fn applies(self, deny: bool) -> bool {
        match self {
            Self::True => true,
            Self::False => false,
            Self::Undefined => deny,
        }
    }
}

/// Predicates whose answers are remembered.
const REMEMBERED: usize = 1024;

/// The answers of the predicates with the lowest numbers, which most statements share, in one decision. Those behind
/// them are asked again: each of its statements brings as many bytes of policy as that costs steps.
#[derive(Debug)]
pub(super) struct Answers([Cell<u64>; REMEMBERED / 32]);

impl Default for Answers {
    fn default() -> Self {
        Self([const { Cell::new(0) }; REMEMBERED / 32])
    }
}

impl Answers {
    /// What was found of a predicate.
    pub fn get(&self, number: u32) -> Option<Truth> {
        let (word, shift) = self.place(number)?;
        match word.get() >> shift & 3 {
            1 => Some(Truth::True),
            2 => Some(Truth::False),
            3 => Some(Truth::Undefined),
            _ => None,
        }
    }

    /// Remembers what was found, of a predicate of which nothing was.
    pub fn set(&self, number: u32, truth: Truth) {
        let Some((word, shift)) = self.place(number) else { return };
        let bits = match truth {
            Truth::True => 1,
            Truth::False => 2,
            Truth::Undefined => 3,
        };
        word.set(word.get() | bits << shift);
    }

    fn place(&self, number: u32) -> Option<(&Cell<u64>, u32)> {
        Some((self.0.get(number as usize / 32)?, (number % 32).saturating_mul(2)))
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Undefined};

    #[test]
    fn kleene() {
        let table: [(Truth, Truth, Truth, Truth); 9] = [
            (True, True, True, True),
            (True, False, False, True),
            (True, Undefined, Undefined, True),
            (False, True, False, True),
            (False, False, False, False),
            (False, Undefined, False, Undefined),
            (Undefined, True, Undefined, True),
            (Undefined, False, False, Undefined),
            (Undefined, Undefined, Undefined, Undefined),
        ];
        for (one, other, and, or) in table {
            assert_eq!(one.and(other), and, "{one:?} and {other:?}");
            assert_eq!(one.or(other), or, "{one:?} or {other:?}");
            assert_eq!(one.not().or(other.not()).not(), and, "{one:?} and {other:?}, by De Morgan");
        }
        assert!(True.applies(false) && True.applies(true));
        assert!(!False.applies(false) && !False.applies(true));
        assert!(!Undefined.applies(false) && Undefined.applies(true));
    }
}
