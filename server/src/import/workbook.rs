//! Spreadsheets as rows of cells: XLSX streamed row by row, XLS and ODS read as a whole, merged cells filled.

use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Ods, Range, Reader, Xls, Xlsx};

use super::archive::{check_archive, check_content};
use super::cells::{Cell, Date, Fault, Row};
use super::limits::{CELL_BYTES_MAX, COLUMNS_MAX, MERGES_MAX, ROWS_MAX, WHOLE_FILE_BYTES_MAX};
use super::sheet::{Input, ReadSeek, SheetError};

/// An opened spreadsheet.
pub(super) enum Workbook {
    Xlsx(Box<Xlsx<Box<dyn ReadSeek>>>),
    Xls(Box<Xls<Box<dyn ReadSeek>>>),
    Ods(Box<Ods<Box<dyn ReadSeek>>>),
}

impl Workbook {
    /// Opens a zipped workbook, XLSX or ODS, once its true size is known.
    pub(super) fn open_zipped(input: &Input) -> Result<Self, SheetError> {
        check_archive(input.reader()?)?;
        let is_ods = zip::ZipArchive::new(input.reader()?)
            .map_err(|_| SheetError::Damaged)?
            .index_for_name("content.xml")
            .is_some();
        if !is_ods {
            let reader = input.reader()?;
            let workbook = contained(|| Xlsx::new(reader).map_err(|_| SheetError::Damaged))?;
            return Ok(Self::Xlsx(Box::new(workbook)));
        }
        check_whole_file(input)?;
        check_content(input.reader()?)?;
        let reader = input.reader()?;
        let workbook = contained(|| Ods::new(reader).map_err(|_| SheetError::Damaged))?;
        Ok(Self::Ods(Box::new(workbook)))
    }

    /// Opens a workbook of the old binary format.
    pub(super) fn open_xls(input: &Input) -> Result<Self, SheetError> {
        check_whole_file(input)?;
        let reader = input.reader()?;
        let workbook = contained(|| {
            Xls::new(reader).map_err(|error| match error {
                calamine::XlsError::Password => SheetError::Encrypted,
                _ => SheetError::Damaged,
            })
        })?;
        Ok(Self::Xls(Box::new(workbook)))
    }

    pub(super) fn sheet_names(&self) -> Vec<String> {
        match self {
            Self::Xlsx(workbook) => workbook.sheet_names(),
            Self::Xls(workbook) => workbook.sheet_names(),
            Self::Ods(workbook) => workbook.sheet_names(),
        }
    }

    /// Visits the rows of a sheet from the top; rows without any cell are left out.
    pub(super) fn for_each_row(
        &mut self,
        sheet: &str,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), SheetError> {
        match self {
            Self::Xlsx(workbook) => stream_xlsx(workbook, sheet, visit),
            Self::Xls(workbook) => {
                let merges = workbook.merge_cells_by_sheet_name(sheet).map_err(|_| SheetError::Damaged)?;
                let range = workbook.worksheet_range(sheet).map_err(|_| SheetError::Damaged)?;
                walk_range(&range, Merges::new(merges)?, visit)
            }
            Self::Ods(workbook) => {
                let range = workbook.worksheet_range(sheet).map_err(|_| SheetError::Damaged)?;
                walk_range(&range, Merges::new(Vec::new())?, visit)
            }
        }
    }
}

/// Reads with a library that trusts what a file says of itself: where that brings it down, the file is damaged.
fn contained<T>(read: impl FnOnce() -> Result<T, SheetError>) -> Result<T, SheetError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(SheetError::Damaged))
}

fn check_whole_file(input: &Input) -> Result<(), SheetError> {
    if input.bytes() > WHOLE_FILE_BYTES_MAX {
        Err(SheetError::TooLarge { bytes_max: WHOLE_FILE_BYTES_MAX })
    } else {
        Ok(())
    }
}

fn stream_xlsx<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), SheetError> {
    let merges = workbook.merge_cells_by_sheet_name(sheet).map_err(|_| SheetError::Damaged)?;
    let mut merges = Merges::new(merges)?;
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|_| SheetError::Damaged)?;
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell().map_err(|_| SheetError::Damaged)? {
        let (row_index, column) = cell.get_position();
        let number = row_number(row_index)?;
        if number < row.number {
            return Err(SheetError::Damaged);
        }
        if number > row.number {
            if row.number > 0 && finish(&mut row, &mut merges, visit).is_break() {
                return Ok(());
            }
            row.number = number;
            row.cells.clear();
        }
        let value = match cell.get_value() {
            DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
            other => cell_of(&Data::from(other.clone())),
        };
        set(&mut row, column as usize, value)?;
    }
    if row.number > 0 {
        let _ = finish(&mut row, &mut merges, visit);
    }
    Ok(())
}

fn walk_range(
    range: &Range<Data>,
    mut merges: Merges,
    visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) -> Result<(), SheetError> {
    let Some((first_row, first_column)) = range.start() else { return Ok(()) };
    for (offset, values) in range.rows().enumerate() {
        let index = u32::try_from(offset).map_err(|_| SheetError::TooManyRows)? + first_row;
        let mut row = Row { number: row_number(index)?, cells: Vec::new() };
        for (offset, value) in values.iter().enumerate() {
            if *value != Data::Empty {
                set(&mut row, first_column as usize + offset, cell_of(value))?;
            }
        }
        if finish(&mut row, &mut merges, visit).is_break() {
            break;
        }
    }
    Ok(())
}

fn finish(row: &mut Row, merges: &mut Merges, visit: &mut dyn FnMut(&Row) -> ControlFlow<()>) -> ControlFlow<()> {
    merges.fill(row);
    if row.is_blank() { ControlFlow::Continue(()) } else { visit(row) }
}

fn row_number(index: u32) -> Result<u32, SheetError> {
    if index >= ROWS_MAX { Err(SheetError::TooManyRows) } else { Ok(index + 1) }
}

fn set(row: &mut Row, column: usize, value: Cell) -> Result<(), SheetError> {
    if value == Cell::Empty {
        return Ok(());
    }
    if column >= COLUMNS_MAX {
        return Err(SheetError::TooManyColumns { row: row.number });
    }
    if matches!(&value, Cell::Text(text) if text.len() > CELL_BYTES_MAX) {
        return Err(SheetError::CellTooLong { row: row.number });
    }
    if row.cells.len() <= column {
        row.cells.resize(column + 1, Cell::Empty);
    }
    row.cells[column] = value;
    Ok(())
}

fn cell_of(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::Text(text.clone()),
        Data::Float(number) => Cell::Number(*number),
        // Beyond 2^53 the last digits blur, which is what such a cell is refused for anyway.
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(moment) => date_of(moment).map_or(Cell::Number(moment.as_f64()), Cell::Date),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::Error(_) => Cell::Fault(Fault::Formula),
    }
}

fn date_of(moment: &ExcelDateTime) -> Option<Date> {
    if moment.as_f64() < 1.0 {
        return None;
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    Date::new(year, month, day)
}

/// The merged regions of a sheet, sorted by their first row, and those that the reading is inside of.
struct Merges {
    regions: Vec<Dimensions>,
    next: usize,
    open: Vec<(Dimensions, Cell)>,
}

impl Merges {
    fn new(mut regions: Vec<Dimensions>) -> Result<Self, SheetError> {
        if regions.len() > MERGES_MAX {
            return Err(SheetError::TooManyMerges);
        }
        regions.sort_by_key(|region| region.start);
        Ok(Self { regions, next: 0, open: Vec::new() })
    }

    /// Gives every cell of a merged region the value of its first one.
    fn fill(&mut self, row: &mut Row) {
        let index = row.number - 1;
        self.open.retain(|(region, _)| region.end.0 >= index);
        while let Some(region) = self.regions.get(self.next).filter(|region| region.start.0 <= index) {
            if region.start.0 == index {
                self.open.push((*region, row.cell(region.start.1 as usize).clone()));
            }
            self.next += 1;
        }
        for (region, value) in &self.open {
            for column in region.start.1..=region.end.1 {
                let column = column as usize;
                if column >= COLUMNS_MAX || *value == Cell::Empty {
                    break;
                }
                if row.cells.len() <= column {
                    row.cells.resize(column + 1, Cell::Empty);
                }
                row.cells[column] = value.clone();
            }
        }
    }
}
