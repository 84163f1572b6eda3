//! Whether what the cells name is there: questions, lists and tables.

use std::collections::{BTreeSet, HashMap};

use crate::form::{ChoiceList, Form, Kind, Node, NodeId, TableFile};
use crate::xlsform::formulas::{Formulas, part_of};
use crate::xlsform::names;
use crate::xlsform::problem::Fault;
use crate::xlsform::report::Report;
use crate::xlsform::survey::Trigger;

/// Names that stand for what every interview has.
const ALWAYS_THERE: &[&str] = &["instanceID", "instanceName"];

/// Tables that ODK makes itself.
const OWN_TABLES: &[&str] = &["__last-saved"];

/// Tells of names that are no question's, or more than one's; gives back those that are none's.
pub(super) fn check_names(
    nodes: &[Node],
    formulas: &Formulas,
    unoffered: &BTreeSet<String>,
    report: &mut Report,
) -> BTreeSet<String> {
    let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
    for node in nodes.iter().skip(1) {
        by_name.entry(&node.name).or_default().push(node.place.row);
    }
    let mut unknown = BTreeSet::new();
    for one in &formulas.uses {
        let is_idle = one.list.as_ref().is_some_and(|list| unoffered.contains(list));
        for name in &one.names {
            let fault = match by_name.get(name.as_str()).map(Vec::as_slice) {
                Some([_]) => continue,
                None if ALWAYS_THERE.contains(&name.as_str()) => continue,
                None => {
                    unknown.insert(name.clone());
                    let candidates = nodes.iter().skip(1).map(|node| node.name.as_str());
                    let suggestion = if report.is_full() { None } else { names::nearest(name, candidates) };
                    Fault::NameUnknown { name: name.clone(), suggestion }
                }
                Some(rows) => Fault::NameAmbiguous { name: name.clone(), rows: rows.to_vec() },
            };
            match is_idle {
                true => report.warning(&one.spot, fault),
                false => report.error(&one.spot, fault),
            }
        }
    }
    unknown
}

/// Tells of calculations that cannot be read: a warning where nothing uses the value.
pub(super) fn check_calculations(formulas: &Formulas, report: &mut Report) {
    let used: BTreeSet<&str> = formulas.uses.iter().flat_map(|one| &one.names).map(String::as_str).collect();
    for (name, spot, error) in &formulas.unreadable {
        let (why, advice, part) = (error.message.clone(), error.advice.clone(), part_of(&spot.cell, error));
        if used.contains(name.as_str()) {
            report.error(spot, Fault::FormulaUnreadable { why, advice, part });
        } else {
            report.warning(spot, Fault::CalculationUnreadable { why, advice, part });
        }
    }
}

/// Adds the tables that expressions call and that no row declares; tells of those that are neither list nor table.
pub(super) fn check_tables(
    formulas: &Formulas,
    lists: &[ChoiceList],
    entities: &[String],
    tables: &mut Vec<TableFile>,
    report: &mut Report,
) {
    let mut told = BTreeSet::new();
    for one in &formulas.uses {
        for table in &one.tables {
            let name = &table.name;
            let is_known = tables.iter().any(|known| known.name == *name)
                || lists.iter().any(|list| list.name == *name)
                || OWN_TABLES.contains(&name.as_str());
            if is_known {
                continue;
            }
            if !table.is_file && !entities.contains(name) && told.insert(name.clone()) {
                let known =
                    lists.iter().map(|list| list.name.as_str()).chain(tables.iter().map(|table| table.name.as_str()));
                let suggestion = names::nearest(name, known);
                report.warning(&one.spot, Fault::TableUnknown { name: name.clone(), suggestion });
            }
            let file = if name.contains('.') { name.clone() } else { format!("{name}.csv") };
            tables.push(TableFile { name: name.clone(), file });
        }
    }
}

/// Puts the nodes that set a calculation off where their names stood.
pub(super) fn resolve_triggers(triggers: &[Trigger], form: &mut Form, report: &mut Report) {
    for trigger in triggers {
        for name in &trigger.names {
            let Some(id) = form.ids().skip(1).find(|&id| form.node(id).name == *name) else { continue };
            if is_unseen(form, id) {
                report.warning(&trigger.spot, Fault::TriggerUnseen { name: name.clone() });
            }
            form.nodes[trigger.node.index()].trigger.push(id);
        }
    }
}

fn is_unseen(form: &Form, id: NodeId) -> bool {
    let node = form.node(id);
    let is_silent = matches!(node.kind, Kind::Calculate | Kind::Hidden | Kind::Background(_) | Kind::Group);
    let is_computed = node.calculation.is_some() && node.label.is_empty() && node.hint.is_empty();
    is_silent || is_computed
}
