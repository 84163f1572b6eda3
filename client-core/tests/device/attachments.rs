//! Photos of visits: on the disk before they are named, sent after the records, kept until every backup holds them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use client_core::{
    About, Device, DraftId, Error, Outgoing, Place, Reply, Report, Scaling, Session, Step, Visit, Wanted,
};
use sync_protocol::blobs::{BlobCode, Delivered, Delivery, Standing};
use sync_protocol::changeset::WriterKey;
use sync_protocol::exchange::{PackageHash, VerdictRange};
use sync_protocol::parcel::{Carried, Label, Parcel};
use sync_protocol::receipt::Receipt;
use sync_protocol::session::Enrol;
use sync_protocol::{Attachment, BlobHash, Signer, Verdict};

use crate::hand::*;
use crate::visits::{H, answer, equip, finish, imported, short};

const BLOBS_PATH: &str = "/sync/v1/blobs";
const PHOTO: &str = "/data/photo_front";

/// A server that keeps files, and counts what it was brought.
#[derive(Default)]
struct Files {
    came: HashMap<BlobHash, Vec<u8>>,
    /// Saves that it has, and that its backups hold.
    saves: (u64, u64),
    is_backed_up: bool,
    lost: Vec<BlobHash>,
    refuses: Option<BlobCode>,
    deliveries: Vec<Delivery>,
    bytes: u64,
}

impl Files {
    fn serve(&mut self, request: &Outgoing) -> Reply {
        if request.path == BLOBS_PATH {
            return ok(request, self.take(&request.body));
        }
        let mut answer = nothing();
        let writer = writer_of(request);
        self.saves.0 += pushed(request).iter().sum::<usize>() as u64;
        let verdicts = match self.saves.0 {
            0 => vec![],
            last => vec![VerdictRange { first: 1, last, verdict: Verdict::Applied }],
        };
        let (applied, backed_up) = self.saves;
        answer.writers =
            vec![sync_protocol::exchange::WriterState { verdicts, backed_up, ..writer_state(writer, applied) }];
        ok(request, body(&answer, &[]))
    }

    fn take(&mut self, body: &[u8]) -> Vec<u8> {
        let (delivery, came) = Delivery::parse(body).expect("a delivery");
        self.lost.extend(&delivery.lost);
        let mut blobs = Vec::new();
        for (piece, bytes) in delivery.blobs.iter().zip(came) {
            let held = self.came.entry(piece.blob).or_default();
            if piece.from == held.len() as u64 {
                held.extend(bytes);
            }
            self.bytes += bytes.len() as u64;
            let standing = match (self.refuses, held.len() as u64 == piece.bytes) {
                (Some(code), _) => Standing::Refused(code),
                (None, false) => Standing::Wanted(held.len() as u64),
                (None, true) if self.is_backed_up => Standing::BackedUp,
                (None, true) => Standing::Here,
            };
            blobs.push((piece.blob, standing));
        }
        self.deliveries.push(delivery);
        serde_json::to_vec(&Delivered { blobs }).expect("JSON")
    }

    fn holds(&self, photo: &[u8]) -> bool {
        self.came.get(&BlobHash::of(photo)).is_some_and(|came| came == photo)
    }
}

/// What is no picture is kept as it is: these bytes are easy to compare.
fn photo(bytes: usize, seed: u8) -> Vec<u8> {
    let mut photo = b"RIFF\0\0\0\0WEBP".to_vec();
    photo.extend((12..bytes).map(|at| (at * 7 % 251) as u8 ^ seed));
    photo
}

fn wanted() -> Wanted {
    Wanted { question: "photo_front".to_owned(), is_image: true, max_pixels: None, keeps_position: false }
}

fn form(device: &mut Device) -> PackageHash {
    equip(device, vec![short("1", "image,photo_front,Photo,,,,household#photo_front")], &imported())
}

/// Begins a visit and takes a photo in it.
fn photographed(device: &mut Device, form: PackageHash, photo: Vec<u8>) -> (Visit, Attachment) {
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    let taken = device.attach(&visit, photo, &wanted(), Scaling::default()).expect("attached").named;
    answer(device, &mut visit, "/data/outcome", "refused");
    answer(device, &mut visit, PHOTO, taken.name.as_str());
    (visit, taken)
}

fn value(device: &Device, id: sync_protocol::RecordId, register: &str) -> Option<Attachment> {
    Attachment::of(device.load(id).expect("is here").row.value(register)?)
}

fn files_of(place: &Place) -> PathBuf {
    let Place::File(path) = place else { panic!("in memory") };
    let mut name = path.as_os_str().to_owned();
    name.push("-files");
    name.into()
}

fn folder() -> (tempfile::TempDir, Place) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("tilik.sqlite"));
    (folder, place)
}

#[test]
fn a_photo_is_named_by_its_records_sent_after_them_and_kept_until_it_is_backed_up() {
    let mut device = device();
    let form = form(&mut device);
    let bytes = photo(5_000, 1);
    let (mut visit, taken) = photographed(&mut device, form, bytes.clone());
    assert_eq!((taken.bytes, taken.media.as_str()), (5_000, "image/webp"));
    assert!(taken.name.starts_with("photo_front-") && taken.name.ends_with(".webp"), "{}", taken.name);
    let mut files = Files::default();
    let report = sync(&mut device, |request| files.serve(request));
    assert_eq!((files.bytes, report.files_waiting), (0, 0), "a draft's photo stays on the device");
    finish(&mut device, &mut visit);
    assert_eq!(value(&device, H, "photo_front"), Some(taken.clone()));
    let visits = device.household(H).expect("shown").visits;
    let register = format!("attachment/{}", taken.name);
    assert_eq!(value(&device, visits[0].id, &register), Some(taken.clone()));
    assert_eq!(device.status().expect("status").files_waiting, 1);

    let mut order = Vec::new();
    let report = sync(&mut device, |request| {
        order.push(request.path);
        files.serve(request)
    });
    assert_eq!((report.files_sent, report.files_waiting, files.saves.0), (1, 0, 1));
    assert!(files.holds(&bytes));
    assert_eq!(order.last(), Some(&BLOBS_PATH), "records first: {order:?}");
    assert_eq!(device.attachment(taken.blob).expect("reads"), Some(bytes.clone()), "kept");
    let before = files.deliveries.len();
    sync(&mut device, |request| files.serve(request));
    assert_eq!(files.deliveries.len(), before, "an idle sync speaks of no files");

    // The server's backups move, and hold it.
    (files.saves.1, files.is_backed_up) = (1, true);
    sync(&mut device, |request| files.serve(request));
    assert_eq!(device.attachment(taken.blob).expect("reads"), None, "every backup holds it");
    assert_eq!(files.deliveries.len(), before + 1);
}

#[test]
fn a_server_that_was_restored_without_a_photo_gets_it_again() {
    let hands = Hands::at(NOON);
    let mut device = enrolled(&Place::Memory, &hands);
    let form = form(&mut device);
    let bytes = photo(300_000, 2);
    let (mut visit, _) = photographed(&mut device, form, bytes.clone());
    finish(&mut device, &mut visit);
    let mut files = Files::default();
    sync(&mut device, |request| files.serve(request));
    files.came.clear();
    sync(&mut device, |request| files.serve(request));
    assert!(!files.holds(&bytes), "nobody asks every time");
    hands.set(NOON + 86_400_001);
    let report = sync(&mut device, |request| files.serve(request));
    assert!(files.holds(&bytes) && report.files_waiting == 0);
}

#[test]
fn a_draft_thrown_away_and_a_photo_taken_again_free_their_bytes() {
    let mut device = device();
    let form = form(&mut device);
    let (visit, taken) = photographed(&mut device, form, photo(100, 3));
    device.draft_discard(visit.draft()).expect("discarded");
    assert_eq!(device.attachment(taken.blob).expect("reads"), None);
    let (mut visit, first) = photographed(&mut device, form, photo(100, 4));
    let second = device.attach(&visit, photo(100, 5), &wanted(), Scaling::default()).expect("attached").named;
    answer(&mut device, &mut visit, PHOTO, second.name.as_str());
    // Another draft has taken the same photo: it stays for that one.
    let (other, same) = photographed(&mut device, form, photo(100, 4));
    assert_eq!(same.blob, first.blob);
    finish(&mut device, &mut visit);
    assert!(device.attachment(first.blob).expect("reads").is_some());
    device.draft_discard(other.draft()).expect("discarded");
    assert_eq!(device.attachment(first.blob).expect("reads"), None);
    assert!(device.attachment(second.blob).expect("reads").is_some());
    assert_eq!(value(&device, H, "photo_front"), Some(second));
}

/// Lets every request of a session fail once, before it arrives or after, and goes on.
fn sync_over_a_bad_link(device: &mut Device, files: &mut Files, arrives: impl Fn(usize) -> usize) -> Report {
    let mut session = Session::start(device);
    let mut tries: HashMap<Vec<u8>, u32> = HashMap::new();
    for _ in 0..5_000 {
        match session.next(device).expect("a step") {
            Step::Done(report) => return report,
            Step::Send(request)
                if request.path == BLOBS_PATH && *tries.entry(request.body.clone()).or_default() == 0 =>
            {
                *tries.get_mut(&request.body).expect("was just made") += 1;
                let line = request.body.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
                let body = &request.body[..line + arrives(request.body.len() - line)];
                files.take(body);
                let _ = session.failed(Error::Offline);
            }
            Step::Send(request) => {
                let reply = files.serve(&request);
                session.answer(device, &reply).expect("an answer that lands");
            }
        }
    }
    panic!("the session does not end");
}

#[test]
fn a_link_that_is_cut_at_every_request_brings_each_photo_whole() {
    for arrives in [|_| 0, |bytes| bytes / 3, |bytes: usize| bytes.saturating_sub(1), |bytes| bytes] {
        let mut device = device();
        let form = form(&mut device);
        let photos: Vec<Vec<u8>> = [900_000, 30, 70_000, 1_000].map(|bytes| photo(bytes, 9)).to_vec();
        for bytes in &photos {
            let (mut visit, _) = photographed(&mut device, form, bytes.clone());
            finish(&mut device, &mut visit);
        }
        let mut files = Files::default();
        let mut report = sync_over_a_bad_link(&mut device, &mut files, arrives);
        // Where nothing at all arrives, a session gives up and the next one goes on.
        for _ in 0..200 {
            if report.files_waiting == 0 {
                break;
            }
            report = sync_over_a_bad_link(&mut device, &mut files, arrives);
        }
        assert_eq!(report.files_waiting, 0);
        assert!(photos.iter().all(|photo| files.holds(photo)));
    }
}

#[test]
fn many_small_files_share_few_requests() {
    let mut device = device();
    let form = form(&mut device);
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "refused");
    let mut names = Vec::new();
    for seed in 0..100_u8 {
        let taken = device.attach(&visit, photo(4_000, seed), &wanted(), Scaling::default()).expect("attached");
        names.push(taken.named.name);
    }
    // One answer that mentions them all would be no answer; a note of their names is none either.
    answer(&mut device, &mut visit, "/data/note", names.join(" ").as_str());
    answer(&mut device, &mut visit, PHOTO, names[0].as_str());
    finish(&mut device, &mut visit);
    assert_eq!(device.status().expect("status").files_waiting, 1, "only what an answer calls by its name");
    let mut files = Files::default();
    for seed in 100..=250_u8 {
        let (mut visit, _) = photographed(&mut device, form, photo(4_000, seed));
        finish(&mut device, &mut visit);
    }
    sync(&mut device, |request| files.serve(request));
    assert_eq!(files.came.len(), 152);
    assert!(files.deliveries.len() <= 6, "{} requests", files.deliveries.len());
}

#[test]
fn a_photo_whose_bytes_are_lost_is_told_of_and_its_record_goes_all_the_same() {
    let (_folder, place) = folder();
    let mut device = enrolled(&place, &Hands::at(NOON));
    let form = form(&mut device);
    let (mut visit, lost) = photographed(&mut device, form, photo(500, 6));
    finish(&mut device, &mut visit);
    let (mut visit, kept) = photographed(&mut device, form, photo(600, 7));
    drop(device);
    std::fs::write(files_of(&place), vec![7; 20_000]).expect("damaged");
    for tail in ["-wal", "-shm"] {
        let mut name = files_of(&place).into_os_string();
        name.push(tail);
        let _ = std::fs::remove_file(Path::new(&name));
    }
    let mut device = open(&place, &Hands::at(NOON));
    let mut resumed = device.resume_visit(visit.draft()).expect("the interview is whole");
    std::mem::swap(&mut visit, &mut resumed);
    // Taken again, it is there again.
    device.attach(&visit, photo(600, 7), &wanted(), Scaling::default()).expect("attached");
    finish(&mut device, &mut visit);
    let mut files = Files::default();
    let report = sync(&mut device, |request| files.serve(request));
    assert_eq!((files.saves.0, files.lost.clone()), (2, vec![lost.blob]));
    assert_eq!((report.files_lost, report.files_waiting), (1, 0));
    assert!(files.holds(&photo(600, 7)) && kept.bytes == 600);
    let aside = std::fs::read_dir(files_of(&place).parent().expect("a folder")).expect("reads");
    let kept_aside = |name: String| name.contains("-files.damaged-");
    assert!(aside.flatten().any(|entry| kept_aside(entry.file_name().to_string_lossy().into_owned())), "never deleted");
    let before = files.deliveries.len();
    sync(&mut device, |request| files.serve(request));
    assert_eq!(files.deliveries.len(), before, "told once");
}

#[test]
fn a_kill_between_the_two_files_loses_no_photo_of_a_save_and_keeps_no_other_for_ever() {
    let (_folder, place) = folder();
    let hands = Hands::at(NOON);
    let mut device = enrolled(&place, &hands);
    let form = form(&mut device);
    let (mut visit, saved) = photographed(&mut device, form, photo(500, 6));
    finish(&mut device, &mut visit);
    // Written down and never named: the process died there.
    let (visit, orphan) = photographed(&mut device, form, photo(600, 7));
    let draft: DraftId = visit.draft();
    drop((device, visit));
    let Place::File(path) = &place else { panic!("in memory") };
    let move_aside = |name: &str| {
        for tail in ["", "-wal", "-shm"] {
            let _ = std::fs::rename(format!("{}{tail}", path.display()), format!("{}.{name}{tail}", path.display()));
        }
    };
    // The store is lost with everything in it; the file of photos is not.
    move_aside("gone");
    let mut device = enrolled(&place, &hands);
    assert!(device.resume_visit(draft).is_err());
    let mut files = Files::default();
    let report = sync(&mut device, |request| files.serve(request));
    assert!(files.holds(&photo(500, 6)) && report.files_sent == 1, "a save named it: it is sent all the same");
    assert!(device.attachment(orphan.blob).expect("reads").is_some(), "another program may be about to name it");
    drop(device);
    hands.set(NOON + 86_400_001);
    let device = open(&place, &hands);
    assert_eq!(device.attachment(orphan.blob).expect("reads"), None);
    assert!(device.attachment(saved.blob).expect("reads").is_some());
}

#[test]
fn photos_are_not_readable_on_the_disk() {
    let (folder, place) = folder();
    let mut device = enrolled(&place, &Hands::at(NOON));
    let form = form(&mut device);
    let (visit, _) = photographed(&mut device, form, photo(50_000, 1));
    drop((device, visit));
    for entry in std::fs::read_dir(folder.path()).expect("reads").flatten() {
        let bytes = std::fs::read(entry.path()).expect("reads");
        assert!(!bytes.windows(4).any(|window| window == b"WEBP"), "{:?}", entry.file_name());
    }
}

#[test]
fn what_the_server_refuses_or_cannot_take_now_blocks_nothing() {
    let mut device = device();
    let form = form(&mut device);
    let (mut visit, taken) = photographed(&mut device, form, photo(500, 6));
    finish(&mut device, &mut visit);
    for status in [507, 500, 403, 404] {
        let mut files = Files::default();
        let report = sync(&mut device, |request| match request.path {
            BLOBS_PATH => refused(request, status),
            _ => files.serve(request),
        });
        assert_eq!(report.files_waiting, 1, "{status}");
    }
    let mut files = Files { refuses: Some(BlobCode::Quota), ..Files::default() };
    let report = sync(&mut device, |request| files.serve(request));
    assert_eq!((report.files_waiting, report.files_refused), (0, 1));
    assert!(device.attachment(taken.blob).expect("reads").is_some(), "kept: the office may allow more");
    let mut files = Files { saves: (2, 1), ..Files::default() };
    let report = sync(&mut device, |request| files.serve(request));
    assert_eq!((report.files_refused, files.holds(&photo(500, 6))), (0, true));
}

/// What only the server reads of a device's parcels: how many changesets, and the bytes of one file.
fn opened(device: &mut Device, blob: BlobHash) -> (usize, Vec<u8>) {
    let identity = sync_protocol::entry::Identity::of_root(&[1; 32]);
    // The same writer asks again with the same key.
    let key = device_key(device);
    let (mut changesets, mut file) = (0, Vec::new());
    for label in device.bundle().expect("lists").expect("has a key") {
        let bytes = device.parcel(&label).expect("makes").expect("is here");
        let [parcel] = Parcel::list(&bytes).try_into().expect("one");
        let body = identity.open_parcel(&parcel).expect("is for this server");
        match parcel.label {
            Label::Changeset { .. } => changesets += 1,
            Label::Piece { blob: of, from, .. } => {
                let carried = Carried::parse(&body).expect("a piece");
                assert!(of == blob && from == file.len() as u64 && carried.is_from(&key, &parcel.label));
                file.extend(carried.bytes);
            }
        }
    }
    (changesets, file)
}

fn device_key(device: &mut Device) -> WriterKey {
    let request = device.enrol_request("ABCD-1234", "phone 1", "test").expect("a request");
    serde_json::from_slice::<Enrol>(&request.body).expect("an enrolment").key
}

#[test]
fn a_bundle_brings_photos_in_signed_pieces_until_a_receipt_says_that_they_came() {
    let mut device = device();
    let form = form(&mut device);
    let bytes = photo(1_200_000, 1);
    let (mut visit, taken) = photographed(&mut device, form, bytes.clone());
    assert_eq!(opened(&mut device, taken.blob), (0, vec![]), "a draft's photo stays on the device");
    finish(&mut device, &mut visit);
    assert_eq!(opened(&mut device, taken.blob), (1, bytes.clone()));
    let receipt = |root: &Signer, standing| Receipt::issue(root, NOON, vec![], vec![(taken.blob, standing)], vec![]);
    assert!(device.take_receipt(&receipt(&Signer::from_secret(&[2; 32]), Standing::Here)).is_err());
    device.take_receipt(&receipt(&root(), Standing::Wanted(524_288))).expect("taken");
    assert_eq!(opened(&mut device, taken.blob), (1, bytes.clone()), "half a file is no file");
    let received = device.take_receipt(&receipt(&root(), Standing::BackedUp)).expect("taken");
    assert_eq!((received.files, opened(&mut device, taken.blob)), (1, (1, vec![])));
    assert_eq!(device.status().expect("status").files_waiting, 0);
    assert_eq!(device.attachment(taken.blob).expect("reads"), Some(bytes), "no receipt has it forgotten");
}

#[test]
fn a_damaged_photo_keeps_no_bundle_from_being_written() {
    let (_folder, place) = folder();
    let mut device = enrolled(&place, &Hands::at(NOON));
    let form = form(&mut device);
    let (mut visit, taken) = photographed(&mut device, form, photo(5_000, 1));
    finish(&mut device, &mut visit);
    drop(device);
    std::fs::remove_file(files_of(&place)).expect("removed");
    let device = open(&place, &Hands::at(NOON));
    let labels = device.bundle().expect("lists").expect("has a key");
    let made: Vec<bool> = labels.iter().map(|label| device.parcel(label).expect("makes").is_some()).collect();
    assert_eq!(made, [true, false], "{taken:?}");
}
