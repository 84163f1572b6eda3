//! Our engine beside ODK's own on random answers: the same relevance, validity, choices and values after every step.
//!
//! `cargo xtask oracle [--sequences N] [FORMS…]` installs what the Node side needs and runs this with more sequences
//! and more forms; here a sample over the forms of this repository. Variables: `ORACLE_SEQUENCES` for each form,
//! `ORACLE_SEED` of the first sequence, `ORACLE_LIST` a file that names forms (see `corpus`).

#![allow(clippy::print_stderr, reason = "a comparison of hours says where it is")]

mod corpus;
mod dice;
mod difference;
mod generator;
mod literals;
mod odk;
mod ours;

use std::collections::BTreeMap;
use std::path::Path;

use questionnaire::expr::Moment;

use crate::corpus::Specimen;
use crate::dice::Dice;
use crate::difference::{Comparison, Difference};
use crate::generator::{Generator, plain};
use crate::odk::{Nodes, Odk, Step};
use crate::ours::Ours;

const SAMPLE: u64 = 6;
const STEPS: usize = 40;
/// A form that both read differently differs everywhere.
const PLACES_SHOWN_MAX: usize = 20;
/// 2026-03-02T01:00Z. In UTC, because ODK's engine counts days there whatever the device's zone (docs/questionnaire.md).
const NOW: Moment = Moment { unix_ms: 1_772_413_200_000, offset_min: 0 };

/// Both engines with one form.
struct Pair<'a> {
    odk: Odk,
    ours: Ours,
    generator: &'a Generator<'a>,
    comparison: Comparison<'a>,
}

/// What a form's sequences showed.
#[derive(Default)]
struct Findings {
    steps: usize,
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
    let comparison = Comparison::new(&form, &generator);
    let ours = Ours::new(form.clone(), specimen.tables(&form), NOW);
    let mut pair = Pair { odk, ours, generator: &generator, comparison };
    let (sequences, first) = (number("ORACLE_SEQUENCES", SAMPLE), number("ORACLE_SEED", 0));
    let mut findings = Findings::default();
    for seed in first..first + sequences {
        pair.live_through(seed, &mut findings);
    }
    eprintln!("{name}: {sequences} sequences, {} steps, {} places differ", findings.steps, findings.different.len());
    for ((path, what), (count, example)) in findings.different.iter().take(PLACES_SHOWN_MAX) {
        eprintln!("  {what} of {path}, {count} times, e.g. {example}");
    }
    findings.different.is_empty()
}

impl Pair<'_> {
    /// One interview; it ends where the engines part.
    fn live_through(&mut self, seed: u64, findings: &mut Findings) {
        let mut dice = Dice::new(seed);
        let mut step = Step::Begin;
        for place in 0..=STEPS {
            findings.steps += 1;
            let (nodes, different) = self.take(&step);
            if !different.is_empty() {
                for one in different {
                    let example = format!("seed {seed} step {place} {step:?}: {one}");
                    let known = findings.different.entry((plain(&one.path), one.what)).or_insert((0, example));
                    known.0 += 1;
                }
                return;
            }
            match self.generator.step(&mut dice, &nodes) {
                Some(next) => step = next,
                None => return,
            }
        }
    }

    fn take(&mut self, step: &Step) -> (Nodes, Vec<Difference>) {
        match (self.odk.take(step), self.ours.take(step)) {
            (Ok(odk), Ok(ours)) => {
                let different = self.comparison.differences(&odk, &ours);
                (odk, different)
            }
            (odk, ours) => {
                let path = match step {
                    Step::Begin => String::new(),
                    Step::Set { path, .. } | Step::Add { path } | Step::Remove { path } => path.clone(),
                };
                let of = |result: Result<Nodes, String>| result.err().unwrap_or_else(|| "takes it".to_owned());
                (Nodes::new(), vec![Difference { path, what: "the step", odk: of(odk), ours: of(ours) }])
            }
        }
    }
}
