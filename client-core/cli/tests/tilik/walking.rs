//! The answers of a whole interview with the bundled form, as a file of answers holds them.

use std::sync::Arc;

use questionnaire::bundled::Bundled;
use questionnaire::expr::Moment;
use questionnaire::interview::{Answer, Interview, Plan, Prefill, Question, Shows, Still, Tables};
use serde_json::Value;

/// 2026-03-02 in Jambi.
const DAY: Moment = Moment { unix_ms: 1_772_413_200_000, offset_min: 420 };

/// A household with one member, answered in the first way that the form has nothing against.
pub(crate) fn answers() -> Value {
    let plan = Arc::new(Plan::new(Bundled::find("verification").unwrap().package().form));
    let mut interview = Interview::begin(plan, &Tables::new(), Arc::new(Still::new(DAY)), Prefill::default());
    loop {
        match interview.screen().shows {
            Shows::Questions(questions) => questions.iter().for_each(|question| answer(&mut interview, question)),
            Shows::Another(_) => {}
            Shows::End => return interview.finalize().unwrap().answers,
        }
        interview.next().unwrap();
    }
}

fn answer(interview: &mut Interview, question: &Question) {
    let path = question.path.as_str();
    let texts: &[&str] = match question.kind {
        "integer" => &["1", "0", "20"],
        "date" => &["1990-02-15", "2026-02-01"],
        "acknowledge" => &["OK"],
        "geopoint" => &["-1.6 103.6 0 5"],
        // Numbers of cards may be missing, and then agree with everything.
        _ => &["Siti", "081234567"],
    };
    let choices = question.choices.iter().map(|choice| choice.name.as_str());
    for text in choices.chain(texts.iter().copied()) {
        interview.answer(path, text).unwrap();
        let stands = interview.value(path).is_some_and(|value| !value.is_empty());
        if stands && !interview.problems().iter().any(|problem| problem.path == question.path) {
            return;
        }
    }
    interview.answer(path, Answer::Empty).unwrap();
}
