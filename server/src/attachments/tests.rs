//! Files under way: cut, repeated, reordered, wrong, too many, and a disk that is full.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use object_store::memory::InMemory;
use object_store::path::Path as Place;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult,
};
use sync_protocol::blobs::{BlobCode, Delivery, Piece, Standing};
use sync_protocol::{BlobHash, WriterId, limits};

use super::{Attachments, Shelf, deliver, forget};
use crate::instance::Instance;
use crate::instance::scratch::Scratch;
use crate::people::{Caller, Role, caller};
use crate::store::{blobs, kept_aside};

/// A device that brings files.
struct Device {
    scratch: Scratch,
    caller: Caller,
    writer: WriterId,
}

impl Device {
    fn new() -> Device {
        let scratch = Scratch::new();
        let user = scratch.user("siti", Role::Enumerator);
        let (ask, enrolled) = scratch.enrol(user.id);
        let caller = caller(&scratch.instance, &enrolled.tokens.access).expect("a session");
        Device { scratch, caller, writer: ask.writer }
    }

    fn instance(&self) -> &Instance {
        &self.scratch.instance
    }

    fn body(&self, pieces: &[(&[u8], usize, usize)]) -> Vec<u8> {
        let piece = |&(file, from, len): &(&[u8], usize, usize)| Piece {
            blob: BlobHash::of(file),
            bytes: file.len() as u64,
            from: from as u64,
            len: len as u64,
        };
        let delivery = Delivery { blobs: pieces.iter().map(piece).collect(), lost: vec![], writer: self.writer };
        let bytes = pieces.iter().flat_map(|(file, from, len)| &file[*from..from + len]).copied();
        delivery.to_line().into_iter().chain(bytes).collect()
    }

    fn standings(&self, body: &[u8]) -> Vec<Standing> {
        let delivered = deliver(self.instance(), &self.caller, body).expect("answered");
        delivered.blobs.into_iter().map(|(_, standing)| standing).collect()
    }

    fn bring(&self, pieces: &[(&[u8], usize, usize)]) -> Vec<Standing> {
        self.standings(&self.body(pieces))
    }

    fn ask(&self, file: &[u8]) -> Standing {
        self.bring(&[(file, 0, 0)])[0]
    }

    fn got(&self, file: &[u8]) -> Option<Vec<u8>> {
        self.instance().attachments.shelf.get(BlobHash::of(file)).expect("a shelf")
    }
}

fn photo(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at * at % 251) as u8).collect()
}

#[test]
fn a_request_cut_anywhere_keeps_what_came_and_is_gone_on_with() {
    let device = Device::new();
    let small = photo(40);
    let line = device.body(&[(&small, 0, 40)]).len() - small.len();
    for cut in (0..=40).rev() {
        let file: Vec<u8> = small.iter().map(|byte| byte ^ cut).collect();
        let cut = usize::from(cut);
        let body = device.body(&[(&file, 0, 40)]);
        let standings = device.standings(&body[..line + cut]);
        let expected = if cut == 40 { Standing::Here } else { Standing::Wanted(cut as u64) };
        assert_eq!(standings, [expected]);
        assert_eq!(device.got(&file).is_some(), cut == 40, "nothing half lies under a hash");
        assert_eq!(device.bring(&[(&file, cut, 40 - cut)]), [Standing::Here]);
        assert_eq!(device.got(&file), Some(file));
    }
    assert!(deliver(device.instance(), &device.caller, &device.body(&[(&small, 0, 40)])[..line - 1]).is_err());
}

#[test]
fn pieces_repeated_reordered_and_overlapping_make_the_same_file() {
    let device = Device::new();
    let file = photo(1_000);
    assert_eq!(device.bring(&[(&file, 500, 100)]), [Standing::Wanted(0)], "a gap is not filled with anything");
    assert_eq!(device.bring(&[(&file, 0, 300)]), [Standing::Wanted(300)]);
    assert_eq!(device.bring(&[(&file, 0, 300)]), [Standing::Wanted(300)]);
    assert_eq!(device.bring(&[(&file, 200, 400)]), [Standing::Wanted(600)]);
    assert_eq!(device.bring(&[(&file, 700, 300)]), [Standing::Wanted(600)]);
    assert_eq!(device.ask(&file), Standing::Wanted(600));
    assert_eq!(device.bring(&[(&file, 600, 400)]), [Standing::Here]);
    assert_eq!(device.bring(&[(&file, 600, 400)]), [Standing::Here], "a repeat is a receipt again");
    assert_eq!(device.got(&file), Some(file.clone()));
    assert_eq!(device.instance().attachments.parts.held_of(device.caller.user.id), 0);
}

#[test]
fn bytes_that_are_not_those_of_the_hash_are_thrown_away() {
    let device = Device::new();
    let (file, other) = (photo(100), vec![7; 100]);
    let mut body = device.body(&[(&file, 0, 100)]);
    let at = body.len() - 100;
    body[at..].copy_from_slice(&other);
    assert_eq!(device.standings(&body), [Standing::Wanted(0)]);
    let mut half = device.body(&[(&file, 0, 50)]);
    let at = half.len() - 50;
    half[at..].copy_from_slice(&other[..50]);
    assert_eq!(device.standings(&half), [Standing::Wanted(50)]);
    assert_eq!(device.bring(&[(&file, 50, 50)]), [Standing::Wanted(0)], "only the whole shows that it is wrong");
    assert_eq!((device.got(&file), device.got(&other)), (None, None));
    assert_eq!(device.bring(&[(&file, 0, 100)]), [Standing::Here]);
}

#[test]
fn many_small_files_share_a_request_and_each_has_its_receipt() {
    let device = Device::new();
    let files: Vec<Vec<u8>> = (1..=60).map(photo).collect();
    let pieces: Vec<(&[u8], usize, usize)> =
        files.iter().map(|file| (file.as_slice(), 0, if file.len() == 30 { 0 } else { file.len() })).collect();
    let standings = device.bring(&pieces);
    let expected = |file: &Vec<u8>| if file.len() == 30 { Standing::Wanted(0) } else { Standing::Here };
    assert_eq!(standings, files.iter().map(expected).collect::<Vec<_>>());
}

#[test]
fn what_crosses_a_bound_is_refused_by_code_and_the_rest_is_taken() {
    let device = Device::new();
    let small = photo(100);
    let huge = Piece::ask(BlobHash([1; 32]), limits::BLOB_BYTES_MAX as u64 + 1);
    let empty = Piece::ask(BlobHash([2; 32]), 0);
    let fine = Piece { blob: BlobHash::of(&small), bytes: 100, from: 0, len: 100 };
    let delivery = Delivery { blobs: vec![huge, empty, fine], lost: vec![], writer: device.writer };
    let standings = device.standings(&[delivery.to_line(), small].concat());
    let too_large = Standing::Refused(BlobCode::TooLarge);
    assert_eq!(standings, [too_large, too_large, Standing::Here]);
}

#[test]
fn a_person_brings_as_much_as_the_office_allows() {
    let mut device = Device::new();
    device.scratch.instance.attachments.quota_bytes = 250;
    let [one, two, three] = [photo(100), photo(120), photo(50)];
    assert_eq!(device.bring(&[(&one, 0, 100), (&two, 0, 60)]), [Standing::Here, Standing::Wanted(60)]);
    assert_eq!(device.bring(&[(&three, 0, 50)]), [Standing::Here], "what is under way counts as far as it has come");
    assert_eq!(device.bring(&[(&two, 60, 60)]), [Standing::Refused(BlobCode::Quota)]);
    device.scratch.instance.attachments.quota_bytes = 300;
    assert_eq!(device.bring(&[(&two, 60, 60)]), [Standing::Here]);
}

#[test]
fn only_a_writer_of_the_person_brings_files() {
    let device = Device::new();
    let file = photo(10);
    let other = Device { writer: WriterId::from_u128(1), ..Device::new() };
    let body = other.body(&[(&file, 0, 10)]);
    let refused = deliver(device.instance(), &device.caller, &body).expect_err("somebody else's");
    assert_eq!(refused.code(), "wrong_writer");
    assert_eq!(device.got(&file), None);
}

/// A shelf that fails while it is told to: a full disk, or a kill between the two steps of putting a file in its place.
#[derive(Debug)]
struct Failing {
    inner: InMemory,
    fails: Arc<AtomicBool>,
}

impl std::fmt::Display for Failing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failing")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, at: &Place, bytes: PutPayload, how: PutOptions) -> object_store::Result<PutResult> {
        if self.fails.load(SeqCst) {
            let source = Box::new(std::io::Error::from(std::io::ErrorKind::StorageFull));
            return Err(object_store::Error::Generic { store: "failing", source });
        }
        self.inner.put_opts(at, bytes, how).await
    }

    async fn put_multipart_opts(
        &self,
        at: &Place,
        how: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, how).await
    }

    async fn get_opts(&self, at: &Place, how: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(at, how).await
    }

    fn delete_stream(
        &self,
        places: futures_core::stream::BoxStream<'static, object_store::Result<Place>>,
    ) -> futures_core::stream::BoxStream<'static, object_store::Result<Place>> {
        self.inner.delete_stream(places)
    }

    fn list(
        &self,
        below: Option<&Place>,
    ) -> futures_core::stream::BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(below)
    }

    async fn list_with_delimiter(&self, below: Option<&Place>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(below).await
    }

    async fn copy_opts(&self, from: &Place, to: &Place, how: CopyOptions) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, how).await
    }
}

#[test]
fn a_full_disk_acknowledges_nothing_and_the_file_comes_once_there_is_room() {
    let mut device = Device::new();
    let fails = Arc::new(AtomicBool::new(true));
    let shelf = Shelf::of("failing", Arc::new(Failing { inner: InMemory::new(), fails: Arc::clone(&fails) }));
    let folder = tempfile::tempdir().expect("a folder");
    device.scratch.instance.attachments = Attachments::on(shelf, folder.path());
    let (small, large) = (photo(50), photo(1_000));
    assert_eq!(device.bring(&[(&large, 0, 600)]), [Standing::Wanted(600)]);
    for body in [device.body(&[(&small, 0, 50)]), device.body(&[(&large, 600, 400)])] {
        let refused = deliver(device.instance(), &device.caller, &body).expect_err("full");
        assert_eq!((refused.code(), refused.status().as_u16()), ("no_room", 507));
    }
    fails.store(false, SeqCst);
    assert_eq!(device.ask(&small), Standing::Wanted(0));
    assert_eq!(device.ask(&large), Standing::Here, "all of it had come: nothing is sent again");
    assert_eq!(device.bring(&[(&small, 0, 50)]), [Standing::Here]);
}

#[test]
fn a_kill_before_the_file_has_its_place_leaves_nothing_under_its_name() {
    let device = Device::new();
    let file = photo(300);
    let hash = BlobHash::of(&file).to_string();
    device.bring(&[(&photo(9), 0, 9)]);
    let folder = std::path::PathBuf::from(device.instance().attachments.shelf.to_string()).join(&hash[..2]);
    // What the shelf has written beside its place when the process dies: all of it, or some.
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join(format!("{hash}#1")), &file[..200]).expect("written");
    assert_eq!((device.got(&file), device.ask(&file)), (None, Standing::Wanted(0)));
    assert_eq!(device.bring(&[(&file, 0, 300)]), [Standing::Here]);
    assert_eq!(device.got(&file), Some(file));
    // Killed after the file had its place and before the database said so: it comes again, and that is all.
    let other = photo(301);
    device.instance().attachments.shelf.put(vec![(BlobHash::of(&other), other.clone())]);
    assert_eq!(device.ask(&other), Standing::Wanted(0));
    assert_eq!(device.bring(&[(&other, 0, 301)]), [Standing::Here]);
}

#[test]
fn a_file_that_any_stored_changeset_names_is_never_forgotten() {
    let device = Device::new();
    let instance = device.instance();
    let [named, aside, unnamed, fresh] = [photo(10), photo(11), photo(12), photo(13)];
    device.bring(&[(&named, 0, 10), (&aside, 0, 11), (&unnamed, 0, 12)]);
    assert_eq!(device.bring(&[(&photo(500), 0, 100)]), [Standing::Wanted(100)]);
    let mention = |file: &[u8]| {
        let value = sync_protocol::Attachment {
            blob: BlobHash::of(file),
            bytes: file.len() as u64,
            name: "a.jpg".to_owned(),
            media: "image/jpeg".to_owned(),
        };
        format!("{{\"photo_front\":{}}}", value.value().as_str())
    };
    let bad = sync_protocol::Code::BadSignature;
    let kept = kept_aside::KeptAside::of(device.writer, bad, &[0; 64], [mention(&aside).as_str()]);
    let line = mention(&named);
    let writer = device.writer;
    instance
        .store
        .write(move |tx| {
            blobs::note_mentions(tx, writer, 4, &line)?;
            kept_aside::keep(tx, &kept, 0)
        })
        .expect("noted");
    device.scratch.pass(i64::from(instance.attachments.unnamed_days) * 86_400_000 + 1);
    device.bring(&[(&fresh, 0, 13)]);
    let forgotten = forget(instance).expect("works");
    assert_eq!(forgotten.files, 1);
    assert_eq!((device.got(&unnamed), device.ask(&unnamed)), (None, Standing::Wanted(0)));
    for file in [&named, &aside, &fresh] {
        assert!(device.got(file).is_some());
        assert_eq!(device.ask(file), Standing::Here);
    }
    assert_eq!(forget(instance).expect("works").files, 0);
    assert_eq!(device.bring(&[(&unnamed, 0, 12)]), [Standing::Here], "and it may come again");
}

#[test]
fn a_number_is_not_given_twice_so_that_a_backup_never_claims_what_it_lacks() {
    let device = Device::new();
    let numbers = || device.instance().store.read(|tx| blobs::list_after(tx, 0, 10)).expect("lists");
    let [one, two] = [photo(10), photo(11)];
    device.bring(&[(&one, 0, 10)]);
    let first = numbers()[0].0;
    device.scratch.pass(40 * 86_400_000);
    forget(device.instance()).expect("works");
    device.bring(&[(&two, 0, 11)]);
    device.bring(&[(&one, 0, 10)]);
    assert!(numbers().iter().all(|(number, ..)| *number > first), "{:?}", numbers());
}
