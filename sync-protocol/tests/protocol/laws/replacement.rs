//! What is kept and what is replaced, against what each author had on the screen.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sync_protocol::Dot;

use super::history::{RECORDS, REGISTERS, histories, orders, parts};
use super::replica::{Replica, dots};
use super::{CASES, FEWER_CASES, cases, oracle};

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn nothing_is_lost_that_nobody_replaced(history in histories(), order in orders()) {
        let saves = history.deliver(&order, &[255; 4]);
        let replica = Replica::after(saves.iter().copied());
        for (record, register) in RECORDS.into_iter().flat_map(|r| REGISTERS.map(|name| (r, name))) {
            let row = replica.row(record);
            let writes = oracle::writes(&saves, record);
            for ((dot, _), _) in writes.iter().filter(|(_, w)| w.writes(register)) {
                let stands = dots(&row, register).contains(dot);
                let decided = writes.iter().filter(|(_, w)| w.writes(register)).any(|(_, w)| {
                    w.screen.get(register).is_some_and(|screen| screen.iter().any(|s| s.dot == *dot))
                });
                prop_assert!(stands || decided, "{:?} of {} is gone and was on nobody's screen", dot, register);
            }
        }
    }

    #[test]
    fn nothing_is_replaced_that_its_author_had_not_seen(history in histories(), parts in parts(), order in orders()) {
        let saves = history.deliver(&order, &parts);
        let replica = Replica::after(saves.iter().copied());
        for (record, register) in RECORDS.into_iter().flat_map(|r| REGISTERS.map(|name| (r, name))) {
            let kept: BTreeSet<Dot> = dots(&replica.row(record), register).into_iter().collect();
            let unreplaced = oracle::unreplaced(&saves, record, register);
            prop_assert!(kept.is_superset(&unreplaced), "{}: kept {:?}, nobody replaced {:?}", register, kept, unreplaced);
        }
    }

    #[test]
    fn what_was_seen_and_written_over_is_gone(history in histories(), order in orders()) {
        let saves = history.deliver(&order, &[255; 4]);
        let replica = Replica::after(saves.iter().copied());
        for (record, register) in RECORDS.into_iter().flat_map(|r| REGISTERS.map(|name| (r, name))) {
            let kept: BTreeSet<Dot> = dots(&replica.row(record), register).into_iter().collect();
            prop_assert_eq!(kept, oracle::unreplaced(&saves, record, register), "{}", register);
        }
    }
}

proptest! {
    #![proptest_config(cases(FEWER_CASES))]

    #[test]
    fn a_conflict_ends_only_by_a_write_that_covered_it(history in histories(), parts in parts(), order in orders()) {
        let saves = history.deliver(&order, &parts);
        let mut replica = Replica::default();
        for (n, save) in saves.iter().enumerate() {
            let before = replica.rows.clone();
            replica.take(save);
            for (id, row) in before {
                let writes = oracle::writes(&saves[..=n], id);
                for name in row.conflicts().filter(|name| !replica.rows[&id].conflicts().any(|other| other == *name)) {
                    let left = dots(&replica.rows[&id], name);
                    for gone in dots(&row, name).into_iter().filter(|dot| !left.contains(dot)) {
                        let covered = writes.iter().any(|(_, later)| {
                            later.writes(name) && later.seen.iter().any(|(dot, _)| *dot == gone)
                        });
                        prop_assert!(covered, "{:?} left the conflict on {} and no write covered it", gone, name);
                    }
                }
            }
        }
    }

    #[test]
    fn a_conflict_is_told_when_it_begins(history in histories(), parts in parts(), order in orders()) {
        let mut replica = Replica::default();
        for save in history.deliver(&order, &parts) {
            let outcome = replica.take(save).unwrap();
            let stands = save.writes.iter().any(|write| {
                let row = replica.row(write.record);
                let conflicts: Vec<String> = row.conflicts().map(str::to_owned).collect();
                conflicts.iter().any(|name| write.writes(name) && dots(&row, name).contains(&save.dot))
            });
            prop_assert!(outcome.conflict || !stands);
        }
    }

    #[test]
    fn the_shown_value_is_the_latest_of_those_that_are_kept(
        history in histories(), parts in parts(), order in orders(),
    ) {
        let saves = history.deliver(&order, &parts);
        let replica = Replica::after(saves.iter().copied());
        for row in replica.rows.values() {
            for (name, register) in &row.registers {
                let clock = |dot: Dot| saves.iter().find(|save| save.dot == dot).unwrap().clock;
                let mut ranked: Vec<_> = register.siblings.iter().map(|s| (clock(s.dot), s.dot)).collect();
                ranked.sort_unstable();
                prop_assert_eq!(row.winner(name).map(|s| s.dot), ranked.last().map(|(_, dot)| *dot));
            }
        }
    }
}
