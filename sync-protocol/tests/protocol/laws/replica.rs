//! A replica: takes saves in, each writer's in their order and each once, as the server does.

use std::collections::BTreeMap;

use sync_protocol::merge::{Knowledge, Outcome, Standing};
use sync_protocol::{Collection, Digest, Dot, RecordId, Row, Seen, Tag, Write, WriterId};

use super::history::{AUTHOR, Saved};

/// Rows, and of each writer the applied prefix with its tags.
#[derive(Debug, Clone, Default)]
pub(super) struct Replica {
    pub(super) rows: BTreeMap<RecordId, Row>,
    pub(super) prefixes: Prefixes,
    /// Kept as both sides keep it: what changed is taken out and put back in.
    pub(super) digest: Digest,
}

/// Of each writer the tags of its applied saves.
#[derive(Debug, Clone, Default)]
pub(super) struct Prefixes(BTreeMap<WriterId, Vec<Tag>>);

impl Prefixes {
    pub(super) fn of(&self, writer: WriterId) -> &[Tag] {
        self.0.get(&writer).map_or(&[], Vec::as_slice)
    }
}

impl Knowledge for Prefixes {
    fn standing(&self, writer: WriterId, seen: Seen) -> Standing {
        match self.of(writer).get(seen.save as usize - 1) {
            None => Standing::Ahead,
            Some(tag) if *tag == seen.tag => Standing::Known,
            Some(_) => Standing::OtherLife,
        }
    }
}

impl Replica {
    /// A replica that took these saves in, in this order.
    pub(super) fn after<'a>(saves: impl IntoIterator<Item = &'a Saved>) -> Replica {
        let mut replica = Replica::default();
        for save in saves {
            replica.take(save);
        }
        replica
    }

    /// Takes a save in; `None` if it was taken in before, or if one before it is missing.
    pub(super) fn take(&mut self, save: &Saved) -> Option<Outcome> {
        if save.dot.save != self.prefixes.of(save.dot.writer).len() as u64 + 1 {
            return None;
        }
        let mut all = Outcome::default();
        for write in &save.writes {
            let row = self.rows.entry(write.record).or_insert_with(|| Row::new(Collection::Household, write.record));
            if !row.registers.is_empty() {
                self.digest.remove(row.hash());
            }
            let outcome = row.merge(&save.write(write), &self.prefixes);
            self.digest.add(row.hash());
            all.conflict |= outcome.conflict;
            all.surprise |= outcome.surprise;
        }
        self.prefixes.0.entry(save.dot.writer).or_default().push(save.tag);
        Some(all)
    }

    /// The row of a record; an empty one if nobody wrote it here.
    pub(super) fn row(&self, record: RecordId) -> Row {
        self.rows.get(&record).cloned().unwrap_or_else(|| Row::new(Collection::Household, record))
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.rows.values().map(Row::to_text).collect()
    }
}

impl Saved {
    /// One of its record writes, ready to be merged.
    pub(super) fn write<'a>(&self, write: &'a super::history::Wrote) -> Write<'a> {
        Write {
            dot: self.dot,
            tag: self.tag,
            stamp: sync_protocol::Stamp { clock: self.clock, author: AUTHOR },
            context: &write.context,
            registers: &write.registers,
        }
    }
}

/// The dots of a register's siblings.
pub(super) fn dots(row: &Row, register: &str) -> Vec<Dot> {
    row.registers.get(register).map(|r| r.siblings.iter().map(|s| s.dot).collect()).unwrap_or_default()
}
