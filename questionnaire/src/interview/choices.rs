//! The choices that a question offers at present, and what they leave of its answer.
//!
//! As in ODK, an answer whose choice is no longer offered does not count; it is kept aside and counts again when the
//! choice comes back.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::expr::{Formula, Value, World};
use crate::form::{Choices, Kind, Media, Source};
use crate::interview::graph::choices_of;
use crate::interview::scene::Spot;
use crate::interview::sheet::Sheet;
use crate::interview::tree::{CellAt, RowAt};

/// The most choices that a screen is handed; more of them are searched for.
pub const CHOICES_MAX: usize = 500;

/// A choice as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Offer {
    /// What is stored.
    pub name: String,
    /// What is shown.
    pub label: String,
    /// Files beside the label.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub media: BTreeMap<Media, String>,
}

/// Where the choices of a question stand, in order.
enum Stand {
    /// Items of a list or table, by the columns of their value and label.
    Items { table: u32, value: usize, label: Option<usize>, items: Items },
    /// Cells whose values are the choices.
    Cells(Vec<CellAt>),
}

enum Items {
    All,
    Some(Vec<u32>),
}

impl Sheet {
    /// Finds anew what the choices leave of the answer.
    pub(crate) fn offer(&mut self, at: CellAt) {
        if self.plan.has_choices(self.tree.cell(at).node) {
            let left = self.left(at);
            self.tree.cell_mut(at).left = left;
        }
    }

    fn left(&self, at: CellAt) -> Option<String> {
        let raw = self.tree.cell(at).raw.as_str();
        if raw.is_empty() {
            return None;
        }
        let stand = self.stand(at)?;
        let left = match &self.plan.form.node(self.tree.cell(at).node).kind {
            Kind::SelectOne(_) => {
                if self.offers(&stand, raw) {
                    raw.to_owned()
                } else {
                    String::new()
                }
            }
            Kind::Rank(_) => {
                // A choice that was not there when the others were put in order is the last of them.
                let names = self.names(&stand);
                let offered: HashSet<&str> = names.iter().map(String::as_str).collect();
                let ranked: Vec<&str> = raw.split_whitespace().filter(|name| offered.contains(name)).collect();
                let others = names.iter().map(String::as_str).filter(|name| !ranked.contains(name));
                ranked.iter().copied().chain(others).collect::<Vec<_>>().join(" ")
            }
            _ => raw.split_whitespace().filter(|name| self.offers(&stand, name)).collect::<Vec<_>>().join(" "),
        };
        (left != raw).then_some(left)
    }

    /// Where the choices stand; `None` where their table is not on this device, so that nothing can be said.
    fn stand(&self, at: CellAt) -> Option<Stand> {
        let Choices { from, filter } = choices_of(self.plan.form.node(self.tree.cell(at).node))?;
        let (table, value, label) = match from {
            Source::List(name) => (self.plan.find_list(name)? as u32, "name", "label"),
            Source::Table { table, value, label } => (self.shelf.find(table)?, value.as_str(), label.as_str()),
            Source::Repeat(question) => return Some(Stand::Cells(self.cells_offered(question, filter.as_ref(), at))),
        };
        let held = self.shelf.table(table);
        let items = match filter {
            None => Items::All,
            Some(filter) => {
                let rows = filter.rows(self, Spot::items(table), "item", self.spot(at));
                Items::Some(rows.into_iter().filter_map(Spot::item_row).collect())
            }
        };
        Some(Stand::Items { table, value: held.find_column(value)?, label: held.find_column(label), items })
    }

    /// The cells of `question` in the rows of its repeat that are filled and fit the filter.
    fn cells_offered(&self, question: &str, filter: Option<&Formula>, at: CellAt) -> Vec<CellAt> {
        let plan = &self.plan;
        let cell = self.tree.cell(at);
        let Some(node) = plan.layout.find(&plan.form, question, cell.node) else { return Vec::new() };
        let Some(repeat) = plan.form.repeat_around(node) else { return Vec::new() };
        let around = plan.layout.scope_of(repeat);
        let shared = plan.layout.common(self.tree.row(cell.row).scope, around);
        let Some(row) = self.tree.row_at(cell.row, shared) else { return Vec::new() };
        let mut rows: Vec<RowAt> = Vec::new();
        for outer in self.tree.rows_under(plan, row, around) {
            let series = self.tree.cell_of(plan, outer, repeat);
            match (filter, self.tree.above(plan, series)) {
                (Some(filter), Some(above)) => {
                    let heads = filter.rows(self, self.spot(above), &plan.form.node(repeat).name, self.spot(at));
                    rows.extend(heads.into_iter().filter_map(Spot::cell).map(|head| self.tree.cell(head).row));
                }
                _ => rows.extend(&self.tree.series(plan, series).rows),
            }
        }
        let scope = plan.layout.scope_of(node);
        let cells = rows.into_iter().flat_map(|row| self.tree.rows_under(plan, row, scope));
        let cells = cells.map(|row| self.tree.cell_of(plan, row, node));
        cells.filter(|&at| !self.tree.value(at).is_empty()).collect()
    }

    fn offers(&self, stand: &Stand, name: &str) -> bool {
        match stand {
            Stand::Items { table, value, items: Items::All, .. } => {
                !self.shelf.table(*table).rows_with(*value, name).is_empty()
            }
            Stand::Items { table, value, items: Items::Some(rows), .. } => {
                rows.iter().any(|&row| self.shelf.table(*table).cell(row as usize, *value) == name)
            }
            Stand::Cells(cells) => cells.iter().any(|&at| self.tree.value(at) == name),
        }
    }

    fn names(&self, stand: &Stand) -> Vec<String> {
        match stand {
            Stand::Cells(cells) => cells.iter().map(|&at| self.tree.value(at).to_owned()).collect(),
            Stand::Items { table, value, items, .. } => {
                let held = self.shelf.table(*table);
                let name = |row: usize| held.cell(row, *value).to_owned();
                match items {
                    Items::All => (0..held.len()).map(name).collect(),
                    Items::Some(rows) => rows.iter().map(|&row| name(row as usize)).collect(),
                }
            }
        }
    }

    /// Names of a multiple choice in the order of the list, as a submission holds them.
    pub(crate) fn in_order_of_list(&self, at: CellAt, text: &str) -> String {
        let mut named = HashSet::new();
        let chosen: Vec<&str> = text.split_whitespace().filter(|name| named.insert(*name)).collect();
        let order = match self.stand(at) {
            Some(stand) if chosen.len() > 1 => self.names(&stand),
            _ => return chosen.join(" "),
        };
        let place = |name: &&str| order.iter().position(|known| known == name).unwrap_or(usize::MAX);
        let mut sorted = chosen;
        sorted.sort_by_key(place);
        sorted.join(" ")
    }

    /// The choices offered whose label holds `search`, at most `most` of them, and whether there are more.
    pub(crate) fn list_offers(&self, at: CellAt, search: &str, most: usize) -> (Vec<Offer>, bool) {
        let Some(stand) = self.stand(at) else { return (Vec::new(), false) };
        let search = search.to_lowercase();
        let wanted = |offer: &Offer| search.is_empty() || offer.label.to_lowercase().contains(&search);
        let mut offers = match stand {
            Stand::Cells(cells) => cells.into_iter().map(|at| self.offer_of_cell(at)).filter(wanted).collect(),
            Stand::Items { table, value, label, items } => {
                let rows: Box<dyn Iterator<Item = u32>> = match (self.shuffled(at, table, &items), items) {
                    (Some(rows), _) | (None, Items::Some(rows)) => Box::new(rows.into_iter()),
                    (None, Items::All) => Box::new(0..self.shelf.table(table).len() as u32),
                };
                let offers = rows.map(|row| self.offer_of_item(table, row, value, label));
                offers.filter(wanted).take(most + 1).collect::<Vec<_>>()
            }
        };
        let more = offers.len() > most;
        offers.truncate(most);
        (offers, more)
    }

    fn offer_of_cell(&self, at: CellAt) -> Offer {
        let name = self.tree.value(at).to_owned();
        Offer { label: name.clone(), name, media: BTreeMap::new() }
    }

    fn offer_of_item(&self, table: u32, row: u32, value: usize, label: Option<usize>) -> Offer {
        let held = self.shelf.table(table);
        let name = held.cell(row as usize, value).to_owned();
        if self.shelf.is_list(table) {
            let choice = &self.plan.form.lists[table as usize].choices[row as usize];
            let media = choice.media.iter().map(|(&media, text)| (media, self.wording(text, CellAt::ROOT)));
            return Offer { name, label: self.list_label(table as usize, row as usize), media: media.collect() };
        }
        let label = label.map_or(name.as_str(), |label| held.cell(row as usize, label)).to_owned();
        Offer { name, label, media: BTreeMap::new() }
    }

    /// The items in another order, where the question's parameters ask for that.
    fn shuffled(&self, at: CellAt, table: u32, items: &Items) -> Option<Vec<u32>> {
        let parameters = &self.plan.form.node(self.tree.cell(at).node).parameters;
        if parameters.get("randomize").is_none_or(|value| value != "true") {
            return None;
        }
        // The order is ODK's own, so it is asked of the function that defines it.
        let list = self.shelf_name(table)?;
        let seed = parameters.get("seed").cloned().unwrap_or_else(|| self.shuffle.to_string());
        let formula = Formula::parse(&format!("randomize(instance('{list}')/root/item, {seed})")).ok()?;
        let kept: Option<HashSet<u32>> = match items {
            Items::All => None,
            Items::Some(rows) if rows.is_empty() => return Some(Vec::new()),
            Items::Some(rows) => Some(rows.iter().copied().collect()),
        };
        let Value::Nodes(nodes) = formula.value(self, self.spot(at)) else { return None };
        let rows = nodes.into_iter().filter_map(Spot::item_row);
        Some(rows.filter(|row| kept.as_ref().is_none_or(|kept| kept.contains(row))).collect())
    }

    fn shelf_name(&self, table: u32) -> Option<&str> {
        let list = self.plan.form.lists.get(table as usize).map(|list| list.name.as_str());
        list.filter(|_| self.shelf.is_list(table)).or_else(|| self.shelf.name(table))
    }

    /// How `value` is said as an answer at `at`: labels of choices, else the value itself.
    pub(crate) fn spoken(&self, at: CellAt, value: &str) -> String {
        let node = self.tree.cell(at).node;
        if !self.plan.has_choices(node) {
            return value.to_owned();
        }
        let name = &self.plan.form.node(node).name;
        let label = |value: &str| {
            let label = self.choice_label(name, value, self.spot(at));
            label.map_or_else(|| value.to_owned(), std::borrow::Cow::into_owned)
        };
        value.split_whitespace().map(label).collect::<Vec<_>>().join(", ")
    }
}
