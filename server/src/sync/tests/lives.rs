//! A device that has changed its writer: the new one is vouched for, old ones still count, and no save is taken twice.

use sync_protocol::changeset::Origin;
use sync_protocol::exchange::Life;
use sync_protocol::session::Minted;

use super::*;

/// A hand whose writer the server does not know.
fn unknown(who: usize, n: u8) -> Hand {
    let (writer, signer) = (WriterId::from_u128(u128::from(n) << 8), Signer::from_secret(&[n; 32]));
    Hand { user: USER[who], writer, signer, sealed: vec![], cursors: BTreeMap::new() }
}

fn vouch(old: &Hand, new: &Hand) -> Minted {
    Minted::sign(old.writer, &old.signer, new.writer, new.signer.key())
}

/// Seals what `of` sealed at this place once more, under another writer.
fn retell(hand: &mut Hand, of: &Hand, at: usize) {
    let (seq, sealed, _) = &of.sealed[at];
    let (last, after) = hand.sealed.last().map_or((0, ChangesetHash::NONE), |s| (s.0, s.1.links.hash));
    let header = Header {
        author: hand.user,
        clock: Clock(T0),
        forms: vec![],
        origin: Some(Origin(of.writer, *seq, sealed.links.hash)),
        protocol: 1,
        seq: last + sealed.saves.len() as u64,
        writer: hand.writer,
    };
    let again = hand.signer.seal(after, &header, sealed.saves.clone());
    hand.sealed.push((header.seq, again, after));
}

fn head(world: &World, id: u128) -> String {
    let id = RecordId::from_u128(id);
    let record = world.hub.store.read(|tx| crate::store::records::find(tx, id)).expect("reads").expect("is there");
    record.doc
}

#[test]
fn a_writer_vouched_for_by_its_predecessor_is_enrolled_before_its_saves_are_looked_at() {
    let world = world();
    let (mut old, mut new) = (Hand::enrolled(&world, 0, 1), unknown(0, 2));
    old.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    new.save(vec![household(2, AREA[0], "Budi", &Context::new())]);
    let (mut request, lines) = new.request(0);
    request.minted = vec![vouch(&old, &new)];
    for _ in 0..2 {
        let (answer, _) = new.send(&world, &request, &lines);
        assert_eq!((answer.minted.len(), verdicts(&answer)), (0, vec![(1, 1, Verdict::Applied)]));
    }
    let writer = world.hub.store.read(|tx| writers::find(tx, new.writer)).expect("reads").expect("known");
    assert_eq!((writer.user, writer.key), (Some(USER[0]), new.signer.key()));
}

#[test]
fn a_chain_of_writers_is_taken_in_its_order() {
    let world = world();
    let (one, two, mut three) = (Hand::enrolled(&world, 0, 1), unknown(0, 2), unknown(0, 3));
    let (mut request, lines) = three.request(0);
    request.minted = vec![vouch(&one, &two), vouch(&two, &three)];
    assert!(three.send(&world, &request, &lines).0.minted.is_empty());
}

#[test]
fn a_wrong_word_for_a_writer_is_refused_by_code_and_harms_nothing() {
    let world = world();
    let (mut old, other, new) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 9), unknown(0, 2));
    let server = world.hub.own.id();
    let cases = [
        (Minted { previous: WriterId::from_u128(77), ..vouch(&old, &new) }, Code::UnknownWriter),
        (Minted { previous: other.writer, ..vouch(&old, &new) }, Code::BadSignature),
        (Minted { key: other.signer.key(), ..vouch(&old, &new) }, Code::BadSignature),
        (Minted { previous: server, ..vouch(&old, &new) }, Code::BadSignature),
        // Somebody else's writer is not taken over by vouching for it.
        (vouch(&old, &other), Code::WrongAuthor),
        (Minted::sign(old.writer, &old.signer, other.writer, new.signer.key()), Code::WrongAuthor),
    ];
    for (minted, code) in cases {
        let (mut request, lines) = old.request(0);
        request.minted = vec![minted.clone()];
        assert_eq!(old.send(&world, &request, &lines).0.minted, [(minted.writer, code)]);
    }
    let known = world.hub.store.read(|tx| writers::find(tx, new.writer)).expect("reads");
    assert!(known.is_none());
    let kept = world.hub.store.read(|tx| writers::find(tx, other.writer)).expect("reads").expect("known");
    assert_eq!((kept.user, kept.key), (Some(USER[1]), other.signer.key()));
}

#[test]
fn an_heir_of_a_stolen_device_is_stored_and_kept_out_of_the_rows() {
    let world = world();
    let (old, mut new) = (Hand::enrolled(&world, 0, 1), unknown(0, 2));
    world.hub.store.write(move |tx| writers::set_stolen(tx, DeviceId::from_u128(1), T0)).expect("reported");
    new.save(vec![household(2, AREA[0], "Budi", &Context::new())]);
    let (mut request, lines) = new.request(0);
    request.minted = vec![vouch(&old, &new)];
    assert_eq!(verdicts(&new.send(&world, &request, &lines).0), [(1, 1, quarantined(Code::Stolen))]);
}

#[test]
fn an_earlier_writer_of_the_device_is_judged_and_its_verdicts_are_told() {
    let world = world();
    let (mut old, mut new) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 0, 2));
    let seen = old.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    new.save(vec![household(1, AREA[0], "Siti A.", &seen)]);
    let (theirs, their_lines) = old.request(0);
    let (mut request, lines) = new.request(0);
    request.push.splice(0..0, theirs.push);
    request.lives = vec![Life { applied: 0, last: theirs.last, missing: vec![], writer: old.writer }];
    let (answer, rows) = new.send(&world, &request, &(their_lines + &lines));
    assert_eq!(verdicts(&answer), [(1, 1, Verdict::Applied)]);
    let life = &answer.writers[1];
    assert_eq!((life.writer, life.applied, life.verdicts.len(), life.rotate.len()), (old.writer, 1, 1, 0));
    // The row comes: the device works out by itself only what the writer of the request changed alone.
    assert!(rows[0].contains("Siti A.") && !rows[0].contains("\"Siti\""));
}

#[test]
fn somebody_elses_writer_among_the_lives_gets_a_receipt_and_no_verdicts() {
    let world = world();
    let (mut other, mut own) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2));
    other.save(vec![household(1, AREA[1], "Siti", &Context::new())]);
    other.sync(&world);
    let (mut request, lines) = own.request(0);
    request.lives = vec![Life { applied: 0, last: None, missing: vec![], writer: other.writer }];
    let state = own.send(&world, &request, &lines).0.writers.remove(1);
    assert_eq!((state.applied, state.verdicts.len(), state.rotate.len()), (1, 0, 0));
}

#[test]
fn what_follows_on_a_fork_in_the_same_request_is_refused_with_it() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    let mut clone = Hand::enrolled(&world, 0, 1);
    for n in 2..=5 {
        clone.save(vec![household(n, AREA[0], "Budi", &Context::new())]);
    }
    let (answer, _) = clone.sync(&world);
    let state = &answer.writers[0];
    assert_eq!(state.refused, [(0, Code::Fork), (1, Code::Fork), (2, Code::Fork), (3, Code::Fork)]);
    assert_eq!((state.applied, state.waiting.len(), state.rotate.len()), (1, 0, 1));
}

#[test]
fn a_save_that_was_sealed_again_is_taken_once_whatever_comes_first() {
    for first_life_first in [true, false] {
        let world = world();
        let mut old = Hand::enrolled(&world, 0, 1);
        let [mut new, mut newer] = [Hand::enrolled(&world, 0, 2), Hand::enrolled(&world, 0, 3)];
        old.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
        retell(&mut new, &old, 0);
        retell(&mut newer, &old, 0);
        let repeated = Verdict::Rejected(Code::Repeated);
        let expected = match first_life_first {
            true => [Verdict::Applied, repeated, repeated],
            false => [repeated, Verdict::Applied, repeated],
        };
        if first_life_first {
            assert_eq!(verdicts(&old.sync(&world).0), [(1, 1, expected[0])]);
        }
        assert_eq!(verdicts(&new.sync(&world).0), [(1, 1, expected[1])]);
        assert_eq!(verdicts(&newer.sync(&world).0), [(1, 1, expected[2])]);
        assert_eq!(verdicts(&old.sync(&world).0), [(1, 1, expected[0])]);
        assert_eq!(head(&world, 1).matches("Siti").count(), 1);
    }
}

#[test]
fn nobody_keeps_anothers_save_out_by_claiming_to_have_sealed_it() {
    let world = world();
    let (mut victim, mut thief) = (Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 1, 2));
    victim.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    retell(&mut thief, &victim, 0);
    assert_eq!(verdicts(&thief.sync(&world).0), [(1, 1, quarantined(Code::WrongAuthor))]);
    assert_eq!(verdicts(&victim.sync(&world).0), [(1, 1, Verdict::Applied)]);
}

#[test]
fn the_list_of_hashes_reaches_down_from_the_devices_own_end() {
    let world = world();
    let mut a = Hand::enrolled(&world, 0, 1);
    for n in 1..=5 {
        a.save(vec![household(n, AREA[0], "Siti", &Context::new())]);
    }
    a.sync(&world);
    a.sealed.truncate(2);
    let state = a.sync(&world).0.writers.remove(0);
    let numbers: Vec<u64> = state.rotate.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, [5, 2, 1]);
}

#[test]
fn a_fork_that_comes_after_it_was_sealed_again_waits_for_nobody() {
    let world = world();
    let [mut a, mut clone] = [Hand::enrolled(&world, 0, 1), Hand::enrolled(&world, 0, 1)];
    let mut new = Hand::enrolled(&world, 0, 2);
    a.save(vec![household(1, AREA[0], "Siti", &Context::new())]);
    a.sync(&world);
    clone.save(vec![household(2, AREA[0], "Budi", &Context::new())]);
    retell(&mut new, &clone, 0);
    assert_eq!(verdicts(&new.sync(&world).0), [(1, 1, Verdict::Applied)]);
    assert_eq!(clone.sync(&world).0.writers[0].refused, [(0, Code::Fork)]);
    let unsettled = world.hub.store.read(|tx| crate::store::held::list_unsettled(tx, None, 10)).expect("reads");
    assert_eq!(unsettled.len(), 0);
}
