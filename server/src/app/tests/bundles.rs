//! Bundles over HTTP: changesets and pieces of files of several devices, cut, repeated, forged and for another server.

use sync_protocol::blobs::{BlobCode, Standing};
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::exchange::{AreaLevel, Push, Request as Control, control_body};
use sync_protocol::limits::{BLOB_PART_BYTES, BUNDLE_PART_BYTES};
use sync_protocol::parcel::{Carried, Label};
use sync_protocol::receipt::Receipt;
use sync_protocol::session::Enrol;
use sync_protocol::version::Window;
use sync_protocol::{
    AreaId, BlobHash, Clock, Collection, Header, RecordId, RecordWrite, Save, Signer, UserId, Value, WriterId,
};

use super::*;
use crate::people as acting;
use crate::store::changesets;

/// A device whose key the test holds.
struct Device {
    user: UserId,
    writer: WriterId,
    signer: Signer,
}

/// One area, whose devices' bundles somebody else brings.
struct Scene {
    app: TestApp,
    area: AreaId,
    token: String,
}

impl Scene {
    fn new() -> Scene {
        let app = TestApp::new();
        let area = app.scratch.area("15.71.01", AreaLevel::District, None);
        let carrier = app.scratch.user("carrier", Role::Enumerator);
        let token = app.scratch.enrol(carrier.id).1.tokens.access;
        Scene { app, area, token }
    }

    fn device(&self, name: &str) -> Device {
        let user = self.app.scratch.user(name, Role::Enumerator).id;
        acting::grant(&self.app.scratch.instance, user, self.area, None, None, user).expect("known");
        let mut secret = [0; 32];
        secret[..name.len()].copy_from_slice(name.as_bytes());
        let signer = Signer::from_secret(&secret);
        let ask = Enrol { key: signer.key(), ..self.app.scratch.ask(user) };
        let writer = ask.writer;
        acting::enrol(&self.app.scratch.instance, ask).expect("a fresh code");
        Device { user, writer, signer }
    }

    fn bring(&self, bytes: &[u8]) -> Answer {
        self.app.holding(&self.token).post_file("/sync/v1/bundle", bytes.to_vec())
    }

    fn receipt(&self, bytes: &[u8]) -> Receipt {
        let receipt: Receipt = serde_json::from_slice(&self.bring(bytes).body).expect("a receipt");
        assert!(receipt.is_from(&self.app.scratch.instance.keys.root.key()));
        receipt
    }

    fn parcel(&self, label: Label, body: &[u8]) -> Vec<u8> {
        let secret = self.app.scratch.instance.ambient.random();
        self.app.scratch.instance.keys.identity.recipient().seal_parcel(secret, label, body).to_bytes()
    }

    /// A new household, as the first save of a device.
    fn changeset(&self, device: &Device, id: u128) -> (Label, Vec<u8>) {
        let registers = [("_area".to_owned(), Value::text(&self.area.to_string()))].into();
        let (collection, id) = (Collection::Household, RecordId::from_u128(id));
        let save = Save { records: vec![RecordWrite { collection, id, context: Default::default(), registers }] };
        let clock = Clock(self.app.scratch.instance.now());
        let (author, writer) = (device.user, device.writer);
        let header = Header { author, clock, forms: vec![], origin: None, protocol: 1, seq: 1, writer };
        let sealed = device.signer.seal(ChangesetHash::NONE, &header, vec![save.to_line()]);
        let push = Push { after: ChangesetHash::NONE, sealed: vec![(sealed.signature, 1)], writer };
        let control = Control {
            applied: 0,
            budget: Some(0),
            cursors: vec![],
            decided: vec![],
            directory: None,
            heal: vec![],
            last: None,
            lives: vec![],
            minted: vec![],
            missing: vec![],
            protocol: Window::OURS,
            push: vec![push],
            scope: None,
            witness: 0,
            writer,
        };
        let body = format!("{}{}\n{}\n", control_body(&control), sealed.header, sealed.saves.join("\n"));
        let label = Label::Changeset { writer, seq: 1, hash: sealed.links.hash };
        (label, self.parcel(label, body.as_bytes()))
    }

    /// The pieces of a file, as `by` signs them under the name of `device`.
    fn pieces(&self, device: &Device, by: &Signer, file: &[u8]) -> Vec<Vec<u8>> {
        let (blob, bytes) = (BlobHash::of(file), file.len() as u64);
        let parts = file.chunks(BLOB_PART_BYTES).enumerate();
        let piece = |(number, part): (usize, &[u8])| {
            let label = Label::Piece { writer: device.writer, blob, bytes, from: (number * BLOB_PART_BYTES) as u64 };
            self.parcel(label, &Carried::body(&label, by, vec![], part))
        };
        parts.map(piece).collect()
    }

    fn is_on_the_shelf(&self, file: &[u8]) -> bool {
        let found = self.app.scratch.instance.attachments.shelf.get(BlobHash::of(file)).expect("reads");
        found.as_deref() == Some(file)
    }
}

fn photo(seed: u8) -> Vec<u8> {
    (0..3 * BLOB_PART_BYTES / 2).map(|at| (at % 251) as u8 ^ seed).collect()
}

#[test]
fn one_bundle_brings_saves_and_photos_of_several_devices_and_the_receipt_names_each() {
    let scene = Scene::new();
    let [siti, budi] = ["siti", "budi"].map(|name| scene.device(name));
    let photos = [photo(1), photo(2)];
    let mut bundle = Vec::new();
    let mut named = Vec::new();
    for (at, device) in [&siti, &budi].into_iter().enumerate() {
        let (label, parcel) = scene.changeset(device, at as u128 + 1);
        let Label::Changeset { writer, seq, hash } = label else { panic!("a changeset") };
        named.push((writer, seq, hash));
        bundle.extend(parcel);
        bundle.extend(scene.pieces(device, &device.signer, &photos[at]).concat());
    }
    named.sort_unstable();
    for _ in 0..2 {
        let receipt = scene.receipt(&bundle);
        assert_eq!(receipt.changesets, named);
        let here = |photo: &Vec<u8>| receipt.files.contains(&(BlobHash::of(photo), Standing::Here));
        assert!(receipt.files.len() == 2 && photos.iter().all(here), "{receipt:?}");
    }
    assert!(photos.iter().all(|photo| scene.is_on_the_shelf(photo)));
}

#[test]
fn a_bundle_that_is_cut_anywhere_loses_nothing_and_the_next_goes_on() {
    let scene = Scene::new();
    let siti = scene.device("siti");
    let file = photo(3);
    let pieces = scene.pieces(&siti, &siti.signer, &file);
    let bundle = [scene.changeset(&siti, 1).1, pieces.concat()].concat();
    let mut before = 0;
    for cut in [0, 1, 100, 700, bundle.len() / 2, bundle.len() - 1] {
        let receipt = scene.receipt(&bundle[..cut]);
        assert!(receipt.changesets.len() >= before && !receipt.files.contains(&(BlobHash::of(&file), Standing::Here)));
        before = receipt.changesets.len();
    }
    // Another bundle with only what was still wanted: the first piece has come.
    let receipt = scene.receipt(&pieces[1]);
    assert_eq!(receipt.files, [(BlobHash::of(&file), Standing::Here)]);
    assert!(scene.is_on_the_shelf(&file));
}

#[test]
fn nobody_brings_files_in_anothers_name() {
    let scene = Scene::new();
    let [siti, budi] = ["siti", "budi"].map(|name| scene.device(name));
    let file = photo(4);
    let wrong = scene.pieces(&siti, &budi.signer, &file).concat();
    assert_eq!((scene.receipt(&wrong).files, scene.is_on_the_shelf(&file)), (vec![], false));
    // Nor do wrong bytes in her own name take the place of right ones.
    let (blob, bytes) = (BlobHash::of(&file), file.len() as u64);
    let label = Label::Piece { writer: siti.writer, blob, bytes, from: 0 };
    let garbage = scene.parcel(label, &Carried::body(&label, &siti.signer, vec![], &vec![0; BLOB_PART_BYTES]));
    let rest = &scene.pieces(&siti, &siti.signer, &file)[1];
    assert_eq!(scene.receipt(&[garbage, rest.clone()].concat()).files, [(blob, Standing::Wanted(0))]);
    let right = scene.pieces(&siti, &siti.signer, &file).concat();
    assert_eq!(scene.receipt(&right).files, [(blob, Standing::Here)]);
    let too_large = Label::Piece { writer: siti.writer, blob, bytes: 1 << 40, from: 0 };
    let too_large = scene.parcel(too_large, &Carried::body(&too_large, &siti.signer, vec![], b"x"));
    let refused = Standing::Refused(BlobCode::TooLarge);
    let other = scene.device("wati");
    assert_eq!(scene.receipt(&too_large).files, [(blob, Standing::Here)], "it is here already");
    let label = Label::Piece { writer: other.writer, blob: BlobHash([1; 32]), bytes: 1 << 40, from: 0 };
    let body = Carried::body(&label, &other.signer, vec![], b"x");
    assert_eq!(scene.receipt(&scene.parcel(label, &body)).files, [(BlobHash([1; 32]), refused)]);
}

#[test]
fn what_is_no_bundle_for_this_server_is_answered_and_kept_out() {
    let (scene, elsewhere) = (Scene::new(), Scene::new());
    let siti = scene.device("siti");
    let (_, foreign) = elsewhere.changeset(&siti, 1);
    assert_eq!(scene.receipt(&foreign).changesets, []);
    assert_eq!(scene.receipt(b"no bundle at all").changesets, []);
    let (label, _) = scene.changeset(&siti, 1);
    assert_eq!(scene.receipt(&scene.parcel(label, b"no request")).changesets, []);
    let none = scene.app.app.instance.store.read(|tx| changesets::ending_at(tx, siti.writer, 1)).expect("reads");
    assert!(none.is_none());
    assert_eq!(scene.bring(&vec![0; BUNDLE_PART_BYTES + 1]).refusal(), (413, "too_large".to_owned()));
    assert_eq!(scene.app.anonymous().post_file("/sync/v1/bundle", foreign).refusal().0, 401);
}

#[test]
fn bytes_that_only_look_like_parcels_are_given_up() {
    let scene = Scene::new();
    // Each of these claims to be as long as a parcel may be.
    let mut claim = b"\x89tilik1\n".to_vec();
    claim.extend((1_u32 << 21).to_be_bytes());
    claim.extend([0; 8]);
    let bytes = claim.repeat(BUNDLE_PART_BYTES / claim.len());
    assert_eq!(scene.bring(&bytes).refusal(), (400, "bad_body".to_owned()));
}

#[test]
fn a_full_disk_takes_no_bundle_and_says_so() {
    let scene = Scene::new();
    let siti = scene.device("siti");
    let (_, parcel) = scene.changeset(&siti, 1);
    let room = &scene.app.app.hub.room_bytes_min;
    let usual = room.swap(u64::MAX, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(scene.bring(&parcel).refusal(), (503, "no_room".to_owned()));
    room.store(usual, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(scene.receipt(&parcel).changesets.len(), 1);
}
