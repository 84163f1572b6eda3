//! Own saves that were decided later leave the screen: a released one when the row that holds it has come, a rejected one
//! when its person has seen that it was.

use rusqlite::Connection;
use sync_protocol::{Row, Verdict};

use super::landing::Landing;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::rows::{self, OwnSaves};
use crate::store::records::Held;
use crate::store::{outbox, overlay, records, verdicts};

/// Takes released saves off the records whose base holds them under their new names.
pub(crate) fn uncover(landing: &mut Landing<'_>) -> Result<()> {
    for (&save, under) in &landing.renamed {
        for record in overlay::list_under(landing.store, save)? {
            let held = records::held(landing.store, record)?;
            let Some(base) = held.base else { continue };
            let text = records::text(landing.store, base)?;
            let seen = Facts::read(&text).ok_or(Error::FileDamaged)?.seen(under.writer);
            if seen >= under.save {
                overlay::remove(landing.store, record, save)?;
                show(landing.store, &mut landing.own, held, &text)?;
            }
        }
    }
    Ok(())
}

/// Shows a record's base with the own saves that still lie over it.
fn show(store: &Connection, own: &mut OwnSaves<'_>, mut held: Held, base: &str) -> Result<()> {
    let over = overlay::list(store, held.record)?;
    if over.is_empty() {
        return rows::set_view_to_base(store, &mut held, base);
    }
    let mut view = rows::parsed(base)?;
    own.lay_over(&mut view, &over)?;
    rows::set_view(store, &mut held, &view.to_text())
}

/// A record of which the server holds nothing goes with the last save over it.
fn without_base(store: &Connection, own: &mut OwnSaves<'_>, mut held: Held) -> Result<()> {
    let over = overlay::list(store, held.record)?;
    if over.is_empty() {
        return records::delete(store, &held);
    }
    let mut view = Row::new(held.collection, held.id);
    own.lay_over(&mut view, &over)?;
    rows::set_view(store, &mut held, &view.to_text())
}

/// Takes a save off the screen for good. It stays in the outbox.
pub(crate) fn forget(store: &Connection, save: u64) -> Result<()> {
    let mut own = OwnSaves::new(store)?;
    for record in overlay::list_under(store, save)? {
        overlay::remove(store, record, save)?;
        let held = records::held(store, record)?;
        match held.base {
            Some(base) => {
                let text = records::text(store, base)?;
                show(store, &mut own, held, &text)?;
            }
            None => without_base(store, &mut own, held)?,
        }
    }
    verdicts::set_seen(store, save)
}

impl Device {
    /// The person has seen that a save was rejected: what it wrote leaves the screen.
    ///
    /// Nothing is deleted: the save stays in the outbox, and the server keeps it. A save that is not decided yet stays.
    pub fn acknowledge(&mut self, save: u64) -> Result<()> {
        let step = self.transaction()?;
        if outbox::find_holding(&step, save)?.is_none_or(|found| found.first > save) {
            return Err(Error::NotFound("save"));
        }
        if !matches!(verdicts::find(&step, save)?, Some(Verdict::Rejected(_))) {
            return Err(Error::NotFound("rejected save"));
        }
        forget(&step, save)?;
        step.commit()?;
        Ok(())
    }
}
