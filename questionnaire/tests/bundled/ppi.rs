//! The Poverty Probability Index: points and likelihoods as its tables have them.

use std::sync::Arc;

use questionnaire::interview::{Interview, Plan};
use questionnaire::xlsform::Severity;

use crate::forms;

const FORM: &str = "ppi-idn-2022";
const QUESTIONS: [&str; 10] = [
    "province",
    "size",
    "savings",
    "floor",
    "meat",
    "prepared_rice",
    "clothing_care",
    "gasoline",
    "refrigerator",
    "car",
];

/// A poor household of five in Jambi: no points on the national line.
const POOREST: [&str; 10] = ["e", "e", "b", "c", "b", "b", "b", "b", "b", "b"];

fn asked(answers: [&str; 10]) -> Interview {
    let mut interview = forms::interview(&Arc::new(Plan::new(forms::form(FORM))), FORM);
    for (question, answer) in QUESTIONS.into_iter().zip(answers) {
        forms::answer(&mut interview, &format!("/data/{question}"), answer);
    }
    interview
}

fn value(interview: &Interview, name: &str) -> String {
    interview.value(&format!("/data/scores/{name}")).unwrap().to_owned()
}

fn percent(interview: &Interview, line: &str) -> String {
    let likelihood: f64 = value(interview, &format!("likelihood_{line}")).parse().unwrap();
    format!("{:.1}", likelihood * 100.0)
}

/// The answers of a household in Jambi whose national points add up to `score`.
fn with(changes: &[(usize, &'static str)]) -> [&'static str; 10] {
    let mut answers = POOREST;
    changes.iter().for_each(|&(at, answer)| answers[at] = answer);
    answers
}

#[test]
fn likelihoods_on_the_national_line_are_those_published() {
    for (answers, score, likelihood) in [
        (with(&[]), "0", "84.3"),
        // Riau has 4 points, a savings account 6.
        (with(&[(0, "d"), (2, "a")]), "10", "64.2"),
        // Four people 9, a car 11.
        (with(&[(1, "c"), (9, "a")]), "20", "37.4"),
        // One person 24, a savings account 6.
        (with(&[(1, "a"), (2, "a")]), "30", "16.6"),
        // One person 24, meat 8, prepared rice 8, an account 6, Riau 4.
        (with(&[(0, "d"), (1, "a"), (2, "a"), (4, "a"), (5, "a")]), "50", "2.2"),
    ] {
        let interview = asked(answers);
        assert_eq!(
            (value(&interview, "score_national").as_str(), percent(&interview, "national").as_str()),
            (score, likelihood)
        );
    }
}

#[test]
fn every_answer_takes_its_points_on_its_line() {
    let interview = asked(POOREST);
    let scores = ["ppp_2017_365", "ppp_2017_685", "ppp_2011_320", "ppp_2011_550", "bottom_20", "bottom_80"];
    assert_eq!(scores.map(|line| value(&interview, &format!("score_{line}"))), ["4", "2", "4", "3", "4", "1"]);
}

#[test]
fn points_that_sum_to_101_end_where_the_table_ends() {
    // North Kalimantan and the best of everything else: 101 on the line of $3.20.
    let interview = asked(["x", "a", "a", "a", "a", "a", "a", "a", "a", "a"]);
    assert_eq!(value(&interview, "score_ppp_2011_320"), "100");
    assert_eq!(value(&interview, "likelihood_ppp_2011_320"), "0.001512474601766");
}

#[test]
fn there_is_no_score_before_the_last_answer() {
    let mut interview = asked(POOREST);
    forms::answer(&mut interview, "/data/car", "");
    assert!(!interview.is_asked("/data/scores"));
    assert_eq!(value(&interview, "likelihood_national"), "");
}

#[test]
fn the_form_is_read_without_a_warning_and_says_that_its_indonesian_is_unofficial() {
    let reading = forms::reading(FORM);
    let problems = reading.problems;
    assert!(problems.iter().all(|problem| problem.severity == Severity::Remark), "{problems:?}");
    assert_eq!(reading.form.unwrap().settings["translation_id"], "unofficial");
}
