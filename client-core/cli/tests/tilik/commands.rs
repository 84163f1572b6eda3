//! The commands as people and programs run them: what they print, what they write, and how they end.

use crate::office::{CODE, HOUSEHOLD, Mood, Office, is_device};
use crate::terminal::Terminal;
use crate::visits::REFUSED;

#[test]
fn a_folder_without_a_device_says_how_to_get_one() {
    let terminal = Terminal::new();
    for command in [&["list"][..], &["sync"], &["status"], &["show", "000000a1"], &["drafts"]] {
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
    assert_eq!(code_of(&["visit"]), 2);
    assert_eq!(code_of(&["visit", "--new"]), 2);
    assert_eq!(code_of(&["visit", "000000a1", "--form", "other"]), 2);
    assert_eq!(code_of(&["visit", "000000a1", "--family", "00000001"]), 2);
    assert_eq!(terminal.run_with(&["visit", "000000a1", "--answers", "-"], "[]").code, 2);
    assert_eq!(code_of(&["visit", "--draft", "7"]), 1);
    assert_eq!(code_of(&["show", "ffffffff"]), 2);
    assert_eq!(code_of(&["list", "--area", "nowhere"]), 2);
    assert_eq!(code_of(&["sing"]), 2);
    assert_eq!(terminal.run(&["drafts", "--json"]).ok().json()["drafts"].as_array().map(Vec::len), Some(0));

    terminal.run_with(&["visit", "000000a1", "--answers", "-"], REFUSED).ok();
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
