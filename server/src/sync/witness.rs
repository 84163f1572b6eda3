//! Witness rows: after a restore, what devices still hold of the server's lost time (docs/protocol.md, section 9.11).
//!
//! Devices send rows that lost saves had touched. They are kept; after one decision of the office what only they hold is
//! saved again, under writers of this server and with the contexts of the rows. Nothing is overwritten that the makers of
//! the rows had not seen: no save can.

mod again;
mod join;
mod plan;

use sync_protocol::Row;
use sync_protocol::exchange::Incoming;
use sync_protocol::merge::{Knowledge, Standing};

use super::Hub;
use super::batch::Batch;
use crate::store::db::{Error, Result};
use crate::store::witnesses::{self, State, Witness};

pub use again::{Told, apply, drop_waiting};

/// Keeps the witness rows of a request of which this server has lost something. Returns how many of them, from the first,
/// need not be sent again.
///
/// Grants are not asked for: those newer than the backup are lost with it. The office sees who sent what before it decides.
pub(super) fn take(hub: &Hub, incoming: &Incoming<'_>) -> Result<usize> {
    if incoming.witness.is_empty() {
        return Ok(0);
    }
    let (sender, now) = (incoming.control.writer, hub.now_ms());
    // What is no row helps nobody: the device need not try it again.
    let rows: Vec<Option<Row>> = incoming.witness.iter().map(|line| Row::parse(line).ok()).collect();
    hub.store.write(move |tx| {
        let state = match witnesses::decision(tx)? {
            State::Dropped => State::Dropped,
            State::Waiting | State::Applied => State::Waiting,
        };
        let batch = Batch::begin(tx, now);
        let mut taken = 0;
        for row in rows {
            taken += 1;
            let Some(row) = row.filter(|row| names_unknown_saves(&batch, row)) else { continue };
            batch.known().check()?;
            let witness = Witness { record: row.id, collection: row.collection, text: row.to_text(), sender };
            if !witnesses::add(tx, &witness, state, now)? {
                return Ok(taken - 1);
            }
        }
        batch.known().check()?;
        Ok::<_, Error>(taken)
    })
}

/// Whether a save touched the row that this server does not hold, or holds another one in its place.
fn names_unknown_saves(batch: &Batch<'_>, row: &Row) -> bool {
    row.context.iter().any(|(writer, seen)| batch.known().standing(*writer, *seen) != Standing::Known)
}

/// Once the office has decided for it, late rows are saved again as they come.
pub(super) fn follow_decision(hub: &Hub) -> Result<()> {
    let is_due = hub.store.read(|tx| {
        Ok::<_, Error>(witnesses::decision(tx)? == State::Applied && witnesses::count(tx, State::Waiting)? > 0)
    })?;
    if is_due { apply(hub).map(drop) } else { Ok(()) }
}
