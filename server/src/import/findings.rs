//! What is wrong with a file: one finding per place, all of them at once, the list bounded and the rest counted.
//!
//! A sentence never quotes a name or a number of a person: the place is enough to find it in the file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cells::column_letter;
use super::limits::FINDINGS_MAX;

/// Whether a finding stops an all-or-nothing import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Said, and imported all the same.
    Warning,
    /// Stops the import; with `--skip-bad` the value or row is left out.
    Error,
}

/// One thing that is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file's name, without its folder.
    pub file: String,
    /// The sheet's name; empty where a file has no sheets.
    pub sheet: String,
    /// The row as a spreadsheet numbers it, from 1; for outlines the feature; 0 where the whole file is meant.
    pub row: u32,
    /// The column's letter; empty where the whole row is meant.
    pub column: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// Whether it stops the import.
    pub severity: Severity,
    /// One sentence for people.
    pub sentence: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file)?;
        if !self.sheet.is_empty() {
            write!(out, ", sheet {}", self.sheet)?;
        }
        if self.row > 0 {
            write!(out, ", row {}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(out, ", column {}", self.column)?;
        }
        write!(out, ": {} ({})", self.sentence, self.code)
    }
}

/// A place in a file: a row and, where one cell is meant, its column (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Row from 1; 0 means the whole file.
    pub row: u32,
    /// Column from 0.
    pub column: Option<usize>,
}

impl Place {
    /// The whole file.
    pub const FILE: Place = Place { row: 0, column: None };

    /// A whole row.
    pub fn row(row: u32) -> Self {
        Self { row, column: None }
    }

    /// One cell.
    pub fn cell(row: u32, column: usize) -> Self {
        Self { row, column: Some(column) }
    }
}

/// The findings of one file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Findings {
    file: String,
    sheet: String,
    list: Vec<Finding>,
    counts: BTreeMap<&'static str, u64>,
    errors: u64,
    warnings: u64,
    file_refused: bool,
}

impl Findings {
    /// An empty list for one file and sheet.
    pub fn new(file: &str, sheet: &str) -> Self {
        Self { file: file.to_owned(), sheet: sheet.to_owned(), ..Self::default() }
    }

    /// Names the sheet that later findings are about.
    pub fn use_sheet(&mut self, sheet: &str) {
        sheet.clone_into(&mut self.sheet);
    }

    /// Something that stops an all-or-nothing import.
    pub fn error(&mut self, place: Place, code: &'static str, sentence: impl Into<String>) {
        self.errors += 1;
        self.add(place, code, Severity::Error, sentence.into());
    }

    /// Something worth a look that stops nothing.
    pub fn warning(&mut self, place: Place, code: &'static str, sentence: impl Into<String>) {
        self.warnings += 1;
        self.add(place, code, Severity::Warning, sentence.into());
    }

    /// Something that makes the whole file unusable, whatever may be skipped.
    pub fn refuse_file(&mut self, place: Place, code: &'static str, sentence: impl Into<String>) {
        self.file_refused = true;
        self.error(place, code, sentence);
    }

    fn add(&mut self, place: Place, code: &'static str, severity: Severity, sentence: String) {
        *self.counts.entry(code).or_default() += 1;
        // An error is worth more than a warning: it takes the place of one when the list is full.
        if self.list.len() >= FINDINGS_MAX {
            let weaker = (severity == Severity::Error)
                .then(|| self.list.iter().rposition(|kept| kept.severity == Severity::Warning))
                .flatten();
            match weaker {
                Some(at) => self.list.remove(at),
                None => return,
            };
        }
        self.list.push(Finding {
            file: self.file.clone(),
            sheet: self.sheet.clone(),
            row: place.row,
            column: place.column.map(column_letter).unwrap_or_default(),
            code,
            severity,
            sentence,
        });
    }

    /// The findings kept, errors preferred, in the order in which they were met.
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// How often each code was met, those beyond the list included.
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// How many errors were met.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// How many warnings were met.
    pub fn warnings(&self) -> u64 {
        self.warnings
    }

    /// How many findings the bounded list leaves out.
    pub fn left_out(&self) -> u64 {
        self.errors + self.warnings - self.list.len() as u64
    }

    /// Whether the import may go ahead.
    pub fn allow_import(&self, bad: BadRows) -> bool {
        match bad {
            BadRows::RefuseAll => self.errors == 0,
            BadRows::Skip => !self.file_refused,
        }
    }
}

/// What to do with a file in which some rows are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadRows {
    /// All or nothing: one error stops everything.
    #[default]
    RefuseAll,
    /// Leave out what is bad, import the rest.
    Skip,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_still_names_errors_and_counts_everything() {
        let mut findings = Findings::new("a.csv", "");
        for row in 1..=(FINDINGS_MAX as u32 + 10) {
            findings.warning(Place::row(row), "odd", "Odd.");
        }
        findings.error(Place::cell(7, 27), "bad", "Bad.");
        assert_eq!(findings.list().len(), FINDINGS_MAX);
        assert_eq!(findings.left_out(), 11);
        let last = findings.list().last().expect("just added");
        assert_eq!(last.to_string(), "a.csv, row 7, column AB: Bad. (bad)");
        assert!(!findings.allow_import(BadRows::RefuseAll));
        assert!(findings.allow_import(BadRows::Skip));
    }
}
