//! Prelists as they come: what becomes a household, what is named, and what must never be taken for an NIK.

use std::collections::{BTreeMap, HashMap};

use rust_xlsxwriter::Workbook;
use sync_protocol::exchange::AreaLevel;
use sync_protocol::{AreaId, Collection, RecordId, Value};

use super::area_index::{AreaIndex, KnownArea};
use super::cells::Date;
use super::findings::BadRows;
use super::mapping::{ColumnUse, Field, Mapping, RegisterOwner, RowUnit};
use super::messy_sheets::{csv, xlsx};
use super::plan::{Action, Existing, ExistingRecord, NothingYet, PlanSummary, PlannedHousehold, Planner};
use super::prelist::{Prelist, Registers, read_prelist};
use super::sheet::{SheetChoice, SheetFile};

const HEADER: &str = "No,Kecamatan,Kelurahan,RW,RT,No KK,Nama Kepala Keluarga,NIK,Nama,Hubungan,Jenis Kelamin,Tanggal Lahir,Alamat,Desil\n";

pub(super) fn index() -> AreaIndex {
    let area = |code: &str, level, name: &str, parent: &str| KnownArea {
        id: AreaId::from_u128(code.bytes().fold(7, |sum, byte| sum * 131 + u128::from(byte))),
        code: code.to_owned(),
        level,
        name: name.to_owned(),
        parent_code: Some(parent.to_owned()),
        bps_code: None,
        is_current: true,
    };
    AreaIndex::new(vec![
        area("15.71.04", AreaLevel::District, "Pasar Jambi", "15.71"),
        area("15.71.04.1001", AreaLevel::Village, "Beringin", "15.71.04"),
        area("15.71.04.1001.001", AreaLevel::Rt, "RT 001", "15.71.04.1001"),
        area("15.71.04.1001.002", AreaLevel::Rt, "RT 002", "15.71.04.1001"),
        area("15.71.04.1001.000", AreaLevel::Rt, "RT belum diketahui", "15.71.04.1001"),
        area("15.71.04.1002", AreaLevel::Village, "Orang Kayo Hitam", "15.71.04"),
        area("15.71.04.1002.000", AreaLevel::Rt, "RT belum diketahui", "15.71.04.1002"),
    ])
}

fn today() -> Date {
    Date::new(2025, 6, 30).expect("a day")
}

fn read(file: &mut SheetFile, index: &AreaIndex) -> Prelist {
    let (mapping, _) = Mapping::guess(file, &SheetChoice::BestHeader).expect("a header");
    read_prelist(file, &mapping, index, today(), &mut |_| {})
}

fn read_rows(rows: &str) -> Prelist {
    read(&mut csv(format!("{HEADER}{rows}")), &index())
}

fn found(prelist: &Prelist) -> Vec<(u32, &str, &'static str)> {
    prelist.findings.list().iter().map(|finding| (finding.row, finding.column.as_str(), finding.code)).collect()
}

fn text(registers: &Registers, name: &str) -> String {
    registers.find(name).map(|value| value.as_text().unwrap_or_else(|| value.as_str().to_owned())).unwrap_or_default()
}

#[test]
fn rows_of_one_card_become_one_household_with_its_members() {
    let prelist = read_rows(
        "1,Pasar Jambi,Beringin,01,02,1571042304100001,Budi,1571042304800001,Budi,Kepala keluarga,L,23/04/1980,Jl. Melati 3,2\n\
         2,Pasar Jambi,Beringin,01,02,1571042304100001,Budi,1571046405820002,Siti,Istri,P,24 Mei 1982,Jl. Melati 3,2\n\
         3,Pasar Jambi,Orang Kayo Hitam,-,-,-,Anwar,-,Anwar,Kepala keluarga,L,-,Gang Buntu,0\n\
         4,Pasar Jambi,Orang Kayo Hitam,-,-,-,Anwar,,Rina,Anak,P,,Gang Buntu,0\n",
    );
    assert_eq!(found(&prelist), []);
    let [first, second] = prelist.households.as_slice() else {
        panic!("two households: {:?}", prelist.households.len())
    };
    let index = index();
    assert_eq!(index.area(first.area).code, "15.71.04.1001.002");
    assert_eq!(text(&first.registers, "address"), "Jl. Melati 3");
    assert_eq!(text(&first.registers, "decile"), "2");
    assert_eq!(text(&first.families[0].registers, "card_number"), "1571042304100001");
    assert_eq!(first.persons.len(), 2);
    assert_eq!(text(&first.persons[1].registers, "birth_date"), "1982-05-24");
    assert_eq!(text(&first.persons[1].registers, "sex"), "f");
    assert_eq!(index.area(second.area).code, "15.71.04.1002.000");
    assert_eq!(second.persons.len(), 2);
    assert_eq!(second.registers.find("decile"), None);
    assert_eq!(second.source_row, 4);
}

#[test]
fn a_number_that_lost_its_last_digit_is_named_row_by_row_and_never_an_nik() {
    let mut file = xlsx(|workbook: &mut Workbook| {
        let sheet = workbook.add_worksheet();
        for (column, name) in ["Kelurahan", "NIK", "Nama", "No KK"].into_iter().enumerate() {
            sheet.write_string(4, column as u16, name).expect("fits");
        }
        for row in 5..8 {
            sheet.write_string(row, 0, "Beringin").expect("fits");
            sheet.write_number(row, 1, 1_571_042_304_800_001.0 + f64::from(row)).expect("fits");
            sheet.write_string(row, 2, format!("Orang {row}")).expect("fits");
            sheet.write_string(row, 3, "1571042304100001").expect("fits");
        }
        sheet.write_string(7, 1, "1571042304800009").expect("fits");
    });
    let prelist = read(&mut file, &index());
    assert_eq!(found(&prelist), [(6, "B", "digits_lost"), (7, "B", "digits_lost")]);
    assert!(!prelist.allows_import(BadRows::RefuseAll));
    assert!(prelist.allows_import(BadRows::Skip));
    let niks: Vec<String> = prelist.households[0].persons.iter().map(|person| text(&person.registers, "nik")).collect();
    assert_eq!(niks, ["", "", "1571042304800009"]);

    let from_text = read_rows("1,,Beringin,,,\"1,571E+15\",Budi,1.571E+15,Budi,,,,,\n");
    assert_eq!(found(&from_text), [(2, "F", "digits_lost"), (2, "H", "digits_lost")]);
}

#[test]
fn a_file_whose_numbers_all_end_in_zero_was_rounded_and_is_refused_as_a_whole() {
    let rows: String = (10..60)
        .map(|number| format!("{number},,Beringin,,,,Kepala {number},157104230480{number}00,Orang {number},,,,,\n"))
        .collect();
    let prelist = read_rows(&rows);
    assert_eq!(found(&prelist).last(), Some(&(1, "H", "digits_lost_everywhere")));
    assert!(!prelist.allows_import(BadRows::Skip));
}

#[test]
fn every_doubt_of_a_row_is_named_with_its_cell() {
    let prelist = read_rows(
        "1,,Beringgin,,9,157104230410000,Budi,1571042304800001,Budi,,P,24-04-1980,A,12\n\
         2,,Beringin,,dua,,Ani,9999999999999999,Ani,,x,31-02-1980,B,\n\
         3,,Beringin,,1,,Cici,15710423048000,Cici,,P,01-01-2030,C,\n\
         4,,Tebing,,1,,Dodi,,Dodi,,,,,\n\
         5,,Beringin,,1,,,,,,,,,\n\
         6,,,,1,,Emi,,Emi,,,,,\n",
    );
    let mut found = found(&prelist);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (2, "C", "area_guessed"),
            (2, "E", "rt_unknown"),
            (2, "F", "number_length"),
            (2, "H", "nik_birth_date"),
            (2, "H", "nik_sex"),
            (2, "N", "decile_range"),
            (3, "E", "rt_unreadable"),
            (3, "H", "number_placeholder"),
            (3, "K", "sex_unknown"),
            (3, "L", "date_unreadable"),
            (4, "H", "number_length"),
            (4, "L", "date_range"),
            (5, "C", "area_unknown"),
            (6, "I", "name_missing"),
            (7, "C", "area_missing"),
        ]
    );
    assert_eq!((prelist.rows_read, prelist.rows_refused, prelist.households.len()), (6, 3, 3));
    let [first, second, third] = prelist.households.as_slice() else { panic!("three are good enough") };
    assert_eq!(text(&first.families[0].registers, "card_number_raw"), "157104230410000");
    assert_eq!(text(&first.registers, "rt_raw"), "9");
    assert_eq!(text(&first.persons[0].registers, "nik"), "1571042304800001");
    assert_eq!(text(&second.persons[0].registers, "birth_date_raw"), "31-02-1980");
    assert_eq!(text(&third.persons[0].registers, "nik_raw"), "15710423048000");
    assert_eq!(third.persons[0].registers.find("nik"), None);
}

#[test]
fn repeated_rows_and_numbers_are_named_and_nobody_is_doubled() {
    let prelist = read_rows(
        "1,,Beringin,,1,1571042304100001,Budi,1571042304800001,Budi,,,,A,\n\
         2,,Beringin,,1,1571042304100001,Budi,1571042304800001,Budi,,,,A,\n\
         3,,Orang Kayo Hitam,,,1571042304100001,Budi,1571042304800001,Budi,,,,A,\n\
         4,,Beringin,,2,1571042304100001,Budi S,1571042304800001,Budy,,,,B,\n",
    );
    assert_eq!(
        found(&prelist),
        [
            (3, "", "duplicate_row"),
            (4, "H", "duplicate_nik"),
            (4, "F", "card_in_two_areas"),
            (5, "H", "duplicate_nik"),
            (5, "", "area_differs"),
            (5, "M", "household_differs"),
            (5, "G", "family_differs"),
        ]
    );
    assert_eq!(prelist.households.len(), 2);
    let keys: Vec<&str> = prelist.households[0].persons.iter().map(|person| person.key.as_str()).collect();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn ids_of_the_source_may_stand_once_only() {
    let mut file = csv("ID Individu,ID Rumah Tangga,Kelurahan,Nama\n\
         p1,h1,Beringin,A\np2,h1,Beringin,B\np1,h1,Beringin,C\n");
    let prelist = read(&mut file, &index());
    assert_eq!(found(&prelist), [(4, "A", "duplicate_id")]);
    let mut file = csv("ID Rumah Tangga,Kelurahan,Nama Kepala Keluarga\nh1,Beringin,A\nh1,Beringin,B\n");
    let prelist = read(&mut file, &index());
    assert_eq!(found(&prelist), [(3, "", "duplicate_id")]);
}

#[test]
fn a_list_of_families_names_each_head() {
    let mut file = csv("No. KK;Nama KK;NIK Kepala Keluarga;Alamat;RT/RW;Kelurahan\n\
         1571042304100001;Budi;1571042304800001;Jl. A;002/001;Kel. Beringin\n");
    let (mapping, _) = Mapping::guess(&mut file, &SheetChoice::BestHeader).expect("a header");
    assert_eq!(mapping.unit, RowUnit::Family);
    let index = index();
    let prelist = read_prelist(&mut file, &mapping, &index, today(), &mut |_| {});
    assert_eq!(found(&prelist), []);
    let household = &prelist.households[0];
    assert_eq!(index.area(household.area).code, "15.71.04.1001.002");
    assert_eq!(text(&household.persons[0].registers, "name"), "Budi");
    assert_eq!(household.persons[0].family, Some(0));
}

#[test]
fn headers_repeated_on_every_page_column_numbers_and_totals_are_no_people() {
    let mut file = csv(
        "DAFTAR PENERIMA\n\nNo,Nama,NIK,Kelurahan\n1,2,3,4\n1,A,-,Beringin\nNo,Nama,NIK,Kelurahan\n2,B,-,Beringin\nJumlah,,,2\n",
    );
    let prelist = read(&mut file, &index());
    assert_eq!(found(&prelist), []);
    assert_eq!(prelist.rows_read, 2);
}

#[test]
fn a_header_that_lacks_what_is_needed_is_refused_with_what_it_lacks() {
    let mut file = csv("NIK,Nama,Alamat\n-,A,B\n");
    let prelist = read(&mut file, &index());
    assert_eq!(found(&prelist), [(1, "", "column_missing")]);
    assert_eq!(prelist.findings.list()[0].sentence, "No column gives the kelurahan.");
    let mapping = Mapping {
        unit: RowUnit::Person,
        sheet: SheetChoice::BestHeader,
        columns: ["Nama", "Alamat", "Kelurahan", "Pekerjaan"]
            .map(|header| ColumnUse {
                header: header.to_owned(),
                field: super::header_words::guess_field(header)
                    .unwrap_or(Field::Register { owner: RegisterOwner::Person, name: "job".to_owned() }),
            })
            .into(),
    };
    let prelist = read_prelist(&mut file, &mapping, &index(), today(), &mut |_| {});
    assert_eq!(prelist.findings.counts().get("column_missing"), Some(&3));
}

#[test]
fn half_a_file_is_refused_even_where_bad_rows_may_be_skipped() {
    let prelist = read_rows("1,,Beringin,,1,,Budi,,Budi,,,,\"Jl. Mel");
    assert_eq!(found(&prelist), [(2, "", "open_quote")]);
    assert!(!prelist.allows_import(BadRows::Skip));
}

#[test]
fn broken_bytes_refuse_their_row_alone() {
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend_from_slice("1,,Beringin,,1,,Renée,,Renée,,,,,\n2,,Beringin,,1,,An".as_bytes());
    bytes.extend_from_slice(b"\xff,,An\xffi,,,,,\n");
    let prelist = read(&mut csv(bytes), &index());
    assert_eq!(found(&prelist), [(3, "G", "invalid_utf8"), (3, "I", "invalid_utf8")]);
    assert_eq!(prelist.households.len(), 1);
}

/// A register that remembers what plans would have written.
#[derive(Default)]
struct Remembered(HashMap<RecordId, ExistingRecord>);

impl Existing for Remembered {
    type Error = std::convert::Infallible;

    fn find_records(
        &mut self,
        ids: &[(Collection, RecordId)],
        _: &str,
    ) -> Result<HashMap<RecordId, ExistingRecord>, Self::Error> {
        Ok(ids.iter().filter_map(|(_, id)| Some((*id, self.0.get(id)?.clone()))).collect())
    }
}

impl Remembered {
    fn apply(&mut self, household: PlannedHousehold) {
        for record in household.records {
            let known = self.0.entry(record.id).or_default();
            known.area = Some(household.area);
            let values: BTreeMap<String, Value> =
                record.registers.into_iter().filter(|(name, _)| name.starts_with("source/")).collect();
            known.source_registers.extend(values);
        }
    }
}

fn plan<E: Existing<Error = std::convert::Infallible>>(
    prelist: &Prelist,
    existing: &mut E,
) -> (PlanSummary, Vec<PlannedHousehold>) {
    let index = index();
    let planner = Planner { project: "jambi", source: "dtsen2025", areas: &index };
    let mut planned = Vec::new();
    let Ok(summary) = planner.plan(&prelist.households, existing, |household| {
        planned.push(household);
        Ok(())
    });
    (summary, planned)
}

const TWO: &str = "1,,Beringin,,02,1571042304100001,Budi,1571042304800001,Budi,,L,,Jl. Melati 3,2\n\
                   2,,Beringin,,02,1571042304100001,Budi,,Siti,,P,,Jl. Melati 3,2\n";

#[test]
fn a_new_household_gets_its_place_and_values_that_nobody_verified() {
    let (summary, planned) = plan(&read_rows(TWO), &mut NothingYet);
    assert_eq!(summary.count(Collection::Person, Action::Create), 2);
    let [household, family, person, _] = planned[0].records.as_slice() else { panic!("four records") };
    let names: Vec<&str> = household.registers.keys().map(String::as_str).collect();
    let imported = ["address", "decile", "head_name", "rt"].map(|name| format!("source/dtsen2025/{name}"));
    assert_eq!(names[0], "_area");
    assert_eq!(names[1..], imported);
    assert_eq!(household.registers["_area"].as_text(), Some(planned[0].area.to_string()));
    assert_eq!(household.registers["source/dtsen2025/decile"].as_str(), "2");
    assert_eq!(family.registers["_parent"].as_text(), Some(household.id.to_string()));
    assert_eq!(person.registers["_family"].as_text(), Some(family.id.to_string()));
    assert_eq!(person.registers["source/dtsen2025/nik"].as_text().as_deref(), Some("1571042304800001"));
    assert!(person.registers.keys().all(|name| name.starts_with("source/dtsen2025/") || name.starts_with('_')));
}

#[test]
fn the_same_file_again_changes_nothing_and_a_newer_one_only_what_differs() {
    let mut register = Remembered::default();
    for household in plan(&read_rows(TWO), &mut register).1 {
        register.apply(household);
    }
    let (again, planned) = plan(&read_rows(TWO), &mut register);
    assert_eq!(again.count(Collection::Household, Action::Same), 1);
    assert_eq!(again.count(Collection::Person, Action::Same), 2);
    assert!(!planned[0].writes());

    let newer = TWO.replace(",2\n", ",3\n").replace("Jl. Melati 3", "").replace(",02,", ",01,");
    let (changed, planned) = plan(&read_rows(&newer), &mut register);
    assert_eq!(changed.count(Collection::Household, Action::Change), 1);
    assert_eq!(changed.count(Collection::Person, Action::Same), 2);
    assert_eq!(changed.stand_elsewhere, 1);
    let written: Vec<(&str, &str)> =
        planned[0].records[0].registers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        written,
        [("source/dtsen2025/address", "null"), ("source/dtsen2025/decile", "3"), ("source/dtsen2025/rt", "\"001\""),]
    );
}

#[test]
fn an_import_raises_no_deleted_household() {
    let mut register = Remembered::default();
    for household in plan(&read_rows(TWO), &mut register).1 {
        let root = household.records[0].id;
        register.apply(household);
        register.0.get_mut(&root).expect("just applied").is_deleted = true;
    }
    let (summary, planned) = plan(&read_rows(&TWO.replace(",2\n", ",3\n")), &mut register);
    assert_eq!(summary.count(Collection::Household, Action::Refuse), 1);
    assert_eq!(summary.count(Collection::Person, Action::Refuse), 2);
    assert!(!planned[0].writes());
}
