//! Workbooks of every format, sound and hostile.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(*name, options).expect("the name is good");
        archive.write_all(bytes).expect("memory takes all");
    }
    archive.finish().expect("memory takes all").into_inner()
}

const WORKBOOK: &[u8] = br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
    <sheets><sheet name="Survey" sheetId="1" r:id="r1"/><sheet name="notes" sheetId="2" r:id="r1"/></sheets></workbook>"#;
const PACKAGE: &[u8] = br#"<Relationships><Relationship Id="r1" Target="xl/workbook.xml"
    Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"#;
const RELATIONS: &[u8] = br#"<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"
    Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>"#;
const STYLES: &[u8] = br#"<styleSheet><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;

fn xlsx(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    archive(&[
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ])
}

#[test]
fn an_xlsx_is_read_as_a_person_sees_it() {
    let sheet = br#"<worksheet><sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t> inside </t></is></c><c r="B3"><v>1.0</v></c><c r="C3" t="b"><v>1</v></c>
        <c r="D3" s="1"><v>39793</v></c><c r="E3" t="str"><f>1&amp;2</f><v>12</v></c><c r="F3" s="1"/></row>
        </sheetData></worksheet>"#;
    let strings = br#"<sst uniqueCount="2"><si><t>type</t></si><si><r><t>na</t></r><r><t>me</t></r></si></sst>"#;
    let workbook = read("x.xlsx", &xlsx(sheet, strings)).expect("it is a workbook");
    let expected = Sheet::of("Survey", [vec!["type", "name"], vec![], vec!["inside", "1", "TRUE", "2008-12-11", "12"]]);
    assert_eq!(workbook.sheets[0], expected);
    assert!(workbook.sheets[1].rows.is_empty(), "sheets that are no part of a form are not read");
}

#[test]
fn an_ods_is_read_as_a_person_sees_it() {
    let content = br#"<office:document-content><table:table table:name="survey">
        <table:table-row><table:table-cell office:value-type="string"><text:p>type</text:p></table:table-cell>
        <table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell></table:table-row>
        <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="3"/></table:table-row>
        <table:table-row><table:table-cell office:value-type="float" office:value="1"><text:p>1,00</text:p></table:table-cell>
        <table:table-cell office:value-type="date" office:date-value="2026-08-17"/>
        <table:table-cell office:value-type="time" office:time-value="PT08H30M00S"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        </table:table></office:document-content>"#;
    // Between cells the reader bears no white space, as LibreOffice writes none.
    let content = String::from_utf8_lossy(content).replace('\n', "").replace(">        <", "><");
    let ods = archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ]);
    let workbook = read("x.ods", &ods).expect("it is a workbook");
    let expected = Sheet::of("survey", [vec!["type", "x", "x"], vec![], vec![], vec!["1", "2026-08-17", "08:30:00"]]);
    assert_eq!(workbook.sheets, [expected]);
}

#[test]
fn an_xls_is_read_as_a_person_sees_it() {
    let bytes = include_bytes!("../../fuzz/corpus/workbook/10");
    let workbook = read("x.xls", &bytes[1..]).expect("it is a workbook");
    let expected =
        Sheet::of("survey", [vec!["type", "name", "label"], vec!["integer", "a", "1"], vec!["text", "b", "TRUE"]]);
    assert_eq!(workbook.sheets, [expected]);
    for length in (0..bytes.len()).step_by(97) {
        let _ = read("x.xls", &bytes[1..length.max(1)]);
    }
}

#[test]
fn a_file_that_unpacks_to_too_much_is_refused() {
    let zeros = vec![b' '; usize::try_from(INFLATED_BYTES_MAX).expect("it fits") + 1];
    let bomb = xlsx(&zeros, b"<sst/>");
    assert!(bomb.len() < 1 << 20);
    assert_eq!(read("x.xlsx", &bomb), Err(FileFault::InflatesTooFar));
}

#[test]
fn texts_that_are_shared_too_often_are_refused() {
    let strings = format!("<sst uniqueCount=\"1\"><si><t>{}</t></si></sst>", "x".repeat(1 << 20));
    let cells: String =
        (1..=100).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>")).collect();
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    assert_eq!(read("x.xlsx", &xlsx(sheet.as_bytes(), strings.as_bytes())), Err(FileFault::TooManyCells));
}

#[test]
fn other_archives_are_no_workbooks() {
    assert_eq!(read("x.zip", &archive(&[("a.txt", b"hello")])), Err(FileFault::NotAWorkbook));
    let xlsb = archive(&[("_rels/.rels", b"<Relationships></Relationships>"), ("xl/workbook.bin", b"x")]);
    assert_eq!(read("x.xlsb", &xlsb), Err(FileFault::NotAWorkbook));
}

#[test]
fn a_file_without_a_form_is_refused_for_its_reason() {
    for (bytes, expected) in [
        (&b""[..], FileFault::Empty),
        (b"PK\x03\x04 and no more", FileFault::Damaged),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", FileFault::Damaged),
        (b"\x7fELF\x00\x01", FileFault::NotAWorkbook),
        (b"type,name\ntext,caf\xe9", FileFault::NotUtf8 { line: 2 }),
    ] {
        assert_eq!(read("x", bytes), Err(expected));
    }
    let large = vec![b'a'; FILE_BYTES_MAX + 1];
    assert_eq!(read("x", &large), Err(FileFault::TooLarge { bytes_max: FILE_BYTES_MAX }));
}

#[test]
fn a_set_of_csv_files_is_one_workbook() {
    let files: [(&str, &[u8]); 3] = [
        ("forms/survey.csv", b"type,name\ntext,a\n"),
        ("Choices.csv", b"list_name,name\nx,1\n"),
        ("villages.csv", b"name\n1\n"),
    ];
    let workbook = read_set(&files).expect("all three are CSV");
    assert_eq!(workbook.sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["survey", "Choices"]);
}

#[test]
fn a_file_is_called_by_its_stem() {
    for (name, expected) in [("a/b.c.xlsx", "b.c"), ("x", "x"), (".csv", ".csv"), ("C:\\f\\y.xls", "y")] {
        assert_eq!(stem(name), expected);
    }
}

#[test]
fn cells_in_disorder_are_put_in_order() {
    let mut growing = Growing::new("s");
    let mut allowance = Allowance::new();
    for (row, column, text) in [(2, 1, "d"), (0, 1, "b"), (0, 0, "a"), (2, 0, "c"), (2, 0, "again")] {
        growing.add(row, column, text, &mut allowance).expect("within the bounds");
    }
    let sheet = growing.finish();
    assert_eq!(sheet, Sheet::of("s", [vec!["a", "b"], vec![], vec!["c", "d"]]));
}
