//! The prelist of an interview: what the register knows, value by value with where it comes from.
//!
//! A value that people verified comes before one that was imported. Where people differ, all their values are named: who
//! answers has seen them, and the answer may take the place of each.

use std::collections::BTreeMap;

use questionnaire::expr::Moment;
use questionnaire::form::{Entity, Form, Kind, NodeId};
use questionnaire::interview::{Known, Prefill, Prelisted};
use questionnaire::record::{answer_of, register_of};
use sync_protocol::{Row, Value};

use super::shown::Shown;
use crate::error::Result;
use crate::views::{Names, RegisterView, ValueView, registers};

/// The lists of a form's entities that are collections of the register.
pub(super) const HOUSEHOLD: &str = "household";
pub(super) const FAMILY: &str = "family";
pub(super) const PERSON: &str = "person";

/// What the register knows of those whom a form is about.
pub(super) fn of(form: &Form, shown: &Shown, names: &mut Names<'_>, offset_min: i32) -> Result<Prefill> {
    let Some(root) = form.ids().next() else { return Ok(Prefill::default()) };
    let mut listing = Listing { form, shown, names, offset_min };
    let household = shown.find(shown.household());
    let family = shown.family().and_then(|family| shown.find(family));
    listing.scope(root, Around { household, family, person: None })
}

/// Whether the form itself is about a family, and not each row of a repeat.
pub(super) fn holds_family(form: &Form) -> bool {
    let root = form.ids().next();
    form.entities.iter().any(|entity| Some(entity.scope) == root && entity.list == FAMILY)
}

/// Whom a form, or a row of it, is about.
#[derive(Clone, Copy, Default)]
struct Around<'a> {
    household: Option<&'a Row>,
    family: Option<&'a Row>,
    person: Option<&'a Row>,
}

struct Listing<'a, 'n> {
    form: &'a Form,
    shown: &'a Shown,
    names: &'a mut Names<'n>,
    offset_min: i32,
}

impl<'a> Listing<'a, '_> {
    fn scope(&mut self, scope: NodeId, around: Around<'a>) -> Result<Prefill> {
        let form = self.form;
        let mut prefill = Prefill::default();
        for entity in form.entities.iter().filter(|entity| entity.scope == scope) {
            let row = match entity.list.as_str() {
                HOUSEHOLD => around.household,
                FAMILY => around.family,
                PERSON => around.person,
                _ => None,
            };
            if let Some(row) = row {
                let known = self.known(entity, row)?;
                prefill.known.insert(entity.list.clone(), known);
            }
        }
        let root = form.ids().next();
        let inside =
            |entity: &&Entity| Some(entity.scope) != root && form.repeat_around(entity.scope).or(root) == Some(scope);
        for entity in form.entities.iter().filter(inside) {
            let rows = self.rows(entity, around)?;
            if !rows.is_empty() {
                prefill.rows.insert(entity.list.clone(), rows);
            }
        }
        Ok(prefill)
    }

    /// The rows that a repeat begins with.
    fn rows(&mut self, entity: &Entity, around: Around<'a>) -> Result<Vec<Prefill>> {
        let shown = self.shown;
        let each: Vec<Around<'a>> = match entity.list.as_str() {
            FAMILY => shown.families().map(|row| Around { family: Some(row), ..Around::default() }).collect(),
            PERSON => {
                let family = around.family.map(|row| row.id);
                shown.persons(family).map(|row| Around { person: Some(row), ..Around::default() }).collect()
            }
            _ => Vec::new(),
        };
        each.into_iter().map(|around| self.scope(entity.scope, around)).collect()
    }

    fn known(&mut self, entity: &Entity, row: &Row) -> Result<Known> {
        let views = registers(self.names, row)?;
        let mut values = BTreeMap::new();
        for (property, node) in &entity.properties {
            let kind = &self.form.node(*node).kind;
            let register = register_of(property);
            // What the form calculates, it finds out itself; and names of the protocol's own are no answers.
            if matches!(kind, Kind::Calculate) || register.starts_with('_') {
                continue;
            }
            if let Some(listed) = views.get(register).and_then(|view| self.listed(kind, view)) {
                values.insert(property.clone(), listed);
            }
        }
        let label = ["name", "head_name"].iter().find_map(|name| shown_text(views.get(*name)?));
        Ok(Known { entity: row.id.to_string(), label, values })
    }

    fn listed(&self, kind: &Kind, view: &RegisterView) -> Option<Prelisted> {
        let date = |value: &ValueView| Some(Moment { unix_ms: value.when.0, offset_min: self.offset_min }.date());
        if let Some((first, others)) = view.values.split_first() {
            let value = answer_of(kind, first.value.json())?;
            let others = others.iter().map(|other| format!(" ≠ {}: {}", author(other), plain(&other.value)));
            return Some(Prelisted {
                value,
                source: author(first).to_owned() + &others.collect::<String>(),
                date: date(first),
            });
        }
        let imported = view.sources.iter().filter_map(|(source, values)| Some((source, values.first()?)));
        let (source, latest) = imported.max_by_key(|(_, value)| value.when)?;
        Some(Prelisted { value: answer_of(kind, latest.value.json())?, source: source.clone(), date: date(latest) })
    }
}

/// Who wrote a value, as far as the device knows.
fn author(value: &ValueView) -> &str {
    value.who_name.as_deref().unwrap_or("?")
}

fn plain(value: &Value) -> String {
    value.as_text().unwrap_or_else(|| value.as_str().to_owned())
}

fn shown_text(view: &RegisterView) -> Option<String> {
    let values = view.values.iter().chain(view.sources.values().flatten());
    values.filter_map(|value| value.value.as_text()).find(|text| !text.is_empty())
}
