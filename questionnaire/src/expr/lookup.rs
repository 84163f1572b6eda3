//! Conditions of the form `[column = value]`, which an index can answer.

use super::ast::{Axis, Expr, Operator, Path, Start, Step, Test};
use super::functions::Builtin;

/// A condition that a column of a row equal a value which is the same for every row.
#[derive(Debug)]
pub(super) struct Equality<'e> {
    pub(super) column: &'e str,
    pub(super) value: &'e Expr,
    /// Whether the predicate asks for nothing else.
    pub(super) is_all: bool,
}

impl<'e> Equality<'e> {
    /// The first such condition that `predicate` needs to be true.
    pub(super) fn of(predicate: &'e Expr) -> Option<Self> {
        let Expr::Chain { first, rest } = predicate else {
            return None;
        };
        match rest.as_slice() {
            [(Operator::Equal, right)] => Self::between(first, right).or_else(|| Self::between(right, first)),
            [(Operator::And, _), ..] if !asks_position(predicate) => {
                let all = std::iter::once(&**first).chain(rest.iter().map(|(_, operand)| operand));
                all.filter_map(Self::of).next().map(|equality| Self { is_all: false, ..equality })
            }
            _ => None,
        }
    }

    fn between(column: &'e Expr, value: &'e Expr) -> Option<Self> {
        let column = column_name(column)?;
        is_same_for_every_row(value).then_some(Self { column, value, is_all: true })
    }
}

/// The name of a bare column: `name`, `./name`.
fn column_name(expr: &Expr) -> Option<&str> {
    let Expr::Path(Path { start: Start::Here, steps, .. }) = expr else {
        return None;
    };
    let steps = match steps.as_slice() {
        [Step { axis: Axis::SelfNode, test: Test::Any, predicates }, rest @ ..] if predicates.is_empty() => rest,
        steps => steps,
    };
    match steps {
        [Step { axis: Axis::Child, test: Test::Name(name), predicates }] if predicates.is_empty() => Some(name),
        _ => None,
    }
}

/// Whether `expr` neither looks at the row nor gives another value each time. Conditions inside a path look at that
/// path's nodes, so only its start counts.
pub(super) fn is_same_for_every_row(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Text(_) => true,
        Expr::Negate(inside) => is_same_for_every_row(inside),
        Expr::Chain { first, rest } => {
            is_same_for_every_row(first) && rest.iter().all(|(_, operand)| is_same_for_every_row(operand))
        }
        Expr::Call(call) => {
            let looks = match call.function.builtin {
                Builtin::Position | Builtin::Last | Builtin::Once | Builtin::Index => true,
                Builtin::Current | Builtin::Today | Builtin::Now => false,
                builtin => call.function.volatile || takes_the_row(builtin) && call.arguments.is_empty(),
            };
            !looks && call.arguments.iter().all(is_same_for_every_row)
        }
        Expr::Path(path) => match &path.start {
            Start::Here => false,
            Start::Document | Start::Named(_) | Start::LastSaved(_) => true,
            Start::Result(inside) => is_same_for_every_row(inside),
        },
    }
}

/// Functions that take the node at hand where they are given nothing.
fn takes_the_row(builtin: Builtin) -> bool {
    use Builtin as B;
    matches!(builtin, B::String | B::Number | B::StringLength | B::NormalizeSpace | B::Name | B::LocalName)
}

/// Whether the rows that an index leaves out would be missed by `position()` or `last()`.
fn asks_position(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Text(_) | Expr::Path(_) => false,
        Expr::Negate(inside) => asks_position(inside),
        Expr::Chain { first, rest } => asks_position(first) || rest.iter().any(|(_, operand)| asks_position(operand)),
        Expr::Call(call) => {
            matches!(call.function.builtin, Builtin::Position | Builtin::Last)
                || call.arguments.iter().any(asks_position)
        }
    }
}
