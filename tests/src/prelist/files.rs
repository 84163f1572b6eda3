//! The list as the office gets it: a plain CSV, and a workbook with a title above its header.

use std::io::{Seek, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{DateStyle, Row};

/// The columns of both files.
pub const COLUMNS: [&str; 16] = [
    "No",
    "ID Rumah Tangga",
    "Kecamatan",
    "Kelurahan",
    "RW",
    "RT",
    "No KK",
    "Nama Kepala Keluarga",
    "NIK",
    "Nama",
    "Hubungan",
    "Jenis Kelamin",
    "Tanggal Lahir",
    "Alamat",
    "Desil",
    "Keterangan",
];

/// The workbook's header stands in this row, counted from 1.
pub const XLSX_HEADER_ROW: u32 = 5;
const TITLE: &str = "DAFTAR AWAL (PRELIST) VERIFIKASI RUMAH TANGGA KOTA JAMBI";
const SUBTITLE: &str = "Data contoh: semua orang di dalamnya rekaan";
const BIRTH_DATE_COLUMN: usize = 12;

/// The CSV file: header first, everything text.
pub fn write_csv(out: impl Write, rows: impl Iterator<Item = Row>) -> csv::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for (index, row) in rows.enumerate() {
        csv.write_record(texts(index, &row))?;
    }
    csv.flush()?;
    Ok(())
}

/// The workbook: a merged title, the header in row 5, a second sheet, some birth dates as day numbers.
/// NIK and card numbers are text cells, as a numeric cell would lose their last digit.
pub fn write_xlsx(out: impl Write + Seek + Send, rows: impl Iterator<Item = Row>) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("Prelist")?;
    write_head(sheet, &bold)?;
    for (index, row) in rows.enumerate() {
        write_row(sheet, XLSX_HEADER_ROW + index as u32, index, &row, &day)?;
    }
    let notes = workbook.add_worksheet_with_constant_memory()?;
    notes.set_name("Petunjuk")?;
    notes.write_string(0, 0, "Satu baris untuk satu orang. Kosongkan, \"-\" atau \"0\" bila tidak ada.")?;
    workbook.save_to_writer(out)
}

fn write_head(sheet: &mut Worksheet, bold: &Format) -> Result<(), XlsxError> {
    let last = COLUMNS.len() as u16 - 1;
    sheet.merge_range(0, 0, 0, last, TITLE, bold)?;
    sheet.write_string(1, 0, SUBTITLE)?;
    for (column, name) in COLUMNS.iter().enumerate() {
        sheet.write_string_with_format(XLSX_HEADER_ROW - 1, column as u16, *name, bold)?;
    }
    Ok(())
}

fn write_row(sheet: &mut Worksheet, line: u32, index: usize, row: &Row, day: &Format) -> Result<(), XlsxError> {
    for (column, text) in texts(index, row).iter().enumerate() {
        let at = column as u16;
        match (column, row.birth_date) {
            (0, _) => sheet.write_number(line, at, (index + 1) as f64)?,
            (BIRTH_DATE_COLUMN, Some(born)) if row.date_style == DateStyle::Serial => {
                let date = ExcelDateTime::from_ymd(born.year as u16, born.month as u8, born.day as u8)?;
                sheet.write_datetime_with_format(line, at, date, day)?
            }
            _ if text.is_empty() => continue,
            _ => sheet.write_string(line, at, text)?,
        };
    }
    Ok(())
}

fn texts(index: usize, row: &Row) -> [String; COLUMNS.len()] {
    [
        (index + 1).to_string(),
        row.key.clone(),
        row.district.to_owned(),
        row.village.to_owned(),
        row.rw.clone(),
        row.rt.clone(),
        row.card_number.clone(),
        row.head_name.clone(),
        row.nik.clone(),
        row.name.clone(),
        row.relation.to_owned(),
        row.sex.to_owned(),
        birth_date(row),
        row.address.clone(),
        row.decile.map_or_else(|| row.blank.to_owned(), |decile| decile.to_string()),
        String::new(),
    ]
}

fn birth_date(row: &Row) -> String {
    let Some(born) = row.birth_date else { return row.blank.to_owned() };
    match row.date_style {
        DateStyle::Iso => born.to_string(),
        DateStyle::Slashes | DateStyle::Serial => format!("{:02}/{:02}/{:04}", born.day, born.month, born.year),
        DateStyle::Dashes => format!("{:02}-{:02}-{:04}", born.day, born.month, born.year),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};

    use super::*;
    use crate::households;
    use crate::jambi::City;
    use crate::prelist;

    fn rows_of(seed: u64) -> Vec<Row> {
        let city = City::new(seed);
        let households = households::households(seed, &city, 1_000);
        prelist::rows(seed, &city, &households).collect()
    }

    fn xlsx_of(rows: Vec<Row>) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        write_xlsx(&mut file, rows.into_iter()).unwrap();
        file.into_inner()
    }

    #[test]
    fn the_csv_has_one_line_per_person_below_its_header() {
        let rows = rows_of(1);
        let mut bytes = Vec::new();
        write_csv(&mut bytes, rows.iter().cloned()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.lines().count(), rows.len() + 1);
        assert!(text.starts_with("No,ID Rumah Tangga,Kecamatan,Kelurahan,RW,RT,No KK,"));
    }

    #[test]
    fn the_workbook_keeps_every_digit_and_its_header_is_not_in_row_1() {
        let rows = rows_of(1);
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(xlsx_of(rows.clone()))).unwrap();
        let sheet = workbook.worksheet_range("Prelist").unwrap();
        let header = XLSX_HEADER_ROW - 1;
        assert_eq!(sheet.get_value((header, 8)), Some(&Data::String("NIK".into())));
        assert_eq!(sheet.get_value((0, 0)), Some(&Data::String(TITLE.into())));
        for (index, row) in rows.iter().enumerate() {
            match sheet.get_value((XLSX_HEADER_ROW + index as u32, 8)) {
                Some(Data::String(nik)) => assert_eq!(nik, &row.nik),
                None | Some(Data::Empty) => assert_eq!(row.nik, ""),
                other => panic!("an NIK in a cell that is no text: {other:?}"),
            }
        }
        assert!(sheet.rows().any(|cells| matches!(cells[BIRTH_DATE_COLUMN], Data::DateTime(_))));
    }
}
