//! What lies outside the store: the outbox file holds every save, and a store that was copied or restored is noticed.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use client_core::{Beside, Device, Kept, Lifeboat, Place};
use sync_protocol::Verdict;
use sync_protocol::entry::{Entry, Identity};
use sync_protocol::exchange::{Answer, Incoming, VerdictRange, WriterState};
use sync_protocol::session::Enrolled;

use crate::hand::{
    Hands, NOON, RT_1, body, edit, enrol_reply, key, new_household, nothing, ok, sync, writer, writer_state,
};

fn identity() -> Identity {
    Identity::of_root(&[1; 32])
}

fn open_with(store: &Path, hands: &Hands, boat: impl Lifeboat + 'static) -> Device {
    let place = Place::File(store.to_owned());
    Device::open_with(place, &key(), Box::new(hands.clone()), Box::new(boat)).expect("opens")
}

fn open(store: &Path, hands: &Hands) -> Device {
    open_with(store, hands, Beside::new(store))
}

fn enrol(device: &mut Device) {
    let request = device.enrol_request("ABCD-1234", "phone 1", "test").expect("a request");
    let mut enrolled: Enrolled = serde_json::from_slice(&enrol_reply(&request).body).expect("enrolled");
    enrolled.tokens.recipient = Some(identity().recipient());
    device.enrol_answer(&ok(&request, serde_json::to_vec(&enrolled).expect("JSON"))).expect("enrolled");
}

/// A device with two saves, closed.
fn used(store: &Path, hands: &Hands) {
    let mut device = open(store, hands);
    enrol(&mut device);
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    edit(&mut device, 1, "phone", "1");
}

fn entries(store: &Path) -> Vec<Entry> {
    Entry::list(&Beside::new(store).read(Kept::Outbox).expect("reads").unwrap_or_default())
}

#[test]
fn a_save_is_in_the_outbox_file_before_anybody_says_saved() {
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    let mut device = open(&store, &hands);
    enrol(&mut device);
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    let found = entries(&store);
    assert_eq!((found.len(), found[0].writer, found[0].seq), (1, writer(&device), 1));
    let body = identity().open(&found[0]).expect("is for this server");
    let incoming = Incoming::parse(&body).expect("a request");
    let (push, _, lines) = incoming.changesets().next().expect("a changeset");
    assert!(push.writer == writer(&device) && incoming.saves(lines)[0].contains("Siti"));
}

#[test]
fn what_the_outbox_file_lacks_is_copied_at_the_next_opening() {
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    used(&store, &hands);
    let path = Beside::new(&store).path(Kept::Outbox);
    let whole = std::fs::read(&path).expect("is there");
    for torn in [whole[..whole.len() - 5].to_vec(), vec![], b"foreign".to_vec(), whole[9..].to_vec()] {
        std::fs::write(&path, &torn).expect("written");
        let mut seqs: Vec<u64> = {
            let device = open(&store, &hands);
            entries(&store).iter().filter(|entry| entry.writer == writer(&device)).map(|entry| entry.seq).collect()
        };
        seqs.sort_unstable();
        assert_eq!(seqs, [1, 2]);
    }
    open(&store, &hands);
    let twice = entries(&store).len();
    open(&store, &hands);
    assert_eq!(entries(&store).len(), twice, "what is there is not copied again");
}

#[test]
fn the_same_files_keep_their_writer() {
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    used(&store, &hands);
    let before = writer(&open(&store, &hands));
    assert_eq!(writer(&open(&store, &hands)), before);
}

/// Opens after this was done to the files; tells whether the writer is a new one, and that nothing else changed.
fn is_suspected(done: impl FnOnce(&Path, &Path)) -> bool {
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    used(&store, &hands);
    let before = writer(&open(&store, &hands));
    let kept = place.path().join("kept");
    std::fs::copy(&store, &kept).expect("copied");
    done(&store, &kept);
    let device = open(&store, &hands);
    let (status, name) = (device.status().expect("reads"), crate::hand::shown(&device, 1, "head_name"));
    assert!(status.unsent >= 2 && status.attention.is_empty() && name.as_deref() == Some("Siti"));
    let is_new = writer(&device) != before;
    drop(device);
    // Once: the next opening finds everything in order.
    let after = writer(&open(&store, &hands));
    assert_eq!(after != before, is_new);
    is_new
}

#[test]
fn a_store_that_was_restored_or_copied_gets_a_new_writer_and_nothing_else_changes() {
    let token = |store: &Path| Beside::new(store).path(Kept::Token);
    assert!(!is_suspected(|_, _| ()));
    // An older store in the place of this one.
    assert!(is_suspected(|store, kept| {
        edit(&mut open(store, &Hands::at(NOON)), 1, "phone", "2");
        std::fs::copy(kept, store).expect("restored");
    }));
    assert!(is_suspected(|store, _| std::fs::remove_file(token(store)).expect("removed")));
    assert!(is_suspected(|store, _| std::fs::write(token(store), "another").expect("written")));
    // All files of it, copied: the token has another place now.
    #[cfg(unix)]
    assert!(is_suspected(|store, _| {
        let copy = store.with_extension("copy");
        std::fs::copy(token(store), &copy).expect("copied");
        std::fs::rename(copy, token(store)).expect("renamed");
    }));
}

/// The server has judged these saves, and its backups hold some of them.
fn backed_up(device: &mut Device, applied: u64, backed_up: u64) {
    let verdict = |first, last| VerdictRange { first, last, verdict: Verdict::Applied };
    let state = WriterState { backed_up, verdicts: vec![verdict(1, applied)], ..writer_state(writer(device), applied) };
    let answer = Answer { writers: vec![state], mark: Some(1), ..nothing() };
    sync(device, |request| ok(request, body(&answer, &[])));
}

#[test]
fn the_outbox_file_lets_go_of_what_every_backup_holds_and_of_nothing_else() {
    const SAVES: u64 = 120;
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    let mut device = open(&store, &hands);
    enrol(&mut device);
    for id in 1..=SAVES {
        device.save(new_household(RT_1, u128::from(id), &"Siti ".repeat(200))).expect("saved");
    }
    let seqs = || entries(&store).iter().map(|entry| entry.seq).collect::<Vec<_>>();
    // Stored is not backed up, and a little is not worth to write the file anew.
    backed_up(&mut device, SAVES, 0);
    backed_up(&mut device, SAVES, 10);
    assert_eq!(seqs(), (1..=SAVES).collect::<Vec<_>>());
    backed_up(&mut device, SAVES, 100);
    assert_eq!(seqs(), (101..=SAVES).collect::<Vec<_>>());
    drop(device);
    // What is gone is not copied again, and nothing is suspected.
    let device = open(&store, &hands);
    assert_eq!((seqs(), device.adrift().expect("reads")), ((101..=SAVES).collect::<Vec<_>>(), 0));
    drop(device);
    // A file that lost what it still needs gets that back, and no more.
    std::fs::write(Beside::new(&store).path(Kept::Outbox), b"").expect("written");
    let mut device = open(&store, &hands);
    assert_eq!(seqs(), (101..=SAVES).collect::<Vec<_>>());
    device.save(new_household(RT_1, 500, "Budi")).expect("saved");
    assert_eq!(seqs(), (101..=SAVES + 1).collect::<Vec<_>>());
}

#[test]
fn a_disk_that_fails_leaves_the_outbox_file_as_it_was() {
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    let is_full = Arc::new(AtomicBool::new(false));
    let mut device = open_with(&store, &hands, Leaking(Beside::new(&store), is_full.clone()));
    enrol(&mut device);
    for id in 1..=100 {
        device.save(new_household(RT_1, id, &"Siti ".repeat(200))).expect("saved");
    }
    is_full.store(true, Ordering::Relaxed);
    backed_up(&mut device, 100, 100);
    assert_eq!(entries(&store).len(), 100);
    is_full.store(false, Ordering::Relaxed);
    drop(device);
    let mut device = open(&store, &hands);
    backed_up(&mut device, 100, 100);
    assert!(entries(&store).is_empty());
}

/// A lifeboat whose disk fails.
struct Leaking(Beside, Arc<AtomicBool>);

impl Lifeboat for Leaking {
    fn read(&self, what: Kept) -> io::Result<Option<Vec<u8>>> {
        self.0.read(what)
    }

    fn append(&self, what: Kept, bytes: &[u8]) -> io::Result<()> {
        if self.1.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.append(what, bytes)
    }

    fn replace(&self, what: Kept, bytes: &[u8]) -> io::Result<()> {
        if self.1.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.replace(what, bytes)
    }

    fn mark(&self) -> String {
        self.0.mark()
    }
}

#[test]
fn a_full_disk_beside_the_store_stops_nobody_and_is_made_up_for() {
    let place = tempfile::tempdir().expect("a folder");
    let (store, hands) = (place.path().join("tilik.db"), Hands::at(NOON));
    let is_full = Arc::new(AtomicBool::new(false));
    let mut device = open_with(&store, &hands, Leaking(Beside::new(&store), is_full.clone()));
    enrol(&mut device);
    is_full.store(true, Ordering::Relaxed);
    device.save(new_household(RT_1, 1, "Siti")).expect("saved");
    assert!(entries(&store).is_empty());
    is_full.store(false, Ordering::Relaxed);
    edit(&mut device, 1, "phone", "1");
    assert_eq!(entries(&store).iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
}
