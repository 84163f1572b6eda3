//! Comma-, semicolon- and tab-separated text as rows of cells, whichever of the two encodings it is in.

use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;

use super::cells::{Cell, Fault, Row};
use super::limits::{CELL_BYTES_MAX, COLUMNS_MAX, HEADER_ROWS_MAX, RECORD_BYTES_MAX, ROWS_MAX};
use super::sheet::{Input, SheetError};

/// How the text of a delimited file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8; what is no UTF-8 in it is a fault of its cell.
    Utf8,
    /// The code page of older Windows programs.
    Windows1252,
}

/// What was found out about a delimited file before its rows are read.
#[derive(Debug, Clone)]
pub(super) struct Delimited {
    delimiter: u8,
    line_end: u8,
    encoding: Encoding,
    ends_with_line_end: bool,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Delimited {
    /// Looks through the file once for its encoding, and at its first rows for the delimiter.
    pub(super) fn inspect(input: &Input) -> Result<Self, SheetError> {
        let scan = scan_bytes(input.reader()?)?;
        if scan.is_binary {
            return Err(SheetError::NotATable);
        }
        let line_end = scan.line_end();
        Ok(Self {
            delimiter: detect_delimiter(input, line_end)?,
            line_end,
            encoding: scan.encoding(),
            ends_with_line_end: scan.last_byte == line_end,
        })
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Visits the rows from the top; blank lines are left out.
    pub(super) fn for_each_row(
        &self,
        input: &Input,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), SheetError> {
        let mut records = Records::new(input.reader()?, self.delimiter, self.line_end)?;
        let mut row = Row::default();
        let (mut waiting, mut width) = (false, 0);
        loop {
            let next = records.advance();
            if matches!(next, Ok(false)) {
                break;
            }
            // A row is handed on once the next one is seen: only the last of all can be half a row.
            if waiting && visit(&row).is_break() {
                return Ok(());
            }
            next?;
            width = width.max(row.cells.len());
            self.fill(&records, &mut row)?;
            waiting = !row.is_blank();
        }
        if waiting {
            if !self.ends_with_line_end && row.cells.len() < width {
                return Err(SheetError::HalfARow { row: row.number });
            }
            let _ = visit(&row);
        }
        Ok(())
    }

    fn fill(&self, records: &Records, row: &mut Row) -> Result<(), SheetError> {
        if records.line > ROWS_MAX {
            return Err(SheetError::TooManyRows);
        }
        row.number = records.line;
        if records.ends.len() > COLUMNS_MAX {
            return Err(SheetError::TooManyColumns { row: row.number });
        }
        row.cells.clear();
        for field in records.fields() {
            if field.len() > CELL_BYTES_MAX {
                return Err(SheetError::CellTooLong { row: row.number });
            }
            row.cells.push(self.decode(field));
        }
        Ok(())
    }

    fn decode(&self, field: &[u8]) -> Cell {
        if field.is_empty() {
            return Cell::Empty;
        }
        match (self.encoding, std::str::from_utf8(field)) {
            (_, Ok(text)) if self.encoding == Encoding::Utf8 || field.is_ascii() => Cell::Text(text.to_owned()),
            (Encoding::Utf8, _) => Cell::Fault(Fault::Encoding),
            (Encoding::Windows1252, _) => Cell::Text(field.iter().copied().map(windows_1252).collect()),
        }
    }
}

/// The records of a file one after the other, each known by the line on which it starts.
struct Records {
    text: Box<dyn BufRead>,
    delimiter: u8,
    line_end: u8,
    lines_read: u32,
    /// The line on which the record starts, from 1.
    line: u32,
    /// The record's fields without their quotation marks, one behind the other.
    bytes: Vec<u8>,
    /// Where each field ends in `bytes`.
    ends: Vec<usize>,
    buffer: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Start,
    Plain,
    Quotes,
    QuoteInQuotes,
}

impl Records {
    fn new(file: impl Read + 'static, delimiter: u8, line_end: u8) -> Result<Self, SheetError> {
        let mut text = BufReader::with_capacity(1 << 16, file);
        if text.fill_buf()?.starts_with(BOM) {
            text.consume(BOM.len());
        }
        Ok(Self {
            text: Box::new(text),
            delimiter,
            line_end,
            lines_read: 0,
            line: 0,
            bytes: Vec::new(),
            ends: Vec::new(),
            buffer: Vec::new(),
        })
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Reads the next record; `false` at the end of the file.
    fn advance(&mut self) -> Result<bool, SheetError> {
        self.bytes.clear();
        self.ends.clear();
        self.line = self.lines_read + 1;
        if !self.read_line()? {
            return Ok(false);
        }
        let mut inside = Inside::Start;
        loop {
            inside = self.split_line(inside);
            if inside != Inside::Quotes {
                self.ends.push(self.bytes.len());
                return Ok(true);
            }
            // Inside quotation marks a line end belongs to the cell.
            self.bytes.push(b'\n');
            if self.bytes.len() > RECORD_BYTES_MAX {
                return Err(SheetError::CellTooLong { row: self.line });
            }
            if !self.read_line()? {
                return Err(SheetError::OpenQuote { row: self.line });
            }
        }
    }

    fn read_line(&mut self) -> Result<bool, SheetError> {
        self.buffer.clear();
        let mut bounded = (&mut self.text).take(RECORD_BYTES_MAX as u64);
        bounded.read_until(self.line_end, &mut self.buffer)?;
        if self.buffer.is_empty() {
            return Ok(false);
        }
        self.lines_read += 1;
        match self.buffer.pop_if(|last| *last == self.line_end) {
            Some(_) => {
                self.buffer.pop_if(|last| *last == b'\r');
                Ok(true)
            }
            None if self.buffer.len() == RECORD_BYTES_MAX => Err(SheetError::CellTooLong { row: self.line }),
            None => Ok(true),
        }
    }

    /// Takes a line's fields apart; answers what the line ends inside of.
    fn split_line(&mut self, mut inside: Inside) -> Inside {
        for byte in self.buffer.iter().copied() {
            inside = match (inside, byte) {
                (Inside::Quotes, b'"') => Inside::QuoteInQuotes,
                (Inside::QuoteInQuotes, b'"') => {
                    self.bytes.push(b'"');
                    Inside::Quotes
                }
                (Inside::Quotes, _) => {
                    self.bytes.push(byte);
                    Inside::Quotes
                }
                (_, byte) if byte == self.delimiter => {
                    self.ends.push(self.bytes.len());
                    Inside::Start
                }
                (Inside::Start, b'"') => Inside::Quotes,
                // A mark in the middle of a cell, as in `pipa 5"`, is only a mark.
                _ => {
                    self.bytes.push(byte);
                    Inside::Plain
                }
            };
        }
        inside
    }
}

/// The delimiter that gives the first rows the most fields, counted where neighbours agree: a comma inside an address does not repeat from row to row.
fn detect_delimiter(input: &Input, line_end: u8) -> Result<u8, SheetError> {
    let (mut best, mut best_score) = (b',', 0);
    for delimiter in [b',', b';', b'\t'] {
        let mut records = Records::new(input.reader()?, delimiter, line_end)?;
        let (mut score, mut before) = (0, 0);
        // What breaks off here is told, with its row, when the rows are read.
        while records.line < HEADER_ROWS_MAX && records.advance().unwrap_or(false) {
            let separators = records.ends.len() - 1;
            score += separators + if separators == before { 3 * separators } else { 0 };
            before = separators;
        }
        if score > best_score {
            (best, best_score) = (delimiter, score);
        }
    }
    Ok(best)
}

#[derive(Default)]
struct ByteScan {
    has_bom: bool,
    is_binary: bool,
    utf8_characters: u64,
    invalid_bytes: u64,
    has_line_feed: bool,
    last_byte: u8,
}

impl ByteScan {
    /// A file without any line feed is of the kind whose lines end in a lone carriage return.
    fn line_end(&self) -> u8 {
        if self.has_line_feed { b'\n' } else { b'\r' }
    }

    /// Windows-1252 only where nothing speaks for UTF-8: a single broken character must not turn a whole file into the wrong letters.
    fn encoding(&self) -> Encoding {
        if self.has_bom || self.invalid_bytes <= self.utf8_characters { Encoding::Utf8 } else { Encoding::Windows1252 }
    }
}

fn scan_bytes(file: impl Read) -> Result<ByteScan, SheetError> {
    let mut scan = ByteScan::default();
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut buffer = vec![0; 1 << 16];
    let (mut kept, mut is_first) = (0, true);
    loop {
        let read = file.read(&mut buffer[kept..])?;
        let bytes = &buffer[..kept + read];
        if is_first {
            scan.has_bom = bytes.starts_with(BOM);
            is_first = false;
        }
        scan.is_binary |= bytes.contains(&0);
        scan.has_line_feed |= bytes.contains(&b'\n');
        scan.last_byte = bytes.last().copied().unwrap_or(scan.last_byte);
        let rest = count_characters(bytes, read == 0, &mut scan);
        if read == 0 {
            return Ok(scan);
        }
        // A character cut by the buffer's end is finished with the next read.
        let (from, to) = (bytes.len() - rest, bytes.len());
        buffer.copy_within(from..to, 0);
        kept = rest;
    }
}

/// Counts what is and what is not UTF-8; answers how many bytes at the end are the start of a character.
fn count_characters(mut bytes: &[u8], at_end: bool, scan: &mut ByteScan) -> usize {
    loop {
        let (valid, skip) = match std::str::from_utf8(bytes) {
            Ok(_) => (bytes.len(), None),
            Err(error) => (error.valid_up_to(), Some(error.error_len())),
        };
        let starts = bytes[..valid].iter().filter(|byte| **byte >= 0xc2).count();
        scan.utf8_characters += starts as u64;
        match skip {
            None => return 0,
            Some(None) if !at_end => return bytes.len() - valid,
            Some(None) => {
                scan.invalid_bytes += 1;
                return 0;
            }
            Some(Some(length)) => {
                scan.invalid_bytes += 1;
                bytes = &bytes[valid + length..];
            }
        }
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
