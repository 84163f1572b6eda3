//! Pull: from one snapshot, what the device's areas hold that the device does not.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::exchange::{self, Answer, AreaPage, Cursor, Request, Salt, ScopeStamp};
use sync_protocol::{AreaId, Row, UserId, WriterId, limits};

use super::Caller;
use crate::store::db::{Error, Result};
use crate::store::feed::{self, Entry};
use crate::store::records::Record;
use crate::store::{Tx, scope, witnesses};

/// Fills the answer with pages, and returns their lines. `own`: the requesting writer's applied prefix.
pub(super) fn pull(
    tx: &Tx<'_>,
    caller: Caller,
    request: &Request,
    own: u64,
    now_ms: i64,
    answer: &mut Answer,
) -> Result<String> {
    let heads = scope::heads(tx, caller.user, now_ms)?;
    let current = ScopeStamp::over(heads.iter().copied());
    if request.cursors.is_empty() && request.scope.is_some_and(|(stamp, _)| stamp == current) {
        return Ok(String::new());
    }
    let Some(cursors) = cursors(tx, &heads, caller.user, request, now_ms)? else {
        answer.cursors_wanted = true;
        answer.more = true;
        return Ok(String::new());
    };
    for (area, cursor) in &cursors {
        if !feed::knows(tx, *area, *cursor)? && !is_broken(Rule::RewindTold) {
            answer.pull = exchange::Pull::Rewound;
            answer.restored = Some(witnesses::restored_prefixes(tx)?);
            return Ok(String::new());
        }
    }
    let budget = request.budget.unwrap_or(limits::PAGE_BYTES).min(limits::PAGE_BYTES);
    let mut lines = String::new();
    for (area, seq, salt) in heads {
        let from = cursors.get(&area).copied().unwrap_or_default();
        if from.seq == seq {
            continue;
        }
        if lines.len() >= budget {
            answer.more = true;
            break;
        }
        // A device that lists a cursor at the very beginning wants the whole area, its own saves included. So does one that
        // hears of its areas only now: this one may be one that it lost, with what it had saved there.
        let listed = request.cursors.iter().any(|(listed, _)| *listed == area);
        let news = request.directory.is_some() && answer.directory.is_some();
        let whole = from.since == 0 && (listed || news);
        let reader = Reader { writer: request.writer, since: from.since, whole };
        let page = page(tx, area, (seq, salt), from, &reader, budget, &mut lines)?;
        answer.more |= page.digest.is_none();
        answer.areas.push(AreaPage { own, ..page });
        if answer.more {
            break;
        }
    }
    if !answer.more {
        answer.mark = Some(feed::mark(tx)?);
    }
    Ok(lines)
}

/// Where the device stands in each area; `None` if that cannot be told from what it sent.
fn cursors(
    tx: &Tx<'_>,
    heads: &[(AreaId, u64, Salt)],
    user: UserId,
    request: &Request,
    now_ms: i64,
) -> Result<Option<BTreeMap<AreaId, Cursor>>> {
    let mut cursors = BTreeMap::new();
    if let Some((stamp, mark)) = request.scope {
        for (area, _, _) in heads {
            if let Some((seq, salt)) = feed::head_at(tx, *area, mark)? {
                cursors.insert(*area, Cursor { seq, salt, since: seq });
            }
        }
        if ScopeStamp::over(cursors.iter().map(|(area, c)| (*area, c.seq, c.salt))) != stamp {
            return Ok(None);
        }
    }
    for (area, cursor) in &request.cursors {
        // Granted, and nothing ever happened there: what the device has of it is of a time that this server lost.
        let is_granted = heads.binary_search_by_key(area, |head| head.0).is_ok()
            || (cursor.seq > 0 && scope::covers(tx, user, *area, now_ms)?);
        if is_granted {
            cursors.insert(*area, *cursor);
        }
    }
    Ok(Some(cursors))
}

/// Whom a page is for.
struct Reader {
    writer: WriterId,
    since: u64,
    whole: bool,
}

fn page(
    tx: &Tx<'_>,
    area: AreaId,
    (head, salt): (u64, Salt),
    from: Cursor,
    reader: &Reader,
    budget: usize,
    lines: &mut String,
) -> Result<AreaPage> {
    let mut rows = 0;
    let mut last = from.seq;
    let mut is_cut = false;
    feed::each_after(
        tx,
        area,
        from.seq,
        |last_writer, other_seq| reader.can_tell(last_writer, other_seq),
        |entry| {
            if lines.len() >= budget {
                is_cut = true;
                return Ok(false);
            }
            last = entry.seq();
            lines.push_str(&reader.line(&entry)?);
            lines.push('\n');
            rows += 1;
            Ok(true)
        },
    )?;
    if is_cut {
        let cursor = Cursor { seq: last, salt, since: from.since };
        return Ok(AreaPage { area, cursor, digest: None, healed: vec![], own: 0, rows });
    }
    let digest = Some(feed::head(tx, area)?.digest);
    Ok(AreaPage { area, cursor: Cursor { seq: head, salt, since: head }, digest, healed: vec![], own: 0, rows })
}

impl Reader {
    /// Whether the device works a row out by itself.
    fn can_tell(&self, last_writer: WriterId, other_seq: u64) -> bool {
        !self.whole && last_writer == self.writer && (other_seq <= self.since || is_broken(Rule::PullOthers))
    }

    /// The shortest line that brings the device to the entry's state.
    fn line<'e>(&self, entry: &'e Entry) -> Result<Cow<'e, str>> {
        let record = match entry {
            Entry::Gone(id, _) => return Ok(format!("\"{id}\"").into()),
            Entry::Row(record) => record,
        };
        let part = if self.whole { None } else { self.part(record)? };
        Ok(part.map_or(Cow::Borrowed(record.doc.as_str()), Cow::Owned))
    }

    fn part(&self, record: &Record) -> Result<Option<String>> {
        let Some((registers, writers)) = record.recent.after(self.since) else { return Ok(None) };
        let row = Row::parse(&record.doc).map_err(|_| Error::Stored("a row"))?;
        if row.registers.values().any(|register| !register.ahead.is_empty()) {
            return Ok(None);
        }
        Ok(Some(row.part_to_text(&registers, &writers)))
    }
}
