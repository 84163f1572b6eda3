//! What is told of a form that has something wrong: all of it, at its place.

use crate::sheet::Workbook;
use crate::xlsform::{Severity, read};

/// Reads a drawn form and compares its errors and warnings, each cut to the length of what is expected.
#[track_caller]
fn check(form: &str, expected: &[&str]) {
    let reading = read(&Workbook::drawn(form), "test");
    let told = reading.problems.iter().filter(|problem| problem.severity > Severity::Remark);
    let told: Vec<String> = told.map(ToString::to_string).collect();
    let cut = |(line, expected): (&String, &&str)| line.chars().take(expected.chars().count()).collect::<String>();
    let compared: Vec<String> = told.iter().zip(expected).map(cut).collect();
    assert!(compared == *expected && told.len() == expected.len(), "{told:#?}");
    assert_eq!(reading.form.is_some(), !expected.iter().any(|line| line.starts_with("error")));
}

/// The same for rows of a survey with the columns type, name, label, relevant, calculation, choice_filter.
#[track_caller]
fn check_rows(rows: &str, expected: &[&str]) {
    let rows: String = rows.trim().lines().map(|row| format!("| {}\n", row.trim())).collect();
    let header = "| survey | type | name | label | relevant | calculation | choice_filter |\n";
    let choices = "| choices | list_name | name | label | kind |\n| | yn | y | Yes | 1 |\n| | yn | n | No | 2 |\n";
    check(&format!("{header}{rows}{choices}"), expected);
}

#[test]
fn all_problems_are_told_at_once() {
    check_rows(
        "| txet | a | A | | | |
         | text | 1b | B | ${aa} = 1 | | |
         | select_one ny | c | C | | | |
         | end group | | | | | |
         | calculate | d | | | ${a} + | |
         | calculate | e | | | ${d} | |",
        &[
            "error: survey A2 (type): This type is not known. Did you mean text?",
            "error: survey B3 (name): This cannot be a name",
            "error: survey D3 (relevant): ${aa} names no question of this form. Did you mean ${a}?",
            "error: survey A4 (type): There is no list of choices called ny. Did you mean yn?",
            "error: survey A5 (type): This ends a group that nothing began.",
            "error: survey E6 (calculation): The expression cannot be read",
        ],
    );
}

#[test]
fn groups_that_do_not_match_name_where_they_began() {
    check_rows(
        "| begin group | g | G | | | |\n| text | a | A | | | |",
        &["error: survey A2 (type): The group g begins here and never ends. Write end_group below its last row."],
    );
    check_rows(
        "| begin repeat | r | R | | | |\n| text | a | A | | | |\n| end group | | | | | |\n| end repeat | | | | | |",
        &[
            "error: survey A4 (type): This ends a group, but what is open here is the repeat r begun in row 2.",
            "error: survey A5 (type): This ends a repeat that nothing began.",
        ],
    );
    check_rows(
        "| begin group | g | G | | | |\n| begin repeat | r | R | | | |\n| text | a | A | | | |\n| end group | | | | | |",
        &["error: survey A5 (type): This ends a group, but what is open here is the repeat r begun in row 3."],
    );
    check_rows(
        "| begin loop | l | L | | | |\n| text | a | A | | | |\n| end loop | | | | | |",
        &["error: survey A2 (type): The loop does not say over which list it runs."],
    );
}

#[test]
fn names_must_be_there_and_be_different() {
    check_rows("| text | | A | | | |", &["error: survey B2 (name): The row has no name."]);
    check_rows(
        "| text | a | A | | | |\n| text | a | B | | | |",
        &["error: survey B3 (name): Row 2 has the same name in the same group."],
    );
    check_rows(
        "| text | Age | A | | | |\n| text | age | B | | | |",
        &["warning: survey B3 (name): The name differs only in capitals from Age in row 2."],
    );
    check_rows(
        "| text | a b | A | | | |",
        &["error: survey B2 (name): This cannot be a name: a name begins with a letter or an underscore"],
    );
    check_rows(
        "| begin group | meta | M | | | |\n| text | a | A | | | |\n| end group | | | | | |",
        &["warning: survey B2 (name): Other programs keep the name meta to themselves."],
    );
    check_rows(
        "| begin group | g | G | | | |\n| text | a | A | | | |\n| end group | | | | | |\n| text | a | A | | | |\n| note | n | ${a} | | | |",
        &["error: survey C6 (label): ${a} may be any of the rows 3, 5. Give these rows different names."],
    );
}

#[test]
fn rows_must_say_what_they_ask_for() {
    check_rows("| | a | A | | | |", &["error: survey A2 (type): The row has no type."]);
    check_rows("| text | a | | | | |", &["warning: survey C2 (label): The row is shown but has no label"]);
    check_rows(
        "| calculate | a | | | | |",
        &["error: survey E2 (calculation): The row is to be computed but says nothing"],
    );
    check_rows(
        "| select_one | a | A | | | |",
        &["error: survey A2 (type): The row does not say which list of choices"],
    );
    check_rows(
        "| include | a | A | | | |",
        &["error: survey A2 (type): The row stands for the questions of another file"],
    );
    check_rows(
        "| cascading_select x | a | A | | | |",
        &["error: survey A2 (type): This notation for choosing level by level"],
    );
    check_rows(
        "| begin_score yn | a | A | | | |",
        &["error: survey A2 (type): This type is known to KoboToolbox only."],
    );
    check_rows(
        "| select_one_from_file x.txt | a | A | | | |",
        &["error: survey A2 (type): x.txt is not the name of a table"],
    );
    check_rows(
        "| select_one_external x | a | A | | | |",
        &["error: survey A2 (type): There is no list of choices called x, and no sheet for it."],
    );
    check_rows(
        "| country | a | A | | | |",
        &["error: survey A2 (type): This type is not known. Write a type of XLSForm"],
    );
}

#[test]
fn other_programs_types_are_taken_with_a_warning() {
    check_rows(
        "| caseid | caseid | | | | |
         | text audit | ta | | | | |
         | sensor_statistic pct_quiet | q | | | | |
         | calculate_here | h | | | 1 + 1 | |
         | note | n | ${caseid} | | | |",
        &[
            "warning: survey A2 (type): Only SurveyCTO fills a field of this type; here it stays empty.",
            "warning: survey A3 (type): Only SurveyCTO fills a field of this type; here it stays empty.",
            "warning: survey A4 (type): Only SurveyCTO fills a field of this type; here it stays empty.",
            "warning: survey A5 (type): This type of SurveyCTO is computed as calculate is",
        ],
    );
}

#[test]
fn expressions_are_told_of_where_they_cannot_be_read() {
    check_rows("| text | a | A | ${a | | |", &["error: survey D2 (relevant): The expression cannot be read"]);
    check_rows("| note | a | Dear ${b | | | |", &["error: survey C2 (label): A ${ is not followed by a name and }."]);
    check_rows(
        "| calculate | a | | | nonsense( | |",
        &["warning: survey E2 (calculation): The calculation cannot be read"],
    );
    check_rows(
        "| calculate | a | | | instance('ny')/root/item[name = 'y']/label | |",
        &[
            "warning: survey E2 (calculation): There is no list and no table called ny; nothing is found there. Did you mean yn?",
        ],
    );
    check_rows(
        "| select_one yn | a | A | | | kind = |",
        &["error: survey F2 (choice_filter): The expression cannot be read"],
    );
}

#[test]
fn choices_are_checked() {
    let survey = "| survey | type | name | label | choice_filter |\n";
    let one = format!("{survey}| | select_one l | a | A | |\n");
    let many = format!("{survey}| | select_multiple l | a | A | |\n");
    let filtered = format!("{survey}| | select_one l | a | A | kind = 1 |\n");
    let header = "| choices | list_name | name | label | kind |\n";
    check(
        &format!("{one}{header}| | l | 1 | One | |\n| | l | 1 | Two | |\n| | l | 1 | One | |"),
        &[
            "error: choices B3 (name): l has this name in row 2 already, with another meaning.",
            "warning: choices B4 (name): The choice repeats row 2 of l and is offered once.",
        ],
    );
    let twins = "| | l | 1 | One | 1 |\n| | l | 1 | Two | 2 |";
    check(
        &format!("{one}{header}{twins}"),
        &["error: choices B3 (name): l has this name in row 2 already, with another"],
    );
    check(
        &format!("{filtered}{header}{twins}"),
        &["warning: choices B3 (name): l has this name in row 2 already; both are kept"],
    );
    check(&format!("{one}{header}{twins}\n| settings | allow_choice_duplicates |\n| | yes |"), &[]);
    check(
        &format!("{many}{header}| | l | a b | One | |"),
        &["error: survey A2 (type): Choice a b of l (row 2) has a blank in its name"],
    );
    check(
        &format!("{one}{header}| | l | | One | |\n| | | 2 | Two | |\n| | l | 3 | | |"),
        &[
            "error: choices B2 (name): A choice of l has no name",
            "warning: choices A3 (list_name): The choice belongs to no list",
            "warning: choices C4 (label): A choice of l has no label; its name is shown.",
        ],
    );
    check(
        &format!("{one}| choices | list | nme | label |\n| | l | 1 | One |"),
        &[
            "error: survey A2 (type): There is no list of choices called l.",
            "warning: choices: No column is called list_name.",
        ],
    );
}

#[test]
fn parameters_are_checked() {
    let header = "| survey | type | name | label | parameters |\n";
    check(
        &format!("{header}| | range | a | A | start=1 end=3 step=0 |"),
        &["error: survey D2 (parameters): 0 cannot be the value of step."],
    );
    check(
        &format!("{header}| | image | a | A | max_pixels=9 |"),
        &[
            "warning: survey D2 (parameters): This type knows no parameter max_pixels; it changes nothing. Did you mean max-pixels?",
        ],
    );
    check(
        &format!("{header}| | image | a | A | max-pixels=big |"),
        &["error: survey D2 (parameters): big cannot be the value of max-pixels. Write a whole number"],
    );
    check(&format!("{header}| | text | a | A | rows |"), &["error: survey D2 (parameters): rows is not a parameter."]);
}

#[test]
fn settings_and_languages_are_checked() {
    let survey = "| survey | type | name | label::English (en) | label::Français (fr) |\n| | text | a | A | |\n| | text | b | B | Bé |\n";
    check(
        survey,
        &["warning: survey D2 (label::Français (fr)): 1 texts are missing in Français (fr), the first of them here."],
    );
    let survey = "| survey | type | name | label::English (en) | label::Français (fr) | hint::English (en) |\n| | text | a | A | Ah | h |\n";
    check(survey, &["warning: survey: Français (fr) has no column for: hint."]);
    let survey = "| survey | type | name | label |\n| | text | a | A |\n";
    check(
        &format!("{survey}| settings | form_tittle |\n| | T |"),
        &["warning: settings A2 (form_tittle): This setting is not known. Did you mean form_title?"],
    );
    check(&format!("{survey}| settings | name |\n| | a b |"), &["error: settings A2 (name): This cannot be a name"]);
    check(
        &format!("{survey}| settings | instance_name |\n| | ${{aa}} |"),
        &["error: settings A2 (instance_name): ${aa} names no question of this form. Did you mean ${a}?"],
    );
    let survey = "| survey | type | name | label::English | label::Dutch |\n| | text | a | A | A |\n";
    check(
        &format!("{survey}| settings | default_language |\n| | Frisian |"),
        &["warning: settings A2 (default_language): No column is in this language. Write one of: English, Dutch."],
    );
}

#[test]
fn sheets_and_columns_are_checked() {
    check(
        "| surveys | type |\n| | text |\n| other | x |",
        &["error: There is no sheet called survey. Rename the sheet surveys to survey."],
    );
    check(
        "| survey | tpye | name |\n| | text | a |",
        &[
            "error: survey: No column is called type.",
            "warning: survey A1 (tpye): This column is not read; its header is close to one that is. Write type",
        ],
    );
    check(
        "| survey | type | name | label | relevent |\n| | text | a | A | 1 |",
        &["warning: survey D1 (relevent): This column is not read"],
    );
    check(
        "| survey | type | name | label | relevant | bind::relevant |\n| | text | a | A | 1 | 2 |",
        &[
            "warning: survey E2 (bind::relevant): This column means the same as relevant, and the two do not say the same",
        ],
    );
    check(
        "| survey | type | name | label |\n| | text | a | A |\n| choises | x |\n| | y |",
        &["warning: choises: This sheet is not read; its name is close to choices."],
    );
}

#[test]
fn what_is_saved_to_the_register_is_checked() {
    let survey = "| survey | type | name | label | save_to |\n";
    let entities = "| entities | list_name | label | entity_id | create_if | update_if |\n";
    check(
        &format!("{survey}| | text | a | A | x |"),
        &["error: survey D2 (save_to): The answer is to be saved to a register, but the form declares none."],
    );
    check(
        &format!("{survey}| | text | a | A | x |\n| | text | b | B | x |\n{entities}| | tree | ${{a}} | | | |"),
        &["error: survey D3 (save_to): Row 2 is saved to the same property already."],
    );
    check(
        &format!("{survey}| | text | a | A | x |\n{entities}| | tree | ${{a}} | | | |\n| | shrub | ${{a}} | | | |"),
        &[
            "error: survey D2 (save_to): The form declares several registers: tree, shrub. Write which one is meant, e.g. tree#property.",
        ],
    );
    check(
        &format!("{survey}| | text | a | A | tre#x |\n{entities}| | tree | ${{a}} | | | |"),
        &["error: survey D2 (save_to): The sheet entities declares no register called tre. Did you mean tree?"],
    );
    check(
        &format!("{survey}| | text | a | A | |\n{entities}| | tree | | | | |"),
        &["error: entities B2 (label): New entries of the register need a label."],
    );
    check(
        &format!("{survey}| | text | a | A | |\n{entities}| | tree | ${{a}} | | | 1 |"),
        &["error: entities C2 (entity_id): Only an entry that is named can be changed"],
    );
    check(
        &format!(
            "{survey}| | begin repeat | r | R | |\n| | text | a | A | x |\n| | end repeat | | | |\n| | text | b | B | y |\n{entities}| | tree | ${{a}} | | | |"
        ),
        &["error: survey D5 (save_to): tree is made by each row of r, but this question stands outside"],
    );
}

#[test]
fn a_form_beyond_every_bound_is_refused_in_few_words() {
    let rows: String = (0..3_000).map(|row| format!("| | nonsense{row} | a{row} | A |\n")).collect();
    let reading = read(&Workbook::drawn(&format!("| survey | type | name | label |\n{rows}")), "test");
    assert_eq!(reading.problems.len(), crate::xlsform::PROBLEMS_MAX + 1);
    let nested: String = (0..100).map(|row| format!("| | begin group | g{row} | G |\n")).collect();
    let reading = read(&Workbook::drawn(&format!("| survey | type | name | label |\n{nested}")), "test");
    assert!(reading.form.is_none());
}
