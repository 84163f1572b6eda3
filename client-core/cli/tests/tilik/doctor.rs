//! `tilik doctor`, and what a person is told when a store is damaged.

use crate::office::Office;
use crate::terminal::Terminal;

#[test]
fn a_sound_folder_is_found_sound() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let ran = terminal.run(&["doctor"]).ok();
    assert!(ran.out.contains("Tidak ada yang salah."), "{ran:?}");
    let json = terminal.run(&["doctor", "--json"]).ok().json();
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(0), "{json}");
    assert!(json["rows"].as_u64() > Some(0) && json["indexed"].as_u64() > Some(0), "{json}");
    let found = terminal.run(&["search", "siti", "--json"]).ok().json();
    assert_eq!(found["households"].as_array().map(Vec::len), Some(1), "{found}");
}

#[test]
fn a_damaged_store_is_told_in_words_and_the_device_goes_on() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let store = terminal.path().join("tilik.db");
    let mut bytes = std::fs::read(&store).unwrap();
    bytes.iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&store, &bytes).unwrap();
    let ran = terminal.run(&["list"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains("disisihkan dan tidak dihapus") && ran.err.contains("tilik sync"), "{ran:?}");
    let aside =
        std::fs::read_dir(terminal.path()).unwrap().filter_map(|file| file.unwrap().file_name().into_string().ok());
    let aside: Vec<String> = aside.filter(|name| name.contains(".damaged-")).collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(std::fs::read(terminal.path().join(&aside[0])).unwrap(), bytes);
    // Told once; the data comes back by a sync, without a new code.
    terminal.run(&["sync"]).ok();
    let listed = terminal.run(&["list", "--json"]).ok().json();
    assert_eq!(listed["households"].as_array().map(Vec::len), Some(2), "{listed}");
    let ran = terminal.run(&["doctor", "--lang", "en"]).ok();
    assert!(ran.out.contains("Nothing is wrong.") && ran.out.contains(&aside[0]), "{ran:?}");
}

#[test]
fn damage_that_opening_does_not_meet_is_found_by_the_doctor() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let store = terminal.path().join("tilik.db");
    let mut bytes = std::fs::read(&store).unwrap();
    let at = bytes.len() - 2_000;
    bytes[at..at + 50].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(&store, &bytes).unwrap();
    let ran = terminal.run(&["doctor", "--json"]);
    assert!(ran.code == 5 || ran.json()["problems"].as_array().is_some_and(Vec::is_empty), "{ran:?}");
    assert_eq!(ran.json()["salvaged"]["enrolled"], true, "{ran:?}");
}
