//! The entities sheet, and what the answers are saved to.

use std::collections::BTreeMap;

use crate::form::{Entity, Form, Kind, NodeId};
use crate::xlsform::columns::Field;
use crate::xlsform::formulas::{Formulas, sole_name};
use crate::xlsform::names;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;
use crate::xlsform::table::Entry;

/// A register as the sheet declares it.
#[derive(Debug)]
pub(super) struct Declared {
    entity: Entity,
    /// The repeat that the sheet names.
    repeat: Option<String>,
    /// Questions that its expressions name.
    names: Vec<String>,
    row: u32,
}

impl Declared {
    pub(super) fn list(&self) -> &str {
        &self.entity.list
    }
}

/// A `save_to` cell.
#[derive(Debug)]
pub(super) struct Save {
    pub(super) node: NodeId,
    pub(super) cell: String,
    pub(super) spot: Spot,
}

/// Reads the rows of the sheet.
pub(super) fn read(entries: &[Entry], formulas: &mut Formulas, report: &mut Report) -> Vec<Declared> {
    let mut declared: Vec<Declared> = Vec::new();
    for entry in entries {
        let list = entry.text(&Field::ListName);
        let spot = entry.spot(&Field::ListName);
        if list.is_empty() {
            report.error(&spot, Fault::EntityListMissing);
        } else if !names::is_name(list) || list.contains('.') || list.starts_with("__") {
            report.error(&spot, Fault::NameInvalid { repaired: names::repaired(list).replace('.', "_") });
        } else if let Some(known) = declared.iter().find(|known| known.entity.list == list) {
            report.error(&spot, Fault::EntityListTwice { row: known.row });
        } else {
            declared.push(read_row(entry, formulas, report));
        }
    }
    declared
}

fn read_row(entry: &Entry, formulas: &mut Formulas, report: &mut Report) -> Declared {
    let from = formulas.uses.len();
    let mut formula = |field: &Field| {
        let text = entry.text(field);
        if text.is_empty() { None } else { formulas.read(text, &entry.spot(field), report) }
    };
    let entity = Entity {
        list: entry.text(&Field::ListName).to_owned(),
        scope: NodeId::ROOT,
        label: formula(&Field::Label),
        entity_id: formula(&Field::EntityId),
        create_if: formula(&Field::CreateIf),
        update_if: formula(&Field::UpdateIf),
        properties: BTreeMap::new(),
    };
    let (has_id, creates, updates) =
        (entry.has(&Field::EntityId), entry.has(&Field::CreateIf), entry.has(&Field::UpdateIf));
    if updates && !has_id {
        report.error(&entry.spot(&Field::EntityId), Fault::EntityIdMissing);
    } else if has_id && creates && !updates {
        report.error(&entry.spot(&Field::UpdateIf), Fault::EntityUpdateIfMissing);
    } else if !has_id && !entry.has(&Field::Label) {
        report.error(&entry.spot(&Field::Label), Fault::EntityLabelMissing);
    }
    let names = formulas.uses[from..].iter().flat_map(|use_| use_.names.clone()).collect();
    let repeat = sole_name(entry.text(&Field::EntityRepeat)).map(str::to_owned);
    Declared { entity, repeat, names, row: entry.number }
}

/// Finds for each register where it is made and which questions fill it.
pub(super) fn resolve(declared: Vec<Declared>, saves: &[Save], form: &mut Form, report: &mut Report) {
    let lists: Vec<String> = declared.iter().map(|declared| declared.entity.list.clone()).collect();
    let mut placed: BTreeMap<String, Vec<(&Save, String)>> = BTreeMap::new();
    for save in saves {
        match place(save, &lists) {
            Ok((list, property)) => {
                if matches!(property.to_lowercase().as_str(), "name" | "label") || property.starts_with("__") {
                    report.warning(&save.spot, Fault::SaveToReserved);
                }
                form.nodes[save.node.index()].save_to = Some(property.clone());
                placed.entry(list).or_default().push((save, property));
            }
            Err(fault) => report.error(&save.spot, fault),
        }
    }
    for declared in declared {
        let saved = placed.remove(&declared.entity.list).unwrap_or_default();
        let entity = finish(declared, &saved, form, report);
        form.entities.push(entity);
    }
}

/// The register and the property that a cell means.
fn place(save: &Save, lists: &[String]) -> Result<(String, String), Fault> {
    let (list, property) = match save.cell.split_once('#') {
        Some((list, property)) => (list.trim().to_owned(), property.trim()),
        None => match lists {
            [] => return Err(Fault::SaveToWithoutEntities),
            [only] => (only.clone(), save.cell.as_str()),
            _ => return Err(Fault::SaveToWithoutList { lists: lists.to_vec() }),
        },
    };
    if lists.is_empty() {
        return Err(Fault::SaveToWithoutEntities);
    }
    if !names::is_name(property) {
        return Err(Fault::SaveToUnreadable);
    }
    if !lists.contains(&list) {
        let suggestion = names::nearest(&list, lists.iter().map(String::as_str));
        return Err(Fault::EntityUnknown { list, suggestion });
    }
    Ok((list, property.to_owned()))
}

fn finish(declared: Declared, saved: &[(&Save, String)], form: &Form, report: &mut Report) -> Entity {
    let mut entity = declared.entity;
    entity.scope = scope(&declared.repeat, &declared.names, saved, form);
    for (save, property) in saved {
        if scope_of(form, save.node) != entity.scope {
            let fault =
                Fault::SaveToElsewhere { list: entity.list.clone(), scope: form.node(entity.scope).name.clone() };
            report.error(&save.spot, fault);
        } else if let Some(first) = entity.properties.insert(property.clone(), save.node) {
            let row = form.node(first).place.row;
            report.error(&save.spot, Fault::SaveToTwice { row });
        }
    }
    entity
}

/// The repeat that the sheet names, else the deepest that holds a question saved to the register or named by it.
fn scope(repeat: &Option<String>, named: &[String], saved: &[(&Save, String)], form: &Form) -> NodeId {
    let is_repeat = |id: &NodeId| matches!(form.node(*id).kind, Kind::Repeat { .. });
    if let Some(id) =
        repeat.as_ref().and_then(|name| form.ids().find(|&id| form.node(id).name == *name)).filter(is_repeat)
    {
        return id;
    }
    let by_save = saved.iter().map(|(save, _)| scope_of(form, save.node));
    let by_name = named.iter().filter_map(|name| form.ids().skip(1).find(|&id| form.node(id).name == *name));
    let depth = |id: &NodeId| form.ancestors(*id).count();
    let deepest_save = by_save.max_by_key(depth);
    deepest_save.or_else(|| by_name.map(|id| scope_of(form, id)).max_by_key(depth)).unwrap_or(NodeId::ROOT)
}

fn scope_of(form: &Form, node: NodeId) -> NodeId {
    form.repeat_around(node).unwrap_or(NodeId::ROOT)
}
