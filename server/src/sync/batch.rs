//! What one transaction of judging keeps in hand: heads that move once at its end, and answers worth asking for once.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::exchange::Salt;
use sync_protocol::ids::{Seen, Tag};
use sync_protocol::merge::{Knowledge, Standing};
use sync_protocol::{AreaId, Collection, Context, Dot, RecordId, Row, RowHash, UserId, WriterId, attachment};

use super::judge::Judgement;

use crate::store::db::{Error, Result};
use crate::store::feed::{self, Head};
use crate::store::held::{self, HeldId};
use crate::store::records::Record;
use crate::store::{Tx, blobs, changesets, checks, scope, witnesses, writers};

/// The register of a visit that names the form it was made with.
const PACKAGE: &str = questionnaire::record::PACKAGE;

/// One transaction's worth of changes.
pub(super) struct Batch<'t> {
    pub(super) tx: &'t Tx<'t>,
    pub(super) now_ms: i64,
    heads: HashMap<AreaId, Head>,
    areas: HashSet<AreaId>,
    grants: HashMap<(UserId, AreaId, i64), bool>,
    known: Known<'t>,
    visited: Visited,
    /// Whether any save was ever held; asked for once.
    any_held: Option<bool>,
    /// Whether anything was saved again after a restore; asked for once.
    reissues: Option<bool>,
}

/// Which households were visited with a form, and which of them have to be checked against it.
#[derive(Default)]
struct Visited {
    /// Whether there is any; asked for once.
    any: Option<bool>,
    roots: HashMap<RecordId, bool>,
    to_check: BTreeSet<RecordId>,
}

impl<'t> Batch<'t> {
    pub(super) fn begin(tx: &'t Tx<'t>, now_ms: i64) -> Batch<'t> {
        let known = Known { tx, tags: RefCell::default(), applied: RefCell::default(), failure: RefCell::default() };
        let (heads, areas, grants, visited) = Default::default();
        Batch { tx, now_ms, heads, areas, grants, known, visited, any_held: None, reissues: None }
    }

    /// The next change number of an area.
    pub(super) fn next_seq(&mut self, area: AreaId) -> Result<u64> {
        let head = self.head(area)?;
        head.seq += 1;
        Ok(head.seq)
    }

    /// A row came into the area.
    pub(super) fn add(&mut self, area: AreaId, row: RowHash) -> Result<()> {
        if !is_broken(Rule::DigestKept) {
            self.head(area)?.digest.add(row);
        }
        Ok(())
    }

    /// A row left the area or is replaced.
    pub(super) fn remove(&mut self, area: AreaId, row: RowHash) -> Result<()> {
        self.head(area)?.digest.remove(row);
        Ok(())
    }

    fn head(&mut self, area: AreaId) -> Result<&mut Head> {
        use std::collections::hash_map::Entry;
        match self.heads.entry(area) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => Ok(entry.insert(feed::head(self.tx, area)?)),
        }
    }

    pub(super) fn area_exists(&mut self, area: AreaId) -> Result<bool> {
        if self.areas.contains(&area) {
            return Ok(true);
        }
        let exists = scope::area_exists(self.tx, area)?;
        if exists {
            self.areas.insert(area);
        }
        Ok(exists)
    }

    pub(super) fn is_granted(&mut self, user: UserId, area: AreaId, at_ms: i64) -> Result<bool> {
        if let Some(answer) = self.grants.get(&(user, area, at_ms)) {
            return Ok(*answer);
        }
        let answer = scope::covers(self.tx, user, area, at_ms)?;
        self.grants.insert((user, area, at_ms), answer);
        Ok(answer)
    }

    /// A context with the names under which saves that a restore lost were saved again; `None` where there is none.
    pub(super) fn with_new_names(
        &mut self,
        writer: WriterId,
        record: RecordId,
        context: &Context,
    ) -> Result<Option<Context>> {
        let any = match self.reissues {
            Some(any) => any,
            None => *self.reissues.insert(witnesses::has_reissues(self.tx)?),
        };
        let mut renamed: Option<Context> = None;
        if !any {
            return Ok(renamed);
        }
        for (lost, seen) in context {
            if self.known.ask(*lost, *seen)? == Standing::Known {
                continue;
            }
            for (name, seen) in witnesses::names_of(self.tx, record, *lost, *seen)? {
                let renamed = renamed.get_or_insert_with(|| context.clone());
                if name != writer && renamed.get(&name).is_none_or(|known| known.save < seen.save) {
                    renamed.insert(name, seen);
                }
            }
        }
        Ok(renamed)
    }

    /// What is applied of each writer.
    pub(super) fn known(&self) -> &Known<'t> {
        &self.known
    }

    /// Whether any save was ever held: where none was, nothing can wait for one.
    pub(super) fn any_held(&mut self) -> Result<bool> {
        match self.any_held {
            Some(any) => Ok(any),
            None => Ok(*self.any_held.insert(held::any(self.tx)?)),
        }
    }

    /// Keeps a save that was judged and not merged.
    pub(super) fn hold(&mut self, dot: Dot, tag: Tag, judgement: &Judgement, records: &[RecordId]) -> Result<()> {
        self.any_held = Some(true);
        held::add(self.tx, &HeldId::of(dot), Some(tag), judgement.verdict, records, self.now_ms)?;
        if let Some(record) = judgement.awaits {
            held::await_record(self.tx, dot, record)?;
        }
        held::set_waits(self.tx, dot, &judgement.waits)
    }

    /// How a context entry stands to what is applied here.
    pub(super) fn standing(&self, writer: WriterId, seen: Seen) -> Result<Standing> {
        self.known.ask(writer, seen)
    }

    /// Notes a record's change: a household that was visited with a form is held against it later.
    pub(super) fn note_change(&mut self, before: Option<&Record>, record: &Record, row: &Row) -> Result<()> {
        if attachment::is_in(&record.doc) || before.is_some_and(|before| attachment::is_in(&before.doc)) {
            blobs::set_names(self.tx, record.id, row)?;
        }
        let package = if record.collection == Collection::Visit { row.value(PACKAGE) } else { None };
        if let Some(package) = package.and_then(sync_protocol::Value::as_text) {
            checks::put_visit(self.tx, record.id, record.root, &package)?;
            self.visited.any = Some(true);
            self.visited.roots.insert(record.root, true);
            self.visited.to_check.insert(record.root);
        }
        let left = before.map(|before| before.root).filter(|root| *root != record.root);
        // What is new and stands alone was never visited.
        let standing = if before.is_some() || record.root != record.id { Some(record.root) } else { None };
        for root in standing.into_iter().chain(left) {
            if !self.visited.to_check.contains(&root) && self.is_visited(root)? {
                self.visited.to_check.insert(root);
            }
        }
        Ok(())
    }

    fn is_visited(&mut self, root: RecordId) -> Result<bool> {
        let any = match self.visited.any {
            Some(any) => any,
            None => *self.visited.any.insert(checks::has_visits(self.tx)?),
        };
        if !any {
            return Ok(false);
        }
        if let Some(known) = self.visited.roots.get(&root) {
            return Ok(*known);
        }
        let is_visited = checks::is_visited(self.tx, root)?;
        self.visited.roots.insert(root, is_visited);
        Ok(is_visited)
    }

    /// Moves the heads of all areas that changed, under one mark and one salt. Tells whether households are to be checked.
    pub(super) fn finish(self, salt: Salt) -> Result<bool> {
        if self.heads.is_empty() {
            return Ok(false);
        }
        let is_due = !self.visited.to_check.is_empty();
        for root in self.visited.to_check {
            checks::put(self.tx, root)?;
        }
        let mark = feed::next_mark(self.tx)?;
        let mut heads: Vec<(AreaId, Head)> = self.heads.into_iter().collect();
        heads.sort_unstable_by_key(|(area, _)| *area);
        for (area, head) in heads {
            feed::set_head(self.tx, area, &Head { salt, ..head }, mark)?;
        }
        Ok(is_due)
    }
}

/// Applied prefixes and tags, read when a context names them.
pub(super) struct Known<'t> {
    tx: &'t Tx<'t>,
    tags: RefCell<HashMap<WriterId, (u64, Vec<Tag>)>>,
    applied: RefCell<HashMap<WriterId, u64>>,
    failure: RefCell<Option<Error>>,
}

impl Known<'_> {
    /// The writer's prefix has grown.
    pub(super) fn set_applied(&self, writer: WriterId, save: u64) {
        self.applied.borrow_mut().insert(writer, save);
    }

    /// A read that failed while a merge was asking.
    pub(super) fn check(&self) -> Result<()> {
        self.failure.borrow_mut().take().map_or(Ok(()), Err)
    }

    fn ask(&self, writer: WriterId, seen: Seen) -> Result<Standing> {
        let mut applied = self.applied.borrow_mut();
        let prefix = match applied.get(&writer) {
            Some(prefix) => *prefix,
            None => {
                let prefix = writers::find(self.tx, writer)?.map_or(0, |w| w.applied);
                *applied.entry(writer).or_insert(prefix)
            }
        };
        if seen.save > prefix {
            return Ok(Standing::Ahead);
        }
        let mut cache = self.tags.borrow_mut();
        let tag = |(first, tags): &(u64, Vec<Tag>)| {
            seen.save.checked_sub(*first).and_then(|at| tags.get(at as usize).copied())
        };
        let cached = cache.get(&writer).and_then(tag);
        let tag = match cached {
            Some(found) => Some(found),
            None => match changesets::tags_around(self.tx, writer, seen.save)? {
                Some(around) => tag(cache.entry(writer).insert_entry(around).get()),
                None => None,
            },
        };
        Ok(if tag == Some(seen.tag) { Standing::Known } else { Standing::OtherLife })
    }
}

impl Knowledge for Known<'_> {
    fn standing(&self, writer: WriterId, seen: Seen) -> Standing {
        self.ask(writer, seen).unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            Standing::OtherLife
        })
    }
}
