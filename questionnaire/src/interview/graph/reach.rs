//! Which nodes of the form a formula looks at, and in which rows, told from the formula alone.

use crate::expr::{Base, Formula, Move, Reference};
use crate::form::{Form, NodeId};
use crate::interview::layout::{Layout, ScopeId};

/// A node that is looked at, in all rows that lie in the same row of `shared` as the formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) node: NodeId,
    pub(crate) shared: ScopeId,
    /// It is meant by its name, not only among others by a `*`: whoever counts `../*` waits for no value.
    pub(crate) meant: bool,
}

/// Where a formula stands.
pub(crate) struct Seat<'a> {
    pub(crate) form: &'a Form,
    pub(crate) layout: &'a Layout,
    pub(crate) node: NodeId,
    /// Each row of this one has the formula once.
    pub(crate) scope: ScopeId,
}

/// Where a reference has come to; the document stands above the form.
#[derive(Clone, Copy)]
enum At {
    Document,
    Node(Place),
}

impl Seat<'_> {
    /// What `formula` looks at; `.` is not counted, since a calculation may keep what it has.
    pub(crate) fn places(&self, formula: &Formula) -> Vec<Place> {
        let elsewhere = looks_at_other_rows(formula);
        let mut places = Vec::new();
        if let (true, Some(_)) = (asks_for_its_row(formula), self.layout.scope(self.scope).parent) {
            places.push(Place { node: self.layout.scope(self.scope).head, shared: self.scope, meant: true });
        }
        for reference in formula.references() {
            if reference.moves.is_empty() && reference.base == Base::Here {
                continue;
            }
            let meant = !reference.moves.iter().any(is_wild);
            for mut place in self.resolve(&reference) {
                place.meant = meant;
                if elsewhere && matches!(reference.base, Base::Named(_)) {
                    place.shared = ScopeId::ROOT;
                }
                places.push(place);
            }
        }
        places
    }

    /// All in the rows that a question's values are choices of.
    pub(crate) fn rows_of(&self, question: &str) -> Vec<Place> {
        let Some(node) = self.layout.find(self.form, question, self.node) else { return Vec::new() };
        let Some(repeat) = self.form.repeat_around(node) else { return Vec::new() };
        let shared = self.layout.common(self.scope, self.layout.scope_of(repeat));
        vec![Place { node, shared, meant: true }, Place { node: repeat, shared, meant: true }]
    }

    fn resolve(&self, reference: &Reference<'_>) -> Vec<Place> {
        let mut at = match reference.base {
            Base::Here => vec![At::Node(Place { node: self.node, shared: self.scope, meant: true })],
            Base::Document => vec![At::Document],
            Base::Named(name) => self.named(name).into_iter().map(At::Node).collect(),
            Base::LastSaved(_) | Base::Instance(_) | Base::Unknown => Vec::new(),
        };
        for step in &reference.moves {
            at = at.into_iter().flat_map(|at| self.step(at, step)).collect();
        }
        at.into_iter().filter_map(|at| if let At::Node(place) = at { Some(place) } else { None }).collect()
    }

    fn named(&self, name: &str) -> Option<Place> {
        let node = self.layout.find(self.form, name, self.node)?;
        Some(Place { node, shared: self.layout.common(self.scope, self.layout.scope_of(node)), meant: true })
    }

    fn step(&self, at: At, step: &Move<'_>) -> Vec<At> {
        let At::Node(place) = at else { return self.step_from_document(step) };
        let node = |node| At::Node(Place { node, ..place });
        let fits = |id: &NodeId, name: &Option<&str>| name.is_none_or(|name| self.form.node(*id).name == name);
        match step {
            Move::Up => vec![self.up(place)],
            Move::Down(name) => {
                self.layout.children(place.node).iter().copied().filter(|id| fits(id, name)).map(node).collect()
            }
            Move::Deep(name) => {
                let below = self.layout.below(place.node);
                std::iter::once(place.node).chain(below).filter(|id| fits(id, name)).map(node).collect()
            }
            Move::Above(name) => {
                let mut found = Vec::new();
                let mut next = at;
                while let At::Node(place) = next {
                    found.extend(fits(&place.node, name).then_some(next));
                    next = self.up(place);
                }
                found
            }
            Move::Beside(_) => match self.up(place) {
                At::Node(above) => self.step(At::Node(above), &beside_as_down(step)),
                At::Document => Vec::new(),
            },
        }
    }

    fn step_from_document(&self, step: &Move<'_>) -> Vec<At> {
        let root = Place { node: NodeId::ROOT, shared: ScopeId::ROOT, meant: true };
        match step {
            Move::Down(name) => {
                let fits = name.is_none_or(|name| self.form.node(NodeId::ROOT).name == name);
                if fits { vec![At::Node(root)] } else { Vec::new() }
            }
            Move::Deep(_) => self.step(At::Node(root), step),
            Move::Up | Move::Above(_) | Move::Beside(_) => Vec::new(),
        }
    }

    /// To the parent; out of a row, everything beyond it is shared by all rows.
    fn up(&self, place: Place) -> At {
        let Some(node) = self.form.node(place.node).parent else { return At::Document };
        let around = self.layout.row_scope(node);
        At::Node(Place { node, shared: self.layout.common(place.shared, around), ..place })
    }
}

fn is_wild(step: &Move<'_>) -> bool {
    matches!(step, Move::Down(None) | Move::Deep(None) | Move::Beside(None))
}

fn beside_as_down<'a>(step: &Move<'a>) -> Move<'a> {
    match step {
        Move::Beside(name) => Move::Down(*name),
        step => *step,
    }
}

/// Whether the formula calls a function that reads a named question in rows other than its own.
fn looks_at_other_rows(formula: &Formula) -> bool {
    ["indexed-repeat", "-if("].iter().any(|call| formula.text().contains(call))
}

/// Whether the formula may ask which row it stands in without naming it.
fn asks_for_its_row(formula: &Formula) -> bool {
    ["index(", "indexed-repeat("].iter().any(|call| formula.text().contains(call))
}
