//! One visit held against the version it was made with.

use std::collections::BTreeMap;

use questionnaire::expr::Moment;
use questionnaire::form::{Background, Kind as Question};
use questionnaire::interview::{Path, Problem, Visit, validate};
use questionnaire::record;
use serde_json::Value as Json;
use sync_protocol::{RecordId, Row, Value};

use super::broken::{self, Wording, rule_word};
use super::plans::{Plans, Ready};
use crate::store::db::Result;
use crate::store::findings::{Finding, Kind, Source};
use crate::store::{Tx, history};
use crate::tables::OFFICE_UTC_OFFSET_MINUTES;

/// A visit as its record tells it.
pub(super) struct Held {
    pub(super) package: String,
    pub(super) answers: Json,
    pub(super) reasons: BTreeMap<Path, String>,
    pub(super) moment: Moment,
}

/// All that is wrong with a visit. A visit without a form is none of ours.
pub(super) fn check(tx: &Tx<'_>, root: RecordId, row: &Row, plans: &mut Plans) -> Result<Vec<Finding>> {
    let Some(package) = package_of(row) else { return Ok(vec![]) };
    let sources = sources(tx, root, row)?;
    let finding = |path: String, rule: &str, label: [String; 2], message: [String; 2]| Finding {
        root,
        record: row.id,
        kind: Kind::Visit,
        path,
        rule: rule.to_owned(),
        package: package.clone(),
        label,
        message,
        sources: sources.clone(),
        since: 0,
    };
    let whole = |told: Wording| vec![finding(String::new(), told.rule, Default::default(), told.message)];
    let Some(ready) = plans.find(tx, &package)? else { return Ok(whole(broken::unknown_form())) };
    let Some(held) = Held::of(row, &ready) else { return Ok(whole(broken::unreadable())) };
    let problems = validated(&ready, &held);
    let path = |problem: &Problem| by_place(problem.path.as_str(), &held.answers);
    let found = problems.iter().map(|[id, en]| {
        let label = [id.label.clone(), en.label.clone()];
        finding(path(id), rule_word(id.rule), label, [id.message.clone(), en.message.clone()])
    });
    Ok(found.collect())
}

/// The package that a visit names.
pub(super) fn package_of(row: &Row) -> Option<String> {
    row.value(record::PACKAGE)?.as_text()
}

impl Held {
    /// What the record tells; `None` where its answers are missing or damaged.
    pub(super) fn of(row: &Row, ready: &Ready) -> Option<Held> {
        let find = |name: &str| record::find(name, |register| row.value(register).map(Value::json));
        let answers = find(record::ANSWERS).filter(Json::is_object)?;
        let reasons =
            find(record::REASONS).and_then(|reasons| serde_json::from_value(reasons).ok()).unwrap_or_default();
        let ms = |name: &str| row.value(name).and_then(|value| value.json().as_i64());
        // What was asked of the clock was asked until the end.
        let unix_ms = ms("ended_at").or_else(|| ms("started_at")).or_else(|| written_ms(row))?;
        let moment = Moment { unix_ms, offset_min: offset(&answers, ready) };
        Some(Held { package: package_of(row)?, answers, reasons, moment })
    }
}

/// When the answers were written, for a visit that does not say when it was held.
fn written_ms(row: &Row) -> Option<i64> {
    let written = row.winner(record::PACKAGE)?.dot;
    row.stamps.get(&written).map(|stamp| stamp.clock.0)
}

/// The clock's offset where the visit was held, from a question that keeps the time; else the office's.
fn offset(answers: &Json, ready: &Ready) -> i32 {
    let form = ready.plan.form();
    let clocks = form
        .ids()
        .filter(|&id| matches!(form.node(id).kind, Question::Background(Background::Start | Background::End)));
    let mut texts = clocks.filter_map(|id| {
        let path = form.path(id);
        path.split('/').skip(2).try_fold(answers, |json, name| json.get(name))?.as_str()
    });
    texts.find_map(offset_of).unwrap_or(OFFICE_UTC_OFFSET_MINUTES as i32)
}

/// `…+07:00` as minutes.
fn offset_of(text: &str) -> Option<i32> {
    let (_, time) = text.split_once('T')?;
    if time.ends_with('Z') {
        return Some(0);
    }
    let at = time.rfind(['+', '-'])?;
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let minutes: i32 = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
    Some(if time[at..].starts_with('-') { -minutes } else { minutes })
}

/// What is wrong, in Bahasa Indonesia and in English.
pub(super) fn validated(ready: &Ready, held: &Held) -> Vec<[Problem; 2]> {
    let told = |language: usize| {
        let visit = Visit { answers: &held.answers, reasons: &held.reasons, moment: held.moment, language };
        validate(std::sync::Arc::clone(&ready.plan), &ready.tables, &visit)
    };
    let [id, en] = ready.languages;
    let first = told(id);
    // Almost every visit is in order; only what is to be told is worded twice.
    let second = if first.is_empty() || id == en { first.clone() } else { told(en) };
    first.into_iter().zip(second).map(|(id, en)| [id, en]).collect()
}

/// The save that the visit came with.
fn sources(tx: &Tx<'_>, root: RecordId, row: &Row) -> Result<Vec<Source>> {
    let Some(written) = row.winner(record::PACKAGE) else { return Ok(vec![]) };
    let (writer, save) = (written.dot.writer, written.dot.save);
    let visit = history::find_visit(tx, root, writer, save)?;
    Ok(vec![Source { writer, save, visit, registers: vec![] }])
}

/// A path whose rows are named by their place, counted from 1, instead of by ids that nobody reads.
pub(super) fn by_place(path: &str, answers: &Json) -> String {
    let mut at = Some(answers);
    let mut parts = path.split('/').skip(1);
    let mut written = format!("/{}", parts.next().unwrap_or(""));
    for part in parts {
        let (name, row) = part.strip_suffix(']').and_then(|part| part.split_once('[')).unzip();
        at = at.and_then(|json| json.get(name.unwrap_or(part)));
        let place = row.and_then(|row| {
            let rows = at?.as_array()?;
            let place = rows.iter().position(|json| json.get("@row").and_then(Json::as_str) == Some(row))?;
            at = rows.get(place);
            Some(place + 1)
        });
        match (name, place) {
            (Some(name), Some(place)) => written.push_str(&format!("/{name}[{place}]")),
            _ => written.push_str(&format!("/{part}")),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_named_by_their_place() {
        let answers = json!({"members": {"member": [{"@row": "ab"}, {"@row": "cd", "id": {"nik": "1"}}]}});
        for (path, expected) in [
            ("/data/members/member[cd]/id/nik", "/data/members/member[2]/id/nik"),
            ("/data/members/member[zz]/id/nik", "/data/members/member[zz]/id/nik"),
            ("/data/members/member", "/data/members/member"),
            ("/data", "/data"),
        ] {
            assert_eq!(by_place(path, &answers), expected);
        }
    }

    #[test]
    fn an_offset_is_read_from_a_clock_that_was_kept() {
        for (text, expected) in [
            ("2026-08-17T08:30:00.000+07:00", Some(420)),
            ("2026-08-17T08:30:00.000-03:30", Some(-210)),
            ("2026-08-17T08:30:00Z", Some(0)),
            ("2026-08-17", None),
        ] {
            assert_eq!(offset_of(text), expected, "{text}");
        }
    }
}
