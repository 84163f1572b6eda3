//! The files of one form as they arrive: which of them is the workbook, which are tables beside it, and what they say.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use questionnaire::interview::{CsvError, Table};
use questionnaire::package::Package;
use questionnaire::workbook::{self, FILE_BYTES_MAX};
use questionnaire::xlsform::Severity;
use questionnaire::{Checked, check, check_set};
use sync_protocol::limits::PACKAGE_BYTES_MAX;

use super::report::{Both, ProblemLine, Report};
use crate::store::forms::File;

/// Files of one form at most.
const FILES_MAX: usize = 64;
/// Bytes of all files of one form.
const FILES_BYTES_MAX: u64 = 2 * FILE_BYTES_MAX as u64;

/// Bytes of all tables of a form; in a package some of their letters take two.
const TABLES_BYTES_MAX: usize = PACKAGE_BYTES_MAX / 2;

/// The files of one form.
#[derive(Debug, Clone)]
pub struct Upload {
    /// What people call the file or folder.
    name: String,
    /// A workbook, or the sheets of one as CSV.
    sheets: Vec<File>,
    /// Tables beside the form.
    tables: Vec<File>,
}

/// Files that cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// There is nothing.
    #[error("there is no form among the files")]
    NoForm,
    /// Which of them is it?
    #[error("there are several forms: {0}; send one form with its tables")]
    SeveralForms(String),
    /// Too much at once.
    #[error("a form may have {FILES_MAX} files of {} MiB together", FILES_BYTES_MAX >> 20)]
    TooMuch,
    /// It is no archive after all.
    #[error("the archive is damaged")]
    Damaged,
}

/// A form judged, with what would be stored of it.
#[derive(Debug)]
pub struct Judged {
    /// What is told of it.
    pub report: Report,
    /// The form with its tables, where it is accepted.
    pub package: Option<Package>,
    /// All files, as they came.
    pub files: Vec<File>,
}

impl Upload {
    /// One file: a workbook, a CSV, or a ZIP archive of a form's files.
    pub fn of_file(name: &str, bytes: Vec<u8>) -> Result<Upload, Unclear> {
        if name.to_lowercase().ends_with(".zip") {
            return Upload::of_files(name, unpack(bytes)?);
        }
        let file = File { name: base_name(name).to_owned(), bytes };
        Ok(Upload { name: name.to_owned(), sheets: vec![file], tables: vec![] })
    }

    /// Several files: a workbook and tables, or a sheet `survey.csv`, other sheets and tables.
    pub fn of_files(name: &str, files: Vec<File>) -> Result<Upload, Unclear> {
        let bytes: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
        if files.len() > FILES_MAX || bytes > FILES_BYTES_MAX {
            return Err(Unclear::TooMuch);
        }
        let is_csv = |file: &File| file.name.to_lowercase().ends_with(".csv");
        let (csv, workbooks): (Vec<File>, Vec<File>) = files.into_iter().partition(is_csv);
        match workbooks.as_slice() {
            [] => Upload::of_sheets(name, csv),
            [one] => Ok(Upload { name: one.name.clone(), sheets: workbooks, tables: csv }),
            several => {
                let names: Vec<&str> = several.iter().map(|file| file.name.as_str()).collect();
                Err(Unclear::SeveralForms(names.join(", ")))
            }
        }
    }

    fn of_sheets(name: &str, mut files: Vec<File>) -> Result<Upload, Unclear> {
        if files.len() == 1 {
            return Ok(Upload { name: files[0].name.clone(), sheets: files, tables: vec![] });
        }
        let (sheets, tables): (Vec<File>, Vec<File>) = files.drain(..).partition(|file| workbook::is_sheet(&file.name));
        if sheets.iter().any(|file| workbook::stem(&file.name).eq_ignore_ascii_case("survey")) {
            return Ok(Upload { name: name.to_owned(), sheets, tables });
        }
        Err(Unclear::NoForm)
    }

    /// A form that comes with the program.
    pub fn of_bundled(bundled: questionnaire::bundled::Bundled) -> Upload {
        let file = |(name, text): &(&str, &str)| File { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() };
        let files = bundled.files.iter().map(file).collect();
        Upload::of_files(bundled.name, files).expect("what is bundled has a survey sheet")
    }

    /// Adds a table beside the form.
    #[must_use]
    pub fn with_table(mut self, name: &str, bytes: Vec<u8>) -> Upload {
        self.tables.push(File { name: base_name(name).to_owned(), bytes });
        self
    }

    /// Reads and judges the form.
    pub fn judge(self) -> Judged {
        let mut checked = self.check();
        let mut problems: Vec<ProblemLine> = checked.problems.iter().map(ProblemLine::of).collect();
        let mut package = checked.form.take().map(|form| Package { form, tables: BTreeMap::new() });
        let mut missing_tables = Vec::new();
        let mut fits = true;
        if let Some(package) = &mut package {
            problems.extend(self.tables.iter().filter_map(|file| put_table(package, file)));
            missing_tables.extend(missing(package));
            problems.extend(missing_tables.iter().map(|file| missing_problem(file)));
            fits = problems.iter().all(|problem| problem.severity != Severity::Error.word());
        }
        let package = package.filter(|_| fits);
        let counts = if package.is_some() { checked.counts } else { questionnaire::Counts::default() };
        let report =
            Report { file: self.name, accepted: package.is_some(), counts, problems, missing_tables, stored: None };
        Judged { report, package, files: self.sheets.into_iter().chain(self.tables).collect() }
    }

    fn check(&self) -> Checked {
        match self.sheets.as_slice() {
            [one] => check(&one.name, &one.bytes),
            several => {
                let files: Vec<(&str, &[u8])> =
                    several.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
                check_set(&self.name, &files)
            }
        }
    }
}

/// Lays a table beside the form, in the place of one of its name; tells what is wrong with it. What the form does not
/// ask for is left out.
pub(super) fn put_table(package: &mut Package, file: &File) -> Option<ProblemLine> {
    let asked = package.form.tables.iter().find(|table| {
        table.file.eq_ignore_ascii_case(&file.name) || table.name.eq_ignore_ascii_case(workbook::stem(&file.name))
    });
    let Some(name) = asked.map(|table| table.name.clone()) else { return Some(not_asked_for(file)) };
    let text = match table_text(file) {
        Ok(text) => text,
        Err(message) => return Some(bad_table(file, message)),
    };
    let others: usize = package.tables.iter().filter(|(other, _)| **other != name).map(|(_, text)| text.len()).sum();
    if others + text.len() > TABLES_BYTES_MAX {
        let mib = TABLES_BYTES_MAX >> 20;
        let message = Both::new(
            format!("Semua tabel bersama-sama melebihi {mib} MiB."),
            format!("All tables together are larger than {mib} MiB."),
        );
        return Some(bad_table(file, message));
    }
    package.tables.insert(name, text.to_owned());
    None
}

fn table_text(file: &File) -> Result<&str, Both> {
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        let line = file.bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Both::new(
            format!("Tabel ini bukan teks UTF-8; lihat baris {line}."),
            format!("The table is not UTF-8 text; see line {line}."),
        )
    })?;
    Table::from_csv(text).map_err(|error| no_csv(&error))?;
    Ok(text)
}

/// Names of files that the form asks for and that do not lie beside it.
pub(super) fn missing(package: &Package) -> Vec<String> {
    let missing = package.missing_tables();
    let tables = package.form.tables.iter().filter(|table| missing.contains(&table.name.as_str()));
    tables.map(|table| table.file.clone()).collect()
}

fn no_csv(error: &CsvError) -> Both {
    let id = match error {
        CsvError::OpenQuote(line) => format!("Tanda kutip yang dibuka di baris {line} tidak pernah ditutup."),
        CsvError::NoHeader => "Tabel ini tidak punya baris judul.".to_owned(),
    };
    Both::new(id, format!("This is no table: {error}."))
}

fn bad_table(file: &File, message: Both) -> ProblemLine {
    let advice = Both::new("Simpan tabel sebagai CSV UTF-8.", "Save the table as CSV UTF-8.");
    ProblemLine::of_file(Severity::Error, &file.name, message, advice)
}

fn not_asked_for(file: &File) -> ProblemLine {
    let message = Both::new("Kuesioner tidak memakai tabel ini.", "The form does not use this table.");
    let advice = Both::new("Periksa nama berkasnya.", "Check the file's name.");
    ProblemLine::of_file(Severity::Warning, &file.name, message, advice)
}

fn missing_problem(file: &str) -> ProblemLine {
    let message = Both::new(
        format!("Kuesioner memerlukan tabel {file}, yang belum ada."),
        format!("The form asks for the table {file}, which is not there."),
    );
    let advice = Both::new(
        "Tambahkan tabel itu sebagai CSV sebelum kuesioner diterbitkan.",
        "Add it as CSV before the form is published.",
    );
    ProblemLine::of_file(Severity::Warning, file, message, advice)
}

/// The files of an archive, without their folders; what other programs leave in archives is passed over.
fn unpack(bytes: Vec<u8>) -> Result<Vec<File>, Unclear> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unclear::Damaged)?;
    if archive.len() > 4 * FILES_MAX {
        return Err(Unclear::TooMuch);
    }
    let mut files = Vec::new();
    let mut left = FILES_BYTES_MAX;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| Unclear::Damaged)?;
        let path = entry.name().map_err(|_| Unclear::Damaged)?.into_owned();
        let name = base_name(&path).to_owned();
        if entry.is_dir() || name.starts_with('.') || path.starts_with("__MACOSX/") {
            continue;
        }
        let mut bytes = Vec::new();
        let read = entry.take(left + 1).read_to_end(&mut bytes).map_err(|_| Unclear::Damaged)?;
        left = left.checked_sub(read as u64).ok_or(Unclear::TooMuch)?;
        files.push(File { name, bytes });
    }
    Ok(files)
}

/// A file's name without its folder.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    const SURVEY: &str = "type,name,label\nselect_one_from_file kelurahan.csv,place,Where\n";

    #[test]
    fn a_form_is_told_from_the_tables_beside_it() {
        let files = vec![
            file("survey.csv", SURVEY),
            file("settings.csv", "form_id\nx\n"),
            file("kelurahan.csv", "name,label\n1,A\n"),
        ];
        let judged = Upload::of_files("my form", files).expect("clear").judge();
        assert!(judged.report.accepted, "{:?}", judged.report);
        assert_eq!(judged.report.missing_tables, Vec::<String>::new());
        let package = judged.package.expect("accepted");
        assert_eq!(
            (package.form.id.as_str(), package.tables.keys().next().map(String::as_str)),
            ("x", Some("kelurahan"))
        );
        assert_eq!(judged.files.len(), 3);
    }

    #[test]
    fn a_table_that_is_missing_or_unasked_for_is_told() {
        let files = vec![
            file("form.md", "| survey |\n| | type | name | label |\n| | text | a | A |\n"),
            file("x.csv", "a\n1\n"),
        ];
        let report = Upload::of_files("f", files).expect("clear").judge().report;
        assert!(report.accepted);
        assert_eq!(report.problems.last().map(|line| line.sheet.as_str()), Some("x.csv"));
        let report = Upload::of_file("survey.csv", SURVEY.as_bytes().to_vec()).expect("clear").judge().report;
        assert_eq!((report.accepted, report.missing_tables), (true, vec!["kelurahan.csv".to_owned()]));
    }

    #[test]
    fn a_table_that_is_none_refuses_the_form_and_names_the_line() {
        let upload = Upload::of_file("survey.csv", SURVEY.as_bytes().to_vec()).expect("clear");
        let report = upload.with_table("kelurahan.csv", b"name\n\"1\n".to_vec()).judge().report;
        assert!(!report.accepted);
        let said = &report.problems.iter().find(|line| line.severity == "error").expect("an error").message.en;
        assert!(said.contains("line 2"), "{said}");
    }

    #[test]
    fn files_that_are_no_form_or_several_are_refused() {
        let unclear = |files: Vec<File>| Upload::of_files("f", files).expect_err("unclear");
        assert_eq!(unclear(vec![]), Unclear::NoForm);
        assert_eq!(unclear(vec![file("a.csv", "x"), file("b.csv", "x")]), Unclear::NoForm);
        assert_eq!(unclear(vec![file("a.xls", "x"), file("b.xls", "x")]), Unclear::SeveralForms("a.xls, b.xls".into()));
        assert_eq!(Upload::of_file("x.zip", b"PK".to_vec()).expect_err("none"), Unclear::Damaged);
    }
}
