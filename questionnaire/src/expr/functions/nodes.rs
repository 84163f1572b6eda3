//! Functions of nodes: how many, which, where, in which order.

use crate::expr::ast::Expr;
use crate::expr::evaluate::Scope;
use crate::expr::functions::{Builtin, digests, shuffle};
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(super) fn nodes_functions(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        Some(match builtin {
            Builtin::Count => Value::Number(self.nodes(&arguments[0]).len() as f64),
            Builtin::CountNonEmpty => {
                let nodes = self.nodes(&arguments[0]);
                Value::Number(nodes.iter().filter(|node| !self.world.text(**node).is_empty()).count() as f64)
            }
            Builtin::Position => match arguments.first() {
                None => Value::Number(self.position as f64),
                Some(argument) => {
                    let nodes = self.nodes(argument);
                    Value::Number(nodes.first().map_or(f64::NAN, |node| self.place_among_siblings(*node)))
                }
            },
            Builtin::Last => Value::Number(self.size as f64),
            Builtin::Current => Value::Nodes(vec![self.current]),
            Builtin::Instance => {
                let document = self.world.instance(&self.text(&arguments[0]));
                Value::Nodes(document.into_iter().collect())
            }
            Builtin::Pulldata => Value::Text(self.pulldata(arguments)),
            Builtin::Randomize => Value::Nodes(self.randomize(arguments)),
            Builtin::Name => Value::Text(self.name(arguments.first())),
            Builtin::LocalName => {
                let name = self.name(arguments.first());
                Value::Text(name.rsplit(':').next().unwrap_or("").to_owned())
            }
            Builtin::NamespaceUri => Value::Text(String::new()),
            _ => return None,
        })
    }

    /// Its number, from 1, among its siblings of the same name: of a repeat's row the number of the row.
    pub(super) fn place_among_siblings(&self, node: W::Node) -> f64 {
        let mut siblings = Vec::new();
        if let Some(parent) = self.world.parent(node) {
            self.world.children(parent, Some(self.world.name(node)), &mut siblings);
        }
        siblings.iter().position(|sibling| *sibling == node).map_or(1.0, |index| (index + 1) as f64)
    }

    fn name(&self, argument: Option<&Expr>) -> String {
        let node = match argument {
            Some(argument) => self.nodes(argument).first().copied(),
            None => Some(self.node),
        };
        node.map_or_else(String::new, |node| self.world.name(node).to_owned())
    }

    /// `instance(table)/root/item[key = value]/column`
    fn pulldata(&self, arguments: &[Expr]) -> String {
        let [table, column, key, value] = [0, 1, 2, 3].map(|index| self.text(&arguments[index]));
        let mut roots = Vec::new();
        if let Some(document) = self.world.instance(&table) {
            self.world.children(document, None, &mut roots);
        }
        let row = roots.first().and_then(|root| self.first_row(*root, key.trim(), &value));
        let mut cells = Vec::new();
        if let Some(row) = row {
            self.world.children(row, Some(column.trim()), &mut cells);
        }
        cells.first().map_or_else(String::new, |cell| self.world.text(*cell).into_owned())
    }

    fn first_row(&self, root: W::Node, key: &str, value: &str) -> Option<W::Node> {
        if let Some(rows) = self.world.rows_where(root, "item", key, value) {
            return rows.first().copied();
        }
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        self.world.children(root, Some("item"), &mut rows);
        rows.into_iter().find(|row| {
            cells.clear();
            self.world.children(*row, Some(key), &mut cells);
            cells.iter().any(|cell| self.world.text(*cell) == value)
        })
    }

    fn randomize(&self, arguments: &[Expr]) -> Vec<W::Node> {
        let nodes = self.nodes(&arguments[0]);
        let Some(seed) = arguments.get(1) else {
            return shuffle::shuffled(&nodes, || self.world.random());
        };
        let seed = self.value(seed);
        let (number, text) = (seed.number(self.world), seed.text(self.world));
        let seed = if number.is_nan() && !text.is_empty() { digests::seed(&text) } else { number as i64 };
        let mut generator = shuffle::ParkMiller::new(seed);
        shuffle::shuffled(&nodes, || generator.next())
    }
}
