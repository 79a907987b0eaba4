//! What the language has and the evaluators do not have yet.
//!
//! Documents that use it are refused: skipping a condition would widen an Allow. The parser itself knows the
//! whole language, so lifting a restriction is deleting it here.

use super::error::{Problem, quote};
use super::{BaseOperator, Operator, Piece, Template};

/// Refuses an operator that is not evaluated yet.
pub(super) fn refuse_operator(operator: Operator) -> Result<(), Problem> {
    use BaseOperator as Op;
    let supported = matches!(operator.base, Op::StringEquals | Op::StringLike | Op::IpAddress | Op::Bool | Op::Null)
        && operator.qualifier.is_none()
        && !operator.if_exists;
    if supported {
        return Ok(());
    }
    let problem = Problem::new(
        format!("`{operator}` is not supported yet"),
        "expected `StringEquals`, `StringLike`, `IpAddress`, `Bool` or `Null`, without qualifier and `IfExists`",
    );
    Err(problem.help("say it with these operators, or wait for a version that evaluates this one"))
}

/// Refuses a variable, wherever it stands; escapes (V-05) are text by now.
pub(super) fn refuse_variables(template: &Template) -> Result<(), Problem> {
    let key = template.pieces.iter().find_map(|piece| match piece {
        Piece::Variable { key, .. } => Some(key),
        Piece::Text(_) | Piece::AnyRun | Piece::AnyOne => None,
    });
    match key {
        None => Ok(()),
        Some(key) => {
            let problem = Problem::new(
                format!("variable {} is not supported yet", quote(&format!("${{{key}}}"))),
                "expected text without variables",
            );
            Err(problem.help("name the values one by one, or wait for a version that evaluates variables"))
        }
    }
}
