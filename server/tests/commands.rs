//! The program as a person or another program starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tilik-server"));
    // Settings of whoever runs the tests are not those of the test.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TILIK_")) {
        command.env_remove(name);
    }
    command.arg("--data").arg(data).args(arguments).stdin(Stdio::piped());
    command
}

fn run(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(data, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    // A command that fails before it reads closes its end.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("ends")
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn a_folder_is_made_once_and_worked_on_by_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let missing = run(&data, &["user", "list"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("tilik-server init"));

    assert_eq!(run(&data, &["init"], "short\n").status.code(), Some(1));
    assert!(!data.exists(), "a refused password leaves nothing behind");
    let made = json(&run(&data, &["--json", "init", "--project", "Kota \"Jambi\""], "a long password\n"));
    assert_eq!(made["admin"]["role"], "admin");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&data).expect("was made").permissions().mode() & 0o777, 0o700);
    }
    let again = run(&data, &["init"], "a long password\n");
    assert_eq!(again.status.code(), Some(1));

    json(&run(&data, &["--json", "user", "add", "siti", "--display-name", "Siti A."], ""));
    let people = json(&run(&data, &["--json", "user", "list"], ""));
    assert_eq!(people.as_array().map(Vec::len), Some(2));
    let areas = folder.path().join("areas.csv");
    std::fs::write(&areas, "code,level,name,parent_code\n15,province,Jambi,\n").expect("written");
    let areas = areas.to_str().expect("text");
    assert_eq!(json(&run(&data, &["--json", "import", "areas", areas], ""))["written"], true);
    json(&run(&data, &["--json", "grant", "add", "siti", "15"], ""));
    let code = json(&run(&data, &["--json", "device", "code", "siti"], ""));
    assert_eq!(code["code"].as_str().map(str::len), Some(14));
    let table = run(&data, &["grant", "list"], "");
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("siti") && !table.contains('\u{1b}'), "{table}");
}

#[test]
fn a_refused_file_and_a_wrong_command_line_have_exit_statuses_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    json(&run(&data, &["--json", "init"], "a long password\n"));
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, "some,thing\n1,2\n").expect("written");
    assert_eq!(run(&data, &["import", "areas", bad.to_str().expect("text")], "").status.code(), Some(3));
    assert_eq!(run(&data, &["sail"], "").status.code(), Some(2));
    for nonsense in [["--listen", "here"], ["--workers", "0"], ["--log", "a=b=c"], ["--log-format", "xml"]] {
        let output = run(&data, &["serve", nonsense[0], nonsense[1]], "");
        assert_eq!(output.status.code(), Some(2));
        let name = nonsense[0].trim_start_matches("--").replace('-', "_");
        assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("setting `{name}`")));
    }
    std::fs::write(data.join("tilik-server.toml"), "lisen = \"127.0.0.1:0\"\n").expect("written");
    assert_eq!(run(&data, &["serve"], "").status.code(), Some(2));
}

#[test]
fn files_are_checked_without_a_data_folder_one_line_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let good = file("good.csv", "type,name,label\ntext,a,A\n");
    let bad = file("bad.csv", "type,name,label\ntxet,a,A\n");
    let none = folder.path().join("none.xlsx").to_str().expect("text").to_owned();
    let output = run(&folder.path().join("data"), &["form", "check", "--json", &good, &bad, &none], "");
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = lines.iter().map(|line| (line["file"].as_str(), line["accepted"].as_bool())).collect();
    let expected = [(good.as_str(), true), (bad.as_str(), false), (none.as_str(), false)];
    assert_eq!(told, expected.map(|(file, accepted)| (Some(file), Some(accepted))));
    assert_eq!(lines[0]["counts"]["questions"], 1);
    let problem = &lines[1]["problems"][0];
    assert_eq!((&problem["row"], &problem["column"], &problem["cell"]), (&2.into(), &"type".into(), &"txet".into()));
    assert_eq!(run(folder.path(), &["form", "check", &good], "").status.code(), Some(0));
}

#[test]
fn a_bundled_form_is_added_previewed_published_and_retired() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    json(&run(&data, &["--json", "init"], "a long password\n"));
    let areas = folder.path().join("areas.csv");
    std::fs::write(&areas, "code,level,name,parent_code\n15,province,Jambi,\n").expect("written");
    json(&run(&data, &["--json", "import", "areas", areas.to_str().expect("text")], ""));
    assert_eq!(run(&data, &["form", "add", "--bundled", "unknown"], "").status.code(), Some(1));
    let added = json(&run(&data, &["--json", "form", "add", "--bundled", "ppi"], ""));
    let (form, version) = (added["stored"]["form"].as_str(), added["stored"]["version"].as_str());
    let (form, name) = (form.expect("text"), format!("{}@{}", form.expect("text"), version.expect("text")));
    let preview = run(&data, &["form", "preview", form, "--language", "en"], "");
    assert!(String::from_utf8_lossy(&preview.stdout).contains("select_one"), "{preview:?}");
    let published = json(&run(&data, &["--json", "form", "publish", &name, "--area", "15"], ""));
    assert_eq!(published["state"], "published");
    assert_eq!(json(&run(&data, &["--json", "form", "findings", "--area", "15"], "")), Value::Array(vec![]));
    let out = folder.path().join("answers.csv");
    let export = ["--json", "export", "answers", "--form", form, "--out", out.to_str().expect("text")];
    assert_eq!(json(&run(&data, &export, "")).as_array().map(Vec::len), Some(2), "visits and events");
    assert!(out.with_file_name("answers-audit.csv").is_file());
    assert_eq!(run(&data, &export, "").status.code(), Some(1), "an existing file is not replaced");
    let hash = published["hash"].as_str().expect("a hash")[..8].to_owned();
    assert_eq!(json(&run(&data, &["--json", "form", "retire", &hash], ""))["state"], "retired");
    assert_eq!(json(&run(&data, &["--json", "form", "list"], "")).as_array().map(Vec::len), Some(1));
}

#[cfg(unix)]
#[test]
fn a_server_says_where_it_listens_and_stops_when_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    json(&run(&data, &["--json", "init"], "a long password\n"));
    let mut serve = command(&data, &["serve", "--listen", "127.0.0.1:0", "--ready-json"]);
    let mut server = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut ready = String::new();
    BufReader::new(server.stdout.take().expect("piped")).read_line(&mut ready).expect("a line");
    let ready: Value = serde_json::from_str(&ready).expect("JSON");
    let mut connection = TcpStream::connect(ready["listen"].as_str().expect("an address")).expect("listens");
    connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"ok\""), "{answer}");

    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill runs");
    assert!(told.success());
    let output = server.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
    assert!(log.contains("\"route\":\"/healthz\""), "{log}");
}

/// A household with two photos, one of which has come.
fn photographed(data: &Path) -> (String, String) {
    use server::store::blobs::{self, Arrival};
    use sync_protocol::save::reserved;
    use sync_protocol::{Attachment, BlobHash, Collection, RecordId, RecordWrite, Save, Value as Register};

    let instance = server::instance::Instance::open(data, "Test", server::ambient::Machine::shared()).expect("opens");
    let admin = instance.store.read(server::store::users::list).expect("reads")[0].id;
    let area = instance.store.read(|tx| server::store::areas::find_by_code(tx, "15")).expect("reads").expect("made").id;
    let hub = server::sync::Hub::start(instance.store.clone(), instance.ambient.clone()).expect("starts");
    let named = |bytes: &[u8], name: &str| {
        let (blob, bytes) = (BlobHash::of(bytes), bytes.len() as u64);
        Attachment { blob, bytes, name: name.to_owned(), media: "image/jpeg".to_owned() }
    };
    let (here, missing) = (named(b"front", "photo front.jpg"), named(b"inside", "../inside.jpg"));
    let id = RecordId::from_u128(9);
    let registers = [
        (reserved::AREA.to_owned(), Register::text(&area.to_string())),
        ("photo_front".to_owned(), here.value()),
        ("photo_inside".to_owned(), missing.value()),
    ];
    let write =
        RecordWrite { collection: Collection::Household, id, context: Default::default(), registers: registers.into() };
    server::sync::office::write(&hub, admin, vec![Save { records: vec![write] }]).expect("writes");
    for (_, put) in instance.attachments.shelf.put(vec![(here.blob, b"front".to_vec())]) {
        put.expect("put");
    }
    let arrival = Arrival { hash: here.blob, bytes: here.bytes, user: admin, device: None };
    instance.store.write(move |tx| blobs::add(tx, &arrival, 1)).expect("noted");
    (id.to_string(), missing.blob.to_string())
}

#[test]
fn photos_are_listed_exported_and_brought_back_by_a_restore() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    json(&run(&data, &["--json", "init"], "a long password\n"));
    let areas = folder.path().join("areas.csv");
    std::fs::write(&areas, "code,level,name,parent_code\n15,province,Jambi,\n").expect("written");
    json(&run(&data, &["--json", "import", "areas", areas.to_str().expect("text")], ""));
    let (household, missing) = photographed(&data);
    let status = json(&run(&data, &["--json", "photos", "status"], ""));
    assert_eq!((&status["files"], &status["missing"]), (&1.into(), &1.into()));
    let listed = json(&run(&data, &["--json", "photos", "missing", "--area", "15"], ""));
    assert_eq!((&listed[0]["blob"], &listed[0]["state"]), (&missing.into(), &"blob_pending".into()));
    assert_eq!(json(&run(&data, &["--json", "photos", "forget"], ""))["files"], 0);

    for out in ["photos", "photos.zip"] {
        let out = folder.path().join(out);
        let out = out.to_str().expect("text");
        let told = json(&run(&data, &["--json", "export", "photos", "--out", out], ""));
        assert_eq!((&told["files"], &told["missing"]), (&1.into(), &1.into()));
        assert_eq!(run(&data, &["export", "photos", "--out", out], "").status.code(), Some(1), "nothing is replaced");
    }
    let table = std::fs::read_to_string(folder.path().join("photos/photos.csv")).expect("a table");
    assert_eq!(table.lines().count(), 3, "{table}");
    let files = std::fs::read_dir(folder.path().join("photos").join(&household)).expect("its folder");
    let names: Vec<String> = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.len() == 1 && names[0].ends_with("-photo_front.jpg"), "{names:?}");

    let backup = folder.path().join("tilik.backup");
    let backup = backup.to_str().expect("text");
    let made = json(&run(&data, &["--json", "backup", "--to", backup], ""));
    assert_eq!(made["manifest"]["attachments"]["files"], 1);
    let restored = folder.path().join("restored");
    assert_eq!(json(&run(&restored, &["--json", "restore", backup], ""))["attachments"]["files"], 1);
    assert_eq!(json(&run(&restored, &["--json", "photos", "restore", backup], ""))["files"], 1);
    assert_eq!(json(&run(&restored, &["--json", "photos", "status"], ""))["files"], 1);
}
