//! Saves that are held: parked behind what is not settled, released under new names, rejected with what waits for them.

use sync_protocol::exchange::{Decision, VerdictRange};

use super::*;
use crate::store::held::{self, HeldId};
use crate::sync::quarantine::{Dependants, Desk, Outcome, list_dependants};

impl World {
    pub(super) fn release(&self, ids: &[HeldId]) -> Vec<Outcome> {
        let (desk, ids) = (Desk::at(&self.hub), ids.to_vec());
        self.hub.store.write(move |tx| desk.release(tx, &ids)).expect("releases")
    }

    pub(super) fn reject(&self, ids: &[HeldId], dependants: Dependants) -> Vec<Outcome> {
        let (desk, ids) = (Desk::at(&self.hub), ids.to_vec());
        self.hub.store.write(move |tx| desk.reject(tx, &ids, dependants)).expect("rejects")
    }

    pub(super) fn unsettled(&self) -> Vec<(HeldId, Verdict)> {
        let held = self.hub.store.read(|tx| held::list_unsettled(tx, None, 1_000)).expect("reads");
        held.into_iter().map(|held| (held.id, held.verdict)).collect()
    }

    pub(super) fn row(&self, id: u128) -> Option<Row> {
        let record = self.hub.store.read(|tx| crate::store::records::find(tx, RecordId::from_u128(id))).expect("reads");
        record.map(|record| Row::parse(&record.doc).expect("a row"))
    }
}

fn id_of(hand: &Hand, save: u64) -> HeldId {
    HeldId::of(sync_protocol::Dot { writer: hand.writer, save })
}

fn released(save: HeldId, conflict: bool, followed: bool) -> Outcome {
    Outcome::Released { save, conflict, followed }
}

fn person(id: u128, parent: u128) -> RecordWrite {
    let parent = RecordId::from_u128(parent).to_string();
    let registers = BTreeMap::from([(reserved::PARENT.to_owned(), Value::text(&parent))]);
    RecordWrite { collection: Collection::Person, registers, ..household(id, AREA[0], "x", &Context::new()) }
}

fn heads(row: &Row) -> Vec<&str> {
    row.registers["head_name"].siblings.iter().map(|s| s.value.as_str()).collect()
}

/// A household where its maker has no grant, an edit of it, a person in it: one held, two parked behind it.
fn held_world() -> (World, Hand, Context) {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    let seen = b.save(vec![household(1, AREA[1], "Siti", &Context::new())]);
    b.save(vec![household(1, AREA[1], "Siti Aminah", &seen)]);
    b.save(vec![person(2, 1)]);
    (world, b, seen)
}

#[test]
fn what_stands_on_a_held_save_is_parked_and_goes_on_with_it() {
    let (world, mut b, _) = held_world();
    let (answer, _) = b.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, quarantined(Code::NotGranted)), (2, 3, Verdict::Parked)]);
    assert_eq!(world.row(1), None);
    let first = id_of(&b, 1);
    let dependants = world.hub.store.read(|tx| list_dependants(tx, &first)).expect("reads");
    assert_eq!(dependants, [id_of(&b, 2), id_of(&b, 3)]);

    // Rights are waived for what was released, not for what stands on it: the edit still has none.
    let told = world.release(std::slice::from_ref(&first));
    assert_eq!(told, [released(first.clone(), false, false)]);
    assert_eq!(heads(&world.row(1).expect("merged")), ["\"Siti\""]);
    let left: Vec<Verdict> = world.unsettled().into_iter().map(|held| held.1).collect();
    assert_eq!(left, [quarantined(Code::NotGranted); 2]);
    world.release(&[id_of(&b, 3), id_of(&b, 2)]);
    let row = world.row(1).expect("merged");
    assert_eq!(heads(&row), ["\"Siti Aminah\""]);
    assert_eq!(row.stamps.values().next().expect("a stamp").author, b.user);
    assert_eq!(world.unsettled(), []);
    assert_eq!(world.release(std::slice::from_ref(&first)), [Outcome::Decided { save: first.clone() }]);
}

#[test]
fn what_came_before_the_household_it_stands_on_goes_on_when_that_comes() {
    let world = world();
    let (mut a, mut b) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2));
    // As after a restore: B knows A's household, and comes before A has sent it again.
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    let edit = RecordWrite { registers: BTreeMap::new(), ..household(1, AREA[0], "", &seen) };
    let name = BTreeMap::from([("head_name".to_owned(), Value::text("Siti Aminah"))]);
    b.save(vec![RecordWrite { registers: name, ..edit }]);
    b.save(vec![person(2, 1)]);
    let (answer, _) = b.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, quarantined(Code::UnknownArea)), (2, 2, Verdict::Parked)]);

    let (answer, _) = a.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, Verdict::Applied)]);
    assert_eq!(world.unsettled(), []);
    assert_eq!(heads(&world.row(1).expect("there")), ["\"Siti Aminah\""]);
    assert!(world.row(2).is_some());
    let told: Vec<_> = b.sync(&world).0.writers[0].decisions.iter().map(|d| d.verdict).collect();
    assert_eq!(told, [VerdictRange { first: 1, last: 2, verdict: Verdict::Applied }]);
}

#[test]
fn a_held_save_that_cannot_be_judged_again_is_left_to_a_person_and_keeps_nobody_waiting() {
    let world = world();
    let (mut a, mut b) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2));
    b.save(vec![person(2, 1)]);
    b.save(vec![person(3, 1)]);
    b.sync(&world);
    let writer = b.writer;
    world.hub.store.write(move |tx| crate::store::changesets::lose(tx, writer, 1)).expect("damages");
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    assert_eq!(verdicts(&a.sync(&world).0), [(1, 1, Verdict::Applied)]);
    assert!(world.row(2).is_none() && world.row(3).is_some());
    assert_eq!(world.unsettled(), [(id_of(&b, 1), quarantined(Code::UnknownParent))]);
}

#[test]
fn a_household_that_the_office_adds_lets_in_what_had_to_wait_for_it() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    b.save(vec![person(2, 1)]);
    b.sync(&world);
    let save = Save { records: vec![household(1, AREA[0], "Siti", &Context::new())] };
    crate::sync::office::write(&world.hub, USER[0], vec![save]).expect("writes");
    b.sync(&world);
    assert_eq!(world.unsettled(), []);
    assert!(world.row(2).is_some());
}

#[test]
fn a_long_chain_behind_a_held_save_costs_little_and_is_decided_as_one() {
    const SAVES: u64 = 300;
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    let mut seen = Context::new();
    for _ in 0..SAVES {
        seen = b.save(vec![household(1, AREA[1], "Siti", &seen)]);
    }
    b.sync(&world);
    let (first, last) = (id_of(&b, 1), id_of(&b, SAVES));
    let waits = world.hub.store.read(|tx| held::list_waits(tx, last.dot)).expect("reads");
    assert_eq!(waits, [first.dot, id_of(&b, SAVES - 1).dot]);
    let told = world.reject(std::slice::from_ref(&first), Dependants::Reject);
    assert_eq!((told.len() as u64, world.unsettled().len()), (SAVES, 0));
}

#[test]
fn a_device_hears_once_what_was_decided_of_its_saves() {
    let (world, mut b, _) = held_world();
    b.sync(&world);
    world.release(&[id_of(&b, 1), id_of(&b, 2), id_of(&b, 3)]);
    let (request, _) = b.request(9);
    let (answer, _) = b.send(&world, &request, "");
    let state = &answer.writers[0];
    let under: Vec<_> =
        state.decisions.iter().map(|d| (d.verdict.first, d.verdict.last, d.under.map(|u| u.1))).collect();
    assert_eq!(under, [(1, 3, Some(1))]);
    let request = Request { decided: vec![(b.writer, state.decided)], ..request };
    let (answer, _) = b.send(&world, &request, "");
    assert_eq!((answer.writers[0].decided, answer.writers[0].decisions.len()), (0, 0));
    // A server that was restored does not know the number: it tells everything.
    let request = Request { decided: vec![(b.writer, u64::MAX >> 1)], ..request };
    assert_eq!(b.send(&world, &request, "").0.writers[0].decisions.len(), 1);
}

#[test]
fn a_released_save_meets_what_came_meanwhile_and_overwrites_nothing() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    // The author that the header names is not the person of the writer.
    b.seal_as(USER[0], vec![Save { records: vec![household(1, AREA[0], "from b", &seen)] }.to_line()]);
    b.sync(&world);
    a.save(vec![household(1, AREA[0], "from a", &seen)]);
    a.sync(&world);
    assert_eq!(world.release(&[id_of(&b, 1)]), [released(id_of(&b, 1), true, false)]);
    let row = world.row(1).expect("merged");
    let mut both = heads(&row);
    both.sort_unstable();
    assert_eq!(both, ["\"from a\"", "\"from b\""]);
}

#[test]
fn what_arrives_later_has_seen_the_released_save_under_its_new_name() {
    let world = world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let mut seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let own = b.seal_as(USER[0], vec![Save { records: vec![household(1, AREA[0], "held", &seen)] }.to_line()]);
    b.sync(&world);
    world.release(&[id_of(&b, 1)]);
    seen.extend(own);
    b.save(vec![household(1, AREA[0], "later", &seen)]);
    let (answer, _) = b.sync(&world);
    assert_eq!(verdicts(&answer)[1], (2, 2, Verdict::Applied));
    assert_eq!(heads(&world.row(1).expect("merged")), ["\"later\""]);
}

#[test]
fn rejecting_decides_what_waits_with_it_or_lets_it_go_on() {
    let (world, mut b, _) = held_world();
    b.sync(&world);
    let told = world.reject(&[id_of(&b, 1)], Dependants::Reject);
    let rejected = |save, followed| Outcome::Rejected { save, followed };
    assert_eq!(told, [rejected(id_of(&b, 1), false), rejected(id_of(&b, 2), true), rejected(id_of(&b, 3), true)]);
    let (answer, _) = b.sync(&world);
    let verdict = Verdict::Rejected(Code::NotGranted);
    let told: Vec<Decision> = answer.writers[0].decisions.clone();
    assert_eq!(
        told.iter().map(|d| (d.verdict.first, d.verdict.last, d.verdict.verdict)).collect::<Vec<_>>(),
        [(1, 3, verdict)]
    );

    let world = super::world();
    let [mut a, mut b] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2)];
    let mut seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    seen.extend(b.seal_as(USER[0], vec![Save { records: vec![household(1, AREA[0], "held", &seen)] }.to_line()]));
    b.save(vec![household(1, AREA[0], "later", &seen)]);
    b.sync(&world);
    assert_eq!(world.reject(&[id_of(&b, 1)], Dependants::Release).len(), 2);
    assert_eq!(heads(&world.row(1).expect("merged")), ["\"later\""]);
}

#[test]
fn what_cannot_be_merged_as_it_is_stays_and_says_why() {
    let world = world();
    let mut b = Hand::enrolled(&world, 1, 2);
    b.seal_as(b.user, vec!["{}".into()]);
    b.save(vec![household(2, AreaId::from_u128(0xdead), "no area", &Context::new())]);
    b.sync(&world);
    let refused = |save, code| Outcome::Refused { save, code };
    let told = world.release(&[id_of(&b, 1), id_of(&b, 2)]);
    assert_eq!(told, [refused(id_of(&b, 1), Code::Malformed), refused(id_of(&b, 2), Code::UnknownArea)]);
    assert_eq!(world.unsettled().len(), 2);
}

#[test]
fn a_fork_is_held_and_can_be_released() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let mut restored = Hand { sealed: vec![], cursors: BTreeMap::new(), ..Hand::enrolled(&world, 0, 1) };
    let seen = restored.save(vec![household(2, AREA[0], "Budi", &Context::new())]);
    restored.save(vec![household(2, AREA[0], "Budi B.", &seen)]);
    restored.sync(&world);
    let held: Vec<HeldId> = world.unsettled().into_iter().map(|held| held.0).collect();
    assert_eq!(held.len(), 2);
    let told = world.release(&held);
    assert!(told.iter().all(|outcome| matches!(outcome, Outcome::Released { conflict: false, .. })), "{told:?}");
    assert_eq!(heads(&world.row(2).expect("merged")), ["\"Budi B.\""]);
    assert_eq!(a.sync(&world).0.writers[0].decisions, []);
}
