//! Which parts of lost saves a witness row still holds, and with what context they are saved again. Pure.

use std::collections::{BTreeMap, BTreeSet};

use sync_protocol::save::reserved;
use sync_protocol::{Context, Dot, RecordWrite, Row, Seen, Stamp, Value, WriterId};

use super::join::siblings;

/// The surviving part of one lost save on one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The save.
    pub(super) lost: Dot,
    /// When and by whom it was made.
    pub(super) stamp: Stamp,
    /// What the witness had seen of its writer.
    pub(super) seen: Seen,
    /// The write to be made.
    pub(super) write: RecordWrite,
}

/// What the plan has to know of the server.
pub(super) trait Here {
    /// Whether the server holds no such save, or cannot be sure that it is this one.
    fn is_lost(&self, dot: Dot) -> bool;
    /// Whether this part of the save stands here under another name already.
    fn is_reissued(&self, dot: Dot, register: &str) -> bool;
    /// Whether a writer may have had two lives.
    fn forks(&self, writer: WriterId) -> bool;
}

/// The parts of lost saves in a witness row, in the order of their dots.
pub(super) fn parts(witness: &Row, here: &impl Here, standing: Option<&Row>) -> Vec<Part> {
    let mut found: BTreeMap<Dot, BTreeMap<String, Value>> = BTreeMap::new();
    for (name, register) in &witness.registers {
        for sibling in &register.siblings {
            let stands = standing.is_some_and(|row| siblings(row, name).contains(sibling));
            let settled = stands
                || !here.is_lost(sibling.dot)
                || here.is_reissued(sibling.dot, name)
                || standing.is_some_and(|row| is_awaited(row, name, sibling.dot, witness, here));
            if !settled {
                found.entry(sibling.dot).or_default().insert(name.clone(), sibling.value.clone());
            }
        }
    }
    found.into_iter().filter_map(|(dot, registers)| part(witness, dot, registers)).collect()
}

/// Whether somebody who wrote this register here had seen the save already, before it was lost.
fn is_awaited(row: &Row, name: &str, dot: Dot, witness: &Row, here: &impl Here) -> bool {
    let ahead = row.registers.get(name).map(|register| &register.ahead);
    let sure = |seen: &Seen| !here.forks(dot.writer) || witness.context.get(&dot.writer) == Some(seen);
    ahead.is_some_and(|ahead| ahead.iter().any(|(w, seen)| *w == dot.writer && seen.save >= dot.save && sure(seen)))
}

fn part(witness: &Row, lost: Dot, mut registers: BTreeMap<String, Value>) -> Option<Part> {
    let (stamp, seen) = (*witness.stamps.get(&lost)?, *witness.context.get(&lost.writer)?);
    // Every save says that its record lives, unless it says what stands here of that.
    if !registers.contains_key(reserved::ALIVE) && !witness.is_alive() {
        registers.insert(reserved::ALIVE.to_owned(), Value::bool(false));
    }
    let alive = registers.get(reserved::ALIVE).cloned().unwrap_or_else(|| Value::bool(true));
    let written = registers.iter().map(|(name, value)| (name.as_str(), value));
    let beside: BTreeSet<WriterId> = written
        .chain([(reserved::ALIVE, &alive)])
        .flat_map(|(name, value)| {
            siblings(witness, name).iter().filter(move |s| s.dot != lost && s.value != *value).map(|s| s.dot.writer)
        })
        .collect();
    // What stands beside the value in the witness row must go on standing: of its writer nothing counts as seen.
    let context: Context =
        witness.context.iter().filter(|(writer, _)| !beside.contains(writer)).map(|(w, s)| (*w, *s)).collect();
    let write = RecordWrite { collection: witness.collection, id: witness.id, context, registers };
    Some(Part { lost, stamp, seen, write })
}

#[cfg(test)]
mod tests {
    use sync_protocol::merge::Trusting;
    use sync_protocol::{Clock, Collection, RecordId, Tag, UserId, Write};

    use super::*;

    const LOST: u128 = 5;

    struct Server {
        reissued: bool,
    }

    impl Here for Server {
        fn is_lost(&self, dot: Dot) -> bool {
            dot.writer == WriterId::from_u128(LOST)
        }

        fn is_reissued(&self, _: Dot, _: &str) -> bool {
            self.reissued
        }

        fn forks(&self, _: WriterId) -> bool {
            false
        }
    }

    fn put(row: &mut Row, writer: u128, save: u64, context: &Context, values: &[(&str, &str)]) {
        let registers = values.iter().map(|(n, v)| ((*n).to_owned(), Value::text(v))).collect();
        let stamp = Stamp { clock: Clock(save as i64), author: UserId::from_u128(9) };
        let dot = Dot { writer: WriterId::from_u128(writer), save };
        row.merge(&Write { dot, tag: Tag(save as u32), stamp, context, registers: &registers }, &Trusting);
    }

    fn first() -> Row {
        let mut row = Row::new(Collection::Household, RecordId::from_u128(1));
        put(&mut row, 1, 1, &Context::new(), &[("head_name", "Siti"), ("phone", "1")]);
        row
    }

    #[test]
    fn a_lost_value_is_saved_again_by_one_who_had_seen_what_its_row_had_seen() {
        let standing = first();
        let mut witness = standing.clone();
        put(&mut witness, LOST, 3, &standing.context, &[("head_name", "Siti Aminah")]);
        let parts = parts(&witness, &Server { reissued: false }, Some(&standing));
        let [part] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!((part.lost.save, part.write.registers.len()), (3, 2));
        assert_eq!(part.write.context, witness.context);
    }

    #[test]
    fn what_stood_beside_it_is_not_covered() {
        let standing = first();
        let mut witness = standing.clone();
        put(&mut witness, 2, 7, &standing.context, &[("head_name", "Sitti")]);
        put(&mut witness, LOST, 3, &standing.context, &[("head_name", "Siti Aminah")]);
        let parts = parts(&witness, &Server { reissued: false }, Some(&standing));
        assert!(!parts[0].write.context.contains_key(&WriterId::from_u128(2)));
        assert!(parts[0].write.context.contains_key(&WriterId::from_u128(1)));
    }

    #[test]
    fn what_was_saved_again_or_written_over_by_one_who_had_seen_it_is_not_saved_again() {
        let standing = first();
        let mut witness = standing.clone();
        put(&mut witness, LOST, 3, &standing.context, &[("head_name", "Siti Aminah")]);
        assert_eq!(parts(&witness, &Server { reissued: true }, Some(&standing)), []);
        let mut later = standing.clone();
        for name in ["head_name", "_alive"] {
            let seen = witness.context[&WriterId::from_u128(LOST)];
            let register = later.registers.get_mut(name).expect("stands");
            register.ahead.insert((WriterId::from_u128(LOST), seen));
        }
        assert_eq!(parts(&witness, &Server { reissued: false }, Some(&later)), []);
    }

    #[test]
    fn a_deleted_record_stays_deleted_whatever_else_comes_back() {
        let mut witness = first();
        let context = witness.context.clone();
        put(&mut witness, LOST, 3, &context, &[("head_name", "Siti Aminah")]);
        let registers = BTreeMap::from([("_alive".to_owned(), Value::bool(false))]);
        let stamp = Stamp { clock: Clock(9), author: UserId::from_u128(9) };
        let dot = Dot { writer: WriterId::from_u128(2), save: 1 };
        let seen = witness.context.clone();
        witness.merge(&Write { dot, tag: Tag(1), stamp, context: &seen, registers: &registers }, &Trusting);
        let parts = parts(&witness, &Server { reissued: false }, None);
        assert_eq!(parts[0].write.registers["_alive"], Value::bool(false));
    }
}
