//! Functions over the rows of repeats.

use crate::expr::ast::{Expr, Path, Start};
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::functions::lists::rank;
use crate::expr::{Value, World, value};

/// What the dialect that has `rank-index` gives where there is no such row.
const NO_RANK: f64 = 999.0;

impl<W: World> Scope<'_, W> {
    pub(super) fn rows(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        let numbers = |nodes: Vec<W::Node>| {
            let number = |node: W::Node| value::number(&self.world.text(node), self.world);
            nodes.into_iter().map(number).filter(|number| !number.is_nan())
        };
        let rows = |nodes: usize, condition: usize| self.rows_that(&arguments[nodes], &arguments[condition]);
        Some(match builtin {
            Builtin::IndexedRepeat => Value::Nodes(self.indexed_repeat(arguments)),
            Builtin::Index => {
                let row = self.world.row_of(self.current);
                Value::Number(row.map_or(f64::NAN, |row| self.place_among_siblings(row)))
            }
            Builtin::CountIf => Value::Number(rows(0, 1).len() as f64),
            Builtin::SumIf => Value::Number(numbers(rows(0, 1)).sum::<f64>() + 0.0),
            Builtin::MinIf => Value::Number(numbers(rows(0, 1)).fold(f64::NAN, f64::min)),
            Builtin::MaxIf => Value::Number(numbers(rows(0, 1)).fold(f64::NAN, f64::max)),
            Builtin::JoinIf => {
                let texts: Vec<_> = rows(1, 2).into_iter().map(|node| self.world.text(node)).collect();
                Value::Text(texts.join(&self.text(&arguments[0])))
            }
            Builtin::RankIndex | Builtin::RankIndexIf => Value::Number(self.rank_index(arguments)),
            _ => return None,
        })
    }

    /// Those of the nodes in whose row the condition holds.
    fn rows_that(&self, nodes: &Expr, condition: &Expr) -> Vec<W::Node> {
        let mut nodes = self.nodes(nodes);
        nodes.retain(|node| self.moved_to(*node).boolean(condition));
        nodes
    }

    /// The place of one row's number among those of all rows, or of those where the condition holds.
    fn rank_index(&self, arguments: &[Expr]) -> f64 {
        let nodes = self.nodes(&arguments[1]);
        let index = self.number(&arguments[0]);
        let holds = |node: &W::Node| arguments.get(2).is_none_or(|condition| self.moved_to(*node).boolean(condition));
        let number = |node: &W::Node| value::number(&self.world.text(*node), self.world);
        let ranked: Vec<_> = nodes.iter().filter(|node| holds(node)).map(|node| (*node, number(node))).collect();
        let chosen = if index >= 1.0 { nodes.get(index as usize - 1) } else { None };
        let place = chosen.and_then(|chosen| ranked.iter().position(|(node, _)| node == chosen));
        let numbers: Vec<f64> = ranked.iter().map(|(_, number)| *number).collect();
        place.and_then(|place| rank(numbers[place], &numbers[..place], &numbers)).unwrap_or(NO_RANK)
    }

    /// The node in the row of that number of each named repeat, the outermost first. Of repeats that are not named, the
    /// row counts in which the expression stands.
    fn indexed_repeat(&self, arguments: &[Expr]) -> Vec<W::Node> {
        let mut within: Option<W::Node> = None;
        let mut pairs: Vec<(&Expr, f64)> =
            arguments[1..].chunks_exact(2).map(|pair| (&pair[0], self.number(&pair[1]))).collect();
        pairs.sort_by_cached_key(|(repeat, _)| self.rows_of(repeat, None).first().map_or(0, |row| self.depth(*row)));
        for (repeat, index) in pairs {
            let rows = self.rows_of(repeat, within);
            let row = if index >= 1.0 { rows.get(index as usize - 1) } else { None };
            match row {
                Some(row) => within = Some(*row),
                None => return Vec::new(),
            }
        }
        let row = within.expect("the arity asks for one repeat at least");
        self.below_row(&arguments[0], row)
    }

    /// All rows of a repeat within a row of another one, or beside the row in which the expression stands.
    fn rows_of(&self, repeat: &Expr, within: Option<W::Node>) -> Vec<W::Node> {
        if let Some(row) = within {
            return self.below_row(repeat, row);
        }
        let rows = self.nodes(repeat);
        match rows.as_slice() {
            [row] => {
                let mut rows = Vec::new();
                if let Some(parent) = self.world.parent(*row) {
                    self.world.children(parent, Some(self.world.name(*row)), &mut rows);
                }
                rows
            }
            _ => rows,
        }
    }

    /// What the expression gives as seen from a row, inside that row.
    fn below_row(&self, expr: &Expr, row: W::Node) -> Vec<W::Node> {
        let mut nodes = match expr {
            Expr::Path(Path { start: Start::Named(name), predicates, steps })
                if predicates.is_empty() && steps.is_empty() =>
            {
                let mut nodes = Vec::new();
                self.world.named(name, row, &mut nodes);
                nodes
            }
            other => self.nodes(other),
        };
        nodes.retain(|node| self.is_below(*node, row));
        nodes
    }

    fn is_below(&self, node: W::Node, row: W::Node) -> bool {
        let mut above = self.world.parent(node);
        while let Some(node) = above {
            if node == row {
                return true;
            }
            above = self.world.parent(node);
        }
        false
    }

    fn depth(&self, node: W::Node) -> usize {
        std::iter::successors(self.world.parent(node), |node| self.world.parent(*node)).count()
    }
}
