//! Random steps that an interviewer could take, from a seed: mostly answers to what is asked, sometimes a change of mind.

use std::collections::BTreeMap;

use questionnaire::form::{Background, Form, Kind, NodeId};

use crate::dice::Dice;
use crate::literals::Literals;
use crate::odk::{Nodes, Standing, Step};

const ROWS_MAX: usize = 4;
/// Some questions have no answer at present: a choice from no choices.
const TRIES: usize = 10;

/// Makes steps for one form.
pub(crate) struct Generator<'a> {
    form: &'a Form,
    by_path: BTreeMap<String, NodeId>,
    literals: Literals,
}

/// A path without the row numbers.
pub(crate) fn plain(path: &str) -> String {
    let mut plain = String::new();
    for (index, part) in path.split(['[', ']']).enumerate() {
        if index % 2 == 0 {
            plain.push_str(part);
        }
    }
    plain
}

impl<'a> Generator<'a> {
    pub(crate) fn new(form: &'a Form) -> Self {
        let by_path = form.ids().map(|id| (form.path(id), id)).collect();
        Generator { form, by_path, literals: Literals::of(form) }
    }

    /// The form's node at a path.
    pub(crate) fn node(&self, path: &str) -> Option<NodeId> {
        self.by_path.get(&plain(path)).copied()
    }

    /// Whether pyxform puts the node into the submission's meta part, away from where its row stands.
    pub(crate) fn is_kept_in_meta(&self, path: &str) -> bool {
        let kind = self.node(path).map(|id| &self.form.node(id).kind);
        matches!(kind, Some(Kind::Background(Background::Audit | Background::BackgroundAudio)))
    }

    /// A step that makes sense where everything stands like this; `None` where nothing can be done.
    ///
    /// `is_left_out` names places that chance has a say in.
    pub(crate) fn step(&self, dice: &mut Dice, nodes: &Nodes, is_left_out: impl Fn(&str) -> bool) -> Option<Step> {
        if dice.chance(12)
            && let Some(step) = self.rows_step(dice, nodes)
        {
            return Some(step);
        }
        let asked: Vec<(&String, &Standing, NodeId)> = nodes
            .iter()
            .filter(|(path, standing)| {
                standing.relevant && standing.readonly == Some(false) && !is_left_out(path.as_str())
            })
            .filter_map(|(path, standing)| Some((path, standing, self.node(path)?)))
            .filter(|&(_, _, id)| self.is_answered_by_people(id))
            .collect();
        if asked.is_empty() {
            return self.rows_step(dice, nodes);
        }
        let open: Vec<_> =
            asked.iter().filter(|(_, standing, _)| standing.value.as_deref() == Some("")).copied().collect();
        for _ in 0..TRIES {
            let of = if open.is_empty() || dice.chance(25) { &asked } else { &open };
            let &(path, standing, id) = dice.pick(of);
            let value = if dice.chance(6) { Some(String::new()) } else { self.answer(dice, id, standing) };
            if let Some(value) = value {
                return Some(Step::Set { path: path.clone(), value });
            }
        }
        None
    }

    fn is_answered_by_people(&self, id: NodeId) -> bool {
        let node = self.form.node(id);
        let silent = matches!(
            node.kind,
            Kind::Group | Kind::Repeat { .. } | Kind::Note | Kind::Calculate | Kind::Hidden | Kind::Background(_)
        );
        !silent && node.calculation.is_none()
    }

    /// A row more or less in some repeat whose rows the interviewer decides.
    fn rows_step(&self, dice: &mut Dice, nodes: &Nodes) -> Option<Step> {
        let mut rows: Vec<&String> = nodes
            .iter()
            .filter(|(path, standing)| path.ends_with(']') && standing.relevant)
            .map(|(path, _)| path)
            .filter(|path| self.node(path).is_some_and(|id| self.form.node(id).kind == Kind::Repeat { count: None }))
            .collect();
        rows = dice.shuffled(rows);
        let row = rows.first()?;
        let (range, _) = row.rsplit_once('[')?;
        let count = rows.iter().filter(|path| path.rsplit_once('[').is_some_and(|(of, _)| of == range)).count();
        // The last row stays: ODK's engine tells nothing of a repeat without rows, so no step could add one again.
        if count > 1 && (count >= ROWS_MAX || dice.chance(35)) {
            return Some(Step::Remove { path: (*row).clone() });
        }
        Some(Step::Add { path: range.to_owned() })
    }

    fn answer(&self, dice: &mut Dice, id: NodeId, standing: &Standing) -> Option<String> {
        let choices = standing.choices.clone().unwrap_or_default();
        let node = self.form.node(id);
        Some(match &node.kind {
            Kind::SelectOne(_) if choices.is_empty() => return None,
            Kind::SelectOne(_) => self.choice(dice, &node.name, choices),
            Kind::SelectMultiple(_) => some_of(dice, choices),
            Kind::Rank(_) => dice.shuffled(choices).join(" "),
            Kind::Integer => self.whole_number(dice, &node.name).to_string(),
            Kind::Decimal if dice.chance(50) => format!("{}.{}", self.number(dice), dice.pick(&["5", "25", "75"])),
            Kind::Decimal => format!("{}.0", self.number(dice)),
            Kind::Range(range) => range_value(dice, range),
            Kind::Date => date(dice),
            Kind::Time => format!("{:02}:{:02}:00.000+00:00", dice.below(24), dice.below(60)),
            Kind::DateTime => format!("{}T{:02}:30:00.000+00:00", date(dice), dice.below(24)),
            Kind::Geopoint => {
                format!("-1.{0} 103.{0} {1}.0 {2}.0", 1 + dice.below(9), dice.below(30), 1 + dice.below(40))
            }
            Kind::Image | Kind::Audio | Kind::Video | Kind::File => format!("file{}.jpg", dice.below(9)),
            Kind::Acknowledge => "OK".to_owned(),
            Kind::Text | Kind::Barcode => self.text(dice),
            _ => return None,
        })
    }

    /// Mostly a choice that something hangs on: otherwise one early "no" closes the whole form.
    fn choice(&self, dice: &mut Dice, question: &str, choices: Vec<String>) -> String {
        let telling = self.literals.behind(question);
        let telling: Vec<&String> = choices.iter().filter(|choice| telling.contains(choice)).collect();
        match telling.is_empty() || dice.chance(30) {
            true => dice.pick(&choices).clone(),
            false => (*dice.pick(&telling)).clone(),
        }
    }

    /// Mostly a number at a bound that something hangs on.
    fn whole_number(&self, dice: &mut Dice, question: &str) -> i64 {
        let bounds: Vec<i64> = self.literals.behind(question).iter().filter_map(|text| text.parse().ok()).collect();
        match bounds.is_empty() || dice.chance(40) {
            true => self.number(dice),
            false => dice.pick(&bounds).saturating_add(*dice.pick(&[-1, 0, 1])),
        }
    }

    fn number(&self, dice: &mut Dice) -> i64 {
        if dice.chance(70) { *dice.pick(&self.literals.numbers) } else { dice.below(120) as i64 }
    }

    fn text(&self, dice: &mut Dice) -> String {
        if dice.chance(40) && !self.literals.texts.is_empty() {
            return dice.pick(&self.literals.texts).clone();
        }
        if dice.chance(50) {
            let length = *dice.pick(&[1, 3, 4, 9, 10, 11, 15, 16, 17]);
            return (0..length).map(|_| char::from(b'0' + dice.below(10) as u8)).collect();
        }
        (*dice.pick(&["Siti", "Ma'ruf", "a b", "x@example.org", "Jl. Melati 3", "é", "TRUE", "1.5", "-2"])).to_owned()
    }
}

fn some_of(dice: &mut Dice, choices: Vec<String>) -> String {
    let percent = *dice.pick(&[15, 40, 80]);
    // In the order of the list, as ODK's engine stores them.
    choices.into_iter().filter(|_| dice.chance(percent)).collect::<Vec<_>>().join(" ")
}

fn range_value(dice: &mut Dice, range: &questionnaire::form::Range) -> String {
    let of = |text: &str| text.parse::<f64>().unwrap_or(1.0);
    let (start, end, step) = (of(&range.start), of(&range.end), of(&range.step));
    let steps = ((end - start) / step).abs().floor() as usize + 1;
    let value = start + step.abs() * (end - start).signum() * dice.below(steps) as f64;
    if range.decimal { format!("{value:?}") } else { format!("{value}") }
}

fn date(dice: &mut Dice) -> String {
    let year = *dice.pick(&[1931, 1960, 1990, 2008, 2015, 2021, 2024, 2025, 2026, 2026, 2027]);
    format!("{year}-{:02}-{:02}", 1 + dice.below(12), 1 + dice.below(28))
}
