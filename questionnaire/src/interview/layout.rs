//! Where the nodes of a form stand in an interview.
//!
//! A row is a block of cells: one for each node that is there exactly once in it. The form itself is the outermost row;
//! each repeat opens a scope whose rows are blocks of their own. So a node's cell in a given row is found by adding,
//! and "the same row" of two nodes is a comparison of scopes.

use std::collections::HashMap;

use crate::form::{Form, Kind, NodeId};

/// The form, or a repeat, as that whose rows hold cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ScopeId(u32);

impl ScopeId {
    pub(crate) const ROOT: ScopeId = ScopeId(0);

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is there once in each row.
#[derive(Debug)]
pub(crate) struct Scope {
    /// The repeat, or the form itself.
    pub(crate) head: NodeId,
    pub(crate) parent: Option<ScopeId>,
    /// The nodes of a row in the order of the sheet, `head` first. A repeat inside stands for its series of rows.
    pub(crate) nodes: Vec<NodeId>,
    /// The repeats inside.
    pub(crate) series: Vec<NodeId>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Where the node is there once a row; for a repeat that is around it.
    scope: ScopeId,
    local: u32,
    /// For a repeat, the scope of its rows, and which of the series around it it is.
    opens: Option<(ScopeId, u32)>,
}

/// Where every node stands.
#[derive(Debug)]
pub(crate) struct Layout {
    scopes: Vec<Scope>,
    slots: Vec<Slot>,
    children: Vec<Vec<NodeId>>,
    named: HashMap<String, Vec<NodeId>>,
}

impl Layout {
    pub(crate) fn new(form: &Form) -> Self {
        let root = Scope { head: NodeId::ROOT, parent: None, nodes: vec![NodeId::ROOT], series: Vec::new() };
        let mut layout = Layout {
            scopes: vec![root],
            slots: vec![Slot { scope: ScopeId::ROOT, local: 0, opens: None }],
            children: vec![Vec::new(); form.nodes.len()],
            named: HashMap::new(),
        };
        for id in form.ids() {
            layout.named.entry(form.node(id).name.clone()).or_default().push(id);
            if let Some(parent) = form.node(id).parent {
                layout.children[parent.index()].push(id);
                layout.place(form, id, parent);
            }
        }
        layout
    }

    fn place(&mut self, form: &Form, id: NodeId, parent: NodeId) {
        let around = self.row_scope(parent);
        let local = self.scopes[around.index()].nodes.len() as u32;
        self.scopes[around.index()].nodes.push(id);
        let mut opens = None;
        if matches!(form.node(id).kind, Kind::Repeat { .. }) {
            let scope = ScopeId(self.scopes.len() as u32);
            opens = Some((scope, self.scopes[around.index()].series.len() as u32));
            self.scopes[around.index()].series.push(id);
            self.scopes.push(Scope { head: id, parent: Some(around), nodes: vec![id], series: Vec::new() });
        }
        self.slots.push(Slot { scope: around, local, opens });
    }

    pub(crate) fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// Where `node` is there once a row; a repeat as its series, so around it.
    pub(crate) fn scope_of(&self, node: NodeId) -> ScopeId {
        self.slots[node.index()].scope
    }

    /// Where whatever stands directly in `node` is there once a row: inside of a repeat, else where `node` is.
    pub(crate) fn row_scope(&self, node: NodeId) -> ScopeId {
        self.opened_by(node).unwrap_or(self.slots[node.index()].scope)
    }

    /// The scope of a repeat's rows.
    pub(crate) fn opened_by(&self, node: NodeId) -> Option<ScopeId> {
        self.slots[node.index()].opens.map(|(scope, _)| scope)
    }

    /// Which of its row's series a repeat is.
    pub(crate) fn series_of(&self, repeat: NodeId) -> usize {
        self.slots[repeat.index()].opens.map_or(0, |(_, series)| series as usize)
    }

    /// The place of `node` in its row; of a repeat, that of its series.
    pub(crate) fn local(&self, node: NodeId) -> usize {
        self.slots[node.index()].local as usize
    }

    pub(crate) fn children(&self, node: NodeId) -> &[NodeId] {
        &self.children[node.index()]
    }

    /// All below `node`, in the order of the sheet.
    pub(crate) fn below(&self, node: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open: Vec<NodeId> = self.children(node).iter().rev().copied().collect();
        while let Some(next) = open.pop() {
            found.push(next);
            open.extend(self.children(next).iter().rev());
        }
        found
    }

    /// `scope` and those around it, the form last.
    pub(crate) fn outward(&self, scope: ScopeId) -> impl Iterator<Item = ScopeId> + '_ {
        std::iter::successors(Some(scope), |&at| self.scope(at).parent)
    }

    /// The innermost scope that holds both.
    pub(crate) fn common(&self, one: ScopeId, other: ScopeId) -> ScopeId {
        let around: Vec<ScopeId> = self.outward(one).collect();
        self.outward(other).find(|scope| around.contains(scope)).unwrap_or(ScopeId::ROOT)
    }

    /// The question that `${name}` means at `from`: of several, the one that shares the most groups with it.
    pub(crate) fn find(&self, form: &Form, name: &str, from: NodeId) -> Option<NodeId> {
        let named = self.named.get(name)?;
        if let [only] = named[..] {
            return Some(only);
        }
        let around: Vec<NodeId> = form.ancestors(from).collect();
        let shared = |id: NodeId| form.ancestors(id).skip(1).filter(|above| around.contains(above)).count();
        // The last of equals wins, so that the first of the sheet does.
        named.iter().rev().copied().max_by_key(|&id| shared(id))
    }
}
