//! Visits and merged households held against their forms, by the engine that asked the questions.
//!
//! Nothing here refuses anything: what a device saved is merged long before, and what does not fit is told to the office.
//! Households that have to be checked are listed in the transaction that changed them; [`Checker::work_off`] takes them
//! from the list afterwards, and a crash in between costs nothing but time. The same household gives the same findings.

mod broken;
mod household;
mod origins;
mod plans;
mod registers;
#[cfg(test)]
mod tests;
mod visit;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use sync_protocol::save::reserved;
use sync_protocol::{Collection, RecordId, Row};

use crate::store::checks::{self, Due};
use crate::store::db::{Error, Result};
use crate::store::findings::{self, Finding, OF_HOUSEHOLD_MAX};
use crate::store::{Store, Tx, records};
use plans::Plans;

/// Households whose findings are written in one transaction.
const BATCH: u32 = 16;

/// Checks what waits, one household after the other; there is one worker at most.
#[derive(Debug, Default)]
pub struct Checker {
    state: AtomicU8,
    plans: Mutex<Plans>,
}

/// Nobody works.
const IDLE: u8 = 0;
/// Somebody works and will have seen everything that is listed.
const WORKING: u8 = 1;
/// Somebody works and will look once more.
const AGAIN: u8 = 2;

impl Checker {
    /// Asks for a look at the list. Whoever gets `true` has to call [`Checker::work`]; else somebody does.
    pub fn ask(&self) -> bool {
        let next = |state| Some(if state == IDLE { WORKING } else { AGAIN });
        self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) == Ok(IDLE)
    }

    /// Works until nobody has asked since the last look.
    pub fn work(&self, store: &Store, now_ms: impl Fn() -> i64) {
        loop {
            let asked = || self.state.compare_exchange(WORKING, IDLE, Ordering::AcqRel, Ordering::Acquire).is_err();
            if let Err(error) = self.work_off(store, &now_ms) {
                // What waits stays listed: the next exchange, or the next start, looks again.
                tracing::error!(error = &error as &dyn std::error::Error, "checking was put off");
            }
            if !asked() {
                return;
            }
            self.state.store(WORKING, Ordering::Release);
        }
    }

    /// Checks every household that is listed now; returns how many.
    pub fn work_off(&self, store: &Store, now_ms: impl Fn() -> i64) -> Result<usize> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut after, mut checked) = (None, 0);
        loop {
            let due = store.read(|tx| checks::list(tx, after, BATCH))?;
            let Some(last) = due.last() else { return Ok(checked) };
            (after, checked) = (Some(last.root), checked + due.len());
            let now = now_ms();
            let found: Vec<(Due, Vec<Finding>)> =
                due.into_iter().map(|due| Ok((due, found(store, due.root, &mut plans)?))).collect::<Result<_>>()?;
            store.write(move |tx| {
                for (due, found) in &found {
                    findings::set(tx, due.root, found, now)?;
                    checks::done(tx, *due)?;
                }
                Ok::<_, Error>(())
            })?;
        }
    }
}

/// What of a household does not fit. A form that the engine cannot stand keeps no other household from being checked.
fn found(store: &Store, root: RecordId, plans: &mut Plans) -> Result<Vec<Finding>> {
    let mut found = store.read(|tx| {
        let checked = std::panic::catch_unwind(AssertUnwindSafe(|| of_root(tx, root, plans)));
        checked.unwrap_or_else(|_| {
            tracing::error!(household = %root, "the check of a household failed");
            Ok(vec![broken::unchecked(root)])
        })
    })?;
    found.truncate(OF_HOUSEHOLD_MAX);
    Ok(found)
}

fn of_root(tx: &Tx<'_>, root: RecordId, plans: &mut Plans) -> Result<Vec<Finding>> {
    let mut rows = Vec::new();
    for record in records::list_of_root(tx, root)? {
        rows.push(Row::parse(&record.doc).map_err(|_| Error::Stored("a row"))?);
    }
    rows.retain(Row::is_alive);
    if !rows.iter().any(|row| row.id == root) {
        return Ok(vec![]);
    }
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| row.collection == Collection::Visit) {
        found.extend(visit::check(tx, root, row, plans)?);
    }
    found.extend(household::check(tx, root, &rows, plans)?);
    Ok(found)
}

/// The family that a visit, or a person, is of.
fn family_of(row: &Row) -> Option<RecordId> {
    row.parsed(reserved::FAMILY)
}
