//! What depends on what: built once for a form, so that an answer evaluates again only what can have changed.
//!
//! Covers what decides values: relevance, calculations, choices offered, repeat counts. What only judges or shows them
//! (constraint, required, read-only, labels) is asked when a screen or a check wants it, and stored nowhere.

mod order;
mod reach;

use crate::form::{Choices, Form, Kind, Node, NodeId, Source};
use crate::interview::layout::{Layout, ScopeId};
use reach::{Place, Seat};

pub(crate) use order::Edge;

/// Index of a job; jobs are numbered in the order in which to do them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct JobId(u32);

impl JobId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a formula decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Whether a question, group or row is asked.
    Relevant,
    /// Whether a repeat as a whole is asked: whether a row may be added.
    RelevantSeries,
    /// How many rows a repeat has.
    Count,
    /// The value of a calculation.
    Calculate,
    /// The value of a calculation that waits for its trigger.
    Trigger,
    /// What the choices offered leave of an answer.
    Offer,
}

/// A formula to evaluate in every row of `scope`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    pub(crate) node: NodeId,
    pub(crate) work: Work,
    pub(crate) scope: ScopeId,
}

/// A job to do again in all rows that lie in the same row of `shared` as what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reader {
    pub(crate) job: JobId,
    pub(crate) shared: ScopeId,
}

/// Questions that need each other's values, by which none has one: each reads the one after it, the last one the first.
pub type Cycle = Vec<NodeId>;

/// The jobs of a form, and who reads what.
#[derive(Debug)]
pub(crate) struct Graph {
    jobs: Vec<Job>,
    of_node: Vec<Vec<JobId>>,
    readers: Vec<Vec<Reader>>,
    watchers: Vec<Vec<Reader>>,
    cycles: Vec<Cycle>,
}

impl Graph {
    pub(crate) fn new(form: &Form, layout: &Layout) -> Self {
        let sketch = Sketch::new(form, layout);
        let (ranks, cycles) = order::order(sketch.jobs.len(), &sketch.edges);
        let mut graph = Graph {
            jobs: vec![Job { node: NodeId::ROOT, work: Work::Relevant, scope: ScopeId::ROOT }; sketch.jobs.len()],
            of_node: vec![Vec::new(); form.nodes.len()],
            readers: sketch.readers.iter().map(|readers| ranked(readers, &ranks)).collect(),
            watchers: sketch.watchers.iter().map(|watchers| ranked(watchers, &ranks)).collect(),
            cycles: cycles.into_iter().map(|cycle| sketch.named(&cycle)).collect(),
        };
        for (job, &rank) in sketch.jobs.iter().zip(&ranks) {
            graph.jobs[rank as usize] = *job;
            graph.of_node[job.node.index()].push(JobId(rank));
        }
        graph
    }

    pub(crate) fn job(&self, id: JobId) -> Job {
        self.jobs[id.index()]
    }

    pub(crate) fn jobs_of(&self, node: NodeId) -> &[JobId] {
        &self.of_node[node.index()]
    }

    /// Who reads the value of `node`.
    pub(crate) fn readers(&self, node: NodeId) -> &[Reader] {
        &self.readers[node.index()]
    }

    /// Who looks at the rows of `repeat`: how many there are, in which order, or into all of them.
    pub(crate) fn watchers(&self, repeat: NodeId) -> &[Reader] {
        &self.watchers[repeat.index()]
    }

    pub(crate) fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }
}

fn ranked(readers: &[(usize, ScopeId)], ranks: &[u32]) -> Vec<Reader> {
    let rank = |&(job, shared): &(usize, ScopeId)| Reader { job: JobId(ranks[job]), shared };
    let mut readers: Vec<Reader> = readers.iter().map(rank).collect();
    readers.sort_unstable();
    readers.dedup();
    readers
}

/// The graph while it is drawn; jobs in the order of the sheet.
struct Sketch<'a> {
    form: &'a Form,
    layout: &'a Layout,
    jobs: Vec<Job>,
    of_node: Vec<Vec<usize>>,
    edges: Vec<Edge>,
    readers: Vec<Vec<(usize, ScopeId)>>,
    watchers: Vec<Vec<(usize, ScopeId)>>,
}

impl<'a> Sketch<'a> {
    fn new(form: &'a Form, layout: &'a Layout) -> Self {
        let count = form.nodes.len();
        let mut sketch = Sketch {
            form,
            layout,
            jobs: Vec::new(),
            of_node: vec![Vec::new(); count],
            edges: Vec::new(),
            readers: vec![Vec::new(); count],
            watchers: vec![Vec::new(); count],
        };
        form.ids().for_each(|id| sketch.add_jobs(id));
        (0..sketch.jobs.len()).for_each(|job| sketch.connect(job));
        sketch
    }

    fn named(&self, cycle: &[Edge]) -> Cycle {
        let mut nodes: Vec<NodeId> =
            cycle.iter().flat_map(|edge| [self.jobs[edge.to].node, NodeId::new(edge.through)]).collect();
        nodes.dedup();
        if nodes.len() > 1 && nodes.first() == nodes.last() {
            nodes.pop();
        }
        nodes
    }

    fn add_jobs(&mut self, id: NodeId) {
        let node = self.form.node(id);
        let around = self.layout.scope_of(id);
        let inside = self.layout.opened_by(id);
        if node.relevant.is_some() {
            self.add(id, Work::Relevant, inside.unwrap_or(around));
            if inside.is_some() {
                self.add(id, Work::RelevantSeries, around);
            }
        }
        if matches!(node.kind, Kind::Repeat { count: Some(_) }) {
            self.add(id, Work::Count, around);
        }
        if choices_of(node).is_some() {
            self.add(id, Work::Offer, around);
        }
        match (&node.calculation, node.trigger.is_empty()) {
            (Some(_), true) => self.add(id, Work::Calculate, around),
            (Some(_), false) => self.add(id, Work::Trigger, around),
            (None, _) => {}
        }
    }

    fn add(&mut self, node: NodeId, work: Work, scope: ScopeId) {
        self.of_node[node.index()].push(self.jobs.len());
        self.jobs.push(Job { node, work, scope });
    }

    fn connect(&mut self, job: usize) {
        let Job { node, work, scope } = self.jobs[job];
        if work == Work::Trigger {
            return self.connect_trigger(job);
        }
        if work == Work::Calculate {
            // A calculation rests while it is not asked.
            self.follow_relevance(node, job, scope);
        }
        for place in self.places(job) {
            self.read(job, place);
        }
    }

    /// The calculation itself is evaluated at that moment only, so what it reads makes no edge.
    fn connect_trigger(&mut self, job: usize) {
        let Job { node, scope, .. } = self.jobs[job];
        for &trigger in &self.form.node(node).trigger {
            let shared = self.layout.common(scope, self.layout.scope_of(trigger));
            self.readers[trigger.index()].push((job, shared));
        }
    }

    fn places(&self, job: usize) -> Vec<Place> {
        let Job { node: id, work, scope } = self.jobs[job];
        let node = self.form.node(id);
        let formula = match (work, &node.kind) {
            (Work::Relevant | Work::RelevantSeries, _) => node.relevant.as_ref(),
            (Work::Count, Kind::Repeat { count }) => count.as_ref(),
            (Work::Calculate, _) => node.calculation.as_ref(),
            (Work::Offer, _) => choices_of(node).and_then(|choices| choices.filter.as_ref()),
            _ => None,
        };
        let seat = Seat { form: self.form, layout: self.layout, node: id, scope };
        let mut places = formula.map(|formula| seat.places(formula)).unwrap_or_default();
        if let Some(Choices { from: Source::Repeat(question), .. }) = choices_of(node) {
            places.extend(seat.rows_of(question));
        }
        places
    }

    fn read(&mut self, job: usize, place: Place) {
        let Place { node, shared, meant } = place;
        for repeat in self.repeats_entered(place) {
            self.watchers[repeat.index()].push((job, shared));
            self.edges_from(repeat, &[Work::Count], job, repeat, false);
        }
        if self.layout.opened_by(node) == Some(shared) {
            // The row itself, as `position(..)` sees it.
            self.watchers[node.index()].push((job, self.layout.scope_of(node)));
        }
        if !is_branch(self.form.node(node)) {
            self.readers[node.index()].push((job, shared));
            if !meant {
                return;
            }
            self.edges_from(node, &[Work::Calculate, Work::Offer], job, node, self.crosses(node, job, shared));
            self.follow_relevance(node, job, shared);
            return;
        }
        // Whoever reads a whole branch is told of all below it; but `count(${row})` or `position(..)` look at no value,
        // so that no order follows from it.
        for below in self.layout.below(node) {
            self.readers[below.index()].push((job, shared));
        }
    }

    /// The repeats whose rows a place is looked for in.
    fn repeats_entered(&self, place: Place) -> Vec<NodeId> {
        let is_entered = |&id: &NodeId| {
            self.layout.opened_by(id).is_some_and(|scope| {
                scope != place.shared && self.layout.outward(scope).any(|around| around == place.shared)
            })
        };
        self.form.ancestors(place.node).filter(is_entered).collect()
    }

    fn follow_relevance(&mut self, node: NodeId, job: usize, shared: ScopeId) {
        let around: Vec<NodeId> = self.form.ancestors(node).collect();
        for above in around {
            self.edges_from(above, &[Work::Relevant], job, node, self.crosses(above, job, shared));
        }
    }

    /// Whether `job` reads `node` in other rows of the very repeat it stands in: a running total is no cycle.
    fn crosses(&self, node: NodeId, job: usize, shared: ScopeId) -> bool {
        let scope = self.jobs[job].scope;
        let of_node = self.layout.scope_of(node);
        (of_node == scope || self.layout.opened_by(node) == Some(scope)) && shared != scope
    }

    fn edges_from(&mut self, node: NodeId, works: &[Work], to: usize, through: NodeId, crosses: bool) {
        for &from in &self.of_node[node.index()] {
            if works.contains(&self.jobs[from].work) {
                // Choices may hang on what was chosen ("everybody but those named before"), and counts on the rows they
                // have made ("one more, as long as the last one says so"): both come to rest, and ODK allows both.
                let crosses = crosses || matches!(self.jobs[from].work, Work::Offer | Work::Count);
                self.edges.push(Edge { from, to, through: through.index(), crosses });
            }
        }
    }
}

/// The choices of a question that has some.
pub(crate) fn choices_of(node: &Node) -> Option<&Choices> {
    match &node.kind {
        Kind::SelectOne(choices) | Kind::SelectMultiple(choices) | Kind::Rank(choices) => Some(choices),
        _ => None,
    }
}

/// Whether it holds other nodes and no value.
pub(crate) fn is_branch(node: &Node) -> bool {
    matches!(node.kind, Kind::Group | Kind::Repeat { .. })
}
