//! A smoke run of the fuzz targets: the corpus, the golden files, and damaged copies of both.

use std::path::{Path, PathBuf};

use sync_protocol::blobs::Standing;
use sync_protocol::changeset::ChangesetHash;
use sync_protocol::entry::Identity;
use sync_protocol::parcel::{Carried, Label};
use sync_protocol::receipt::Receipt;
use sync_protocol::{BlobHash, Signer, WriterId};

use super::foreign;

/// Damaged copies of each file.
const DAMAGED: u64 = 60;

fn files(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().filter(|path| path.is_file()).map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Splitmix64: the same damage on every machine.
fn throw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A byte changed, taken out, put in, a part doubled, or the end cut off.
fn damage(bytes: &mut Vec<u8>, dice: &mut u64) {
    const BYTES: &[u8] = b"{}[]\",:0129-e.\\u\n\0\xffa";
    if bytes.is_empty() {
        return;
    }
    let at = throw(dice) as usize % bytes.len();
    let byte = BYTES[throw(dice) as usize % BYTES.len()];
    match throw(dice) % 5 {
        0 => bytes[at] = byte,
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, byte),
        3 => {
            let end = (at + throw(dice) as usize % 64).min(bytes.len());
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        _ => bytes.truncate(at),
    }
}

fn read_by_all(bytes: &[u8]) {
    foreign::request(bytes);
    foreign::answer(bytes);
    foreign::bundle(bytes);
    foreign::delivery(bytes);
    for line in String::from_utf8_lossy(bytes).split('\n') {
        foreign::row(line);
        foreign::save(line);
    }
}

#[test]
fn no_bytes_of_the_corpus_nor_damaged_ones_bring_a_reader_down() {
    let folders = ["request", "answer", "bundle", "delivery", "row", "save"].map(|name| format!("fuzz/corpus/{name}"));
    let corpus = folders.iter().flat_map(|folder| files(folder));
    for (at, (_, whole)) in (0..).zip(corpus.chain(files("tests/golden/v1"))) {
        read_by_all(&whole);
        let mut dice = at;
        for _ in 0..DAMAGED {
            let mut bytes = whole.clone();
            for _ in 0..=throw(&mut dice) % 3 {
                damage(&mut bytes, &mut dice);
            }
            read_by_all(&bytes);
        }
    }
}

/// The corpus of bundles: sealed with fixed keys, so that what is inside is read, too.
fn bundles() -> Vec<(&'static str, Vec<u8>)> {
    let recipient = Identity::of_root(&[1; 32]).recipient();
    let (signer, writer) = (Signer::from_secret(&[1; 32]), WriterId::from_u128(7));
    let push = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1/request-push.jsonl")).unwrap();
    let changeset = Label::Changeset { writer, seq: 1, hash: ChangesetHash([2; 32]) };
    let changeset = recipient.seal_parcel([3; 32], changeset, &push).to_bytes();
    let blob = BlobHash::of(b"a photo");
    let piece = Label::Piece { writer, blob, bytes: 7, from: 0 };
    let body = Carried::body(&piece, &signer, vec![], b"a photo");
    let piece = recipient.seal_parcel([4; 32], piece, &body).to_bytes();
    let torn = [&changeset[..90], b"foreign", &piece, &changeset].concat();
    let receipt = Receipt::issue(
        &signer,
        1_793_584_800_000,
        vec![(writer, 1, ChangesetHash([2; 32]))],
        vec![(blob, Standing::Here), (BlobHash([5; 32]), Standing::Wanted(9))],
        vec![(writer, 1, 1)],
    );
    let receipt = serde_json::to_vec(&receipt).unwrap();
    vec![("changeset", changeset), ("piece", piece), ("torn", torn), ("receipt", receipt)]
}

#[test]
fn bundles_and_receipts_of_today_are_those_of_the_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/bundle");
    for (name, bytes) in bundles() {
        let path = folder.join(name);
        if std::env::var_os("TILIK_GOLDEN").is_some_and(|word| word == "write") && !path.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == bytes, "{name}; TILIK_GOLDEN=write writes what is absent");
    }
}
