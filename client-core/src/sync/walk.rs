//! Walks down the sums over an area's rows to those that differ from the server's, and takes these rows anew.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use sync_protocol::exchange::{HealAsk, HealSums, PageLine, Received};
use sync_protocol::{AreaId, Digest, RecordId, RowHash};

use super::landing::Landing;
use super::{Progress, heal, pages};
use crate::error::{Error, Result};
use crate::store::{cursors, records};

/// Prefixes asked about in one request.
const ASKS_MAX: usize = 512;
/// Where the device holds no more rows than this below a prefix, the rows themselves are asked for.
const ROWS_ASKED_BELOW: usize = 2;
/// Times that one walk begins at the root; what still differs then is pulled whole.
const ROUNDS_MAX: u32 = 3;

/// A walk through one area. Lost with its session; the next one finds that the sums still differ.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Prefixes whose sums are to be compared.
    open: BTreeSet<String>,
    /// Prefixes whose rows differ.
    rows: BTreeSet<String>,
    rounds: u32,
    /// Whether this round has found anything.
    found: bool,
}

impl Walk {
    pub(super) fn begin() -> Walk {
        Walk { open: BTreeSet::from([String::new()]), rounds: 1, ..Walk::default() }
    }
}

/// What to ask next.
pub(super) fn asks(progress: &mut Progress) -> Vec<HealAsk> {
    let mut asks = Vec::new();
    for (area, walk) in &progress.walks {
        let (prefixes, rows) = if walk.open.is_empty() { (&walk.rows, true) } else { (&walk.open, false) };
        asks.extend(prefixes.iter().map(|prefix| HealAsk { area: *area, prefix: prefix.clone(), rows }));
    }
    asks.truncate(ASKS_MAX);
    progress.walking = !asks.is_empty();
    asks
}

/// Takes sums and rows; returns whether there were any, and areas that only a whole pull can help.
pub(super) fn take(
    landing: &mut Landing<'_>,
    received: &Received<'_>,
    progress: &mut Progress,
) -> Result<(bool, Vec<AreaId>)> {
    if !std::mem::take(&mut progress.walking) {
        return Ok((false, Vec::new()));
    }
    let mut walks = std::mem::take(&mut progress.walks);
    let mut moved = false;
    let mut rows: BTreeMap<AreaId, Vec<(String, RowHash)>> = BTreeMap::new();
    for sums in &received.control.heal {
        let Some(walk) = walks.get_mut(&sums.area) else { continue };
        let rows = match rows.entry(sums.area) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(held(landing.store, sums.area)?),
        };
        moved |= compare(walk, sums, rows);
    }
    for (page, lines) in received.pages().filter(|(page, _)| !page.healed.is_empty()) {
        let Some(walk) = walks.get_mut(&page.area) else { continue };
        replace(landing, page.area, &page.healed, lines, progress)?;
        walk.rows.retain(|prefix| !page.healed.contains(prefix));
        moved = true;
    }
    let mut hopeless = Vec::new();
    for (area, mut walk) in walks {
        if !moved {
            // A server that does not know how to heal so: that was no heal.
            let standing = landing.standing(area)?;
            standing.heals = (standing.heals - 1).max(0);
            hopeless.push(area);
        } else if !walk.open.is_empty() || !walk.rows.is_empty() {
            progress.walks.insert(area, walk);
        } else if !walk.found {
            landing.standing(area)?.due = None;
        } else if walk.rounds >= ROUNDS_MAX {
            hopeless.push(area);
        } else {
            walk.open.insert(String::new());
            (walk.rounds, walk.found) = (walk.rounds + 1, false);
            progress.walks.insert(area, walk);
        }
    }
    Ok((moved, hopeless))
}

fn held(store: &Connection, area: AreaId) -> Result<Vec<(String, RowHash)>> {
    Ok(records::list_base_hashes(store, area)?.into_iter().map(|(id, hash)| (digits(id), hash)).collect())
}

fn digits(id: RecordId) -> String {
    format!("{:032x}", id.as_u128())
}

/// Compares the sums below a prefix; what differs is looked into, or its rows are asked for.
fn compare(walk: &mut Walk, sums: &HealSums, rows: &[(String, RowHash)]) -> bool {
    let asked: Vec<String> = walk.open.iter().filter(|open| sums.prefix.starts_with(open.as_str())).cloned().collect();
    let Some(asked) = asked.into_iter().max_by_key(String::len) else { return false };
    walk.open.remove(&asked);
    let mut mine: BTreeMap<String, (Digest, usize)> = BTreeMap::new();
    for (digits, hash) in rows.iter().filter(|row| row.0.starts_with(&asked)) {
        // What the server has nothing of differs as soon as it leaves the way to the server's rows.
        let shared = digits.bytes().zip(sums.prefix.bytes()).take_while(|(a, b)| a == b).count() & !1;
        let child = digits.get(..(shared.min(sums.prefix.len()) + 2).min(digits.len())).unwrap_or(digits);
        let (sum, many) = mine.entry(child.to_owned()).or_default();
        sum.add(*hash);
        *many += 1;
    }
    let theirs: BTreeMap<String, Digest> =
        sums.sums.iter().map(|(byte, sum)| (format!("{}{byte:02x}", sums.prefix), *sum)).collect();
    let children: BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
    for child in children {
        let (sum, many) = mine.get(child).copied().unwrap_or_default();
        if theirs.get(child).copied().unwrap_or_default() == sum {
            continue;
        }
        walk.found = true;
        let are_few = many <= ROWS_ASKED_BELOW || child.len() == 32 || !theirs.contains_key(child);
        if are_few {
            walk.rows.insert(child.clone())
        } else {
            walk.open.insert(child.clone())
        };
    }
    true
}

/// Takes all rows below the prefixes anew; what the server has none of goes, unless own saves on it are undecided.
fn replace(
    landing: &mut Landing<'_>,
    area: AreaId,
    prefixes: &[String],
    lines: &[&str],
    progress: &mut Progress,
) -> Result<()> {
    let mut named = BTreeSet::new();
    for line in lines {
        let PageLine::Row(text) = PageLine::parse(line).map_err(|_| Error::BadAnswer("a line that is not a row"))?
        else {
            return Err(Error::BadAnswer("an eviction among rows that were asked for"));
        };
        named.insert(pages::row(landing, area, text)?);
        progress.report.rows_received += 1;
    }
    for (id, _) in records::list_base_hashes(landing.store, area)? {
        let digits = digits(id);
        if !named.contains(&id) && prefixes.iter().any(|prefix| digits.starts_with(prefix)) {
            progress.report.evicted += u64::from(pages::gone(landing, area, id)?);
        }
    }
    Ok(())
}

/// Begins to walk through an area, or reports it where that was tried often enough today.
pub(super) fn begin(landing: &mut Landing<'_>, area: AreaId, due: Digest, progress: &mut Progress) -> Result<()> {
    let before = cursors::standing(landing.store, area)?;
    if progress.walks.contains_key(&area) {
        return cursors::put(landing.store, area, &cursors::Standing { due: Some(due), ..before });
    }
    let Some((heals, heal_day)) = heal::one_more(landing, &before, area, progress) else { return Ok(()) };
    // Until the walk has come to its end the sum stays to be compared.
    cursors::put(landing.store, area, &cursors::Standing { due: Some(due), heals, heal_day, ..before })?;
    progress.walks.insert(area, Walk::begin());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_found_and_what_only_one_side_has_too() {
        let row = |id: u128, hash: u128| (digits(RecordId::from_u128(id << 112)), RowHash(hash));
        let rows = [row(0x0101, 1), row(0x0102, 2), row(0x0103, 3), row(0x0201, 4), row(0x0301, 5)];
        let mut walk = Walk::begin();
        let sums = vec![(1, Digest(7)), (2, Digest(4)), (4, Digest(9))];
        let told = HealSums { area: AreaId::from_u128(1), cursor: None, prefix: String::new(), sums };
        assert!(compare(&mut walk, &told, &rows));
        assert_eq!(walk.open, BTreeSet::from(["01".to_owned()]));
        assert_eq!(walk.rows, ["03", "04"].map(str::to_owned).into());
        // All of the server's rows share a longer prefix: one of ours is beside it.
        let told = HealSums { prefix: "0102".into(), sums: vec![(0, Digest(2))], ..told };
        assert!(compare(&mut walk, &told, &rows));
        assert_eq!(walk.rows, ["0101", "0103", "03", "04"].map(str::to_owned).into());
    }
}
