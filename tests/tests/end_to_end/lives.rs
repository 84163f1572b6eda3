//! Devices whose files are restored, copied or cut short, against the real server logic: every save arrives once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use client_core::{Beside, Device, Kept, Outgoing, Place, Reply, Report, Session, Step, StoreKey};
use server::ambient::Machine as ServerMachine;
use server::attachments::Attachments;
use server::instance::Instance;
use server::people::Role;
use server::secrets::keys::Keys;
use server::store::areas::{self, Area};
use server::store::grants::{self, Grant};
use server::store::users::{self, User};
use server::store::{Store, feed, records, writers};
use server::sync::carried::take_entries;
use server::sync::intake::{Carried, Intake};
use server::sync::{Caller, Hub, exchange};
use sync_protocol::exchange::AreaLevel;
use sync_protocol::receipt::Receipt;
use sync_protocol::session::{Certificate, Enrol, Enrolled, Tokens};
use sync_protocol::{AreaId, Collection, Context, Digest, RecordId, RecordWrite, RowHash, Save, UserId, Value};
use tilik::Machine;

const USER: UserId = UserId::from_u128(0xa1);
pub(super) const AREA: AreaId = AreaId::from_u128(0xb1);

pub(super) struct World {
    place: tempfile::TempDir,
    pub(super) hub: Hub,
    instance: Instance,
}

pub(super) fn world() -> World {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&place.path().join("server.sqlite")).unwrap();
    store
        .write(|tx| {
            let (id, name) = (USER, USER.to_string());
            let role = Role::Enumerator;
            users::add(
                tx,
                &User { id, display_name: name.clone(), name, role, created_at: 0, disabled_at: None },
                None,
            )?;
            let (id, code, level, name) = (AREA, "1".to_owned(), AreaLevel::Rt, "RT 1".to_owned());
            let (parent, bps_code, valid_from, valid_to) = (None, None, None, None);
            areas::put(tx, &Area { id, code, level, name, parent, bps_code, valid_from, valid_to })?;
            let (id, user, area, granted_by) = ("g".to_owned(), USER, AREA, USER);
            grants::add(tx, &Grant { id, user, area, starts: 0, ends: None, granted_by })
        })
        .unwrap();
    let keys = Keys::ephemeral(ServerMachine::shared().as_ref());
    let instance = Instance::of(store, keys, "test", ServerMachine::shared());
    let instance = Instance { attachments: Attachments::within(place.path()), ..instance };
    World { hub: Hub::start(Arc::clone(&instance.store), ServerMachine::shared()).unwrap(), place, instance }
}

impl World {
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(super) fn enrolled(&self, name: &str) -> Device {
        self.enrol(open(&self.file(name)))
    }

    pub(super) fn enrol(&self, mut device: Device) -> Device {
        let request = device.enrol_request("code", "phone", "test").unwrap();
        let ask: Enrol = serde_json::from_slice(&request.body).unwrap();
        let (root, now) = (&self.instance.keys.root, self.hub.now_ms());
        let answer = Enrolled {
            certificate: Certificate::issue(root, ask.writer, ask.key.clone(), USER, ask.device, now),
            root: root.key(),
            project: "test".to_owned(),
            time: now,
            tokens: Tokens {
                access: "a".to_owned(),
                refresh: "r".to_owned(),
                recipient: Some(self.instance.keys.identity.recipient()),
                seconds: 900,
            },
            user_name: "Rina".to_owned(),
        };
        let (writer, key, id) = (ask.writer, ask.key, ask.device);
        self.hub.store.write(move |tx| writers::add(tx, writer, &key, Some((USER, id)), now)).unwrap();
        let body = serde_json::to_vec(&answer).unwrap();
        device.enrol_answer(&Reply { ticket: request.ticket, status: 200, retry_after: None, body }).unwrap();
        device
    }

    /// Syncs to the end; the answers of these turns, counted from 0, are lost.
    fn sync_losing(&self, device: &mut Device, lost: &[usize]) -> Report {
        let mut session = Session::start(device);
        for turn in 0..60 {
            let outgoing = match session.next(device).unwrap() {
                Step::Done(report) => return report,
                Step::Send(outgoing) => outgoing,
            };
            let (status, body) = self.answer(&outgoing);
            if lost.contains(&turn) {
                session = Session::start(device);
                continue;
            }
            session.answer(device, &Reply { ticket: outgoing.ticket, status, retry_after: None, body }).unwrap();
        }
        panic!("the session does not end");
    }

    fn answer(&self, outgoing: &Outgoing) -> (u16, Vec<u8>) {
        if outgoing.path == "/sync/v1/entries" {
            let carried = take_entries(&self.hub, &self.instance.keys.identity, &outgoing.body).unwrap();
            return (200, serde_json::to_vec(&carried).unwrap());
        }
        match exchange(&self.hub, Caller { user: USER }, &outgoing.body) {
            Ok((body, _)) => (200, body),
            Err(_) => (403, br#"{"code":"wrong_writer","message":"Unknown."}"#.to_vec()),
        }
    }

    pub(super) fn sync(&self, device: &mut Device) -> Report {
        let report = self.sync_losing(device, &[]);
        assert_eq!((report.mismatched.len(), report.attention), (0, 0), "{report:?}");
        report
    }

    /// The server's value of a household's register, which must not be in conflict.
    pub(super) fn value(&self, id: u128, register: &str) -> Option<String> {
        let found = self.hub.store.read(|tx| records::find(tx, RecordId::from_u128(id))).unwrap()?;
        let row = sync_protocol::Row::parse(&found.doc).unwrap();
        assert_eq!(row.conflicts().count(), 0, "{}", found.doc);
        row.value(register).and_then(Value::as_text)
    }

    /// What the device holds and shows is what the server holds.
    pub(super) fn assert_same(&self, device: &Device) {
        let mut sum = Digest::default();
        for (id, text) in device.base_texts(AREA).unwrap() {
            sum.add(RowHash::of(&text));
            assert_eq!(device.load(id).unwrap().row.to_text(), text);
        }
        assert_eq!(self.hub.store.read(|tx| feed::head(tx, AREA)).unwrap().digest, sum);
        let status = device.status().unwrap();
        assert_eq!((status.unsent, status.attention.len(), status.saves), (0, 0, status.judged), "{status:?}");
    }
}

/// What the server makes of a bundle or an outbox file.
fn take_in(world: &World, bytes: &[u8]) -> (Carried, Receipt) {
    let mut intake = Intake::start(&world.hub, &world.instance);
    bytes.chunks(1_000).for_each(|part| intake.feed(part).unwrap());
    intake.finish().unwrap()
}

/// All that a device has for a bundle.
fn bundle_of(device: &Device) -> Vec<u8> {
    let labels = device.bundle().unwrap().expect("it has the server's key");
    labels.iter().flat_map(|label| device.parcel(label).unwrap().unwrap()).collect()
}

/// A device with an outbox file and a token.
pub(super) fn open_with_boat(file: &Path) -> Device {
    let (place, key) = (Place::File(file.to_owned()), StoreKey::new([7; 32]));
    Device::open_with(place, &key, Box::new(Machine), Box::new(Beside::new(file))).unwrap()
}

fn open(file: &Path) -> Device {
    Device::open(Place::File(file.to_owned()), &StoreKey::new([7; 32]), Box::new(Machine)).unwrap()
}

/// What lies in the file once its program has ended.
fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

pub(super) fn make(device: &mut Device, id: u128, name: &str) {
    write(device, id, Context::new(), &[("_area", &AREA.to_string()), ("head_name", name)]);
}

pub(super) fn edit(device: &mut Device, id: u128, register: &str, value: &str) {
    let seen = device.load(RecordId::from_u128(id)).unwrap().context;
    write(device, id, seen, &[(register, value)]);
}

fn write(device: &mut Device, id: u128, context: Context, registers: &[(&str, &str)]) {
    let registers = registers.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect();
    let id = RecordId::from_u128(id);
    device
        .save(Save { records: vec![RecordWrite { collection: Collection::Household, id, context, registers }] })
        .unwrap();
}

/// A device at three saves, its file then kept, and at two more; then the kept file again, at two others.
fn restored(world: &World) -> Device {
    let mut device = world.enrolled("phone");
    make(&mut device, 1, "Siti");
    make(&mut device, 2, "Budi");
    world.sync(&mut device);
    edit(&mut device, 1, "phone", "1");
    drop(device);
    copy(&world.file("phone"), &world.file("kept"));
    let mut device = open(&world.file("phone"));
    edit(&mut device, 2, "phone", "2");
    make(&mut device, 3, "Wati");
    world.sync(&mut device);
    drop(device);
    copy(&world.file("kept"), &world.file("phone"));
    let mut device = open(&world.file("phone"));
    edit(&mut device, 1, "phone", "11");
    make(&mut device, 4, "Dewi");
    // Seen and changed under the name that the save is about to lose.
    edit(&mut device, 1, "phone", "111");
    edit(&mut device, 4, "phone", "4");
    device
}

fn assert_restored(world: &World, device: &mut Device) {
    world.assert_same(device);
    for (id, name, phone) in
        [(1, "Siti", Some("111")), (2, "Budi", Some("2")), (3, "Wati", None), (4, "Dewi", Some("4"))]
    {
        assert_eq!(world.value(id, "head_name").as_deref(), Some(name));
        assert_eq!(world.value(id, "phone").as_deref(), phone, "{id}");
    }
    // And work goes on.
    edit(device, 1, "rooms", "5");
    edit(device, 3, "rooms", "6");
    let report = world.sync(device);
    assert_eq!(
        (report.rotations, world.value(1, "rooms"), world.value(3, "rooms")),
        (0, Some("5".into()), Some("6".into()))
    );
    world.assert_same(device);
}

#[test]
fn an_older_file_that_works_on_loses_nothing_of_either_life() {
    let world = world();
    let mut device = restored(&world);
    let before = device.identity().unwrap().unwrap().writer;
    let report = world.sync(&mut device);
    assert_eq!(report.rotations, 1);
    assert_ne!(device.identity().unwrap().unwrap().writer, before);
    assert_restored(&world, &mut device);
}

#[test]
fn a_rotation_whose_answers_are_lost_comes_to_the_same_end() {
    for lost in [vec![0], vec![1], vec![2], vec![3], vec![0, 1], vec![1, 3], vec![0, 2, 4], vec![0, 1, 2, 3, 4, 5]] {
        let world = world();
        let mut device = restored(&world);
        world.sync_losing(&mut device, &lost);
        world.sync(&mut device);
        assert_restored(&world, &mut device);
    }
}

#[test]
fn the_same_rotation_twice_takes_each_save_once() {
    let world = world();
    let device = restored(&world);
    drop(device);
    copy(&world.file("phone"), &world.file("forked"));
    let mut device = open(&world.file("phone"));
    world.sync(&mut device);
    drop(device);
    copy(&world.file("forked"), &world.file("phone"));
    let mut device = open(&world.file("phone"));
    assert_eq!(world.sync(&mut device).rotations, 1);
    assert_restored(&world, &mut device);
}

#[test]
fn a_device_that_lost_its_end_numbers_nothing_twice() {
    let world = world();
    let mut device = world.enrolled("phone");
    make(&mut device, 1, "Siti");
    world.sync(&mut device);
    drop(device);
    copy(&world.file("phone"), &world.file("kept"));
    let mut device = open(&world.file("phone"));
    make(&mut device, 2, "Budi");
    edit(&mut device, 1, "phone", "1");
    world.sync(&mut device);
    drop(device);
    copy(&world.file("kept"), &world.file("phone"));
    let mut device = open(&world.file("phone"));
    assert_eq!(world.sync(&mut device).rotations, 1);
    world.assert_same(&device);
    edit(&mut device, 1, "phone", "2");
    world.sync(&mut device);
    world.assert_same(&device);
    assert_eq!((world.value(1, "phone"), world.value(2, "head_name")), (Some("2".into()), Some("Budi".into())));
}

#[test]
fn a_device_and_its_clone_both_work_on() {
    let world = world();
    let mut one = world.enrolled("one");
    make(&mut one, 1, "Siti");
    world.sync(&mut one);
    drop(one);
    copy(&world.file("one"), &world.file("two"));
    let [mut one, mut two] = [open(&world.file("one")), open(&world.file("two"))];
    for round in 0..3 {
        for (at, device) in [&mut one, &mut two].into_iter().enumerate() {
            let id = 10 * (1 + at as u128) + round;
            make(device, id, "Budi");
            edit(device, id, "phone", "7");
        }
        world.sync(&mut one);
        world.sync(&mut two);
    }
    world.sync(&mut one);
    for device in [&one, &two] {
        world.assert_same(device);
        assert_eq!(device.base_texts(AREA).unwrap().len(), 7);
    }
    let writers = [&one, &two].map(|device| device.identity().unwrap().unwrap().writer);
    assert_ne!(writers[0], writers[1]);
}

#[test]
fn a_longer_fork_than_the_servers_is_noticed_too() {
    let world = world();
    let mut one = world.enrolled("one");
    make(&mut one, 1, "Siti");
    world.sync(&mut one);
    drop(one);
    copy(&world.file("one"), &world.file("two"));
    let [mut one, mut two] = [open(&world.file("one")), open(&world.file("two"))];
    make(&mut one, 2, "Budi");
    world.sync(&mut one);
    for id in 3..9 {
        make(&mut two, id, "Wati");
    }
    assert_eq!(world.sync(&mut two).rotations, 1);
    world.assert_same(&two);
    assert_eq!(two.base_texts(AREA).unwrap().len(), 8);
}

#[test]
fn what_was_saved_on_a_device_whose_store_is_gone_comes_out_of_its_outbox_file() {
    let world = world();
    let file = world.file("phone");
    let mut device = world.enrol(open_with_boat(&file));
    make(&mut device, 1, "Siti");
    world.sync(&mut device);
    edit(&mut device, 1, "phone", "1");
    make(&mut device, 2, "Budi");
    drop(device);
    // An older store in its place: it goes on under a new writer, which the server does not know yet.
    let bytes = std::fs::read(&file).unwrap();
    let mut device = open_with_boat(&file);
    make(&mut device, 3, "Wati");
    drop(device);
    std::fs::write(&file, bytes).unwrap();
    let mut device = open_with_boat(&file);
    make(&mut device, 4, "Dewi");
    drop(device);
    std::fs::write(&file, b"damaged").unwrap();
    let outbox = std::fs::read(Beside::new(&file).path(Kept::Outbox)).unwrap();
    let (carried, receipt) = take_in(&world, &outbox);
    assert_eq!((carried.entries, carried.stored, carried.refused, carried.foreign), (5, 4, 0, 0));
    assert_eq!(receipt.stored.iter().map(|(_, first, last)| last + 1 - first).sum::<u64>(), 5);
    assert_eq!(take_in(&world, &outbox).0.stored, 0);
    for (id, name) in [(1, "Siti"), (2, "Budi"), (3, "Wati"), (4, "Dewi")] {
        assert_eq!(world.value(id, "head_name").as_deref(), Some(name));
    }
    assert_eq!(world.value(1, "phone").as_deref(), Some("1"));
    assert_eq!(take_in(&self::world(), &outbox).0.foreign, 5);
}

#[test]
fn a_bundle_carries_what_is_unsent_and_its_receipt_acknowledges_it() {
    let world = world();
    let mut device = world.enrol(open_with_boat(&world.file("phone")));
    make(&mut device, 1, "Siti");
    edit(&mut device, 1, "phone", "1");
    let (carried, receipt) = take_in(&world, &bundle_of(&device));
    assert_eq!((carried.stored, world.value(1, "phone").as_deref()), (2, Some("1")));
    assert_eq!((device.take_receipt(&receipt).unwrap().saves, device.status().unwrap().unsent), (2, 0));
    assert_eq!(device.take_receipt(&receipt).unwrap().saves, 0);
    assert!(bundle_of(&device).is_empty());
    world.sync(&mut device);
    world.assert_same(&device);
}

#[test]
fn a_forged_or_foreign_receipt_changes_nothing() {
    let (world, elsewhere) = (world(), self::world());
    let mut device = world.enrol(open_with_boat(&world.file("phone")));
    make(&mut device, 1, "Siti");
    let bundle = bundle_of(&device);
    let label = device.bundle().unwrap().unwrap()[0];
    let sync_protocol::parcel::Label::Changeset { writer, seq, hash } = label else { panic!("a changeset") };
    // One that took nothing in, one of another server, one that was changed on the way, one for another history.
    let empty = take_in(&world, b"").1;
    let named = vec![(writer, seq, hash)];
    let foreign = Receipt::issue(&elsewhere.instance.keys.root, 1, named.clone(), vec![], vec![(writer, 1, seq)]);
    let changed = Receipt { changesets: named, stored: vec![(writer, 1, seq)], ..empty.clone() };
    let other = vec![(writer, seq, sync_protocol::changeset::ChangesetHash([1; 32]))];
    let other = Receipt::issue(&world.instance.keys.root, 1, other, vec![], vec![(writer, 1, seq)]);
    assert!(device.take_receipt(&foreign).is_err() && device.take_receipt(&changed).is_err());
    for receipt in [empty, other] {
        assert_eq!(device.take_receipt(&receipt).unwrap().saves, 0);
    }
    assert_eq!(device.status().unwrap().unsent, 1);
    let receipt = take_in(&world, &bundle).1;
    assert_eq!(device.take_receipt(&receipt).unwrap().saves, 1);
}

#[test]
fn of_two_lives_that_share_a_number_only_the_one_that_the_server_has_is_acknowledged() {
    let world = world();
    let mut device = world.enrolled("phone");
    make(&mut device, 1, "Siti");
    drop(device);
    copy(&world.file("phone"), &world.file("clone"));
    let [mut one, mut two] = ["phone", "clone"].map(|name| open(&world.file(name)));
    make(&mut one, 2, "Budi");
    make(&mut two, 3, "Wati");
    take_in(&world, &bundle_of(&one));
    let (carried, receipt) = take_in(&world, &bundle_of(&two));
    assert_eq!((carried.refused, two.take_receipt(&receipt).unwrap().saves), (1, 1), "the fork is not acknowledged");
    assert_eq!(two.status().unwrap().unsent, 1);
}

#[test]
fn a_suspected_store_sends_what_its_old_writer_had_sealed_as_it_is() {
    let world = world();
    let file = world.file("phone");
    let mut device = world.enrol(open_with_boat(&file));
    make(&mut device, 1, "Siti");
    world.sync(&mut device);
    edit(&mut device, 1, "phone", "1");
    let old = device.identity().unwrap().unwrap().writer;
    drop(device);
    std::fs::remove_file(Beside::new(&file).path(Kept::Token)).unwrap();
    let mut device = open_with_boat(&file);
    assert_ne!(device.identity().unwrap().unwrap().writer, old);
    edit(&mut device, 1, "phone", "2");
    let report = world.sync(&mut device);
    assert_eq!((report.rotations, report.saves_sent, world.value(1, "phone")), (0, 2, Some("2".into())));
    world.assert_same(&device);
}
