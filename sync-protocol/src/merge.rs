//! The merge: what a register holds after a write (section 6). The one place that decides what is kept.
//!
//! A register holds the writes to it that no other write to the same register had seen. A write removes the siblings
//! that its context covers and adds itself; nothing else ever removes a value.
//!
//! A context may name saves that are not applied here yet, or saves of another life of a writer. Such an entry covers
//! nothing until the writer's applied prefix reaches it and its tag agrees: doubt keeps both values. Until then the
//! register remembers it in `ahead`.

use std::collections::{BTreeMap, BTreeSet};

use crate::broken::{Rule, is_broken};
use crate::canonical::Value;
use crate::clock::Clock;
use crate::ids::{Collection, Dot, RecordId, Seen, Tag, UserId, WriterId};
use crate::save::{Context, reserved};

/// One value of a register, with the save that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// The save.
    pub dot: Dot,
    /// The value.
    pub value: Value,
}

/// One named value of a record: several siblings of different value are a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Register {
    /// Sorted by dot, never empty in a row.
    pub siblings: Vec<Sibling>,
    /// Entries of contexts of writes to this register whose saves are not applied here yet.
    pub ahead: Ahead,
}

/// Context entries that wait for their save. Several of one writer wait side by side: a later one may turn out to be of
/// another life, or never come, and the earlier one holds all the same.
pub type Ahead = BTreeSet<(WriterId, Seen)>;

/// When and by whom a dot was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The effective clock.
    pub clock: Clock,
    /// The author.
    pub author: UserId,
}

/// A record's state: its registers, and which saves of which writers touched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Kind of record.
    pub collection: Collection,
    /// The record.
    pub id: RecordId,
    /// For each writer the highest applied save that touched this record: the context of whoever edits it now.
    pub context: Context,
    /// By name.
    pub registers: BTreeMap<String, Register>,
    /// Of every dot that a sibling names.
    pub stamps: BTreeMap<Dot, Stamp>,
}

/// One save's write to one record, ready to be merged.
#[derive(Debug, Clone)]
pub struct Write<'a> {
    /// The save.
    pub dot: Dot,
    /// The save's tag.
    pub tag: Tag,
    /// When and by whom.
    pub stamp: Stamp,
    /// What the author had seen.
    pub context: &'a Context,
    /// What was written.
    pub registers: &'a BTreeMap<String, Value>,
}

/// How a context entry stands to what is applied here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Applied, and the tags agree.
    Known,
    /// Not applied yet.
    Ahead,
    /// Another life of that writer: covers nothing.
    OtherLife,
}

/// What a replica knows of each writer: its applied prefix, and the tags of the saves in it.
pub trait Knowledge {
    /// How this entry stands. The answer for saves of the write being merged is not asked.
    fn standing(&self, writer: WriterId, seen: Seen) -> Standing;

    /// How an entry stands that waits in a row.
    fn standing_of_waiting(&self, writer: WriterId, seen: Seen) -> Standing {
        self.standing(writer, seen)
    }
}

/// Knowledge of a device that lays its own saves over rows that the server delivered: it trusts their contexts.
///
/// What waits in a row goes on waiting: only the server knows, and what it still keeps stays on the screen.
#[derive(Debug, Clone, Copy)]
pub struct Trusting;

impl Knowledge for Trusting {
    fn standing(&self, _: WriterId, _: Seen) -> Standing {
        Standing::Known
    }

    fn standing_of_waiting(&self, _: WriterId, _: Seen) -> Standing {
        Standing::Ahead
    }
}

/// What a merge did, for verdicts and for what may be left out on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// A register that was written now holds different values.
    pub conflict: bool,
    /// The author's device would not have come to the same row: a context entry did not stand as known.
    pub surprise: bool,
}

impl Row {
    /// A record that nobody has written yet.
    pub fn new(collection: Collection, id: RecordId) -> Row {
        Row { collection, id, context: Context::new(), registers: BTreeMap::new(), stamps: BTreeMap::new() }
    }

    /// Merges one write. The caller applies each writer's saves in their order and each once.
    pub fn merge(&mut self, write: &Write<'_>, known: &impl Knowledge) -> Outcome {
        let standing: Vec<(WriterId, Seen, Standing)> = write
            .context
            .iter()
            .map(|(&w, &seen)| match w == write.dot.writer && seen.save >= write.dot.save {
                // Nobody has seen what they had not written yet.
                true => (w, seen, Standing::OtherLife),
                false => (w, seen, known.standing(w, seen)),
            })
            .collect();
        let mut outcome = Outcome { conflict: false, surprise: standing.iter().any(|s| s.2 != Standing::Known) };
        if self.registers.is_empty() && !outcome.surprise {
            // Nobody's values are there to be covered: the map is built at once, in the order of the names.
            let alone = |value: &Value| Register {
                siblings: vec![Sibling { dot: write.dot, value: value.clone() }],
                ahead: Ahead::default(),
            };
            self.registers = write.registers.iter().map(|(name, value)| (name.clone(), alone(value))).collect();
        } else {
            for (name, value) in write.registers {
                outcome.conflict |= self.write_register(name, value, write, &standing);
            }
        }
        if !write.registers.contains_key(reserved::ALIVE) && !is_broken(Rule::MergeAlive) {
            outcome.conflict |= self.write_register(reserved::ALIVE, &Value::bool(true), write, &standing);
        }
        if !is_broken(Rule::MergeContext) {
            self.context.insert(write.dot.writer, Seen { save: write.dot.save, tag: write.tag });
        }
        self.stamps.insert(write.dot, write.stamp);
        outcome.surprise |= self.resolve_ahead(write, known);
        self.forget_stamps();
        outcome
    }

    fn write_register(
        &mut self,
        name: &str,
        value: &Value,
        write: &Write<'_>,
        standing: &[(WriterId, Seen, Standing)],
    ) -> bool {
        if !self.registers.contains_key(name) {
            self.registers.insert(name.to_owned(), Register::default());
        }
        let register = self.registers.get_mut(name).expect("was just made sure of");
        for &(writer, seen, standing) in standing {
            match standing {
                Standing::Known => register.cover(writer, seen),
                Standing::Ahead => register.await_save(writer, seen),
                Standing::OtherLife => {}
            }
        }
        register.siblings.retain(|_| !is_broken(Rule::MergeUnseen));
        let at = register.siblings.partition_point(|s| s.dot < write.dot);
        register.siblings.insert(at, Sibling { dot: write.dot, value: value.clone() });
        register.is_conflict()
    }

    /// Lets entries act whose writer has now reached them.
    fn resolve_ahead(&mut self, write: &Write<'_>, known: &impl Knowledge) -> bool {
        let mut any = false;
        for register in self.registers.values_mut().filter(|r| !r.ahead.is_empty()) {
            any = true;
            let ahead = std::mem::take(&mut register.ahead);
            for (writer, seen) in ahead {
                let here = Dot { writer, save: seen.save } == write.dot;
                let standing = match here {
                    true if seen.tag == write.tag => Standing::Known,
                    true => Standing::OtherLife,
                    false => known.standing_of_waiting(writer, seen),
                };
                match standing {
                    // Writes that claim to have seen each other prove nothing: a register is never left empty.
                    Standing::Known if register.is_covered(writer, seen) => {}
                    Standing::Known => register.cover(writer, seen),
                    Standing::Ahead => register.await_save(writer, seen),
                    Standing::OtherLife => {}
                }
            }
        }
        any
    }

    fn forget_stamps(&mut self) {
        if self.stamps.len() == 1 {
            return;
        }
        let registers = &self.registers;
        self.stamps.retain(|dot, _| registers.values().any(|r| r.siblings.iter().any(|s| s.dot == *dot)));
    }

    /// The sibling that screens show: the greatest by effective clock, writer and save number.
    pub fn winner(&self, name: &str) -> Option<&Sibling> {
        self.registers.get(name)?.siblings.iter().max_by_key(|s| (self.clock(s.dot), s.dot))
    }

    fn clock(&self, dot: Dot) -> Clock {
        self.stamps.get(&dot).map(|stamp| stamp.clock).unwrap_or_default()
    }

    /// The displayed value of a register.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.winner(name).map(|s| &s.value)
    }

    /// The displayed value of a register that holds an id or another parsed text.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.value(name)?.as_text()?.parse().ok()
    }

    /// Whether the record is shown as existing.
    pub fn is_alive(&self) -> bool {
        self.value(reserved::ALIVE).is_none_or(|v| v.as_str() != "false")
    }

    /// Names of the registers that hold different values.
    pub fn conflicts(&self) -> impl Iterator<Item = &str> {
        self.registers.iter().filter(|(_, r)| r.is_conflict()).map(|(name, _)| name.as_str())
    }
}

impl Register {
    /// Different values stand beside each other.
    pub fn is_conflict(&self) -> bool {
        self.siblings.windows(2).any(|pair| pair[0].value != pair[1].value)
    }

    fn cover(&mut self, writer: WriterId, seen: Seen) {
        let is_unseen = |s: &Sibling| s.dot.writer != writer || s.dot.save > seen.save;
        self.siblings.retain(|s| is_unseen(s) || is_broken(Rule::MergeSeen));
    }

    /// Nothing would be left.
    fn is_covered(&self, writer: WriterId, seen: Seen) -> bool {
        self.siblings.iter().all(|s| s.dot.writer == writer && s.dot.save <= seen.save)
    }

    fn await_save(&mut self, writer: WriterId, seen: Seen) {
        self.ahead.insert((writer, seen));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Applied(BTreeMap<WriterId, Vec<Tag>>);

    impl Knowledge for Applied {
        fn standing(&self, writer: WriterId, seen: Seen) -> Standing {
            match self.0.get(&writer).and_then(|tags| tags.get(seen.save as usize - 1)) {
                None => Standing::Ahead,
                Some(tag) if *tag == seen.tag => Standing::Known,
                Some(_) => Standing::OtherLife,
            }
        }
    }

    const A: WriterId = WriterId::from_u128(0xa);
    const B: WriterId = WriterId::from_u128(0xb);

    fn put(
        row: &mut Row,
        known: &mut Applied,
        writer: WriterId,
        seen: &[(WriterId, u64, u32)],
        value: &str,
    ) -> Outcome {
        let tags = known.0.entry(writer).or_default();
        let save = tags.len() as u64 + 1;
        let tag = Tag(100 + save as u32);
        let context = seen.iter().map(|&(w, save, tag)| (w, Seen { save, tag: Tag(tag) })).collect();
        let stamp = Stamp { clock: Clock(save as i64), author: UserId::from_u128(1) };
        let registers = BTreeMap::from([("name".to_owned(), Value::text(value))]);
        let dot = Dot { writer, save };
        let outcome = row.merge(&Write { dot, tag, stamp, context: &context, registers: &registers }, known);
        known.0.get_mut(&writer).expect("has an entry").push(tag);
        outcome
    }

    fn values(row: &Row) -> Vec<String> {
        row.registers["name"].siblings.iter().map(|s| s.value.as_text().expect("text")).collect()
    }

    fn fresh() -> (Row, Applied) {
        (Row::new(Collection::Household, RecordId::from_u128(1)), Applied(BTreeMap::new()))
    }

    #[test]
    fn what_the_author_had_seen_is_replaced() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, A, &[], "Siti");
        let outcome = put(&mut row, &mut known, B, &[(A, 1, 101)], "Siti A.");
        assert_eq!((values(&row), outcome), (vec!["Siti A.".to_owned()], Outcome::default()));
    }

    #[test]
    fn what_the_author_had_not_seen_stands_beside_it() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, A, &[], "Siti");
        let outcome = put(&mut row, &mut known, B, &[], "Sitti");
        assert!(outcome.conflict);
        assert_eq!(values(&row), ["Siti", "Sitti"]);
        assert_eq!(row.conflicts().collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn equal_values_are_no_conflict() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, A, &[], "Siti");
        assert!(!put(&mut row, &mut known, B, &[], "Siti").conflict);
        assert_eq!(row.registers["name"].siblings.len(), 2);
    }

    #[test]
    fn a_context_ahead_of_the_replica_acts_when_the_save_arrives() {
        let (mut row, mut known) = fresh();
        let early = put(&mut row, &mut known, B, &[(A, 1, 101)], "later");
        assert!(early.surprise);
        put(&mut row, &mut known, A, &[], "earlier");
        assert_eq!(values(&row), ["later"]);
        assert!(row.registers["name"].ahead.is_empty());
    }

    #[test]
    fn another_life_of_a_writer_covers_nothing() {
        for a_first in [true, false] {
            let (mut row, mut known) = fresh();
            if a_first {
                put(&mut row, &mut known, A, &[], "one life");
            }
            put(&mut row, &mut known, B, &[(A, 1, 999)], "saw another life");
            if !a_first {
                put(&mut row, &mut known, A, &[], "one life");
            }
            assert_eq!(values(&row), ["one life", "saw another life"], "A first: {a_first}");
        }
    }

    #[test]
    fn entries_of_one_writer_wait_side_by_side() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, B, &[(A, 1, 101)], "saw the first");
        put(&mut row, &mut known, WriterId::from_u128(0xc), &[(A, 2, 999)], "saw another life");
        put(&mut row, &mut known, A, &[], "the first");
        assert_eq!(values(&row), ["saw the first", "saw another life"]);
        put(&mut row, &mut known, A, &[(A, 1, 101)], "the second");
        assert_eq!(values(&row), ["the second", "saw the first", "saw another life"]);
        assert!(row.registers["name"].ahead.is_empty());
    }

    #[test]
    fn a_save_cannot_have_seen_itself_nor_what_its_writer_wrote_later() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, A, &[(A, 1, 101)], "one");
        put(&mut row, &mut known, B, &[(B, 2, 102)], "two");
        put(&mut row, &mut known, B, &[(B, 1, 101)], "three");
        assert_eq!(values(&row), ["one", "three"]);
    }

    #[test]
    fn writes_that_claim_to_have_seen_each_other_leave_a_value() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, B, &[(A, 1, 101)], "saw A");
        put(&mut row, &mut known, A, &[(B, 1, 101)], "saw B");
        assert_eq!(values(&row), ["saw B"]);
        assert_eq!(Row::parse(&row.to_text()).expect("a row"), row);
    }

    #[test]
    fn an_own_save_laid_over_a_row_leaves_what_waits_in_it() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, A, &[], "first");
        put(&mut row, &mut known, B, &[(A, 2, 102)], "saw a second");
        let (context, registers) = (row.context.clone(), BTreeMap::from([("phone".to_owned(), Value::text("0741"))]));
        let dot = Dot { writer: WriterId::from_u128(0xc), save: 1 };
        let stamp = Stamp { clock: Clock(9), author: UserId::from_u128(2) };
        row.merge(&Write { dot, tag: Tag(5), stamp, context: &context, registers: &registers }, &Trusting);
        assert_eq!(values(&row), ["first", "saw a second"]);
    }

    #[test]
    fn delete_beside_edit_is_a_conflict_that_people_see() {
        let (mut row, mut known) = fresh();
        put(&mut row, &mut known, A, &[], "Siti");
        put(&mut row, &mut known, A, &[(A, 1, 101)], "Siti A.");
        let seen = Context::from([(A, Seen { save: 1, tag: Tag(101) })]);
        let registers = BTreeMap::from([(reserved::ALIVE.to_owned(), Value::bool(false))]);
        let stamp = Stamp { clock: Clock(9), author: UserId::from_u128(2) };
        let delete =
            Write { dot: Dot { writer: B, save: 1 }, tag: Tag(101), stamp, context: &seen, registers: &registers };
        assert!(row.merge(&delete, &known).conflict);
        assert_eq!(row.conflicts().collect::<Vec<_>>(), [reserved::ALIVE]);
    }
}
