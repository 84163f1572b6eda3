//! The office's files and the store brought together: imports that write through saves, exports that read a snapshot.
//!
//! What a file means is decided in `import`, what a table looks like in `export`; here is only what needs the database.

pub mod answers;
pub mod area_tables;
pub mod exports;
pub mod outline_files;
pub mod prelists;

use serde::Serialize;
use sync_protocol::changeset::text_of;

use crate::import::area_index::{AreaIndex, KnownArea};
use crate::import::cells::Date;
use crate::instance::Instance;
use crate::store::db::Result;
use crate::store::{Tx, areas};

/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Only say what would happen.
    #[default]
    DryRun,
    /// Write.
    Apply,
}

/// Minutes east of UTC of western Indonesia, by which the office's days are counted.
pub const OFFICE_UTC_OFFSET_MINUTES: i64 = 420;

/// What makes the ids of one server's imports its own: its root key, which outlives every change of names and comes back with a backup.
pub fn project_of(instance: &Instance) -> String {
    text_of(&instance.keys.root.key().to_bytes())
}

/// The office's day.
pub fn today(instance: &Instance) -> Date {
    let minutes = instance.now().div_euclid(60_000) + OFFICE_UTC_OFFSET_MINUTES;
    Date::from_days_since_1970(minutes.div_euclid(24 * 60)).expect("the clock stands between 1900 and 9999")
}

/// The areas as an import looks into them.
pub fn area_index(tx: &Tx<'_>, today: Date) -> Result<AreaIndex> {
    let all = areas::list(tx)?;
    let codes: std::collections::HashMap<_, _> = all.iter().map(|area| (area.id, area.code.clone())).collect();
    let day = today.to_string();
    let known = all.into_iter().map(|area| KnownArea {
        id: area.id,
        parent_code: area.parent.and_then(|parent| codes.get(&parent).cloned()),
        code: area.code,
        level: area.level,
        name: area.name,
        bps_code: area.bps_code,
        is_current: area.valid_to.is_none_or(|last| last >= day),
    });
    Ok(AreaIndex::new(known.collect()))
}

#[cfg(test)]
mod tests;
