//! Files in and out of the office: imports with preview, dry run and run; exports as they stream.

use serde_json::json;

use super::*;

const AREAS: &str = "code,level,name,parent_code\n15,province,Jambi,\n15.71,regency,Kota Jambi,15\n\
    15.71.01,district,Telanaipura,15.71\n15.71.01.1001,village,Simpang IV Sipin,15.71.01\n";
const PRELIST: &str = "kelurahan,kecamatan,rt,nama kepala keluarga,alamat,no kk\n\
    Simpang IV Sipin,Telanaipura,,Siti Aminah,Jl. Melati 3,1571042304100001\n";

#[test]
fn areas_and_a_prelist_come_in_and_households_go_out() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let import = |path: &str, text: &str| officer.post_file(&format!("/api/v1/imports/{path}"), text.to_owned());
    let dry = import("areas?name=areas.csv", AREAS).json();
    assert_eq!(
        (&dry["written"], &dry["created"]),
        (&json!(false), &json!(5)),
        "the village gets its unknown RT: {dry}"
    );
    let wet = import("areas?name=areas.csv&apply=true", AREAS).json();
    assert_eq!(wet["written"], true, "{wet}");

    let preview = import("prelist/preview?name=list.csv", PRELIST).json();
    assert_eq!(preview["rows"].as_array().map(Vec::len), Some(1), "{preview}");
    assert_eq!(import("prelist?name=list.csv", PRELIST).refusal(), (400, "bad_source".to_owned()));
    let run = import("prelist?name=list.csv&source=dtsen2025&apply=true", PRELIST).json();
    assert_eq!((&run["written"], &run["households"]), (&json!(true), &json!(1)), "{run}");
    let found = officer.get("/api/v1/households?text=aminah").json();
    assert_eq!(found["items"][0]["summary"]["head_name"], "Siti Aminah", "{found}");

    let table = officer.get("/api/v1/exports/households?format=csv&language=en");
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(table.body).expect("text");
    assert!(text.lines().count() == 2 && text.contains("Siti Aminah"), "{text}");
    let workbook = officer.get("/api/v1/exports/persons?format=xlsx");
    assert!(workbook.body.starts_with(b"PK"));
    assert_eq!(officer.get("/api/v1/exports/ships").refusal(), (404, "not_found".to_owned()));
    assert_eq!(officer.get("/api/v1/exports/visits?format=pdf").refusal(), (400, "bad_query".to_owned()));
}

#[test]
fn a_file_that_is_none_is_refused_and_not_kept() {
    let app = TestApp::new();
    let (_, officer) = app.signed_in("ani", Role::Officer);
    let refused =
        officer.post_file("/api/v1/imports/areas?name=x.xlsx&apply=true", b"PK\x03\x04 half a workbook".to_vec());
    assert_eq!(refused.refusal(), (400, "bad_file".to_owned()));
    let headless = officer.post_file("/api/v1/imports/areas?name=x.csv&apply=true", "a,b\n1,2\n").json();
    assert_eq!(headless["written"], false, "{headless}");
    assert_eq!(officer.post_file("/api/v1/imports/areas", "").refusal(), (400, "bad_query".to_owned()));
    let left: Vec<_> = std::fs::read_dir(&app.scratch.instance.incoming).expect("was made").collect();
    assert!(left.is_empty());
}
