//! Every code that a finding can have: the one table of them.
//!
//! Invariant: the table stands in the order of [`Code`], and each entry has its code's name. `docs/findings/` has a page
//! for each code, and `corpus/check/` a folder; tests see that the three are one set.

use std::fmt;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The policy compiles, and does not do what it seems to.
    Error,
    /// It may do something else than was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// The code of a finding. Codes are stable: what one means does not change, and none is given twice.
///
/// The first digit says what it is about: 0 the document, 1 principals, 2 actions, 3 resources, 4 conditions, 5 statements
/// beside one another, 6 what is attached where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table says what each is")]
pub enum Code {
    PC001,
    PC002,
    PC003,
    PC004,
    PC005,
    PC006,
    PC007,
    PC008,
    PC009,
    PC010,
    PC101,
    PC102,
    PC103,
    PC104,
    PC105,
    PC106,
    PC107,
    PC108,
    PC109,
    PC201,
    PC202,
    PC203,
    PC204,
    PC301,
    PC302,
    PC303,
    PC304,
    PC305,
    PC306,
    PC307,
    PC308,
    PC309,
    PC310,
    PC401,
    PC402,
    PC403,
    PC404,
    PC405,
    PC406,
    PC407,
    PC408,
    PC409,
    PC410,
    PC411,
    PC412,
    PC413,
    PC414,
    PC415,
    PC416,
    PC417,
    PC418,
    PC419,
    PC501,
    PC502,
    PC503,
    PC601,
    PC602,
    PC603,
    PC604,
    PC605,
    PC606,
}

/// What is known of a code.
struct Entry {
    code: Code,
    id: &'static str,
    severity: Severity,
    /// The mistake, in a few words.
    what: &'static str,
    /// Its consequence, in a few words.
    why: &'static str,
    page: Option<&'static str>,
}

/// The codes, in their order.
const TABLE: [Entry; 61] = [
    Entry {
        code: Code::PC001,
        id: "PC001",
        severity: Severity::Warning,
        what: "no `Version`",
        why: "2008-10-17 applies, variables are text",
        page: Some(include_str!("../../docs/findings/PC001.md")),
    },
    Entry {
        code: Code::PC002,
        id: "PC002",
        severity: Severity::Error,
        what: "`${` under 2008-10-17",
        why: "read as text, matches nothing real",
        page: Some(include_str!("../../docs/findings/PC002.md")),
    },
    Entry {
        code: Code::PC003,
        id: "PC003",
        severity: Severity::Warning,
        what: "repeated `Sid` in a resource-type policy",
        why: "explanations become ambiguous",
        page: Some(include_str!("../../docs/findings/PC003.md")),
    },
    Entry {
        code: Code::PC004,
        id: "PC004",
        severity: Severity::Info,
        what: "empty `Sid`, or characters other than letters and digits",
        why: "some services reject it",
        page: Some(include_str!("../../docs/findings/PC004.md")),
    },
    Entry {
        code: Code::PC005,
        id: "PC005",
        severity: Severity::Warning,
        what: "empty `Condition`",
        why: "the statement is unconditional",
        page: Some(include_str!("../../docs/findings/PC005.md")),
    },
    Entry {
        code: Code::PC006,
        id: "PC006",
        severity: Severity::Info,
        what: "policy larger than AWS's quota for its kind (D-14)",
        why: "AWS will not save it",
        page: Some(include_str!("../../docs/findings/PC006.md")),
    },
    Entry {
        code: Code::PC007,
        id: "PC007",
        severity: Severity::Warning,
        what: "endpoint policy: wildcard or Numeric operator on `aws:PrincipalAccount`, `aws:SourceVpc`, `aws:SourceVpce`, `aws:PrincipalOrgID` and the like",
        why: "AWS will not save it (D-15)",
        page: Some(include_str!("../../docs/findings/PC007.md")),
    },
    Entry {
        code: Code::PC008,
        id: "PC008",
        severity: Severity::Warning,
        what: "endpoint policy: a wildcard in a String condition without six characters on one side",
        why: "AWS will not save it",
        page: Some(include_str!("../../docs/findings/PC008.md")),
    },
    Entry {
        code: Code::PC009,
        id: "PC009",
        severity: Severity::Warning,
        what: "endpoint policy: account part of an ARN mixes digits and wildcard",
        why: "AWS will not save it",
        page: Some(include_str!("../../docs/findings/PC009.md")),
    },
    Entry {
        code: Code::PC010,
        id: "PC010",
        severity: Severity::Warning,
        what: "`allow` of `bundle.json` that allows nothing",
        why: "the finding is gone; the next one there would pass unseen",
        page: Some(include_str!("../../docs/findings/PC010.md")),
    },
    Entry {
        code: Code::PC101,
        id: "PC101",
        severity: Severity::Error,
        what: "`Principal` names identities, a method in reach is `NONE`, `CUSTOM` or `COGNITO_USER_POOLS` (resource layer)",
        why: "that layer sees an anonymous caller",
        page: Some(include_str!("../../docs/findings/PC101.md")),
    },
    Entry {
        code: Code::PC102,
        id: "PC102",
        severity: Severity::Error,
        what: "endpoint policy names identities, a method in reach is `CUSTOM` or `COGNITO_USER_POOLS`",
        why: "AWS's own warning",
        page: Some(include_str!("../../docs/findings/PC102.md")),
    },
    Entry {
        code: Code::PC103,
        id: "PC103",
        severity: Severity::Warning,
        what: "`Allow` to `*` without a condition in a resource policy",
        why: "open to every endpoint of the region",
        page: Some(include_str!("../../docs/findings/PC103.md")),
    },
    Entry {
        code: Code::PC104,
        id: "PC104",
        severity: Severity::Warning,
        what: "`NotPrincipal` used",
        why: "`ArnNotLike` on `aws:PrincipalArn` is clearer",
        page: Some(include_str!("../../docs/findings/PC104.md")),
    },
    Entry {
        code: Code::PC105,
        id: "PC105",
        severity: Severity::Error,
        what: "`NotPrincipal` without the account, or without the role of a listed session",
        why: "P-13 spares nobody",
        page: Some(include_str!("../../docs/findings/PC105.md")),
    },
    Entry {
        code: Code::PC106,
        id: "PC106",
        severity: Severity::Warning,
        what: "same-account `Allow` to an account entry only",
        why: "delegates; an identity policy is needed (L-13)",
        page: Some(include_str!("../../docs/findings/PC106.md")),
    },
    Entry {
        code: Code::PC107,
        id: "PC107",
        severity: Severity::Warning,
        what: "role entry and a session of that role in one list",
        why: "the session adds nothing",
        page: Some(include_str!("../../docs/findings/PC107.md")),
    },
    Entry {
        code: Code::PC108,
        id: "PC108",
        severity: Severity::Warning,
        what: "principal of an account no identity or API in the bundle belongs to",
        why: "typing error?",
        page: Some(include_str!("../../docs/findings/PC108.md")),
    },
    Entry {
        code: Code::PC109,
        id: "PC109",
        severity: Severity::Warning,
        what: "principal's partition differs from the API's",
        why: "can never call it",
        page: Some(include_str!("../../docs/findings/PC109.md")),
    },
    Entry {
        code: Code::PC201,
        id: "PC201",
        severity: Severity::Warning,
        what: "action of another service",
        why: "never matches",
        page: Some(include_str!("../../docs/findings/PC201.md")),
    },
    Entry {
        code: Code::PC202,
        id: "PC202",
        severity: Severity::Error,
        what: "`execute-api` action that does not exist",
        why: "never matches",
        page: Some(include_str!("../../docs/findings/PC202.md")),
    },
    Entry {
        code: Code::PC203,
        id: "PC203",
        severity: Severity::Warning,
        what: "wildcard in the service part of an action",
        why: "wider than it looks",
        page: Some(include_str!("../../docs/findings/PC203.md")),
    },
    Entry {
        code: Code::PC204,
        id: "PC204",
        severity: Severity::Warning,
        what: "`Allow` with `NotAction`",
        why: "grants actions yet to come",
        page: Some(include_str!("../../docs/findings/PC204.md")),
    },
    Entry {
        code: Code::PC301,
        id: "PC301",
        severity: Severity::Warning,
        what: "resource of another service",
        why: "never matches",
        page: Some(include_str!("../../docs/findings/PC301.md")),
    },
    Entry {
        code: Code::PC302,
        id: "PC302",
        severity: Severity::Error,
        what: "resource `.../API` or `.../API/` without `*`",
        why: "no request has it (R-10)",
        page: Some(include_str!("../../docs/findings/PC302.md")),
    },
    Entry {
        code: Code::PC303,
        id: "PC303",
        severity: Severity::Warning,
        what: "`*` where a stage or method stands, followed by more: `API/*/GET/*`",
        why: "`*` crosses `/`: also `prod/POST/GET/x` (R-04)",
        page: Some(include_str!("../../docs/findings/PC303.md")),
    },
    Entry {
        code: Code::PC304,
        id: "PC304",
        severity: Severity::Warning,
        what: "method part that is no HTTP method, or lower case",
        why: "never matches",
        page: Some(include_str!("../../docs/findings/PC304.md")),
    },
    Entry {
        code: Code::PC305,
        id: "PC305",
        severity: Severity::Warning,
        what: "path `/x` without `/x/*`, or the reverse, in an `Allow` and `Deny` of one path",
        why: "trailing slash and children differ (H-10)",
        page: Some(include_str!("../../docs/findings/PC305.md")),
    },
    Entry {
        code: Code::PC306,
        id: "PC306",
        severity: Severity::Warning,
        what: "`Allow` with `NotResource`",
        why: "grants every other API",
        page: Some(include_str!("../../docs/findings/PC306.md")),
    },
    Entry {
        code: Code::PC307,
        id: "PC307",
        severity: Severity::Error,
        what: "API named by shorthand in a resource policy that is attached to several APIs",
        why: "each attachment means another ARN (R-09)",
        page: Some(include_str!("../../docs/findings/PC307.md")),
    },
    Entry {
        code: Code::PC308,
        id: "PC308",
        severity: Severity::Warning,
        what: "path pattern holds `{...}` of a route template",
        why: "requests carry values (H-08)",
        page: Some(include_str!("../../docs/findings/PC308.md")),
    },
    Entry {
        code: Code::PC309,
        id: "PC309",
        severity: Severity::Warning,
        what: "pattern needs characters H-11 refuses",
        why: "unreachable",
        page: Some(include_str!("../../docs/findings/PC309.md")),
    },
    Entry {
        code: Code::PC310,
        id: "PC310",
        severity: Severity::Info,
        what: "region or account is `*`",
        why: "more APIs than meant",
        page: Some(include_str!("../../docs/findings/PC310.md")),
    },
    Entry {
        code: Code::PC401,
        id: "PC401",
        severity: Severity::Warning,
        what: "wildcard in an operator that has none",
        why: "literal `*` (C-14)",
        page: Some(include_str!("../../docs/findings/PC401.md")),
    },
    Entry {
        code: Code::PC402,
        id: "PC402",
        severity: Severity::Error,
        what: "`ForAllValues` in an `Allow` without a `Null` check on the key",
        why: "true when the key is missing",
        page: Some(include_str!("../../docs/findings/PC402.md")),
    },
    Entry {
        code: Code::PC403,
        id: "PC403",
        severity: Severity::Warning,
        what: "qualifier on a single-valued key",
        why: "pointless or too wide",
        page: Some(include_str!("../../docs/findings/PC403.md")),
    },
    Entry {
        code: Code::PC404,
        id: "PC404",
        severity: Severity::Error,
        what: "known multivalued key without a qualifier",
        why: "undefined with several values",
        page: Some(include_str!("../../docs/findings/PC404.md")),
    },
    Entry {
        code: Code::PC405,
        id: "PC405",
        severity: Severity::Warning,
        what: "negated operator in an `Allow`",
        why: "true when the key is missing",
        page: Some(include_str!("../../docs/findings/PC405.md")),
    },
    Entry {
        code: Code::PC406,
        id: "PC406",
        severity: Severity::Warning,
        what: "positive operator in a `Deny` on a key that may be missing",
        why: "does not fire then; `...IfExists`",
        page: Some(include_str!("../../docs/findings/PC406.md")),
    },
    Entry {
        code: Code::PC407,
        id: "PC407",
        severity: Severity::Error,
        what: "`aws:SourceIp` where calls come through an endpoint",
        why: "not present there; `aws:VpcSourceIp`",
        page: Some(include_str!("../../docs/findings/PC407.md")),
    },
    Entry {
        code: Code::PC408,
        id: "PC408",
        severity: Severity::Warning,
        what: "private range under `aws:SourceIp`",
        why: "never the public address",
        page: Some(include_str!("../../docs/findings/PC408.md")),
    },
    Entry {
        code: Code::PC409,
        id: "PC409",
        severity: Severity::Error,
        what: "unknown `aws:` key",
        why: "never present",
        page: Some(include_str!("../../docs/findings/PC409.md")),
    },
    Entry {
        code: Code::PC410,
        id: "PC410",
        severity: Severity::Warning,
        what: "key the layer cannot have (principal keys on non-IAM methods)",
        why: "never present",
        page: Some(include_str!("../../docs/findings/PC410.md")),
    },
    Entry {
        code: Code::PC411,
        id: "PC411",
        severity: Severity::Warning,
        what: "type of key and operator differ (`StringEquals` on an IP, `Bool` on text)",
        why: "compares something else",
        page: Some(include_str!("../../docs/findings/PC411.md")),
    },
    Entry {
        code: Code::PC412,
        id: "PC412",
        severity: Severity::Warning,
        what: "`aws:PrincipalArn` compared with a session ARN",
        why: "the key holds the role",
        page: Some(include_str!("../../docs/findings/PC412.md")),
    },
    Entry {
        code: Code::PC413,
        id: "PC413",
        severity: Severity::Warning,
        what: "`aws:PrincipalArn` compared with a role that has a path",
        why: "K-08",
        page: Some(include_str!("../../docs/findings/PC413.md")),
    },
    Entry {
        code: Code::PC414,
        id: "PC414",
        severity: Severity::Error,
        what: "Allow condition that can never hold (two different `StringEquals` on one single-valued key, empty date window)",
        why: "dead",
        page: Some(include_str!("../../docs/findings/PC414.md")),
    },
    Entry {
        code: Code::PC415,
        id: "PC415",
        severity: Severity::Info,
        what: "CIDR with host bits",
        why: "shown as the block it means",
        page: Some(include_str!("../../docs/findings/PC415.md")),
    },
    Entry {
        code: Code::PC416,
        id: "PC416",
        severity: Severity::Warning,
        what: "`0.0.0.0/0` or `::/0`",
        why: "all of one family, none of the other",
        page: Some(include_str!("../../docs/findings/PC416.md")),
    },
    Entry {
        code: Code::PC417,
        id: "PC417",
        severity: Severity::Warning,
        what: "`Bool` or `Null` with both values",
        why: "constant",
        page: Some(include_str!("../../docs/findings/PC417.md")),
    },
    Entry {
        code: Code::PC418,
        id: "PC418",
        severity: Severity::Warning,
        what: "variable without default in an `Allow`'s negated operator",
        why: "no value: holds",
        page: Some(include_str!("../../docs/findings/PC418.md")),
    },
    Entry {
        code: Code::PC419,
        id: "PC419",
        severity: Severity::Warning,
        what: "malformed endpoint, VPC or organization id",
        why: "never matches",
        page: Some(include_str!("../../docs/findings/PC419.md")),
    },
    Entry {
        code: Code::PC501,
        id: "PC501",
        severity: Severity::Warning,
        what: "statement covered by another of the same effect",
        why: "no effect",
        page: Some(include_str!("../../docs/findings/PC501.md")),
    },
    Entry {
        code: Code::PC502,
        id: "PC502",
        severity: Severity::Error,
        what: "`Allow` wholly covered by a `Deny`",
        why: "no effect",
        page: Some(include_str!("../../docs/findings/PC502.md")),
    },
    Entry {
        code: Code::PC503,
        id: "PC503",
        severity: Severity::Warning,
        what: "`Deny` that meets no `Allow`",
        why: "no effect now",
        page: Some(include_str!("../../docs/findings/PC503.md")),
    },
    Entry {
        code: Code::PC601,
        id: "PC601",
        severity: Severity::Error,
        what: "API without resource policy",
        why: "denies all (L-05)",
        page: Some(include_str!("../../docs/findings/PC601.md")),
    },
    Entry {
        code: Code::PC602,
        id: "PC602",
        severity: Severity::Error,
        what: "method no caller can reach",
        why: "dead route",
        page: Some(include_str!("../../docs/findings/PC602.md")),
    },
    Entry {
        code: Code::PC603,
        id: "PC603",
        severity: Severity::Warning,
        what: "endpoint nobody names in a bundle",
        why: "unused, or open by default",
        page: Some(include_str!("../../docs/findings/PC603.md")),
    },
    Entry {
        code: Code::PC604,
        id: "PC604",
        severity: Severity::Warning,
        what: "endpoint with the default policy",
        why: "every principal, every API",
        page: Some(include_str!("../../docs/findings/PC604.md")),
    },
    Entry {
        code: Code::PC605,
        id: "PC605",
        severity: Severity::Error,
        what: "custom endpoint policy, profile `classic`, method `NONE` whose clients send bearer tokens",
        why: "X-06",
        page: Some(include_str!("../../docs/findings/PC605.md")),
    },
    Entry {
        code: Code::PC606,
        id: "PC606",
        severity: Severity::Warning,
        what: "cross-account caller named without identity policy",
        why: "Table B needs both",
        page: Some(include_str!("../../docs/findings/PC606.md")),
    },
];

impl Code {
    /// Every code, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|entry| entry.code)
    }

    /// The code of this name, as `PC001`; letters in either case.
    pub fn read(name: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.id.eq_ignore_ascii_case(name)).map(|entry| entry.code)
    }

    /// Its name, as `PC001`.
    pub fn as_str(self) -> &'static str {
        self.entry().map_or("", |entry| entry.id)
    }

    /// How much a finding of this code matters.
    pub fn severity(self) -> Severity {
        self.entry().map_or(Severity::Error, |entry| entry.severity)
    }

    /// The mistake, in a few words, as Markdown.
    pub fn what(self) -> &'static str {
        self.entry().map_or("", |entry| entry.what)
    }

    /// Its consequence, in a few words, as Markdown.
    pub fn why(self) -> &'static str {
        self.entry().map_or("", |entry| entry.why)
    }

    /// The page about it, as Markdown: what is found, why it matters, an example of the mistake and of its mend.
    pub fn page(self) -> Option<&'static str> {
        self.entry()?.page
    }

    fn entry(self) -> Option<&'static Entry> {
        TABLE.get(self as usize)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_codes() {
        for (index, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.code as usize, index, "{}", entry.id);
            assert_eq!(format!("{:?}", entry.code), entry.id);
            assert_eq!(Code::read(&entry.id.to_lowercase()), Some(entry.code));
        }
        assert_eq!(Code::read("PC000"), None);
    }
}
