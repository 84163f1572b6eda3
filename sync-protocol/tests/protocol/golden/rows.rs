//! Rows, whole and partial, with the hash of each; the sums over them.

use serde::{Deserialize, Serialize};
use sync_protocol::exchange::{Salt, ScopeStamp};
use sync_protocol::merge::{Trusting, Write};
use sync_protocol::{Collection, Digest, Dot, Header, Row, RowHash, Save, Seen, Stamp};

use super::Golden;
use super::example::to_come;
use super::example::{ANI, AREA, BUDI, HOUSEHOLD, Made, NINE, OTHER_AREA, USER_BUDI, delete, first, others, second};

pub(super) fn list() -> Vec<Golden> {
    let mut waiting = conflict();
    waiting.registers.get_mut("head_name").unwrap().ahead.insert(to_come());
    let mut deleted = one_dot();
    let stamp = Stamp { clock: sync_protocol::Clock(NINE), author: USER_BUDI };
    let (context, registers) = (deleted.context.clone(), delete());
    let Seen { save, tag } = to_come().1;
    let dot = Dot { writer: BUDI, save };
    deleted.merge(&Write { dot, tag, stamp, context: &context, registers: &registers }, &Trusting);
    vec![
        ("row-one-dot.jsonl", with_hash(&one_dot().to_text()), read),
        ("row-conflict.jsonl", with_hash(&conflict().to_text()), read),
        ("row-deleted.jsonl", with_hash(&deleted.to_text()), read),
        ("row-ahead.jsonl", with_hash(&waiting.to_text()), read),
        ("row-part.jsonl", part() + "\n", read_part),
        ("sums.jsonl", sums(), read_sums),
    ]
}

fn lay(row: &mut Row, made: &Made) {
    let header: Header = serde_json::from_str(&made.sealed.header).unwrap();
    let first = header.first(made.sealed.saves.len());
    for ((save, line), tag) in (first..).zip(&made.sealed.saves).zip(&made.sealed.links.tags) {
        let parsed = Save::parse(line).unwrap();
        if let Some(write) = parsed.records.iter().find(|write| write.id == row.id) {
            let stamp = Stamp { clock: header.clock, author: header.author };
            let (context, registers) = (&write.context, &write.registers);
            let dot = Dot { writer: header.writer, save };
            row.merge(&Write { dot, tag: *tag, stamp, context, registers }, &Trusting);
        }
    }
}

/// The household after Ani's first save.
pub(super) fn one_dot() -> Row {
    let mut row = Row::new(Collection::Household, HOUSEHOLD);
    lay(&mut row, &first());
    row
}

/// The household after all saves of both.
pub(super) fn conflict() -> Row {
    let mut row = one_dot();
    lay(&mut row, &second());
    lay(&mut row, &others());
    row
}

/// What leads from the one to the other.
pub(super) fn part() -> String {
    conflict().part_to_text(&["_alive", "head_name", "phone"], &[ANI, BUDI])
}

fn with_hash(text: &str) -> String {
    format!("{text}\n\"{:032x}\"\n", RowHash::of(text).0)
}

fn read(text: &str) -> String {
    with_hash(&Row::parse(text.lines().next().unwrap()).unwrap().to_text())
}

fn read_part(text: &str) -> String {
    let (part, is_part) = Row::parse_any(text.trim_end()).unwrap();
    assert!(is_part);
    let mut row = one_dot();
    row.patch(part);
    assert_eq!(row, conflict());
    text.to_owned()
}

#[derive(Serialize, Deserialize)]
struct Sums {
    digest: Digest,
    rows: Vec<String>,
    scope: Vec<(sync_protocol::AreaId, u64, Salt)>,
    stamp: ScopeStamp,
}

fn sums() -> String {
    sums_of(
        vec![one_dot().to_text(), conflict().to_text()],
        vec![(AREA, 3, Salt(0x0123_4567_89ab_cdef)), (OTHER_AREA, 1, Salt(0xfedc_ba98_7654_3210))],
    )
}

fn sums_of(rows: Vec<String>, scope: Vec<(sync_protocol::AreaId, u64, Salt)>) -> String {
    let mut digest = Digest::default();
    rows.iter().for_each(|row| digest.add(RowHash::of(row)));
    let stamp = ScopeStamp::over(scope.iter().copied());
    serde_json::to_string(&Sums { digest, rows, scope, stamp }).unwrap() + "\n"
}

fn read_sums(text: &str) -> String {
    let sums: Sums = serde_json::from_str(text).unwrap();
    sums_of(sums.rows, sums.scope)
}
