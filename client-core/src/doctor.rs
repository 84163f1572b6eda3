//! The doctor of a device: reads everything once, puts right what is safe, and says what else is wrong.

use sync_protocol::entry::Entry;

use crate::deep_check::RowsChecked;
use crate::device::Device;
use crate::error::Result;
use crate::lifeboat::Kept;
use crate::rows;
use crate::store;

/// What a doctor has found and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Examined {
    /// Rows held against their hashes; damaged ones are fetched anew at the next sync.
    pub rows: RowsChecked,
    /// Records whose search words and lines of the household list were made anew.
    pub indexed: u64,
    /// Records whose text cannot be read any more.
    pub unreadable: u64,
    /// Changesets in the outbox file; those that it lacked were copied when the device was opened.
    pub entries: u64,
    /// Bytes of the outbox file that are no part of a whole entry.
    pub torn_bytes: u64,
    /// Saves of a lost store that the server has not said to have.
    pub adrift: u64,
}

impl Device {
    /// Examines an open device; [`Device::open_checked`] has read its pages. Good for idle times: it reads every row.
    pub fn examine(&mut self) -> Result<Examined> {
        store::check(self.store())?;
        let rows = self.check_rows()?;
        let step = self.transaction()?;
        let (indexed, unreadable) = rows::index_anew(&step)?;
        step.commit()?;
        // Files that saves name and the store does not know of are found again.
        self.look_for_files()?;
        let bytes = self.lifeboat().and_then(|boat| boat.read(Kept::Outbox).ok().flatten()).unwrap_or_default();
        let entries = Entry::list(&bytes);
        let whole: usize = entries.iter().map(|entry| entry.to_bytes().len()).sum();
        Ok(Examined {
            rows,
            indexed,
            unreadable,
            entries: entries.len() as u64,
            torn_bytes: bytes.len().saturating_sub(whole) as u64,
            adrift: self.adrift()?,
        })
    }
}
