//! The choices sheets: lists of what a question offers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::form::{Choice, ChoiceList, Piece, Text};
use crate::xlsform::columns::{Field, Heading};
use crate::xlsform::formulas::Formulas;
use crate::xlsform::languages::Languages;
use crate::xlsform::names;
use crate::xlsform::problem::{Fault, Spot};
use crate::xlsform::report::Report;
use crate::xlsform::table::{Entry, Table};

/// Lists by the order of their first row.
#[derive(Debug, Default)]
pub(super) struct Lists {
    lists: Vec<Draft>,
    by_name: HashMap<String, usize>,
    pub(super) has_sheet: bool,
}

#[derive(Debug)]
struct Draft {
    name: String,
    columns: Vec<String>,
    rows: Vec<Drafted>,
    by_name: HashMap<String, usize>,
    twins: Vec<Twin>,
    /// Whether a question offers it.
    is_offered: bool,
    /// Whether one does so without a filter.
    is_offered_unfiltered: bool,
    spaces_told: bool,
}

#[derive(Debug)]
struct Drafted {
    choice: Choice,
    row: u32,
    extra: BTreeMap<String, String>,
}

/// A row whose name its list has already.
#[derive(Debug)]
struct Twin {
    first: usize,
    second: usize,
    spot: Spot,
}

impl Lists {
    /// Reads a sheet of choices.
    pub(super) fn read(table: &Table, languages: &Languages, formulas: &mut Formulas, report: &mut Report) -> Self {
        let mut lists = Lists { has_sheet: true, ..Lists::default() };
        let entries = table.entries(languages, report);
        let needed = if table.has(&Field::ListName) { &Field::Name } else { &Field::ListName };
        if !table.has(needed) && !entries.is_empty() {
            let header = if *needed == Field::Name { "name" } else { "list_name" };
            let (spot, fault) = (Spot::sheet(table.sheet), Fault::HeaderMissing { header });
            // Without the names of lists there is none; whoever asks for one is told of that.
            match header {
                "name" => report.error(&spot, fault),
                _ => report.warning(&spot, fault),
            }
            return lists;
        }
        tell_of_unusable_columns(table, report);
        for entry in &entries {
            lists.read_row(entry, formulas, report);
        }
        lists
    }

    fn read_row(&mut self, entry: &Entry, formulas: &mut Formulas, report: &mut Report) {
        let list = straight(entry.text(&Field::ListName));
        let name = straight(entry.text(&Field::Name));
        if list.is_empty() {
            if !name.is_empty() {
                report.warning(&entry.spot(&Field::ListName), Fault::ChoiceWithoutList);
            }
            return;
        }
        if name.is_empty() {
            return report.error(&entry.spot(&Field::Name), Fault::ChoiceNameMissing { list });
        }
        let from = formulas.uses.len();
        let drafted = draft(entry, name, formulas, report);
        formulas.uses[from..].iter_mut().for_each(|one| one.list = Some(list.clone()));
        if drafted.choice.label.is_empty() && drafted.choice.media.is_empty() {
            report.warning(&entry.spot(&Field::Label), Fault::ChoiceLabelMissing { list: list.clone() });
        }
        let index = self.place(&list);
        self.lists[index].push(drafted, entry.spot(&Field::Name));
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(&index) = self.by_name.get(name) {
            return index;
        }
        self.by_name.insert(name.to_owned(), self.lists.len());
        self.lists.push(Draft {
            name: name.to_owned(),
            columns: Vec::new(),
            rows: Vec::new(),
            by_name: HashMap::new(),
            twins: Vec::new(),
            is_offered: false,
            is_offered_unfiltered: false,
            spaces_told: false,
        });
        self.lists.len() - 1
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(|list| list.name.as_str())
    }

    fn find(&mut self, name: &str) -> Option<&mut Draft> {
        let index = *self.by_name.get(name)?;
        Some(&mut self.lists[index])
    }

    /// The first choices of a list, as many as its user can do with.
    pub(super) fn choices(&self, name: &str, most: usize) -> Vec<Choice> {
        let index = self.by_name.get(name);
        index.map_or_else(Vec::new, |&index| {
            self.lists[index].rows.iter().take(most).map(|row| row.choice.clone()).collect()
        })
    }

    /// Notes that a question offers the list.
    pub(super) fn offer(&mut self, name: &str, is_filtered: bool) {
        if let Some(list) = self.find(name) {
            list.is_offered = true;
            list.is_offered_unfiltered |= !is_filtered;
        }
    }

    /// Lists that neither a question nor an expression uses: what their labels name cannot matter.
    pub(super) fn unoffered(&self, formulas: &Formulas) -> BTreeSet<String> {
        let called: BTreeSet<&str> =
            formulas.uses.iter().flat_map(|one| &one.tables).map(|table| table.name.as_str()).collect();
        let idle = self.lists.iter().filter(|list| !list.is_offered && !called.contains(list.name.as_str()));
        idle.map(|list| list.name.clone()).collect()
    }

    /// The first choice with a blank in its name, told of once a list.
    pub(super) fn find_space(&mut self, name: &str) -> Option<(String, u32)> {
        let list = self.find(name)?;
        let spaced = list.rows.iter().find(|row| row.choice.name.contains(char::is_whitespace))?;
        let told = std::mem::replace(&mut list.spaces_told, true);
        (!told).then(|| (spaced.choice.name.clone(), spaced.row))
    }

    /// Adds a choice of ours, unless the list has that name already.
    pub(super) fn add(&mut self, list: &str, name: &str, label: Text) {
        let Some(list) = self.find(list) else { return };
        if !list.by_name.contains_key(name) {
            let choice = Choice { name: name.to_owned(), label, media: BTreeMap::new(), extra: Vec::new() };
            list.push(Drafted { choice, row: 0, extra: BTreeMap::new() }, Spot::default());
        }
    }

    /// The finished lists; repeated names are judged now that it is known how the lists are used.
    pub(super) fn finish(self, allow_duplicates: bool, report: &mut Report) -> Vec<ChoiceList> {
        self.lists.into_iter().map(|list| list.finish(allow_duplicates, report)).collect()
    }
}

/// Makes what names no question plain text, in the labels of lists that nothing uses.
pub(super) fn set_plain(lists: &mut [ChoiceList], unoffered: &BTreeSet<String>, unknown: &BTreeSet<String>) {
    if unknown.is_empty() {
        return;
    }
    let idle = lists.iter_mut().filter(|list| unoffered.contains(&list.name));
    for template in idle.flat_map(|list| &mut list.choices).flat_map(|choice| &mut choice.label.0).flatten() {
        for piece in &mut template.0 {
            if let Piece::Value(formula) = piece
                && formula.names().iter().any(|name| unknown.contains(*name))
            {
                *piece = Piece::Plain(formula.text().to_owned());
            }
        }
    }
}

impl Draft {
    fn push(&mut self, drafted: Drafted, spot: Spot) {
        for column in drafted.extra.keys() {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
            }
        }
        let second = self.rows.len();
        let first = *self.by_name.entry(drafted.choice.name.clone()).or_insert(second);
        if first != second {
            self.twins.push(Twin { first, second, spot });
        }
        self.rows.push(drafted);
    }

    fn finish(self, allow_duplicates: bool, report: &mut Report) -> ChoiceList {
        let mut dropped = Vec::new();
        for twin in self.twins.iter().filter(|_| !allow_duplicates) {
            let (first, second) = (&self.rows[twin.first], &self.rows[twin.second]);
            let (list, row) = (self.name.clone(), first.row);
            if is_alike(first, second) {
                dropped.push(twin.second);
                report.warning(&twin.spot, Fault::ChoiceTwiceAlike { list, row });
            } else if !self.is_offered_unfiltered && first.extra != second.extra {
                report.warning(&twin.spot, Fault::ChoiceTwiceFiltered { list, row });
            } else {
                report.error(&twin.spot, Fault::ChoiceTwice { list, row });
            }
        }
        let Draft { name, columns, rows, .. } = self;
        let kept = rows.into_iter().enumerate().filter(|(index, _)| !dropped.contains(index));
        let choices = kept.map(|(_, row)| row.finish(&columns)).collect();
        ChoiceList { name, columns, choices }
    }
}

impl Drafted {
    fn finish(mut self, columns: &[String]) -> Choice {
        let extra = columns.iter().map(|column| self.extra.remove(column).unwrap_or_default()).collect();
        Choice { extra, ..self.choice }
    }
}

fn is_alike(one: &Drafted, other: &Drafted) -> bool {
    one.extra == other.extra && one.choice.label == other.choice.label && one.choice.media == other.choice.media
}

fn draft(entry: &Entry, name: String, formulas: &mut Formulas, report: &mut Report) -> Drafted {
    let mut choice = Choice { name, label: Text::default(), media: BTreeMap::new(), extra: Vec::new() };
    let mut extra = BTreeMap::new();
    for given in &entry.cells {
        let mut template = || formulas.read_text(&given.text, &entry.spot_of(given), report);
        match &given.heading.field {
            Field::Label => choice.label.set(given.language, template()),
            Field::Media(media) => choice.media.entry(*media).or_default().set(given.language, template()),
            Field::Own(header) if is_usable(header) => {
                extra.insert(header.clone(), straight(&given.text));
            }
            _ => {}
        }
    }
    Drafted { choice, row: entry.number, extra }
}

/// An extra column is a name in a choice_filter.
fn is_usable(header: &str) -> bool {
    names::is_name(header)
}

fn tell_of_unusable_columns(table: &Table, report: &mut Report) {
    for Heading { field, header, column, .. } in &table.headings {
        if matches!(field, Field::Own(header) if !is_usable(header)) {
            let spot = Spot::cell(table.sheet, 0, header, *column, "");
            report.remark(&spot, Fault::ColumnUnusable);
        }
    }
}

/// Quotes bent by the spreadsheet are straight in what a filter compares.
fn straight(text: &str) -> String {
    text.replace(['\u{2018}', '\u{2019}'], "'").replace(['\u{201c}', '\u{201d}'], "\"")
}
