//! No sheet and no file makes the reader panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::sheet::{Sheet, Workbook};
use crate::xlsform::read;

const HEADERS: &[&str] = &[
    "type",
    "name",
    "label",
    "label::English (en)",
    "label:x",
    "hint::id",
    "relevant",
    "calculation",
    "constraint",
    "required",
    "default",
    "choice_filter",
    "appearance",
    "parameters",
    "repeat_count",
    "trigger",
    "save_to",
    "list_name",
    "media::image",
    "bind::jr:preload",
    "disabled",
    "read_only",
    "default_language",
    "name::",
    "::",
    "list name",
    "value",
    "entity_id",
    "create_if",
    "update_if",
    "instance_name",
    "form_id",
    "flat",
    "add_none_option",
];

const CELLS: &[&str] = &[
    "text",
    "note",
    "integer",
    "begin group",
    "end group",
    "begin repeat",
    "end repeat",
    "begin loop over l",
    "end loop",
    "begin loop",
    "select_one l",
    "select_multiple l or_other",
    "select_one ${a}",
    "rank l",
    "select_one_from_file a.csv",
    "select_one_external l",
    "range",
    "calculate",
    "audit",
    "csv-external",
    "caseid",
    "include",
    "set form title",
    "cascading_select",
    "rank__level",
    "a",
    "b",
    "c",
    "A",
    "meta",
    "data",
    "l",
    "yes",
    "no",
    "${a}",
    "${b} > 1",
    "${",
    "${}",
    "instance('l')/root/item[name=${a}]/label",
    "pulldata('t','a','b',${c})",
    "indexed-repeat(${a}, ${b}, 1)",
    "once(",
    "table-list",
    "search('t', 'matches', 'c', ${a})",
    "search(",
    "start=1 end=0 step=x",
    "seed=${a}",
    "randomize=true",
    "x#y",
    "l#a",
    "%(name)s",
    "%(label)s",
    "1",
    "-0.5",
    "today()",
    "a + b",
    "é\u{300}\u{202e}",
    "\u{0}",
    "  ",
    "🙂 🙂",
    "'",
    "\"",
    "::",
    "=",
    "a b",
];

/// What files of each kind begin with.
const BEGINNINGS: &[&[u8]] = &[b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"survey,\n", b"| survey |"];

fn sheet(name: &'static str) -> impl Strategy<Value = Sheet> {
    let any_text = prop_oneof![9 => select(CELLS).prop_map(str::to_owned), 1 => "\\PC{0,12}"];
    (vec(select(HEADERS), 1..9), vec(vec(any_text, 0..9), 0..12)).prop_map(move |(headers, rows)| {
        let rows = rows.iter().map(|row| row.iter().map(String::as_str).collect());
        Sheet::of(name, std::iter::once(headers).chain(rows))
    })
}

fn workbook() -> impl Strategy<Value = Workbook> {
    let survey = sheet("survey").prop_map(|mut survey| {
        // Most of the time there is a form to speak of.
        if let Some(header) = survey.rows.first_mut().and_then(|row| row.cells.first_mut()) {
            header.text = "type".to_owned();
        }
        survey
    });
    (survey, sheet("choices"), sheet("settings"), sheet("external_choices"), sheet("entities"))
        .prop_map(|(a, b, c, d, e)| Workbook { sheets: vec![a, b, c, d, e] })
}

proptest! {
    #[test]
    fn no_cell_makes_the_reader_panic(workbook in workbook()) {
        let reading = read(&workbook, "t");
        for problem in &reading.problems {
            prop_assert!(!problem.to_string().is_empty());
            prop_assert!(!problem.in_indonesian().message.is_empty());
        }
        let has_error = reading.problems.iter().any(|problem| problem.severity == crate::xlsform::Severity::Error);
        prop_assert_eq!(reading.form.is_none(), has_error);
        if let Some(form) = reading.form {
            let json = serde_json::to_string(&form).expect("a form is JSON");
            prop_assert_eq!(serde_json::from_str::<crate::form::Form>(&json).expect("and back"), form);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(begin in select(BEGINNINGS), rest in vec(any::<u8>(), 0..2_000)) {
        crate::check("t", &[begin, &rest].concat());
    }
}
