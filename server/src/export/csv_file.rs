//! A table as comma-separated text, UTF-8 with the mark that spreadsheets look for.

use std::borrow::Cow;
use std::io::Write;

use super::ExportError;
use super::cells::ExportCell;

/// A CSV file being written.
pub struct CsvFile<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvFile<W> {
    /// Writes the header.
    pub fn begin(header: &[String], mut out: W) -> Result<Self, ExportError> {
        // Without the mark a spreadsheet takes UTF-8 for an old code page.
        out.write_all("\u{feff}".as_bytes())?;
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::NonNumeric).from_writer(out);
        writer.write_record(header)?;
        Ok(Self { writer })
    }

    /// Writes a row.
    pub fn row(&mut self, cells: &[ExportCell]) -> Result<(), ExportError> {
        for cell in cells {
            match cell {
                ExportCell::Empty => self.writer.write_field("")?,
                ExportCell::Text(text) => self.writer.write_field(harmless(text).as_bytes())?,
                ExportCell::Number(number) => self.writer.write_field(number.to_string())?,
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Hands the last bytes on.
    pub fn finish(mut self) -> Result<(), ExportError> {
        Ok(self.writer.flush()?)
    }
}

/// Text that no spreadsheet runs as a formula: an apostrophe stands before what would start one. Plain negative numbers stay as they are.
fn harmless(text: &str) -> Cow<'_, str> {
    let starts_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) || text.starts_with(['＝', '＋', '－', '＠']);
    if starts_formula && text.parse::<f64>().is_err() { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_as_a_formula_is_only_text() {
        for text in ["=1+1", "+62812", "-cmd", "@SUM(A1)", "\t=1"] {
            let expected = if text.parse::<f64>().is_ok() { text.to_owned() } else { format!("'{text}") };
            assert_eq!(harmless(text), expected);
        }
        for text in ["-1.61", "Siti", "1=1"] {
            assert_eq!(harmless(text), text);
        }
    }
}
