//! The server's own rows, read from its database beside it: what every device is held against.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use server::instance::DATABASE_FILE;
use server::store::feed::{self, Entry};
use server::store::records::Record;
use server::store::{Store, areas, conflicts, db};
use sync_protocol::{AreaId, Collection, Digest, RecordId, Row, RowHash};

use crate::demo::folder::Folder;

/// What the server holds of one area.
#[derive(Default)]
pub(super) struct AreaRows {
    pub(super) code: String,
    /// The digest that the server sends.
    pub(super) digest: Digest,
    /// The hash of every row.
    pub(super) rows: HashMap<RecordId, RowHash>,
    /// Households that are not deleted.
    pub(super) households: usize,
    /// Households with at least one visit.
    pub(super) visited: HashSet<RecordId>,
    /// Visits by outcome.
    pub(super) outcomes: BTreeMap<String, usize>,
}

/// Everything, at one moment.
pub(super) struct Register {
    pub(super) areas: HashMap<AreaId, AreaRows>,
    /// Registers that hold several values.
    pub(super) conflicts: u64,
}

impl Register {
    pub(super) fn read(folder: &Folder) -> Result<Register> {
        let store = Store::open(&folder.server().join(DATABASE_FILE))?;
        let read = store.read(|tx| {
            let mut all = HashMap::new();
            for area in areas::list(tx)? {
                let mut held =
                    AreaRows { code: area.code, digest: feed::head(tx, area.id)?.digest, ..AreaRows::default() };
                feed::each_after(
                    tx,
                    area.id,
                    0,
                    |_, _| false,
                    |entry| {
                        if let Entry::Row(record) = entry {
                            held.take(&record);
                        }
                        Ok(true)
                    },
                )?;
                all.insert(area.id, held);
            }
            Ok::<_, db::Error>(Register { areas: all, conflicts: conflicts::count(tx)? })
        });
        Ok(read?)
    }

    /// Households visited and households known, in the areas below this code.
    pub(super) fn progress(&self, code: &str) -> (usize, usize) {
        let inside = self.areas.values().filter(|area| area.code.starts_with(code));
        inside.fold((0, 0), |(visited, known), area| (visited + area.visited.len(), known + area.households))
    }

    /// Visits of the whole city by outcome.
    pub(super) fn outcomes(&self) -> BTreeMap<&str, usize> {
        let mut all = BTreeMap::new();
        for (outcome, count) in self.areas.values().flat_map(|area| &area.outcomes) {
            *all.entry(outcome.as_str()).or_default() += count;
        }
        all
    }
}

impl AreaRows {
    fn take(&mut self, record: &Record) {
        self.rows.insert(record.id, RowHash::of(&record.doc));
        match record.collection {
            Collection::Household => {
                let is_alive = Row::parse(&record.doc).is_ok_and(|row| row.is_alive());
                self.households += usize::from(is_alive);
            }
            Collection::Visit => {
                self.visited.insert(record.root);
                let outcome = Row::parse(&record.doc).ok().and_then(|row| row.value("outcome")?.as_text());
                *self.outcomes.entry(outcome.unwrap_or_default()).or_default() += 1;
            }
            Collection::Family | Collection::Person => {}
        }
    }
}
