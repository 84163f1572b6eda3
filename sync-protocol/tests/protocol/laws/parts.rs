//! Partial rows: what changed brings an older replica to the same row.

use proptest::prelude::*;
use sync_protocol::{Row, WriterId};

use super::history::{histories_with_copies, orders, parts};
use super::replica::Replica;
use super::{CASES, cases};

/// The partial row that leads from one state of a record to a later one.
fn part_between(old: &Row, new: &Row) -> String {
    let registers: Vec<&str> = new
        .registers
        .iter()
        .filter(|(name, register)| old.registers.get(*name) != Some(register))
        .map(|(name, _)| name.as_str())
        .collect();
    let writers: Vec<WriterId> =
        new.context.iter().filter(|(w, seen)| old.context.get(w) != Some(seen)).map(|(w, _)| *w).collect();
    new.part_to_text(&registers, &writers)
}

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn a_part_brings_an_older_replica_to_the_same_row_once_and_again(
        history in histories_with_copies(), parts in parts(), order in orders(), cut in any::<prop::sample::Index>(),
    ) {
        let saves = history.deliver(&order, &parts);
        prop_assume!(!saves.is_empty());
        let (early, late) = saves.split_at(cut.index(saves.len()));
        let mut replica = Replica::after(early.iter().copied());
        let old = replica.rows.clone();
        for save in late {
            replica.take(save);
        }
        for (id, mut row) in old {
            let new = &replica.rows[&id];
            let text = part_between(&row, new);
            for _ in 0..2 {
                let (part, is_part) = Row::parse_any(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
                prop_assert!(is_part);
                row.patch(part);
                prop_assert_eq!(row.to_text(), new.to_text());
            }
        }
    }
}
