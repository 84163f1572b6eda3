//! Files as workbooks: XLSX, XLS and ODS, CSV in its three ways, and tables drawn with bars.
//!
//! From bytes, never from paths, and trusting none of them: every size is bounded before memory is asked for it.

mod archive;
mod compound;
mod delimited;
mod empties;
mod limits;
mod spreadsheet;
#[cfg(test)]
mod tests;
mod values;

use crate::sheet::{Sheet, Workbook};
use crate::xlsform::FileFault;

pub use archive::{announces_too_much, is_well_formed};
pub use limits::{CELLS_MAX, COLUMNS_MAX, FILE_BYTES_MAX, INFLATED_BYTES_MAX, ROWS_MAX, SHEETS_MAX, TEXT_BYTES_MAX};

/// Sheets that a form is made of; others are listed by name and not read.
const READ: &[&str] = &["survey", "choices", "settings", "external_choices", "entities"];

/// Reads a file. What it is shows in its bytes; its name tells a drawn table from a CSV and names a lone sheet.
pub fn read(name: &str, bytes: &[u8]) -> Result<Workbook, FileFault> {
    check_size(bytes)?;
    if bytes.starts_with(b"PK\x03\x04") {
        return spreadsheet::read_zipped(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return spreadsheet::read_xls(bytes);
    }
    let text = text_of(bytes)?;
    if name.to_lowercase().ends_with(".md") || text.trim_start().starts_with('|') {
        return Ok(Workbook::drawn(text));
    }
    delimited::read(stem(name), text)
}

/// Reads a set of CSV files, each the sheet that it is called after: `survey.csv`, `choices.csv`, …; others are left
/// out, as tables lie beside a form as well.
pub fn read_set(files: &[(&str, &[u8])]) -> Result<Workbook, FileFault> {
    let mut workbook = Workbook::default();
    for (name, bytes) in files.iter().filter(|(name, _)| is_sheet(name)) {
        check_size(bytes)?;
        workbook.sheets.push(delimited::read_sheet(stem(name), text_of(bytes)?)?);
    }
    Ok(workbook)
}

/// Whether a file of a set is a sheet of the form, by its name.
pub fn is_sheet(name: &str) -> bool {
    READ.contains(&stem(name).to_lowercase().as_str())
}

fn check_size(bytes: &[u8]) -> Result<(), FileFault> {
    match bytes.len() {
        0 => Err(FileFault::Empty),
        length if length > FILE_BYTES_MAX => Err(FileFault::TooLarge { bytes_max: FILE_BYTES_MAX }),
        _ => Ok(()),
    }
}

fn text_of(bytes: &[u8]) -> Result<&str, FileFault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(FileFault::NotAWorkbook);
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        FileFault::NotUtf8 { line }
    })
}

/// The name of a file without its folder and its ending.
pub fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem })
}

/// Whether a sheet of that name is read, in a workbook of that many sheets.
fn is_read(name: &str, sheets: usize) -> bool {
    sheets == 1 || READ.contains(&name.trim().to_lowercase().as_str())
}

/// A sheet that grows cell by cell within the bounds.
struct Growing {
    sheet: Sheet,
    sorted: bool,
}

/// What may still be read of a workbook.
struct Allowance {
    cells: usize,
    text_bytes: usize,
}

impl Allowance {
    fn new() -> Self {
        Allowance { cells: CELLS_MAX, text_bytes: TEXT_BYTES_MAX }
    }
}

impl Growing {
    fn new(name: &str) -> Self {
        Growing { sheet: Sheet { name: name.to_owned(), rows: Vec::new() }, sorted: true }
    }

    /// Adds a cell; `row` and `column` count from 0. Columns beyond the bound belong to no form and are left out.
    fn add(&mut self, row: u32, column: u32, text: &str, allowance: &mut Allowance) -> Result<(), FileFault> {
        if column >= COLUMNS_MAX {
            return Ok(());
        }
        if row >= ROWS_MAX {
            return Err(FileFault::TooManyCells);
        }
        let Some(cell) = crate::sheet::Cell::of(column, text) else { return Ok(()) };
        allowance.cells = allowance.cells.checked_sub(1).ok_or(FileFault::TooManyCells)?;
        allowance.text_bytes = allowance.text_bytes.checked_sub(cell.text.len()).ok_or(FileFault::TooManyCells)?;
        let number = row + 1;
        let rows = &mut self.sheet.rows;
        self.sorted &= rows.last().is_none_or(|last| {
            last.number < number || (last.number == number && last.cells.last().is_none_or(|cell| cell.column < column))
        });
        match rows.last_mut().filter(|last| last.number == number) {
            Some(last) => last.cells.push(cell),
            None => rows.push(crate::sheet::Row { number, cells: vec![cell] }),
        }
        Ok(())
    }

    fn finish(mut self) -> Sheet {
        if !self.sorted {
            self.sort();
        }
        self.sheet
    }

    /// Brings rows and cells into order where the file did not; of two cells in one place the first counts.
    fn sort(&mut self) {
        self.sheet.rows.sort_by_key(|row| row.number);
        let mut rows: Vec<crate::sheet::Row> = Vec::new();
        for row in self.sheet.rows.drain(..) {
            match rows.last_mut().filter(|last| last.number == row.number) {
                Some(last) => last.cells.extend(row.cells),
                None => rows.push(row),
            }
        }
        for row in &mut rows {
            row.cells.sort_by_key(|cell| cell.column);
            row.cells.dedup_by_key(|cell| cell.column);
        }
        self.sheet.rows = rows;
    }
}
