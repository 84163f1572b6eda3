//! `form check`: whether files are questionnaires, and all that is wrong with them, before anything is published.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anyhow::Result;
use clap::Args;
use questionnaire::xlsform::FileFault;
use questionnaire::{Checked, Counts};

use super::output::{Output, say};

/// Check XLSForm files and tell all that is wrong with them; needs no data folder.
///
/// Takes .xlsx, .xls, .ods, .csv and .md files, and folders of CSV files named after their sheets (survey.csv,
/// choices.csv, ...). With --json, prints one line for each file.
///
/// Exit status: 0 all accepted; 1 at least one refused.
#[derive(Args)]
pub(super) struct Check {
    /// The files or folders.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    pub(super) fn run(self, output: Output) -> Result<ExitCode> {
        let mut all_accepted = true;
        for path in &self.files {
            let checked = check(path).unwrap_or_else(|_| Checked::refused(FileFault::Unopened));
            all_accepted &= checked.is_accepted();
            print(path, &checked, output)?;
        }
        Ok(if all_accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Checks a file, or a set of them: a folder, or `survey.csv` with the other sheets beside it.
fn check(path: &Path) -> io::Result<Checked> {
    let Some(folder) = folder_of(path) else { return Ok(questionnaire::check(&name_of(path), &fs::read(path)?)) };
    let files = read_folder(&folder)?;
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Ok(questionnaire::check_set(&name_of(&folder), &files))
}

/// The folder that a path means: itself, or that of a `survey.csv`; `None` for a file that is a form alone.
pub(super) fn folder_of(path: &Path) -> Option<PathBuf> {
    let is_survey = path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("survey.csv"));
    let folder = if path.is_dir() { path } else { path.parent().filter(|_| is_survey && path.is_file())? };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // The form may be called after its folder.
    Some(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
}

/// The CSV files of a folder, by name.
pub(super) fn read_folder(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) && path.is_file() {
            files.push((name_of(&path), fs::read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

fn print(path: &Path, checked: &Checked, output: Output) -> Result<()> {
    let file = path.display().to_string();
    if output.json {
        return say(&checked.to_json(&file));
    }
    match checked.is_accepted() {
        true => say(&format!("{file}: accepted ({})", size(&checked.counts)))?,
        false => say(&format!("{file}: refused"))?,
    }
    checked.problems.iter().try_for_each(|problem| say(&format!("  {problem}")))
}

/// `214 questions, 20 groups, 1 repeats, 2 languages`.
pub(super) fn size(counts: &Counts) -> String {
    let Counts { questions, groups, repeats, languages } = counts;
    format!("{questions} questions, {groups} groups, {repeats} repeats, {languages} languages")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_csv_files_is_checked_by_its_folder_or_its_survey() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it can be written");
        write("survey.csv", "type,name,label\nselect_one l,a,A\n");
        write("choices.csv", "list_name,name,label\nl,1,One\n");
        write("table.csv", "x\n");
        for path in [folder.path().to_owned(), folder.path().join("survey.csv")] {
            let checked = check(&path).expect("it can be read");
            assert!(checked.is_accepted(), "{:?}", checked.problems);
            assert_eq!(checked.counts.questions, 1);
        }
        assert!(check(&folder.path().join("absent.xlsx")).is_err());
    }

    #[test]
    fn a_refused_file_is_one_line_of_json() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.csv");
        fs::write(&path, "type,name,label\nselect_one nope,a,A\n").expect("it can be written");
        let line = check(&path).expect("it can be read").to_json("x.csv");
        let told: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
        assert!(!line.contains('\n'));
        assert_eq!(told["accepted"], false);
        assert_eq!(told["problems"][0]["row"], 2);
        assert_eq!(told["problems"][0]["column"], "type");
        assert_eq!(told["problems"][0]["cell"], "select_one nope");
    }
}
