//! Tables as offices really send them: what the reader makes of broken, packed, merged and oddly encoded files.

use std::io::Write;
use std::ops::ControlFlow;

use rust_xlsxwriter::{Format, Workbook};

use super::cells::{Cell, Fault};
use super::findings::Findings;
use super::mapping::{Mapping, Preview};
use super::sheet::{Encoding, SheetChoice, SheetError, SheetFile};

pub(super) fn csv(text: impl AsRef<[u8]>) -> SheetFile {
    SheetFile::from_bytes("daftar.csv", text.as_ref().to_vec()).expect("the bounds hold")
}

pub(super) fn xlsx(fill: impl FnOnce(&mut Workbook)) -> SheetFile {
    SheetFile::from_bytes("daftar.xlsx", xlsx_bytes(fill)).expect("the bounds hold")
}

fn xlsx_bytes(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    workbook.save_to_buffer().expect("a workbook in memory can be written")
}

fn rows(file: &mut SheetFile, sheet: usize) -> Result<Vec<(u32, Vec<String>)>, SheetError> {
    let mut rows = Vec::new();
    file.for_each_row(sheet, &mut |row| {
        rows.push((row.number, row.cells.iter().map(Cell::to_text).collect()));
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn error_of(file: Result<SheetFile, SheetError>) -> SheetError {
    match file.and_then(|mut file| rows(&mut file, 0)) {
        Ok(_) => panic!("the file should be refused"),
        Err(error) => error,
    }
}

#[test]
fn every_delimiter_is_found_out() {
    for delimiter in [",", ";", "\t"] {
        let text = ["No KK|Nama|Alamat", "1|A|\"Jl. X, no; 1\"", "2|B|Jl. Y, RT 2"].join("\n").replace('|', delimiter);
        let text = if delimiter == "," { text.replace("Jl. Y, RT 2", "\"Jl. Y, RT 2\"") } else { text };
        let read = rows(&mut csv(text), 0).expect("readable");
        assert_eq!(read[0], (1, texts(&["No KK", "Nama", "Alamat"])));
        assert_eq!(read[2], (3, texts(&["2", "B", "Jl. Y, RT 2"])));
    }
}

#[test]
fn every_line_end_is_understood_and_rows_are_numbered_as_lines() {
    for line_end in ["\n", "\r\n", "\r"] {
        let text = "Nama,NIK\n\n\"A\nB\",1\npipa 5\",\"a \"\"b\"\"\"\n".replace('\n', line_end);
        let read = rows(&mut csv(text), 0).expect("readable");
        assert_eq!(read[1], (3, texts(&["A\nB", "1"])));
        assert_eq!(read[2], (5, texts(&["pipa 5\"", "a \"b\""])));
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_header() {
    let read = rows(&mut csv("\u{feff}Nama,NIK\nA,1\n"), 0).expect("readable");
    assert_eq!(read[0].1, texts(&["Nama", "NIK"]));
}

#[test]
fn windows_1252_is_read_where_nothing_speaks_for_utf8() {
    let mut file = csv(b"Nama,Alamat\nRen\xe9,Gang \x93A\x94\n");
    assert_eq!(file.encoding(), Some(Encoding::Windows1252));
    assert_eq!(rows(&mut file, 0).expect("readable")[1].1, texts(&["René", "Gang “A”"]));
}

#[test]
fn one_broken_character_in_utf8_faults_its_cell_alone() {
    let mut file = csv(b"Nama,Alamat\nRen\xc3\xa9,A\nAn\xffi,B\n");
    assert_eq!(file.encoding(), Some(Encoding::Utf8));
    let mut cells = Vec::new();
    file.for_each_row(0, &mut |row| {
        cells.push(row.cell(0).clone());
        ControlFlow::Continue(())
    })
    .expect("readable");
    assert_eq!(cells[1..], [Cell::Text("René".to_owned()), Cell::Fault(Fault::Encoding)]);
}

#[test]
fn half_a_csv_names_the_row_where_it_breaks_off() {
    let open = error_of(Ok(csv("Nama,Alamat\nA,B\nC,\"Jl. Mel")));
    assert_eq!((open.code(), open.row()), ("open_quote", 3));
    let open_early = error_of(Ok(csv("Nama,Alamat\nA,\"B\nC,D\nE,F\n")));
    assert_eq!((open_early.code(), open_early.row()), ("open_quote", 2));
    let short = error_of(Ok(csv("Nama,NIK,Alamat\nA,1,B\nC,2")));
    assert_eq!((short.code(), short.row()), ("half_a_row", 3));
    let whole = rows(&mut csv("Nama,NIK\nA,1\nC,2"), 0).expect("only the last line end is missing");
    assert_eq!(whole.len(), 3);
}

#[test]
fn half_an_xlsx_is_refused_with_a_sentence() {
    let bytes = xlsx_bytes(|workbook| {
        workbook.add_worksheet().write_string(0, 0, "Nama").expect("fits");
    });
    let error = error_of(SheetFile::from_bytes("a.xlsx", bytes[..bytes.len() / 2].to_vec()));
    assert_eq!(error.code(), "file_damaged");
    let mut findings = Findings::new("a.xlsx", "");
    error.report(&mut findings);
    assert!(findings.list()[0].sentence.starts_with("The file is damaged"));
}

#[test]
fn what_is_no_table_is_refused() {
    assert_eq!(error_of(SheetFile::from_bytes("a.csv", b"\0\x01\x02binary\0".to_vec())).code(), "not_a_table");
    let utf16: Vec<u8> = "Nama\tNIK\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(error_of(SheetFile::from_bytes("a.txt", utf16)).code(), "not_a_table");
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    packed.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).expect("a fresh archive");
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..64 {
        packed.write_all(&zeros).expect("memory");
    }
    let bytes = packed.finish().expect("memory").into_inner();
    assert!(bytes.len() < 128 << 10);
    assert_eq!(error_of(SheetFile::from_bytes("a.xlsx", bytes)).code(), "inflates_too_far");
}

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        packed.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a fresh archive");
        packed.write_all(text.as_bytes()).expect("memory");
    }
    packed.finish().expect("memory").into_inner()
}

#[test]
fn a_table_that_never_ends_is_refused_instead_of_being_read_for_ever() {
    let ods = |content: &str| {
        let parts = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content)];
        SheetFile::from_bytes("a.ods", packed(&parts))
    };
    let begun =
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"a\"><table:table-row>";
    for content in [begun.to_owned(), format!("{begun}<table:table-cell><text:p>x</text:p>")] {
        assert_eq!(error_of(ods(&content)).code(), "file_damaged");
    }
}

#[test]
fn shared_texts_are_not_believed_how_many_they_are() {
    let texts = "<sst uniqueCount=\"99999999999\"></sst>";
    let bytes = packed(&[("xl/workbook.xml", "<workbook/>"), ("xl/sharedStrings.xml", texts)]);
    assert_eq!(error_of(SheetFile::from_bytes("a.xlsx", bytes)).code(), "file_damaged");
}

#[test]
fn a_damaged_xls_is_refused_whatever_is_wrong_with_it() {
    let magic = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    for seed in 0_u8..32 {
        let noise = (0..4_096_usize).map(|at| seed.wrapping_mul(31).wrapping_add(((at * at) >> 3) as u8));
        let bytes = magic.into_iter().chain(noise).collect::<Vec<u8>>();
        assert_eq!(error_of(SheetFile::from_bytes("a.xls", bytes)).code(), "file_damaged");
    }
}

#[test]
fn cells_keep_their_types_and_merged_cells_are_filled() {
    let mut file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        let date = Format::new().set_num_format("dd/mm/yyyy");
        sheet.merge_range(0, 0, 0, 3, "Daftar keluarga", &Format::new()).expect("fits");
        sheet.merge_range(2, 0, 4, 0, "Legok", &Format::new()).expect("fits");
        for row in 2..5 {
            sheet.write_number(row, 1, f64::from(row)).expect("fits");
        }
        sheet.write_number_with_format(2, 2, 29_586.0, &date).expect("fits");
        sheet.write_boolean(2, 3, true).expect("fits");
    });
    let mut read = Vec::new();
    file.for_each_row(0, &mut |row| {
        read.push((row.number, row.cells.clone()));
        ControlFlow::Continue(())
    })
    .expect("readable");
    assert_eq!(read[0], (1, vec![Cell::Text("Daftar keluarga".to_owned()); 4]));
    assert_eq!(read[1].0, 3);
    assert_eq!(read[1].1[1], Cell::Number(2.0));
    assert_eq!(read[1].1[2].to_text(), "1980-12-31");
    assert_eq!(read[1].1[3], Cell::Bool(true));
    for (_, cells) in &read[1..] {
        assert_eq!(cells[0], Cell::Text("Legok".to_owned()));
    }
}

#[test]
fn the_sheet_whose_header_fits_best_is_chosen_and_others_by_name_or_number() {
    let mut file = xlsx(|workbook| {
        let cover = workbook.add_worksheet().set_name("Sampul").expect("a name");
        cover.write_string(0, 0, "Nama").expect("fits");
        cover.write_string(0, 1, "Alamat").expect("fits");
        let data = workbook.add_worksheet().set_name("Data").expect("a name");
        for (column, name) in ["NIK", "Nama", "Kelurahan"].into_iter().enumerate() {
            data.write_string(4, column as u16, name).expect("fits");
        }
    });
    let (_, header) = Mapping::guess(&mut file, &SheetChoice::BestHeader).expect("a header");
    assert_eq!((header.sheet, header.row), (1, 5));
    let (_, header) = Mapping::guess(&mut file, &SheetChoice::Name("sampul".to_owned())).expect("a header");
    assert_eq!(header.sheet, 0);
    let (_, header) = Mapping::guess(&mut file, &SheetChoice::Number(2)).expect("a header");
    assert_eq!(header.sheet, 1);
    let error = Mapping::guess(&mut file, &SheetChoice::Number(3)).expect_err("there are two");
    assert_eq!(error.to_string(), "there is no such sheet; the file has: Sampul, Data");
}

#[test]
fn a_preview_shows_twenty_rows_below_the_header() {
    let mut text = "Daftar\n\nNo,Nama,NIK\n".to_owned();
    for number in 1..=30 {
        text.push_str(&format!("{number},A,-\n"));
    }
    let preview = Preview::read(&mut csv(text), None, &SheetChoice::BestHeader).expect("readable");
    assert_eq!(preview.header_row, 3);
    assert_eq!(preview.rows.len(), 20);
    assert_eq!(preview.rows[0], (4, texts(&["1", "A", "-"])));
    let saved = serde_json::to_string(&preview.mapping).expect("a mapping is JSON");
    assert_eq!(serde_json::from_str::<Mapping>(&saved).expect("our own"), preview.mapping);
}

#[test]
fn a_file_without_the_expected_header_is_refused() {
    let mut file = csv("a,b,c\n1,2,3\n");
    assert_eq!(Mapping::guess(&mut file, &SheetChoice::BestHeader).expect_err("no header").code(), "no_header");
}
