//! The three outcomes of a test, combined as in Kleene's logic (E-05).

use crate::policy::Effect;

/// What came of a test. *Undefined* never helps an Allow and never stops a Deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    False,
    Undefined,
    True,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Truth {
    /// False if one side is false, else undefined if one is.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Undefined, _) | (_, Self::Undefined) => Self::Undefined,
            (Self::True, Self::True) => Self::True,
        }
    }

    /// True if one side is true, else undefined if one is.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Undefined, _) | (_, Self::Undefined) => Self::Undefined,
            (Self::False, Self::False) => Self::False,
        }
    }

    /// Undefined stays undefined.
    pub fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Undefined => Self::Undefined,
            Self::True => Self::False,
        }
    }

    /// Whether all of these hold. What follows a false one is not looked at.
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

    /// Whether one of these holds. What follows a true one is not looked at.
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

    /// What the outcome counts as: an Allow needs true, a Deny needs not false (E-05).
    pub fn counts_in(self, effect: Effect) -> bool {
        match effect {
            Effect::Allow => self == Self::True,
            Effect::Deny => self != Self::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Undefined};
    use crate::policy::Effect;

    /// The tables of E-05, row by row.
    #[test]
    fn kleene() {
        let and = [
            (True, True, True),
            (True, Undefined, Undefined),
            (True, False, False),
            (Undefined, Undefined, Undefined),
            (Undefined, False, False),
            (False, False, False),
        ];
        for (left, right, both) in and {
            assert_eq!(left.and(right), both, "{left:?} and {right:?}");
            assert_eq!(right.and(left), both, "{right:?} and {left:?}");
            assert_eq!(Truth::all([left, right]), both, "all of {left:?}, {right:?}");
            // De Morgan gives the table of OR.
            assert_eq!(left.not().or(right.not()), both.not(), "not {left:?} or not {right:?}");
            assert_eq!(Truth::any([left.not(), right.not()]), both.not(), "any of not {left:?}, not {right:?}");
        }
        assert_eq!(Undefined.not(), Undefined);
        assert_eq!(Truth::all([]), True);
        assert_eq!(Truth::any([]), False);
    }

    #[test]
    fn undefined_never_helps_an_allow_and_never_stops_a_deny() {
        assert_eq!([False, Undefined, True].map(|truth| truth.counts_in(Effect::Allow)), [false, false, true]);
        assert_eq!([False, Undefined, True].map(|truth| truth.counts_in(Effect::Deny)), [false, true, true]);
    }
}
