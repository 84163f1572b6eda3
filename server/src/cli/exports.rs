//! `export`: households, persons, visits or answers as tables in files.

use std::ffi::OsStr;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use server::export::Format;
use server::export::answers::VISITS;
use server::export::labels::Language;
use server::export::tables::Table;
use server::instance::Instance;
use server::tables::answers::{AnswersExport, list_parts, write_answers};
use server::tables::exports::{Export as Wanted, ExportFailed, write_table};

use super::forms::form_named;
use super::output::Output;
use super::photo_exports;
use super::{Acting, area_coded};

/// Export to a file: households, persons and visits with verified and prelist values side by side; or the answers of
/// visits made with one form version, with a file beside it for each repeat and for what happened in the interviews.
#[derive(Args)]
pub(super) struct Export {
    /// Which table.
    table: Which,
    /// The file: .csv or .xlsx. An existing one is not replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only this area and all below it.
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// Language of the header.
    #[arg(long, default_value = "id")]
    language: HeaderLanguage,
    /// Of answers: `form@version`, a form's id for its newest version, or the beginning of the hash.
    #[arg(long, value_name = "FORM", required_if_eq("table", "answers"))]
    form: Option<String>,
    /// Further registers, such as a questionnaire's.
    #[arg(long = "with", value_name = "REGISTER")]
    extra: Vec<String>,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    Households,
    Persons,
    Visits,
    Answers,
    /// Photos and other files, into a new folder or .zip file, with a table of them.
    Photos,
}

#[derive(Clone, Copy, ValueEnum)]
enum HeaderLanguage {
    /// Bahasa Indonesia.
    Id,
    /// English.
    En,
}

impl Export {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<()> {
        if matches!(self.table, Which::Photos) {
            let area = self.area.as_ref().map(|code| area_coded(instance, code)).transpose()?.map(|area| area.id);
            let by = Some(self.acting.user(instance)?.id);
            return photo_exports::write(instance, area, by, &self.out, output);
        }
        let format = match self.out.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            _ => bail!("{}: the file's name ends in .csv or .xlsx", self.out.display()),
        };
        let language = match self.language {
            HeaderLanguage::Id => Language::Id,
            HeaderLanguage::En => Language::En,
        };
        let area = self.area.as_ref().map(|code| area_coded(instance, code)).transpose()?.map(|area| area.id);
        let by = Some(self.acting.user(instance)?.id);
        let table = match self.table {
            Which::Households => Table::Households,
            Which::Persons => Table::Persons,
            Which::Visits => Table::Visits,
            Which::Photos => unreachable!("photos are no table"),
            Which::Answers => {
                let form = form_named(instance, self.form.as_deref().context("name the form with --form")?)?;
                let export = AnswersExport { package: form.hash, part: String::new(), format, language, area, by };
                return write_parts(instance, &export, &self.out, output);
            }
        };
        let wanted = Wanted { table, format, language, area, extra: self.extra, by };
        let rows = write(&self.out, |file| write_table(instance, &wanted, file))?;
        let path = self.out.display().to_string();
        output.one(&json!({ "file": path, "rows": rows }), format!("{path}: {rows} rows."))
    }
}

/// Every table of a form's answers: that of the visits under the name given, the others beside it.
fn write_parts(instance: &Instance, export: &AnswersExport, out: &Path, output: Output) -> Result<()> {
    let mut files = Vec::new();
    for part in list_parts(instance, export.package)? {
        let path = if part == VISITS { out.to_owned() } else { beside(out, &part) };
        let export = AnswersExport { part, ..export.clone() };
        let rows = write(&path, |file| write_answers(instance, &export, file))?;
        files.push(json!({ "file": path.display().to_string(), "rows": rows }));
    }
    let told = files.iter().map(|file| format!("{}: {} rows.", file["file"].as_str().unwrap_or(""), file["rows"]));
    let sentence = told.collect::<Vec<_>>().join("\n");
    output.one(&files, sentence)
}

/// `answers.csv` and `member` make `answers-member.csv`.
fn beside(out: &Path, part: &str) -> PathBuf {
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    out.with_file_name(format!("{}-{part}.{}", text(out.file_stem()), text(out.extension())))
}

/// Writes a file that is not there yet; half a table would be taken for a whole one.
fn write(path: &Path, table: impl FnOnce(BufWriter<File>) -> std::result::Result<u64, ExportFailed>) -> Result<u64> {
    let file = File::create_new(path).with_context(|| path.display().to_string())?;
    let written = table(BufWriter::new(file));
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    Ok(written?)
}
