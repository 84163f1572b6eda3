//! A household whose values come from several saves, held against a form as if one visit had found it so.
//!
//! Merging goes register by register, so that a household may come of it that nobody recorded: one visit found that the
//! family rents, another that it owns a certificate. Only what goes back to several saves is told here; what one visit
//! found by itself is told of that visit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use questionnaire::form::Kind as Question;
use questionnaire::interview::{Problem, Rule};
use questionnaire::record;
use sync_protocol::{Collection, Dot, RecordId, Row, WriterId};

use super::broken::rule_word;
use super::family_of;
use super::origins::{Origins, Spot};
use super::plans::{Plans, Ready};
use super::registers::{Came, Merged, Records};
use super::visit::{Held, by_place, package_of, validated};
use crate::store::db::Result;
use crate::store::findings::{Finding, Kind, Source};
use crate::store::{Tx, history};

/// The visit whose answers stand behind the register.
struct Standing<'a> {
    row: &'a Row,
    save: Dot,
    ready: Arc<Ready>,
    held: Held,
}

/// All that is wrong with the household as it was merged, and with no visit alone.
pub(super) fn check(tx: &Tx<'_>, root: RecordId, rows: &[Row], plans: &mut Plans) -> Result<Vec<Finding>> {
    let shown = shown_by_save(rows);
    if shown.len() < 2 {
        return Ok(vec![]);
    }
    let Some(standing) = standing(tx, rows, &shown, plans)? else { return Ok(vec![]) };
    let form = standing.ready.plan.form();
    let records = Records::of(root, rows, family_of(standing.row));
    let merged = Merged::of(form, standing.row.id, &standing.held.answers, &records);
    if merged.saves() < 2 {
        return Ok(vec![]);
    }
    let held = Held { answers: merged.answers.clone(), ..standing.held };
    let origins = Origins::new(form, &merged, standing.save);
    let mut found = Vec::new();
    for [id, en] in validated(&standing.ready, &held) {
        let Some(spot) = origins.spot(&id).filter(|&spot| is_told(form, &merged, spot, id.rule)) else { continue };
        let sources = sources(tx, root, origins.of(spot, id.rule))?;
        if is_of_several(&sources) {
            found.push(finding(root, &held, [id, en], sources));
        }
    }
    Ok(found)
}

/// How many of the register's values each save shows.
fn shown_by_save(rows: &[Row]) -> HashMap<Dot, usize> {
    let mut shown = HashMap::new();
    for row in rows.iter().filter(|row| row.collection != Collection::Visit) {
        let own = row.registers.keys().filter(|name| !name.starts_with('_') && !name.contains('/'));
        for winner in own.filter_map(|name| row.winner(name)) {
            *shown.entry(winner.dot).or_insert(0) += 1;
        }
    }
    shown
}

/// Of the visits with a known form the one that shows most of the register's values, of equals the latest.
fn standing<'a>(
    tx: &Tx<'_>,
    rows: &'a [Row],
    shown: &HashMap<Dot, usize>,
    plans: &mut Plans,
) -> Result<Option<Standing<'a>>> {
    let mut visits: Vec<(usize, &Row, Dot)> = Vec::new();
    for row in rows.iter().filter(|row| row.collection == Collection::Visit) {
        let Some(written) = row.winner(record::PACKAGE) else { continue };
        visits.push((shown.get(&written.dot).copied().unwrap_or(0), row, written.dot));
    }
    visits.sort_by_key(|&(many, row, save)| {
        let clock = row.stamps.get(&save).map(|stamp| stamp.clock);
        std::cmp::Reverse((many, clock, save))
    });
    for (_, row, save) in visits {
        let Some(package) = package_of(row) else { continue };
        let Some(ready) = plans.find(tx, &package)? else { continue };
        let Some(held) = Held::of(row, &ready) else { continue };
        return Ok(Some(Standing { row, save, ready, held }));
    }
    Ok(None)
}

/// Whether a problem says something about the register: reasons for what is unusual are the visits' own, values that are
/// calculated follow from others, and what a visit never asked of a member that another recorded nobody knows.
fn is_told(form: &questionnaire::form::Form, merged: &Merged, spot: Spot<'_>, rule: Rule) -> bool {
    let is_repeat = matches!(form.node(spot.node).kind, Question::Repeat { .. });
    match rule {
        Rule::Warning | Rule::Unknown => false,
        Rule::Calculation => is_repeat,
        Rule::Required if merged.is_fresh(spot.row) => false,
        _ => is_repeat || form.repeat_around(spot.node).is_none() || merged.fills(spot.node),
    }
}

/// The saves behind the values, each with its visit.
fn sources(tx: &Tx<'_>, root: RecordId, came: BTreeSet<Came>) -> Result<Vec<Source>> {
    let mut by_save: BTreeMap<Dot, Vec<String>> = BTreeMap::new();
    for came in came {
        let registers = by_save.entry(came.dot).or_default();
        if !came.register.is_empty() {
            registers.push(came.register);
        }
    }
    let mut sources = Vec::with_capacity(by_save.len());
    for (Dot { writer, save }, mut registers) in by_save {
        registers.dedup();
        let visit = history::find_visit(tx, root, writer, save)?;
        sources.push(Source { writer, save, visit, registers });
    }
    Ok(sources)
}

/// A visit that was saved again is still one visit.
fn is_of_several(sources: &[Source]) -> bool {
    /// A visit, or a save that wrote none.
    type Origin = (Option<RecordId>, Option<(WriterId, u64)>);
    let origin =
        |source: &Source| -> Origin { (source.visit, source.visit.is_none().then_some((source.writer, source.save))) };
    sources.iter().map(origin).collect::<BTreeSet<Origin>>().len() > 1
}

fn finding(root: RecordId, held: &Held, [id, en]: [Problem; 2], sources: Vec<Source>) -> Finding {
    Finding {
        root,
        record: root,
        kind: Kind::Household,
        path: by_place(id.path.as_str(), &held.answers),
        rule: rule_word(id.rule).to_owned(),
        package: held.package.clone(),
        label: [id.label, en.label],
        message: [id.message, en.message],
        sources,
        since: 0,
    }
}
