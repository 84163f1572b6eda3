//! Healing: sums over an area's rows by the next byte of their ids, and the rows below the prefixes where they differ.

use std::collections::BTreeMap;

use sync_protocol::exchange::{Answer, AreaPage, Cursor, HealAsk, HealSums, Request};
use sync_protocol::{AreaId, Digest, RecordId, RowHash, limits};

use super::Caller;
use crate::store::db::Result;
use crate::store::{Tx, feed, records, scope};

/// Hex digits of an id.
const ID_DIGITS: usize = 32;
/// Prefixes that one request may ask about; more are not answered.
const ASKS_MAX: usize = 4_096;

/// Answers what a request asks about areas within the caller's grants; returns the lines of the rows wanted.
pub(super) fn heal(
    tx: &Tx<'_>,
    caller: Caller,
    request: &Request,
    now_ms: i64,
    answer: &mut Answer,
    sent: usize,
) -> Result<String> {
    let mut lines = String::new();
    if request.heal.is_empty() {
        return Ok(lines);
    }
    let mut asks: BTreeMap<AreaId, Vec<&HealAsk>> = BTreeMap::new();
    for ask in request.heal.iter().take(ASKS_MAX).filter(|ask| is_prefix(&ask.prefix)) {
        asks.entry(ask.area).or_default().push(ask);
    }
    for (area, asks) in asks {
        if !scope::covers(tx, caller.user, area, now_ms)? {
            continue;
        }
        let rows: Vec<(String, RecordId, RowHash)> =
            records::list_hashes(tx, area)?.into_iter().map(|(id, hash)| (digits(id), id, hash)).collect();
        let head = feed::head(tx, area)?;
        let cursor = Cursor { seq: head.seq, salt: head.salt, since: head.seq };
        answer.heal.extend(asks.iter().filter(|ask| !ask.rows).map(|ask| sums(area, cursor, &rows, &ask.prefix)));
        let wanted = asks.iter().filter(|ask| ask.rows).map(|ask| ask.prefix.as_str());
        if let Some(page) = page(tx, (area, cursor), &rows, wanted, sent, &mut lines)? {
            answer.areas.push(page);
        }
    }
    Ok(lines)
}

fn is_prefix(prefix: &str) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    prefix.len().is_multiple_of(2) && prefix.len() <= ID_DIGITS && prefix.bytes().all(is_digit)
}

fn digits(id: RecordId) -> String {
    format!("{:032x}", id.as_u128())
}

/// The sums below a prefix; below a longer one where all rows there share it.
fn sums(area: AreaId, cursor: Cursor, rows: &[(String, RecordId, RowHash)], prefix: &str) -> HealSums {
    let below: Vec<_> = rows.iter().filter(|row| row.0.starts_with(prefix)).collect();
    let mut prefix = prefix.to_owned();
    while let Some(first) = below.first()
        && prefix.len() + 4 <= ID_DIGITS
        && below.iter().all(|row| row.0.starts_with(&first.0[..prefix.len() + 2]))
    {
        prefix.push_str(&first.0[prefix.len()..prefix.len() + 2]);
    }
    let mut by_byte: BTreeMap<u8, Digest> = BTreeMap::new();
    for (digits, _, hash) in below {
        let next = digits.get(prefix.len()..prefix.len() + 2).and_then(|byte| u8::from_str_radix(byte, 16).ok());
        if let Some(byte) = next {
            by_byte.entry(byte).or_default().add(*hash);
        }
    }
    HealSums { area, cursor: Some(cursor), prefix, sums: by_byte.into_iter().collect() }
}

/// All rows below as many of the prefixes as fit.
fn page<'a>(
    tx: &Tx<'_>,
    (area, cursor): (AreaId, Cursor),
    rows: &[(String, RecordId, RowHash)],
    wanted: impl Iterator<Item = &'a str>,
    sent: usize,
    lines: &mut String,
) -> Result<Option<AreaPage>> {
    let mut page = AreaPage { area, cursor, digest: None, healed: vec![], own: 0, rows: 0 };
    for prefix in wanted {
        if sent + lines.len() >= limits::PAGE_BYTES {
            break;
        }
        for (_, id, _) in rows.iter().filter(|row| row.0.starts_with(prefix)) {
            if let Some(record) = records::find(tx, *id)? {
                lines.push_str(&record.doc);
                lines.push('\n');
                page.rows += 1;
            }
        }
        page.healed.push(prefix.to_owned());
    }
    Ok(Some(page).filter(|page| !page.healed.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_skip_what_all_ids_share() {
        let row = |id: u128| (digits(RecordId::from_u128(id)), RecordId::from_u128(id), RowHash(id));
        let rows = [row(0x0193_0000_0000_0000_0000_0000_0000_01ff), row(0x0193_0000_0000_0000_0000_0000_0000_02ff)];
        let told = sums(AreaId::from_u128(1), Cursor::default(), &rows, "");
        assert_eq!((told.prefix.len(), told.sums.iter().map(|s| s.0).collect::<Vec<_>>()), (28, vec![1, 2]));
        let told = sums(AreaId::from_u128(1), Cursor::default(), &rows, "ff");
        assert_eq!((told.prefix.as_str(), told.sums.len()), ("ff", 0));
    }
}
