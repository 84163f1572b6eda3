//! Base and view of a record: how the device's own saves lie over what the server delivered.
//!
//! The *base* is the row exactly as the server holds it. The *view* is the base with the own saves merged in that the base
//! does not hold yet. Where nothing of one's own is outstanding, both are the same text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use sync_protocol::save::reserved;
use sync_protocol::{
    Clock, Collection, Context, Header, RecordId, RecordWrite, Row, RowHash, Save, Seen, Stamp, Tag, Write, ids::Dot,
    merge::Trusting,
};

use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::store::lives::{self, Lives};
use crate::store::records::Held;
use crate::store::{households, outbox, overlay, records, search, verdicts, visits};

/// One own save's write to one record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnWrite<'a> {
    pub(crate) dot: Dot,
    pub(crate) tag: Tag,
    pub(crate) stamp: Stamp,
    pub(crate) write: &'a RecordWrite,
    /// Own saves that were merged under another name.
    pub(crate) renamed: &'a BTreeMap<Dot, Dot>,
}

impl OwnWrite<'_> {
    /// What its author had seen, released saves under their new names, too.
    fn context(&self) -> Cow<'_, Context> {
        let context = &self.write.context;
        let mut all = Cow::Borrowed(context);
        if self.renamed.is_empty() {
            return all;
        }
        let covered = context
            .iter()
            .flat_map(|(&writer, seen)| self.renamed.range(Dot { writer, save: 0 }..=Dot { writer, save: seen.save }));
        for under in covered.map(|(_, under)| under) {
            // A device trusts its own contexts: it asks for no tag.
            let entry = all.to_mut().entry(under.writer).or_insert(Seen { save: under.save, tag: Tag(0) });
            entry.save = entry.save.max(under.save);
        }
        all
    }
}

/// Merges an own save into a row. It may be an old one that waits for a person, laid over a base with later ones in it:
/// in the registers `replaced`, they have taken its place already.
pub(crate) fn merge(row: &mut Row, own: &OwnWrite<'_>, replaced: &BTreeSet<String>) {
    let writer = own.dot.writer;
    let seen = row.context.get(&writer).copied();
    let mut registers = own.write.registers.clone();
    registers.retain(|name, _| !replaced.contains(name));
    let context = own.context();
    let write = Write { dot: own.dot, tag: own.tag, stamp: own.stamp, context: &context, registers: &registers };
    row.merge(&write, &Trusting);
    if let (Some(alive), true) = (row.registers.get_mut(reserved::ALIVE), replaced.contains(reserved::ALIVE)) {
        alive.siblings.retain(|sibling| sibling.dot != own.dot);
    }
    if let Some(seen) = seen.filter(|seen: &Seen| seen.save > own.dot.save) {
        row.context.insert(writer, seen);
    }
}

/// Lays a save that was just sealed over its record, or over what was `shown` of it if it has gone since.
/// `place`: the save's.
pub(crate) fn lay(store: &Connection, own: &OwnWrite<'_>, place: u64, shown: Option<&str>) -> Result<()> {
    let write = own.write;
    let record = match records::find(store, write.id)? {
        Some(mut held) => {
            let mut row = parsed(&records::text(store, held.view)?)?;
            merge(&mut row, own, &BTreeSet::new());
            let text = row.to_text();
            set_view(store, &mut held, &text)?;
            held.record
        }
        None => {
            let mut row = match shown {
                Some(text) => with_own(store, parsed(text)?, place)?,
                None => Row::new(write.collection, write.id),
            };
            merge(&mut row, own, &BTreeSet::new());
            let text = row.to_text();
            let facts = facts(&text)?;
            let doc = records::add_doc(store, &text, RowHash::of(&text))?;
            // Until the server says otherwise a new record stands where its author put it; one that has gone, nowhere.
            let area = match facts.root() {
                _ if shown.is_some() || !write.context.is_empty() => None,
                Some(root) => records::find(store, root)?.and_then(|root| root.area),
                None => facts.area,
            };
            insert(store, &facts, area, None, doc)?
        }
    };
    overlay::add(store, record, place)
}

/// A row with what its author saved on it between seeing it and this save.
fn with_own(store: &Connection, mut row: Row, before: u64) -> Result<Row> {
    let mut own = OwnSaves::new(store)?;
    let mut saves = Vec::new();
    for life in own.lives.iter() {
        let seen = row.context.get(&life.writer).map_or(0, |seen| seen.save);
        let until = before.min(life.place(u64::MAX));
        saves.extend(outbox::list_naming(store, row.id, life.place(seen), until)?);
    }
    own.lay_over(&mut row, &saves)?;
    Ok(row)
}

/// Own saves that were merged under another name, and that name.
pub(crate) fn renamed(store: &Connection) -> Result<BTreeMap<Dot, Dot>> {
    let renamed = verdicts::list_renamed(store)?;
    if renamed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let lives = lives::list(store)?;
    renamed.into_iter().map(|(place, under)| Ok((lives.dot(place)?, under))).collect()
}

/// Adds a record that the device does not hold yet.
pub(crate) fn insert(
    store: &Connection,
    facts: &Facts<'_>,
    area: Option<sync_protocol::AreaId>,
    base: Option<i64>,
    view: i64,
) -> Result<i64> {
    let record = records::insert(
        store,
        &Held {
            record: 0,
            id: facts.id,
            collection: facts.collection,
            root: facts.root(),
            area,
            base,
            view,
            conflicts: facts.conflicts,
            stale: false,
        },
    )?;
    search::add(store, record, &facts.words)?;
    list(store, record, facts)?;
    Ok(record)
}

/// Replaces what people see of a record by a new text. The base stays.
pub(crate) fn set_view(store: &Connection, held: &mut Held, text: &str) -> Result<()> {
    let doc = records::add_doc(store, text, RowHash::of(text))?;
    point_view(store, held, doc, &facts(text)?)
}

/// Lets people see the base, whose text this is.
pub(crate) fn set_view_to_base(store: &Connection, held: &mut Held, text: &str) -> Result<()> {
    let base = held.base.ok_or(Error::FileDamaged)?;
    point_view(store, held, base, &facts(text)?)
}

/// Lets the view be a doc that is stored already.
pub(crate) fn point_view(store: &Connection, held: &mut Held, doc: i64, facts: &Facts<'_>) -> Result<()> {
    if held.base != Some(held.view) && held.view != doc {
        records::drop_doc(store, held.view)?;
    }
    held.view = doc;
    held.root = facts.root();
    held.conflicts = facts.conflicts;
    records::update(store, held)?;
    search::replace(store, held.record, &facts.words)?;
    list(store, held.record, facts)
}

/// Keeps the household list in step with a view.
fn list(store: &Connection, record: i64, facts: &Facts<'_>) -> Result<()> {
    match facts.collection {
        Collection::Household => households::put(store, record, facts),
        Collection::Visit => visits::put(store, record, facts),
        Collection::Family | Collection::Person => Ok(()),
    }
}

/// Makes search words and the household list anew from what people see; tells of how many records, and of how many the text
/// cannot be read.
pub(crate) fn index_anew(store: &Connection) -> Result<(u64, u64)> {
    search::clear(store)?;
    let (mut indexed, mut unreadable) = (0, 0);
    for (record, text) in records::list_views(store)? {
        match Facts::read(&text) {
            Some(facts) => {
                search::add(store, record, &facts.words)?;
                list(store, record, &facts)?;
                indexed += 1;
            }
            None => unreadable += 1,
        }
    }
    Ok((indexed, unreadable))
}

/// A row's text as this device stored it.
pub(crate) fn parsed(text: &str) -> Result<Row> {
    // It was a row when it was stored.
    Row::parse(text).map_err(|_| Error::FileDamaged)
}

fn facts(text: &str) -> Result<Facts<'_>> {
    Facts::read(text).ok_or(Error::FileDamaged)
}

/// Reads own saves back from the outbox. Neighbours mostly lie in one changeset: the last one opened stays open.
pub(crate) struct OwnSaves<'a> {
    store: &'a Connection,
    lives: Lives,
    open: Option<Opened>,
    /// Read when it is first needed.
    renamed: Option<BTreeMap<Dot, Dot>>,
}

struct Opened {
    first: u64,
    seq: u64,
    stamp: Stamp,
    tags: Vec<Tag>,
    saves: Vec<Save>,
}

impl Opened {
    /// What a save of this changeset wrote on a record.
    fn write(&self, save: u64, record: RecordId) -> Option<&RecordWrite> {
        self.saves[(save - self.first) as usize].records.iter().find(|write| write.id == record)
    }
}

impl<'a> OwnSaves<'a> {
    pub(crate) fn new(store: &'a Connection) -> Result<OwnSaves<'a>> {
        Ok(OwnSaves { store, lives: lives::list(store)?, open: None, renamed: None })
    }

    /// Lays the saves of these places, in this order, over a row; those that do not touch its record change nothing.
    pub(crate) fn lay_over(&mut self, row: &mut Row, saves: &[u64]) -> Result<()> {
        let renamed = match self.renamed.take() {
            Some(renamed) => renamed,
            None => renamed(self.store)?,
        };
        for &save in saves {
            let replaced = self.replaced(row, save)?;
            let dot = self.lives.dot(save)?;
            let opened = self.opened(save)?;
            let at = (save - opened.first) as usize;
            let Some(write) = opened.write(save, row.id) else { continue };
            let (tag, stamp, renamed) = (opened.tags[at], opened.stamp, &renamed);
            merge(row, &OwnWrite { dot, tag, stamp, write, renamed }, &replaced);
        }
        self.renamed = Some(renamed);
        Ok(())
    }

    /// The records that a save wrote on.
    pub(crate) fn records(&mut self, save: u64) -> Result<Vec<RecordId>> {
        let opened = self.opened(save)?;
        Ok(opened.saves[(save - opened.first) as usize].records.iter().map(|write| write.id).collect())
    }

    /// Registers in which an own save that the row has seen later took the place of this one, which was on its screen.
    fn replaced(&mut self, row: &Row, save: u64) -> Result<BTreeSet<String>> {
        let Dot { writer, save: number } = self.lives.dot(save)?;
        let lives = self.lives.clone();
        let mut replaced = BTreeSet::new();
        for life in lives.iter() {
            let last = row.context.get(&life.writer).map_or(0, |seen| seen.save);
            for later in (save + 1).max(life.place(1))..=life.place(last) {
                // A restored file does not hold what the row has seen of its lost end.
                let Some(opened) = self.find_opened(later)? else { break };
                let Some(write) = opened.write(later, row.id) else { continue };
                if write.context.get(&writer).is_some_and(|seen| seen.save >= number) {
                    replaced.extend(write.registers.keys().cloned());
                    // Every save says that its record lives.
                    replaced.insert(reserved::ALIVE.to_owned());
                }
            }
        }
        Ok(replaced)
    }

    fn opened(&mut self, save: u64) -> Result<&Opened> {
        self.find_opened(save)?.ok_or(Error::FileDamaged)
    }

    fn find_opened(&mut self, save: u64) -> Result<Option<&Opened>> {
        let fits = self.open.as_ref().is_some_and(|open| (open.first..=open.seq).contains(&save));
        if !fits {
            let packed = outbox::find_holding(self.store, save)?.filter(|found| found.first <= save);
            let Some(packed) = packed else { return Ok(None) };
            let header: Header = serde_json::from_str(&packed.header).map_err(|_| Error::FileDamaged)?;
            let saves: std::result::Result<Vec<Save>, _> = packed.payload.split('\n').map(Save::parse).collect();
            self.open = Some(Opened {
                first: packed.first,
                seq: packed.seq,
                stamp: Stamp { clock: header.clock, author: header.author },
                tags: packed.tags,
                saves: saves.map_err(|_| Error::FileDamaged)?,
            });
        }
        Ok(self.open.as_ref())
    }
}

/// The clock of a device's next changeset. A device far ahead of its server takes the server's time.
pub(crate) fn next_clock(last: Clock, now_ms: i64, skew: Option<(i64, i64)>) -> Clock {
    let ahead = |skew: i64| -skew > sync_protocol::limits::CLOCK_AHEAD_MS_MAX;
    match skew {
        // A clock that went back since then was put right by someone: the old difference says nothing any more.
        Some((skew, at_ms)) if ahead(skew) && now_ms >= at_ms => Clock::tick(last, now_ms + skew),
        _ => Clock::tick(last, now_ms),
    }
}

#[cfg(test)]
mod tests {
    use sync_protocol::{UserId, Value, WriterId};

    use super::*;

    const ME: WriterId = WriterId::from_u128(1);
    const OTHER: WriterId = WriterId::from_u128(2);

    fn write(context: &Context, registers: &[(&str, &str)]) -> RecordWrite {
        RecordWrite {
            collection: Collection::Household,
            id: sync_protocol::RecordId::from_u128(1),
            context: context.clone(),
            registers: registers.iter().map(|(n, v)| ((*n).to_owned(), Value::text(v))).collect::<BTreeMap<_, _>>(),
        }
    }

    fn put(row: &mut Row, writer: WriterId, save: u64, write: &RecordWrite, replaced: &[&str]) {
        let stamp = Stamp { clock: Clock(save as i64), author: UserId::from_u128(9) };
        let replaced = replaced.iter().map(|name| (*name).to_owned()).collect();
        let (dot, tag, renamed) = (Dot { writer, save }, Tag(save as u32), &BTreeMap::new());
        merge(row, &OwnWrite { dot, tag, stamp, write, renamed }, &replaced);
    }

    #[test]
    fn a_save_that_waits_is_seen_but_not_where_its_author_wrote_again() {
        let mut base = Row::new(Collection::Household, sync_protocol::RecordId::from_u128(1));
        put(&mut base, OTHER, 1, &write(&Context::new(), &[("name", "a"), ("phone", "1")]), &[]);
        let seen = base.context.clone();
        let waits = write(&seen, &[("name", "b"), ("phone", "2")]);
        // The server has merged save 2, which had seen save 1, and not save 1.
        put(&mut base, ME, 2, &write(&seen, &[("phone", "3"), ("_alive", "false")]), &[]);
        put(&mut base, ME, 1, &waits, &["phone", "_alive"]);
        assert_eq!((base.value("name"), base.value("phone")), (Some(&Value::text("b")), Some(&Value::text("3"))));
        assert_eq!((base.conflicts().count(), base.registers["_alive"].siblings.len()), (0, 1));
        assert_eq!(base.context[&ME].save, 2);
    }

    #[test]
    fn a_device_far_ahead_of_its_server_takes_the_servers_time_until_it_is_put_right() {
        let day = 86_400_000;
        for (now, skew, expected) in [
            (5 * day, None, 5 * day),
            (5 * day, Some((-3 * day, 5 * day)), 2 * day),
            (5 * day, Some((-60_000, 5 * day)), 5 * day),
            (5 * day, Some((3 * day, 5 * day)), 5 * day),
            (2 * day, Some((-3 * day, 5 * day)), 2 * day),
        ] {
            assert_eq!(next_clock(Clock(day), now, skew), Clock(expected), "{now} {skew:?}");
        }
    }
}
