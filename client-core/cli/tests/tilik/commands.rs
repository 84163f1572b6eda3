//! The commands as people and programs run them: what they print, what they write, and how they end.

use crate::office::{CODE, DISPUTED, HOUSEHOLD, Mood, Office, PERSON, is_device};
use crate::terminal::Terminal;

#[test]
fn a_folder_without_a_device_says_how_to_get_one() {
    let terminal = Terminal::new();
    for command in [&["list"][..], &["sync"], &["status"], &["show", "000000a1"], &["draft", "list"]] {
        let ran = terminal.run(command);
        assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{command:?}");
        assert!(ran.err.contains("belum terdaftar") && ran.err.contains("tilik enrol"), "{ran:?}");
    }
    assert_eq!(std::fs::read_dir(terminal.path()).unwrap().count(), 0);
}

#[test]
fn a_device_is_enrolled_by_a_code_that_is_no_argument() {
    let (office, terminal) = (Office::open(), Terminal::new());
    let server = &office.server.address;
    let ran = terminal.run_with(&["enrol", server, "--code-file", "-", "--json"], "WRONG\n");
    assert_eq!((ran.code, ran.error()["error"]["code"].as_str()), (1, Some("refused")));
    let ran = terminal.run(&["enrol", server]);
    assert_eq!(ran.code, 2, "without a terminal nobody can be asked: {ran:?}");
    let ran = terminal.run_with(&["enrol", server, "--code-file", "-", "--json"], CODE).ok();
    assert_eq!(ran.json()["user"], "Siti");
    assert!(is_device(ran.json()["device"].as_str().unwrap()));
    let ran = terminal.run_with(&["enrol", "https://other.example.org", "--code-file", "-", "--json"], CODE);
    assert_eq!((ran.code, ran.error()["error"]["code"].as_str()), (1, Some("other_server")));
}

#[test]
fn a_verification_is_saved_offline_and_sent_when_there_is_a_network() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let saves = || office.inbox.lock().unwrap().saves.clone();
    let arguments =
        ["verify", "000000a1", "address=Jl. Melati 3A", "000000b1:nik=1571014101700001", "--outcome", "complete"];
    let ran = terminal.run(&arguments).ok();
    assert_eq!(ran.out.lines().next(), Some("Tersimpan di perangkat ini. Belum terkirim. Simpanan nomor 1."));
    assert!(saves().is_empty());
    let status = terminal.run(&["status", "--json"]).ok().json();
    assert_eq!((status["unsent"].as_u64(), status["done"].as_u64()), (Some(1), Some(1)));
    let line = terminal.run(&["list", "--unsent", "--json"]).ok().json()["households"][0].clone();
    assert_eq!((line["outcome"].as_str(), line["status"].as_str()), (Some("complete"), Some("verified")));

    let synced = terminal.run(&["sync", "--json"]).ok().json();
    assert_eq!((synced["saves_sent"].as_u64(), synced["attention"].as_u64()), (Some(1), Some(0)));
    let saves = saves();
    assert_eq!(saves.len(), 1);
    for part in ["Jl. Melati 3A", &PERSON.to_string(), "\"collection\":\"visit\"", "\"round\"", "\"started_at\":"] {
        assert!(saves[0].contains(part), "{part}: {}", saves[0]);
    }
    assert_eq!(terminal.run(&["status", "--json"]).ok().json()["unsent"], 0);
}

#[test]
fn a_household_is_shown_with_verified_values_beside_imported_ones() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let ran = terminal.run(&["show", "000000a1"]).ok();
    let line = |of: &str| ran.out.lines().find(|line| line.contains(of)).unwrap_or_else(|| panic!("{of}: {}", ran.out));
    assert!(line("Telepon").contains("0741123") && line("Telepon").contains("Budi, 2026-03-02 08:00"));
    assert!(line("Alamat").contains("JL MELATI 3 (dtks, 2026-03-01)"));
    assert!(line("NIK").contains("1571014101700001 (dtks"));
    assert!(!ran.out.contains('\u{1b}'), "no colours without a terminal");
    let json = terminal.run(&["show", &HOUSEHOLD.to_string(), "--json"]).ok().json();
    let phone = &json["household"]["registers"]["phone"];
    assert_eq!((phone["values"][0]["user_name"].as_str(), phone["conflict"].as_bool()), (Some("Budi"), Some(false)));
    assert_eq!(json["persons"][0]["registers"]["nik"]["sources"]["dtks"][0]["value"], "1571014101700001");
    let english = terminal.run(&["show", "000000a1", "--lang", "en"]).ok();
    assert!(english.out.contains("Phone") && english.out.contains("Household 000000a1"), "{}", english.out);
}

#[test]
fn a_conflict_is_shown_and_ends_only_by_a_decision() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let json = terminal.run(&["conflicts", "--json"]).ok().json();
    let address: Vec<&str> =
        json["conflicts"][0]["values"].as_array().unwrap().iter().map(|v| v["value"].as_str().unwrap()).collect();
    assert_eq!(address, ["Jl. Kenanga 2", "Jl. Kenanga 1"]);
    assert!(terminal.run(&["show", "000000a2"]).ok().out.contains("! Alamat (beda nilai)"));

    let ran = terminal.run(&["verify", "000000a2", "address=Jl. Kenanga 2", "--outcome", "complete"]);
    assert_eq!(ran.code, 5);
    assert!(ran.out.contains("Jl. Kenanga 1 | Jl. Kenanga 2"), "both are shown: {ran:?}");
    assert!(ran.err.contains("tilik draft resume 1 --settle"), "{ran:?}");
    assert_eq!(terminal.run(&["status", "--json"]).ok().json()["saves"], 0);

    terminal.run(&["draft", "resume", "1", "--settle"]).ok();
    assert_eq!(terminal.run(&["conflicts"]).ok().out.trim(), "Tidak ada nilai yang berbeda.");
    assert_eq!(terminal.run(&["draft", "list"]).ok().out.trim(), "Tidak ada draf.");
    assert!(terminal.run(&["show", &DISPUTED.to_string()]).ok().out.contains("Jl. Kenanga 2"));
}

#[test]
fn a_draft_survives_until_it_is_saved_or_discarded() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    terminal.run(&["verify", "000000a1", "phone=0812", "--draft"]).ok();
    let drafts = terminal.run(&["draft", "list", "--json"]).ok().json();
    assert_eq!((drafts["drafts"][0]["draft"].as_i64(), drafts["drafts"][0]["typed"].as_i64()), (Some(1), Some(1)));
    let shown = terminal.run(&["draft", "show", "1", "--json"]).ok().json();
    assert_eq!(shown["records"][0]["typed"]["phone"], "0812");
    assert_eq!(shown["records"][0]["shown"]["phone"][0], "0741123");
    assert_eq!(terminal.run(&["draft", "resume", "1"]).code, 2, "how the visit ended is still missing");
    assert_eq!(terminal.run(&["draft", "resume", "1", "--outcome", "refused"]).code, 2, "and why");
    let ran = terminal.run(&["draft", "resume", "1", "--outcome", "refused", "--note", "Tidak bersedia"]).ok();
    assert!(ran.out.contains("Tersimpan di perangkat ini."), "{ran:?}");

    terminal.run(&["verify", "000000a1", "phone=0813", "--draft"]).ok();
    assert_eq!(terminal.run(&["draft", "discard", "2"]).code, 2, "nobody was asked");
    terminal.run(&["draft", "discard", "2", "--yes"]).ok();
    assert_eq!(terminal.run(&["draft", "show", "2"]).code, 1);
}

#[test]
fn a_missing_household_is_added_with_its_members() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let member = ["--member", "name=RINA; relation=spouse", "--outcome", "complete"];
    let arguments = [&["add", "--area", "RT 002", "--from", "-", "--json"][..], &member].concat();
    let added = terminal.run_with(&arguments, "head_name=JOKO\naddress=Jl. Baru 1\nrooms:=4\n").ok().json();
    let shown = terminal.run(&["show", added["household"].as_str().unwrap(), "--json"]).ok().json();
    let registers = &shown["household"]["registers"];
    assert_eq!(registers["rooms"]["values"][0]["value"], 4);
    assert_eq!(registers["status"]["values"][0]["value"], "added");
    assert_eq!(shown["persons"][0]["registers"]["name"]["values"][0]["value"], "RINA");
    let found = terminal.run(&["search", "rin", "--json"]).ok().json();
    assert_eq!(found["households"][0]["id"], added["household"]);
    assert_eq!(terminal.run(&["add", "--area", "RT 9", "--outcome", "complete"]).code, 2);
}

#[test]
fn lists_are_filtered_and_paged() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let names = |arguments: &[&str]| {
        let json = terminal.run(&[arguments, &["--json"]].concat()).ok().json();
        let names = json["households"].as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), json["next_page"].as_u64())
    };
    let all = vec!["MUHAMMAD".to_owned(), "SITI AMINAH".to_owned()];
    assert_eq!(names(&["list"]), (all.clone(), None));
    assert_eq!(names(&["list", "--limit", "1"]), (all[..1].to_vec(), Some(2)));
    assert_eq!(names(&["list", "--limit", "1", "--page", "2"]), (all[1..].to_vec(), None));
    assert_eq!(names(&["list", "--limit", "1", "--page", "3"]), (vec![], None));
    assert_eq!(names(&["list", "--conflict", "--area", "15.71.01.1001"]), (all[..1].to_vec(), None));
    assert_eq!(names(&["search", "15710141"]), (all[1..].to_vec(), None));
    assert_eq!(names(&["list", "--done"]), (vec![], None));
    let areas = terminal.run(&["areas", "--json"]).ok().json();
    assert_eq!(
        (areas["areas"][1]["households"].as_u64(), areas["areas"][1]["granted"].as_bool()),
        (Some(2), Some(true))
    );
}

#[test]
fn the_exit_code_says_what_helps() {
    let office = Office::open();
    let terminal = Terminal::synced(&office);
    let code_of = |arguments: &[&str]| terminal.run(arguments).code;
    assert_eq!(code_of(&["verify", "000000a1", "address", "--outcome", "complete"]), 2);
    assert_eq!(code_of(&["verify", "000000a1", "_area=x", "--outcome", "complete"]), 2);
    assert_eq!(code_of(&["verify", "000000a1", "address=x"]), 2);
    assert_eq!(code_of(&["verify", "000000a1", "ffffffff:name=x", "--outcome", "complete"]), 2);
    assert_eq!(code_of(&["show", "ffffffff"]), 2);
    assert_eq!(code_of(&["list", "--area", "nowhere"]), 2);
    assert_eq!(code_of(&["sing"]), 2);
    assert_eq!(terminal.run(&["draft", "list", "--json"]).ok().json()["drafts"].as_array().map(Vec::len), Some(0));

    terminal.run(&["verify", "000000a1", "address=x", "--outcome", "complete"]).ok();
    office.set(Mood::Busy);
    let ran = terminal.run(&["sync", "--json"]);
    assert_eq!((ran.code, ran.error()["error"]["retry_after"].as_u64()), (3, Some(3600)));
    office.set(Mood::Forgets);
    let ran = terminal.run(&["sync"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("aman di perangkat ini"), "{ran:?}");
    office.set(Mood::Quarantines);
    assert_eq!(code_of(&["sync"]), 5);
    let ran = terminal.run(&["status"]);
    assert_eq!(ran.code, 5);
    assert!(ran.out.contains("Simpanan 1: penulisnya waktu itu tidak bertugas di wilayah data ini."), "{ran:?}");
    assert!(ran.out.contains("tidak perlu diisi ulang"), "{ran:?}");
    std::fs::remove_file(terminal.path().join("tilik.key")).unwrap();
    let ran = terminal.run(&["list", "--json"]);
    assert_eq!((ran.code, ran.error()["error"]["code"].as_str()), (1, Some("key_missing")));
}

#[test]
fn nothing_secret_is_taken_from_the_command_line() {
    let help = Terminal::new().run(&["enrol", "--help"]).ok().out;
    assert!(!help.contains("--code ") && !help.contains("--key") && !help.contains("--password"), "{help}");
    assert!(Terminal::new().run(&["--help"]).ok().out.contains("Exit codes"));
}
