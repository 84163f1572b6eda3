//! Versions of a form: a draft may be replaced, what was published never changes.

use questionnaire::Counts;
use questionnaire::package::Package;
use sync_protocol::exchange::PackageHash;
use sync_protocol::limits::PACKAGE_BYTES_MAX;
use sync_protocol::{AreaId, UserId};

use super::report::Report;
use super::upload::{Judged, Unclear, Upload, missing, put_table};
use crate::error::{Error, Result, bad_request, conflict, internal, not_found, too_large};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::forms::{self, File, State, Version};
use crate::store::{Tx, areas};

/// Areas that one publication may name.
const AREAS_MAX: usize = 1_000;

impl From<Unclear> for Error {
    fn from(unclear: Unclear) -> Error {
        match &unclear {
            Unclear::TooMuch => too_large("too_large", format!("It cannot be taken: {unclear}.")),
            _ => bad_request("bad_file", format!("It cannot be read: {unclear}.")),
        }
    }
}

/// Judges a form and stores it as a draft if it is accepted, in the place of an earlier draft of the same version.
/// The same form again changes nothing. `by` is `None` for the operator on the machine itself.
pub fn add(instance: &Instance, upload: Upload, by: Option<UserId>) -> Result<Report> {
    let Judged { mut report, package, files } = upload.judge();
    let Some(package) = package else { return Ok(report) };
    let draft = draft(instance, &package, report.counts, by)?;
    let deed = Deed::new(instance, by, "form.add", draft.version.hash, "");
    let stored = instance.store.write(move |tx| {
        let stored = keep(tx, draft, &files)?;
        audit::add(tx, &deed)?;
        Ok::<_, Error>(stored)
    })?;
    report.stored = Some(stored);
    Ok(report)
}

/// Adds or replaces tables beside a draft, which is another package then; nothing is stored if one of them is no table.
pub fn put_tables(instance: &Instance, hash: PackageHash, tables: Vec<File>, by: Option<UserId>) -> Result<Report> {
    let (version, package, mut files) = instance.store.read(|tx| stored(tx, hash))?;
    let mut package = Package::from_bytes(&package).map_err(internal)?;
    let mut problems = Vec::new();
    for table in tables {
        problems.extend(put_table(&mut package, &table));
        files.retain(|file| file.name != table.name);
        files.push(table);
    }
    let accepted = problems.iter().all(|problem| problem.severity != "error");
    let missing_tables = missing(&package);
    let counts = counts(&version);
    let mut report = Report { file: version.title, accepted, counts, problems, missing_tables, stored: None };
    if !accepted {
        return Ok(report);
    }
    let draft = draft(instance, &package, counts, by)?;
    let deed = Deed::new(instance, by, "form.tables", draft.version.hash, "");
    report.stored = Some(instance.store.write(move |tx| {
        let stored = keep(tx, draft, &files)?;
        audit::add(tx, &deed)?;
        Ok::<_, Error>(stored)
    })?);
    Ok(report)
}

/// Publishes a version in areas and all below them, beside those where it is published already.
pub fn publish(instance: &Instance, hash: PackageHash, to: Vec<AreaId>, by: Option<UserId>) -> Result<Version> {
    if to.is_empty() || to.len() > AREAS_MAX {
        return Err(bad_request("bad_areas", format!("Name at least one area and at most {AREAS_MAX}.")));
    }
    let package = instance.store.read(|tx| stored(tx, hash))?.1;
    let missing = missing(&Package::from_bytes(&package).map_err(internal)?);
    if !missing.is_empty() {
        let message =
            format!("The form asks for tables that are not beside it: {}. Add them first.", missing.join(", "));
        return Err(conflict("tables_missing", message));
    }
    let now = instance.now();
    let deed = Deed::new(instance, by, "form.publish", hash, &format!("areas {}", to.len()));
    instance.store.write(move |tx| {
        for area in &to {
            areas::find(tx, *area)?.ok_or_else(|| not_found("area"))?;
        }
        forms::publish(tx, hash, &to, now)?;
        audit::add(tx, &deed)?;
        forms::find(tx, hash)?.ok_or_else(|| not_found("form"))
    })
}

/// Withdraws a version from these areas, or from all. Interviews begun with it are finished with it.
pub fn retire(
    instance: &Instance,
    hash: PackageHash,
    from: Option<Vec<AreaId>>,
    by: Option<UserId>,
) -> Result<Version> {
    let now = instance.now();
    let deed = Deed::new(instance, by, "form.retire", hash, "");
    instance.store.write(move |tx| {
        let version = forms::find(tx, hash)?.ok_or_else(|| not_found("form"))?;
        if version.state == State::Draft {
            return Err(conflict("draft", "It is a draft: no device knows it. Discard it instead."));
        }
        if let Some(area) = from.iter().flatten().find(|area| !version.areas.contains(area)) {
            return Err(conflict("not_published", format!("It is not published in the area {area} itself.")));
        }
        forms::withdraw(tx, hash, from.as_deref(), now)?;
        audit::add(tx, &deed)?;
        forms::find(tx, hash)?.ok_or_else(|| not_found("form"))
    })
}

/// Throws a draft away.
pub fn discard(instance: &Instance, hash: PackageHash, by: Option<UserId>) -> Result<()> {
    let deed = Deed::new(instance, by, "form.discard", hash, "");
    instance.store.write(move |tx| {
        forms::find(tx, hash)?.ok_or_else(|| not_found("form"))?;
        if !forms::remove_draft(tx, hash)? {
            return Err(conflict(
                "published",
                "It was published: it stays for the visits made with it. Retire it instead.",
            ));
        }
        audit::add(tx, &deed)?;
        Ok(())
    })
}

/// A version on its way into the store.
struct Draft {
    version: Version,
    package: Vec<u8>,
}

fn draft(instance: &Instance, package: &Package, counts: Counts, by: Option<UserId>) -> Result<Draft> {
    let bytes = package.to_bytes();
    if bytes.len() > PACKAGE_BYTES_MAX {
        let message = format!("A form with its tables may have {} MiB.", PACKAGE_BYTES_MAX >> 20);
        return Err(too_large("too_large", message));
    }
    let form = &package.form;
    let version = Version {
        hash: PackageHash::of(&bytes),
        form: form.id.clone(),
        version: form.version.clone(),
        title: form.title.clone(),
        state: State::Draft,
        bytes: bytes.len() as u64,
        questions: counts.questions as u64,
        groups: counts.groups as u64,
        repeats: counts.repeats as u64,
        languages: counts.languages as u64,
        uploaded_by: by,
        uploaded_at: instance.now(),
        published_at: None,
        retired_at: None,
        areas: vec![],
    };
    Ok(Draft { version, package: bytes })
}

fn counts(version: &Version) -> Counts {
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Counts {
        questions: size(version.questions),
        groups: size(version.groups),
        repeats: size(version.repeats),
        languages: size(version.languages),
    }
}

fn keep(tx: &Tx<'_>, draft: Draft, files: &[File]) -> Result<Version> {
    let Draft { version, package } = draft;
    if let Some(same) = forms::find(tx, version.hash)? {
        return Ok(same);
    }
    if let Some(earlier) = forms::find_named(tx, &version.form, &version.version)?
        && !forms::remove_draft(tx, earlier.hash)?
    {
        return Err(taken(&version));
    }
    forms::add(tx, &version, &package, files)?;
    Ok(version)
}

fn taken(version: &Version) -> Error {
    let (form, number) = (&version.form, &version.version);
    let named = if number.is_empty() { "A version without a number".to_owned() } else { format!("Version {number}") };
    let message = format!(
        "{named} of {form} was published with another content, and what was published never changes. Write a new version on the settings sheet."
    );
    conflict("version_taken", message)
}

fn stored(tx: &Tx<'_>, hash: PackageHash) -> Result<(Version, Vec<u8>, Vec<File>)> {
    let version = forms::find(tx, hash)?.ok_or_else(|| not_found("form"))?;
    let package = forms::find_package(tx, hash)?.ok_or_else(|| internal("a version without its package"))?;
    let mut files = Vec::new();
    for name in forms::list_files(tx, hash)? {
        files.extend(forms::find_file(tx, hash, &name)?);
    }
    Ok((version, package, files))
}
