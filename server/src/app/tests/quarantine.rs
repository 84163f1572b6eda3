//! Held saves in the office: listed with why, shown with what waits for them, released and rejected with a reason.

use std::collections::BTreeMap;

use serde_json::json;
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Save, UserId, Value};

use super::*;
use crate::store::areas::{self, Area};
use crate::sync::office;

const HOUSEHOLD: RecordId = RecordId::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const PERSON: RecordId = RecordId::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);
const NOWHERE: AreaId = AreaId::from_u128(0x0190_0000_0000_7000_8000_0000_0000_000a);

/// A household in an area that does not exist, and a person in it.
fn hold(app: &TestApp, author: UserId) {
    for (collection, id, name, value) in [
        (Collection::Household, HOUSEHOLD, reserved::AREA, NOWHERE.to_string()),
        (Collection::Person, PERSON, reserved::PARENT, HOUSEHOLD.to_string()),
    ] {
        let registers = BTreeMap::from([(name.to_owned(), Value::text(&value))]);
        let write = RecordWrite { collection, id, context: BTreeMap::new(), registers };
        office::write(&app.app.hub, author, vec![Save { records: vec![write] }]).expect("writes");
    }
}

#[test]
fn held_saves_are_decided_by_officers_with_a_reason_and_all_that_waits_for_them() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    hold(&app, ani.id);
    let listed = officer.get("/api/v1/quarantine?limit=1").json();
    let first = &listed["items"][0];
    assert_eq!(
        (&first["verdict"], &first["code"], &first["author_name"]),
        (&json!("quarantined"), &json!("unknown_area"), &json!("ANI"))
    );
    let next = officer.get(&format!("/api/v1/quarantine?after={}", listed["next"].as_str().expect("more"))).json();
    assert_eq!(
        (&next["items"][0]["verdict"], &next["items"][0]["waits_for"]),
        (&json!("parked"), &json!([first["save"]]))
    );

    let save = first["save"].as_str().expect("an id");
    let shown = officer.get(&format!("/api/v1/quarantine/save?save={save}")).json();
    assert_eq!(shown["content"][0]["registers"]["_area"], NOWHERE.to_string());
    assert_eq!(shown["dependants"][0]["save"], next["items"][0]["save"]);

    let ask = |reason: &str| json!({ "saves": [save], "reason": reason });
    let (_, supervisor) = app.signed_in("budi", Role::Supervisor);
    assert_eq!(supervisor.post("/api/v1/quarantine/release", &ask("why")).status, 403);
    assert_eq!(officer.post("/api/v1/quarantine/release", &ask(" ")).refusal(), (400, "no_reason".to_owned()));
    assert_eq!(officer.post("/api/v1/quarantine/reject", &ask("why")).refusal(), (409, "dependants".to_owned()));
    let stays = officer.post("/api/v1/quarantine/release", &ask("why")).json();
    assert_eq!(stays["outcomes"], json!([{ "outcome": "refused", "save": save, "code": "unknown_area" }]));

    let (code, name) = ("99".to_owned(), "New".to_owned());
    let area = Area {
        id: NOWHERE,
        code,
        level: AreaLevel::Village,
        name,
        parent: None,
        bps_code: None,
        valid_from: None,
        valid_to: None,
    };
    app.scratch.instance.store.write(move |tx| areas::put(tx, &area)).expect("put");
    let outcomes = officer.post("/api/v1/quarantine/release", &ask("the area was missing")).json();
    let outcomes = outcomes["outcomes"].as_array().expect("a list").clone();
    assert_eq!(outcomes.iter().map(|o| o["followed"].as_bool()).collect::<Vec<_>>(), [Some(false), Some(true)]);
    assert_eq!(officer.get(&format!("/api/v1/households/{HOUSEHOLD}")).status, 200);
    assert_eq!(officer.get("/api/v1/quarantine").json()["items"], json!([]));
}
