//! Every interleaving of a small world: three devices, one record, a few saves, and what may go wrong with them.
//!
//! States are searched breadth first, each once. The merge is the crate's own; around it stands as little as there can be
//! of a server (an inbox, prefixes, a row) and of devices (a base, their saves). In every state the server's row must hold
//! exactly what was merged and nobody replaced who had it on the screen.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::{Hash, Hasher};

use sync_protocol::merge::{Knowledge, Standing, Trusting};
use sync_protocol::{Clock, Collection, Context, Dot, RecordId, Row, Seen, Stamp, Tag, UserId, Value, Write, WriterId};

const DEVICES: usize = 3;

/// How much may happen in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Left {
    saves: u8,
    pulls: u8,
    restores: u8,
    clones: u8,
    rewinds: u8,
}

/// A save: its place in the list of all is its identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Saved {
    writer: usize,
    number: u64,
    /// The one before it in the life of its writer that it belongs to.
    after: Option<usize>,
    context: Context,
    /// What its author had on the screen, and all that this had replaced.
    behind: BTreeSet<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Device {
    writer: usize,
    base: String,
    own: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Server {
    inbox: BTreeMap<(usize, u64), usize>,
    /// Saves of each writer that are merged.
    applied: BTreeMap<usize, Vec<usize>>,
    row: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    saves: Vec<Saved>,
    devices: Vec<Device>,
    /// What each device was before each of its saves.
    copies: Vec<(usize, Device)>,
    server: Server,
    backup: Option<Server>,
    left: Left,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Save(usize),
    Deliver(usize),
    Pull(usize),
    Restore(usize),
    Clone(usize),
    Backup,
    Rewind,
}

fn writer(at: usize) -> WriterId {
    WriterId::from_u128(at as u128 + 1)
}

/// Every save of every life has a tag of its own.
fn tag(save: usize) -> Tag {
    Tag(1_000 + save as u32)
}

fn empty() -> Row {
    Row::new(Collection::Household, RecordId::from_u128(1))
}

fn parsed(text: &str) -> Row {
    if text.is_empty() { empty() } else { Row::parse(text).expect("a row") }
}

fn merge(row: &mut Row, id: usize, save: &Saved, known: &impl Knowledge) {
    let registers = BTreeMap::from([("name".to_owned(), Value::integer(id as i64))]);
    let dot = Dot { writer: writer(save.writer), save: save.number };
    let stamp = Stamp { clock: Clock(id as i64), author: UserId::from_u128(1) };
    row.merge(&Write { dot, tag: tag(id), stamp, context: &save.context, registers: &registers }, known);
}

/// Which saves' values a row holds.
fn standing(row: &Row) -> BTreeSet<usize> {
    let siblings = row.registers.get("name").map(|register| register.siblings.as_slice()).unwrap_or_default();
    siblings.iter().map(|s| s.value.as_str().parse().expect("a number")).collect()
}

impl Knowledge for Server {
    fn standing(&self, of: WriterId, seen: Seen) -> Standing {
        let applied = (0..DEVICES).find(|at| writer(*at) == of).and_then(|at| self.applied.get(&at));
        match applied.and_then(|saves| saves.get(seen.save as usize - 1)) {
            None => Standing::Ahead,
            Some(save) if tag(*save) == seen.tag => Standing::Known,
            Some(_) => Standing::OtherLife,
        }
    }
}

impl Server {
    /// Takes a save whose number is free and whose neighbours chain to it; then merges the writer's prefix.
    fn deposit(&mut self, id: usize, saves: &[Saved]) {
        let save = &saves[id];
        let place = |number: u64| self.inbox.get(&(save.writer, number)).copied();
        let chained = place(save.number - 1).is_none_or(|before| save.after == Some(before))
            && place(save.number + 1).is_none_or(|behind| saves[behind].after == Some(id));
        if place(save.number).is_some() || !chained {
            return;
        }
        self.inbox.insert((save.writer, save.number), id);
        loop {
            let applied = self.applied.entry(save.writer).or_default();
            let Some(next) = self.inbox.get(&(save.writer, applied.len() as u64 + 1)).copied() else { return };
            let mut row = parsed(self.row.as_deref().unwrap_or_default());
            merge(&mut row, next, &saves[next], self);
            self.row = Some(row.to_text());
            self.applied.entry(save.writer).or_default().push(next);
        }
    }

    /// Whether the author of a merged save had seen what is not here: of another life, or not yet.
    fn is_in_doubt(&self, saves: &[Saved]) -> bool {
        let mut merged = self.applied.values().flatten();
        merged.any(|id| saves[*id].context.iter().any(|(of, seen)| self.standing(*of, *seen) != Standing::Known))
    }

    /// What must stand: what was merged, but for what somebody whose save was merged, too, had seen and replaced.
    fn due(&self, saves: &[Saved]) -> BTreeSet<usize> {
        let merged: BTreeSet<usize> = self.applied.values().flatten().copied().collect();
        let gone: BTreeSet<usize> = merged.iter().flat_map(|save| saves[*save].behind.iter().copied()).collect();
        merged.difference(&gone).copied().collect()
    }
}

impl State {
    fn new(left: Left) -> State {
        let device = |writer| Device { writer, base: String::new(), own: vec![] };
        let devices = (0..DEVICES).map(device).collect();
        State { saves: vec![], devices, copies: vec![], server: Server::default(), backup: None, left }
    }

    /// What is on a device's screen: its base with those of its saves laid over it that are not in it.
    fn view(&self, at: usize) -> Row {
        let device = &self.devices[at];
        let mut row = parsed(&device.base);
        for id in &device.own {
            let seen = row.context.get(&writer(device.writer)).copied();
            let is_in_base = seen.is_some_and(|seen| seen.save >= self.saves[*id].number);
            if !is_in_base {
                merge(&mut row, *id, &self.saves[*id], &Trusting);
            }
        }
        row
    }

    fn actions(&self) -> Vec<Action> {
        let left = self.left;
        // Devices are alike: one begins to write only when those before it have.
        let mut actions: Vec<Action> = Vec::new();
        let has_begun = |at: usize| at == 0 || self.saves.iter().any(|save| save.writer == at - 1);
        for at in (0..DEVICES).filter(|at| has_begun(*at)) {
            if left.saves > 0 {
                actions.push(Action::Save(at));
            }
            if left.pulls > 0 && self.server.row.as_ref().is_some_and(|row| *row != self.devices[at].base) {
                actions.push(Action::Pull(at));
            }
            let is_unused = self.devices[at].own.is_empty() && self.devices[at].writer == at;
            if left.clones > 0 && at > 0 && is_unused && !self.devices[0].own.is_empty() {
                actions.push(Action::Clone(at));
            }
        }
        let held: BTreeSet<usize> = self.devices.iter().flat_map(|device| device.own.iter().copied()).collect();
        let stored: BTreeSet<usize> = self.server.inbox.values().copied().collect();
        actions.extend(held.difference(&stored).map(|id| Action::Deliver(*id)));
        if left.restores > 0 {
            actions.extend((0..self.copies.len()).map(Action::Restore));
        }
        if left.rewinds > 0 && self.server.row.is_some() {
            actions.push(if self.backup.is_none() { Action::Backup } else { Action::Rewind });
        }
        actions
    }

    fn after(&self, action: Action) -> State {
        let mut next = self.clone();
        match action {
            Action::Save(at) => next.save(at),
            Action::Deliver(id) => next.server.deposit(id, &self.saves),
            Action::Pull(at) => {
                next.left.pulls -= 1;
                next.devices[at].base = self.server.row.clone().unwrap_or_default();
            }
            Action::Restore(copy) => {
                next.left.restores -= 1;
                let (at, device) = next.copies.remove(copy);
                next.devices[at] = device;
            }
            Action::Clone(at) => {
                next.left.clones -= 1;
                next.devices[at] = self.devices[0].clone();
            }
            Action::Backup => next.backup = Some(self.server.clone()),
            Action::Rewind => {
                next.left.rewinds -= 1;
                next.server = next.backup.take().unwrap_or_default();
            }
        }
        next
    }

    fn save(&mut self, at: usize) {
        self.left.saves -= 1;
        let view = self.view(at);
        if self.left.restores > 0 {
            self.copies.push((at, self.devices[at].clone()));
        }
        let shown = standing(&view);
        let older = shown.iter().flat_map(|id| self.saves[*id].behind.iter().copied());
        let behind: BTreeSet<usize> = older.chain(shown.iter().copied()).collect();
        let device = &mut self.devices[at];
        let (number, after) = (device.own.len() as u64 + 1, device.own.last().copied());
        device.own.push(self.saves.len());
        self.saves.push(Saved { writer: device.writer, number, after, context: view.context, behind });
    }

    fn check(&self) {
        let row = parsed(self.server.row.as_deref().unwrap_or_default());
        let (stands, due) = (standing(&row), self.server.due(&self.saves));
        assert!(stands.is_superset(&due), "lost: {self:#?}");
        // Doubt keeps both: of what an author had seen in another life, or what is not here yet, nobody can tell.
        assert!(stands == due || self.server.is_in_doubt(&self.saves), "came back: {self:#?}");
        for (at, device) in self.devices.iter().enumerate() {
            let is_forked = |id: &usize| {
                let place = (self.saves[*id].writer, self.saves[*id].number);
                self.server.inbox.get(&place).is_some_and(|stored| stored != id)
            };
            let seen = parsed(&device.base).context.get(&writer(device.writer)).copied();
            let own = seen.and_then(|seen| device.own.get(seen.save as usize - 1).map(|id| (seen, tag(*id))));
            if device.own.iter().any(is_forked) || own.is_some_and(|(seen, own)| seen.tag != own) {
                // It is told to change its writer, and seals these again.
                continue;
            }
            let shown = standing(&self.view(at));
            let replaced: BTreeSet<usize> =
                shown.iter().flat_map(|id| self.saves[*id].behind.iter().copied()).collect();
            let gone = device.own.iter().find(|id| !shown.contains(id) && !replaced.contains(id));
            assert_eq!(gone, None, "device {at} no longer shows a save of its own: {self:#?}");
        }
    }

    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// Lives through every world; returns how many states there are.
fn search(left: Left) -> usize {
    let first = State::new(left);
    let mut known = HashSet::from([first.digest()]);
    let mut open = VecDeque::from([first]);
    while let Some(state) = open.pop_front() {
        state.check();
        for action in state.actions() {
            let next = state.after(action);
            if known.insert(next.digest()) {
                open.push_back(next);
            }
        }
    }
    known.len()
}

const NOTHING: Left = Left { saves: 4, pulls: 2, restores: 0, clones: 0, rewinds: 0 };

#[test]
fn every_order_of_four_saves_of_three_devices_keeps_what_nobody_had_seen() {
    let states = search(NOTHING);
    assert!(states > 1_000, "{states}");
}

#[test]
fn every_order_with_a_restored_device_keeps_what_nobody_had_seen() {
    let states = search(Left { pulls: 1, restores: 1, ..NOTHING });
    assert!(states > 1_000, "{states}");
}

#[test]
fn every_order_with_a_cloned_device_keeps_what_nobody_had_seen() {
    let states = search(Left { pulls: 1, clones: 1, ..NOTHING });
    assert!(states > 1_000, "{states}");
}

#[test]
fn every_order_with_a_server_that_was_rewound_keeps_what_nobody_had_seen() {
    let states = search(Left { saves: 3, rewinds: 1, ..NOTHING });
    assert!(states > 1_000, "{states}");
}

#[test]
fn every_order_with_a_restored_device_and_a_rewound_server_keeps_what_nobody_had_seen() {
    let states = search(Left { saves: 3, pulls: 1, restores: 1, rewinds: 1, ..NOTHING });
    assert!(states > 1_000, "{states}");
}
