//! What is told of an uploaded form: whether it is accepted, how large it is, and all that is wrong with it.

use std::fmt;

use questionnaire::xlsform::{Problem, Said, Severity};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::forms::Version;

/// A form judged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Report {
    /// The file's name.
    pub file: String,
    /// Whether the form can be used.
    pub accepted: bool,
    /// How large it is.
    #[schema(value_type = Object)]
    pub counts: questionnaire::Counts,
    /// All problems, in the order of the sheets.
    pub problems: Vec<ProblemLine>,
    /// Tables that the form asks for and that are not beside it: without them it cannot be published.
    pub missing_tables: Vec<String>,
    /// What is stored of it; absent if it was refused or only looked at.
    pub stored: Option<Version>,
}

/// A text in both languages of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Both {
    /// Bahasa Indonesia.
    pub id: String,
    /// English.
    pub en: String,
}

/// A problem of a form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemLine {
    /// `error`, `warning` or `remark`.
    pub severity: &'static str,
    /// The sheet's name, or that of the file beside it.
    pub sheet: String,
    /// Counted as the spreadsheet counts; absent where no row is meant.
    pub row: Option<u32>,
    /// The column's header.
    pub column: String,
    /// The cell's text.
    pub cell: String,
    /// What is wrong.
    pub message: Both,
    /// What to do now; empty where nothing need be done.
    pub advice: Both,
}

impl ProblemLine {
    /// A problem that the reader of forms found.
    pub(super) fn of(problem: &Problem) -> ProblemLine {
        let Said { message: id, advice: advice_id } = problem.in_indonesian();
        let Said { message: en, advice: advice_en } = problem.in_english();
        ProblemLine {
            severity: problem.severity.word(),
            sheet: problem.spot.sheet.clone(),
            row: (problem.spot.row > 0).then_some(problem.spot.row),
            column: problem.spot.column.clone(),
            cell: problem.spot.cell.clone(),
            message: Both { id, en },
            advice: Both { id: advice_id, en: advice_en },
        }
    }

    /// A problem of a file beside the form.
    pub(super) fn of_file(severity: Severity, file: &str, message: Both, advice: Both) -> ProblemLine {
        let (sheet, column, cell) = (file.to_owned(), String::new(), String::new());
        ProblemLine { severity: severity.word(), sheet, row: None, column, cell, message, advice }
    }
}

/// `error: survey row 12, column relevant, "${x}": what is wrong. What to do.`
impl fmt::Display for ProblemLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        let row = self.row.map_or_else(String::new, |row| format!("row {row}"));
        let column = if self.column.is_empty() { String::new() } else { format!("column {}", self.column) };
        let cell = if self.cell.is_empty() { String::new() } else { format!("{:?}", self.cell) };
        let place: Vec<&str> = [&self.sheet, &row, &column, &cell]
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        write!(f, "{}", self.message.en)?;
        if self.advice.en.is_empty() { Ok(()) } else { write!(f, " {}", self.advice.en) }
    }
}

impl Both {
    /// The text in both languages.
    pub(super) fn new(id: impl Into<String>, en: impl Into<String>) -> Both {
        Both { id: id.into(), en: en.into() }
    }
}
