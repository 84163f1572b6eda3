//! Choices: filtered, from tables, from repeats, shuffled.

use std::sync::Arc;

use super::{begin, begin_with};
use crate::interview::{Answer, Interview, Prefill, Shows, Table, Tables};

fn offered(interview: &Interview, path: &str) -> Vec<String> {
    let offers = interview.search_choices(path, "", 100).unwrap();
    offers.into_iter().map(|offer| offer.name).collect()
}

const FRUIT: &str = "list fruit: apple=sweet lemon=sour pear=sweet lime=sour
     text taste
     one:fruit best | filter: taste = ${taste}
     many:fruit eaten
     rank:fruit order
     calculate said | calculation: jr:choice-name(${best}, '${best}')";

#[test]
fn an_answer_that_is_no_longer_offered_does_not_count_until_it_is() {
    let mut interview = begin(FRUIT);
    interview.answer("/data/taste", "sour").unwrap();
    assert_eq!(offered(&interview, "/data/best"), ["lemon", "lime"]);
    interview.answer("/data/best", "lime").unwrap();
    assert_eq!(interview.value("/data/said"), Some("lime"));
    interview.answer("/data/taste", "sweet").unwrap();
    assert_eq!(interview.value("/data/best"), Some(""));
    assert_eq!(interview.value("/data/said"), Some(""));
    interview.answer("/data/taste", "sour").unwrap();
    assert_eq!(interview.value("/data/best"), Some("lime"));
}

#[test]
fn an_empty_cell_of_a_choice_compares_as_false() {
    let interview = begin(
        "list fruit: apple=sweet water lemon=sour
         one:fruit other | filter: taste != 'sour'
         one:fruit bland | filter: taste = ''",
    );
    assert_eq!(offered(&interview, "/data/other"), ["apple"]);
    assert!(offered(&interview, "/data/bland").is_empty());
}

#[test]
fn several_choices_are_held_in_the_order_of_the_list_and_ranks_as_given() {
    let mut interview = begin(FRUIT);
    interview.answer("/data/eaten", ["lime", "apple"]).unwrap();
    assert_eq!(interview.value("/data/eaten"), Some("apple lime"));
    interview.answer("/data/order", ["lime", "apple"]).unwrap();
    assert_eq!(interview.value("/data/order"), Some("lime apple lemon pear"));
    interview.answer("/data/eaten", ["grape"]).unwrap();
    assert_eq!(interview.value("/data/eaten"), Some(""));
}

#[test]
fn choices_come_from_the_rows_of_a_repeat() {
    let mut interview = begin(
        "repeat person
           text name
           integer age
         end
         one:${name} head | filter: age >= 17",
    );
    interview.answer("/data/person[1]/name", "Ana").unwrap();
    interview.answer("/data/person[1]/age", 40).unwrap();
    interview.add_row("/data/person").unwrap();
    interview.answer("/data/person[2]/name", "Budi").unwrap();
    interview.answer("/data/person[2]/age", 9).unwrap();
    interview.add_row("/data/person").unwrap();
    assert_eq!(offered(&interview, "/data/head"), ["Ana"]);
    interview.answer("/data/head", "Ana").unwrap();
    interview.answer("/data/person[1]/age", 4).unwrap();
    assert_eq!(interview.value("/data/head"), Some(""));
    interview.answer("/data/person[2]/age", 19).unwrap();
    assert_eq!(offered(&interview, "/data/head"), ["Budi"]);
}

fn villages() -> Tables {
    let table = Table::from_csv("name,label,district\n1,Legok,01\n2,Kenali,02\n3,Rawasari,01\n").unwrap();
    let mut tables = Tables::new();
    tables.insert("villages", Arc::new(table));
    tables
}

#[test]
fn a_table_beside_the_form_gives_choices_and_values() {
    let form = "text district
         one:@villages village | filter: district = ${district}
         calculate label | calculation: pulldata('villages', 'label', 'name', ${village})";
    let mut interview = begin_with(form, &villages(), Prefill::default());
    interview.answer("/data/district", "01").unwrap();
    interview.answer("/data/village", "3").unwrap();
    assert_eq!(interview.value("/data/label"), Some("Rawasari"));
    assert_eq!(interview.search_choices("/data/village", "raw", 5).unwrap().len(), 1);
    interview.answer("/data/district", "02").unwrap();
    assert_eq!(interview.value("/data/label"), Some(""));
}

#[test]
fn an_answer_stays_where_its_table_is_not_on_the_device() {
    let mut interview = begin("one:@villages village");
    interview.answer("/data/village", "3").unwrap();
    assert_eq!(interview.value("/data/village"), Some("3"));
}

#[test]
fn shuffled_choices_stay_in_their_order_for_the_whole_interview() {
    let letters = ('a'..='z').map(String::from).collect::<Vec<_>>().join(" ");
    let form = format!(
        "list letters: {letters}\n one:letters any | parameters: randomize=true\n one:letters seeded | parameters: randomize=true seed=37"
    );
    let interview = begin(&form);
    let first = offered(&interview, "/data/any");
    assert_eq!(first.len(), 26);
    assert!(first.windows(2).any(|pair| pair[0] > pair[1]));
    assert_eq!(offered(&interview, "/data/any"), first);
    assert_eq!(offered(&interview, "/data/seeded"), offered(&begin(&form), "/data/seeded"));
}

#[test]
fn a_screen_is_handed_a_bounded_number_of_choices() {
    let rows = (0..1_000).map(|row| [row.to_string(), format!("Village {row}")]);
    let mut tables = Tables::new();
    tables.insert("villages", Arc::new(Table::new(vec!["name".into(), "label".into()], rows)));
    let mut interview = begin_with("one:@villages village", &tables, Prefill::default());
    let Shows::Questions(questions) = interview.screen().shows else { panic!() };
    assert_eq!((questions[0].choices.len(), questions[0].more_choices), (500, true));
    interview.answer("/data/village", "999").unwrap();
    assert_eq!(interview.value("/data/village"), Some("999"));
    interview.answer("/data/village", Answer::Empty).unwrap();
}
