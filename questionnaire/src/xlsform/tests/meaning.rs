//! What a form means once it is read: texts, languages, choices, registers.

use crate::form::{Background, Form, Initial, Kind, Media, Node, Piece, Source, TableFile, Text};
use crate::sheet::Workbook;
use crate::xlsform::read;

#[track_caller]
fn form(drawn: &str) -> Form {
    let reading = read(&Workbook::drawn(drawn), "test");
    reading.form.unwrap_or_else(|| panic!("{:#?}", reading.problems))
}

#[track_caller]
fn node<'a>(form: &'a Form, name: &str) -> &'a Node {
    form.nodes.iter().find(|node| node.name == name).unwrap_or_else(|| panic!("no node is called {name}"))
}

fn text(text: &Text, language: usize) -> String {
    let Some(template) = text.0.get(language).and_then(Option::as_ref) else { return String::new() };
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Value(formula) => format!("<{}>", formula.text()),
    };
    template.0.iter().map(piece).collect()
}

#[test]
fn texts_are_kept_in_their_languages_with_values_inside() {
    let form = form(
        "| survey | type | name | label::English (en) | label::Bahasa Indonesia (id) | hint | media::image::English (en) |
         |        | text | name | Name                | Nama                          | as on the card |           |
         |        | note | hi   | Hello ${name}!      | Halo ${name}!                 |      | hi.png |
         | settings | default_language |
         |          | id               |",
    );
    let tags: Vec<_> =
        form.languages.iter().map(|language| (language.name.as_str(), language.code.as_deref())).collect();
    assert_eq!(tags, [("English", Some("en")), ("Bahasa Indonesia", Some("id"))]);
    assert_eq!(form.default_language, 1);
    assert_eq!(text(&node(&form, "hi").label, 0), "Hello <${name}>!");
    assert_eq!(text(&node(&form, "hi").label, 1), "Halo <${name}>!");
    assert_eq!(text(&node(&form, "name").hint, 1), "as on the card");
    assert_eq!(text(&node(&form, "hi").media[&Media::Image], 0), "hi.png");
}

#[test]
fn or_other_adds_a_choice_and_a_question() {
    let form = form(
        "| survey  | type                  | name | label::id |
         |         | select_one l or_other | q    | Q         |
         | choices | list_name | name | label::id |
         |         | l         | a    | A         |",
    );
    let names: Vec<&str> = form.lists[0].choices.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["a", "other"]);
    assert_eq!(text(&form.lists[0].choices[1].label, 0), "Lainnya");
    let other = node(&form, "q_other");
    assert_eq!(other.relevant.as_ref().map(|formula| formula.text()), Some("selected(../q, 'other')"));
    assert_eq!(text(&other.label, 0), "Sebutkan lainnya.");
}

#[test]
fn choices_keep_their_own_columns_in_order() {
    let form = form(
        "| survey  | type         | name | label | choice_filter |
         |         | select_one l | q    | Q     | District = 1 and wet = 'yes' |
         | choices | list_name | name | label | District | notes for us | wet |
         |         | l         | 1    | A     | 1        | x            | yes |
         |         | l         | 2    | B     | 2        |              |     |
         |         | m         | 1    | C     |          |              |     |",
    );
    assert_eq!(form.lists[0].columns, ["District", "wet"]);
    assert_eq!(form.lists[0].choices[0].extra, ["1", "yes"]);
    assert_eq!(form.lists[0].choices[1].extra, ["2", ""]);
    assert!(form.lists[1].columns.is_empty());
    let Kind::SelectOne(choices) = &node(&form, "q").kind else { panic!("q is a select") };
    assert_eq!(choices.filter.as_ref().map(|filter| filter.text()), Some("District = 1 and wet = 'yes'"));
}

#[test]
fn choices_may_come_from_elsewhere() {
    let form = form(
        "| survey  | type                        | name | label | parameters           | appearance | calculation |
         |         | select_one_from_file v.csv  | a    | A     | value=id label=title |            | |
         |         | select_multiple_from_file g.geojson | b | B |                     |            | |
         |         | select_one_external l       | c    | C     |                      |            | |
         |         | select_one l                | d    | D     |                      |            | |
         |         | begin repeat                | r    | R     |                      |            | |
         |         | text                        | t    | T     |                      |            | |
         |         | end repeat                  |      |       |                      |            | |
         |         | select_one ${t}             | e    | E     |                      |            | |
         |         | select_one s                | f    | F     |                      | minimal search('plots', 'matches', 'village', ${d}) | |
         |         | calculate                   | p    |       |                      |            | pulldata('rates', 'a', 'b', ${d}) |
         | choices | list_name | name | label |
         |         | l         | 1    | One   |
         |         | s         | id   | name  |
         | external_choices | list_name | name | label |
         |         | l         | x    | X     |",
    );
    let source = |name: &str| match &node(&form, name).kind {
        Kind::SelectOne(choices) | Kind::SelectMultiple(choices) => choices.clone(),
        kind => panic!("{name} is {kind:?}"),
    };
    let table = |table: &str, value: &str, label: &str| Source::Table {
        table: table.into(),
        value: value.into(),
        label: label.into(),
    };
    assert_eq!(source("a").from, table("v", "id", "title"));
    assert_eq!(source("b").from, table("g", "id", "title"));
    assert_eq!(source("c").from, Source::List("external_choices/l".into()));
    assert_eq!(source("d").from, Source::List("l".into()));
    assert_eq!(source("e").from, Source::Repeat("t".into()));
    assert_eq!(source("f").from, table("plots", "id", "name"));
    assert_eq!(source("f").filter.as_ref().map(|filter| filter.text()), Some("village = ${d}"));
    let files = [("v", "v.csv"), ("g", "g.geojson"), ("plots", "plots.csv"), ("rates", "rates.csv")];
    let files = files.map(|(name, file)| TableFile { name: name.into(), file: file.into() });
    assert_eq!(form.tables, files);
    assert!(form.find_list("external_choices/l").is_some());
}

#[test]
fn defaults_are_values_or_expressions() {
    let form = form(
        "| survey | type    | name | label | default     |
         |        | text    | a    | A     | plain       |
         |        | date    | b    | B     | today()     |
         |        | text    | c    | C     | a + (       |
         |        | integer | d    | D     | -3          |",
    );
    assert_eq!(node(&form, "a").default, Some(Initial::Fixed("plain".into())));
    assert!(matches!(&node(&form, "b").default, Some(Initial::Computed(formula)) if formula.text() == "today()"));
    assert_eq!(node(&form, "c").default, Some(Initial::Fixed("a + (".into())));
    assert_eq!(node(&form, "d").default, Some(Initial::Fixed("-3".into())));
}

#[test]
fn preloads_are_the_types_that_they_stand_for() {
    let form = form(
        "| survey | type   | name | bind::jr:preload | bind::jr:preloadParams |
         |        | hidden | a    | property         | username               |
         |        | text   | b    | timestamp        | end                    |",
    );
    assert_eq!(node(&form, "a").kind, Kind::Background(Background::Username));
    assert_eq!(node(&form, "b").kind, Kind::Background(Background::End));
}

#[test]
fn registers_know_where_they_are_made_and_from_what() {
    let form = form(
        "| survey   | type         | name    | label | save_to           |
         |          | text         | address | A     | household#address |
         |          | begin repeat | member  | M     |                   |
         |          | begin group  | g       | G     |                   |
         |          | text         | name    | N     | person#full_name  |
         |          | end group    |         |       |                   |
         |          | end repeat   |         |       |                   |
         |          | text         | status  | S     | household#status  |
         | entities | list_name | label    |
         |          | household | ${address} |
         |          | person    | ${name}  |",
    );
    let [household, person] = form.entities.as_slice() else { panic!("two registers: {:?}", form.entities) };
    assert_eq!(form.path(household.scope), "/data");
    assert_eq!(form.path(person.scope), "/data/member");
    let filled: Vec<(&str, String)> =
        household.properties.iter().map(|(name, id)| (name.as_str(), form.path(*id))).collect();
    assert_eq!(filled, [("address", "/data/address".into()), ("status", "/data/status".into())]);
    assert_eq!(node(&form, "name").save_to.as_deref(), Some("full_name"));
}

#[test]
fn rows_that_are_comments_or_disabled_ask_nothing() {
    let form = form(
        "| survey | notes   | type | name | label | disabled |
         |        | Part I  |      |      |       |          |
         |        |         | text | a    | A     | yes      |
         |        |         | text | b    | B     | no       |",
    );
    assert_eq!(form.nodes.len(), 2);
}

#[test]
fn a_warning_is_a_condition_that_does_not_forbid() {
    let form = form(
        "| survey | type    | name | label | warning | warning_message |
         |        | integer | a    | A     | . < 100 | Really?         |",
    );
    assert_eq!(node(&form, "a").warning.as_ref().map(|formula| formula.text()), Some(". < 100"));
    assert_eq!(text(&node(&form, "a").warning_message, 0), "Really?");
}

#[test]
fn a_form_travels_as_json() {
    for sheets in
        [include_str!("golden/groups.csv"), include_str!("golden/selects.csv"), include_str!("golden/types.csv")]
    {
        let form = crate::check("t.csv", sheets.as_bytes()).form.expect("it is a form");
        let json = serde_json::to_string(&form).expect("a form is JSON");
        assert_eq!(serde_json::from_str::<Form>(&json).expect("and back"), form);
    }
}
