//! The list: order, pages, filters, areas and search.

use client_core::{Device, ListQuery};
use sync_protocol::{AreaId, Collection, RecordId, Row};

use crate::hand::{RT_1, RT_2, VILLAGE, device, edit, fill, household, new_household, office_row};

fn person(id: u128, household: u128, name: &str, nik: &str) -> Row {
    let parent = RecordId::from_u128(household).to_string();
    office_row(Collection::Person, id, 1, &[("_parent", &parent), ("name", name), ("nik", nik)])
}

fn filled() -> Device {
    let mut device = device();
    let area = RT_2.to_string();
    let imported = office_row(
        Collection::Household,
        3,
        1,
        &[("_area", &area), ("source/dtks/head_name", "Café Nurhayati"), ("source/dtks/address", "Lr. Amal")],
    );
    let card = office_row(
        Collection::Family,
        30,
        1,
        &[("_parent", &RecordId::from_u128(3).to_string()), ("card_number", "1571010203040005")],
    );
    fill(
        &mut device,
        &[
            (
                RT_1,
                vec![
                    household(RT_1, 1, "Siti", "Jl. Melati No. 3"),
                    household(RT_1, 2, "budi", "Jl. Mawar"),
                    person(20, 2, "Sulastri", "1571014107800002"),
                ],
            ),
            (RT_2, vec![imported, card]),
        ],
    );
    device
}

fn names(device: &Device, query: ListQuery) -> Vec<String> {
    device.list(&query).expect("lists").lines.into_iter().map(|line| line.name).collect()
}

fn found(device: &Device, typed: &str, area: Option<AreaId>) -> Vec<String> {
    names(device, ListQuery { search: Some(typed.to_owned()), area, ..ListQuery::default() })
}

#[test]
fn households_are_listed_by_name_imported_ones_too() {
    assert_eq!(names(&filled(), ListQuery::default()), ["budi", "Café Nurhayati", "Siti"]);
}

#[test]
fn a_search_finds_name_address_nik_and_card_and_leads_to_the_household() {
    let device = filled();
    for (typed, area, expected) in [
        ("sit", None, vec!["Siti"]),
        ("jl mel", None, vec!["Siti"]),
        ("jl", None, vec!["budi", "Siti"]),
        ("SULA", None, vec!["budi"]),
        ("1571014107800002", None, vec!["budi"]),
        ("15710102", None, vec!["Café Nurhayati"]),
        ("cafe nur", None, vec!["Café Nurhayati"]),
        ("jl", Some(RT_2), vec![]),
        ("amal", Some(RT_2), vec!["Café Nurhayati"]),
        ("jl", Some(VILLAGE), vec!["budi", "Siti"]),
        ("..", None, vec![]),
        ("\" OR siti", None, vec![]),
    ] {
        assert_eq!(found(&device, typed, area), expected, "{typed}");
    }
}

#[test]
fn a_search_follows_what_was_changed() {
    let mut device = filled();
    edit(&mut device, 1, "head_name", "Zubaidah");
    assert_eq!(found(&device, "siti", None), Vec::<String>::new());
    assert_eq!(found(&device, "zub", None), ["Zubaidah"]);
}

#[test]
fn areas_bring_what_lies_below_them() {
    let device = filled();
    let within = |area| names(&device, ListQuery { area: Some(area), ..ListQuery::default() });
    assert_eq!(within(VILLAGE).len(), 3);
    assert_eq!(within(RT_1), ["budi", "Siti"]);
    assert_eq!(within(AreaId::from_u128(99)), Vec::<String>::new());
    let areas = device.areas().expect("lists");
    assert_eq!(areas.iter().map(|area| area.households).collect::<Vec<_>>(), [0, 2, 1]);
}

#[test]
fn filters_narrow_the_list() {
    let mut device = filled();
    edit(&mut device, 1, "status", "verified");
    edit(&mut device, 2, "status", "to_visit_again");
    let visit = [("_parent", RecordId::from_u128(1).to_string()), ("outcome", "complete".to_owned())];
    let visit = crate::hand::one_write(Collection::Visit, RecordId::from_u128(50), Default::default(), &visit);
    device.save(visit).expect("saved");
    edit(&mut device, 20, "name", "Sulastri B.");
    let with = |change: fn(&mut ListQuery)| {
        let mut query = ListQuery::default();
        change(&mut query);
        names(&device, query)
    };
    assert_eq!(with(|q| q.done = Some(true)), ["Siti"]);
    assert_eq!(with(|q| q.done = Some(false)), ["budi", "Café Nurhayati"]);
    assert_eq!(with(|q| q.outcome = Some("complete".to_owned())), ["Siti"]);
    assert_eq!(with(|q| q.status = Some("to_visit_again".to_owned())), ["budi"]);
    assert_eq!(with(|q| q.unsent = true), ["budi", "Siti"]);
    assert_eq!(with(|q| q.conflict = true), Vec::<String>::new());
    let line = &device.list(&ListQuery::default()).expect("lists").lines[0];
    assert!(line.unsent && !line.conflict);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let mut device = device();
    let saves = (0..250).map(|i| new_household(RT_1, i, &format!("Nama {:02}", i % 50))).collect();
    device.save_all(saves, &[]).expect("saved");
    for area in [None, Some(RT_1)] {
        for search in [None, Some("nama".to_owned())] {
            let mut query = ListQuery { area, search: search.clone(), limit: 40, ..ListQuery::default() };
            let mut seen: Vec<(String, RecordId)> = Vec::new();
            loop {
                let page = device.list(&query).expect("lists");
                seen.extend(page.lines.into_iter().map(|line| (line.name, line.id)));
                query.after = page.next;
                if query.after.is_none() {
                    break;
                }
            }
            let sorted = seen.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(sorted && seen.len() == 250, "{area:?} {search:?}: {}", seen.len());
        }
    }
}

#[test]
fn the_last_visit_counts_whichever_comes_first() {
    let visit = |id: u128, save: u64, outcome: &str| {
        let parent = RecordId::from_u128(1).to_string();
        office_row(Collection::Visit, id, save, &[("_parent", &parent), ("outcome", outcome)])
    };
    let rows = [household(RT_1, 1, "Siti", "Jl. A"), visit(50, 2, "no_respondent"), visit(51, 3, "complete")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let mut device = device();
        fill(&mut device, &[(RT_1, order.map(|at| rows[at].clone()).to_vec())]);
        let line = &device.list(&ListQuery::default()).expect("lists").lines[0];
        assert_eq!(line.outcome.as_deref(), Some("complete"), "{order:?}");
    }
}

#[test]
fn deleted_households_are_not_listed() {
    let mut device = filled();
    let loaded = device.load(RecordId::from_u128(1)).expect("is here");
    let mut save = crate::hand::one_write(Collection::Household, loaded.row.id, loaded.context, &[]);
    save.records[0].registers.insert("_alive".to_owned(), sync_protocol::Value::bool(false));
    device.save(save).expect("saved");
    assert_eq!(names(&device, ListQuery::default()), ["budi", "Café Nurhayati"]);
    assert_eq!(device.status().expect("reads").households, 2);
}
