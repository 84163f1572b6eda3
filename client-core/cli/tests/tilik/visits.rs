//! Visits as people and programs hold them: line by line, from a file, broken off and gone on with.

use std::io::{BufRead, BufReader, Read, Write};

use serde_json::{Value, json};

use crate::office::{DISPUTED, Office};
use crate::terminal::Terminal;
use crate::walking;

/// A visit that found somebody who would not answer.
pub(crate) const REFUSED: &str = r#"{"outcome":"refused","note":"Tidak bersedia"}"#;

#[test]
fn a_visit_is_saved_offline_and_sent_when_there_is_a_network() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let saves = || office.inbox.lock().unwrap().saves.clone();
    let mut answers = walking::answers();
    // The prelist knows them, and what the file does not answer is confirmed.
    answers["place"].as_object_mut().unwrap().retain(|name, _| !["head_name", "address"].contains(&name.as_str()));
    let identity = &mut answers["members"]["member"][0]["identity"];
    (identity["sex"], identity["birth_date"]) = (json!("f"), json!("1970-01-01"));
    let ran = terminal.run_with(&["visit", "000000a1", "--answers", "-", "--confirm"], &answers.to_string()).ok();
    assert_eq!(ran.out.trim(), "Tersimpan di perangkat ini. Belum terkirim. Simpanan nomor 1.");
    assert!(saves().is_empty());
    let status = terminal.run(&["status", "--json"]).ok().json();
    assert_eq!((status["unsent"].as_u64(), status["done"].as_u64()), (Some(1), Some(1)));
    let line =
        terminal.run(&["list", "--unsent", "--outcome", "complete", "--json"]).ok().json()["households"][0].clone();
    assert_eq!((line["outcome"].as_str(), line["status"].as_str()), (Some("complete"), Some("verified")));
    let shown = terminal.run(&["show", "000000a1", "--json"]).ok().json();
    let head = &shown["household"]["registers"]["head_name"];
    assert_eq!(head["values"][0]["value"], "SITI AMINAH", "confirmed");
    assert_eq!(head["sources"]["dtks"][0]["value"], "SITI AMINAH", "and still beside it");
    assert_eq!(shown["visits"][0]["registers"]["form"]["values"][0]["value"], "household-verification@2026.1");
    let people = terminal.run(&["show", "000000a1"]).ok().out;
    assert!(people.contains("Kuesioner") && !people.contains("\"@row\""), "{people}");

    let synced = terminal.run(&["sync", "--json"]).ok().json();
    assert_eq!((synced["saves_sent"].as_u64(), synced["attention"].as_u64()), (Some(1), Some(0)));
    let saves = saves();
    assert_eq!(saves.len(), 1);
    for part in ["\"collection\":\"visit\"", "\"round\"", "\"started_at\":", "\"paradata\":"] {
        assert!(saves[0].contains(part), "{part}: {}", saves[0]);
    }
    assert_eq!(terminal.run(&["status", "--json"]).ok().json()["unsent"], 0);
}

/// A photo as a camera writes it, with where it was taken: as much of one as a device looks at.
fn photo() -> Vec<u8> {
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0GPS -1.6101 103.6131";
    let mut photo = vec![0xff, 0xd8, 0xff, 0xe1, 0, exif.len() as u8 + 2];
    photo.extend(exif);
    photo.extend([0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xff, 0xda, 0, 2, 0xff, 0xd9]);
    photo
}

#[test]
fn a_photo_is_taken_from_a_file_and_sent_without_its_position() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let file = terminal.path().join("rumah depan.jpg");
    std::fs::write(&file, photo()).unwrap();
    let mut answers = walking::answers();
    let member = &mut answers["members"]["member"][0]["identity"];
    (member["sex"], member["birth_date"]) = (json!("f"), json!("1970-01-01"));
    answers["photos"]["photo_front"] = json!(file);
    terminal.run_with(&["visit", "000000a1", "--answers", "-", "--confirm"], &answers.to_string()).ok();
    let shown = terminal.run(&["show", "000000a1", "--json"]).ok().json();
    let named = shown["household"]["registers"]["photo_front"]["values"][0]["value"].clone();
    assert_eq!((named["type"].as_str(), named["bytes"].as_u64()), (Some("image/jpeg"), Some(21)), "{named}");
    let name = named["name"].as_str().unwrap();
    assert_eq!(shown["visits"][0]["registers"][format!("attachment/{name}")]["values"][0]["value"], named);
    let status = terminal.run(&["status", "--json"]).ok().json();
    assert_eq!(status["files_waiting"], 1);
    let synced = terminal.run(&["sync", "--json"]).ok().json();
    assert_eq!((synced["files_sent"].as_u64(), synced["files_waiting"].as_u64()), (Some(1), Some(0)));
    let sent = office.inbox.lock().unwrap().files.concat();
    assert!(sent.len() == 21 && !sent.windows(3).any(|window| window == b"GPS"));
}

#[test]
fn a_file_question_asks_again_until_there_is_a_photo() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let [photo_file, text_file] = ["depan.jpg", "catatan.txt"].map(|name| terminal.path().join(name));
    std::fs::write(&photo_file, photo()).unwrap();
    std::fs::write(&text_file, "Siti").unwrap();
    terminal.run_with(&["visit", "000000a1"], "\n1\n");
    let lines =
        format!(":lompat foto\n1\n/tidak/ada.jpg\n{}\n'{}'\n:keluar\n", text_file.display(), photo_file.display());
    let ran = terminal.run_with(&["visit", "--draft", "1"], &lines);
    for said in ["Tulis letak berkasnya", "Berkas itu tidak ada", "Itu bukan foto.", "Berkas dilampirkan: 1 kB, 8 × 8"]
    {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
}

#[test]
fn an_interview_is_held_line_by_line() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    // Position left for later, outcome by a word that several share, then by its number; back and forth; the note.
    let lines = "\ntidak\n?\n:nothing\nmenolak\n<\n4\n\n:bahasa\nWould not open\n\n";
    let ran = terminal.run_with(&["visit", "000000a1"], lines);
    assert_eq!(
        (ran.code, ran.out.trim()),
        (0, "Tersimpan di perangkat ini. Belum terkirim. Simpanan nomor 1."),
        "{ran:?}"
    );
    for said in [
        "Verifikasi Rumah Tangga (2026.1), draf 1",
        "Setiap jawaban langsung tersimpan",
        "tilik visit --draft 1",
        "205. Hasil pendataan keluarga *",
        "  4  Menolak",
        "Selain \"terisi lengkap\"",
        "Perintah tidak dikenal",
        "Jawaban: Menolak",
        "Pertanyaan ini wajib dijawab.",
        "600. Notes",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    let shown = terminal.run(&["show", "000000a1", "--json"]).ok().json();
    let visit = &shown["visits"][0]["registers"];
    let value = |register: &str| visit[register]["values"][0]["value"].clone();
    assert_eq!(
        (value("outcome"), value("note"), value("language")),
        (json!("refused"), json!("Would not open"), json!("en"))
    );
    assert_eq!(shown["household"]["registers"]["status"]["values"][0]["value"], "to_visit_again");
}

#[test]
fn a_prelist_value_is_shown_with_its_source_and_confirmed_by_enter() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let ran = terminal.run_with(&["visit", "000000a1"], "\n1\n\n\n:quit\n");
    assert!(ran.err.contains("Data awal: JL MELATI 3 (dtks, 2026-03-01)  Enter: benar"), "{}", ran.err);
    assert_eq!(ran.out.trim(), "Jawaban tersimpan di perangkat ini. Lanjutkan dengan: tilik visit --draft 1");
    let drafts = terminal.run(&["drafts", "--json"]).ok().json();
    assert_eq!(drafts["drafts"][0]["form"], "household-verification@2026.1");
    let ran = terminal.run_with(&["visit", "--draft", "1"], ":lompat keterangan tempat\n\n\n");
    assert!(ran.err.contains("Jawaban: JL MELATI 3") && ran.err.contains("Jawaban: SITI AMINAH"), "{}", ran.err);
}

#[test]
fn a_visit_that_was_broken_off_goes_on_where_it_stopped() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let ran = terminal.run_with(&["visit", "000000a1"], "\nmenolak\n");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Lanjutkan dengan: tilik visit --draft 1"), "{ran:?}");
    let listed = terminal.run(&["drafts"]).ok().out;
    assert!(listed.contains("SITI AMINAH") && listed.contains("household-verification@2026.1"), "{listed}");
    let ran = terminal.run_with(&["visit", "000000a1"], "Pergi\n\n");
    assert!(ran.err.contains("sudah dimulai (draf 1)"), "{}", ran.err);
    assert!(ran.err.contains("600. Catatan") && !ran.err.contains("205. Hasil"), "{}", ran.err);
    assert!(ran.out.starts_with("Tersimpan di perangkat ini."), "{ran:?}");
    assert_eq!(terminal.run(&["drafts"]).ok().out.trim(), "Tidak ada draf.");
    let ran = terminal.run_with(&["visit", "000000a1"], ":keluar\n");
    assert_eq!(ran.out.trim(), "Draf 2 dibuang.", "nothing was answered");
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_kill_lose_no_answer() {
    let office = Office::open();
    for (signal, code) in [("-INT", Some(130)), ("-KILL", None)] {
        let terminal = Terminal::synced(&office);
        let mut child = terminal.start(&["visit", "000000a1"]);
        let (mut input, mut told) = (child.stdin.take().unwrap(), BufReader::new(child.stderr.take().unwrap()));
        input.write_all(b"\nmenolak\n").unwrap();
        // The next question is on the screen: the answers before it are on the disk.
        let mut line = String::new();
        while !line.contains("600. Catatan") {
            line.clear();
            assert!(told.read_line(&mut line).unwrap() > 0, "it ended too early");
        }
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(child.wait().unwrap().code(), code);
        let mut rest = String::new();
        told.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.contains("Lanjutkan dengan: tilik visit --draft 1"), code.is_some(), "{rest}");
        let ran = terminal.run_with(&["visit", "--draft", "1"], "Pergi\n\n");
        assert!(ran.out.starts_with("Tersimpan di perangkat ini."), "{ran:?}");
    }
}

#[test]
fn what_is_wrong_is_listed_and_led_to() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let lines = "\n1\n:selesai\n\n1\nJl. Mawar 5\n:keluar\n";
    let ran = terminal.run_with(&["visit", "000000a1"], lines);
    assert!(ran.err.contains("Belum dapat disimpan. Yang perlu dilihat:"), "{}", ran.err);
    assert!(
        ran.err.contains("  1  107. Alamat (jalan/gang, nomor rumah): Pertanyaan ini wajib dijawab."),
        "{}",
        ran.err
    );
    let missing =
        terminal.run_with(&["visit", "--draft", "1", "--answers", "-", "--json"], r#"{"outcome":"complete"}"#);
    assert_eq!(missing.code, 5);
    let problems = &missing.json()["problems"];
    assert_eq!(
        (problems[0]["rule"].as_str(), problems[0]["path"].as_str()),
        (Some("required"), Some("/data/place/head_name"))
    );
    assert_eq!(terminal.run(&["status", "--json"]).ok().json()["saves"], 0);
}

#[test]
fn an_unusual_answer_needs_a_reason() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let ran = terminal
        .run_with(&["visit", "000000a1"], "-1.61, 103.61, 0, 80\n\n-1.61 103.61 0 80\nhujan deras\n4\nPergi\n\n");
    assert!(ran.err.contains("Ketelitian lebih buruk dari 30 m."), "{}", ran.err);
    assert!(ran.out.starts_with("Tersimpan"), "{ran:?}");
    let shown = terminal.run(&["show", "000000a1", "--json"]).ok().json();
    let visit = &shown["visits"][0]["registers"];
    assert_eq!(visit["reasons"]["values"][0]["value"], json!({"/data/visit/position": "hujan deras"}));
    let position = json!({"acc": 80, "lat": "-1.61", "lon": "103.61"});
    assert_eq!(visit["position"]["values"][0]["value"], position);
    assert_eq!(shown["household"]["registers"]["position"]["values"][0]["value"], position);
    let answers =
        r#"{"position": {"value": "-1.61 103.61 0 80", "reason": "hujan"}, "outcome": "refused", "note": "x"}"#;
    terminal.run_with(&["visit", "000000a1", "--answers", "-"], answers).ok();
}

#[test]
fn members_are_added_and_removed_and_those_of_the_prelist_stay() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let lines = ":lompat anggota\n:hapus\ny\n\n:tambah\nRINA\n:hapus\ny\n:keluar\n";
    terminal.run_with(&["visit", "000000a1"], "\n1\n");
    let ran = terminal.run_with(&["visit", "--draft", "1"], lines);
    assert!(ran.err.contains("IV. Anggota keluarga · SITI AMINAH (1)"), "{}", ran.err);
    assert!(ran.err.contains("Baris ini ada dalam daftar awal dan tidak dapat dihapus."), "{}", ran.err);
    assert!(ran.err.contains("Hapus \"RINA\" dengan semua jawabannya?"), "{}", ran.err);
    assert!(!ran.err.contains("tidak ada daftar yang dapat ditambah"), "{}", ran.err);
}

#[test]
fn different_values_are_shown_before_an_answer_decides() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let json = terminal.run(&["conflicts", "--json"]).ok().json();
    let address: Vec<&str> =
        json["conflicts"][0]["values"].as_array().unwrap().iter().map(|v| v["value"].as_str().unwrap()).collect();
    assert_eq!(address, ["Jl. Kenanga 2", "Jl. Kenanga 1"]);
    assert!(terminal.run(&["show", "000000a2"]).ok().out.contains("! Alamat (beda nilai)"));
    let ran = terminal.run_with(&["visit", "000000a2"], "\n4\nPergi\n\n");
    assert!(ran.err.contains("Alamat: Jl. Kenanga 2 (Siti) | Jl. Kenanga 1 (Budi)"), "{}", ran.err);
    assert_eq!(terminal.run(&["status", "--json"]).ok().json()["conflicts"], 1, "nobody spoke of it");
    let mut answers = walking::answers();
    answers["place"]["address"] = json!("Jl. Kenanga 2");
    terminal.run_with(&["visit", "000000a2", "--answers", "-"], &answers.to_string()).ok();
    assert_eq!(terminal.run(&["conflicts"]).ok().out.trim(), "Tidak ada nilai yang berbeda.");
    assert!(terminal.run(&["show", &DISPUTED.to_string()]).ok().out.contains("Jl. Kenanga 2"));
}

#[test]
fn a_missing_household_is_added_with_its_members() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let mut answers = walking::answers();
    answers["place"]["head_name"] = json!("JOKO");
    answers["members"]["member"][0]["name"] = json!("RINA");
    let arguments = ["visit", "--new", "--area", "RT 002", "--answers", "-", "--json"];
    let added = terminal.run_with(&arguments, &answers.to_string()).ok().json();
    let shown = terminal.run(&["show", added["household"].as_str().unwrap(), "--json"]).ok().json();
    let value = |record: &Value, register: &str| record["registers"][register]["values"][0]["value"].clone();
    assert_eq!(value(&shown["household"], "status"), "verified");
    assert_eq!(value(&shown["household"], "head_name"), "JOKO");
    assert_eq!(value(&shown["persons"][0], "name"), "RINA");
    assert_eq!(value(&shown["persons"][0], "_family"), shown["families"][0]["id"]);
    let found = terminal.run(&["search", "rin", "--json"]).ok().json();
    assert_eq!(found["households"][0]["id"], added["household"]);
    assert_eq!(terminal.run(&["visit", "--new", "--area", "RT 9"]).code, 2);
}

#[test]
fn a_draft_is_thrown_away_only_by_somebody_who_says_so() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    terminal.run_with(&["visit", "000000a1"], "\n1\n");
    assert_eq!(terminal.run(&["drafts", "discard", "1"]).code, 2, "nobody was asked");
    assert_eq!(terminal.run(&["drafts", "save", "1", "--yes"]).code, 2, "an interview is finished by going on with it");
    terminal.run(&["drafts", "discard", "1", "--yes"]).ok();
    assert_eq!(terminal.run(&["drafts", "discard", "1", "--yes"]).code, 1);
    assert_eq!(terminal.run(&["visit", "--draft", "1"]).code, 1);
}
