//! Checking stored visits again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{device, plan};
use crate::expr::Moment;
use crate::interview::{Interview, Prefill, Problem, Rule, Tables, Visit, validate};

const FORM: &str = "list yesno: yes no
     date day | constraint: . <= today()
     one:yesno own | required: true()
     text certificate | relevant: ${own} = 'yes'
     integer size | constraint: . < 30
     decimal area | warning: . < 100
     repeat person | count: ${size}
       text name | required: true()
       calculate chance | calculation: random()
     end
     calculate total | calculation: ${size} * 2";

fn check(answers: &Value, reasons: &BTreeMap<super::super::Path, String>) -> Vec<(Rule, String)> {
    let moment = Moment { unix_ms: 1_786_927_800_000, offset_min: 420 };
    let visit = Visit { answers, reasons, moment, language: 1 };
    let name = |problem: Problem| (problem.rule, problem.path.to_string());
    validate(plan(FORM), &Tables::new(), &visit).into_iter().map(name).collect()
}

#[test]
fn what_an_interview_accepted_is_accepted_again() {
    let mut interview = Interview::begin(plan(FORM), &Tables::new(), device(), Prefill::default());
    for (path, text) in [
        ("/data/day", "2026-08-17"),
        ("/data/own", "yes"),
        ("/data/certificate", "HM"),
        ("/data/size", "2"),
        ("/data/area", "120"),
    ] {
        interview.answer(path, text).unwrap();
    }
    interview.answer("/data/person[1]/name", "Ana").unwrap();
    interview.answer("/data/person[2]/name", "Budi").unwrap();
    interview.explain("/data/area", "a hall").unwrap();
    let finished = interview.finalize().unwrap();
    assert_eq!(check(&finished.answers, &finished.reasons), []);
    assert_eq!(check(&finished.answers, &BTreeMap::new()), [(Rule::Warning, "/data/area".into())]);
}

#[test]
fn a_household_that_nobody_recorded_so_is_found_out() {
    let answers = json!({
        "day": "2026-08-18", "own": "no", "certificate": "HM", "size": 1, "total": "4", "sofa": 3, "area": "wide",
        "person": [{"@row": "a", "name": "Ana"}, {"@row": "b", "name": "Budi"}],
    });
    assert_eq!(
        check(&answers, &BTreeMap::new()),
        [
            (Rule::Constraint, "/data/day".into()),
            (Rule::Skipped, "/data/certificate".into()),
            (Rule::Kind, "/data/area".into()),
            (Rule::Calculation, "/data/person".into()),
            (Rule::Calculation, "/data/total".into()),
            (Rule::Unknown, "/data/sofa".into()),
        ]
    );
    assert_eq!(
        check(&json!({"own": "perhaps"}), &BTreeMap::new()),
        [(Rule::Required, "/data/own".into()), (Rule::Choice, "/data/own".into())]
    );
    assert_eq!(check(&json!([1]), &BTreeMap::new()).last().map(|(rule, _)| *rule), Some(Rule::Unknown));
}

#[test]
fn a_stored_visit_is_judged_the_same_every_time() {
    let answers = json!({"own": "no", "size": 1, "person": [{"name": "Ana", "chance": "0.25"}]});
    let first = check(&answers, &BTreeMap::new());
    assert_eq!(check(&answers, &BTreeMap::new()), first);
    assert_eq!(first, [(Rule::Calculation, "/data/total".into())]);
    let _ = Arc::new(());
}
