//! Exported files as other programs read them.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use sync_protocol::exchange::AreaLevel;
use sync_protocol::merge::{Register, Sibling, Stamp};
use sync_protocol::{AreaId, Clock, Collection, Dot, RecordId, Row, UserId, Value, WriterId};

use super::area_paths::{AreaPaths, NamedArea};
use super::cells::ExportCell;
use super::labels::Language;
use super::shown_values::Wording;
use super::tables::{HouseholdRows, Layout, Table};
use super::xlsx_file::XlsxFile;
use super::{Format, TableFile};

const NIK: &str = "1571012304800001";

fn row(collection: Collection, id: u128, registers: &[(&str, Value)]) -> Row {
    let dot = Dot { writer: WriterId::from_u128(9), save: 1 };
    let mut row = Row::new(collection, RecordId::from_u128(id));
    row.stamps.insert(dot, Stamp { clock: Clock(1_750_000_000_000), author: UserId::from_u128(5) });
    let register =
        |value: &Value| Register { siblings: vec![Sibling { dot, value: value.clone() }], ..Register::default() };
    row.registers =
        registers.iter().map(|(name, value)| ((*name).to_owned(), register(value))).collect::<BTreeMap<_, _>>();
    row
}

fn household() -> HouseholdRows {
    let household = row(
        Collection::Household,
        1,
        &[
            ("address", Value::text("=HYPERLINK(\"x\")")),
            ("source/dtsen2025/address", Value::text("Jl. Melati 3")),
            ("source/dtsen2025/decile", Value::integer(2)),
            ("source/dtsen2025/head_name", Value::text("Budi")),
            ("status", Value::text("verified")),
        ],
    );
    let family = row(Collection::Family, 2, &[("source/dtsen2025/card_number", Value::text("1571012304100001"))]);
    let family_id = Value::text(&family.id.to_string());
    let person = row(
        Collection::Person,
        3,
        &[
            ("_family", family_id),
            ("name", Value::text("Budi Santoso")),
            ("nik", Value::text(NIK)),
            ("sex", Value::text("m")),
        ],
    );
    let visit = row(
        Collection::Visit,
        4,
        &[("outcome", Value::text("complete")), ("started_at", Value::integer(1_750_000_000_000))],
    );
    let mut gone = row(Collection::Person, 6, &[("_alive", Value::bool(false))]);
    gone.registers.entry("name".to_owned()).or_default();
    HouseholdRows::gather(AreaId::from_u128(7), [household, family, person, visit, gone]).expect("it has a household")
}

fn areas() -> AreaPaths {
    let area = |id, level, name: &str, code: &str, parent: Option<u128>| NamedArea {
        id: AreaId::from_u128(id),
        code: code.to_owned(),
        level,
        name: name.to_owned(),
        parent: parent.map(AreaId::from_u128),
    };
    AreaPaths::new(&[
        area(7, AreaLevel::Rt, "RT 002", "15.71.04.1001.002", Some(8)),
        area(8, AreaLevel::Village, "Beringin", "15.71.04.1001", Some(9)),
        area(9, AreaLevel::District, "Pasar Jambi", "15.71.04", None),
    ])
}

fn layout(table: Table, language: Language) -> Layout {
    Layout::new(table, Wording { language, utc_offset_minutes: 420 }, &[])
}

fn export(table: Table, format: Format) -> Vec<u8> {
    let layout = layout(table, Language::Id);
    let mut bytes = Vec::new();
    let mut file = TableFile::begin(format, &layout.title(), &layout.header(), &mut bytes).expect("memory");
    let author = |_: UserId| "pcl-01".to_owned();
    file.rows(layout.rows(&household(), &areas(), &author)).expect("memory");
    file.finish().expect("memory");
    bytes
}

fn sheet(bytes: Vec<u8>, name: &str) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    workbook.worksheet_range(name).expect("the sheet").rows().map(<[Data]>::to_vec).collect()
}

fn column(rows: &[Vec<Data>], name: &str) -> Data {
    let at = rows[0].iter().position(|cell| *cell == Data::String(name.to_owned())).expect("the column");
    rows[1][at].clone()
}

#[test]
fn verified_and_prelist_values_stand_side_by_side() {
    let rows = sheet(export(Table::Households, Format::Xlsx), "Rumah tangga");
    assert_eq!(rows.len(), 2);
    let text = |name: &str| column(&rows, name).to_string();
    assert_eq!(text("Alamat (prelist)"), "Jl. Melati 3");
    assert_eq!(text("Alamat"), "=HYPERLINK(\"x\")");
    assert_eq!(text("Nama kepala keluarga (prelist)"), "Budi");
    assert_eq!(text("Nama kepala keluarga"), "");
    assert_eq!(column(&rows, "Desil (prelist)"), Data::Float(2.0));
    assert_eq!(column(&rows, "No KK"), Data::String("1571012304100001".to_owned()));
    assert_eq!(text("Kelurahan"), "Beringin");
    assert_eq!(text("Terakhir diubah"), "2025-06-15 22:06:40");
}

#[test]
fn an_nik_is_a_text_cell_and_a_deleted_person_is_left_out() {
    let rows = sheet(export(Table::Persons, Format::Xlsx), "Anggota");
    assert_eq!(rows.len(), 2);
    assert_eq!(column(&rows, "NIK"), Data::String(NIK.to_owned()));
    assert_eq!(column(&rows, "No KK"), Data::String("1571012304100001".to_owned()));
    assert_eq!(column(&rows, "Jenis kelamin"), Data::String("Laki-laki".to_owned()));
}

#[test]
fn a_visit_names_who_made_it_and_when() {
    let rows = sheet(export(Table::Visits, Format::Xlsx), "Kunjungan");
    assert_eq!(column(&rows, "Petugas"), Data::String("pcl-01".to_owned()));
    assert_eq!(column(&rows, "Mulai"), Data::String("2025-06-15 22:06:40".to_owned()));
}

#[test]
fn a_csv_says_the_same_and_runs_no_formula() {
    let bytes = export(Table::Households, Format::Csv);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let body = text.strip_prefix('\u{feff}').expect("the mark");
    let mut reader = csv::Reader::from_reader(body.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let record = reader.records().next().expect("a row").expect("readable");
    let field = |name: &str| header.iter().position(|own| own == name).map(|at| record[at].to_owned());
    assert_eq!(field("Alamat").as_deref(), Some("'=HYPERLINK(\"x\")"));
    assert_eq!(field("Desil (prelist)").as_deref(), Some("2"));
}

#[test]
fn the_header_speaks_english_when_asked() {
    let header = layout(Table::Persons, Language::En).header();
    assert!(header.contains(&"Date of birth (prelist)".to_owned()));
    for table in [Table::Households, Table::Persons, Table::Visits] {
        let rows = layout(table, Language::En).rows(&household(), &areas(), &|_| String::new());
        assert_eq!(rows[0].len(), layout(table, Language::En).header().len());
    }
}

#[test]
fn rows_beyond_a_sheet_go_on_in_the_next() {
    let mut bytes = Vec::new();
    let mut file = XlsxFile::begin_with("Anggota", &["Nama".to_owned()], &mut bytes, 3).expect("memory");
    for name in ["A", "B", "C"] {
        file.row(&[ExportCell::text(name)]).expect("memory");
    }
    file.finish().expect("memory");
    assert_eq!(sheet(bytes.clone(), "Anggota").len(), 3);
    assert_eq!(sheet(bytes, "Anggota 2"), [[Data::String("Nama".into())], [Data::String("C".into())]]);
}
