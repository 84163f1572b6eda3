//! `export photos`: the files that records name, in a folder or a zip archive, and a table that says whose each is.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use server::instance::Instance;
use server::store::audit::{self, Deed};
use server::store::blobs::{self, Named};
use sync_protocol::{AreaId, BlobHash, RecordId, UserId};
use zip::write::SimpleFileOptions;

use super::output::Output;

/// The table of the files.
const TABLE: &str = "photos.csv";

/// Writes every file that is here, once for each household that names it. Who took what is on the audit before that.
pub(super) fn write(
    instance: &Instance,
    area: Option<AreaId>,
    by: Option<UserId>,
    out: &Path,
    output: Output,
) -> Result<()> {
    if out.exists() {
        bail!("{} is there already; nothing was changed", out.display());
    }
    let note = area.map(|area| area.to_string()).unwrap_or_default();
    let deed = Deed::new(instance, by, "photos.export", "photos", &note);
    instance.store.write(move |tx| audit::add(tx, &deed))?;
    let mut all: Vec<Named> = Vec::new();
    instance.store.read(|tx| {
        blobs::each_named(tx, area, |named| {
            all.push(named);
            Ok(true)
        })
    })?;
    let mut into = Into::begin(out)?;
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["file", "household", "record", "register", "type", "bytes", "blob"])?;
    let (mut written, mut missing) = (BTreeSet::<(RecordId, BlobHash)>::new(), 0_u64);
    for named in all {
        let path = format!("{}/{}", named.root, file_name(&named));
        let is_first = !written.contains(&(named.root, named.hash));
        let bytes = if is_first { instance.attachments.shelf.get(named.hash)? } else { None };
        let is_here = match bytes {
            Some(bytes) => {
                into.file(&path, &bytes)?;
                written.insert((named.root, named.hash));
                true
            }
            None => !is_first,
        };
        missing += u64::from(!is_here);
        let (household, record, bytes) = (named.root.to_string(), named.record.to_string(), named.bytes.to_string());
        let path = if is_here { path.as_str() } else { "" };
        let hash = named.hash.to_string();
        table.write_record([path, &household, &record, &named.register, &named.media, &bytes, &hash])?;
    }
    into.file(TABLE, &table.into_inner().context("the table cannot be written")?)?;
    into.finish()?;
    let told = json!({ "file": out, "files": written.len(), "missing": missing });
    output.one(&told, format!("{}: {} files; {missing} have not come yet.", out.display(), written.len()))
}

/// A name that suits every file system: what the answers call it, and enough of its hash that no two are one.
fn file_name(named: &Named) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    let name: String = named.name.chars().map(plain).collect();
    format!("{}-{}", &named.hash.to_string()[..8], name.trim_start_matches('.'))
}

/// A new folder or archive.
enum Into {
    Folder(PathBuf),
    Archive(Box<zip::ZipWriter<BufWriter<File>>>),
}

impl Into {
    fn begin(out: &Path) -> Result<Into> {
        let cannot = || format!("{} cannot be made", out.display());
        if out.extension().is_some_and(|extension| extension == "zip") {
            let file = File::create_new(out).with_context(cannot)?;
            return Ok(Into::Archive(Box::new(zip::ZipWriter::new(BufWriter::new(file)))));
        }
        std::fs::create_dir_all(out).with_context(cannot)?;
        Ok(Into::Folder(out.to_owned()))
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        match self {
            Into::Folder(folder) => {
                let to = folder.join(path);
                let within = to.parent().context("a file lies in a folder")?;
                std::fs::create_dir_all(within)?;
                std::fs::write(&to, bytes).with_context(|| format!("{} cannot be written", to.display()))
            }
            Into::Archive(archive) => {
                // Photos are as small as they get.
                let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
                archive.start_file(path, stored)?;
                Ok(archive.write_all(bytes)?)
            }
        }
    }

    fn finish(self) -> Result<()> {
        if let Into::Archive(archive) = self {
            archive.finish()?.flush()?;
        }
        Ok(())
    }
}
