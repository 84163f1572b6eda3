//! The invented files as the server's importer reads them: it must find every area, household and person again.

use std::io::Cursor;

use server::import::area_index::{AreaIndex, KnownArea};
use server::import::areas::{AreaTable, read_areas};
use server::import::cells::Date;
use server::import::findings::BadRows;
use server::import::mapping::Mapping;
use server::import::prelist::{Prelist, read_prelist};
use server::import::sheet::{SheetChoice, SheetFile};
use server::import::source_ids::area_id;

use super::{Row, rows, write_csv, write_xlsx};
use crate::households::{Household, households};
use crate::jambi::City;

const HOUSEHOLDS: usize = 3_000;

fn today() -> Date {
    Date::new(2026, 3, 2).unwrap()
}

fn areas(city: &City) -> AreaTable {
    let mut bytes = Vec::new();
    city.write_areas_csv(&mut bytes).unwrap();
    read_areas(&mut SheetFile::from_bytes("areas.csv", bytes).unwrap(), today(), &|_| None)
}

fn index(table: &AreaTable) -> AreaIndex {
    let known = table.areas.iter().map(|area| KnownArea {
        id: area_id("jambi", &area.code),
        code: area.code.clone(),
        level: area.level,
        name: area.name.clone(),
        parent_code: area.parent_code.clone(),
        bps_code: area.bps_code.clone(),
        is_current: area.valid_to.is_none(),
    });
    AreaIndex::new(known.collect())
}

fn read(name: &str, bytes: Vec<u8>, index: &AreaIndex) -> Prelist {
    let mut file = SheetFile::from_bytes(name, bytes).unwrap();
    let (mapping, _) = Mapping::guess(&mut file, &SheetChoice::BestHeader).unwrap();
    read_prelist(&mut file, &mapping, index, today(), &mut |_| {})
}

fn check(city: &City, all: &[Household], rows: &[Row], index: &AreaIndex, prelist: &Prelist) {
    assert!(prelist.allows_import(BadRows::RefuseAll), "{:?}", prelist.findings.counts());
    assert_eq!((prelist.rows_read, prelist.rows_refused), (rows.len() as u64, 0));
    assert_eq!(prelist.households.len(), all.len());
    let people: usize = prelist.households.iter().map(|household| household.persons.len()).sum();
    assert_eq!(people, rows.len(), "{:?}", prelist.findings.counts());
    for (read, invented) in prelist.households.iter().zip(all) {
        assert_eq!(read.key, format!("id/{}", invented.key));
        assert_eq!(index.area(read.area).code, invented.area_code(city), "{}", read.key);
    }
}

#[test]
fn the_importer_takes_the_areas_without_a_remark() {
    let city = City::new(1);
    let table = areas(&city);
    assert_eq!((table.findings.errors(), table.findings.warnings()), (0, 0), "{:?}", table.findings.counts());
    assert_eq!(table.areas.len(), city.areas().len());
}

#[test]
fn the_importer_finds_every_household_and_person_of_both_files() {
    let city = City::new(1);
    let all = households(1, &city, HOUSEHOLDS);
    let rows: Vec<Row> = rows(1, &city, &all).collect();
    let index = index(&areas(&city));
    let mut csv = Vec::new();
    write_csv(&mut csv, rows.iter().cloned()).unwrap();
    check(&city, &all, &rows, &index, &read("prelist.csv", csv, &index));
    let mut xlsx = Cursor::new(Vec::new());
    write_xlsx(&mut xlsx, rows.iter().cloned()).unwrap();
    check(&city, &all, &rows, &index, &read("prelist.xlsx", xlsx.into_inner(), &index));
}
