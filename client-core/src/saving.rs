//! Saving: checks, seals and lays over the rows what one press of "save" wrote, in one durable transaction.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::ids::Dot;
use sync_protocol::save::{is_register_name, reserved};
use sync_protocol::{AreaId, Clock, Collection, Header, RecordId, RecordWrite, Save, Stamp, limits, version};

use crate::device::{self, Device};
use crate::error::{Error, Result, bad_input, bad_record, bad_register};
use crate::lifeboat;
use crate::rows::{self, OwnWrite};
use crate::store::{lives, meta, outbox, records};

/// What was sealed: it is on the disk, and no death of the process or the battery takes it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// Place of the first save: its number, as long as the device has had one writer.
    pub first: u64,
    /// Place of the last save.
    pub last: u64,
    /// The changeset's hybrid clock.
    pub clock: Clock,
}

impl Device {
    /// Saves one atomic group of writes: one changeset of one save.
    ///
    /// Each write's context says what its author had on the screen: take it from [`Device::load`] when the record is shown.
    pub fn save(&mut self, save: Save) -> Result<Saved> {
        self.save_all(vec![save], &[])
    }

    /// Saves many groups at once: one changeset, one flush. `forms` names the form versions, `name@version`.
    pub fn save_all(&mut self, saves: Vec<Save>, forms: &[String]) -> Result<Saved> {
        let now = self.env().now_ms();
        let step = self.transaction()?;
        let saved = seal(&step, now, &saves, forms, &Shown::new())?;
        step.commit()?;
        lifeboat::float(self);
        Ok(saved)
    }
}

/// Row texts that people were shown, by record: all that is left of a record which has gone from the device since.
pub(crate) type Shown = HashMap<RecordId, String>;

/// Seals saves within a transaction; they are saved when it commits.
pub(crate) fn seal(store: &Connection, now_ms: i64, saves: &[Save], forms: &[String], shown: &Shown) -> Result<Saved> {
    check(store, saves, forms)?;
    let (me, life) = (device::me(store)?, lives::list(store)?.present());
    let (before, previous) = outbox::last(store, &life)?.unwrap_or((life.place(0), ChangesetHash::NONE));
    let before = life.number(before);
    let clock = next_clock(store, now_ms)?;
    let header = Header {
        author: me.user,
        clock,
        forms: forms.to_vec(),
        origin: None,
        protocol: version::CURRENT,
        seq: before + saves.len() as u64,
        writer: me.writer,
    };
    let lines: Vec<String> = saves.iter().map(Save::to_line).collect();
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    if bytes + limits::HEADER_BYTES_MAX > limits::CHANGESET_BYTES_MAX {
        return Err(bad_input("more bytes than one changeset may hold"));
    }
    let sealed = me.signer.seal(previous, &header, lines);
    outbox::insert(store, life.place(header.seq), &sealed, now_ms)?;
    let stamp = Stamp { clock, author: me.user };
    let renamed = &rows::renamed(store)?;
    for ((save, tag), number) in saves.iter().zip(&sealed.links.tags).zip(before + 1..) {
        let dot = Dot { writer: me.writer, save: number };
        for write in &save.records {
            let shown = shown.get(&write.id).map(String::as_str);
            rows::lay(store, &OwnWrite { dot, tag: *tag, stamp, write, renamed }, life.place(number), shown)?;
        }
    }
    Ok(Saved { first: life.place(before + 1), last: life.place(header.seq), clock })
}

fn next_clock(store: &Connection, now_ms: i64) -> Result<Clock> {
    let last = Clock(meta::number(store, meta::Name::Clock)?);
    let skew = meta::find(store, meta::Name::Skew)?.zip(meta::find(store, meta::Name::SkewAt)?);
    let clock = rows::next_clock(last, now_ms, skew);
    meta::set(store, meta::Name::Clock, clock.0)?;
    Ok(clock)
}

fn check(store: &Connection, saves: &[Save], forms: &[String]) -> Result<()> {
    if saves.is_empty() {
        return Err(bad_input("nothing to save"));
    }
    if saves.len() > limits::SAVES_MAX {
        return Err(bad_input("more saves than one changeset may hold"));
    }
    if forms.len() > limits::FORMS_MAX || forms.iter().any(|form| form.len() > limits::NAME_BYTES_MAX) {
        return Err(bad_input("more or longer form versions than a changeset may name"));
    }
    // Records that earlier saves of the same changeset make.
    let mut made: HashMap<RecordId, Collection> = HashMap::new();
    for save in saves {
        if save.records.is_empty() {
            return Err(bad_input("a save without a record"));
        }
        if save.records.len() > limits::RECORDS_PER_SAVE_MAX {
            return Err(bad_input("more records than one save may touch"));
        }
        let mut touched = HashSet::with_capacity(save.records.len());
        for write in &save.records {
            if !touched.insert(write.id) {
                return Err(bad_record(write.id, "the same record twice in one save"));
            }
            let known = match made.get(&write.id) {
                Some(collection) => Some(*collection),
                None => records::find(store, write.id)?.map(|held| held.collection),
            };
            // A record that was seen by its author exists, though it may have left this device since.
            let is_new = known.is_none() && write.context.is_empty();
            check_write(write, known, is_new)?;
            made.insert(write.id, write.collection);
        }
    }
    Ok(())
}

fn check_write(write: &RecordWrite, known: Option<Collection>, is_new: bool) -> Result<()> {
    if known.is_some_and(|known| known != write.collection) {
        return Err(bad_record(write.id, "the record exists under another collection"));
    }
    if write.registers.len() > limits::REGISTERS_MAX {
        return Err(bad_record(write.id, "more registers than one record may hold"));
    }
    if write.context.len() > limits::CONTEXT_MAX {
        return Err(bad_record(write.id, "a context with more writers than it may name"));
    }
    if let Some(name) = write.registers.keys().find(|name| !is_register_name(name)) {
        return Err(bad_register(write.id, name, "this is not a register's name"));
    }
    let has = |name: &str| write.registers.contains_key(name);
    match write.collection.parent() {
        None if is_new && !has(reserved::AREA) => {
            return Err(bad_register(write.id, reserved::AREA, "a new household needs an area"));
        }
        Some(_) if is_new && !has(reserved::PARENT) => {
            return Err(bad_register(write.id, reserved::PARENT, "a new record needs its household"));
        }
        _ => {}
    }
    is_id::<AreaId>(write, reserved::AREA)?;
    is_id::<RecordId>(write, reserved::PARENT)?;
    is_id::<RecordId>(write, reserved::FAMILY)
}

fn is_id<T: std::str::FromStr>(write: &RecordWrite, name: &str) -> Result<()> {
    let Some(value) = write.registers.get(name) else { return Ok(()) };
    // A family may be taken away again; an area or a parent may not.
    let none = name == reserved::FAMILY && value.as_str() == "null";
    if none || value.as_text().is_some_and(|text| text.parse::<T>().is_ok()) {
        return Ok(());
    }
    Err(Error::BadInput { record: Some(write.id), register: Some(name.to_owned()), why: "this is not an id" })
}
