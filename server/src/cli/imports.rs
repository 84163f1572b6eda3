//! `import`: files of the office into the register. What is wrong with a file is said place by place.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use server::import::findings::{BadRows, Findings};
use server::import::mapping::{Mapping, Preview};
use server::import::sheet::{SheetChoice, SheetFile};
use server::instance::Instance;
use server::sync::Hub;
use server::tables::Mode;
use server::tables::area_tables::import_areas;
use server::tables::outline_files::import_outlines;
use server::tables::prelists::{PrelistImport, PrelistReport, Progress, check_source, import_prelist};

use super::Acting;
use super::output::{Output, say};

/// Exit status of a file that was refused.
const REFUSED: u8 = 3;
/// Findings that are shown to a person; `--json` gives all that were kept.
const SHOWN_MAX: usize = 50;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Import areas from a table with the columns code, level, name, parent_code. CSV or XLSX.
    Areas {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Import outlines of areas from GeoJSON.
    Outlines {
        /// The file.
        file: PathBuf,
        /// The property that holds an area's code; found by itself where absent.
        #[arg(long, value_name = "NAME")]
        code_property: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Import a prelist: one row per person, per family or per household. CSV, XLSX or XLS.
    Prelist {
        /// The file.
        file: PathBuf,
        /// Short name of the source, part of every imported register's: `dtsen2025`.
        #[arg(long)]
        source: String,
        /// The sheet, by name; the one whose header fits best where absent.
        #[arg(long)]
        sheet: Option<String>,
        /// A saved column mapping; guessed from the header where absent.
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Where to save the mapping in use, to be edited or used again.
        #[arg(long, value_name = "FILE")]
        save_mapping: Option<PathBuf>,
        /// Show the first 20 rows and the mapping, read no further.
        #[arg(long)]
        preview: bool,
        #[command(flatten)]
        how: How,
    },
}

/// How a file is imported.
#[derive(Args)]
pub(super) struct How {
    /// Say what would happen, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Leave out what is bad and import the rest; otherwise one error stops everything.
    #[arg(long)]
    skip_bad: bool,
    #[command(flatten)]
    acting: Acting,
}

impl How {
    fn mode(&self) -> Mode {
        if self.dry_run { Mode::DryRun } else { Mode::Apply }
    }

    fn bad(&self) -> BadRows {
        if self.skip_bad { BadRows::Skip } else { BadRows::RefuseAll }
    }

    /// Tells what became of a file.
    fn told(
        &self,
        report: &impl Serialize,
        written: bool,
        findings: &Findings,
        sentence: &str,
        output: Output,
    ) -> Result<ExitCode> {
        if !output.json {
            for finding in findings.list().iter().take(SHOWN_MAX) {
                eprintln!("{finding}");
            }
            let (errors, warnings) = (findings.errors(), findings.warnings());
            if errors + warnings > 0 {
                eprintln!("{errors} errors, {warnings} warnings.");
            }
        }
        let fate = match (written, self.dry_run) {
            (true, _) => "Imported",
            (false, true) => "Dry run, nothing written",
            (false, false) => "Refused, nothing written",
        };
        output.one(report, format!("{fate}: {sentence}."))?;
        let fine = written || self.dry_run && findings.allow_import(self.bad());
        Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) })
    }
}

impl Command {
    pub(super) fn run(self, instance: &Instance, output: Output) -> Result<ExitCode> {
        match self {
            Command::Areas { file, how } => {
                let mut file = SheetFile::open(&file).with_context(|| file.display().to_string())?;
                let by = how.acting.user(instance)?.id;
                let report = import_areas(instance, &mut file, how.bad(), how.mode(), Some(by))?;
                let sentence =
                    format!("{} areas new, {} changed, {} as they were", report.created, report.changed, report.same);
                how.told(&report, report.written, &report.findings, &sentence, output)
            }
            Command::Outlines { file, code_property, how } => {
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
                let by = Some(how.acting.user(instance)?.id);
                let property = code_property.as_deref();
                let report = import_outlines(instance, &name, &bytes, property, how.bad(), how.mode(), by)?;
                let sentence = format!("{} outlines", report.outlines);
                how.told(&report, report.written, &report.findings, &sentence, output)
            }
            Command::Prelist { file, source, sheet, mapping, save_mapping, preview, how } => {
                check_source(&source).context("--source")?;
                let mut file = SheetFile::open(&file).with_context(|| file.display().to_string())?;
                let sheet = sheet.map_or(SheetChoice::BestHeader, SheetChoice::Name);
                let mapping = mapping.map(|path| read_mapping(&path)).transpose()?;
                let seen = Preview::read(&mut file, mapping, &sheet)?;
                if let Some(path) = save_mapping {
                    let text = serde_json::to_string_pretty(&seen.mapping)?;
                    std::fs::write(&path, text).with_context(|| path.display().to_string())?;
                }
                if preview {
                    return show(&seen, output).map(|()| ExitCode::SUCCESS);
                }
                let report = prelist(instance, &mut file, &source, &seen.mapping, &how)?;
                let sentence = format!(
                    "{} rows, {} of them unusable; {} households",
                    report.rows_read, report.rows_refused, report.households
                );
                how.told(&report, report.written, &report.findings, &sentence, output)
            }
        }
    }
}

fn read_mapping(path: &PathBuf) -> Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| format!("{} is no column mapping", path.display()))
}

fn prelist(
    instance: &Instance,
    file: &mut SheetFile,
    source: &str,
    mapping: &Mapping,
    how: &How,
) -> Result<PrelistReport> {
    let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
    let import =
        PrelistImport { source, mapping, bad: how.bad(), mode: how.mode(), author: how.acting.user(instance)?.id };
    let bar = if std::io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{msg} {pos} {wide_bar} {eta}").expect("a template"));
    let report = import_prelist(instance, &hub, file, import, &mut |progress| match progress {
        Progress::Read { rows } => {
            bar.set_message("rows read");
            bar.set_position(rows);
        }
        Progress::Written { households, of } => {
            bar.set_message("households");
            bar.set_length(of);
            bar.set_position(households);
        }
    });
    bar.finish_and_clear();
    Ok(report?)
}

fn show(preview: &Preview, output: Output) -> Result<()> {
    if output.json {
        return output.one(preview, "");
    }
    let columns = preview.mapping.columns.iter().map(|column| format!("{} -> {:?}", column.header, column.field));
    say(&format!("sheets: {}", preview.sheets.join(", ")))?;
    say(&format!("header in row {}; one row per {:?}", preview.header_row, preview.mapping.unit))?;
    say(&format!("mapping: {}", columns.collect::<Vec<_>>().join(", ")))?;
    preview.rows.iter().try_for_each(|(number, cells)| say(&format!("{number:>6}  {}", cells.join(" | "))))
}
