//! Answers of visits exported from one snapshot, one form version at a time.

use std::collections::HashMap;
use std::io::Write;

use questionnaire::interview::Trail;
use questionnaire::package::Package;
use questionnaire::record;
use sync_protocol::exchange::PackageHash;
use sync_protocol::{AreaId, Row, UserId, Value};

use super::OFFICE_UTC_OFFSET_MINUTES;
use super::exports::{ExportFailed, area_paths};
use crate::export::answers::{AnswersLayout, Part, VisitAnswers};
use crate::export::area_paths::AreaPath;
use crate::export::labels::Language;
use crate::export::shown_values::Wording;
use crate::export::{ExportError, Format, TableFile};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::checks::{self, Visited};
use crate::store::db::Error;
use crate::store::{Tx, forms, users};

/// What to export.
#[derive(Debug, Clone)]
pub struct AnswersExport {
    /// The form version.
    pub package: PackageHash,
    /// Which of its tables, by name.
    pub part: String,
    /// As which file.
    pub format: Format,
    /// The language of its header.
    pub language: Language,
    /// This area and all below it; everything without one.
    pub area: Option<AreaId>,
    /// On whose behalf; `None` for the operator on the machine.
    pub by: Option<UserId>,
}

/// The form of a package, if it is known here.
fn find_form(tx: &Tx<'_>, package: PackageHash) -> Result<Option<questionnaire::form::Form>, Error> {
    let Some(bytes) = forms::find_package(tx, package)? else { return Ok(None) };
    let package = Package::from_bytes(&bytes).map_err(|_| Error::Stored("a form"))?;
    Ok(Some(package.form))
}

/// Names of the tables of a form version; none where it is not known.
pub fn list_parts(instance: &Instance, package: PackageHash) -> Result<Vec<String>, Error> {
    let form = instance.store.read(|tx| find_form(tx, package))?;
    Ok(form.iter().flat_map(Part::list).map(|(name, _)| name).collect())
}

/// Writes a table; answers its rows. Who took what is on the audit before the first row leaves.
pub fn write_answers<W: Write + Send>(
    instance: &Instance,
    export: &AnswersExport,
    out: W,
) -> Result<u64, ExportFailed> {
    let form = instance.store.read(|tx| find_form(tx, export.package))?.ok_or(ExportFailed::Unknown)?;
    let parts = Part::list(&form).into_iter();
    let part = parts.into_iter().find(|(name, _)| *name == export.part).ok_or(ExportFailed::Unknown)?.1;
    let note = format!("answers {} {}", export.part, export.area.map(|area| area.to_string()).unwrap_or_default());
    let deed = Deed::new(instance, export.by, "answers.export", export.package, note.trim());
    instance.store.write(move |tx| audit::add(tx, &deed))?;
    let wording = Wording { language: export.language, utc_offset_minutes: OFFICE_UTC_OFFSET_MINUTES };
    let layout = AnswersLayout::new(&form, part, wording);
    let mut file = TableFile::begin(export.format, &layout.title(), &layout.header(), out)?;
    let rows = instance.store.read(|tx| write_rows(tx, export, &layout, &mut file))?;
    file.finish()?;
    Ok(rows)
}

fn write_rows<W: Write + Send>(
    tx: &Tx<'_>,
    export: &AnswersExport,
    layout: &AnswersLayout<'_>,
    file: &mut TableFile<W>,
) -> Result<u64, ExportFailed> {
    let names: HashMap<UserId, String> =
        users::list(tx)?.into_iter().map(|user| (user.id, user.display_name)).collect();
    let paths = area_paths(tx)?;
    let nowhere = AreaPath::default();
    let mut written = 0;
    let mut failed: Option<ExportError> = None;
    checks::each_visit(tx, &export.package.to_string(), export.area, |visited| {
        let row = Row::parse(&visited.doc).map_err(|_| Error::Stored("a row"))?;
        if !row.is_alive() {
            return Ok(true);
        }
        let rows = layout.rows(&of_row(&row, &visited, paths.find(visited.area).unwrap_or(&nowhere), &names));
        written += rows.len() as u64;
        failed = file.rows(rows).err();
        Ok(failed.is_none())
    })?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(written),
    }
}

fn of_row<'a>(row: &Row, visited: &Visited, area: &'a AreaPath, names: &HashMap<UserId, String>) -> VisitAnswers<'a> {
    let find = |name: &str| record::find(name, |register| row.value(register).map(Value::json));
    let written = row.winner(record::PACKAGE).and_then(|sibling| row.stamps.get(&sibling.dot));
    let moment = |name: &str| row.value(name).and_then(|value| value.json().as_i64());
    VisitAnswers {
        visit: row.id,
        household: visited.root,
        area,
        author: written.and_then(|stamp| names.get(&stamp.author).cloned()).unwrap_or_default(),
        held: ["started_at", "ended_at"].map(moment),
        answers: find(record::ANSWERS).unwrap_or_default(),
        trail: find(record::PARADATA).and_then(|compact| Trail::from_compact(&compact)),
    }
}
