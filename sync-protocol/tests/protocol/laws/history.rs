//! Arbitrary histories: several writers who hear of some of each other's saves, load records, edit, delete and undelete,
//! and some whose device was restored from a copy and lives a second life under the same writer.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use sync_protocol::changeset::{ChangesetHash, Links};
use sync_protocol::merge::Sibling;
use sync_protocol::save::{RecordWrite, reserved};
use sync_protocol::{Clock, Collection, Context, Dot, Header, RecordId, Save, Tag, UserId, Value, WriterId};

use super::replica::Replica;

pub(super) const AUTHOR: UserId = UserId::from_u128(0x5e);
pub(super) const RECORDS: [RecordId; 2] = [RecordId::from_u128(1), RecordId::from_u128(2)];
/// The registers that histories write; `_alive` is written by every save.
pub(super) const REGISTERS: [&str; 3] = [reserved::ALIVE, "name", "phone"];

/// A save for good: its number and the tag that commits to all before it.
pub(super) type Name = (Dot, Tag);

/// One save of a history, with what the oracle needs to know of its author.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub(super) dot: Dot,
    pub(super) tag: Tag,
    pub(super) clock: Clock,
    pub(super) writes: Vec<Wrote>,
}

/// What a save wrote on one record.
#[derive(Debug, Clone)]
pub(super) struct Wrote {
    pub(super) record: RecordId,
    pub(super) context: Context,
    pub(super) registers: BTreeMap<String, Value>,
    /// Every save that touched the record and that its author's device had taken in when the record was loaded.
    pub(super) seen: BTreeSet<Name>,
    /// The siblings that stood on the screen of the author, by register.
    pub(super) screen: BTreeMap<String, Vec<Sibling>>,
}

impl Wrote {
    /// Every save writes `_alive`, whether it says so or not.
    pub(super) fn writes(&self, register: &str) -> bool {
        register == reserved::ALIVE || self.registers.contains_key(register)
    }
}

/// What happens, in terms that any numbers make sense of.
#[derive(Debug, Clone)]
enum Event {
    /// An author's device takes in saves of another, up to a part of what there is.
    Hear { who: u8, of: u8, part: u8 },
    /// An author loads a record into a draft and keeps it open while other things happen.
    Load { who: u8, record: u8 },
    /// An author presses save.
    Write { who: u8, clock: u16, first: Option<Edit>, second: Option<Edit> },
    /// An author's device is restored from a copy of itself: from now on two write under one writer.
    Copy { who: u8 },
}

/// What one save does to one record.
#[derive(Debug, Clone)]
struct Edit {
    alive: Option<bool>,
    name: Option<u8>,
    phone: Option<u8>,
}

fn edit() -> impl Strategy<Value = Option<Edit>> {
    let few = || prop::option::of(0..3_u8);
    let alive = prop_oneof![4 => Just(None), 1 => Just(Some(false)), 1 => Just(Some(true))];
    prop::option::of((alive, few(), few()).prop_map(|(alive, name, phone)| Edit { alive, name, phone }))
}

fn event(copies: u32) -> impl Strategy<Value = Event> {
    let who = any::<u8>;
    prop_oneof![
        5 => (who(), who(), any::<u8>()).prop_map(|(who, of, part)| Event::Hear { who, of, part }),
        1 => (who(), any::<u8>()).prop_map(|(who, record)| Event::Load { who, record }),
        6 => (who(), 0..50_u16, edit(), edit())
            .prop_map(|(who, clock, first, second)| Event::Write { who, clock, first, second }),
        copies => who().prop_map(|who| Event::Copy { who }),
    ]
}

/// A history: of each writer the saves of its first life, in order.
#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) writers: Vec<Vec<Saved>>,
}

/// Histories in which every writer lives once.
pub(super) fn histories() -> impl Strategy<Value = History> {
    (2..=4_usize, vec(event(0), 4..28)).prop_map(|(writers, events)| play(writers, &events))
}

/// Histories in which some devices are restored from copies; the second lives' saves never arrive, but others saw them.
pub(super) fn histories_with_copies() -> impl Strategy<Value = History> {
    (2..=3_usize, vec(event(1), 6..28)).prop_map(|(writers, events)| play(writers, &events))
}

/// An order of delivery, as picks among the writers that have something left.
pub(super) fn orders() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..28)
}

/// How much of each writer's saves arrives at all, in 255ths.
pub(super) fn parts() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![3 => Just(255), 1 => any::<u8>()], 4)
}

impl History {
    /// Part of every writer's saves, each writer's in their order.
    pub(super) fn deliver(&self, order: &[u8], parts: &[u8]) -> Vec<&Saved> {
        let mut left: Vec<&[Saved]> = self
            .writers
            .iter()
            .zip(parts)
            .map(|(saves, part)| &saves[..(saves.len() * usize::from(*part)).div_ceil(255)])
            .collect();
        let mut picks = order.iter().map(|pick| usize::from(*pick)).chain(std::iter::repeat(0));
        let mut delivered = Vec::new();
        loop {
            left.retain(|saves| !saves.is_empty());
            if left.is_empty() {
                return delivered;
            }
            let writer = picks.next().unwrap_or(0) % left.len();
            let (next, rest) = left[writer].split_first().unwrap();
            delivered.push(next);
            left[writer] = rest;
        }
    }

    /// All saves, one writer after the other.
    pub(super) fn all(&self) -> Vec<&Saved> {
        self.writers.iter().flatten().collect()
    }
}

/// One life of one device.
#[derive(Clone)]
struct Device {
    saves: Vec<Saved>,
    last: ChangesetHash,
    writer: WriterId,
    view: Replica,
    seen: BTreeMap<RecordId, BTreeSet<Name>>,
    drafts: BTreeMap<RecordId, Draft>,
}

/// What its author saw of a record when it was loaded.
#[derive(Clone)]
struct Draft {
    context: Context,
    seen: BTreeSet<Name>,
    screen: BTreeMap<String, Vec<Sibling>>,
}

fn play(writers: usize, events: &[Event]) -> History {
    let mut devices: Vec<Device> = (1..=writers).map(|n| Device::new(WriterId::from_u128(n as u128))).collect();
    for event in events {
        let pick = |n: u8| usize::from(n) % devices.len();
        match event {
            Event::Hear { who, of, part } => {
                let (who, of) = (pick(*who), pick(*of));
                let known = devices[of].saves.len() * usize::from(*part) / 200;
                let saves: Vec<Saved> = devices[of].saves.iter().take(known).cloned().collect();
                devices[who].hear(&saves);
            }
            Event::Load { who, record } => {
                let who = pick(*who);
                let record = RECORDS[usize::from(*record) % RECORDS.len()];
                let draft = devices[who].load(record);
                devices[who].drafts.insert(record, draft);
            }
            Event::Write { who, clock, first, second } => {
                let who = pick(*who);
                devices[who].press_save(i64::from(*clock), [first.as_ref(), second.as_ref()]);
            }
            Event::Copy { who } => {
                let copy = devices[pick(*who)].clone();
                devices.push(copy);
            }
        }
    }
    devices.truncate(writers);
    History { writers: devices.into_iter().map(|device| device.saves).collect() }
}

impl Device {
    fn new(writer: WriterId) -> Device {
        Device {
            saves: Vec::new(),
            last: ChangesetHash::NONE,
            writer,
            view: Replica::default(),
            seen: BTreeMap::new(),
            drafts: BTreeMap::new(),
        }
    }

    /// Takes in what follows on what it knows of their writer; what belongs to another life than the one it knows, not.
    fn hear(&mut self, saves: &[Saved]) {
        let Some(first) = saves.first() else { return };
        let known = self.view.prefixes.of(first.dot.writer);
        if first.dot.writer == self.writer || !known.iter().zip(saves).all(|(tag, save)| *tag == save.tag) {
            return;
        }
        for save in saves.iter().skip(known.len()) {
            self.take(save);
        }
    }

    fn take(&mut self, save: &Saved) {
        self.view.take(save).unwrap();
        for write in &save.writes {
            self.seen.entry(write.record).or_default().insert((save.dot, save.tag));
        }
    }

    fn load(&self, record: RecordId) -> Draft {
        let row = self.view.row(record);
        let screen = row.registers.iter().map(|(name, register)| (name.clone(), register.siblings.clone())).collect();
        Draft { context: row.context, seen: self.seen.get(&record).cloned().unwrap_or_default(), screen }
    }

    fn press_save(&mut self, clock: i64, edits: [Option<&Edit>; 2]) {
        let writes: Vec<Wrote> = RECORDS
            .into_iter()
            .zip(edits)
            .filter_map(|(record, edit)| {
                let draft = self.drafts.remove(&record).unwrap_or_else(|| self.load(record));
                let Draft { context, seen, screen } = draft;
                Some(Wrote { record, context, registers: edit?.registers(), seen, screen })
            })
            .collect();
        if writes.is_empty() {
            return;
        }
        let save = self.seal(clock, writes);
        self.take(&save);
        self.saves.push(save);
    }

    fn seal(&mut self, clock: i64, writes: Vec<Wrote>) -> Saved {
        let dot = Dot { writer: self.writer, save: self.saves.len() as u64 + 1 };
        let clock = Clock(clock);
        let header = Header {
            author: AUTHOR,
            clock,
            forms: vec![],
            origin: None,
            protocol: 1,
            seq: dot.save,
            writer: dot.writer,
        }
        .to_line();
        let line = line_of(&writes);
        let links = Links::over(self.last, &header, &[&line]).unwrap();
        self.last = links.hash;
        Saved { dot, tag: links.tags[0], clock, writes }
    }
}

/// The save's line as its author seals it.
pub(super) fn line_of(writes: &[Wrote]) -> String {
    let records = writes
        .iter()
        .map(|write| RecordWrite {
            collection: Collection::Household,
            id: write.record,
            context: write.context.clone(),
            registers: write.registers.clone(),
        })
        .collect();
    Save { records }.to_line()
}

impl Edit {
    fn registers(&self) -> BTreeMap<String, Value> {
        let name = self.name.map(|n| ("name", Value::integer(i64::from(n))));
        let phone = self.phone.map(|n| ("phone", Value::integer(i64::from(n))));
        let alive = self.alive.map(|alive| (reserved::ALIVE, Value::bool(alive)));
        [name, phone, alive].into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
