//! Values that are more than text, each with its other spellings and its nearest neighbours.
//!
//! Documents take their numbers, dates, blocks and bytes from here, and requests theirs from the same row or from
//! beside it. The rows are written by hand from the rules, so they are also cases: a test below puts every row to
//! the gate.

/// Values of one kind.
#[derive(Debug)]
pub struct Scale {
    /// An operator for which a value of the request matches those it is the `same` as, and no others.
    pub equals: &'static str,
    pub edges: &'static [Edge],
    /// What a request may hold that is no value of the kind.
    pub unreadable: &'static [&'static str],
}

/// One value.
#[derive(Debug)]
pub struct Edge {
    /// Spellings in a policy.
    pub policy: &'static [&'static str],
    /// Spellings in a request that mean the same; for a block, addresses in it.
    pub same: &'static [&'static str],
    /// Neighbours that mean another value.
    pub beside: &'static [&'static str],
}

impl Scale {
    /// The row of a policy's value.
    pub fn edge(&self, value: &str) -> &'static Edge {
        let edge = self.edges.iter().find(|edge| edge.policy.contains(&value));
        edge.unwrap_or_else(|| panic!("{value} stands under {}", self.equals))
    }
}

/// C-16.
pub static NUMBERS: Scale = Scale {
    equals: "NumericEquals",
    edges: &[
        Edge {
            policy: &["1", "1.0", "+1", "01"],
            same: &["1", "1.0", "+1", "01", "1.000000000000000000", "000000000000000001"],
            beside: &["0", "2", "-1", "11", "10", "1.000000000000000001", "0.999999999999999999"],
        },
        Edge {
            policy: &["0", "-0", "0.0", "00"],
            same: &["0", "-0", "+0", "0.0", "-0.0", "000"],
            beside: &["0.000000000000000001", "-0.000000000000000001", "1", "-1"],
        },
        Edge {
            policy: &["5", "+5", "05"],
            same: &["5", "+5", "005", "5.0"],
            beside: &["4", "6", "-5", "5.1", "4.999999999999999999", "50"],
        },
        Edge {
            policy: &["-1.5", "-1.50", "-01.5"],
            same: &["-1.5", "-1.500", "-001.5"],
            beside: &["1.5", "-1.6", "-1.4", "-1", "-2", "-15"],
        },
        Edge {
            policy: &["999999999999999999.999999999999999999"],
            same: &["999999999999999999.999999999999999999", "+999999999999999999.999999999999999999"],
            beside: &[
                "999999999999999999",
                "-999999999999999999.999999999999999999",
                "999999999999999999.999999999999999998",
            ],
        },
        Edge {
            policy: &["-999999999999999999"],
            same: &["-999999999999999999", "-999999999999999999.0"],
            beside: &["-999999999999999998.999999999999999999", "-999999999999999999.000000000000000001", "0"],
        },
        Edge {
            policy: &["1767225600"],
            same: &["1767225600", "01767225600", "1767225600.0"],
            beside: &["1767225599", "1767225601", "-1767225600"],
        },
    ],
    unreadable: &[
        "",
        "1e0",
        "1E3",
        "5.",
        ".5",
        "+",
        "--1",
        " 1",
        "1 ",
        "1,0",
        "0x1",
        "1000000000000000000",
        "١",
        "one",
    ],
};

/// C-17.
pub static INSTANTS: Scale = Scale {
    equals: "DateEquals",
    edges: &[
        Edge {
            policy: &["2026-01-01T00:00:00Z", "2026-01-01", "2026-01", "1767225600", "2026-01-01T02:00+02:00"],
            same: &[
                "2026-01-01T00:00:00Z",
                "1767225600",
                "2026-01",
                "2026-01-01",
                "2026-01-01T00:00Z",
                "2026-01-01T00:00:00.000Z",
                "2025-12-31T19:00:00-05:00",
                "2026-01-01T05:45:00+05:45",
                "01767225600",
            ],
            beside: &[
                "2025-12-31T23:59:59Z",
                "2026-01-01T00:00:01Z",
                "1767225599",
                "1767225601",
                "2026-01-01T00:00:00.000000001Z",
                "2025-12-31T23:59:59.999999999Z",
                "2026-01-01T00:00:00+00:01",
            ],
        },
        Edge {
            policy: &["2026-11-25T12:30:15.25Z", "2026-11-25T14:30:15.250+02:00"],
            same: &["2026-11-25T12:30:15.25Z", "2026-11-25T12:30:15.250000000Z", "2026-11-26T12:29:15.25+23:59"],
            beside: &["2026-11-25T12:30:15Z", "1795609815", "1795609816", "2026-11-25T12:30:15.250000001Z"],
        },
        Edge {
            policy: &["1970-01-01T00:00:00Z", "00000"],
            same: &["1970-01", "1970-01-01", "000000", "1969-12-31T23:00-01:00"],
            beside: &["1969-12-31T23:59:59Z", "00001", "1970-01-01T00:00:00.1Z"],
        },
        Edge {
            policy: &["2024-02-29", "2024-02-29T00:00Z"],
            same: &["2024-02-29", "1709164800", "2024-02-28T23:00:00-01:00"],
            beside: &["2024-02-28", "2024-03-01", "1709164799", "1709164801"],
        },
        Edge {
            policy: &["0001-01-01", "0001-01-01T00:00:00Z"],
            same: &["0001-01-01", "0001-01", "0001-01-01T01:00+01:00"],
            beside: &["0001-01-01T00:00:00+00:01", "0001-01-01T00:00:01Z", "00000"],
        },
    ],
    unreadable: &[
        "",
        "2026",
        "1767225600000",
        "1767225600.0",
        "-1767225600",
        "2026-01-01T00:00:00",
        "2026-01-01T00Z",
        "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-12-31T23:59:60Z",
        "2026-02-29",
        "2026-1-1",
        "2026-01-01T00:00:00.Z",
        "2026-01-01Z",
        "soon",
    ],
};

/// C-18.
pub static BOOLEANS: Scale = Scale {
    equals: "Bool",
    edges: &[
        Edge { policy: &["true"], same: &["true", "TRUE", "True", "tRuE"], beside: &["false", "False"] },
        Edge { policy: &["false"], same: &["false", "FALSE", "False"], beside: &["true", "True"] },
    ],
    unreadable: &["", "yes", "1", "0", " true", "truе", "true\n"],
};

/// C-20.
pub static BYTES: Scale = Scale {
    equals: "BinaryEquals",
    edges: &[
        Edge { policy: &["YQ=="], same: &["YQ=="], beside: &["", "YWE=", "Yg==", "YQA=", "WQ==", "yQ=="] },
        Edge { policy: &[""], same: &[""], beside: &["AA==", "YQ=="] },
        Edge { policy: &["+/+/"], same: &["+/+/"], beside: &["+/+/AA==", "/+/+", "+/+w"] },
        Edge { policy: &["YWJj"], same: &["YWJj"], beside: &["YWJk", "YWI=", "YWJjZA==", "ywjj"] },
    ],
    unreadable: &["YQ", "YQ=", "YR==", "YWJ=", "YQ==\n", " YQ==", "Y Q==", "-_-_", "====", "é"],
};

/// C-19.
pub static NETWORKS: Scale = Scale {
    equals: "IpAddress",
    edges: &[
        Edge {
            policy: &["10.0.0.0/8", "10.1.2.3/8", "::ffff:10.0.0.0/104", "::FFFF:a01:203/104"],
            same: &["10.0.0.0", "10.255.255.255", "10.1.2.3", "::ffff:10.0.0.9", "::ffff:aff:ffff"],
            beside: &["9.255.255.255", "11.0.0.0", "::ffff:11.0.0.0", "::10.0.0.1", "::1"],
        },
        Edge {
            policy: &["10.0.0.8/29", "10.0.0.15/29"],
            same: &["10.0.0.8", "10.0.0.15", "0:0:0:0:0:FFFF:0a00:0008"],
            beside: &["10.0.0.7", "10.0.0.16", "::ffff:10.0.0.7"],
        },
        Edge {
            policy: &["10.0.0.7", "10.0.0.7/32", "::ffff:10.0.0.7", "::ffff:10.0.0.7/128"],
            same: &["10.0.0.7", "::ffff:10.0.0.7", "::ffff:a00:7"],
            beside: &["10.0.0.6", "10.0.0.8", "11.0.0.7", "::10.0.0.7", "::a00:7"],
        },
        Edge {
            policy: &["0.0.0.0/0", "1.2.3.4/0", "::ffff:0:0/96"],
            same: &["0.0.0.0", "255.255.255.255", "10.0.0.7", "::ffff:0.0.0.0"],
            beside: &["::", "::1", "2001:db8::1", "::fffe:ffff:ffff", "::1:0:0:0"],
        },
        Edge {
            policy: &["::/0", "2001:db8::/0"],
            same: &["::", "::1", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
            beside: &["0.0.0.0", "10.0.0.7", "::ffff:10.0.0.7"],
        },
        Edge {
            policy: &["2001:db8::/33", "2001:DB8:0:1::/33"],
            same: &["2001:db8::", "2001:0db8:7fff:ffff::ffff", "2001:DB8:1::1.2.3.4"],
            beside: &["2001:db8:8000::", "2001:db7:ffff::", "10.0.0.7"],
        },
        Edge {
            policy: &["::1", "::1/128"],
            same: &["::1", "0:0:0:0:0:0:0:1", "::0.0.0.1"],
            beside: &["::", "::2", "0.0.0.1"],
        },
    ],
    unreadable: &[
        "",
        "10.0.0.07",
        "10.0.0",
        "10.0.0.7/32",
        "10.0.0.7:80",
        "[::1]",
        "::1%eth0",
        "10.0.0.256",
        "00001::",
        "localhost",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::document::{Document, Effect, Operator, Statement, Test};
    use crate::generate::gate;
    use crate::lines::{Pairs, RequestLine, Texts};

    /// What the gate says of a request value beside a policy value: in an Allow, and in a Deny.
    fn says(operator: &'static str, policy: &str, request: &str) -> (bool, bool) {
        let line = RequestLine {
            context: Pairs(vec![("custom:k".to_owned(), Texts::One(request.to_owned()))]),
            ..RequestLine::invoke("arn:aws:execute-api:us-east-1:123412341234:a/prod/GET/")
        };
        let applies = |effect| {
            let test = Test {
                operator: Operator::plain(operator),
                key: "custom:k",
                values: vec![policy.to_owned()],
                unquoted: false,
            };
            let document = Document::of(vec![Statement { effect, tests: vec![test], ..Statement::everything() }]);
            let evaluation = line.ask(|request| gate(&document).evaluate(request));
            !evaluation.statements.is_empty()
        };
        (applies(Effect::Allow), applies(Effect::Deny))
    }

    #[test]
    fn each_row_is_what_it_says() {
        let (matches, differs, undefined) = ((true, true), (false, false), (false, true));
        for scale in [&NUMBERS, &INSTANTS, &BOOLEANS, &BYTES, &NETWORKS] {
            for (edge, policy) in
                scale.edges.iter().flat_map(|edge| edge.policy.iter().map(move |policy| (edge, policy)))
            {
                let rows = [(edge.same, matches), (edge.beside, differs), (scale.unreadable, undefined)];
                for (request, expected) in
                    rows.iter().flat_map(|(row, expected)| row.iter().map(move |text| (text, *expected)))
                {
                    // The empty text is bytes, and nothing else.
                    let said = says(scale.equals, policy, request);
                    assert_eq!(said, expected, "{}: policy {policy:?}, request {request:?}", scale.equals);
                }
            }
        }
    }
}
