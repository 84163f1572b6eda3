//! `export`: households, persons or visits as a table in a file.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use server::export::Format;
use server::export::labels::Language;
use server::export::tables::Table;
use server::instance::Instance;
use server::tables::exports::{Export as Wanted, write_table};

use super::output::Output;
use super::{Acting, area_coded};

/// Export households, persons or visits to a file: verified values and prelist values side by side.
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
        let format = match self.out.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            _ => bail!("{}: the file's name ends in .csv or .xlsx", self.out.display()),
        };
        let wanted = Wanted {
            table: match self.table {
                Which::Households => Table::Households,
                Which::Persons => Table::Persons,
                Which::Visits => Table::Visits,
            },
            format,
            language: match self.language {
                HeaderLanguage::Id => Language::Id,
                HeaderLanguage::En => Language::En,
            },
            area: self.area.map(|code| area_coded(instance, &code)).transpose()?.map(|area| area.id),
            extra: self.extra,
            by: Some(self.acting.user(instance)?.id),
        };
        let file = File::create_new(&self.out).with_context(|| self.out.display().to_string())?;
        let written = write_table(instance, &wanted, BufWriter::new(file));
        if written.is_err() {
            // Half a table would be taken for a whole one.
            let _ = std::fs::remove_file(&self.out);
        }
        let rows = written?;
        let path = self.out.display().to_string();
        output.one(&json!({ "file": path, "rows": rows }), format!("{path}: {rows} rows."))
    }
}
