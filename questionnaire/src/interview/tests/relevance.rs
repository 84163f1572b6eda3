//! Skips, calculations and what is kept aside.

use super::begin;
use crate::interview::Answer;

#[test]
fn a_skipped_answer_reads_as_empty_and_comes_back() {
    let mut interview = begin(
        "text own
         text certificate | relevant: ${own} = 'yes'
         calculate seen | calculation: concat('<', ${certificate}, '>')",
    );
    interview.answer("/data/own", "yes").unwrap();
    let changes = interview.answer("/data/certificate", "HM 12").unwrap();
    assert_eq!(changes.values, ["/data/seen".into()]);
    assert_eq!(interview.value("/data/seen"), Some("<HM 12>"));
    let changes = interview.answer("/data/own", "no").unwrap();
    assert_eq!(changes.vanished, ["/data/certificate".into()]);
    assert_eq!(interview.value("/data/certificate"), Some(""));
    assert_eq!(interview.value("/data/seen"), Some("<>"));
    let changes = interview.answer("/data/own", "yes").unwrap();
    assert_eq!(changes.appeared, ["/data/certificate".into()]);
    assert_eq!(interview.value("/data/seen"), Some("<HM 12>"));
}

#[test]
fn a_group_takes_all_inside_with_it() {
    let mut interview = begin(
        "text electricity
         group power | relevant: ${electricity} = 'yes'
           group meter
             integer watts
           end
         end
         calculate double | calculation: ${watts} * 2",
    );
    assert!(!interview.is_asked("/data/power/meter/watts"));
    interview.answer("/data/electricity", "yes").unwrap();
    interview.answer("/data/power/meter/watts", 450).unwrap();
    assert_eq!(interview.value("/data/double"), Some("900"));
    interview.answer("/data/electricity", "no").unwrap();
    assert!(!interview.is_asked("/data/power/meter/watts"));
    assert_eq!(interview.value("/data/double"), Some(""));
}

#[test]
fn skips_follow_one_another_in_one_answer() {
    let mut interview = begin(
        "integer c | relevant: ${b} = 2
         integer b | relevant: ${a} = 1
         integer a
         calculate sum | calculation: coalesce(${c}, 0) + 1",
    );
    interview.answer("/data/a", 1).unwrap();
    interview.answer("/data/b", 2).unwrap();
    interview.answer("/data/c", 3).unwrap();
    assert_eq!(interview.value("/data/sum"), Some("4"));
    interview.answer("/data/a", 0).unwrap();
    assert!(!interview.is_asked("/data/c"));
    assert_eq!(interview.value("/data/sum"), Some("1"));
}

#[test]
fn a_computed_default_is_given_once_and_a_fixed_one_can_be_taken_back() {
    let mut interview = begin(
        "integer a | default: 3
         integer b | computed: ${a} + 1
         text c | default: x",
    );
    assert_eq!(interview.value("/data/b"), Some("4"));
    interview.answer("/data/a", 10).unwrap();
    assert_eq!(interview.value("/data/b"), Some("4"));
    interview.answer("/data/c", Answer::Empty).unwrap();
    assert_eq!(interview.value("/data/c"), Some(""));
}

#[test]
fn a_trigger_fires_when_its_question_changes_and_not_before() {
    let mut interview = begin(
        "integer a | default: 1
         integer b
         calculate stamp | calculation: concat('b was ', ${b}) | trigger: a",
    );
    assert_eq!(interview.value("/data/stamp"), Some(""));
    interview.answer("/data/b", 7).unwrap();
    assert_eq!(interview.value("/data/stamp"), Some(""));
    interview.answer("/data/a", 2).unwrap();
    assert_eq!(interview.value("/data/stamp"), Some("b was 7"));
    interview.answer("/data/b", 8).unwrap();
    assert_eq!(interview.value("/data/stamp"), Some("b was 7"));
}

#[test]
fn once_keeps_what_chance_gave() {
    let mut interview = begin(
        "integer a
         calculate draw | calculation: once(random()) | relevant: ${a} != 1",
    );
    let first = interview.value("/data/draw").unwrap().to_owned();
    assert!(!first.is_empty());
    interview.answer("/data/a", 1).unwrap();
    assert_eq!(interview.value("/data/draw"), Some(""));
    interview.answer("/data/a", 2).unwrap();
    assert_eq!(interview.value("/data/draw"), Some(first.as_str()));
}

#[test]
fn a_visible_calculation_can_be_overwritten_until_what_it_reads_changes() {
    let mut interview = begin(
        "integer a
         integer b | calculation: ${a} * 2",
    );
    interview.answer("/data/a", 2).unwrap();
    assert_eq!(interview.value("/data/b"), Some("4"));
    interview.answer("/data/b", 5).unwrap();
    assert_eq!(interview.value("/data/b"), Some("5"));
    interview.answer("/data/a", 3).unwrap();
    assert_eq!(interview.value("/data/b"), Some("6"));
}

#[test]
fn the_form_begins_with_what_the_device_knows() {
    let interview = begin(
        "start began
         today day
         username who
         calculate year | calculation: substr(${day}, 0, 4)",
    );
    assert_eq!(interview.value("/data/day"), Some("2026-08-17"));
    assert_eq!(interview.value("/data/who"), Some("sari"));
    assert_eq!(interview.value("/data/year"), Some("2026"));
    assert!(interview.value("/data/began").unwrap().starts_with("2026-08-17T07:50:0"));
}
