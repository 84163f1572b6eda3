//! A smoke run of the fuzz targets: the corpus, the golden files, and damaged copies of both.

use std::path::{Path, PathBuf};

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
    for line in String::from_utf8_lossy(bytes).split('\n') {
        foreign::row(line);
        foreign::save(line);
    }
}

#[test]
fn no_bytes_of_the_corpus_nor_damaged_ones_bring_a_reader_down() {
    let folders = ["request", "answer", "row", "save"].map(|name| format!("fuzz/corpus/{name}"));
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
