//! The office finds households, reads their history, and settles what two enumerators saw differently.

use std::collections::BTreeMap;

use serde_json::json;
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Save, UserId, Value};

use super::*;
use crate::people as acting;
use crate::sync::office;

const HOUSEHOLD: RecordId = RecordId::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

/// A save that has seen nothing, as of somebody who was offline: two of them conflict.
fn blind(app: &TestApp, author: UserId, id: RecordId, registers: &[(&str, Value)]) {
    let registers: BTreeMap<String, Value> =
        registers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let write = RecordWrite { collection: Collection::Household, id, context: BTreeMap::new(), registers };
    office::write(&app.app.hub, author, vec![Save { records: vec![write] }]).expect("writes");
    app.scratch.pass(60_000);
}

fn household(app: &TestApp, author: UserId, area: AreaId, id: RecordId, head: &str) {
    let area = (reserved::AREA, Value::text(&area.to_string()));
    blind(app, author, id, &[area, ("head_name", Value::text(head)), ("address", Value::text("Jl. Melati 3"))]);
}

#[test]
fn a_conflict_is_listed_with_both_sides_and_settled_with_a_reason() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let budi = app.scratch.user("budi", Role::Officer);
    let area = app.scratch.area("15.71.01.1001", AreaLevel::Village, None);
    household(&app, ani.id, area, HOUSEHOLD, "Siti");
    blind(&app, budi.id, HOUSEHOLD, &[("head_name", Value::text("Sitti"))]);

    let listed = officer.get("/api/v1/conflicts").json();
    let conflict = &listed["items"][0];
    assert_eq!(conflict["register"]["name"], "head_name");
    let sides = conflict["register"]["sides"].as_array().expect("sides");
    assert_eq!(sides.iter().map(|side| side["value"].as_str().expect("text")).collect::<Vec<_>>(), ["Sitti", "Siti"]);
    assert_eq!(sides[0]["author_name"], "BUDI");
    assert!(sides[0]["shown"].as_bool() == Some(true) && sides[0]["at"].as_i64() > sides[1]["at"].as_i64());

    let decision = |reason: &str| json!({"record": HOUSEHOLD, "register": "head_name", "value": "Siti Aminah", "seen": conflict["seen"], "reason": reason});
    assert_eq!(officer.post("/api/v1/conflicts/settle", &decision(" ")).refusal(), (400, "no_reason".to_owned()));
    let decided = officer.post("/api/v1/conflicts/settle", &decision("as on the family card")).json();
    assert_eq!(decided["settled"], true, "{decided}");
    assert_eq!(decided["register"]["sides"][0]["value"], "Siti Aminah");
    assert_eq!(officer.get("/api/v1/conflicts").json()["items"], json!([]));

    let history = officer.get(&format!("/api/v1/records/{HOUSEHOLD}/history")).json();
    assert_eq!(history.as_array().map(Vec::len), Some(3));
    assert_eq!(history[0]["wrote"]["decision/head_name"], "as on the family card");
    assert_eq!(history[0]["author_name"], "ANI");
    assert_eq!(history[1]["verdict"], "applied_with_conflict");
}

#[test]
fn a_decision_does_not_overwrite_what_came_after_the_page_was_got() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let area = app.scratch.area("15.71.01.1001", AreaLevel::Village, None);
    household(&app, ani.id, area, HOUSEHOLD, "Siti");
    blind(&app, ani.id, HOUSEHOLD, &[("head_name", Value::text("Sitti"))]);
    let seen = officer.get("/api/v1/conflicts").json()["items"][0]["seen"].clone();
    blind(&app, ani.id, HOUSEHOLD, &[("head_name", Value::text("Siti A."))]);
    let decision =
        json!({"record": HOUSEHOLD, "register": "head_name", "value": "Siti", "seen": seen, "reason": "asked again"});
    let decided = officer.post("/api/v1/conflicts/settle", &decision).json();
    assert_eq!(decided["settled"], false, "a newer value stands beside the decision");
    let values: Vec<&str> = decided["register"]["sides"]
        .as_array()
        .expect("sides")
        .iter()
        .map(|side| side["value"].as_str().expect("text"))
        .collect();
    assert_eq!(values, ["Siti", "Siti A."]);
    let again =
        json!({"seen": decided["seen"], "record": HOUSEHOLD, "register": "head_name", "value": "Siti", "reason": "x"});
    assert_eq!(officer.post("/api/v1/conflicts/settle", &again).json()["settled"], true);
}

#[test]
fn deciding_on_a_value_of_a_deleted_record_does_not_bring_it_back() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let area = app.scratch.area("15.71.01.1001", AreaLevel::Village, None);
    household(&app, ani.id, area, HOUSEHOLD, "Siti");
    blind(&app, ani.id, HOUSEHOLD, &[("head_name", Value::text("Sitti"))]);
    let seen = officer.get("/api/v1/conflicts").json()["items"][0]["seen"].clone();
    let settle = |register: &str, value: Json, seen: &Json| {
        let decision = json!({"record": HOUSEHOLD, "register": register, "value": value, "seen": seen, "reason": "x"});
        officer.post("/api/v1/conflicts/settle", &decision).json()
    };
    let gone = settle("_alive", json!(false), &seen);
    settle("head_name", json!("Siti"), &gone["seen"]);
    let detail = officer.get(&format!("/api/v1/households/{HOUSEHOLD}")).json();
    assert_eq!(detail["records"][0]["alive"], false);
}

#[test]
fn a_forged_context_covers_nothing_and_nonsense_is_refused() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let area = app.scratch.area("15.71.01.1001", AreaLevel::Village, None);
    household(&app, ani.id, area, HOUSEHOLD, "Siti");
    let decide = |register: &str, seen: Json| {
        let decision = json!({"record": HOUSEHOLD, "register": register, "value": "X", "seen": seen, "reason": "x"});
        officer.post("/api/v1/conflicts/settle", &decision)
    };
    let writer = app.app.hub.own.id();
    assert_eq!(decide("head_name", json!([[writer, 0, 1]])).refusal(), (400, "bad_seen".to_owned()));
    assert_eq!(decide("head_name", json!([[writer, 999, 1]])).refusal(), (409, "quarantined".to_owned()));
    assert_eq!(decide("nothing", json!([])).refusal(), (404, "not_found".to_owned()));
    assert_eq!(decide("head_name", json!([[writer, 1, 12345]])).json()["settled"], false, "a wrong tag covers nothing");
}

#[test]
fn households_are_found_by_words_page_by_page_and_within_ones_grants() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let (rina, supervisor) = app.signed_in("rina", Role::Supervisor);
    let city = app.scratch.area("15.71", AreaLevel::Regency, None);
    let [one, other] =
        ["15.71.01.1001", "15.71.01.1002"].map(|code| app.scratch.area(code, AreaLevel::Village, Some(city)));
    for n in 0..5_u128 {
        let id = RecordId::from_u128(HOUSEHOLD.as_u128() + n);
        household(
            &app,
            ani.id,
            if n < 3 { one } else { other },
            id,
            ["Siti_A", "Siti", "Budi", "Siti", "100%"][n as usize],
        );
    }
    acting::grant(&app.scratch.instance, rina.id, one, None, None, ani.id).expect("known");
    let found = |actor: &Actor<'_>, query: &str| {
        let page = actor.get(&format!("/api/v1/households?{query}")).json();
        let heads = page["items"].as_array().expect("items").iter();
        let heads: Vec<String> =
            heads.map(|item| item["summary"]["head_name"].as_str().expect("text").to_owned()).collect();
        (heads, page["next"].as_str().map(str::to_owned))
    };
    assert_eq!(found(&officer, "text=siti+melati").0, ["Siti_A", "Siti", "Siti"]);
    assert_eq!(found(&officer, "text=siti_a").0, ["Siti_A"], "an underscore is no wildcard");
    assert_eq!(found(&officer, "text=100%25").0, ["100%"]);
    assert_eq!(found(&officer, &format!("area={other}")).0, ["Siti", "100%"]);
    assert_eq!(found(&officer, &format!("area={city}&text=siti")).0.len(), 3);
    assert_eq!(found(&supervisor, "text=siti").0, ["Siti_A", "Siti"]);
    let (first, next) = found(&officer, "limit=3");
    assert_eq!(first.len(), 3);
    let (rest, end) = found(&officer, &format!("limit=3&after={}", next.expect("there is more")));
    assert_eq!((rest.len(), end), (2, None));
    let hidden = RecordId::from_u128(HOUSEHOLD.as_u128() + 3);
    assert_eq!(supervisor.get(&format!("/api/v1/households/{hidden}")).refusal(), (404, "not_found".to_owned()));
    assert_eq!(supervisor.get(&format!("/api/v1/records/{hidden}/history")).refusal(), (404, "not_found".to_owned()));
    let detail = officer.get(&format!("/api/v1/households/{hidden}")).json();
    assert_eq!(detail["area"][1]["id"], json!(city));
    assert_eq!(supervisor.get("/api/v1/progress/areas").json()[0]["households"], 3);
    assert_eq!(officer.get("/api/v1/progress/areas").json().as_array().map(Vec::len), Some(2));
    assert_eq!(officer.get("/api/v1/progress/enumerators").json(), json!([]), "office work is nobody's field work");
}
