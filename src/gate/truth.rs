//! The three values of a condition (E-05), combined as in Kleene's logic.

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

    /// Whether a statement with this outcome applies: an Allow asks for true, a Deny for not false.
    pub fn applies(self, deny: bool) -> bool {
        match self {
            Self::True => true,
            Self::False => false,
            Self::Undefined => deny,
        }
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
