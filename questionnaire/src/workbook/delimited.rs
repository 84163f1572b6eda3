//! CSV: one sheet, or all sheets in one file with their names in the first column.

use csv::{ReaderBuilder, StringRecord};

use super::{Allowance, Growing};
use crate::sheet::{Sheet, Workbook};
use crate::xlsform::FileFault;

/// Names by which a first column is known to hold the names of sheets.
const SHEETS: &[&str] = &["survey", "choices", "settings", "external_choices", "entities", "osm"];

/// Reads a file that holds one sheet called `name`, or all of them.
pub(super) fn read(name: &str, text: &str) -> Result<Workbook, FileFault> {
    let first = records(text).next().transpose().map_err(|_| FileFault::NotAWorkbook)?.unwrap_or_default();
    let begins_sheet = first.get(0).is_some_and(|cell| SHEETS.contains(&cell.trim().to_lowercase().as_str()));
    let is_alone = first.iter().skip(1).all(|cell| cell.trim().is_empty());
    if begins_sheet && (is_alone || first.len() > 1) {
        return read_all(text);
    }
    if first.len() < 2 {
        return Err(FileFault::NotAWorkbook);
    }
    Ok(Workbook { sheets: vec![read_sheet(name, text)?] })
}

/// Reads a file that holds one sheet.
pub(super) fn read_sheet(name: &str, text: &str) -> Result<Sheet, FileFault> {
    let mut growing = Growing::new(name);
    let mut allowance = Allowance::new();
    for (row, record) in (0..).zip(records(text)) {
        let record = record.map_err(|_| FileFault::Damaged)?;
        for (column, cell) in (0..).zip(record.iter()) {
            growing.add(row, column, cell, &mut allowance)?;
        }
    }
    Ok(growing.finish())
}

/// Reads a file whose first column begins sheets; rows count from the one after the name.
fn read_all(text: &str) -> Result<Workbook, FileFault> {
    let mut sheets: Vec<Growing> = Vec::new();
    let mut allowance = Allowance::new();
    let mut row = 0;
    for record in records(text) {
        let record = record.map_err(|_| FileFault::Damaged)?;
        let name = record.get(0).unwrap_or_default().trim();
        let is_title = record.iter().skip(1).all(|cell| cell.trim().is_empty());
        if !name.is_empty() {
            sheets.push(Growing::new(name));
            row = 0;
        }
        if sheets.len() > super::SHEETS_MAX {
            return Err(FileFault::TooManyCells);
        }
        let Some(sheet) = sheets.last_mut() else { continue };
        if name.is_empty() || !is_title {
            for (column, cell) in (0..).zip(record.iter().skip(1)) {
                sheet.add(row, column, cell, &mut allowance)?;
            }
            row += 1;
        }
    }
    Ok(Workbook { sheets: sheets.into_iter().map(Growing::finish).collect() })
}

fn records(text: &str) -> impl Iterator<Item = Result<StringRecord, csv::Error>> + '_ {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes())
        .into_records()
}

/// The commonest of comma, semicolon and tab in the first lines: spreadsheets separate as their country does.
fn delimiter(text: &str) -> u8 {
    let lines = text.lines().take(5).flat_map(str::bytes);
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in lines {
        if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    // The first of equals, so that a text without any is a CSV with commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sheet_is_called_after_its_file() {
        let workbook = read("my form", "type,name,label\ntext,q,\"A, \"\"b\"\"\nc\"\n").expect("it is a CSV");
        let expected = Sheet::of("my form", [vec!["type", "name", "label"], vec!["text", "q", "A, \"b\"\nc"]]);
        assert_eq!(workbook.sheets, [expected]);
    }

    #[test]
    fn all_sheets_may_stand_in_one_file() {
        for text in [
            "survey\n,type,name\n,text,a\n,,\n,note,b\nchoices\n,list_name,name\n,x,1\n",
            "\"survey\",,\n,type,name\n,text,a\n,,\n,note,b\nchoices,list_name,name\n,x,1\n",
            "survey;;\n;type;name\n;text;a\n;;\n;note;b\nchoices;;\n;list_name;name\n;x;1\n",
        ] {
            let workbook = read("t", text).expect("it is a CSV");
            let survey = Sheet::of("survey", [vec!["type", "name"], vec!["text", "a"], vec![], vec!["note", "b"]]);
            let choices = Sheet::of("choices", [vec!["list_name", "name"], vec!["x", "1"]]);
            assert_eq!(workbook.sheets, [survey, choices], "{text}");
        }
    }

    #[test]
    fn prose_is_no_table() {
        assert_eq!(read("t", "Dear all\nplease find"), Err(FileFault::NotAWorkbook));
    }
}
