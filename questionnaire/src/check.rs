//! A file judged: whether it is a form, how large, and all that is wrong with it.

use serde::Serialize;

use crate::form::{Form, Kind};
use crate::sheet::Workbook;
use crate::workbook;
use crate::xlsform::{self, Fault, FileFault, Problem, Reading, Severity, Spot};

/// What came of checking a file.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The form, where it is accepted.
    pub form: Option<Form>,
    /// How large it is; all zero where it is not accepted.
    pub counts: Counts,
    /// All problems, in the order of the sheets.
    pub problems: Vec<Problem>,
}

/// How large a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// What is asked: notes, and values that are computed or kept silently, are none.
    pub questions: usize,
    /// Groups.
    pub groups: usize,
    /// Repeats.
    pub repeats: usize,
    /// Languages.
    pub languages: usize,
}

/// Checks a file, whatever kind it is.
pub fn check(name: &str, bytes: &[u8]) -> Checked {
    judge(name, workbook::read(name, bytes))
}

/// Checks a set of CSV files, one a sheet; `name` is that of the form.
pub fn check_set(name: &str, files: &[(&str, &[u8])]) -> Checked {
    judge(name, workbook::read_set(files))
}

fn judge(name: &str, workbook: Result<Workbook, FileFault>) -> Checked {
    match workbook {
        Ok(workbook) => {
            let Reading { form, problems } = xlsform::read(&workbook, workbook::stem(name));
            let counts = form.as_ref().map(Counts::of).unwrap_or_default();
            Checked { form, counts, problems }
        }
        Err(fault) => Checked::refused(fault),
    }
}

impl Checked {
    /// What came of a file that is no workbook.
    pub fn refused(fault: FileFault) -> Self {
        let (severity, spot) = (Severity::Error, Spot::default());
        let problems = vec![Problem { severity, spot, fault: Fault::FileUnreadable(fault) }];
        Checked { form: None, counts: Counts::default(), problems }
    }

    /// Whether the form can be used.
    pub fn is_accepted(&self) -> bool {
        self.form.is_some()
    }

    /// One line of JSON about the file, in English.
    pub fn to_json(&self, file: &str) -> String {
        let problems = self.problems.iter().map(Line::of).collect();
        let report = Report { file, accepted: self.is_accepted(), counts: self.counts, problems };
        serde_json::to_string(&report).expect("texts and numbers are always JSON")
    }
}

impl Counts {
    fn of(form: &Form) -> Self {
        let count = |is: fn(&Kind) -> bool| form.nodes.iter().skip(1).filter(|node| is(&node.kind)).count();
        Counts {
            questions: count(is_asked),
            groups: count(|kind| matches!(kind, Kind::Group)),
            repeats: count(|kind| matches!(kind, Kind::Repeat { .. })),
            languages: form.languages.len(),
        }
    }
}

fn is_asked(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::Group | Kind::Repeat { .. } | Kind::Note | Kind::Calculate | Kind::Hidden | Kind::Background(_)
    )
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    accepted: bool,
    counts: Counts,
    problems: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    severity: &'static str,
    sheet: &'a str,
    row: Option<u32>,
    column: &'a str,
    cell: &'a str,
    message: String,
    advice: String,
}

impl<'a> Line<'a> {
    fn of(problem: &'a Problem) -> Self {
        let Spot { sheet, row, column, cell, .. } = &problem.spot;
        let said = problem.in_english();
        Line {
            severity: problem.severity.word(),
            sheet,
            row: (*row > 0).then_some(*row),
            column,
            cell,
            message: said.message,
            advice: said.advice,
        }
    }
}
