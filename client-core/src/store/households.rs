//! The household list: one line a household, kept beside its row so that a page needs no row text.

use rusqlite::{Connection, Row, named_params};
use sync_protocol::{AreaId, Clock, RecordId};

use super::ids::{Key, maybe};
use super::visits;
use crate::error::Result;
use crate::facts::Facts;

/// One line of the household list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdLine {
    /// The household.
    pub id: RecordId,
    /// The area that it lives in, as this device shows it.
    pub area: Option<AreaId>,
    /// Name of its head; the imported one where there is no verified one.
    pub name: String,
    /// Address, likewise.
    pub address: String,
    /// Neighbourhood, as the register `rt` says.
    pub rt: String,
    /// Register `status`.
    pub status: Option<String>,
    /// Outcome of the last visit.
    pub outcome: Option<String>,
    /// Latest clock of anything shown of the household itself.
    pub updated: Clock,
    /// It or a record below it holds different values somewhere.
    pub conflict: bool,
    /// It or a record below it holds something that the server has not confirmed.
    pub unsent: bool,
    record: i64,
}

impl HouseholdLine {
    /// Where the page after this line begins.
    pub fn place(&self) -> After {
        After { name: self.name.clone(), record: self.record }
    }
}

/// Where a page of the list begins: after a line of an earlier page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    name: String,
    record: i64,
}

/// What of the list is wanted. The default is all of it.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only in this area and below.
    pub area: Option<AreaId>,
    /// Only with this `status`.
    pub status: Option<String>,
    /// Only those whose last visit ended so.
    pub outcome: Option<String>,
    /// `true`: only those that nobody need go to again; `false`: only those still to do. A household is done when its
    /// `status` is anything but `to_visit_again`.
    pub done: Option<bool>,
    /// Only those with a conflict in them.
    pub conflict: bool,
    /// Only those with something that the server has not confirmed.
    pub unsent: bool,
    /// Words that must all begin words of one record of the household: name, address, NIK or card number.
    pub search: Option<String>,
    /// Begin after this line.
    pub after: Option<After>,
    /// Lines wanted; 0 for [`PAGE_LINES`].
    pub limit: usize,
}

/// Lines of a page of the household list, unless asked otherwise.
pub const PAGE_LINES: usize = 50;
/// Records that a search looks at; more are answered by "type more".
pub const SEARCH_HITS_MAX: usize = 2_000;

/// Stores a household's line; one that is hidden stays so.
pub(crate) fn put(store: &Connection, record: i64, facts: &Facts<'_>) -> Result<()> {
    // How a visit ended is the visit's to say; it may have come before its household.
    let outcome = visits::find_last(store, facts.id)?;
    let mut statement = store.prepare_cached(
        "INSERT INTO households (record, area, name, address, rt, status, outcome, done, updated, alive)
         VALUES ($record, $area, $name, $address, $rt, $status, $outcome, $done, $updated, $alive)
         ON CONFLICT (record) DO UPDATE SET
             area = excluded.area, name = excluded.name, address = excluded.address, rt = excluded.rt,
             status = excluded.status, outcome = excluded.outcome, done = excluded.done, updated = excluded.updated,
             alive = excluded.alive",
    )?;
    statement.execute(named_params! {
        "$record": record,
        "$area": facts.area.map(AreaId::key),
        "$name": facts.name.as_ref(),
        "$address": facts.address.as_ref(),
        "$rt": facts.rt.as_ref(),
        "$status": facts.status.as_deref(),
        "$outcome": outcome.as_deref(),
        "$done": facts.is_done(),
        "$updated": facts.updated.0,
        "$alive": facts.alive,
    })?;
    Ok(())
}

/// Hides the households of an area that is no longer granted.
pub(crate) fn hide(store: &Connection, area: AreaId) -> Result<()> {
    store
        .prepare_cached("UPDATE households SET hidden = 1 WHERE area = $area")?
        .execute(named_params! {"$area": area.key()})?;
    Ok(())
}

/// Shows what was hidden, where its area is granted again.
pub(crate) fn unhide_granted(store: &Connection) -> Result<()> {
    store.execute_batch(
        "UPDATE households SET hidden = 0 WHERE hidden = 1 AND area IN (SELECT area FROM areas WHERE granted = 1)",
    )?;
    Ok(())
}

/// How many households are listed, and how many of them are done.
pub(crate) fn count(store: &Connection) -> Result<(u64, u64)> {
    let mut query = store
        .prepare_cached("SELECT count(*), coalesce(sum(done), 0) FROM households WHERE alive = 1 AND hidden = 0")?;
    Ok(query.query_row([], |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)))?)
}

/// Columns of a line; `h` is the household, `r` its record.
macro_rules! columns {
    () => {
        "h.record, r.id, h.area, h.name, h.address, h.rt, h.status, h.outcome, h.updated,
         r.conflicts > 0 OR EXISTS (SELECT 1 FROM records c WHERE c.root = r.id AND c.conflicts > 0),
         EXISTS (SELECT 1 FROM overlay o WHERE o.record = h.record) OR EXISTS (
             SELECT 1 FROM records c JOIN overlay o ON o.record = c.record WHERE c.root = r.id)"
    };
}

/// Conditions that every list shares.
macro_rules! filters {
    () => {
        "h.alive = 1 AND h.hidden = 0
         AND ($status IS NULL OR h.status = $status)
         AND ($outcome IS NULL OR h.outcome = $outcome)
         AND ($done IS NULL OR h.done = $done)
         AND ($conflict = 0 OR EXISTS (SELECT 1 FROM conflicting WHERE household = r.id))
         AND ($unsent = 0 OR EXISTS (SELECT 1 FROM unsent WHERE household = r.id))"
    };
}

/// Conflicts and unsent saves are few: their households are found from their side.
macro_rules! few {
    () => {
        "conflicting (household) AS (SELECT DISTINCT coalesce(root, id) FROM records WHERE conflicts > 0),
         unsent (household) AS (
             SELECT DISTINCT coalesce(c.root, c.id) FROM overlay o JOIN records c ON c.record = o.record)"
    };
}

macro_rules! below {
    () => {
        "WITH RECURSIVE below (area) AS (
             SELECT $area UNION SELECT a.area FROM areas a JOIN below b ON a.parent = b.area
         )"
    };
}

/// In the order of the name index: no more rows are read than a page needs, as long as filters let some through.
const WHOLE: &str = concat!(
    "WITH ",
    few!(),
    " SELECT ",
    columns!(),
    " FROM households h JOIN records r ON r.record = h.record WHERE (h.name, h.record) > ($name, $after) AND ",
    filters!(),
    " AND $area IS NULL AND $search IS NULL ORDER BY h.name, h.record LIMIT $limit"
);

/// The few that hold a conflict or something unsent, and then whatever else is asked of them.
const AMONG_FEW: &str = concat!(
    below!(),
    ", ",
    few!(),
    ", chosen (household) AS (
         SELECT household FROM conflicting WHERE $conflict = 1
         UNION SELECT household FROM unsent WHERE $conflict = 0
     )
     SELECT ",
    columns!(),
    " FROM chosen CROSS JOIN records r ON r.id = chosen.household JOIN households h ON h.record = r.record
      WHERE (h.name, h.record) > ($name, $after) AND ",
    filters!(),
    " AND ($area IS NULL OR h.area IN (SELECT area FROM below))
      AND $search IS NULL ORDER BY h.name, h.record LIMIT $limit"
);

/// CROSS JOIN keeps SQLite from walking the whole list for the sake of its order: the areas are the narrower way in.
const WITHIN: &str = concat!(
    below!(),
    ", ",
    few!(),
    " SELECT ",
    columns!(),
    " FROM below CROSS JOIN households h ON h.area = below.area JOIN records r ON r.record = h.record
      WHERE (h.name, h.record) > ($name, $after) AND ",
    filters!(),
    " AND $search IS NULL ORDER BY h.name, h.record LIMIT $limit"
);

/// Hits first, each led to its household. The hits looked at are bounded, so that one letter typed costs no second.
const FOUND: &str = concat!(
    below!(),
    ", ",
    few!(),
    ", hits (household) AS (
         SELECT coalesce(p.record, c.record)
         FROM search s JOIN records c ON c.record = s.rowid LEFT JOIN records p ON p.id = c.root
         WHERE search MATCH $search
           AND ($area IS NULL OR EXISTS (
               SELECT 1 FROM households w WHERE w.record = coalesce(p.record, c.record)
               AND w.area IN (SELECT area FROM below)))
         LIMIT $hits
     )
     SELECT ",
    columns!(),
    " FROM households h JOIN records r ON r.record = h.record
      WHERE h.record IN (SELECT household FROM hits) AND (h.name, h.record) > ($name, $after) AND ",
    filters!(),
    " ORDER BY h.name, h.record LIMIT $limit"
);

/// One page of the list, one line more than asked for if there is one.
pub(crate) fn list(
    store: &Connection,
    wanted: &ListQuery,
    search: Option<&str>,
    limit: usize,
) -> Result<Vec<HouseholdLine>> {
    let mut query = store.prepare_cached(match (search, wanted.area) {
        (Some(_), _) => FOUND,
        (None, _) if wanted.conflict || wanted.unsent => AMONG_FEW,
        (None, Some(_)) => WITHIN,
        (None, None) => WHOLE,
    })?;
    let after = wanted.after.as_ref();
    let (area, hits) = (wanted.area.map(AreaId::key), SEARCH_HITS_MAX as i64);
    // Before every name and place.
    let name = after.map_or("", |after| after.name.as_str());
    let place = after.map_or(i64::MIN, |after| after.record);
    let mut values: Vec<(&str, &dyn rusqlite::ToSql)> = vec![
        ("$area", &area),
        ("$name", &name),
        ("$after", &place),
        ("$status", &wanted.status),
        ("$outcome", &wanted.outcome),
        ("$done", &wanted.done),
        ("$conflict", &wanted.conflict),
        ("$unsent", &wanted.unsent),
        ("$search", &search),
    ];
    let limit = limit as i64 + 1;
    values.push(("$limit", &limit));
    if search.is_some() {
        values.push(("$hits", &hits));
    }
    let rows = query.query_map(values.as_slice(), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<HouseholdLine> {
    Ok(HouseholdLine {
        record: row.get(0)?,
        id: RecordId::of(row.get(1)?),
        area: maybe(row.get(2)?),
        name: row.get(3)?,
        address: row.get(4)?,
        rt: row.get(5)?,
        status: row.get(6)?,
        outcome: row.get(7)?,
        updated: Clock(row.get(8)?),
        conflict: row.get(9)?,
        unsent: row.get(10)?,
    })
}
