//! Parts of a condition that are the same for every row, evaluated once and not a hundred thousand times.

use super::ast::{Expr, Path, Start};
use super::evaluate::Scope;
use super::lookup::is_same_for_every_row;
use super::{Value, World};

/// From how many rows on it pays.
pub(super) const ROWS_MIN: usize = 8;

/// Parts of an expression with their values.
pub(super) type Memo<'e, N> = Vec<(&'e Expr, Value<N>)>;

impl<W: World> Scope<'_, W> {
    /// The values of the largest parts of `condition` that do not look at the row.
    pub(super) fn memo<'e>(&self, condition: &'e Expr) -> Memo<'e, W::Node> {
        let mut parts = Vec::new();
        collect(condition, &mut parts);
        parts.into_iter().map(|part| (part, self.value(part))).collect()
    }
}

fn collect<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Number(_) | Expr::Text(_) => {}
        other if is_same_for_every_row(other) => parts.push(other),
        Expr::Negate(inside) => collect(inside, parts),
        Expr::Chain { first, rest } => {
            collect(first, parts);
            rest.iter().for_each(|(_, operand)| collect(operand, parts));
        }
        Expr::Call(call) => call.arguments.iter().for_each(|argument| collect(argument, parts)),
        Expr::Path(Path { start: Start::Result(inside), .. }) => collect(inside, parts),
        Expr::Path(_) => {}
    }
}
