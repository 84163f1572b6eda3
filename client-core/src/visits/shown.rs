//! The household as it was shown when the visit was begun, or when newer values were shown.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sync_protocol::save::reserved;
use sync_protocol::{Collection, RecordId, Row};

use crate::drafts::DraftId;
use crate::error::Result;
use crate::rows;
use crate::store::drafts;
use crate::views::{Names, RegisterView, ValueView, registers};

/// A register with several values.
#[derive(Debug, Clone)]
pub struct Disputed {
    /// Its record.
    pub record: RecordId,
    /// The record's kind.
    pub collection: Collection,
    /// The register.
    pub register: String,
    /// The values, the one that is shown first.
    pub values: Vec<ValueView>,
}

/// A register that is other than it was shown before.
#[derive(Debug, Clone)]
pub struct News {
    /// Its record.
    pub record: RecordId,
    /// The record's kind.
    pub collection: Collection,
    /// The register.
    pub register: String,
    /// The values before.
    pub before: Vec<ValueView>,
    /// The values now.
    pub now: Vec<ValueView>,
}

/// The rows of a draft as they were shown.
pub(super) struct Shown {
    household: RecordId,
    family: Option<RecordId>,
    rows: Vec<Row>,
}

impl Shown {
    /// Reads them.
    pub(super) fn of(store: &Connection, draft: DraftId, family: Option<RecordId>) -> Result<Shown> {
        let household = drafts::root(store, draft)?;
        let drafted = drafts::records(store, draft)?;
        let rows: Vec<Row> =
            drafted.iter().filter_map(|record| record.loaded.as_deref()).map(rows::parsed).collect::<Result<_>>()?;
        Ok(Shown { household, family, rows })
    }

    /// A visit that names no family is about the household's first, if it has one.
    pub(super) fn mean_first_family(&mut self) {
        self.family = self.family.or_else(|| self.families().next().map(|row| row.id));
    }

    pub(super) fn household(&self) -> RecordId {
        self.household
    }

    /// The family that the visit is about.
    pub(super) fn family(&self) -> Option<RecordId> {
        self.family
    }

    /// Whether the household is shown as existing; one that nobody knows yet will be.
    pub(super) fn is_alive(&self) -> bool {
        self.find(self.household).is_none_or(Row::is_alive)
    }

    /// A record as it was shown.
    pub(super) fn find(&self, id: RecordId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// The household's families.
    pub(super) fn families(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.collection == Collection::Family && row.is_alive())
    }

    /// The members of a family, with those who stand in none; everybody where no family is meant.
    pub(super) fn persons(&self, family: Option<RecordId>) -> impl Iterator<Item = &Row> {
        let persons = self.rows.iter().filter(|row| row.collection == Collection::Person && row.is_alive());
        persons.filter(move |row| {
            let own: Option<RecordId> = row.parsed(reserved::FAMILY);
            family.is_none() || own.is_none() || own == family
        })
    }

    /// Registers that hold several values.
    pub(super) fn disputed(&self, names: &mut Names<'_>) -> Result<Vec<Disputed>> {
        let mut all = Vec::new();
        for row in self.rows.iter().filter(|row| row.conflicts().next().is_some()) {
            let several = registers(names, row)?.into_iter().filter(|(_, view)| view.is_conflict());
            all.extend(several.map(|(register, view)| Disputed {
                record: row.id,
                collection: row.collection,
                register,
                values: view.values,
            }));
        }
        Ok(all)
    }

    /// What is other than it was shown before.
    pub(super) fn news_since(&self, before: &Shown, names: &mut Names<'_>) -> Result<Vec<News>> {
        let mut all = Vec::new();
        for row in &self.rows {
            let now = registers(names, row)?;
            let then = before.find(row.id).map(|old| registers(names, old)).transpose()?.unwrap_or_default();
            let every: BTreeSet<&String> =
                now.keys().chain(then.keys()).filter(|name| !name.starts_with('_')).collect();
            for register in every {
                let values = |of: Option<&RegisterView>| of.map(|view| view.values.clone()).unwrap_or_default();
                let (before, now) = (values(then.get(register)), values(now.get(register)));
                if !same(&before, &now) {
                    all.push(News {
                        record: row.id,
                        collection: row.collection,
                        register: register.clone(),
                        before,
                        now,
                    });
                }
            }
        }
        Ok(all)
    }
}

fn same(some: &[ValueView], others: &[ValueView]) -> bool {
    some.iter().map(|view| &view.value).eq(others.iter().map(|view| &view.value))
}
