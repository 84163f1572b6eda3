//! A form's way from the office to devices.

use serde_json::json;
use sync_protocol::AreaId;
use sync_protocol::exchange::{AreaLevel, Directory, PackageHash, Received, Request as Control, control_body};
use sync_protocol::version::Window;

use super::*;
use crate::people as acting;

/// A form in one text; `version` and `label` make it another.
fn form(version: &str, label: &str) -> String {
    format!(
        "| survey |\n| | type | name | label | relevant | constraint |\n| | integer | rooms | {label} | | . > 0 |\n\
         | | text | why | Why | ${{rooms}} > 9 | |\n| settings |\n| | form_id | version | form_title |\n\
         | | house | {version} | House |\n"
    )
}

/// A village in a city, an officer, and a phone that works in the village.
struct Town<'a> {
    officer: Actor<'a>,
    city: AreaId,
    village: AreaId,
    other: AreaId,
    phone: Phone<'a>,
}

struct Phone<'a> {
    actor: Actor<'a>,
    writer: sync_protocol::WriterId,
    /// City and village, the order in which areas are compared.
    places: [AreaId; 2],
}

impl Phone<'_> {
    fn directory(&self) -> Directory {
        let request = Control {
            applied: 0,
            budget: None,
            cursors: vec![],
            decided: vec![],
            directory: None,
            heal: vec![],
            last: None,
            lives: vec![],
            minted: vec![],
            missing: vec![],
            protocol: Window::OURS,
            push: vec![],
            scope: None,
            witness: 0,
            writer: self.writer,
        };
        let answer = self.actor.exchange(control_body(&request), None);
        Received::parse(&answer.body).expect("an answer").control.directory.expect("a directory")
    }

    /// `version` and areas of the forms told.
    fn forms(&self) -> Vec<(String, Vec<AreaId>)> {
        let sorted = |mut areas: Vec<AreaId>, named: [AreaId; 2]| {
            areas.sort_by_key(|area| named.iter().position(|known| known == area));
            areas
        };
        let told = self.directory().forms.into_iter();
        told.map(|form| (form.version, sorted(form.areas, self.places))).collect()
    }

    fn fetch(&self, hash: &str) -> Answer {
        self.actor.post("/sync/v1/form", &json!({"hash": hash, "from": 0}))
    }
}

impl Town<'_> {
    /// Uploads a form; returns the report.
    fn upload(&self, text: String) -> Json {
        self.officer.post_file("/api/v1/forms?name=house.md", text).json()
    }

    fn publish(&self, hash: &str, area: AreaId) -> Answer {
        self.officer.post(&format!("/api/v1/forms/{hash}/publish"), &json!({"areas": [area]}))
    }
}

fn town(app: &TestApp) -> Town<'_> {
    let (ani, officer) = app.signed_in("ani", Role::Officer);
    let city = app.scratch.area("15.71", AreaLevel::Regency, None);
    let [village, other] =
        ["15.71.01.1001", "15.71.01.1002"].map(|code| app.scratch.area(code, AreaLevel::Village, Some(city)));
    let siti = app.scratch.user("siti", Role::Enumerator);
    acting::grant(&app.scratch.instance, siti.id, village, None, None, ani.id).expect("known");
    let (ask, enrolled) = app.scratch.enrol(siti.id);
    let phone = Phone { actor: app.holding(&enrolled.tokens.access), writer: ask.writer, places: [city, village] };
    Town { officer, city, village, other, phone }
}

fn hash(report: &Json) -> String {
    report["stored"]["hash"].as_str().unwrap_or_else(|| panic!("not stored: {report}")).to_owned()
}

#[test]
fn a_form_is_kept_as_a_draft_published_to_areas_and_fetched_by_devices() {
    let app = TestApp::new();
    let town = town(&app);
    let report = town.upload(form("1", "Rooms"));
    assert_eq!((&report["accepted"], &report["counts"]["questions"]), (&json!(true), &json!(2)), "{report}");
    let hash = hash(&report);
    assert_eq!(town.phone.forms(), [], "no device knows a draft");
    assert_eq!(town.phone.fetch(&hash).refusal(), (404, "not_found".to_owned()));

    let published = town.publish(&hash, town.city).json();
    assert_eq!((&published["state"], &published["areas"]), (&json!("published"), &json!([town.city])), "{published}");
    assert_eq!(town.phone.forms(), [("1".to_owned(), vec![town.city])]);
    let package = town.phone.fetch(&hash);
    assert_eq!(PackageHash::of(&package.body).to_string(), hash);
    assert_eq!(package.headers["content-type"], "application/octet-stream");
    let told = &town.phone.directory().forms[0];
    assert_eq!((told.hash.to_string(), told.bytes), (hash.clone(), package.body.len() as u64));

    let detail = town.officer.get(&format!("/api/v1/forms/{hash}")).json();
    assert_eq!(detail["outline"]["lines"][1]["relevant"], "${rooms} > 9", "{detail}");
    assert_eq!(detail["files"], json!(["house.md"]));
    let file = town.officer.get(&format!("/api/v1/forms/{hash}/file?name=house.md"));
    assert_eq!(file.body, form("1", "Rooms").into_bytes());
}

#[test]
fn a_package_comes_from_where_the_device_left_off_and_a_stranger_gets_none() {
    let app = TestApp::new();
    let town = town(&app);
    let hash = hash(&town.upload(form("1", "Rooms")));
    town.publish(&hash, town.other);
    assert_eq!(town.phone.forms(), [], "it is published elsewhere");
    assert_eq!(town.phone.fetch(&hash).status, 404);
    town.publish(&hash, town.village);
    let part = |from: usize| town.phone.actor.post("/sync/v1/form", &json!({"hash": hash, "from": from})).body;
    let whole = part(0);
    assert_eq!((part(10), part(whole.len()), part(whole.len() + 9)), (whole[10..].to_vec(), vec![], vec![]));
    assert_eq!(town.phone.actor.post("/sync/v1/form", &json!({"hash": "x", "from": 0})).refusal().0, 400);
}

#[test]
fn what_was_published_never_changes_and_a_draft_may() {
    let app = TestApp::new();
    let town = town(&app);
    let draft = hash(&town.upload(form("1", "Rooms")));
    let replaced = hash(&town.upload(form("1", "How many rooms")));
    assert_ne!(draft, replaced);
    let listed = town.officer.get("/api/v1/forms").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "the draft was replaced: {listed}");
    town.publish(&replaced, town.city);
    let refused = town.officer.post_file("/api/v1/forms?name=house.md", form("1", "Rooms"));
    assert_eq!(refused.refusal(), (409, "version_taken".to_owned()));
    assert!(refused.json()["message"].as_str().expect("a sentence").contains("Version 1 of house"));
    assert_eq!(hash(&town.upload(form("1", "How many rooms"))), replaced, "the same again is no change");
    let discard = |hash: &str| town.officer.post(&format!("/api/v1/forms/{hash}/discard"), &json!({}));
    assert_eq!(discard(&replaced).refusal(), (409, "published".to_owned()));
    assert_eq!(discard(&hash(&town.upload(form("2", "Rooms")))).status, 204);
}

#[test]
fn a_newer_version_takes_the_place_of_the_older_where_it_is_published() {
    let app = TestApp::new();
    let town = town(&app);
    let [one, two] = ["1", "2"].map(|version| hash(&town.upload(form(version, "Rooms"))));
    town.publish(&one, town.city);
    app.scratch.pass(1);
    town.publish(&two, town.village);
    assert_eq!(town.phone.forms(), [("2".into(), vec![town.village]), ("1".into(), vec![town.city])]);
    town.publish(&two, town.city);
    assert_eq!(town.phone.forms(), [("2".to_owned(), vec![town.city, town.village])]);
    let retire = |ask: Json| town.officer.post(&format!("/api/v1/forms/{two}/retire"), &ask).json();
    assert_eq!(retire(json!({"areas": [town.other]}))["code"], "not_published");
    assert_eq!(retire(json!({"areas": [town.city]}))["state"], "published");
    assert_eq!(retire(json!({}))["state"], "retired");
    assert_eq!(town.phone.forms(), [("1".to_owned(), vec![town.city])]);
    assert_eq!(town.phone.fetch(&two).status, 200, "a visit made with it is finished with it");
}

#[test]
fn a_form_that_lacks_a_table_is_kept_and_published_once_it_has_it() {
    let app = TestApp::new();
    let town = town(&app);
    let text = "| survey |\n| | type | name | label |\n| | select_one_from_file places.csv | place | Where |\n";
    let report = town.upload(text.to_owned());
    assert_eq!(report["missing_tables"], json!(["places.csv"]), "{report}");
    let lacking = hash(&report);
    assert_eq!(town.publish(&lacking, town.city).refusal(), (409, "tables_missing".to_owned()));
    let put = |hash: &str, text: &str| {
        town.officer.post_file(&format!("/api/v1/forms/{hash}/tables?name=places.csv"), text.to_owned()).json()
    };
    assert_eq!(put(&lacking, "name,label\n\"1")["accepted"], false);
    let whole = hash(&put(&lacking, "name,label\n1,Legok\n"));
    assert_ne!(whole, lacking, "another content is another package");
    assert_eq!(town.publish(&whole, town.city).status, 200);
    let late = town.officer.post_file(&format!("/api/v1/forms/{whole}/tables?name=places.csv"), "name,label\n2,X\n");
    assert_eq!(late.refusal(), (409, "version_taken".to_owned()));
}

#[test]
fn a_refused_form_is_told_place_by_place_in_both_languages_and_not_kept() {
    let app = TestApp::new();
    let town = town(&app);
    let report = town.upload("| survey |\n| | type | name | label |\n| | txet | a | A |\n".to_owned());
    assert_eq!((&report["accepted"], &report["stored"]), (&json!(false), &json!(null)), "{report}");
    let problem = &report["problems"][0];
    assert_eq!((&problem["severity"], &problem["row"], &problem["cell"]), (&json!("error"), &json!(2), &json!("txet")));
    assert!(problem["message"]["id"] != problem["message"]["en"], "{problem}");
    let checked = town.officer.post_file("/api/v1/forms?name=house.md&check=true", form("1", "Rooms")).json();
    assert_eq!((&checked["accepted"], &checked["stored"]), (&json!(true), &json!(null)));
    assert_eq!(town.officer.get("/api/v1/forms").json(), json!([]));
    assert_eq!(town.officer.post_file("/api/v1/forms?name=a.zip", "PK").refusal(), (400, "bad_file".to_owned()));
}

#[test]
fn the_bundled_forms_are_added_by_name() {
    let app = TestApp::new();
    let town = town(&app);
    for name in ["verification", "ppi"] {
        let report = town.officer.post(&format!("/api/v1/forms/bundled/{name}"), &json!({})).json();
        assert_eq!(town.publish(&hash(&report), town.city).status, 200, "{report}");
    }
    assert_eq!(town.phone.forms().len(), 2);
    assert_eq!(town.officer.post("/api/v1/forms/bundled/x", &json!({})).status, 404);
}
