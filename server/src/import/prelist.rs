//! A prelist: rows brought together into households with their families and persons, and what is wrong with them.

use std::ops::ControlFlow;

use sync_protocol::limits::NAME_BYTES_MAX;
use sync_protocol::save::is_register_name;

use super::area_index::AreaIndex;
use super::cells::{Date, Row};
use super::findings::{BadRows, Findings, Place};
use super::gathering::Gathering;
use super::header_words::header_key;
use super::mapping::{ColumnMap, Field, Mapping, RowUnit};
pub use super::row_facts::Registers;
use super::sheet::{Encoding, Header, SheetError, SheetFile};

/// One household of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct PrelistHousehold {
    /// The first row that speaks of it.
    pub source_row: u32,
    /// What names it within the source, whatever the order of the rows.
    pub key: String,
    /// Position of its area in the index the file was read against.
    pub area: usize,
    /// Its imported values.
    pub registers: Registers,
    /// Its family cards; none where a file knows only households.
    pub families: Vec<PrelistFamily>,
    /// Its members.
    pub persons: Vec<PrelistPerson>,
}

/// One family card.
#[derive(Debug, Clone, PartialEq)]
pub struct PrelistFamily {
    /// The first row that speaks of it.
    pub source_row: u32,
    /// What names it within the source.
    pub key: String,
    /// Its imported values.
    pub registers: Registers,
}

/// One person.
#[derive(Debug, Clone, PartialEq)]
pub struct PrelistPerson {
    /// The row.
    pub source_row: u32,
    /// What names the person within the source.
    pub key: String,
    /// Which of the household's families the person belongs to.
    pub family: Option<usize>,
    /// The imported values.
    pub registers: Registers,
}

/// What a prelist file holds.
#[derive(Debug)]
pub struct Prelist {
    /// In the order in which the file first speaks of them.
    pub households: Vec<PrelistHousehold>,
    /// Rows below the header that hold something.
    pub rows_read: u64,
    /// Rows left out because they cannot be used.
    pub rows_refused: u64,
    /// What is wrong.
    pub findings: Findings,
}

impl Prelist {
    /// Whether an import may go ahead.
    pub fn allows_import(&self, bad: BadRows) -> bool {
        self.findings.allow_import(bad)
    }
}

/// How often a reader reports how far it is, in rows.
pub const PROGRESS_ROWS: u64 = 1_000;

/// Reads a prelist. `as_of` is today; `progress` hears the rows read so far now and then.
pub fn read_prelist(
    file: &mut SheetFile,
    mapping: &Mapping,
    areas: &AreaIndex,
    as_of: Date,
    progress: &mut dyn FnMut(u64),
) -> Prelist {
    let mut findings = Findings::new(file.name(), "");
    if file.encoding() == Some(Encoding::Windows1252) {
        findings.warning(Place::FILE, "encoding_guessed", "The file is not UTF-8; read as Windows-1252.");
    }
    let header = match mapping.find_header(file) {
        Ok(header) => header,
        Err(error) => return refused(error, findings),
    };
    findings.use_sheet(&file.sheets()[header.sheet]);
    let (columns, missing) = mapping.resolve(&header);
    for name in missing {
        findings.refuse_file(Place::row(header.row), "column_missing", format!("There is no column `{name}`."));
    }
    check_needed(mapping.unit, &columns, header.row, &mut findings);
    if findings.errors() > 0 {
        return empty(findings);
    }
    let mut gathering = Gathering::new(mapping.unit, &columns, areas, as_of, findings);
    let outcome = file.for_each_row(header.sheet, &mut |row| {
        if row.number > header.row && !row.is_blank() && !is_decoration(row, &header) {
            gathering.take_row(row);
            if gathering.rows_read.is_multiple_of(PROGRESS_ROWS) {
                progress(gathering.rows_read);
            }
        }
        ControlFlow::Continue(())
    });
    if let Err(error) = outcome {
        error.report(&mut gathering.findings);
    }
    progress(gathering.rows_read);
    gathering.finish(header.row)
}

fn refused(error: SheetError, mut findings: Findings) -> Prelist {
    error.report(&mut findings);
    empty(findings)
}

fn empty(findings: Findings) -> Prelist {
    Prelist { households: Vec::new(), rows_read: 0, rows_refused: 0, findings }
}

fn check_needed(unit: RowUnit, columns: &ColumnMap, header_row: u32, findings: &mut Findings) {
    let has = |field: &Field| columns.find(field).is_some();
    let mut need = |is_there: bool, what: &str| {
        if !is_there {
            findings.refuse_file(Place::row(header_row), "column_missing", format!("No column gives the {what}."));
        }
    };
    need(has(&Field::Village) || has(&Field::AreaCode), "kelurahan");
    match unit {
        RowUnit::Person => need(has(&Field::Name), "name of the person"),
        RowUnit::Family | RowUnit::Household => need(has(&Field::HeadName), "name of the head"),
    }
    for (_, name, column) in columns.registers() {
        // Half the bound leaves room for `source/<source>/` in front.
        if !is_register_name(name) || name.len() > NAME_BYTES_MAX / 2 {
            let sentence = "The mapping gives this column a register name that cannot be one.";
            findings.refuse_file(Place::cell(header_row, column), "register_name", sentence);
        }
    }
}

/// Rows that are part of the table's looks: the header again on a new page, the line of column numbers, totals.
fn is_decoration(row: &Row, header: &Header) -> bool {
    let texts: Vec<String> = row.cells.iter().map(|cell| header_key(&cell.to_text())).collect();
    let filled = texts.iter().filter(|text| !text.is_empty()).count();
    let is_header =
        texts.iter().zip(&header.names).filter(|(text, name)| !text.is_empty() && **text == header_key(name)).count();
    let is_numbering = row.number == header.row + 1
        && filled >= 3
        && texts.iter().filter(|text| !text.is_empty()).enumerate().all(|(at, text)| *text == (at + 1).to_string());
    let first = texts.iter().find(|text| !text.is_empty()).map(String::as_str).unwrap_or_default();
    let is_total = filled <= 4 && matches!(first, "jumlah" | "total" | "jumlah total" | "grand total");
    is_header >= 3 && is_header * 2 > filled || is_numbering || is_total
}
