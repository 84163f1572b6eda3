//! docs/protocol.md says what the code does: its tables, its examples and its worked example are held against it.

use sync_protocol::changeset::{ChangesetHash, Links, WriterKey, text_of};
use sync_protocol::{Code, limits};

fn specification() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md");
    std::fs::read_to_string(path).expect("docs/protocol.md stands beside the crate")
}

fn golden(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/golden/v1/{name}", env!("CARGO_MANIFEST_DIR"))).expect(name)
}

#[track_caller]
fn check_lines(lines: impl IntoIterator<Item = String>) {
    let text = specification();
    let missing: Vec<String> =
        lines.into_iter().filter(|line| !text.lines().any(|l| l.starts_with(line.as_str()))).collect();
    assert!(missing.is_empty(), "docs/protocol.md lacks lines that begin:\n{}", missing.join("\n"));
}

macro_rules! limits {
    ($($name:ident)*) => { &[$((stringify!($name), limits::$name as i64)),*] };
}

const LIMITS: &[(&str, i64)] = limits![
    BODY_BYTES_MAX WIRE_BYTES_MAX RATIO_MAX RATIO_FREE_BYTES PUSH_BYTES PAGE_BYTES CHANGESETS_MAX WRITERS_MAX SAVES_MAX
    CHANGESET_BYTES_MAX ENTRY_BYTES_MAX HEADER_BYTES_MAX RECORDS_PER_SAVE_MAX REGISTERS_MAX NAME_BYTES_MAX VALUE_BYTES_MAX
    JSON_DEPTH_MAX CONTEXT_MAX SIBLINGS_SHOWN_MAX AREAS_MAX MISSING_MAX FORMS_MAX PACKAGE_BYTES_MAX PACKAGE_PART_BYTES ENTRIES_MAX ENTRIES_BYTES BLOB_BYTES_MAX BLOBS_MAX
    BLOB_PART_BYTES BUNDLE_PART_BYTES CLOCK_TOLERANCE_MS CLOCK_AHEAD_MS_MAX CLOCK_MS_MAX INTEGER_MAX
];

#[test]
fn every_limit_is_in_the_table_with_its_value() {
    let source = include_str!("../../src/limits.rs");
    assert_eq!(source.matches("pub const").count(), LIMITS.len(), "a limit is missing in this test");
    check_lines(LIMITS.iter().map(|(name, value)| format!("| `{name}` | {value} |")));
}

#[test]
fn every_code_is_in_the_table_with_its_sentence() {
    check_lines(Code::ALL.iter().map(|code| format!("| `{}` | {} |", code.word(), code.sentence())));
}

#[test]
fn every_example_is_from_a_golden_file() {
    let text = specification();
    let mut blocks = text.split("```").skip(1).step_by(2);
    let mut examples = 0;
    for block in blocks.by_ref() {
        let Some((name, example)) = block.strip_prefix("json golden ").and_then(|rest| rest.split_once('\n')) else {
            continue;
        };
        let file = golden(name);
        assert!(example.lines().all(|line| file.lines().any(|l| l == line)), "{name} is not what the text shows");
        examples += 1;
    }
    assert!(examples >= 5, "{examples} examples");
}

#[test]
fn the_worked_example_holds() {
    let text = golden("changeset-single.jsonl");
    let [push, header, save, computed] = text.lines().collect::<Vec<_>>().try_into().unwrap();
    let computed: serde_json::Value = serde_json::from_str(computed).unwrap();
    let push: serde_json::Value = serde_json::from_str(push).unwrap();
    let key: WriterKey = serde_json::from_value(computed["key"].clone()).unwrap();
    let links = Links::over(ChangesetHash::NONE, header, &[save]).unwrap();
    // As the text says it, step by step and without the crate's own functions.
    let save_hash = blake3::hash(save.as_bytes());
    let link = blake3::hash(&[[0; 32].as_slice(), save_hash.as_bytes()].concat());
    let message = [b"tilik changeset 1\n".as_slice(), link.as_bytes(), header.as_bytes()].concat();
    let hash = blake3::hash(&message);
    let tag = u32::from_be_bytes(*link.as_bytes().first_chunk().unwrap());
    assert_eq!((links.hash.0, links.tags[0].0), (*hash.as_bytes(), tag));
    let signature = push["sealed"][0][0].as_str().unwrap();
    check_lines([
        format!("    save hash 1  {}", save_hash.to_hex()),
        format!("    link 1       {}", link.to_hex()),
        format!("    tag of 1     {:08x} = {tag}", tag),
        format!("    message      {} bytes", message.len()),
        format!("    hash         {}", hash.to_hex()),
        format!("                 {} in base64", text_of(hash.as_bytes())),
        format!("    public key   {}", text_of(&key.to_bytes())),
        format!("    signature    {signature}"),
    ]);
}
