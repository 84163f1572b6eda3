//! Our engine beside ODK's own on random answers: the same relevance, validity, choices and values after every step.
//!
//! `cargo xtask oracle [--sequences N] [FORMS…]` installs what the Node side needs and runs this with more sequences
//! and more forms; here a sample over the forms of this repository. Variables: `ORACLE_SEQUENCES` for each form,
//! `ORACLE_SEED` of the first sequence, `ORACLE_LIST` a file that names forms (see `corpus`).

#![allow(clippy::print_stderr, reason = "a comparison of hours says where it is")]

mod corpus;
mod counts;
mod dice;
mod difference;
mod generator;
mod literals;
mod odk;
mod ours;

use std::collections::BTreeMap;
use std::path::Path;

use questionnaire::expr::Moment;
use questionnaire::form::Form;

use crate::corpus::Specimen;
use crate::counts::Counts;
use crate::dice::Dice;
use crate::difference::{Comparison, Difference};
use crate::generator::{Generator, plain};
use crate::odk::{Nodes, Odk, Step};
use crate::ours::Ours;

const SAMPLE: u64 = 6;
/// ODK's engine keeps every interview that was ever begun in memory.
const SEQUENCES_OF_A_PROCESS: u64 = 10;
const STEPS_MIN: usize = 40;
const STEPS_MAX: usize = 120;
/// A form that both read differently differs everywhere.
const PLACES_SHOWN_MAX: usize = 20;
/// 2026-03-02T01:00Z. In UTC, because ODK's engine counts days there whatever the device's zone (docs/questionnaire.md).
const NOW: Moment = Moment { unix_ms: 1_772_413_200_000, offset_min: 0 };

/// Both engines with one form.
struct Pair<'a> {
    form: &'a Form,
    odk: Odk,
    ours: Ours,
    generator: &'a Generator<'a>,
    comparison: Comparison<'a>,
    /// How many there are in one interview: long forms hide much behind other answers.
    steps: usize,
}

/// What a form's sequences showed.
#[derive(Default)]
struct Findings {
    steps: usize,
    /// Why ODK's engine ended an interview before us, and how often.
    given_up: BTreeMap<String, usize>,
    /// By place without row numbers and by what differs: how often, and one example.
    different: BTreeMap<(String, &'static str), (usize, String)>,
}

#[test]
fn our_engine_and_odks_agree_on_random_answers() {
    if !odk::is_installed() {
        eprintln!("skipped: ODK's engine is not installed; `cargo xtask oracle` does that");
        return;
    }
    let list = std::env::var_os("ORACLE_LIST");
    let forms = list.map_or_else(Specimen::committed, |list| Specimen::listed(Path::new(&list)));
    let differing: Vec<String> = forms.iter().filter(|form| !agrees(form)).map(|form| form.name.clone()).collect();
    assert!(differing.is_empty(), "the engines differ on {differing:?}");
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Whether the engines agree on a form, or one of them cannot take it.
fn agrees(specimen: &Specimen) -> bool {
    let name = &specimen.name;
    if let Some(why) = specimen.left_out() {
        eprintln!("{name}: not compared, {why}");
        return true;
    }
    let form = match specimen.form() {
        Ok(form) => form,
        Err(why) => {
            eprintln!("{name}: REFUSED by ours: {why}");
            return false;
        }
    };
    let odk = match Odk::load(&specimen.xform, specimen.folder(), NOW) {
        Ok(odk) => odk,
        Err(why) => {
            eprintln!("{name}: not compared, ODK's engine cannot take it: {why}");
            return true;
        }
    };
    let generator = Generator::new(&form);
    let tables = specimen.tables(&form);
    let comparison = Comparison::new(name, &form, &tables, &generator);
    let ours = Ours::new(form.clone(), tables, NOW);
    let steps = (form.nodes.len() / 2).clamp(STEPS_MIN, STEPS_MAX);
    let mut pair = Pair { odk, ours, form: &form, generator: &generator, comparison, steps };
    let (sequences, first) = (number("ORACLE_SEQUENCES", SAMPLE), number("ORACLE_SEED", 0));
    let mut findings = Findings::default();
    for seed in first..first + sequences {
        if (seed - first) % SEQUENCES_OF_A_PROCESS == SEQUENCES_OF_A_PROCESS - 1 {
            pair.odk = Odk::load(&specimen.xform, specimen.folder(), NOW).expect("it was loaded before");
        }
        pair.live_through(seed, &mut findings);
    }
    eprintln!("{name}: {sequences} sequences, {} steps, {} places differ", findings.steps, findings.different.len());
    for ((path, what), (count, example)) in findings.different.iter().take(PLACES_SHOWN_MAX) {
        eprintln!("  {what} of {path}, {count} times, e.g. {example}");
    }
    for (why, count) in &findings.given_up {
        eprintln!("  ODK's engine gave up {count} times: {why}");
    }
    findings.different.is_empty()
}

/// Reasons that differ in a number only are one.
fn without_numbers(why: &str) -> String {
    let parts: Vec<&str> = why.split(|c: char| c.is_ascii_digit()).collect();
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        text.push_str(part);
        if at + 1 < parts.len() && !text.ends_with('N') {
            text.push('N');
        }
    }
    text
}

impl Pair<'_> {
    /// One interview; it ends where the engines part.
    fn live_through(&mut self, seed: u64, findings: &mut Findings) {
        let mut dice = Dice::new(seed);
        let mut counts = Counts::default();
        let mut step = Step::Begin;
        for place in 0..=self.steps {
            findings.steps += 1;
            let (nodes, different) = match self.take(&step) {
                Ok(taken) => taken,
                Err(why) => return *findings.given_up.entry(without_numbers(&why)).or_default() += 1,
            };
            if counts.have_come_back(self.form, self.generator, &nodes) {
                return;
            }
            if !different.is_empty() {
                for one in different {
                    let example = format!("seed {seed} step {place} {step:?}: {one}");
                    let known = findings.different.entry((plain(&one.path), one.what)).or_insert((0, example));
                    known.0 += 1;
                }
                return;
            }
            match self.generator.step(&mut dice, &nodes, |path| self.comparison.is_idle(path)) {
                Some(next) => step = next,
                None => return,
            }
        }
    }

    /// What the engines make of a step; an error is ODK's engine giving up, as it does on functions it lacks.
    fn take(&mut self, step: &Step) -> Result<(Nodes, Vec<Difference>), String> {
        let ours = self.ours.take(step);
        let odk = self.odk.take(step)?;
        let different = match ours {
            Ok(ours) => self.comparison.differences(&odk, &ours),
            Err(refusal) => vec![Difference::of_step(step, refusal)],
        };
        Ok((odk, different))
    }
}
