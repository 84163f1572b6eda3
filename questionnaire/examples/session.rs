//! The smallest host of an interview: JSON lines in, JSON lines out.
//!
//! The first line is a form's package; each further one a step: `{"answer": ["/data/age", 31]}`, `"next"`, `"back"`,
//! `{"jump": "/data/name"}`, `{"add_row": "/data/member"}`, `{"remove_row": "…"}`, `{"language": 1}`, `"problems"`,
//! `"save"`, `"finish"`. After each step it prints the screen or what was asked for. `cargo xtask wasm --size` builds it
//! for the browser to weigh the crate.
#![allow(clippy::print_stdout, reason = "a tool prints")]

use std::io::BufRead;
use std::sync::Arc;

use questionnaire::expr::Moment;
use questionnaire::interview::{Answer, Interview, Plan, Prefill, Still};
use questionnaire::package::Package;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Answer(String, Answer),
    Next,
    Back,
    Jump(String),
    AddRow(String),
    RemoveRow(String),
    Language(usize),
    Problems,
    Save,
    Finish,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = std::io::stdin().lock().lines();
    let package = lines.next().ok_or("no package")??;
    let package = Package::from_bytes(package.as_bytes())?;
    let tables = package.tables()?;
    let plan = Arc::new(Plan::new(package.form));
    // The clock stands still: what is printed depends on nothing but the input.
    let clock = Arc::new(Still::new(Moment { unix_ms: 1_786_927_800_000, offset_min: 420 }));
    let mut interview = Interview::begin(plan, &tables, clock, Prefill::default());
    for line in lines {
        let told = match serde_json::from_str(&line?) {
            Ok(step) => take(&mut interview, step),
            Err(error) => json!({ "error": error.to_string() }),
        };
        println!("{told}");
    }
    Ok(())
}

fn take(interview: &mut Interview, step: Step) -> Value {
    let done = match step {
        Step::Answer(path, answer) => interview.answer(&path, answer).map(drop),
        Step::Next => return json!({ "problems": interview.next().err(), "screen": interview.screen() }),
        Step::Back => return json!({ "screen": interview.back() }),
        Step::Jump(path) => interview.jump(&path).map(drop),
        Step::AddRow(path) => interview.add_row(&path).map(drop),
        Step::RemoveRow(path) => interview.remove_row(&path).map(drop),
        Step::Language(index) => {
            interview.set_language(index);
            Ok(())
        }
        Step::Problems => return json!({ "problems": interview.problems() }),
        Step::Save => return json!({ "draft": interview.save() }),
        Step::Finish => {
            return match interview.finalize() {
                Ok(finished) => json!({ "finished": finished }),
                Err(problems) => json!({ "problems": problems }),
            };
        }
    };
    match done {
        Ok(()) => json!({ "screen": interview.screen() }),
        Err(refusal) => json!({ "refused": refusal.to_string() }),
    }
}
