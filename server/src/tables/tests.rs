//! Files into the register and out of it again.

use sync_protocol::{Collection, UserId};

use super::area_tables::import_areas;
use super::exports::{Export, write_table};
use super::outline_files::import_outlines;
use super::prelists::{PrelistImport, PrelistReport, check_source, import_prelist};
use super::{Mode, area_index, today};
use crate::export::Format;
use crate::export::labels::Language;
use crate::export::tables::Table;
use crate::import::findings::BadRows;
use crate::import::mapping::Mapping;
use crate::import::plan::Action;
use crate::import::sheet::{SheetChoice, SheetFile};
use crate::instance::scratch::Scratch;
use crate::people::Role;
use crate::store::records;
use crate::sync::Hub;

const AREAS: &str = "code,level,name,parent_code,bps_code,valid_from,valid_to,successors\n\
    15.71,regency,Kota Jambi,,,,,\n\
    15.71.04,district,Pasar Jambi,15.71,,,,\n\
    15.71.04.1001,village,Beringin,15.71.04,,,,\n\
    15.71.04.1001.01,rw,RW 01,15.71.04.1001,,,,\n\
    15.71.04.1001.01.002,rt,RT 002,15.71.04.1001.01,,,,\n";

const PRELIST: &str = "No,Kelurahan,RW,RT,No KK,Nama Kepala Keluarga,NIK,Nama,Alamat,Desil\n\
    1,Beringin,01,02,1571042304100001,Budi,1571042304800001,Budi,Jl. Melati 3,2\n\
    2,Beringin,01,02,1571042304100001,Budi,1571046405820002,Siti,Jl. Melati 3,2\n\
    3,Beringin,-,-,-,Anwar,-,Anwar,Gang Buntu,1\n";

struct Office {
    scratch: Scratch,
    hub: Hub,
    officer: UserId,
}

impl Office {
    fn new() -> Self {
        let scratch = Scratch::new();
        let instance = &scratch.instance;
        let hub = Hub::start(std::sync::Arc::clone(&instance.store), std::sync::Arc::clone(&instance.ambient))
            .expect("a fresh store");
        let officer = scratch.user("petugas", Role::Officer).id;
        Self { scratch, hub, officer }
    }

    fn with_areas() -> Self {
        let office = Self::new();
        assert!(office.areas(AREAS, Mode::Apply).written);
        office
    }

    fn areas(&self, text: &str, mode: Mode) -> super::area_tables::AreasReport {
        let mut file = SheetFile::from_bytes("areas.csv", text.as_bytes().to_vec()).expect("a table");
        import_areas(&self.scratch.instance, &mut file, BadRows::RefuseAll, mode, None).expect("a store")
    }

    fn prelist(&self, text: &str, bad: BadRows, mode: Mode) -> PrelistReport {
        let mut file = SheetFile::from_bytes("prelist.csv", text.as_bytes().to_vec()).expect("a table");
        let (mapping, _) = Mapping::guess(&mut file, &SheetChoice::BestHeader).expect("a header");
        let import = PrelistImport { source: "dtsen2025", mapping: &mapping, bad, mode, author: self.officer };
        import_prelist(&self.scratch.instance, &self.hub, &mut file, import, &mut |_| {}).expect("a store")
    }

    fn records(&self) -> usize {
        let instance = &self.scratch.instance;
        let mut count = 0;
        let day = today(instance);
        instance
            .store
            .read(|tx| {
                for area in area_index(tx, day)?.areas() {
                    records::each_in_area(tx, area.id, |_| {
                        count += 1;
                        Ok(true)
                    })?;
                }
                Ok::<_, crate::store::db::Error>(())
            })
            .expect("a store");
        count
    }

    fn export(&self, table: Table) -> Vec<Vec<String>> {
        let export = Export {
            table,
            format: Format::Csv,
            language: Language::Id,
            area: None,
            extra: Vec::new(),
            by: Some(self.officer),
        };
        let mut bytes = Vec::new();
        write_table(&self.scratch.instance, &export, &mut bytes).expect("memory");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        reader.records().map(|record| record.expect("whole").iter().map(str::to_owned).collect()).collect()
    }
}

fn count(report: &PrelistReport, collection: Collection, action: Action) -> u64 {
    let mut counts = report.records.iter().filter(|count| count.collection == collection && count.action == action);
    counts.next().map_or(0, |count| count.count)
}

#[test]
fn areas_imported_twice_are_the_same_areas() {
    let office = Office::new();
    let dry = office.areas(AREAS, Mode::DryRun);
    assert_eq!((dry.written, dry.created), (false, 6));
    assert!(office.areas(AREAS, Mode::Apply).written);
    let again = office.areas(AREAS, Mode::Apply);
    assert_eq!((again.created, again.changed, again.same), (0, 0, 5), "the unknown RT is there and not made again");
    let renamed = office.areas(&AREAS.replace("Beringin", "Beringin Baru"), Mode::Apply);
    assert_eq!((renamed.changed, renamed.same), (1, 4));
}

#[test]
fn a_dry_run_writes_nothing_and_tells_what_the_import_then_does() {
    let office = Office::with_areas();
    let dry = office.prelist(PRELIST, BadRows::RefuseAll, Mode::DryRun);
    assert_eq!((dry.written, office.records()), (false, 0));
    let real = office.prelist(PRELIST, BadRows::RefuseAll, Mode::Apply);
    assert!(real.written);
    assert_eq!(real.not_applied, 0);
    for report in [&dry, &real] {
        assert_eq!(count(report, Collection::Household, Action::Create), 2);
        assert_eq!(count(report, Collection::Family, Action::Create), 2);
        assert_eq!(count(report, Collection::Person, Action::Create), 3);
    }
    assert_eq!(office.records(), 7);
}

#[test]
fn a_file_imported_again_writes_nothing_and_a_newer_one_only_what_differs() {
    let office = Office::with_areas();
    office.prelist(PRELIST, BadRows::RefuseAll, Mode::Apply);
    let again = office.prelist(PRELIST, BadRows::RefuseAll, Mode::Apply);
    assert_eq!(count(&again, Collection::Person, Action::Same), 3);
    assert_eq!(count(&again, Collection::Household, Action::Same), 2);
    let newer = office.prelist(&PRELIST.replace(",2\n", ",3\n"), BadRows::RefuseAll, Mode::Apply);
    assert_eq!(newer.not_applied, 0);
    assert_eq!(count(&newer, Collection::Household, Action::Change), 1);
    let rows = office.export(Table::Households);
    let decile = rows[0].iter().position(|name| name == "Desil (prelist)").expect("the column");
    let conflicts = rows[0].iter().position(|name| name == "Data bertentangan").expect("the column");
    let mut deciles: Vec<&str> = rows[1..].iter().map(|row| row[decile].as_str()).collect();
    deciles.sort_unstable();
    assert_eq!(deciles, ["1", "3"]);
    assert!(rows[1..].iter().all(|row| row[conflicts].is_empty()));
}

#[test]
fn one_bad_row_stops_everything_unless_bad_rows_may_be_skipped() {
    let office = Office::with_areas();
    let bad = PRELIST.replace("3,Beringin", "3,Tebing Tinggi");
    let refused = office.prelist(&bad, BadRows::RefuseAll, Mode::Apply);
    assert_eq!((refused.written, office.records()), (false, 0));
    assert_eq!(refused.findings.list()[0].code, "area_unknown");
    let skipped = office.prelist(&bad, BadRows::Skip, Mode::Apply);
    assert_eq!((skipped.written, skipped.rows_refused), (true, 1));
    assert_eq!(office.records(), 4);
}

#[test]
fn an_export_names_the_place_and_keeps_every_digit() {
    let office = Office::with_areas();
    office.prelist(PRELIST, BadRows::RefuseAll, Mode::Apply);
    let rows = office.export(Table::Persons);
    assert_eq!(rows.len(), 4);
    let at = |name: &str| rows[0].iter().position(|own| own == name).expect("the column");
    let siti = rows.iter().find(|row| row[at("Nama (prelist)")] == "Siti").expect("she is there");
    assert_eq!(siti[at("NIK (prelist)")], "1571046405820002");
    assert_eq!(siti[at("NIK")], "");
    assert_eq!(siti[at("Kelurahan")], "Beringin");
    assert_eq!(siti[at("RT")], "RT 002");
    assert_eq!(siti[at("No KK")], "1571042304100001");
    assert_eq!(siti[at("Nama kepala keluarga")], "Budi");
}

#[test]
fn outlines_are_kept_for_the_areas_they_name() {
    let office = Office::with_areas();
    let file = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kode":"15.71.04.1001"},
        "geometry":{"type":"Polygon","coordinates":[[[103.5,-1.5],[103.6,-1.5],[103.6,-1.6],[103.5,-1.5]]]}}]}"#;
    let instance = &office.scratch.instance;
    let import = |mode| {
        import_outlines(instance, "batas.geojson", file.as_bytes(), None, BadRows::RefuseAll, mode, None)
            .expect("a store")
    };
    assert!(!import(Mode::DryRun).written);
    let report = import(Mode::Apply);
    assert_eq!((report.written, report.outlines), (true, 1));
}

#[test]
fn a_source_is_named_so_that_its_registers_stay_readable() {
    assert!(check_source("dtsen2025").is_ok());
    for source in ["", "DTSEN", "a/b", "a b"] {
        assert!(check_source(source).is_err(), "{source}");
    }
}
