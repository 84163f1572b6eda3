//! The deep check: row hashes worked out again from the stored bytes. What a disk has changed is fetched anew at the next sync.

use sync_protocol::{AreaId, RowHash};

use crate::device::Device;
use crate::error::Result;
use crate::store::{areas, cursors, records};

/// What a deep check has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowsChecked {
    /// Rows that were looked at.
    pub rows: u64,
    /// Rows whose bytes are not those that were stored.
    pub damaged: u64,
}

impl Device {
    /// Holds every row that the server delivered against its hash. Damaged ones are noted, so that the sums of their areas
    /// differ from the server's and the next sync replaces just them. Good for idle times: it reads every row once.
    pub fn check_rows(&mut self) -> Result<RowsChecked> {
        let mut checked = RowsChecked::default();
        let areas: Vec<AreaId> = areas::list(self.store())?.into_iter().map(|(area, _)| area.id).collect();
        for area in areas {
            let step = self.transaction()?;
            let mut standing = cursors::standing(&step, area)?;
            let before = standing.digest;
            for (doc, stored, text) in records::list_base_docs(&step, area)? {
                checked.rows += 1;
                let found = RowHash::of(&text);
                if found == stored {
                    continue;
                }
                checked.damaged += 1;
                records::set_hash(&step, doc, found)?;
                standing.digest.remove(stored);
                standing.digest.add(found);
            }
            if standing.digest != before {
                // What the sum was is what the server has it to be, as far as this device knew.
                standing.due = standing.due.or(Some(before));
                cursors::put(&step, area, &standing)?;
                step.commit()?;
            }
        }
        Ok(checked)
    }
}
