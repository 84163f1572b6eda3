//! The invented city's list, read as the office reads it: every fault named, nobody lost, nobody in the wrong place.

use std::collections::BTreeMap;
use std::io::Cursor;

use server::import::area_index::{AreaIndex, KnownArea};
use server::import::areas::read_areas;
use server::import::cells::Date;
use server::import::findings::BadRows;
use server::import::mapping::Mapping;
use server::import::prelist::{Prelist, Registers, read_prelist};
use server::import::sheet::{SheetChoice, SheetFile};
use server::import::source_ids::area_id;

use super::{NikFault, Row, rows, write_csv, write_xlsx};
use crate::households::{Household, households};
use crate::jambi::City;

const SEED: u64 = 1;
const HOUSEHOLDS: usize = 2_000;

struct World {
    city: City,
    households: Vec<Household>,
    rows: Vec<Row>,
    index: AreaIndex,
}

impl World {
    fn new() -> World {
        let city = City::new(SEED);
        let households = households(SEED, &city, HOUSEHOLDS);
        let rows = rows(SEED, &city, &households).collect();
        let mut areas = Vec::new();
        city.write_areas_csv(&mut areas).unwrap();
        let mut file = SheetFile::from_bytes("areas.csv", areas).unwrap();
        let table = read_areas(&mut file, today(), &|_| None);
        assert_eq!(table.findings.errors(), 0, "{:?}", table.findings.list().first());
        assert_eq!(table.areas.len(), city.areas().len(), "no kelurahan lacks its unknown RT");
        let known = table.areas.into_iter().map(|area| KnownArea {
            id: area_id("test", &area.code),
            is_current: area.valid_to.is_none(),
            code: area.code,
            level: area.level,
            name: area.name,
            parent_code: area.parent_code,
            bps_code: area.bps_code,
        });
        let index = AreaIndex::new(known.collect());
        World { city, households, rows, index }
    }

    fn read(&self, mut file: SheetFile) -> Prelist {
        let (mapping, _) = Mapping::guess(&mut file, &SheetChoice::BestHeader).unwrap();
        read_prelist(&mut file, &mapping, &self.index, today(), &mut |_| {})
    }

    fn check(&self, prelist: &Prelist) {
        assert!(prelist.allows_import(BadRows::RefuseAll), "{:?}", prelist.findings.list().first());
        assert_eq!((prelist.rows_read, prelist.rows_refused), (self.rows.len() as u64, 0));
        let by_key: BTreeMap<&str, &Household> = self.households.iter().map(|h| (h.key.as_str(), h)).collect();
        assert_eq!(prelist.households.len(), by_key.len());
        for read in &prelist.households {
            let invented = by_key[read.key.strip_prefix("id/").unwrap()];
            assert_eq!(self.index.area(read.area).code, invented.area_code(&self.city));
            assert_eq!(read.persons.len(), invented.people().count());
        }
        let read: BTreeMap<u32, &Registers> =
            prelist.households.iter().flat_map(|h| &h.persons).map(|p| (p.source_row, &p.registers)).collect();
        let text = |registers: &Registers, name: &str| registers.find(name).and_then(sync_protocol::Value::as_text);
        for (row, registers) in self.rows.iter().zip(read.values()) {
            let nik = matches!(row.nik_fault, NikFault::None | NikFault::Mistyped).then(|| row.nik.clone());
            assert_eq!(text(registers, "nik"), nik);
            assert_eq!(text(registers, "birth_date"), row.birth_date.map(|date| date.to_string()));
            assert_eq!(text(registers, "name").as_deref(), Some(row.name.as_str()));
        }
        let lengths = self.rows.iter().filter(|row| row.nik_fault == NikFault::WrongLength).count() as u64;
        assert_eq!(prelist.findings.counts().get("number_length").copied().unwrap_or(0), lengths);
    }
}

fn today() -> Date {
    Date::new(2026, 1, 1).unwrap()
}

#[test]
fn the_csv_is_read_whole_with_its_faults_named() {
    let world = World::new();
    let mut bytes = Vec::new();
    write_csv(&mut bytes, world.rows.iter().cloned()).unwrap();
    world.check(&world.read(SheetFile::from_bytes("prelist.csv", bytes).unwrap()));
}

#[test]
fn the_workbook_says_the_same_as_the_csv() {
    let world = World::new();
    let mut bytes = Cursor::new(Vec::new());
    write_xlsx(&mut bytes, world.rows.iter().cloned()).unwrap();
    world.check(&world.read(SheetFile::from_bytes("prelist.xlsx", bytes.into_inner()).unwrap()));
}
