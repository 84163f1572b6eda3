//! What is wrong with a form, where, and what to do now; said in English and in Bahasa Indonesia.

mod english;
mod indonesian;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::sheet::letters;
use crate::xlsform::parameters::Expected;

/// A problem of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub spot: Spot,
    /// What it is.
    pub fault: Fault,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing need be done.
    Remark,
    /// The form is taken, perhaps not as its author meant it.
    Warning,
    /// The form is refused.
    Error,
}

/// The place of a problem; parts that do not apply are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// The sheet's name as its tab says.
    pub sheet: String,
    /// Counted as the spreadsheet counts; 0 where no row is meant.
    pub row: u32,
    /// The column's header as written.
    pub column: String,
    /// The column, counted from 0.
    pub index: Option<u32>,
    /// The cell's text, cut to [`CELL_CHARS_SHOWN_MAX`].
    pub cell: String,
}

/// Characters of a cell that a problem shows.
pub const CELL_CHARS_SHOWN_MAX: usize = 200;

/// What stands between a `begin` and an `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Questions that belong together.
    Group,
    /// Questions that are asked again.
    Repeat,
    /// Questions that are asked once for each choice.
    Loop,
}

/// A problem's message and advice in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What is wrong, a sentence with its full stop.
    pub message: String,
    /// What to do now, a sentence with its full stop; empty where nothing need be done.
    pub advice: String,
}

/// Everything that a reader of forms may have to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named after what they hold, and the texts say the rest")]
pub enum Fault {
    // Sheets.
    SurveyMissing { similar: Option<String> },
    SheetMisspelled { expected: &'static str },
    SurveyEmpty,
    HeaderMissing { header: &'static str },
    HeadersNotFirst,
    RowsBelowGap,
    TooMany { what: Counted, most: usize },
    MoreProblems { count: usize },
    // Columns.
    ColumnsIgnored { headers: Vec<String> },
    ColumnsKept { headers: Vec<String> },
    ColumnForeign,
    ColumnMisspelled { meant: String },
    ColumnTwice { other: String },
    ColumnUnusable,
    // Rows of the survey.
    TypeMissing,
    TypeUnknown { suggestion: Option<String> },
    TypeEmpty { program: &'static str },
    TypeAsText { program: &'static str },
    TypeAsCalculation { program: &'static str },
    TypeRefused { program: &'static str },
    TypeOutdated,
    RowSkipped,
    NameMissing,
    NameInvalid { repaired: String },
    NameTaken { row: u32 },
    NameDiffersInCapitals { other: String, row: u32 },
    NameReserved,
    RepeatNamedLikeForm,
    RepeatNameTaken { row: u32 },
    LabelMissing,
    BigImageAlone,
    EndWithoutBegin { container: Container },
    EndOfOther { container: Container, opened: Container, name: String, row: u32 },
    NeverEnded { container: Container, name: String },
    NestedTooDeep { most: usize },
    LoopListMissing,
    IncludeUnresolved,
    CascadingSelect,
    SearchRead { table: String },
    SearchUnreadable,
    AppearanceForeign { word: String, program: &'static str },
    TableListMixed { list: String, first: String },
    TableListFilter,
    CalculationMissing,
    TriggerUnreadable,
    TriggerUnseen { name: String },
    DefaultAsText { why: String },
    PreloadUnknown,
    GroupCalculated,
    FlatIgnored,
    // Choices.
    ListMissing,
    ListUnknown { list: String, suggestion: Option<String>, has_sheet: bool },
    FileNameInvalid { file: String },
    ChoiceWithoutList,
    ChoiceNameMissing { list: String },
    ChoiceNameWithSpace { list: String, name: String, row: u32 },
    ChoiceTwice { list: String, row: u32 },
    ChoiceTwiceAlike { list: String, row: u32 },
    ChoiceTwiceFiltered { list: String, row: u32 },
    ChoiceLabelMissing { list: String },
    OrOtherFiltered,
    OrOtherUntranslated,
    OrOtherWithoutList,
    // Parameters.
    ParameterUnreadable { part: String },
    ParameterUnknown { key: String, accepted: &'static [&'static str], suggestion: Option<String> },
    ParameterInvalid { key: String, value: String, expected: Expected },
    SeedWithoutRandomize,
    // Expressions and references.
    FormulaUnreadable { why: String, advice: String, part: String },
    CalculationUnreadable { why: String, advice: String, part: String },
    FormulaRemark { what: String, advice: String },
    ReferenceBroken,
    NameUnknown { name: String, suggestion: Option<String> },
    NameAmbiguous { name: String, rows: Vec<u32> },
    TableUnknown { name: String, suggestion: Option<String> },
    Cycle { names: Vec<String> },
    // Languages and settings.
    TranslationsMissing { language: String, headers: Vec<String> },
    TextsMissing { language: String, count: usize },
    LanguageUnknown { languages: Vec<String> },
    SettingUnknown { suggestion: Option<String> },
    SettingsIgnored { headers: Vec<String> },
    SettingsBelowFirst,
    // The register.
    SaveToWithoutEntities,
    SaveToOnGroup,
    SaveToUnreadable,
    SaveToTwice { row: u32 },
    SaveToReserved,
    SaveToWithoutList { lists: Vec<String> },
    SaveToElsewhere { list: String, scope: String },
    EntityListMissing,
    EntityListTwice { row: u32 },
    EntityUnknown { list: String, suggestion: Option<String> },
    EntityLabelMissing,
    EntityIdMissing,
    EntityUpdateIfMissing,
    // Files.
    FileUnreadable(FileFault),
}

/// Things whose number is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Counted {
    Rows,
    Languages,
    Choices,
    ExpandedRows,
}

/// Why a file is no workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// The system does not give its bytes.
    Unopened,
    /// Above the bound on bytes.
    TooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// Nothing in it.
    Empty,
    /// Neither a workbook nor a text.
    NotAWorkbook,
    /// It breaks off or contradicts itself.
    Damaged,
    /// Behind a password.
    Encrypted,
    /// It unpacks to far more than a form holds.
    InflatesTooFar,
    /// A text that is not UTF-8.
    NotUtf8 {
        /// The line.
        line: usize,
    },
    /// More rows, columns or sheets than the bounds.
    TooManyCells,
}

impl Problem {
    /// What is wrong and what to do now, in English.
    pub fn in_english(&self) -> Said {
        english::say(&self.fault)
    }

    /// What is wrong and what to do now, in Bahasa Indonesia.
    pub fn in_indonesian(&self) -> Said {
        indonesian::say(&self.fault)
    }
}

/// One line in English: `error: survey F12 (relevant): … …`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Said { message, advice } = self.in_english();
        write!(f, "{}: ", self.severity.word())?;
        if !self.spot.sheet.is_empty() {
            write!(f, "{}: ", self.spot)?;
        }
        write!(f, "{message}")?;
        if advice.is_empty() { Ok(()) } else { write!(f, " {advice}") }
    }
}

impl Severity {
    /// `error`, `warning` or `remark`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Remark => "remark",
        }
    }
}

/// `survey F12 (relevant)`.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sheet)?;
        match (self.index, self.row) {
            (Some(index), 0) => write!(f, " column {}", letters(index))?,
            (Some(index), row) => write!(f, " {}{row}", letters(index))?,
            (None, 0) => {}
            (None, row) => write!(f, " row {row}")?,
        }
        if self.column.is_empty() { Ok(()) } else { write!(f, " ({})", self.column) }
    }
}

impl Spot {
    /// A whole sheet.
    pub(super) fn sheet(sheet: &str) -> Self {
        Spot { sheet: sheet.to_owned(), ..Spot::default() }
    }

    /// A whole row.
    pub(super) fn row(sheet: &str, row: u32) -> Self {
        Spot { sheet: sheet.to_owned(), row, ..Spot::default() }
    }

    /// A cell.
    pub(super) fn cell(sheet: &str, row: u32, column: &str, index: u32, cell: &str) -> Self {
        let cell = match cell.char_indices().nth(CELL_CHARS_SHOWN_MAX) {
            Some((cut, _)) => format!("{}…", &cell[..cut]),
            None => cell.to_owned(),
        };
        Spot { sheet: sheet.to_owned(), row, column: column.to_owned(), index: Some(index), cell }
    }

    /// Sheets are told of in the order in which an author writes them.
    pub(super) fn sheet_order(&self) -> usize {
        const ORDER: &[&str] = &["", "survey", "choices", "external_choices", "settings", "entities"];
        let name = self.sheet.trim().to_lowercase();
        ORDER.iter().position(|known| *known == name).unwrap_or(1)
    }
}
