//! A device's log of what its author was told: one line for each save, on the disk before the next one is begun.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use sync_protocol::WriterId;

/// A save that was confirmed: who wrote it, its number, and the hash of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Confirmed {
    pub(super) writer: WriterId,
    pub(super) save: u64,
    pub(super) line: String,
}

/// Appends to the log.
pub(super) struct Log(File);

impl Log {
    pub(super) fn open(path: &Path) -> Result<Log> {
        // A process that died over its line left half of it: the next line begins anew.
        let needs_end = std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        if needs_end {
            file.write_all(b"\n")?;
        }
        Ok(Log(file))
    }

    pub(super) fn note(&mut self, confirmed: &Confirmed) -> Result<()> {
        let Confirmed { writer, save, line } = confirmed;
        self.0.write_all(format!("{writer} {save} {line}\n").as_bytes())?;
        Ok(self.0.sync_data()?)
    }
}

/// Every whole line.
pub(super) fn read(path: &Path) -> Result<Vec<Confirmed>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e.into()),
    };
    let whole = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (writer, save, line) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?);
        (line.len() == blake3::OUT_LEN * 2).then(|| Confirmed { writer, save, line: line.to_owned() })
    });
    Ok(whole.collect())
}
