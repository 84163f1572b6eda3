//! The office looks after people, devices, grants and rounds.

use serde_json::json;
use sync_protocol::exchange::AreaLevel;

use super::*;

#[test]
fn an_officer_adds_enumerators_and_only_an_admin_adds_officers() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let (_, admin) = app.signed_in("root", Role::Admin);
    let enumerator = json!({"name": "siti", "display_name": "Siti A.", "role": "enumerator"});
    let added = officer.post("/api/v1/users", &enumerator);
    assert_eq!(added.status, 201);
    assert_eq!(officer.post("/api/v1/users", &enumerator).refusal(), (409, "name_taken".to_owned()));
    let peer = json!({"name": "budi", "display_name": "Budi", "role": "officer", "password": "a long password"});
    assert_eq!(officer.post("/api/v1/users", &peer).refusal(), (403, "forbidden".to_owned()));
    assert_eq!(admin.post("/api/v1/users", &peer).status, 201);
    let all = officer.get("/api/v1/users").json();
    let names: Vec<&str> = all.as_array().expect("a list").iter().filter_map(|user| user["name"].as_str()).collect();
    assert_eq!(names, ["ani", "budi", "root", "siti"]);
    assert!(all[0].get("password").is_none());
    let disable = format!("/api/v1/users/{}/disable", added.json()["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&disable, &json!({})).status, 204);
}

#[test]
fn a_device_is_enrolled_by_a_code_seen_in_the_list_and_retired() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let siti = app.scratch.user("siti", Role::Enumerator);
    let code = officer.post(&format!("/api/v1/users/{}/codes", siti.id), &json!({})).json();
    let mut ask = app.scratch.ask(siti.id);
    ask.code = code["code"].as_str().expect("a code").to_lowercase();
    let ask = serde_json::to_value(&ask).expect("JSON");
    let enrolled = app.anonymous().post("/auth/v1/enrol", &ask).json();
    let phone = app.holding(enrolled["tokens"]["access"].as_str().expect("a token"));
    assert_eq!(phone.get("/api/v1/me").json()["user"]["display_name"], "SITI");
    let device = officer.get("/api/v1/devices").json()[0].clone();
    assert_eq!(device["id"], ask["device"]);
    let retire = format!("/api/v1/devices/{}/retire", device["id"].as_str().expect("an id"));
    assert_eq!(officer.post(&retire, &json!({})).status, 204);
    assert_eq!(phone.get("/api/v1/me").refusal(), (401, "sign_in_again".to_owned()));
    assert_eq!(
        app.anonymous().post("/auth/v1/enrol", &ask).status,
        200,
        "within its minutes the same code brings it back"
    );
    app.scratch.pass(crate::secrets::codes::CODE_MS);
    assert_eq!(app.anonymous().post("/auth/v1/enrol", &ask).refusal(), (400, "bad_code".to_owned()));
}

#[test]
fn grants_are_given_listed_and_revoked() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let (siti, phone) = app.signed_in("siti", Role::Enumerator);
    let village = app.scratch.area("15.71.01.1001", AreaLevel::Village, None);
    let given = officer.post("/api/v1/grants", &json!({"user": siti.id, "area": village}));
    assert_eq!(given.status, 201);
    assert_eq!(officer.get("/api/v1/grants").json().as_array().map(Vec::len), Some(1));
    assert_eq!(phone.get("/api/v1/me").json()["grants"][0]["area"], json!(village));
    app.scratch.pass(1);
    let revoke = format!("/api/v1/grants/{}/revoke", given.json()["id"].as_str().expect("an id"));
    assert_eq!(officer.post(&revoke, &json!({})).status, 204);
    assert_eq!(officer.get("/api/v1/grants").json(), json!([]));
    assert_eq!(officer.get(&format!("/api/v1/grants?user={}", siti.id)).json().as_array().map(Vec::len), Some(1));
    let nowhere = json!({"user": siti.id, "area": "01900000-0000-7000-8000-000000000001"});
    assert_eq!(officer.post("/api/v1/grants", &nowhere).refusal(), (404, "not_found".to_owned()));
}

#[test]
fn the_tree_is_read_from_any_node_and_rounds_take_place_in_it() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let village = app.scratch.area("15.71.01.1001", AreaLevel::Village, None);
    let rt = app.scratch.area("15.71.01.1001.01", AreaLevel::Rt, Some(village));
    assert_eq!(officer.get("/api/v1/areas").json().as_array().map(Vec::len), Some(2));
    assert_eq!(officer.get(&format!("/api/v1/areas?parent={village}")).json()[0]["id"], json!(rt));
    let detail = officer.get(&format!("/api/v1/areas/{rt}")).json();
    assert_eq!(detail["ancestry"][1]["id"], json!(village));
    let round = json!({"name": "2026", "first_day": "2026-01-01", "area": village});
    assert_eq!(officer.post("/api/v1/rounds", &round).status, 201);
    assert_eq!(officer.post("/api/v1/rounds", &round).refusal(), (409, "name_taken".to_owned()));
    assert_eq!(officer.get("/api/v1/rounds").json()[0]["name"], "2026");
    let backwards = json!({"name": "x", "first_day": "2026-01-02", "last_day": "2026-01-01", "area": village});
    assert_eq!(officer.post("/api/v1/rounds", &backwards).refusal(), (400, "bad_day".to_owned()));
}
