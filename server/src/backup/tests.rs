//! Backups of a folder that lives on, and what comes of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::{RecordWrite, reserved};
use sync_protocol::{AreaId, BlobHash, Collection, RecordId, Save, UserId, Value};

use super::{Problem, make, restore, restore_attachments};
use crate::ambient::{Ambient, Machine};
use crate::instance::{DATABASE_FILE, Instance};
use crate::people::{self, NewUser, Role};
use crate::store::areas::{self, Area};
use crate::store::blobs::{self, Arrival};
use crate::store::{Tx, db, records, writers};
use crate::sync::{Hub, office};

const AREA: AreaId = AreaId::from_u128(7);

struct Place {
    folder: tempfile::TempDir,
    instance: Instance,
    hub: Hub,
    officer: UserId,
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let instance = Instance::make(&folder.path().join("data"), "Test", Machine::shared()).expect("a data folder");
    let new = NewUser { name: "ani".into(), display_name: "Ani".into(), role: Role::Officer, password: None };
    let officer = people::add_user(&instance, new, None).expect("a person").id;
    let area = Area {
        id: AREA,
        code: "1".into(),
        level: AreaLevel::Rt,
        name: "RT 1".into(),
        parent: None,
        bps_code: None,
        valid_from: None,
        valid_to: None,
    };
    instance.store.write(move |tx| areas::put(tx, &area)).expect("an area");
    let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient)).expect("starts");
    Place { folder, instance, hub, officer }
}

impl Place {
    fn save(&self, household: u128) {
        let registers = BTreeMap::from([(reserved::AREA.to_owned(), Value::text(&AREA.to_string()))]);
        let id = RecordId::from_u128(household);
        let write = RecordWrite { collection: Collection::Household, id, context: BTreeMap::new(), registers };
        let told = office::write(&self.hub, self.officer, vec![Save { records: vec![write] }]).expect("writes");
        assert!(told.iter().all(|range| range.verdict.is_applied()));
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn make(&self, name: &str, keep: usize) -> super::Made {
        make(&self.instance, &self.path("data"), &self.path(name), keep).expect("a backup")
    }

    fn backed_up(&self) -> u64 {
        let own = self.hub.own.id();
        self.instance.store.read(|tx| writers::find(tx, own)).expect("reads").expect("enrolled").backed_up
    }
}

fn held(data: &Path, household: u128) -> bool {
    let instance = Instance::open(data, "Test", Machine::shared()).expect("opens");
    let find = |tx: &Tx<'_>| records::find(tx, RecordId::from_u128(household));
    instance.store.read(find).expect("reads").is_some()
}

fn ambient() -> Arc<dyn Ambient> {
    Machine::shared()
}

#[test]
fn a_restored_folder_is_what_it_was_when_the_backup_was_made() {
    let place = place();
    (1..=200).for_each(|household| place.save(household));
    let made = place.make("a", 2);
    assert_eq!((made.manifest.records, made.deleted.len()), (200, 0));
    place.save(201);
    let restored = restore(&place.path("a"), &place.path("again"), &ambient()).expect("restores");
    assert_eq!(restored.manifest, made.manifest);
    assert!(held(&place.path("again"), 200) && !held(&place.path("again"), 201));
    // What devices were certified with is the same key.
    let again = Instance::open(&place.path("again"), "Test", ambient()).expect("opens");
    assert_eq!(again.keys.root.key(), place.instance.keys.root.key());
}

#[test]
fn devices_may_forget_only_what_the_oldest_kept_backup_holds() {
    let place = place();
    place.save(1);
    place.make("a", 2);
    assert_eq!(place.backed_up(), 1);
    place.save(2);
    place.make("b", 2);
    assert_eq!(place.backed_up(), 1, "the older one may still be restored");
    place.save(3);
    let made = place.make("c", 2);
    assert_eq!(made.deleted, [place.path("a")]);
    assert_eq!(place.backed_up(), 2);
    assert!(!place.path("a").exists() && place.path("b").exists());
}

#[test]
fn a_damaged_backup_restores_nothing_and_says_so() {
    let place = place();
    (1..=50).for_each(|household| place.save(household));
    place.make("a", 1);
    let whole = std::fs::read(place.path("a")).expect("reads");
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        for damaged in [whole[..at].to_vec(), [&whole[..at], &[whole[at] ^ 0x10], &whole[at + 1..]].concat()] {
            std::fs::write(place.path("bad"), &damaged).expect("writes");
            let data = place.path("from-bad");
            match restore(&place.path("bad"), &data, &ambient()) {
                Err(Problem::NotABackup { .. } | Problem::Damaged { .. }) => {}
                // A bit that compression does not need.
                Ok(_) if damaged.len() == whole.len() => assert!(held(&data, 50)),
                other => panic!("byte {at}: {other:?}"),
            }
            assert!(damaged.len() == whole.len() || !data.join(DATABASE_FILE).exists());
            std::fs::remove_dir_all(&data).ok();
        }
    }
}

#[test]
fn what_is_there_is_never_replaced() {
    let place = place();
    place.make("a", 1);
    let again = make(&place.instance, &place.path("data"), &place.path("a"), 1);
    assert!(matches!(again, Err(Problem::Taken(_))));
    let over = restore(&place.path("a"), &place.path("data"), &ambient());
    assert!(matches!(over, Err(Problem::InUse(_))));
}

#[test]
fn a_backup_beside_people_who_save_is_one_moment() {
    let place = place();
    let backups = std::thread::scope(|scope| {
        let saving = scope.spawn(|| (1..=120).for_each(|household| place.save(household)));
        let mut made = Vec::new();
        while !saving.is_finished() {
            made.push(place.make(&format!("b{}", made.len()), 100).manifest);
        }
        made
    });
    for (n, manifest) in backups.iter().enumerate() {
        let data = place.path(&format!("from-{n}"));
        restore(&place.path(&format!("b{n}")), &data, &ambient()).expect("restores");
        let instance = Instance::open(&data, "Test", ambient()).expect("opens");
        let found: db::Result<usize> = instance.store.read(|tx| {
            (1..=120)
                .map(|h| records::find(tx, RecordId::from_u128(h)))
                .try_fold(0, |n, r| r.map(|found| n + usize::from(found.is_some())))
        });
        assert_eq!(found.expect("reads") as u64, manifest.records);
        assert_eq!(manifest.records, manifest.changesets, "no half of a save");
    }
}

/// Brings a file.
fn attach(place: &Place, file: &[u8]) -> BlobHash {
    let hash = BlobHash::of(file);
    for (_, put) in place.instance.attachments.shelf.put(vec![(hash, file.to_vec())]) {
        put.expect("put");
    }
    let arrival = Arrival { hash, bytes: file.len() as u64, user: place.officer, device: None };
    let now = place.instance.now();
    place.instance.store.write(move |tx| blobs::add(tx, &arrival, now)).expect("noted");
    hash
}

fn is_backed_up(instance: &Instance, hash: BlobHash) -> Option<bool> {
    instance.store.read(|tx| blobs::find(tx, hash)).expect("reads").map(|blob| blob.is_backed_up)
}

#[test]
fn attached_files_are_copied_once_and_come_back_with_a_restore() {
    let place = place();
    let (one, two) = (attach(&place, b"one"), attach(&place, b"two"));
    assert_eq!(is_backed_up(&place.instance, one), Some(false));
    let first = place.make("1.backup", 2);
    assert_eq!((first.manifest.attachments.files, first.manifest.attachments.bytes), (2, 6));
    assert_eq!(is_backed_up(&place.instance, one), Some(true));
    let copy = |hash: BlobHash| place.path("tilik-attachments").join(&hash.to_string()[..2]).join(hash.to_string());
    let written = std::fs::metadata(copy(one)).expect("copied").modified().expect("a time");
    let three = attach(&place, b"three");
    let second = place.make("2.backup", 2);
    assert_eq!(second.manifest.attachments.files, 3);
    assert_eq!(std::fs::metadata(copy(one)).expect("there").modified().expect("a time"), written, "once");
    assert_eq!(is_backed_up(&place.instance, three), Some(false), "the oldest kept backup lacks it");

    // One copy is damaged where the backups lie, another was lost.
    std::fs::write(copy(two), b"tow").expect("written");
    let data = place.path("restored");
    restore(&place.path("2.backup"), &data, &Machine::shared()).expect("restores");
    let restored = Instance::open(&data, "Test", Machine::shared()).expect("opens");
    for _ in 0..2 {
        let attached = restore_attachments(&place.path("2.backup"), &restored).expect("restores");
        assert_eq!(attached.files, 2, "and it may be repeated");
    }
    assert_eq!(restored.attachments.shelf.get(one).expect("a shelf"), Some(b"one".to_vec()));
    assert_eq!(restored.attachments.shelf.get(three).expect("a shelf"), Some(b"three".to_vec()));
    assert_eq!(is_backed_up(&restored, two), None, "its device is asked for it again");
}

#[test]
fn a_copy_goes_when_no_kept_backup_needs_it_and_a_file_that_is_gone_is_asked_for() {
    let place = place();
    let (one, two) = (attach(&place, b"one"), attach(&place, b"two"));
    place.make("1.backup", 1);
    place.instance.attachments.shelf.delete(two).expect("deleted behind the server's back");
    std::fs::remove_dir_all(place.path("tilik-attachments")).expect("deleted");
    let second = place.make("2.backup", 1);
    assert_eq!((second.manifest.attachments.files, second.manifest.attachments.absent), (1, 1));
    assert_eq!((is_backed_up(&place.instance, one), is_backed_up(&place.instance, two)), (Some(true), None));
    let now = place.instance.now();
    place.instance.store.write(move |tx| blobs::note_absent(tx, one, now)).expect("noted");
    let copy = place.path("tilik-attachments").join(&one.to_string()[..2]).join(one.to_string());
    assert!(copy.exists());
    // Of one and the same millisecond nobody can say which came first: then the copy stays.
    while place.instance.now() <= now {
        std::hint::spin_loop();
    }
    place.make("3.backup", 1);
    assert!(!copy.exists(), "no kept backup needs it");
}
