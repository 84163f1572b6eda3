//! Sealing again, under the present writer, what an earlier one of this device had sealed and the server cannot take.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sync_protocol::changeset::{ChangesetHash, Links, Origin};
use sync_protocol::{Context, Dot, Header, RecordId, Row, Save, Seen, Stamp, Tag, WriterId, version};

use crate::device;
use crate::error::Result;
use crate::rows::{self, OwnWrite};
use crate::store::lives::{self, Life};
use crate::store::{drafts, outbox, overlay, records, verdicts};

/// The new names of saves: of the old one's number, with the tag that tells it from another life's.
struct Names<'a> {
    store: &'a Connection,
    old: Life,
    new: WriterId,
    /// Saves of the old writer up to this place stand as they are.
    common: u64,
    by_number: BTreeMap<u64, (Tag, Seen)>,
}

/// Seals everything of a life beyond the last common place again, and lets what people see and have on their screens bear
/// the new names. Bytes that cannot be read any more stay as they are, for a person to look at.
pub(crate) fn retell(store: &Connection, old: &Life, common: u64, now_ms: i64) -> Result<()> {
    let present = lives::list(store)?.present();
    let mut names = Names { store, old: *old, new: present.writer, common, by_number: BTreeMap::new() };
    for (seq, hash) in outbox::list_hashes(store, old)?.into_iter().filter(|(seq, _)| *seq > common) {
        retell_one(&mut names, &present, (seq, hash), now_ms)?;
    }
    for draft in drafts::list_loaded(store)? {
        let mut row = rows::parsed(&draft.text)?;
        if names.rename(&mut row)? {
            drafts::set_loaded(store, &draft, &row.to_text())?;
        }
    }
    Ok(())
}

fn retell_one(names: &mut Names<'_>, present: &Life, (seq, hash): (u64, ChangesetHash), now_ms: i64) -> Result<()> {
    let store = names.store;
    let Some(packed) = outbox::find_holding(store, seq)? else { return Ok(()) };
    let header: Option<Header> = serde_json::from_str(&packed.header).ok();
    let saves: std::result::Result<Vec<Save>, _> = packed.payload.split('\n').map(Save::parse).collect();
    let (Some(header), Ok(mut saves)) = (header, saves) else { return Ok(()) };
    let (last, previous) = outbox::last(store, present)?.unwrap_or((present.place(0), ChangesetHash::NONE));
    let mut lines: Vec<String> = Vec::with_capacity(saves.len());
    for (at, save) in saves.iter_mut().enumerate() {
        for write in &mut save.records {
            names.rename_context(write.id, &mut write.context)?;
        }
        lines.push(save.to_line());
        // Tags depend on the lines alone: a later save of the same changeset may name this one.
        let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
        let links = Links::over(previous, "", &texts).expect("fresh saves are not erased lines");
        let seen = links.last_seen(present.number(last) + 1 + at as u64);
        names.by_number.insert(names.old.number(packed.first) + at as u64, (packed.tags[at], seen));
    }
    let new = Header {
        origin: header.origin.or(Some(Origin(names.old.writer, names.old.number(seq), hash))),
        protocol: version::CURRENT,
        seq: present.number(last) + saves.len() as u64,
        writer: present.writer,
        ..header
    };
    let sealed = device::me(store)?.signer.seal(previous, &new, lines);
    outbox::insert(store, present.place(new.seq), &sealed, now_ms)?;
    outbox::set_retold(store, seq)?;
    verdicts::forget(store, packed.first, seq)?;
    for (at, save) in saves.iter().enumerate() {
        let (from, to) = (packed.first + at as u64, last + 1 + at as u64);
        let dot = Dot { writer: present.writer, save: present.number(to) };
        let stamp = Stamp { clock: new.clock, author: new.author };
        show(names, save, (from, to), dot, (sealed.links.tags[at], stamp))?;
    }
    Ok(())
}

/// What lay over the rows under the old name lies there under the new one.
fn show(names: &Names<'_>, save: &Save, (from, to): (u64, u64), dot: Dot, (tag, stamp): (Tag, Stamp)) -> Result<()> {
    let store = names.store;
    let renamed = rows::renamed(store)?;
    let over = overlay::list_under(store, from)?;
    for write in &save.records {
        let held = records::find(store, write.id)?.filter(|held| over.contains(&held.record));
        let Some(mut held) = held else {
            rows::lay(store, &OwnWrite { dot, tag, stamp, write, renamed: &renamed }, to, None)?;
            continue;
        };
        overlay::remove(store, held.record, from)?;
        overlay::add(store, held.record, to)?;
        let mut row = rows::parsed(&records::text(store, held.view)?)?;
        if names.rename(&mut row)? {
            rows::set_view(store, &mut held, &row.to_text())?;
        }
    }
    Ok(())
}

impl Names<'_> {
    fn find(&self, number: u64, tag: Option<Tag>) -> Option<Seen> {
        let (old, new) = self.by_number.get(&number)?;
        tag.is_none_or(|tag| tag == *old).then_some(*new)
    }

    fn dot(&self, dot: Dot) -> Option<Dot> {
        let new = self.find(dot.save, None).filter(|_| dot.writer == self.old.writer)?;
        Some(Dot { writer: self.new, save: new.save })
    }

    /// An entry beyond the last common save becomes the new writer's; what was seen of the old one up to there stays.
    fn rename_context(&self, record: RecordId, context: &mut Context) -> Result<bool> {
        let Some(seen) = context.get(&self.old.writer) else { return Ok(false) };
        let Some(new) = self.find(seen.save, Some(seen.tag)) else { return Ok(false) };
        context.remove(&self.old.writer);
        let entry = context.entry(self.new).or_insert(new);
        if entry.save < new.save {
            *entry = new;
        }
        if let Some(before) = self.last_touch(record)? {
            context.insert(self.old.writer, before);
        }
        Ok(true)
    }

    /// The last common save that touched a record.
    fn last_touch(&self, record: RecordId) -> Result<Option<Seen>> {
        let places = outbox::list_naming(self.store, record, self.old.place(0), self.common + 1)?;
        for place in places.into_iter().rev() {
            let Some(packed) = outbox::find_holding(self.store, place)? else { continue };
            let at = (place - packed.first) as usize;
            let Some(line) = packed.payload.split('\n').nth(at) else { continue };
            if Save::parse(line).is_ok_and(|save| save.records.iter().any(|write| write.id == record)) {
                return Ok(Some(Seen { save: self.old.number(place), tag: packed.tags[at] }));
            }
        }
        Ok(None)
    }

    /// Lets a row bear the new names; tells whether it had any of the old ones.
    fn rename(&self, row: &mut Row) -> Result<bool> {
        let mut any = self.rename_context(row.id, &mut row.context)?;
        for register in row.registers.values_mut() {
            for sibling in &mut register.siblings {
                if let Some(new) = self.dot(sibling.dot) {
                    sibling.dot = new;
                    any = true;
                }
            }
            register.siblings.sort_by_key(|sibling| sibling.dot);
        }
        let stamps = std::mem::take(&mut row.stamps);
        row.stamps = stamps.into_iter().map(|(dot, stamp)| (self.dot(dot).unwrap_or(dot), stamp)).collect();
        Ok(any)
    }
}
