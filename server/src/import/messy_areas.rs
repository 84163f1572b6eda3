//! Tables of areas and outlines with the mistakes that such files have.

use sync_protocol::AreaId;
use sync_protocol::exchange::AreaLevel;

use super::area_index::{AreaIndex, KnownArea};
use super::areas::{AreaTable, read_areas};
use super::cells::Date;
use super::messy_sheets::csv;
use super::outlines::read_outlines;

fn table(text: &str) -> AreaTable {
    read_areas(&mut csv(text), Date::new(2025, 6, 30).expect("a day"), &|code| {
        (code == "15").then_some(AreaLevel::Province)
    })
}

fn found(table: &AreaTable) -> Vec<(u32, &'static str)> {
    table.findings.list().iter().map(|finding| (finding.row, finding.code)).collect()
}

#[test]
fn parents_come_first_and_every_kelurahan_gets_its_unknown_rt() {
    let table = table(
        "code,level,name,parent_code,village_kind\n\
         15.71.01.1001.001,rt,RT 001,15.71.01.1001,\n\
         15.71.01.1001,village,Simpang IV Sipin,15.71.01,kelurahan\n\
         15.71.01,district,Telanaipura,15.71,\n\
         15.71,regency,Kota Jambi,15,\n",
    );
    let codes: Vec<&str> = table.areas.iter().map(|area| area.code.as_str()).collect();
    assert_eq!(codes, ["15.71", "15.71.01", "15.71.01.1001", "15.71.01.1001.001", "15.71.01.1001.00.000"]);
    assert_eq!(table.areas[4].name, "RT belum diketahui");
    assert_eq!(found(&table), [(1, "column_ignored")]);
    assert_eq!(table.findings.errors(), 0);
}

#[test]
fn every_mistake_of_a_table_is_named_at_once() {
    let table = table(
        "Kode;Tingkat;Nama;Kode Induk;Berlaku dari;Berlaku sampai;Pengganti\n\
         15.71;kota;Kota Jambi;15;;;\n\
         15.71;kota;Kota Jambi;15;;;\n\
         15.71.01;kecamatan;Telanaipura;15.72;;;\n\
         15.71.01.1001;kelurahan;A;15.71.01;;;\n\
         15.71.02;kecamatan;B;15.71.02;;;\n\
         15.71.03;kecamatan;C;15.71;31/12/2022;01/01/2022;\n\
         15.71.04;kecamatan;D;15.71;kemarin;;\n\
         15.71.05;kecamatan;E;15.71;;2022-12-31;15.71.04 15.71.99\n\
         15.71.06;dusun;F;15.71;;;\n\
         15.71.07;kecamatan;;15.71;;;\n\
         15.73;kota;G;15.71.04;;;\n",
    );
    let mut found = found(&table);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (3, "duplicate_code"),
            (4, "unknown_parent"),
            (5, "parent_refused"),
            (6, "area_cycle"),
            (7, "area_date_order"),
            (8, "area_date"),
            (9, "successor_unknown"),
            (10, "area_level"),
            (11, "area_incomplete"),
            (12, "parent_level"),
        ]
    );
    let last = table.areas.last().expect("some are good");
    assert_eq!((last.code.as_str(), last.successors.as_slice()), ("15.71.05", ["15.71.04".to_owned()].as_slice()));
}

fn index() -> AreaIndex {
    AreaIndex::new(vec![KnownArea {
        id: AreaId::from_u128(1),
        code: "15.71.01.1001".to_owned(),
        level: AreaLevel::Village,
        name: "Simpang IV Sipin".to_owned(),
        parent_code: None,
        bps_code: None,
        is_current: true,
    }])
}

fn feature(code: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"fid":7,"KODE":{code}}},"geometry":{geometry}}}"#)
}

fn outlines(features: &[String]) -> super::outlines::OutlineFile {
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    read_outlines("batas.geojson", text.as_bytes(), &index(), None)
}

#[test]
fn an_outline_finds_its_area_by_whichever_property_holds_codes() {
    let square =
        r#"{ "type": "Polygon", "coordinates": [[[103.5, -1.5, 12.0],[103.6,-1.5],[103.6,-1.6],[103.5,-1.5]]]}"#;
    let file = outlines(&[feature("\"15.71.01.1001\"", &square.replace(", 12.0", ""))]);
    assert_eq!(file.code_property.as_deref(), Some("KODE"));
    assert_eq!(
        file.outlines[0].geometry,
        r#"{"type":"Polygon","coordinates":[[[103.5,-1.5],[103.6,-1.5],[103.6,-1.6],[103.5,-1.5]]]}"#
    );
    let file = outlines(&[feature("1571011001", square)]);
    assert_eq!(file.findings.list()[0].code, "ring_open", "a height at one end only makes the ends differ");
}

#[test]
fn every_bad_outline_is_named_by_its_number() {
    let ring = |points: &str| format!(r#"{{"type":"Polygon","coordinates":[[{points}]]}}"#);
    let good = ring("[103.5,-1.5],[103.6,-1.5],[103.6,-1.6],[103.5,-1.5]");
    let code = "\"15.71.01.1001\"";
    let file = outlines(&[
        feature(code, &good),
        feature(code, &good),
        feature("\"99\"", &good),
        feature("null", &good),
        feature(code, "null"),
        feature(code, r#"{"type":"Point","coordinates":[103.5,-1.5]}"#),
        feature(code, &ring("[103.5,-1.5],[103.6,-1.5],[103.5,-1.5]")),
        feature(code, &ring("[-1.5,103.5],[-1.5,103.6],[-1.6,103.6],[-1.5,103.5]")),
        feature(code, &ring("[200,-1.5],[103.6,-1.5],[103.6,-1.6],[200,-1.5]")),
    ]);
    let found: Vec<(u32, &str)> = file.findings.list().iter().map(|finding| (finding.row, finding.code)).collect();
    assert_eq!(
        found,
        [
            (2, "duplicate_outline"),
            (3, "area_unknown"),
            (4, "code_missing"),
            (5, "geometry_missing"),
            (6, "geometry_kind"),
            (7, "ring_short"),
            (8, "point_swapped"),
            (9, "point_range"),
        ]
    );
    let half = read_outlines("batas.geojson", br#"{"type":"FeatureCollection","features":[{"type""#, &index(), None);
    assert_eq!(half.findings.list()[0].code, "not_geojson");
}
