//! A table as a workbook, its rows going to disk as they come.

use std::io::Write;

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::ExportError;
use super::cells::ExportCell;

/// Rows that a sheet can hold, the header among them; more go on in a further sheet.
const SHEET_ROWS_MAX: u32 = 1 << 20;
/// Characters that a cell can hold.
const CELL_CHARS_MAX: usize = 32_767;
const COLUMN_WIDTH: f64 = 18.0;

/// A workbook being written.
pub struct XlsxFile<W: Write + Send> {
    workbook: Workbook,
    sheet: Worksheet,
    sheets: u32,
    title: String,
    header: Vec<String>,
    next_row: u32,
    sheet_rows_max: u32,
    text: Format,
    out: W,
}

impl<W: Write + Send> XlsxFile<W> {
    /// Writes the header on the first sheet.
    pub fn begin(title: &str, header: &[String], out: W) -> Result<Self, ExportError> {
        Self::begin_with(title, header, out, SHEET_ROWS_MAX)
    }

    pub(super) fn begin_with(title: &str, header: &[String], out: W, sheet_rows_max: u32) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        let sheet = begin_sheet(&mut workbook, title, header)?;
        Ok(Self {
            workbook,
            sheet,
            sheets: 1,
            title: title.to_owned(),
            header: header.to_vec(),
            next_row: 1,
            sheet_rows_max,
            // The text format keeps a number text when somebody edits its cell later.
            text: Format::new().set_num_format("@"),
            out,
        })
    }

    /// Writes a row.
    pub fn row(&mut self, cells: &[ExportCell]) -> Result<(), ExportError> {
        if self.next_row >= self.sheet_rows_max {
            self.turn_page()?;
        }
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                ExportCell::Empty => {}
                ExportCell::Number(number) => {
                    // Beyond 2^53 a number cell would round: such a value travels as text, like every NIK.
                    self.sheet.write_number(self.next_row, column, *number as f64)?;
                }
                ExportCell::Text(text) => {
                    let text = shortened(text);
                    if text.starts_with(|first: char| first.is_ascii_digit()) {
                        self.sheet.write_string_with_format(self.next_row, column, text, &self.text)?;
                    } else {
                        self.sheet.write_string(self.next_row, column, text)?;
                    }
                }
            }
        }
        self.next_row += 1;
        Ok(())
    }

    fn turn_page(&mut self) -> Result<(), ExportError> {
        self.sheets += 1;
        let title = format!("{} {}", self.title, self.sheets);
        let next = begin_sheet(&mut self.workbook, &title, &self.header)?;
        self.workbook.push_worksheet(std::mem::replace(&mut self.sheet, next));
        self.next_row = 1;
        Ok(())
    }

    /// Packs the workbook and hands it on.
    pub fn finish(mut self) -> Result<(), ExportError> {
        self.workbook.push_worksheet(self.sheet);
        Ok(self.workbook.save_to_writer(self.out)?)
    }
}

fn begin_sheet(workbook: &mut Workbook, title: &str, header: &[String]) -> Result<Worksheet, ExportError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(title)?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, name) in (0u16..).zip(header) {
        sheet.set_column_width(column, COLUMN_WIDTH)?;
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    Ok(sheet)
}

fn shortened(text: &str) -> &str {
    match text.char_indices().nth(CELL_CHARS_MAX) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
