//! A device: rows as the server delivered them, with its own saves laid over them.

use proptest::prelude::*;
use sync_protocol::WriterId;
use sync_protocol::merge::Trusting;

use super::history::{Saved, histories, histories_with_copies, orders, parts};
use super::replica::{Replica, dots};
use super::{CASES, cases};

/// Lays a save over the rows that the device holds.
fn lay_over(base: &mut Replica, save: &Saved) {
    for write in &save.writes {
        let mut row = base.row(write.record);
        row.merge(&save.write(write), &Trusting);
        base.rows.insert(write.record, row);
    }
}

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn own_saves_over_a_base_give_the_row_that_the_server_comes_to(history in histories(), order in orders()) {
        // The first writer's device holds what the server had when its own saves came, the last ones of all.
        let own = WriterId::from_u128(1);
        let (mine, others): (Vec<&Saved>, Vec<&Saved>) =
            history.deliver(&order, &[255; 4]).into_iter().partition(|save| save.dot.writer == own);
        let mut server = Replica::after(others);
        let mut device = server.clone();
        for save in mine {
            let outcome = server.take(save).unwrap();
            lay_over(&mut device, save);
            prop_assert!(outcome.surprise || server.texts() == device.texts());
            device.rows.clone_from(&server.rows);
        }
    }

    #[test]
    fn what_waits_in_a_row_hides_nothing_when_an_own_save_is_laid_over_it(
        history in histories_with_copies(), parts in parts(), order in orders(), cut in any::<prop::sample::Index>(),
    ) {
        let saves = history.deliver(&order, &parts);
        prop_assume!(!saves.is_empty());
        let cut = cut.index(saves.len());
        let mut device = Replica::after(saves[..cut].iter().copied());
        let last = saves[cut];
        let before = device.rows.clone();
        lay_over(&mut device, last);
        for (id, row) in before {
            let Some(write) = last.writes.iter().find(|write| write.record == id) else { continue };
            // What waited for this very save has its proof now.
            let proven = |name: &str| row.registers[name].ahead.iter().any(|(w, _)| *w == last.dot.writer);
            for name in row.registers.keys().filter(|name| !write.writes(name) && !proven(name)) {
                prop_assert_eq!(dots(&row, name), dots(&device.row(id), name), "{} was not written", name);
            }
        }
    }
}
