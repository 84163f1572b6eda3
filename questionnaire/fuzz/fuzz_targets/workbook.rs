//! No bytes bring the reader of workbooks down: neither as a file, nor as a part inside a sound archive.
//!
//! The first byte says what the rest is.

#![no_main]

use std::io::{Cursor, Write};
use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use questionnaire::xlsform::Severity;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fuzz_target!(|bytes: &[u8]| {
    static ONCE: Once = Once::new();
    ONCE.call_once(forgive_calamine);
    let Some((first, rest)) = bytes.split_first() else { return };
    let file = match first % 4 {
        0 => rest.to_vec(),
        1 => xlsx(rest, b"<sst/>"),
        2 => xlsx(SHEET, rest),
        _ => ods(rest),
    };
    let checked = questionnaire::check("fuzzed", &file);
    let errors = checked.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    assert_eq!(checked.is_accepted(), errors == 0);
    for problem in &checked.problems {
        assert!(!problem.to_string().is_empty() && !problem.in_indonesian().message.is_empty());
    }
    checked.to_json("fuzzed");
});

/// The reader of XLS panics over some damaged files; the crate holds that and refuses the file, so it is no find.
fn forgive_calamine() {
    std::panic::set_hook(Box::new(|panic| {
        if panic.location().is_none_or(|place| !place.file().contains("calamine")) {
            eprintln!("{panic}\n{}", std::backtrace::Backtrace::force_capture());
            std::process::abort();
        }
    }));
}

const SHEET: &[u8] =
    br#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row></sheetData></worksheet>"#;

fn xlsx(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    let relations = br#"<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>"#;
    let workbook = br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
        <sheets><sheet name="survey" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let package = br#"<Relationships><Relationship Id="r1" Target="xl/workbook.xml"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"#;
    archive(&[
        ("_rels/.rels", package),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ])
}

fn ods(content: &[u8]) -> Vec<u8> {
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content),
    ])
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        archive.start_file(*name, options).expect("names are good");
        archive.write_all(bytes).expect("memory takes all");
    }
    archive.finish().expect("memory takes all").into_inner()
}
