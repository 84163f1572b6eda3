//! XLSX, XLS and ODS through calamine, once the file has been looked into.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Ods, OdsError, Range, Reader, Xls, XlsError, Xlsx, XlsxError};

use super::archive::{self, Zipped};
use super::{Allowance, Growing, SHEETS_MAX, compound, is_read, values};
use crate::sheet::{Sheet, Workbook};
use crate::xlsform::FileFault;

type Bytes<'a> = Cursor<&'a [u8]>;

/// Reads XLSX or ODS.
pub(super) fn read_zipped(bytes: &[u8]) -> Result<Workbook, FileFault> {
    let (kind, unpacked) = archive::unpacked(bytes)?;
    guarded(|| match kind {
        Zipped::Xlsx => read_xlsx(&unpacked),
        Zipped::Ods => read_ods(&unpacked),
    })
}

/// Reads XLS.
pub(super) fn read_xls(bytes: &[u8]) -> Result<Workbook, FileFault> {
    compound::check(bytes)?;
    guarded(|| {
        let mut workbook: Xls<Bytes> = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
            XlsError::Password => FileFault::Encrypted,
            _ => FileFault::Damaged,
        })?;
        let names = workbook.sheet_names();
        laid_out(&names, |name| workbook.worksheet_range(name).map_err(|_| FileFault::Damaged))
    })
}

/// A file that the reader cannot bear is refused like any other that it cannot read: calamine panics over some damaged
/// XLS files.
fn guarded(read: impl FnOnce() -> Result<Workbook, FileFault>) -> Result<Workbook, FileFault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(FileFault::Damaged))
}

fn read_xlsx(bytes: &[u8]) -> Result<Workbook, FileFault> {
    let mut workbook: Xlsx<Bytes> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => FileFault::Encrypted,
        _ => FileFault::Damaged,
    })?;
    let names = workbook.sheet_names();
    check_sheets(&names)?;
    let mut allowance = Allowance::new();
    let mut sheets = Vec::new();
    for name in &names {
        let mut growing = Growing::new(name);
        if is_read(name, names.len()) {
            stream(&mut workbook, name, &mut growing, &mut allowance)?;
        }
        sheets.push(growing.finish());
    }
    Ok(Workbook { sheets })
}

fn stream(
    workbook: &mut Xlsx<Bytes>,
    name: &str,
    growing: &mut Growing,
    allowance: &mut Allowance,
) -> Result<(), FileFault> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| FileFault::Damaged)?;
    while let Some(cell) = cells.next_cell().map_err(|_| FileFault::Damaged)? {
        let (row, column) = cell.get_position();
        match cell.get_value() {
            DataRef::Empty => {}
            DataRef::SharedString(text) => growing.add(row, column, text, allowance)?,
            other => growing.add(row, column, &values::text(&Data::from(other.clone())), allowance)?,
        }
    }
    Ok(())
}

fn read_ods(bytes: &[u8]) -> Result<Workbook, FileFault> {
    let mut workbook: Ods<Bytes> = Ods::new(Cursor::new(bytes)).map_err(|error| match error {
        OdsError::Password => FileFault::Encrypted,
        _ => FileFault::Damaged,
    })?;
    let names = workbook.sheet_names();
    laid_out(&names, |name| workbook.worksheet_range(name).map_err(|_| FileFault::Damaged))
}

/// Sheets that come as whole areas.
fn laid_out(
    names: &[String],
    mut range: impl FnMut(&str) -> Result<Range<Data>, FileFault>,
) -> Result<Workbook, FileFault> {
    check_sheets(names)?;
    let mut allowance = Allowance::new();
    let mut sheets = Vec::new();
    for name in names {
        sheets.push(match is_read(name, names.len()) {
            true => walk(name, &range(name)?, &mut allowance)?,
            false => Growing::new(name).finish(),
        });
    }
    Ok(Workbook { sheets })
}

fn walk(name: &str, range: &Range<Data>, allowance: &mut Allowance) -> Result<Sheet, FileFault> {
    let mut growing = Growing::new(name);
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, values) in (first_row..).zip(range.rows()) {
        for (column, value) in (first_column..).zip(values) {
            if *value != Data::Empty {
                growing.add(row, column, &values::text(value), allowance)?;
            }
        }
    }
    Ok(growing.finish())
}

fn check_sheets(names: &[String]) -> Result<(), FileFault> {
    match names.len() {
        // Other office files are archives of the same kind.
        0 => Err(FileFault::NotAWorkbook),
        count if count > SHEETS_MAX => Err(FileFault::TooManyCells),
        _ => Ok(()),
    }
}
