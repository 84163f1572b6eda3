//! Two lives under one writer (a device restored from a copy): a save of one life says nothing about the other.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sync_protocol::merge::Standing;
use sync_protocol::{Dot, Row};

use super::history::{RECORDS, REGISTERS, histories_with_copies, orders, parts};
use super::replica::{Replica, dots};
use super::{CASES, FEWER_CASES, cases, oracle};

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn another_life_of_a_writer_covers_nothing(history in histories_with_copies(), parts in parts(), order in orders()) {
        let saves = history.deliver(&order, &parts);
        let replica = Replica::after(saves.iter().copied());
        for (record, register) in RECORDS.into_iter().flat_map(|r| REGISTERS.map(|name| (r, name))) {
            let kept: BTreeSet<Dot> = dots(&replica.row(record), register).into_iter().collect();
            prop_assert_eq!(kept, oracle::unreplaced_as_proven(&saves, record, register), "{}", register);
        }
    }
}

proptest! {
    #![proptest_config(cases(FEWER_CASES))]

    #[test]
    fn any_order_gives_the_same_values_whatever_lives_others_saw(
        history in histories_with_copies(), parts in parts(), one in orders(), other in orders(),
    ) {
        let saves = history.deliver(&one, &parts);
        let one = Replica::after(saves.iter().copied());
        let other = Replica::after(history.deliver(&other, &parts));
        // An entry of another life waits until the record is next touched: which ones still wait is all that may differ.
        let settled = |replica: &Replica| -> Vec<Row> {
            let mut rows: Vec<Row> = replica.rows.values().cloned().collect();
            for register in rows.iter_mut().flat_map(|row| row.registers.values_mut()) {
                register.ahead.retain(|(w, seen)| oracle::standing(&saves, *w, *seen) == Standing::Ahead);
            }
            rows
        };
        prop_assert_eq!(settled(&one), settled(&other));
    }
}
