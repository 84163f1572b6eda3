//! Order, repetition and what comes early do not matter; the digest is what its rows say.

use proptest::prelude::*;
use sync_protocol::Digest;

use super::history::{RECORDS, REGISTERS, histories, orders, parts};
use super::replica::{Replica, dots};
use super::{CASES, FEWER_CASES, cases, oracle};

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn any_order_that_keeps_each_writers_own_gives_the_same_rows(
        history in histories(), parts in parts(), one in orders(), other in orders(),
    ) {
        let one = Replica::after(history.deliver(&one, &parts));
        let other = Replica::after(history.deliver(&other, &parts));
        prop_assert_eq!(one.texts(), other.texts());
        prop_assert_eq!(one.digest, other.digest);
    }

    #[test]
    fn contexts_ahead_of_the_replica_replace_nothing_until_their_saves_are_here(
        history in histories(), parts in parts(), order in orders(),
    ) {
        let mut replica = Replica::default();
        let saves = history.deliver(&order, &parts);
        for (n, save) in saves.iter().enumerate() {
            replica.take(save);
            for (record, register) in RECORDS.into_iter().flat_map(|r| REGISTERS.map(|name| (r, name))) {
                let kept: Vec<_> = oracle::unreplaced_as_proven(&saves[..=n], record, register).into_iter().collect();
                prop_assert_eq!(dots(&replica.row(record), register), kept, "{} after save {}", register, n + 1);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(FEWER_CASES))]

    #[test]
    fn repeats_change_nothing(
        history in histories(), parts in parts(), order in orders(), again in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let once = Replica::after(history.deliver(&order, &parts));
        let mut twice = Replica::default();
        let saves = history.deliver(&order, &parts);
        for ((n, save), again) in saves.iter().enumerate().zip(again.iter().cycle()) {
            twice.take(save);
            prop_assert_eq!(twice.take(saves[usize::from(*again) % (n + 1)]), None);
        }
        prop_assert_eq!(once.texts(), twice.texts());
    }

    #[test]
    fn nothing_waits_once_everything_is_here(history in histories(), order in orders()) {
        let replica = Replica::after(history.deliver(&order, &[255; 4]));
        for row in replica.rows.values() {
            prop_assert!(row.registers.values().all(|register| register.ahead.is_empty()), "{}", row.to_text());
        }
    }

    #[test]
    fn a_digest_kept_step_by_step_equals_the_sum_over_the_rows(
        history in histories(), parts in parts(), order in orders(),
    ) {
        let replica = Replica::after(history.deliver(&order, &parts));
        let mut sum = Digest::default();
        for row in replica.rows.values() {
            sum.add(sync_protocol::RowHash::of(&row.to_text()));
        }
        prop_assert_eq!(replica.digest, sum);
    }
}
