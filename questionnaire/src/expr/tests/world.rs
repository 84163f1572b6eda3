//! A world made of a few lines of XML.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use crate::expr::{Formula, Moment, Value, World};

/// Trees with text in their leaves. Elements of one name beside each other whose name begins with `row` are rows of a
/// repeat.
pub(super) struct Trees {
    nodes: Vec<Node>,
    instances: BTreeMap<String, usize>,
    pub(super) now: Moment,
    /// Whether `rows_where` keeps an index; looks are counted.
    pub(super) indexed: bool,
    pub(super) lookups: Cell<usize>,
    draws: Cell<u32>,
}

struct Node {
    name: String,
    parent: Option<usize>,
    children: Vec<usize>,
    text: String,
}

/// 2024-05-31T08:30:00.250+07:00, a Friday.
const FRIDAY: Moment = Moment { unix_ms: 1_717_119_000_250, offset_min: 420 };

impl Trees {
    pub(super) fn of(interview: &str) -> Self {
        let mut trees = Self {
            nodes: Vec::new(),
            instances: BTreeMap::new(),
            now: FRIDAY,
            indexed: true,
            lookups: Cell::new(0),
            draws: Cell::new(0),
        };
        trees.grow(interview);
        trees
    }

    pub(super) fn with(mut self, instance: &str, content: &str) -> Self {
        let document = self.grow(content);
        self.instances.insert(instance.to_owned(), document);
        self
    }

    /// Reads elements without attributes; returns their document.
    fn grow(&mut self, xml: &str) -> usize {
        let document = self.add(None, "");
        let mut open = document;
        for part in xml.split('<').skip(1) {
            let (tag, text) = part.split_once('>').unwrap();
            if tag.starts_with('/') {
                open = self.nodes[open].parent.unwrap();
            } else if let Some(name) = tag.strip_suffix('/') {
                self.add(Some(open), name);
            } else {
                open = self.add(Some(open), tag);
                self.nodes[open].text = text.trim().to_owned();
            }
        }
        document
    }

    fn add(&mut self, parent: Option<usize>, name: &str) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { name: name.to_owned(), parent, children: Vec::new(), text: String::new() });
        if let Some(parent) = parent {
            self.nodes[parent].children.push(node);
        }
        node
    }

    /// The node that a path leads to.
    pub(super) fn find(&self, path: &str) -> usize {
        let formula = Formula::parse(path).unwrap();
        match formula.value(self, 0) {
            Value::Nodes(nodes) if nodes.len() == 1 => nodes[0],
            other => panic!("{path} is {other:?}"),
        }
    }

    /// The text of an expression at the node that a path leads to.
    pub(super) fn text_at(&self, path: &str, expression: &str) -> String {
        let formula = Formula::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error:?}"));
        formula.answer(self, self.find(path))
    }

    /// The text of an expression at the root.
    pub(super) fn text(&self, expression: &str) -> String {
        self.text_at("/*", expression)
    }

    fn row(&self, node: usize) -> Option<usize> {
        std::iter::successors(Some(node), |node| self.nodes[*node].parent)
            .find(|node| self.nodes[*node].name.starts_with("row"))
    }

    fn rows(&self, node: usize) -> Vec<usize> {
        std::iter::successors(self.row(node), |row| self.row(self.nodes[*row].parent?)).collect()
    }
}

impl World for Trees {
    type Node = usize;

    fn document(&self) -> usize {
        0
    }

    fn parent(&self, node: usize) -> Option<usize> {
        self.nodes[node].parent
    }

    fn name(&self, node: usize) -> &str {
        &self.nodes[node].name
    }

    fn children(&self, node: usize, name: Option<&str>, into: &mut Vec<usize>) {
        let children = self.nodes[node].children.iter().copied();
        into.extend(children.filter(|child| name.is_none_or(|name| self.nodes[*child].name == name)));
    }

    fn text(&self, node: usize) -> Cow<'_, str> {
        match self.nodes[node].children.as_slice() {
            [] => Cow::Borrowed(&self.nodes[node].text),
            children => children.iter().map(|child| World::text(self, *child)).collect::<String>().into(),
        }
    }

    fn instance(&self, name: &str) -> Option<usize> {
        self.instances.get(name).copied()
    }

    fn rows_where(&self, parent: usize, child: &str, column: &str, value: &str) -> Option<Vec<usize>> {
        if !self.indexed {
            return None;
        }
        self.lookups.set(self.lookups.get() + 1);
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        self.children(parent, Some(child), &mut rows);
        rows.retain(|row| {
            cells.clear();
            self.children(*row, Some(column), &mut cells);
            cells.iter().any(|cell| World::text(self, *cell) == value)
        });
        Some(rows)
    }

    fn named(&self, name: &str, from: usize, into: &mut Vec<usize>) {
        let around = self.rows(from);
        let end = self.instances.values().copied().min().unwrap_or(self.nodes.len());
        into.extend((0..end).filter(|node| {
            self.nodes[*node].name == name
                && self.rows(*node).iter().all(|row| {
                    let same_repeat = |other: &&usize| {
                        self.nodes[**other].name == self.nodes[*row].name
                            && self.nodes[**other].parent == self.nodes[*row].parent
                    };
                    around.iter().find(same_repeat).is_none_or(|other| other == row)
                })
        }));
    }

    fn row_of(&self, node: usize) -> Option<usize> {
        self.row(node)
    }

    fn is_relevant(&self, node: usize) -> bool {
        self.nodes[node].name != "skipped"
    }

    fn choice_label(&self, question: &str, value: &str, _from: usize) -> Option<Cow<'_, str>> {
        (question == "sex").then_some(match value {
            "1" => "Laki-laki".into(),
            "2" => "Perempuan".into(),
            _ => return None,
        })
    }

    fn property(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "version").then_some("2024.1".into())
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn random(&self) -> f64 {
        self.draws.set(self.draws.get() + 1);
        f64::from(self.draws.get()) / 1000.0
    }

    fn random_bits(&self) -> u128 {
        self.draws.set(self.draws.get() + 1);
        u128::from(self.draws.get())
    }
}
