//! Writes the register out as tables: households, persons and visits, verified values and prelist side by side.
//!
//! Rows are pushed one household at a time and leave at once, so that a city takes no more memory than a street.

pub mod answers;
pub mod area_paths;
pub mod cells;
pub mod csv_file;
pub mod labels;
pub mod shown_values;
pub mod tables;
pub mod xlsx_file;

use std::io::Write;

use cells::ExportCell;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The disk or the connection said no.
    #[error("the table cannot be written")]
    Io(#[from] std::io::Error),
    /// The text format said no.
    #[error("the table cannot be written as CSV")]
    Csv(#[from] csv::Error),
    /// The workbook format said no.
    #[error("the table cannot be written as XLSX")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

/// The file formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Comma-separated text in UTF-8.
    Csv,
    /// A workbook.
    Xlsx,
}

/// A table on its way into a file: the header first, then rows as they come.
pub enum TableFile<W: Write + Send> {
    /// As text.
    Csv(Box<csv_file::CsvFile<W>>),
    /// As a workbook.
    Xlsx(Box<xlsx_file::XlsxFile<W>>),
}

impl<W: Write + Send> TableFile<W> {
    /// Begins a file with its header.
    pub fn begin(format: Format, title: &str, header: &[String], out: W) -> Result<Self, ExportError> {
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(csv_file::CsvFile::begin(header, out)?)),
            Format::Xlsx => Self::Xlsx(Box::new(xlsx_file::XlsxFile::begin(title, header, out)?)),
        })
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[ExportCell]) -> Result<(), ExportError> {
        match self {
            Self::Csv(file) => file.row(cells),
            Self::Xlsx(file) => file.row(cells),
        }
    }

    /// Adds all rows of an iterator.
    pub fn rows(&mut self, rows: impl IntoIterator<Item = Vec<ExportCell>>) -> Result<(), ExportError> {
        rows.into_iter().try_for_each(|cells| self.row(&cells))
    }

    /// Ends the file; without it a workbook is nothing.
    pub fn finish(self) -> Result<(), ExportError> {
        match self {
            Self::Csv(file) => file.finish(),
            Self::Xlsx(file) => file.finish(),
        }
    }
}

#[cfg(test)]
mod tests;
