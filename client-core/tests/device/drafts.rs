//! Drafts: on the disk at once, with what was shown, until they are saved or thrown away.

use std::collections::BTreeMap;

use client_core::{About, Error, Place};
use sync_protocol::exchange::VerdictRange;
use sync_protocol::{Code, Collection, RecordId, Value, Verdict};

use crate::hand::{
    Hands, NOON, RT_1, body, device, digest_of, edit, enrolled, fill, household, nothing, office_row, office_write, ok,
    open, page, shown, sync, writer, writer_state,
};

const H: RecordId = RecordId::from_u128(1);

#[test]
fn a_draft_is_as_it_was_after_the_process_died() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("device.db"));
    let hands = Hands::at(NOON);
    let mut device = enrolled(&place, &hands);
    let draft = device.draft_open(About::NewIn(RT_1)).expect("opened");
    let root = device.drafts().expect("lists")[0].household;
    device.draft_set(draft, root, "head_name", Value::text("Siti")).expect("typed");
    let person = device
        .draft_add(draft, Collection::Person, BTreeMap::from([("name".to_owned(), Value::text("Budi"))]))
        .expect("added");
    drop(device);
    let mut device = open(&place, &hands);
    let view = device.draft_view(draft).expect("is there");
    assert_eq!(view.len(), 2);
    assert_eq!(view[0].value("head_name"), Some(&Value::text("Siti")));
    assert_eq!((view[1].id, view[1].value("name")), (person, Some(&Value::text("Budi"))));
    let saved = device.draft_save(draft).expect("saved");
    assert_eq!((saved.first, saved.last), (1, 1));
    assert!(device.drafts().expect("lists").is_empty());
    let household = device.household(root).expect("is there");
    assert_eq!(household.persons[0].id, person);
    assert!(matches!(device.draft_save(draft), Err(Error::NotFound(_))));
}

#[test]
fn a_draft_saves_only_what_was_typed() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    let draft = device.draft_open(About::Household(H)).expect("opened");
    device.draft_set(draft, H, "address", Value::text("Jl. B")).expect("typed");
    device.draft_set(draft, H, "head_name", Value::text("Sitti")).expect("typed");
    device.draft_unset(draft, H, "head_name").expect("taken back");
    device.draft_save(draft).expect("saved");
    let row = device.load(H).expect("is here").row;
    assert_eq!(row.registers["head_name"].siblings[0].dot.save, 1);
    assert_eq!(row.value("address"), Some(&Value::text("Jl. B")));
    let empty = device.draft_open(About::Household(H)).expect("opened");
    assert!(matches!(device.draft_save(empty), Err(Error::BadInput { .. })));
}

#[test]
fn newer_values_stay_unseen_until_they_are_shown() {
    for refresh in [false, true] {
        let mut device = device();
        let old = household(RT_1, 1, "Siti", "Jl. A");
        fill(&mut device, &[(RT_1, vec![old.clone()])]);
        let draft = device.draft_open(About::Household(H)).expect("opened");
        device.draft_set(draft, H, "head_name", Value::text("Sitti")).expect("typed");
        let mut new = old.clone();
        office_write(&mut new, 2, &old.context, &[("head_name", "Siti Aminah")]);
        let text = new.to_text();
        sync(&mut device, |request| {
            let mut answer = nothing();
            answer.areas = vec![page(RT_1, 2, 1, Some(digest_of(std::slice::from_ref(&text))), 0)];
            ok(request, body(&answer, std::slice::from_ref(&text)))
        });
        assert_eq!(device.draft_outdated(draft).expect("reads"), [H]);
        assert_eq!(
            device.draft_view(draft).expect("reads")[0].shown.as_ref().and_then(|row| row.value("head_name")),
            old.value("head_name")
        );
        if refresh {
            let view = device.draft_refresh(draft).expect("shown");
            assert_eq!(view[0].value("head_name"), Some(&Value::text("Sitti")));
        }
        device.draft_save(draft).expect("saved");
        assert_eq!(device.conflicts().expect("reads").is_empty(), refresh);
        assert_eq!(shown(&device, 1, "head_name").as_deref(), Some("Sitti"));
    }
}

#[test]
fn removing_a_record_takes_a_new_one_away_and_deletes_an_old_one() {
    let mut device = device();
    let person = office_row(Collection::Person, 2, 1, &[("_parent", &H.to_string()), ("name", "Budi")]);
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A"), person])]);
    let draft = device.draft_open(About::Household(H)).expect("opened");
    let made = device.draft_add(draft, Collection::Person, BTreeMap::new()).expect("added");
    device.draft_remove(draft, made).expect("removed");
    device.draft_remove(draft, RecordId::from_u128(2)).expect("removed");
    device.draft_save(draft).expect("saved");
    let persons = device.household(H).expect("is here").persons;
    assert_eq!((persons.len(), persons[0].alive), (1, false));
    assert!(matches!(device.draft_set(draft, H, "a", Value::bool(true)), Err(Error::NotFound(_))));
}

#[test]
fn a_discarded_draft_leaves_no_trace() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    edit(&mut device, 1, "phone", "0741");
    let draft = device.draft_open(About::Household(H)).expect("opened");
    device.draft_set(draft, H, "address", Value::text("Jl. B")).expect("typed");
    device.draft_discard(draft).expect("gone");
    assert_eq!(device.status().expect("reads").drafts, 0);
    assert_eq!(shown(&device, 1, "address").as_deref(), Some("Jl. A"));
}

#[test]
fn a_draft_is_saved_although_its_household_has_left_the_device() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![household(RT_1, 1, "Siti", "Jl. A")])]);
    let id = RecordId::from_u128(1);
    let draft = device.draft_open(About::Household(id)).expect("opens");
    device.draft_set(draft, id, "address", Value::text("Jl. B")).expect("typed");
    let mut answer = nothing();
    answer.areas = vec![page(RT_1, 2, 1, Some(digest_of(&[])), 0)];
    let gone = format!("\"{id}\"");
    sync(&mut device, |request| ok(request, body(&answer, std::slice::from_ref(&gone))));
    assert!(device.load(id).is_err());
    device.draft_save(draft).expect("saved");
    assert_eq!(device.status().expect("reads").unsent, 1);
    assert_eq!(shown(&device, 1, "address").as_deref(), Some("Jl. B"));
    assert_eq!(shown(&device, 1, "head_name").as_deref(), Some("Siti"), "what was on the screen stays there");
}

#[test]
fn an_older_draft_does_not_hide_a_save_that_waits_for_a_person() {
    let mut device = device();
    let row = household(RT_1, 1, "Siti", "Jl. A");
    fill(&mut device, &[(RT_1, vec![row.clone()])]);
    let draft = device.draft_open(About::Household(H)).expect("opens");
    device.draft_set(draft, H, "head_name", Value::text("from the draft")).expect("typed");
    edit(&mut device, 1, "head_name", "kept out");
    device.draft_save(draft).expect("saved");
    let both = device.load(H).expect("is here").row;
    assert_eq!(both.conflicts().collect::<Vec<_>>(), ["head_name"]);
    // The server merges the second alone.
    let (mut merged, me) = (both.clone(), writer(&device));
    for register in merged.registers.values_mut() {
        register.siblings.retain(|sibling| sibling.dot.writer != me || sibling.dot.save == 2);
    }
    let text = merged.to_text();
    let mut answer = nothing();
    let mut state = writer_state(me, 2);
    for (save, verdict) in [(1, Verdict::Quarantined(Code::NotGranted)), (2, Verdict::Applied)] {
        state.verdicts.push(VerdictRange { first: save, last: save, verdict });
    }
    answer.writers = vec![state];
    answer.areas = vec![page(RT_1, 2, 1, Some(digest_of(std::slice::from_ref(&text))), 2)];
    sync(&mut device, |request| ok(request, body(&answer, std::slice::from_ref(&text))));
    assert_eq!(device.load(H).expect("is here").row.registers["head_name"], both.registers["head_name"]);
}
