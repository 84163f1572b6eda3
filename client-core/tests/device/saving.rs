//! Saving: what is sealed, what is refused, and what people see at once.

use client_core::{Error, SaveState};
use sync_protocol::{Clock, Collection, Context, RecordId, Save};

use crate::hand::{Hands, NOON, RT_1, device, edit, enrolled, fill, household, new_household, one_write, shown};

#[test]
fn a_save_is_numbered_sealed_and_seen() {
    let mut device = device();
    let saved = device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    assert_eq!((saved.first, saved.last, saved.clock), (1, 1, Clock(NOON)));
    let many =
        device.save_all(vec![new_household(RT_1, 2, "Budi"), new_household(RT_1, 3, "Ani")], &[]).expect("saved");
    assert_eq!((many.first, many.last, many.clock), (2, 3, Clock(NOON + 1)));
    assert_eq!(shown(&device, 3, "head_name").as_deref(), Some("Ani"));
    assert_eq!(device.save_state(3).expect("is there"), SaveState::Unsent);
    assert!(matches!(device.save_state(4), Err(Error::NotFound(_))));
}

#[test]
fn own_saves_follow_each_other_without_a_conflict() {
    let mut device = device();
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    edit(&mut device, 1, "head_name", "Siti A.");
    edit(&mut device, 1, "head_name", "Siti Aminah");
    assert_eq!(shown(&device, 1, "head_name").as_deref(), Some("Siti Aminah"));
    assert!(device.conflicts().expect("reads").is_empty());
}

#[test]
fn a_save_made_from_an_older_screen_keeps_both_values() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    let old = device.load(RecordId::from_u128(1)).expect("is here").context;
    edit(&mut device, 1, "head_name", "Siti A.");
    let late = one_write(Collection::Household, RecordId::from_u128(1), old, &[("head_name", "Sitti".to_owned())]);
    device.save(late).expect("saved");
    let view = device.household(RecordId::from_u128(1)).expect("is here");
    assert_eq!(view.household.registers["head_name"].values.len(), 2);
    assert_eq!(device.conflicts().expect("reads").len(), 1);
}

#[test]
fn what_breaks_a_rule_is_named_and_nothing_is_saved() {
    let mut device = device();
    let id = RecordId::from_u128(1);
    let none = Context::new;
    let twice = Save { records: [new_household(RT_1, 1, "a").records, new_household(RT_1, 1, "b").records].concat() };
    for (save, register) in [
        (Save::default(), None),
        (one_write(Collection::Household, id, none(), &[("head_name", "Siti".to_owned())]), Some("_area")),
        (one_write(Collection::Household, id, none(), &[("_area", "nowhere".to_owned())]), Some("_area")),
        (one_write(Collection::Person, id, none(), &[("name", "Siti".to_owned())]), Some("_parent")),
        (
            one_write(Collection::Household, id, none(), &[("_area", RT_1.to_string()), ("a\"", String::new())]),
            Some("a\""),
        ),
        (twice, None),
    ] {
        match device.save(save) {
            Err(Error::BadInput { register: found, .. }) => assert_eq!(found.as_deref(), register),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(device.status().expect("reads").saves, 0);
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let person = one_write(Collection::Person, id, none(), &[("_parent", id.to_string())]);
    assert!(matches!(device.save(person), Err(Error::BadInput { .. })));
}

#[test]
fn a_clock_that_ran_far_ahead_restarts_at_the_servers_time() {
    let hands = Hands::at(NOON);
    let mut device = enrolled(&client_core::Place::Memory, &hands);
    let ten_years = 10 * 365 * 86_400_000;
    hands.set(NOON + ten_years);
    assert_eq!(device.save(new_household(RT_1, 1, "a")).expect("saved").clock, Clock(NOON + ten_years));
    fill(&mut device, &[(RT_1, vec![])]);
    assert!(device.status().expect("reads").clock_is_wrong);
    assert_eq!(device.save(new_household(RT_1, 2, "b")).expect("saved").clock, Clock(NOON));
    hands.set(NOON + 60_000);
    assert_eq!(device.save(new_household(RT_1, 3, "c")).expect("saved").clock, Clock(NOON + 60_000));
}

#[test]
fn what_was_on_the_screen_is_saved_although_it_has_left_the_device() {
    let mut device = device();
    let seen = household(RT_1, 1, "Siti", "Jl. A").context;
    let save = one_write(Collection::Household, RecordId::from_u128(1), seen, &[("address", "Jl. B".to_owned())]);
    device.save(save).expect("saved");
    assert_eq!(shown(&device, 1, "address").as_deref(), Some("Jl. B"));
}
