//! A row that offers choices.

use crate::expr::Formula;
use crate::form::{Choices, Kind, NodeId, Source};
use crate::xlsform::columns::Field;
use crate::xlsform::formulas::{constant, sole_name};
use crate::xlsform::kinds::{From, Many, Select};
use crate::xlsform::names;
use crate::xlsform::parameters;
use crate::xlsform::problem::Fault;
use crate::xlsform::survey::{Draft, search};
use crate::xlsform::table::Entry;

/// Endings of tables that lie beside the form.
const TABLE_ENDINGS: &[&str] = &[".csv", ".xml", ".geojson"];

/// How a list of the external_choices sheet is called where choices has one of the same name.
const EXTERNAL_PREFIX: &str = "external_choices/";

impl Draft<'_> {
    pub(super) fn read_select(&mut self, entry: &Entry, select: Select) {
        let filter = match entry.find(&Field::ChoiceFilter) {
            Some(cell) => {
                let text = cell.text.clone();
                self.formulas.read(&text, &entry.spot(&Field::ChoiceFilter), self.report)
            }
            None => None,
        };
        let source = self.source(entry, &select);
        if let Source::List(list) = &source {
            self.tell_of_spaces(entry, &select, list);
            if select.from == From::Choices {
                self.continue_table_list(entry, select.many, list);
            }
        }
        let from_table = self.search(entry, &source);
        self.lists.offer(select.list.as_deref().unwrap_or_default(), filter.is_some() || from_table.is_some());
        let (source, searched) = from_table.unwrap_or((source, None));
        let filter = both(filter, searched);
        let or_other = select.or_other && self.adds_other(entry, &select, &source);
        let filter = filter.map(|filter| if or_other { or_named_other(&filter) } else { filter });
        let id = self.read_question(entry, select.many.kind(Choices { from: source, filter }));
        if self.is_in_table_list() {
            self.node_mut(id).appearance = vec!["list-nolabel".to_owned()];
        }
        if select.many == Many::Multiple && self.settings.add_none_option {
            self.add_none(id, &select);
        }
        if or_other {
            self.add_other(id, entry, &select);
        }
    }

    /// Where the choices come from; an unknown list is told of.
    fn source(&mut self, entry: &Entry, select: &Select) -> Source {
        let Some(list) = &select.list else {
            self.report.error(&entry.spot(&Field::Type), Fault::ListMissing);
            return Source::List(String::new());
        };
        if let Some(name) = sole_name(list) {
            self.formulas.remember_names([name.to_owned()], &entry.spot(&Field::Type));
            return Source::Repeat(name.to_owned());
        }
        let ending = TABLE_ENDINGS.iter().find(|ending| list.to_lowercase().ends_with(*ending));
        match (select.from, ending) {
            (From::ExternalChoices, _) => self.external_source(entry, list),
            (_, Some(ending)) if !self.lists.has(list) => self.table_source(entry, list, ending),
            (From::File, None) => {
                self.report.error(&entry.spot(&Field::Type), Fault::FileNameInvalid { file: list.clone() });
                Source::List(list.clone())
            }
            _ => {
                if !self.lists.has(list) {
                    self.tell_of_unknown_list(list, entry);
                }
                Source::List(list.clone())
            }
        }
    }

    fn external_source(&mut self, entry: &Entry, list: &str) -> Source {
        if !self.external_lists.has(list) {
            let known = self.external_lists.names();
            let suggestion = if self.report.is_full() { None } else { names::nearest(list, known) };
            let has_sheet = self.external_lists.has_sheet;
            let fault = Fault::ListUnknown { list: list.to_owned(), suggestion, has_sheet };
            self.report.error(&entry.spot(&Field::Type), fault);
        }
        self.external_lists.offer(list, entry.has(&Field::ChoiceFilter));
        Source::List(external_name(list, self.lists.has(list)))
    }

    fn table_source(&mut self, entry: &Entry, file: &str, ending: &str) -> Source {
        let table = file[..file.len() - ending.len()].to_owned();
        self.add_table(&table, file);
        let cell = entry.text(&Field::Parameters);
        // Told of when the row is described.
        let given = parameters::read(cell, &entry.spot(&Field::Parameters), &mut Default::default());
        let (value, label) = if ending == ".geojson" { ("id", "title") } else { ("name", "label") };
        let column = |key: &str, default: &str| given.get(key).map_or(default, String::as_str).to_owned();
        Source::Table { table, value: column("value", value), label: column("label", label) }
    }

    pub(super) fn tell_of_unknown_list(&mut self, list: &str, entry: &Entry) {
        let suggestion = if self.report.is_full() { None } else { names::nearest(list, self.lists.names()) };
        let fault = Fault::ListUnknown { list: list.to_owned(), suggestion, has_sheet: self.lists.has_sheet };
        self.report.error(&entry.spot(&Field::Type), fault);
    }

    /// Answers with several choices are their names with blanks between.
    fn tell_of_spaces(&mut self, entry: &Entry, select: &Select, list: &str) {
        if select.many == Many::One {
            return;
        }
        if let Some((name, row)) = self.lists.find_space(list) {
            let fault = Fault::ChoiceNameWithSpace { list: list.to_owned(), name, row };
            match select.many {
                Many::Multiple => self.report.error(&entry.spot(&Field::Type), fault),
                _ => self.report.warning(&entry.spot(&Field::Type), fault),
            }
        }
    }

    /// The table and the filter that `search()` in the appearance means.
    fn search(&mut self, entry: &Entry, source: &Source) -> Option<(Source, Option<Formula>)> {
        let call = super::question::words(entry.text(&Field::Appearance))
            .into_iter()
            .find(|word| word.starts_with("search("))?;
        let Source::List(list) = source else { return None };
        let spot = entry.spot(&Field::Appearance);
        let described = self.lists.choices(list, search::DESCRIBED_MAX);
        let Some(search) = search::read(&call, &described) else {
            self.report.warning(&spot, Fault::SearchUnreadable);
            return None;
        };
        self.report.warning(&spot, Fault::SearchRead { table: search.table.clone() });
        self.add_table(&search.table, &format!("{}.csv", search.table));
        let filter = search.filter.and_then(|text| self.formulas.read(&text, &spot, self.report));
        Some((Source::Table { table: search.table, value: search.value, label: search.label }, filter))
    }

    fn adds_other(&mut self, entry: &Entry, select: &Select, source: &Source) -> bool {
        let spot = entry.spot(&Field::Type);
        if !matches!(source, Source::List(_)) || select.from != From::Choices {
            self.report.error(&spot, Fault::OrOtherWithoutList);
            return false;
        }
        if entry.has(&Field::ChoiceFilter) {
            self.report.warning(&entry.spot(&Field::ChoiceFilter), Fault::OrOtherFiltered);
        }
        if self.languages.all.len() > 1 {
            self.report.remark(&spot, Fault::OrOtherUntranslated);
        }
        true
    }

    /// `or_other` is short for a choice `other` and a question for its text.
    fn add_other(&mut self, id: NodeId, entry: &Entry, select: &Select) {
        let label = self.own_text("Other", "Lainnya");
        self.lists.add(select.list.as_deref().unwrap_or_default(), "other", label);
        let name = self.nodes[id.index()].name.clone();
        let other = self.add_named(&format!("{name}_other"), Kind::Text, 0, &entry.spot(&Field::Name));
        let label = self.own_text("Specify other.", "Sebutkan lainnya.");
        let chosen = format!("selected(../{name}, 'other')");
        let relevant = self.formulas.read(&chosen, &entry.spot(&Field::Name), self.report);
        let node = self.node_mut(other);
        (node.label, node.relevant) = (label, relevant);
    }

    /// `add_none_option` puts a choice `none` into every list of which several may be chosen.
    fn add_none(&mut self, id: NodeId, select: &Select) {
        let label = self.own_text("None", "Tidak ada");
        self.lists.add(select.list.as_deref().unwrap_or_default(), "none", label);
        let alone = constant("(.='none' or not(selected(., 'none')))");
        let node = self.node_mut(id);
        node.constraint = both(node.constraint.take(), Some(alone));
    }
}

/// How a list of the external_choices sheet is called in the form.
pub(in crate::xlsform) fn external_name(list: &str, is_taken: bool) -> String {
    if is_taken { format!("{EXTERNAL_PREFIX}{list}") } else { list.to_owned() }
}

fn both(one: Option<Formula>, other: Option<Formula>) -> Option<Formula> {
    match (one, other) {
        (Some(one), Some(other)) => Some(joined(&one, "and", other.text())),
        (one, other) => one.or(other),
    }
}

fn or_named_other(filter: &Formula) -> Formula {
    joined(filter, "or", "name = 'other'")
}

fn joined(one: &Formula, word: &str, other: &str) -> Formula {
    Formula::parse(&format!("({}) {word} ({other})", one.text())).unwrap_or_else(|_| one.clone())
}
