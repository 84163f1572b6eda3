//! One way to read a table, whatever the office saved it as: CSV, XLSX, XLS or ODS as rows of typed cells with their places.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cells::Row;
use super::delimited::Delimited;
pub use super::delimited::Encoding;
use super::findings::{Findings, Place};
use super::limits::{COLUMNS_MAX, FILE_BYTES_MAX, HEADER_ROWS_MAX, MERGES_MAX, ROWS_MAX};
use super::workbook::Workbook;

/// Bytes that can be read more than once.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Where a file's bytes are.
pub(super) enum Input {
    Path { path: PathBuf, bytes: u64 },
    Memory(Arc<[u8]>),
}

impl Input {
    /// The bytes from the start.
    pub(super) fn reader(&self) -> Result<Box<dyn ReadSeek>, SheetError> {
        Ok(match self {
            Self::Path { path, .. } => Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)),
            Self::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Path { bytes, .. } => *bytes,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

/// Why a file cannot be read as a table at all.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The file system said no.
    #[error("the file cannot be read")]
    Io(#[from] std::io::Error),
    /// Above the bound on bytes.
    #[error("the file is larger than {} MiB", bytes_max >> 20)]
    TooLarge {
        /// The bound.
        bytes_max: u64,
    },
    /// Neither text nor a spreadsheet.
    #[error(
        "the file is neither a CSV text in UTF-8 or Windows-1252 nor an XLSX, XLS or ODS workbook; save it as one of these"
    )]
    NotATable,
    /// A workbook that breaks off or contradicts itself.
    #[error("the file is damaged or incomplete; open it in a spreadsheet program, save it again and send that")]
    Damaged,
    /// A workbook behind a password.
    #[error("the file is protected by a password; save it without one")]
    Encrypted,
    /// A packed file that unfolds to far more than such files do.
    #[error("the file unpacks to far more than a table of its size holds")]
    InflatesTooFar,
    /// More rows than the bound.
    #[error("the sheet has more than {ROWS_MAX} rows; split it")]
    TooManyRows,
    /// More columns than the bound.
    #[error("the row has more than {COLUMNS_MAX} columns")]
    TooManyColumns {
        /// Where.
        row: u32,
    },
    /// More merged regions than the bound.
    #[error("the sheet has more than {MERGES_MAX} merged regions")]
    TooManyMerges,
    /// A cell longer than any spreadsheet allows: as a rule an open quotation mark further up.
    #[error("a cell of this row is far too long; as a rule a quotation mark is not closed")]
    CellTooLong {
        /// Where.
        row: u32,
    },
    /// A quotation mark that is open at the end of the file.
    #[error("a quotation mark opened in this row is never closed; the file may be cut off")]
    OpenQuote {
        /// Where it opens.
        row: u32,
    },
    /// The last row has fewer cells than the others and no line end: half a file.
    #[error("the file breaks off in the middle of this row")]
    HalfARow {
        /// Where.
        row: u32,
    },
    /// No sheet of that name or number.
    #[error("there is no such sheet; the file has: {names}")]
    NoSuchSheet {
        /// The sheets that there are.
        names: String,
    },
    /// Nothing in the first rows looks like the header.
    #[error("none of the first {HEADER_ROWS_MAX} rows of any sheet holds the expected column names")]
    NoHeader,
}

impl SheetError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file_unreadable",
            Self::TooLarge { .. } => "file_too_large",
            Self::NotATable => "not_a_table",
            Self::Damaged => "file_damaged",
            Self::Encrypted => "file_encrypted",
            Self::InflatesTooFar => "inflates_too_far",
            Self::TooManyRows => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::TooManyMerges => "too_many_merges",
            Self::CellTooLong { .. } => "cell_too_long",
            Self::OpenQuote { .. } => "open_quote",
            Self::HalfARow { .. } => "half_a_row",
            Self::NoSuchSheet { .. } => "no_such_sheet",
            Self::NoHeader => "no_header",
        }
    }

    /// The row it is about, 0 for the whole file.
    pub fn row(&self) -> u32 {
        match self {
            Self::TooManyColumns { row }
            | Self::CellTooLong { row }
            | Self::OpenQuote { row }
            | Self::HalfARow { row } => *row,
            _ => 0,
        }
    }

    /// Adds it to the findings of its file, as one that nothing can skip.
    pub fn report(&self, findings: &mut Findings) {
        let mut sentence = self.to_string();
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        findings.refuse_file(Place::row(self.row()), self.code(), format!("{sentence}."));
    }
}

/// Which sheet of a workbook to read.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetChoice {
    /// The one whose header fits best, the first of equals.
    #[default]
    BestHeader,
    /// By its name, case aside.
    Name(String),
    /// By its number from 1.
    Number(usize),
}

/// The header row that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Index of the sheet among [`SheetFile::sheets`].
    pub sheet: usize,
    /// Its row from 1.
    pub row: u32,
    /// The texts from column A on.
    pub names: Vec<String>,
}

enum Content {
    Delimited(Delimited),
    Workbook(Workbook),
}

/// A file of tables, opened and checked against the bounds, its rows not read yet.
pub struct SheetFile {
    name: String,
    input: Input,
    content: Content,
    sheets: Vec<String>,
}

impl SheetFile {
    /// Opens a file on disk; it is read, not loaded.
    pub fn open(path: &Path) -> Result<Self, SheetError> {
        let bytes = path.metadata()?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::of(name, Input::Path { path: path.to_owned(), bytes })
    }

    /// Opens a file on disk that findings shall call by another name.
    pub fn open_as(name: &str, path: &Path) -> Result<Self, SheetError> {
        let bytes = path.metadata()?.len();
        Self::of(name.to_owned(), Input::Path { path: path.to_owned(), bytes })
    }

    /// Opens bytes that came by another way, named as findings shall name them.
    pub fn from_bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Result<Self, SheetError> {
        Self::of(name.to_owned(), Input::Memory(bytes.into()))
    }

    fn of(name: String, input: Input) -> Result<Self, SheetError> {
        if input.bytes() > FILE_BYTES_MAX {
            return Err(SheetError::TooLarge { bytes_max: FILE_BYTES_MAX });
        }
        // The first bytes tell what a file is; its name often does not.
        let mut start = Vec::new();
        input.reader()?.take(8).read_to_end(&mut start)?;
        let content = if start.starts_with(b"PK") {
            Content::Workbook(Workbook::open_zipped(&input)?)
        } else if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            Content::Workbook(Workbook::open_xls(&input)?)
        } else {
            Content::Delimited(Delimited::inspect(&input)?)
        };
        let sheets = match &content {
            Content::Delimited(_) => vec![String::new()],
            Content::Workbook(workbook) => workbook.sheet_names(),
        };
        Ok(Self { name, input, content, sheets })
    }

    /// The file's name without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sheets' names; one empty name for a CSV.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// The encoding of a CSV; a workbook says itself.
    pub fn encoding(&self) -> Option<Encoding> {
        match &self.content {
            Content::Delimited(delimited) => Some(delimited.encoding()),
            Content::Workbook(_) => None,
        }
    }

    /// Visits the rows of a sheet from the top until told to stop.
    pub fn for_each_row(
        &mut self,
        sheet: usize,
        visit: &mut dyn FnMut(&Row) -> ControlFlow<()>,
    ) -> Result<(), SheetError> {
        match &mut self.content {
            Content::Delimited(delimited) => delimited.for_each_row(&self.input, visit),
            Content::Workbook(workbook) => workbook.for_each_row(&self.sheets[sheet], visit),
        }
    }

    /// Finds the header: the row among the first of a sheet that `score` likes best, and at least `score_min`.
    pub fn find_header(
        &mut self,
        choice: &SheetChoice,
        score_min: usize,
        score: &dyn Fn(&[String]) -> usize,
    ) -> Result<Header, SheetError> {
        let mut best: Option<(usize, Header)> = None;
        for sheet in self.chosen(choice)? {
            let Some((points, header)) = self.header_of(sheet, score)? else { continue };
            if points >= score_min && best.as_ref().is_none_or(|(most, _)| points > *most) {
                best = Some((points, header));
            }
        }
        best.map(|(_, header)| header).ok_or(SheetError::NoHeader)
    }

    fn header_of(
        &mut self,
        sheet: usize,
        score: &dyn Fn(&[String]) -> usize,
    ) -> Result<Option<(usize, Header)>, SheetError> {
        let mut best: Option<(usize, Header)> = None;
        let outcome = self.for_each_row(sheet, &mut |row| {
            if row.number > HEADER_ROWS_MAX {
                return ControlFlow::Break(());
            }
            let names: Vec<String> = row.cells.iter().map(|cell| cell.to_text().trim().to_owned()).collect();
            let points = score(&names);
            // A header merged over two rows is filled in both; the lower one is the one that data follows.
            let wins = best
                .as_ref()
                .is_none_or(|(most, header)| points > *most || points == *most && header.row + 1 == row.number);
            if points > 0 && wins {
                best = Some((points, Header { sheet, row: row.number, names }));
            }
            ControlFlow::Continue(())
        });
        // What breaks off below a header is told when its rows are read, with all else that is wrong.
        if best.is_none() {
            outcome?;
        }
        Ok(best)
    }

    fn chosen(&self, choice: &SheetChoice) -> Result<Vec<usize>, SheetError> {
        let found = match choice {
            SheetChoice::BestHeader => return Ok((0..self.sheets.len()).collect()),
            SheetChoice::Name(name) => {
                self.sheets.iter().position(|sheet| sheet.to_lowercase() == name.trim().to_lowercase())
            }
            SheetChoice::Number(number) => number.checked_sub(1).filter(|index| *index < self.sheets.len()),
        };
        let names = || self.sheets.join(", ");
        found.map(|index| vec![index]).ok_or_else(|| SheetError::NoSuchSheet { names: names() })
    }
}
