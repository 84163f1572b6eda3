//! What no exchange should wait for: a device that is gone, a changeset that judging fails on.

use sync_protocol::Dot;
use sync_protocol::exchange::Life;

use super::*;
use crate::store::held::HeldId;
use crate::store::{attempts, gaps};
use crate::sync::judge_owed;

/// Three households; the first is lost on the way, the others wait.
fn gone() -> (World, Hand) {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    for n in 1..=3 {
        a.save(vec![household(n, AREA[0], "Siti", &Context::new())]);
    }
    let (request, lines) = a.request(1);
    a.send(&world, &request, &lines);
    (world, a)
}

fn seal(world: &World, writer: WriterId, first: u64, last: u64) {
    let sealed = world.hub.store.write(move |tx| {
        gaps::seal(tx, writer, (first, last), "gone", T0)?;
        writers::set_applied(tx, writer, last)
    });
    sealed.expect("seals");
    judge_owed(&world.hub, vec![writer]).expect("judges");
}

#[test]
fn a_sealed_gap_lets_what_waits_go_on_and_acknowledges_nothing_of_it() {
    let (world, mut a) = gone();
    let found = world.hub.store.read(|tx| gaps::find(tx, a.writer, 0)).expect("reads").expect("a gap");
    assert_eq!((found.missing, found.waiting), (vec![(1, 1)], vec![(2, 3)]));
    seal(&world, a.writer, 1, 1);
    assert!(world.row(2).is_some() && world.row(3).is_some());
    // Its device comes back after all: it is asked for what is missing, and that is kept for a person.
    let (request, _) = a.request(9);
    let (answer, _) = a.send(&world, &request, "");
    let state = &answer.writers[0];
    assert_eq!((state.applied, state.waiting.clone(), state.push_from), (0, vec![(2, 3)], Some(1)));
    let (answer, _) = a.sync(&world);
    assert_eq!(verdicts(&answer), [(1, 1, quarantined(Code::Fork)), (2, 3, Verdict::Applied)]);
    assert_eq!((world.row(1), answer.writers[0].push_from), (None, None));
    let first = HeldId::of(Dot { writer: a.writer, save: 1 });
    assert_eq!(world.release(&[first]).len(), 1);
    assert!(world.row(1).is_some());
    assert_eq!(a.sync(&world).0.writers[0].decisions.len(), 1);
}

#[test]
fn a_gap_that_its_own_device_says_is_lost_is_sealed_and_listed() {
    let (world, a) = gone();
    let other = Hand::enrolled(&world, 0, 2);
    let stranger = Hand::enrolled(&world, 1, 3);
    let listed = || world.hub.store.read(crate::gaps::list).expect("reads");
    let say = |hand: &Hand, missing: &[(u64, u64)]| {
        let (mut request, _) = hand.request(9);
        request.lives = vec![Life { applied: 0, last: None, missing: missing.to_vec(), writer: a.writer }];
        exchange(&world.hub, Caller { user: hand.user }, control_body(&request).as_bytes()).expect("answers");
    };
    // Neither somebody else nor half a word seals anything.
    say(&stranger, &[(1, 1)]);
    say(&other, &[(2, 3)]);
    assert_eq!((world.row(2), listed()[0].missing.clone()), (None, vec![(1, 1)]));
    say(&other, &[(1, 1)]);
    say(&other, &[(1, 1)]);
    assert!(world.row(1).is_none() && world.row(2).is_some() && world.row(3).is_some());
    let gap = listed().remove(0);
    assert_eq!((gap.writer, gap.sealed.len(), gap.sealed[0].last), (a.writer, 1, 1));
    assert!(gap.missing.is_empty() && gap.waiting.is_empty());
}

#[test]
fn several_gaps_told_at_once_are_passed_in_order() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    for n in 1..=6 {
        a.save(vec![household(n, AREA[0], "Siti", &Context::new())]);
    }
    for kept in [1, 3] {
        let (mut request, _) = a.request(kept);
        request.push[0].sealed.truncate(1);
        let sealed = &a.sealed[kept].1;
        a.send(&world, &request, &format!("{}\n{}\n", sealed.header, sealed.saves.join("\n")));
    }
    let (mut request, _) = a.request(9);
    request.missing = vec![(1, 1), (3, 3)];
    a.send(&world, &request, "");
    let there: Vec<bool> = (1..=6).map(|n| world.row(n).is_some()).collect();
    assert_eq!(there, [false, true, false, true, false, false]);
}

#[test]
fn another_history_for_a_sealed_gap_is_a_fork() {
    let (world, a) = gone();
    seal(&world, a.writer, 1, 1);
    let mut restored = Hand { sealed: vec![], cursors: BTreeMap::new(), ..Hand::enrolled(&world, 0, 1) };
    restored.save(vec![household(9, AREA[0], "Budi", &Context::new())]);
    let (answer, _) = restored.sync(&world);
    assert_eq!(answer.writers[0].refused, [(0, Code::Fork)]);
    assert_eq!(world.unsettled().len(), 1);
}

#[test]
fn what_judging_fails_on_is_kept_for_a_person_and_blocks_nothing() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    let seen = a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    world.hub.store.write(|tx| crate::store::records::spoil(tx, RecordId::from_u128(1))).expect("spoils");
    a.save(vec![household(2, AREA[0], "before", &Context::new())]);
    a.save(vec![household(1, AREA[0], "spoilt", &seen)]);
    a.save(vec![household(3, AREA[0], "behind", &Context::new())]);
    let (request, lines) = a.request(1);
    // What the row itself says cannot be read either: no rows are asked for.
    let request = Request { budget: Some(0), ..request };
    let (answer, _) = a.send(&world, &request, &lines);
    assert_eq!(answer.writers[0].waiting, [(2, 4)]);
    judge_owed(&world.hub, vec![a.writer]).expect("goes on");
    let (request, _) = a.request(9);
    let (answer, _) = a.send(&world, &Request { budget: Some(0), ..request }, "");
    let expected = [(1, 2, Verdict::Applied), (3, 3, quarantined(Code::Crashed)), (4, 4, Verdict::Applied)];
    assert_eq!(verdicts(&answer), expected);
}

#[test]
fn the_third_crash_on_a_changeset_quarantines_it_and_fewer_do_not() {
    for (crashes, expected) in [(1, Verdict::Applied), (2, Verdict::Applied), (3, quarantined(Code::Crashed))] {
        let World { hub, ambient, _folder } = world();
        let world = World { hub, ambient, _folder };
        let mut a = Hand::enrolled(&world, 0, 1);
        a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
        let (request, lines) = a.request(0);
        a.send(&world, &Request { budget: Some(0), ..request }, &lines);
        // A process that dies in the middle leaves the count that it began with.
        let writer = a.writer;
        let crash = move |tx: &Tx<'_>| {
            attempts::mark(tx, writer, 0)?;
            (1..crashes).try_for_each(|_| attempts::count(tx, writer, 1))
        };
        world.hub.store.write(crash).expect("crashes");
        let World { hub, ambient, _folder } = world;
        let hub = Hub::start(hub.store, ambient.clone()).expect("starts again");
        let world = World { hub, ambient, _folder };
        assert_eq!(verdicts(&a.sync(&world).0), [(1, 1, expected)], "{crashes} crashes");
    }
}

#[test]
fn a_server_that_runs_out_of_room_takes_nothing_new_in_and_goes_on_answering() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    world.hub.room_bytes_min.store(u64::MAX, Ordering::Relaxed);
    let (request, lines) = a.request(0);
    let refused = exchange(&world.hub, Caller { user: a.user }, (control_body(&request) + &lines).as_bytes());
    assert!(matches!(refused, Err(Refused::NoRoom)));
    let (reading, _) = a.request(9);
    assert_eq!(a.send(&world, &Request { last: None, ..reading }, "").0.writers[0].applied, 0);
    // Room was made: nobody has to tell the server.
    world.hub.room_bytes_min.store(0, Ordering::Relaxed);
    assert_eq!(verdicts(&a.sync(&world).0), [(1, 1, Verdict::Applied)]);
}
