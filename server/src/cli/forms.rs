//! `form`: questionnaires, from a file to the devices.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use questionnaire::bundled::{BUNDLED, Bundled};
use server::forms::{self, Report, Upload};
use server::instance::Instance;
use server::store::forms::{File, State, Version};
use server::store::{self, areas};
use sync_protocol::AreaId;

use super::findings::Findings;
use super::form_checks::{Check, folder_of, name_of, read_folder, size};
use super::moments::{written, written_or_dash};
use super::output::Output;
use super::{Acting, Place, area_coded, form_previews};

#[derive(Subcommand)]
pub(super) enum Command {
    Check(Check),
    /// Check a questionnaire and keep it as a draft.
    Add(Add),
    /// List versions, form by form, the one added last first.
    List,
    /// Show a version: questions, skips and checks.
    Preview(form_previews::Preview),
    Findings(Findings),
    /// Publish a version to devices in areas and all below them. From then on it never changes.
    Publish {
        /// `form@version`, a form's id for its newest version, or the beginning of the hash.
        form: String,
        /// Codes of areas.
        #[arg(long = "area", required = true, value_name = "CODE")]
        areas: Vec<String>,
        #[command(flatten)]
        acting: Acting,
    },
    /// Withdraw a version: devices offer it no more. Interviews begun with it are finished with it.
    Retire {
        /// `form@version`, a form's id for its newest version, or the beginning of the hash.
        form: String,
        /// Codes of areas it was published in; all where absent.
        #[arg(long = "area", value_name = "CODE")]
        areas: Vec<String>,
        #[command(flatten)]
        acting: Acting,
    },
}

/// What to add.
#[derive(Args)]
pub(super) struct Add {
    /// A workbook (.xlsx, .xls, .ods), a CSV, a folder of CSV sheets, or a .zip of these with the tables beside them.
    #[arg(required_unless_present = "bundled", conflicts_with = "bundled")]
    file: Option<PathBuf>,
    /// A table beside the form, as CSV.
    #[arg(long = "table", value_name = "FILE", requires = "file")]
    tables: Vec<PathBuf>,
    /// A form that comes with the program: verification or ppi.
    #[arg(long, value_name = "NAME")]
    bundled: Option<String>,
    #[command(flatten)]
    acting: Acting,
}

impl Command {
    pub(super) fn run(self, place: &Place, output: Output) -> Result<ExitCode> {
        match self {
            Command::Check(check) => return check.run(output),
            Command::Add(add) => return add.run(&place.open()?, output),
            Command::Findings(findings) => findings.run(&place.open()?, output)?,
            Command::List => list(&place.open()?, output)?,
            Command::Preview(preview) => preview.run(&place.open()?, output)?,
            Command::Publish { form, areas, acting } => {
                let instance = place.open()?;
                let version = form_named(&instance, &form)?;
                let by = Some(acting.user(&instance)?.id);
                let version = forms::publish(&instance, version.hash, coded(&instance, &areas)?, by)?;
                output.one(&version, format!("{} is published in {}.", named(&version), many_areas(&version)))?;
            }
            Command::Retire { form, areas, acting } => {
                let instance = place.open()?;
                let version = form_named(&instance, &form)?;
                let from = if areas.is_empty() { None } else { Some(coded(&instance, &areas)?) };
                let by = Some(acting.user(&instance)?.id);
                let version = forms::retire(&instance, version.hash, from, by)?;
                let fate = match version.state {
                    State::Retired => "is retired".to_owned(),
                    _ => format!("stays published in {}", many_areas(&version)),
                };
                output.one(&version, format!("{} {fate}.", named(&version)))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn run(self, instance: &Instance, output: Output) -> Result<ExitCode> {
        let by = self.acting.user(instance)?.id;
        let report = forms::add(instance, self.upload()?, Some(by))?;
        if !output.json {
            for line in &report.problems {
                eprintln!("{line}");
            }
        }
        output.one(&report, sentence(&report))?;
        Ok(if report.accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn upload(&self) -> Result<Upload> {
        if let Some(name) = &self.bundled {
            let known = BUNDLED.map(|bundled| bundled.name).join(", ");
            return Ok(Upload::of_bundled(
                Bundled::find(name).with_context(|| format!("{name} is not one of {known}"))?,
            ));
        }
        let path = self.file.as_deref().context("name a file or a bundled form")?;
        let mut upload = read(path)?;
        for table in &self.tables {
            let bytes = std::fs::read(table).with_context(|| table.display().to_string())?;
            upload = upload.with_table(&name_of(table), bytes);
        }
        Ok(upload)
    }
}

fn sentence(report: &Report) -> String {
    match &report.stored {
        None => format!("Refused, nothing kept: {}.", report.file),
        Some(version) if report.missing_tables.is_empty() => {
            format!("{} is kept as {}: {}.", named(version), version.state.word(), size(&report.counts))
        }
        Some(version) => {
            format!("{} is kept; before it is published add {}.", named(version), report.missing_tables.join(", "))
        }
    }
}

/// The files of a form at a path: one file, or a folder of sheets and tables.
fn read(path: &Path) -> Result<Upload> {
    let context = || path.display().to_string();
    let Some(folder) = folder_of(path) else {
        let bytes = std::fs::read(path).with_context(context)?;
        return Upload::of_file(&name_of(path), bytes).with_context(context);
    };
    let files = read_folder(&folder).with_context(context)?;
    let files = files.into_iter().map(|(name, bytes)| File { name, bytes });
    Upload::of_files(&name_of(&folder), files.collect()).with_context(context)
}

fn list(instance: &Instance, output: Output) -> Result<()> {
    let (all, areas) =
        instance.store.read(|tx| Ok::<_, store::db::Error>((store::forms::list(tx)?, areas::list(tx)?)))?;
    let code =
        |id: &AreaId| areas.iter().find(|area| area.id == *id).map_or_else(String::new, |area| area.code.clone());
    output.list(&all, ["FORM", "TITLE", "STATE", "QUESTIONS", "ADDED", "PUBLISHED", "AREAS", "HASH"], |version| {
        [
            named(version),
            version.title.clone(),
            version.state.word().to_owned(),
            version.questions.to_string(),
            written(version.uploaded_at),
            written_or_dash(version.published_at),
            version.areas.iter().map(code).collect::<Vec<_>>().join(" "),
            version.hash.to_string()[..12].to_owned(),
        ]
    })
}

/// `form@version`.
fn named(version: &Version) -> String {
    format!("{}@{}", version.form, version.version)
}

fn many_areas(version: &Version) -> String {
    match version.areas.len() {
        1 => "1 area".to_owned(),
        many => format!("{many} areas"),
    }
}

/// The version that a person means.
pub(super) fn form_named(instance: &Instance, name: &str) -> Result<Version> {
    /// Digits of a hash that tell versions apart.
    const DIGITS_MIN: usize = 6;
    let all = instance.store.read(store::forms::list)?;
    let exact = |version: &&Version| named(version) == name;
    let newest = |version: &&Version| version.form == name;
    if let Some(version) = all.iter().find(exact).or_else(|| all.iter().find(newest)) {
        return Ok(version.clone());
    }
    let mut hashed =
        all.iter().filter(|version| name.len() >= DIGITS_MIN && version.hash.to_string().starts_with(name));
    match (hashed.next(), hashed.next()) {
        (Some(version), None) => Ok(version.clone()),
        (Some(_), Some(_)) => bail!("several versions begin with {name}; give more digits"),
        _ => bail!("there is no form {name}; `form list` shows them"),
    }
}

fn coded(instance: &Instance, codes: &[String]) -> Result<Vec<AreaId>> {
    codes.iter().map(|code| Ok(area_coded(instance, code)?.id)).collect()
}
