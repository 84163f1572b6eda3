//! Saves that were judged and not merged: why, what they touch, what they wait for, and what became of them.

use sync_protocol::exchange::{Decision, VerdictRange};
use sync_protocol::ids::Tag;
use sync_protocol::{Code, Dot, RecordId, Verdict, WriterId};

use super::db::{Columns, Error, Result, Tx};
use crate::args;

/// Which life of a writer a held save belongs to: that whose saves stand under their numbers, or one that was kept aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Life(Option<String>);

impl Life {
    /// Bytes that were kept aside under this hash.
    pub fn aside(hash: &[u8; 32]) -> Life {
        Life(Some(blake3::Hash::from_bytes(*hash).to_hex().to_string()))
    }

    /// The hash of the bytes that were kept aside.
    pub fn hash(&self) -> Option<[u8; 32]> {
        Some(*blake3::Hash::from_hex(self.0.as_ref()?).ok()?.as_bytes())
    }

    fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// A save that was held: its writer, its number, and of which life it is. Written `writer/number`, a fork with `@` and
/// the hash of its bytes behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeldId {
    /// Writer and number.
    pub dot: Dot,
    /// Of which life.
    pub life: Life,
}

impl HeldId {
    /// The save under its number.
    pub fn of(dot: Dot) -> HeldId {
        HeldId { dot, life: Life::default() }
    }
}

impl std::fmt::Display for HeldId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.dot.writer, self.dot.save)?;
        self.life.0.as_ref().map_or(Ok(()), |hash| write!(f, "@{hash}"))
    }
}

impl std::str::FromStr for HeldId {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<HeldId, ()> {
        let (writer, rest) = text.split_once('/').ok_or(())?;
        let (save, hash) = rest.split_once('@').map_or((rest, None), |(save, hash)| (save, Some(hash)));
        if hash.is_some_and(|hash| blake3::Hash::from_hex(hash).is_err()) {
            return Err(());
        }
        let dot = Dot { writer: writer.parse().map_err(|_| ())?, save: save.parse().map_err(|_| ())? };
        Ok(HeldId { dot, life: Life(hash.map(str::to_owned)) })
    }
}

impl serde::Serialize for HeldId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for HeldId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<HeldId, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(|()| serde::de::Error::custom("not the id of a held save"))
    }
}

/// A held save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: HeldId,
    /// How it stands now.
    pub verdict: Verdict,
    /// When it was judged first, milliseconds since 1970.
    pub since: i64,
    /// The save that it was merged as.
    pub under: Option<Dot>,
}

impl Held {
    /// Whether nothing is decided of it yet.
    pub fn is_unsettled(&self) -> bool {
        matches!(self.verdict, Verdict::Parked | Verdict::Quarantined(_))
    }
}

/// The columns that [`read`] takes, in its order.
macro_rules! columns {
    () => {
        "writer, save, life, word, code, since, under_writer, under_save"
    };
}

fn read(row: &Columns<'_>) -> Result<Held> {
    let life = Life(Some(row.string(2)?).filter(|hash| !hash.is_empty()));
    let code = row.opt_text(4)?.map(str::parse::<Code>).transpose().map_err(|()| Error::Stored("a code"))?;
    let verdict = Verdict::from_parts(row.text(3)?, code).ok_or(Error::Stored("a verdict"))?;
    let under = row.opt_parsed(6)?.zip(row.opt_int(7)?).map(|(writer, save)| Dot { writer, save: save as u64 });
    Ok(Held {
        id: HeldId { dot: Dot { writer: row.parsed(0)?, save: row.number(1)? }, life },
        verdict,
        since: row.int(5)?,
        under,
    })
}

/// A save was judged and not merged. What is held already stays as it is.
pub fn add(
    tx: &Tx<'_>,
    id: &HeldId,
    tag: Option<Tag>,
    verdict: Verdict,
    records: &[RecordId],
    now_ms: i64,
) -> Result<()> {
    let (writer, life) = (id.dot.writer.to_string(), id.life.text());
    tx.run(
        "INSERT INTO held (writer, save, life, tag, word, code, since) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (writer, save, life) DO NOTHING",
        args![
            &writer,
            id.dot.save,
            life,
            tag.map(|tag| i64::from(tag.0)),
            verdict.word(),
            verdict.code().map(Code::word),
            now_ms
        ],
    )?;
    add_records(tx, id, records)
}

/// Notes the records that a held save touches.
pub fn add_records(tx: &Tx<'_>, id: &HeldId, records: &[RecordId]) -> Result<()> {
    for record in records {
        tx.run(
            "INSERT INTO held_records (record, writer, save, life) VALUES ($1, $2, $3, $4)
             ON CONFLICT (record, writer, save, life) DO NOTHING",
            args![&record.to_string(), &id.dot.writer.to_string(), id.dot.save, id.life.text()],
        )?;
    }
    Ok(())
}

/// Whether any save was ever held.
pub fn any(tx: &Tx<'_>) -> Result<bool> {
    Ok(tx.row("SELECT 1 FROM held LIMIT 1", args![], |_| Ok(()))?.is_some())
}

/// The held save, whatever became of it.
pub fn find(tx: &Tx<'_>, id: &HeldId) -> Result<Option<Held>> {
    tx.row(
        concat!("SELECT ", columns!(), " FROM held WHERE writer = $1 AND save = $2 AND life = $3"),
        args![&id.dot.writer.to_string(), id.dot.save, id.life.text()],
        read,
    )
}

/// The fork that a context entry names, whatever became of it.
pub fn find_fork(tx: &Tx<'_>, dot: Dot, tag: Tag) -> Result<Option<Held>> {
    tx.row(
        concat!(
            "SELECT ",
            columns!(),
            " FROM held WHERE writer = $1 AND save = $2 AND life <> '' AND tag = $3 ORDER BY life LIMIT 1"
        ),
        args![&dot.writer.to_string(), dot.save, i64::from(tag.0)],
        read,
    )
}

/// Held saves of a writer up to a number that touch a record, whatever became of them.
pub fn list_touching(tx: &Tx<'_>, record: RecordId, writer: WriterId, upto: u64) -> Result<Vec<Held>> {
    tx.rows(
        "SELECT h.writer, h.save, h.life, h.word, h.code, h.since, h.under_writer, h.under_save
           FROM held_records r JOIN held h ON h.writer = r.writer AND h.save = r.save AND h.life = r.life
          WHERE r.record = $1 AND r.writer = $2 AND r.save <= $3 AND r.life = '' ORDER BY r.save LIMIT 10000",
        args![&record.to_string(), &writer.to_string(), upto],
        read,
    )
}

/// Of each writer the first save that touches a record and of which nothing is decided yet.
pub fn list_unsettled_touching(tx: &Tx<'_>, record: RecordId) -> Result<Vec<Dot>> {
    tx.rows(
        "SELECT h.writer, min(h.save) FROM held_records r
           JOIN held h ON h.writer = r.writer AND h.save = r.save AND h.life = r.life
          WHERE r.record = $1 AND r.life = '' AND h.word IN ('parked', 'quarantined') GROUP BY h.writer LIMIT 10000",
        args![&record.to_string()],
        dot,
    )
}

fn dot(row: &Columns<'_>) -> Result<Dot> {
    Ok(Dot { writer: row.parsed(0)?, save: row.number(1)? })
}

/// The records that a held save touches.
pub fn list_records(tx: &Tx<'_>, id: &HeldId) -> Result<Vec<RecordId>> {
    tx.rows(
        "SELECT record FROM held_records WHERE writer = $1 AND save = $2 AND life = $3 ORDER BY record LIMIT 1000",
        args![&id.dot.writer.to_string(), id.dot.save, id.life.text()],
        |row| row.parsed(0),
    )
}

/// What of held saves nothing is decided of, the oldest first, after the place given.
pub fn list_unsettled(tx: &Tx<'_>, after: Option<&(i64, HeldId)>, most: u32) -> Result<Vec<Held>> {
    let (since, writer, save, life) = after.map_or((i64::MIN, String::new(), 0, ""), |(since, id)| {
        (*since, id.dot.writer.to_string(), id.dot.save, id.life.text())
    });
    tx.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM held WHERE word IN ('parked', 'quarantined') AND (since, writer, save, life) > ($1, $2, $3, $4)
              ORDER BY since, writer, save, life LIMIT $5"
        ),
        args![since, &writer, save, life, i64::from(most)],
        read,
    )
}

/// Held saves of writers that nothing is decided of, by how they stand: quarantined, parked.
pub fn count_unsettled(tx: &Tx<'_>) -> Result<(u64, u64)> {
    let counted = tx.row(
        "SELECT count(*) FILTER (WHERE word = 'quarantined'), count(*) FILTER (WHERE word = 'parked') FROM held
          WHERE word IN ('parked', 'quarantined')",
        args![],
        |row| Ok((row.number(0)?, row.number(1)?)),
    )?;
    Ok(counted.unwrap_or((0, 0)))
}

/// A parked save waits for these.
pub fn set_waits(tx: &Tx<'_>, of: Dot, on: &[Dot]) -> Result<()> {
    let writer = of.writer.to_string();
    tx.run("DELETE FROM held_waits WHERE writer = $1 AND save = $2", args![&writer, of.save])?;
    for on in on {
        tx.run(
            "INSERT INTO held_waits (writer, save, on_writer, on_save) VALUES ($1, $2, $3, $4)
             ON CONFLICT (writer, save, on_writer, on_save) DO NOTHING",
            args![&writer, of.save, &on.writer.to_string(), on.save],
        )?;
    }
    Ok(())
}

/// A quarantined save would stand on a record that is not here.
pub fn await_record(tx: &Tx<'_>, of: Dot, record: RecordId) -> Result<()> {
    tx.run(
        "INSERT INTO held_awaits (record, writer, save) VALUES ($1, $2, $3) ON CONFLICT (record, writer, save) DO NOTHING",
        args![&record.to_string(), &of.writer.to_string(), of.save],
    )?;
    Ok(())
}

/// Whether a record has come that a save awaits.
pub fn has_arrived(tx: &Tx<'_>) -> Result<bool> {
    let arrived = tx.row(
        "SELECT 1 FROM held_awaits a WHERE EXISTS (SELECT 1 FROM records WHERE id = a.record) LIMIT 1",
        args![],
        |_| Ok(()),
    )?;
    Ok(arrived.is_some())
}

/// Takes up to `most` of the saves whose records have come, in the order of their writers; they await nothing any more.
pub fn take_arrived(tx: &Tx<'_>, most: u32) -> Result<Vec<Dot>> {
    let arrived: Vec<(String, Dot)> = tx.rows(
        "SELECT a.record, a.writer, a.save FROM held_awaits a
          WHERE EXISTS (SELECT 1 FROM records WHERE id = a.record) ORDER BY a.writer, a.save LIMIT $1",
        args![i64::from(most)],
        |row| Ok((row.string(0)?, Dot { writer: row.parsed(1)?, save: row.number(2)? })),
    )?;
    for (record, dot) in &arrived {
        tx.run(
            "DELETE FROM held_awaits WHERE record = $1 AND writer = $2 AND save = $3",
            args![record, &dot.writer.to_string(), dot.save],
        )?;
    }
    Ok(arrived.into_iter().map(|(_, dot)| dot).collect())
}

/// What a parked save waits for.
pub fn list_waits(tx: &Tx<'_>, of: Dot) -> Result<Vec<Dot>> {
    tx.rows(
        "SELECT on_writer, on_save FROM held_waits WHERE writer = $1 AND save = $2 ORDER BY 1, 2 LIMIT 10000",
        args![&of.writer.to_string(), of.save],
        dot,
    )
}

/// The parked saves that wait for this one.
pub fn list_waiting_for(tx: &Tx<'_>, on: Dot) -> Result<Vec<Dot>> {
    tx.rows(
        "SELECT writer, save FROM held_waits WHERE on_writer = $1 AND on_save = $2 ORDER BY 1, 2 LIMIT 100000",
        args![&on.writer.to_string(), on.save],
        dot,
    )
}

/// Nobody waits for a save any more that was decided. Returns those that now wait for nothing, in the order of their writers.
pub fn free(tx: &Tx<'_>, decided: Dot) -> Result<Vec<Dot>> {
    let waited = list_waiting_for(tx, decided)?;
    tx.run(
        "DELETE FROM held_waits WHERE on_writer = $1 AND on_save = $2",
        args![&decided.writer.to_string(), decided.save],
    )?;
    let mut free = Vec::new();
    for dot in waited {
        if list_waits(tx, dot)?.is_empty() {
            free.push(dot);
        }
    }
    Ok(free)
}

/// Decides on a held save; its author's device will hear of it.
pub fn decide(tx: &Tx<'_>, id: &HeldId, verdict: Verdict, under: Option<Dot>, now_ms: i64) -> Result<()> {
    let writer = id.dot.writer.to_string();
    // After a restore the numbers go on beyond those that devices heard before: they are made of the clock.
    let number = last_decision(tx, id.dot.writer)?.max(now_ms.unsigned_abs()) + 1;
    let changed = tx.run(
        "UPDATE held SET word = $4, code = $5, under_writer = $6, under_save = $7, decision = $8
          WHERE writer = $1 AND save = $2 AND life = $3",
        args![
            &writer,
            id.dot.save,
            id.life.text(),
            verdict.word(),
            verdict.code().map(Code::word),
            under.map(|dot| dot.writer.to_string()).as_deref(),
            under.map(|dot| dot.save),
            number
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Stored("a held save that is there")) }
}

/// Number of the newest decision on saves of a writer; 0 where there is none.
pub fn last_decision(tx: &Tx<'_>, writer: WriterId) -> Result<u64> {
    let newest = tx.row(
        "SELECT decision FROM held WHERE writer = $1 AND decision IS NOT NULL ORDER BY decision DESC LIMIT 1",
        args![&writer.to_string()],
        |row| row.number(0),
    )?;
    Ok(newest.unwrap_or(0))
}

/// The decisions on saves of a writer after a number, the oldest first, at most `most`; and the number of the last of them.
pub fn list_decisions(tx: &Tx<'_>, writer: WriterId, after: u64, most: u32) -> Result<(Vec<Decision>, u64)> {
    let mut decisions: Vec<Decision> = Vec::new();
    let mut last = after;
    tx.each(
        concat!(
            "SELECT ",
            columns!(),
            ", decision FROM held WHERE writer = $1 AND decision > $2 ORDER BY decision LIMIT $3"
        ),
        args![&writer.to_string(), after, i64::from(most)],
        |row| {
            let held = read(row)?;
            last = row.number(8)?;
            // What was kept aside has no number that its device would know it by.
            if held.id.life == Life::default() {
                join(&mut decisions, &held);
            }
            Ok(true)
        },
    )?;
    Ok((decisions, last))
}

fn join(decisions: &mut Vec<Decision>, held: &Held) {
    let save = held.id.dot.save;
    if let Some(Decision { under, verdict: range }) = decisions.last_mut() {
        let place = range.last + 1 - range.first;
        let follows = match (*under, held.under) {
            (None, None) => true,
            (Some((writer, first)), Some(dot)) => dot.writer == writer && dot.save == first + place,
            _ => false,
        };
        if follows && range.last + 1 == save && range.verdict == held.verdict {
            range.last = save;
            return;
        }
    }
    let verdict = VerdictRange { first: save, last: save, verdict: held.verdict };
    decisions.push(Decision { under: held.under.map(|dot| (dot.writer, dot.save)), verdict });
}

/// Held saves that were not looked into: from before they were listed.
pub fn list_unread(tx: &Tx<'_>, most: u32) -> Result<Vec<HeldId>> {
    tx.rows(
        concat!("SELECT ", columns!(), " FROM held WHERE tag IS NULL AND life = '' ORDER BY writer, save LIMIT $1"),
        args![i64::from(most)],
        |row| read(row).map(|held| held.id),
    )
}

/// A held save was looked into.
pub fn set_tag(tx: &Tx<'_>, id: &HeldId, tag: Tag) -> Result<()> {
    tx.run(
        "UPDATE held SET tag = $4 WHERE writer = $1 AND save = $2 AND life = $3",
        args![&id.dot.writer.to_string(), id.dot.save, id.life.text(), i64::from(tag.0)],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_itself() {
        let dot = Dot { writer: WriterId::from_u128(7), save: 12 };
        for id in [HeldId::of(dot), HeldId { dot, life: Life::aside(&[9; 32]) }] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "x/1", "00000000-0000-0000-0000-000000000007/x", "00000000-0000-0000-0000-000000000007/1@zz"] {
            assert_eq!(text.parse::<HeldId>(), Err(()), "{text}");
        }
    }

    #[test]
    fn decisions_that_follow_each_other_are_told_as_one() {
        let writer = WriterId::from_u128(7);
        let held = |save, verdict, under: Option<u64>| Held {
            id: HeldId::of(Dot { writer, save }),
            verdict,
            since: 0,
            under: under.map(|save| Dot { writer: WriterId::from_u128(9), save }),
        };
        let mut told = Vec::new();
        for (save, under) in [(3, 1), (4, 2), (6, 3), (7, 5)] {
            join(&mut told, &held(save, Verdict::Applied, Some(under)));
        }
        for save in [8, 9] {
            join(&mut told, &held(save, Verdict::Rejected(Code::Stolen), None));
        }
        let ranges: Vec<_> = told.iter().map(|d| (d.verdict.first, d.verdict.last, d.under.map(|u| u.1))).collect();
        assert_eq!(ranges, [(3, 4, Some(1)), (6, 6, Some(3)), (7, 7, Some(5)), (8, 9, None)]);
    }
}
