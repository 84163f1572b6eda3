//! The prelist beside the answers, and what the register is told.

use serde_json::json;

use super::{begin, begin_with};
use crate::interview::{Answer, Interview, Known, Prefill, Prelisted, Refusal, Shows, Standing, Tables};
use crate::register::Action;

const FORM: &str = "entity household | label: ${head}
     hidden card | save_to: card_number
     text head | save_to: head_name | required: true()
     integer rooms | save_to: rooms
     text phone | save_to: phone
     many:fruit eats | save_to: eats
     list fruit: apple pear
     repeat person
       entity person | label: ${name}
       text name | save_to: name
       integer age | save_to: age
       text note
     end";

fn listed(value: serde_json::Value) -> Prelisted {
    Prelisted { value, source: "DTSEN 2025".into(), date: Some("2025-06-01".into()) }
}

fn household() -> Prefill {
    let person = Known {
        entity: "p1".into(),
        label: Some("Ana (DTSEN)".into()),
        values: [("name".into(), listed(json!("Ana"))), ("age".into(), listed(json!(33)))].into(),
    };
    let person = Prefill { known: [("person".into(), person)].into(), ..Prefill::default() };
    let household = Known {
        entity: "h1".into(),
        label: None,
        values: [
            ("card_number".into(), listed(json!("1571010101900001"))),
            ("head_name".into(), listed(json!("Ana"))),
            ("rooms".into(), listed(json!(3))),
            ("phone".into(), listed(json!("0812"))),
        ]
        .into(),
    };
    Prefill { known: [("household".into(), household)].into(), rows: [("person".into(), vec![person])].into() }
}

fn standing(interview: &Interview, name: &str) -> Option<Standing> {
    let Shows::Questions(questions) = interview.screen().shows else { return None };
    questions.into_iter().find(|question| question.name == name)?.prelist.map(|beside| beside.standing)
}

#[test]
fn a_prelist_value_stands_beside_until_it_is_confirmed_or_changed() {
    let mut interview = begin_with(FORM, &Tables::new(), household());
    assert_eq!(interview.value("/data/head"), Some(""));
    assert_eq!(standing(&interview, "head"), Some(Standing::Untouched));
    interview.confirm("/data/head").unwrap();
    assert_eq!(interview.value("/data/head"), Some("Ana"));
    assert_eq!(standing(&interview, "head"), Some(Standing::Confirmed));
    interview.answer("/data/head", "Anna").unwrap();
    assert_eq!(standing(&interview, "head"), Some(Standing::Changed));
    assert_eq!(interview.value("/data/card"), Some("1571010101900001"), "what nobody is asked stands as it is");
}

#[test]
fn the_outcome_keeps_both_and_tells_the_register_what_was_found() {
    let mut interview = begin_with(FORM, &Tables::new(), household());
    interview.confirm("/data/head").unwrap();
    interview.answer("/data/rooms", 4).unwrap();
    interview.confirm("/data/phone").unwrap();
    interview.answer("/data/phone", Answer::Empty).unwrap();
    interview.answer("/data/eats", ["pear", "apple"]).unwrap();
    interview.confirm("/data/person[1]/name").unwrap();
    let second = interview.add_row("/data/person").unwrap();
    interview.answer(&format!("{second}/name"), "Budi").unwrap();
    interview.answer(&format!("{second}/note"), "came in May").unwrap();
    let finished = interview.finalize().unwrap();
    let [home, ana, budi] = &finished.changes[..] else { panic!("{:?}", finished.changes) };
    assert_eq!((home.action, home.entity.as_deref(), home.list.as_str()), (Action::Update, Some("h1"), "household"));
    let expected = json!({"card_number": "1571010101900001", "head_name": "Ana", "rooms": 4, "phone": null, "eats": ["apple", "pear"]});
    assert_eq!(json!(home.properties), expected);
    assert_eq!((ana.action, ana.entity.as_deref(), ana.label.as_deref()), (Action::Update, Some("p1"), Some("Ana")));
    assert_eq!(json!(ana.properties), json!({"name": "Ana"}), "an age nobody spoke of is not told");
    assert_eq!((budi.action, budi.entity.as_deref()), (Action::Create, None));
    assert!(second.as_str().contains(budi.row.as_ref().unwrap().as_str()));
    assert_eq!(budi.within, Some("/data".into()));
    let found: Vec<_> = finished.verification.iter().map(|one| (one.property.as_str(), one.standing)).collect();
    use Standing::*;
    let expected = [
        ("card_number", Untouched),
        ("head_name", Confirmed),
        ("phone", Changed),
        ("rooms", Changed),
        ("age", Untouched),
        ("name", Confirmed),
    ];
    assert_eq!(found, expected);
    assert_eq!(finished.verification[3].prelist.value, json!(3));
    assert_eq!(finished.verification[3].found, json!(4));
}

#[test]
fn somebody_on_the_prelist_is_not_removed_and_gives_the_row_its_name() {
    let mut interview = begin_with(FORM, &Tables::new(), household());
    assert_eq!(interview.remove_row("/data/person[1]").err(), Some(Refusal::RowOfRegister));
    let labels: Vec<String> = interview.outline().into_iter().map(|part| part.label).collect();
    assert!(labels.contains(&"Ana (DTSEN)".to_owned()), "{labels:?}");
    interview.answer("/data/person[1]/name", "Hj. Ana").unwrap();
    let labels: Vec<String> = interview.outline().into_iter().map(|part| part.label).collect();
    assert!(labels.contains(&"Hj. Ana".to_owned()), "{labels:?}");
}

#[test]
fn conditions_decide_whether_an_entity_is_made_or_changed() {
    let form = |columns: &str| format!("text id\n text a\n entity thing | {columns}\n text b | save_to: b");
    let outcome = |columns: &str, id: &str, a: &str| {
        let mut interview = begin(&form(columns));
        interview.answer("/data/id", id).unwrap();
        interview.answer("/data/a", a).unwrap();
        let changes = interview.finalize().unwrap().changes;
        changes.first().map(|change| (change.action, change.entity.clone()))
    };
    let both = "entity_id: ${id} | create_if: ${a} = 'new' | update_if: ${a} = 'old'";
    assert_eq!(outcome("label: ${a}", "", ""), Some((Action::Create, None)));
    assert_eq!(outcome("create_if: ${a} = 'new'", "", "x"), None);
    assert_eq!(outcome("create_if: ${a} = 'new'", "", "new"), Some((Action::Create, None)));
    assert_eq!(outcome("entity_id: ${id}", "e7", ""), Some((Action::Update, Some("e7".into()))));
    assert_eq!(outcome(both, "e7", "old"), Some((Action::Update, Some("e7".into()))));
    assert_eq!(outcome(both, "e7", "neither"), None);
}

#[test]
fn one_place_may_fill_two_registers() {
    let mut interview = begin(
        "entity household | label: ${address}
         entity family | label: ${card}
         text address | save_to: household#address
         text card | save_to: family#card_number",
    );
    interview.answer("/data/address", "Jalan Mawar 5").unwrap();
    interview.answer("/data/card", "1571").unwrap();
    let changes = interview.finalize().unwrap().changes;
    let told: Vec<_> = changes.iter().map(|change| (change.list.as_str(), json!(change.properties))).collect();
    assert_eq!(told, [("household", json!({"address": "Jalan Mawar 5"})), ("family", json!({"card_number": "1571"}))]);
}
