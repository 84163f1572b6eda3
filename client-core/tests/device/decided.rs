//! What was decided later of saves that the server had held: the released ones come as rows, the rejected ones go when seen.

use client_core::{Device, Error, SaveState};
use sync_protocol::exchange::{Answer, Decision, Incoming, VerdictRange};
use sync_protocol::ids::Dot;
use sync_protocol::merge::Trusting;
use sync_protocol::{Clock, Code, Collection, Context, RecordId, Row, Stamp, Tag, Value, Verdict, Write, WriterId};

use crate::hand::*;

/// The writer that the server minted to release saves of the device.
const RELEASER: WriterId = WriterId::from_u128(0x9e);
const QUARANTINED: Verdict = Verdict::Quarantined(Code::NotGranted);

fn range(first: u64, last: u64, verdict: Verdict) -> VerdictRange {
    VerdictRange { first, last, verdict }
}

/// An answer with these verdicts and decisions on the device's own saves, and an area at its head without lines.
fn decided(
    device: &Device,
    verdicts: Vec<VerdictRange>,
    decisions: Vec<Decision>,
    rows: &[String],
) -> (Answer, Vec<String>) {
    let applied = device.status().expect("reads").saves;
    let mut state = writer_state(writer(device), applied);
    state.decided = if decisions.is_empty() { 0 } else { 7 };
    (state.verdicts, state.decisions) = (verdicts, decisions);
    let seq = device.status().expect("reads").judged + state.decided + 10;
    let areas = if rows.is_empty() { vec![] } else { vec![page(RT_1, seq, rows.len(), None, applied)] };
    (Answer { areas, writers: vec![state], ..nothing() }, rows.to_vec())
}

fn land(device: &mut Device, (answer, lines): (Answer, Vec<String>)) -> Vec<(WriterId, u64)> {
    let mut asked = Vec::new();
    sync(device, |request| {
        asked = Incoming::parse(&request.body).expect("a request").control.decided;
        ok(request, body(&answer, &lines))
    });
    asked
}

fn name(device: &Device, id: u128) -> (String, usize) {
    let row = device.load(RecordId::from_u128(id)).expect("is here").row;
    (row.value("head_name").and_then(Value::as_text).expect("a name"), row.conflicts().count())
}

/// A household of the office on the device, and an own edit of it that the server holds.
fn held() -> (Device, Row) {
    let mut device = device();
    let row = household(RT_1, 1, "Siti", "Jl. A");
    fill(&mut device, &[(RT_1, vec![row.clone()])]);
    edit(&mut device, 1, "head_name", "Siti A.");
    let first = decided(&device, vec![range(1, 1, QUARANTINED)], vec![], &[]);
    assert_eq!(land(&mut device, first), []);
    assert_eq!((name(&device, 1), device.attention().expect("reads").len()), (("Siti A.".to_owned(), 0), 1));
    (device, row)
}

/// The office's row with the held save merged as the releaser's first.
fn with_release(row: &Row, writes: &[(&str, &str)]) -> Row {
    let mut row = row.clone();
    let registers = writes.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
    let context = row.context.clone();
    let stamp = Stamp { clock: Clock(NOON), author: USER };
    let dot = Dot { writer: RELEASER, save: 1 };
    row.merge(&Write { dot, tag: Tag(77), stamp, context: &context, registers: &registers }, &Trusting);
    row
}

fn release() -> Decision {
    Decision { under: Some((RELEASER, 1)), verdict: range(1, 1, Verdict::Applied) }
}

#[test]
fn a_released_save_leaves_the_screen_when_its_row_has_come() {
    let (mut device, row) = held();
    let (mut answer, _) = decided(&device, vec![], vec![release()], &[]);
    answer.more = false;
    land(&mut device, (answer, vec![]));
    assert_eq!(name(&device, 1), ("Siti A.".to_owned(), 0));
    assert_eq!(device.save_state(1).expect("reads"), SaveState::Judged(Verdict::Applied));
    assert!(device.attention().expect("reads").is_empty());
    // Another value came first: both are seen, and the own one once.
    let mut met = with_release(&row, &[("head_name", "Siti A.")]);
    office_write(&mut met, 2, &row.context, &[("head_name", "Sitti")]);
    let answer = decided(&device, vec![], vec![], &[met.to_text()]);
    assert_eq!(land(&mut device, answer), [(writer(&device), 7)]);
    let shown = device.load(RecordId::from_u128(1)).expect("is here").row;
    assert_eq!(shown.to_text(), met.to_text());
}

#[test]
fn a_release_that_comes_with_or_after_its_row_is_the_same() {
    let (mut device, row) = held();
    let text = with_release(&row, &[("head_name", "Siti A.")]).to_text();
    let answer = decided(&device, vec![], vec![release()], std::slice::from_ref(&text));
    land(&mut device, answer);
    assert_eq!(device.load(RecordId::from_u128(1)).expect("is here").row.to_text(), text);

    let (mut device, _) = held();
    let answer = decided(&device, vec![], vec![], std::slice::from_ref(&text));
    land(&mut device, answer);
    let answer = decided(&device, vec![], vec![release()], &[]);
    land(&mut device, answer);
    assert_eq!(device.load(RecordId::from_u128(1)).expect("is here").row.to_text(), text);
}

#[test]
fn what_is_saved_on_a_released_save_does_not_conflict_with_it() {
    let (mut device, row) = held();
    // Saved with the held value on the screen, before the device hears of the release.
    edit(&mut device, 1, "head_name", "Siti Aminah");
    let text = with_release(&row, &[("head_name", "Siti A.")]).to_text();
    let mut answer = decided(&device, vec![], vec![release()], std::slice::from_ref(&text));
    answer.0.writers[0].applied = 1;
    answer.0.areas[0].own = 1;
    answer.0.writers[0].waiting = vec![(2, 2)];
    land(&mut device, answer);
    assert_eq!(name(&device, 1), ("Siti Aminah".to_owned(), 0));
}

#[test]
fn a_rejected_save_stays_on_the_screen_until_its_person_has_seen_that_it_was() {
    let (mut device, row) = held();
    let rejected = Decision { under: None, verdict: range(1, 1, Verdict::Rejected(Code::NotGranted)) };
    assert!(matches!(device.acknowledge(1), Err(Error::NotFound(_))));
    let answer = decided(&device, vec![], vec![rejected], &[]);
    land(&mut device, answer);
    assert_eq!(name(&device, 1).0, "Siti A.");
    assert_eq!(device.attention().expect("reads")[0].word, "rejected");
    device.acknowledge(1).expect("seen");
    assert_eq!(device.load(RecordId::from_u128(1)).expect("is here").row.to_text(), row.to_text());
    assert!(device.attention().expect("reads").is_empty());
    // Once more changes nothing, and what was saved is still there to be read.
    device.acknowledge(1).expect("seen");
    assert_eq!(device.own_save(1).expect("kept").records.len(), 1);
}

#[test]
fn a_new_household_that_was_rejected_goes_when_seen() {
    let mut device = device();
    fill(&mut device, &[(RT_1, vec![])]);
    device.save(new_household(RT_1, 5, "Budi")).expect("saved");
    let person = one_write(
        Collection::Person,
        RecordId::from_u128(6),
        Context::new(),
        &[("_parent", RecordId::from_u128(5).to_string()), ("name", "Budi".to_owned())],
    );
    device.save(person).expect("saved");
    let first = decided(&device, vec![range(1, 1, QUARANTINED), range(2, 2, Verdict::Parked)], vec![], &[]);
    land(&mut device, first);
    let rejected = Decision { under: None, verdict: range(1, 2, Verdict::Rejected(Code::NotGranted)) };
    let answer = decided(&device, vec![], vec![rejected], &[]);
    land(&mut device, answer);
    for save in [2, 1] {
        device.acknowledge(save).expect("seen");
    }
    assert!(device.load(RecordId::from_u128(5)).is_err() && device.load(RecordId::from_u128(6)).is_err());
}
