//! The office sees what does not fit its form, where it may look.

use std::collections::BTreeMap;

use serde_json::json;
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Save, UserId, Value};

use super::*;
use crate::people as acting;
use crate::sync::office;

const FORM: &str = "| survey |\n| | type | name | label | constraint |\n| | integer | rooms | Rooms | . > 0 |\n\
    | settings |\n| | form_id | version |\n| | house | 7 |\n";

/// A household with a visit that says it has so many rooms.
fn visited(app: &TestApp, by: UserId, area: AreaId, number: u128, package: &str, rooms: i64) -> RecordId {
    let [household, visit] = [0, 1].map(|part| RecordId::from_u128((number << 64) + part));
    let write = |collection, id, registers: &[(&str, Json)]| {
        let value = |value: &Json| Value::of(value).expect("canonical");
        let registers = registers.iter().map(|(name, json)| ((*name).to_owned(), value(json))).collect();
        RecordWrite { collection, id, context: BTreeMap::new(), registers }
    };
    let records = vec![
        write(Collection::Household, household, &[(reserved::AREA, json!(area))]),
        write(
            Collection::Visit,
            visit,
            &[
                (reserved::PARENT, json!(household)),
                ("answers", json!({"rooms": rooms})),
                ("package", json!(package)),
                ("ended_at", json!(1_700_000_000_000_i64)),
            ],
        ),
    ];
    office::write(&app.app.hub, by, vec![Save { records }]).expect("writes");
    app.scratch.pass(1);
    household
}

fn check(app: &TestApp) {
    let now = || app.app.instance.now();
    app.app.checker.work_off(&app.app.instance.store, now).expect("works");
}

#[test]
fn findings_are_listed_page_by_page_and_within_ones_grants() {
    let app = TestApp::new();
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let (rina, supervisor) = app.signed_in("rina", Role::Supervisor);
    let report = officer.post_file("/api/v1/forms?name=house.md", FORM).json();
    let package = report["stored"]["hash"].as_str().unwrap_or_else(|| panic!("{report}"));
    let [one, other] = ["15.71.01", "15.71.02"].map(|code| app.scratch.area(code, AreaLevel::District, None));
    acting::grant(&app.scratch.instance, rina.id, other, None, None, ani.id).expect("known");
    let households: Vec<RecordId> = (1..=4)
        .map(|number| visited(&app, ani.id, if number < 3 { one } else { other }, number, package, 3 - number as i64))
        .collect();
    check(&app);

    let page = officer.get("/api/v1/findings?limit=1").json();
    let finding = &page["items"][0];
    assert_eq!((&finding["household"], &finding["area"]), (&json!(households[2]), &json!(other)), "{page}");
    assert_eq!((&finding["kind"], &finding["form"]), (&json!("visit"), &json!("house@7")));
    assert_eq!((&finding["path"], &finding["rule"]), (&json!("/data/rooms"), &json!("constraint")));
    assert_eq!(finding["label"]["en"], "Rooms");
    assert_eq!(finding["sources"][0]["author_name"], "ANI");
    assert_eq!(finding["sources"][0]["visit"], finding["record"]);
    let after = page["next"].as_str().expect("there is more").replace('/', "%2F");
    let rest = officer.get(&format!("/api/v1/findings?limit=1&after={after}")).json();
    assert_eq!((&rest["items"][0]["household"], &rest["next"]), (&json!(households[3]), &json!(null)), "{rest}");

    let count = |actor: &Actor<'_>, query: &str| {
        actor.get(&format!("/api/v1/findings?{query}")).json()["items"].as_array().map(Vec::len)
    };
    assert_eq!(count(&officer, &format!("area={one}")), Some(0));
    assert_eq!(count(&supervisor, ""), Some(2));
    let detail = officer.get(&format!("/api/v1/households/{}", households[3])).json();
    assert_eq!(detail["findings"].as_array().map(Vec::len), Some(1), "{detail}");
    assert_eq!(officer.get("/api/v1/findings?after=x").refusal(), (400, "bad_query".to_owned()));
    let export = |query: &str| officer.get(&format!("/api/v1/exports/answers?form={query}"));
    let table = export(&format!("{package}&language=en&area={other}"));
    let text = String::from_utf8(table.body).expect("text");
    assert!(text.lines().count() == 3 && text.contains("\"rooms\"") && text.contains("\"ANI\""), "{text}");
    assert_eq!(export(&format!("{package}&part=audit")).status, 200);
    assert_eq!(export(&format!("{package}&part=x")).refusal(), (404, "not_found".to_owned()));
    assert_eq!(export("x").refusal(), (404, "not_found".to_owned()));
    let metrics = String::from_utf8(app.anonymous().get("/metrics").body).expect("text");
    assert!(metrics.contains("\ntilik_findings 2\n"), "{metrics}");
}
