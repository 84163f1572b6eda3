//! Values that wait for each other: found when a form is read, so that no interview ever meets them.

use std::collections::{BTreeSet, HashMap};

use crate::expr::{Base, Formula, Move, Reference};
use crate::form::{Form, Kind, NodeId};
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;

/// Tells of every circle of values, each once.
pub(super) fn check(form: &Form, sheet: &str, report: &mut Report) {
    let graph = Graph::of(form);
    for circle in graph.circles() {
        let mut names: Vec<String> = circle.iter().map(|&id| form.node(NodeId::new(id)).name.clone()).collect();
        names.push(names[0].clone());
        let node = form.node(NodeId::new(circle[0]));
        report.error(&Spot::row(sheet, node.place.row), Fault::Cycle { names });
    }
}

/// Which node waits for which: a value for what its calculation names and for its own relevance, and that for what its
/// condition names and for the group around.
struct Graph {
    edges: Vec<Vec<usize>>,
}

impl Graph {
    fn of(form: &Form) -> Self {
        let by_name: HashMap<&str, NodeId> = form.ids().skip(1).map(|id| (form.node(id).name.as_str(), id)).collect();
        let seen = Seen { form, by_name };
        let edges = form.ids().map(|id| seen.waits_for(id)).collect();
        Graph { edges }
    }

    /// Circles without a node in common: where many values are knotted, one circle is enough to look at.
    fn circles(&self) -> Vec<Vec<usize>> {
        let mut circles = Vec::new();
        let mut state = vec![State::New; self.edges.len()];
        for start in 0..self.edges.len() {
            self.visit(start, &mut state, &mut circles);
        }
        let mut seen = BTreeSet::new();
        circles.retain(|circle| circle.iter().filter(|node| !seen.insert(**node)).count() == 0);
        circles
    }

    /// Walks in depth without the machine's stack: a form may chain as many values as it has rows.
    fn visit(&self, start: usize, state: &mut [State], circles: &mut Vec<Vec<usize>>) {
        if state[start] != State::New {
            return;
        }
        let mut path = vec![(start, 0)];
        state[start] = State::Open;
        while let Some((node, next)) = path.last_mut() {
            let Some(&target) = self.edges[*node].get(*next) else {
                state[*node] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match state[target] {
                State::New => {
                    state[target] = State::Open;
                    path.push((target, 0));
                }
                State::Open => {
                    let from = path.iter().position(|(node, _)| *node == target).expect("an open node is on the path");
                    circles.push(path[from..].iter().map(|(node, _)| *node).collect());
                }
                State::Done => {}
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

struct Seen<'a> {
    form: &'a Form,
    by_name: HashMap<&'a str, NodeId>,
}

impl Seen<'_> {
    fn waits_for(&self, id: NodeId) -> Vec<usize> {
        let node = self.form.node(id);
        let mut targets = Vec::new();
        let computes = node.calculation.as_ref().filter(|_| node.trigger.is_empty());
        // How many rows a repeat has is no such wait: "add another?" is asked inside the repeat that it lengthens.
        for formula in [computes, node.relevant.as_ref()].into_iter().flatten() {
            self.collect(id, formula, &mut targets);
        }
        targets.extend(node.parent.map(NodeId::index));
        targets.sort_unstable();
        targets.dedup();
        targets
    }

    fn collect(&self, id: NodeId, formula: &Formula, targets: &mut Vec<usize>) {
        // A row may look back at the same question of an earlier row, which is no circle.
        let looks_back = formula.text().contains("indexed-repeat") || formula.text().contains("position(");
        for reference in formula.references() {
            let Some(target) = self.find(id, &reference) else { continue };
            let is_group = matches!(self.form.node(target).kind, Kind::Group | Kind::Repeat { .. });
            let shares_row =
                self.form.repeat_around(target).is_some_and(|repeat| self.form.ancestors(id).any(|at| at == repeat));
            // A group has no value to wait for: `count(${repeat})` counts rows and reads none.
            let is_earlier = looks_back && shares_row;
            if !is_group && !is_earlier {
                targets.push(target.index());
            }
        }
    }

    /// The node that a reference leads to, where that can be told.
    fn find(&self, id: NodeId, reference: &Reference) -> Option<NodeId> {
        let mut at = match reference.base {
            Base::Named(name) => Some(*self.by_name.get(name)?),
            Base::Here if reference.moves.is_empty() => return None,
            Base::Here => Some(id),
            Base::Document => None,
            Base::LastSaved(_) | Base::Instance(_) | Base::Unknown => return None,
        };
        for step in &reference.moves {
            at = match (step, at) {
                (Move::Up, Some(from)) => self.form.node(from).parent,
                (Move::Down(Some(name)), Some(from)) => {
                    Some(self.form.children(from).find(|&child| self.form.node(child).name == *name)?)
                }
                (Move::Down(Some(_)), None) => Some(NodeId::ROOT),
                _ => return None,
            };
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use crate::sheet::Workbook;
    use crate::xlsform::problem::Fault;

    #[track_caller]
    fn check(rows: &str, expected: &[&str]) {
        let header = "| survey | type | name | label | relevant | calculation |\n";
        let reading = crate::xlsform::read(&Workbook::drawn(&format!("{header}{rows}")), "t");
        let circles: Vec<String> = reading
            .problems
            .iter()
            .filter_map(|problem| match &problem.fault {
                Fault::Cycle { names } => Some(names.join(" -> ")),
                _ => None,
            })
            .collect();
        assert_eq!(circles, expected);
        assert_eq!(reading.form.is_none(), !expected.is_empty(), "{:#?}", reading.problems);
    }

    #[test]
    fn values_that_wait_for_each_other_are_named() {
        check(
            "| | calculate | a | | | ${b} |\n| | calculate | b | | | ${c} |\n| | calculate | c | | | ${a} |",
            &["a -> b -> c -> a"],
        );
        check("| | calculate | a | | | ${a} + 1 |", &["a -> a"]);
        check("| | text | a | A | ${b} = '' | |\n| | text | b | B | ${a} = '' | |", &["a -> b -> a"]);
        check("| | text | a | A | ../b = '' | |\n| | text | b | B | /data/a = '' | |", &["a -> b -> a"]);
    }

    #[test]
    fn a_group_that_waits_for_what_it_holds_is_a_circle() {
        check(
            "| | begin group | g | G | ${a} = 'x' | |\n| | text | a | A | | |\n| | end group | | | | |",
            &["g -> a -> g"],
        );
    }

    #[test]
    fn a_chain_is_no_circle() {
        check(
            "| | text | a | A | | |\n| | text | b | B | ${a} = '' | |\n| | calculate | c | | ${b} = '' | ${a} |",
            &[],
        );
        check(
            "| | begin repeat | r | R | | |\n| | integer | n | N | | |\n| | calculate | sum | | | ${n} + indexed-repeat(${sum}, ${r}, position(..) - 1) |\n| | end repeat | | | | |",
            &[],
        );
    }
}
