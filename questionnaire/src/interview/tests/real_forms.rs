//! The same laws over forms as people write them, where the data folder lies beside the checkout.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::device;
use super::incremental::{decided, from_scratch};
use crate::form::Kind;
use crate::interview::graph::choices_of;
use crate::interview::{Answer, CellAt, Interview, Plan, Prefill, Shows, Tables};

/// Every workbook of the folder that is accepted, with its file's name.
fn forms() -> Vec<(String, Arc<Plan>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/xlsforms");
    if !folder.is_dir() {
        println!("skipped: there is no folder ../shared/data/xlsforms beside the checkout");
        return Vec::new();
    }
    let files =
        [folder.clone(), folder.join("pyxform")].into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.iter().filter_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Option<(String, Arc<Plan>)> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    if name.ends_with(".csv") {
        return None;
    }
    let checked = crate::check(&name, &std::fs::read(path).unwrap());
    Some((name, Arc::new(Plan::new(checked.form?))))
}

/// A plain generator: the same walk through a form every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count.max(1)
    }
}

/// Something that might be answered at `at`.
fn some_answer(interview: &Interview, at: CellAt, dice: &mut Dice) -> Answer {
    let sheet = &interview.sheet;
    let node = sheet.plan.form.node(sheet.tree.cell(at).node);
    if dice.below(8) == 0 {
        return Answer::Empty;
    }
    if choices_of(node).is_some() {
        let offers = sheet.list_offers(at, "", 60).0;
        let mut pick = || offers.get(dice.below(offers.len())).map(|offer| offer.name.clone()).unwrap_or_default();
        return match node.kind {
            Kind::SelectOne(_) => Answer::Text(pick()),
            _ => Answer::Choices(vec![pick(), pick()]),
        };
    }
    match node.kind {
        Kind::Integer | Kind::Range(_) => Answer::Integer([0, 1, 2, 3, 5, 17, 40, 120][dice.below(8)]),
        Kind::Decimal => Answer::Number([0.5, 1.25, 3.0, 20.0][dice.below(4)]),
        Kind::Date => Answer::Text(["2026-08-17", "1990-02-28", "2020-12-31"][dice.below(3)].into()),
        Kind::Acknowledge => Answer::Text("OK".into()),
        _ => Answer::Text(["a", "yes", "1", "Ana"][dice.below(4)].into()),
    }
}

fn take_a_step(interview: &mut Interview, dice: &mut Dice) {
    let sheet = &interview.sheet;
    let cells = sheet.tree.walk(&sheet.plan);
    let questions: Vec<CellAt> = cells
        .iter()
        .copied()
        .filter(|&at| sheet.tree.cell(at).asked && sheet.plan.is_answerable(sheet.tree.cell(at).node))
        .collect();
    let growing: Vec<CellAt> =
        cells.iter().copied().filter(|&at| sheet.tree.is_series(&sheet.plan, at) && sheet.may_grow(at)).collect();
    if !growing.is_empty() && dice.below(20) == 0 {
        let path = sheet.path(growing[dice.below(growing.len())]);
        interview.add_row(path.as_str()).unwrap();
    } else if !questions.is_empty() {
        let at = questions[dice.below(questions.len())];
        let answer = some_answer(interview, at, dice);
        let path = interview.sheet.path(at);
        // A read-only question refuses, which is right.
        let _ = interview.answer(path.as_str(), answer);
    }
}

fn is_steady(plan: &Plan) -> bool {
    plan.form.nodes.iter().all(|node| {
        let overwritten = node.calculation.is_some() && !matches!(node.kind, Kind::Calculate | Kind::Hidden);
        let volatile = node.calculation.as_ref().is_some_and(|formula| {
            formula.is_volatile() || formula.text().contains("once(") || formula.text().contains("duration")
        });
        !overwritten && !volatile && node.trigger.is_empty()
    })
}

#[test]
fn real_forms_turn_in_no_circle() {
    for (name, plan) in forms() {
        let named = |cycle: &Vec<crate::form::NodeId>| {
            cycle.iter().map(|&node| plan.form.node(node).name.clone()).collect::<Vec<_>>()
        };
        assert!(plan.cycles().is_empty(), "{name}: {:?}", plan.cycles().iter().map(named).collect::<Vec<_>>());
    }
}

#[test]
fn real_forms_keep_the_laws_over_random_answers() {
    let mut steady = 0;
    for (seed, (name, plan)) in (1..).zip(forms()) {
        let mut dice = Dice(seed);
        let mut interview = Interview::begin(Arc::clone(&plan), &Tables::new(), device(), Prefill::default());
        for _ in 0..60 {
            take_a_step(&mut interview, &mut dice);
        }
        if is_steady(&plan) {
            steady += 1;
            assert_eq!(decided(&interview.sheet), decided(&from_scratch(&interview)), "{name}");
        }
        let draft = interview.save();
        let taken = Interview::resume(Arc::clone(&plan), &Tables::new(), device(), draft.clone()).unwrap();
        assert_eq!(taken.save().answers, draft.answers, "{name}");
        assert_eq!(decided(&taken.sheet), decided(&interview.sheet), "{name}");
        walk_through(interview, &name);
    }
    println!("{steady} forms without chance, time and overwriting");
}

/// From the first screen to the last, whatever is wrong on the way.
fn walk_through(mut interview: Interview, name: &str) {
    let first = interview.sheet.stops()[0];
    interview.go(first);
    for step in 0.. {
        assert!(step < 10_000, "{name} has no end");
        let screen = interview.screen();
        match (&screen.shows, interview.next()) {
            (Shows::End, _) => break,
            (_, Ok(_)) => {}
            (Shows::Questions(questions), Err(problems)) => {
                assert!(questions.iter().any(|question| question.path == problems[0].path), "{name}");
                let stops = interview.sheet.stops();
                interview.go(stops[screen.place + 1]);
            }
            (shows, Err(_)) => panic!("{name}: {shows:?} holds somebody up"),
        }
    }
    assert!(!interview.outline().is_empty(), "{name}");
    let _ = interview.finalize();
}
