//! Groups and repeats: where they begin, where they end, and tables drawn from them.

use crate::form::{Choices, Kind, NodeId, Source, Text};
use crate::xlsform::columns::Field;
use crate::xlsform::formulas::sole_name;
use crate::xlsform::kinds::Many;
use crate::xlsform::problem::{Container, Fault, Spot};
use crate::xlsform::survey::{Draft, NESTING_MAX, Open};
use crate::xlsform::table::Entry;

/// Whether a group is drawn as one table, its questions the rows and one list the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TableList {
    No,
    /// It is, and the first question will say which list.
    Waiting,
    Of(String),
}

impl Draft<'_> {
    pub(super) fn begin(&mut self, entry: &Entry, container: Container) {
        let spot = entry.spot(&Field::Type);
        if self.open.len() > NESTING_MAX {
            self.report.error(&spot, Fault::NestedTooDeep { most: NESTING_MAX });
        }
        let name = self.name_of(entry, &Kind::Group);
        let kind = match container {
            Container::Repeat => {
                self.tell_of_repeat_name(&name, entry);
                Kind::Repeat { count: self.count_of(&name, entry) }
            }
            Container::Group | Container::Loop => Kind::Group,
        };
        let id = self.add_named(&name, kind, entry.number, &entry.spot(&Field::Name));
        self.describe(id, entry);
        if entry.has(&Field::Calculation) {
            self.report.warning(&entry.spot(&Field::Calculation), Fault::GroupCalculated);
            self.node_mut(id).calculation = None;
        }
        self.open.push(Open::new(id, container, entry.number, spot));
        self.begin_table_list(id, entry);
    }

    pub(super) fn end(&mut self, entry: &Entry, container: Container) {
        let spot = entry.spot(&Field::Type);
        let innermost = self.open.last().filter(|_| self.open.len() > self.floor);
        let Some(innermost) = innermost else {
            return self.report.error(&spot, Fault::EndWithoutBegin { container });
        };
        if innermost.container != container {
            let name = self.nodes[innermost.node.index()].name.clone();
            let (opened, row) = (innermost.container, innermost.row);
            self.report.error(&spot, Fault::EndOfOther { container, opened, name, row });
            // A group left open inside the one that ends here is told of once, and both are closed.
            let outer = self.open[self.floor..].iter().rposition(|open| open.container == container);
            let keep = outer.map_or(self.open.len() - 1, |index| index + self.floor);
            self.open.truncate(keep);
            return;
        }
        self.open.pop();
    }

    /// A repeat's fixed number of rows. As in ODK, an expression gets a silent question of its own beside the repeat,
    /// so that it is computed where the repeat stands and not once for each of its rows.
    fn count_of(&mut self, name: &str, entry: &Entry) -> Option<crate::expr::Formula> {
        let text = entry.text(&Field::RepeatCount);
        if text.is_empty() {
            return None;
        }
        let spot = entry.spot(&Field::RepeatCount);
        let formula = self.formulas.read(text, &spot, self.report)?;
        if sole_name(text).is_some() {
            return Some(formula);
        }
        let counter = format!("{name}_count");
        let id = self.add_named(&counter, Kind::Calculate, 0, &spot);
        self.node_mut(id).calculation = Some(formula);
        self.formulas.read(&format!("${{{counter}}}"), &spot, self.report)
    }

    fn tell_of_repeat_name(&mut self, name: &str, entry: &Entry) {
        let spot = entry.spot(&Field::Name);
        if name == self.nodes[NodeId::ROOT.index()].name {
            self.report.warning(&spot, Fault::RepeatNamedLikeForm);
        }
        match self.repeats.get(name) {
            Some(&row) => self.report.warning(&spot, Fault::RepeatNameTaken { row }),
            None => {
                self.repeats.insert(name.to_owned(), entry.number);
            }
        }
    }

    /// `table-list` is short for what ODK writes out: a list of questions on one screen, headed by a note with the
    /// group's label and by the labels of the choices.
    fn begin_table_list(&mut self, id: NodeId, entry: &Entry) {
        let group = self.node_mut(id);
        let Some(at) = group.appearance.iter().position(|word| word == "table-list") else { return };
        group.appearance.remove(at);
        group.appearance.insert(0, "field-list".to_owned());
        self.innermost().table_list = TableList::Waiting;
        let group = self.node_mut(id);
        if group.label.is_empty() && group.hint.is_empty() {
            return;
        }
        let (label, hint) = (std::mem::take(&mut group.label), std::mem::take(&mut group.hint));
        let name = format!("generated_table_list_label_{}", entry.number);
        let note = self.add_named(&name, Kind::Note, 0, &Spot::row(entry.sheet, entry.number));
        let note = self.node_mut(note);
        (note.label, note.hint) = (label, hint);
    }

    /// Puts the head of the table before its first question; tells of a question with another list.
    pub(super) fn continue_table_list(&mut self, entry: &Entry, many: Many, list: &str) {
        match self.innermost().table_list.clone() {
            TableList::No => {}
            TableList::Waiting => {
                if entry.has(&Field::ChoiceFilter) {
                    self.report.warning(&entry.spot(&Field::ChoiceFilter), Fault::TableListFilter);
                }
                self.innermost().table_list = TableList::Of(list.to_owned());
                let kind = many.kind(Choices { from: Source::List(list.to_owned()), filter: None });
                let name = format!("reserved_name_for_field_list_labels_{}", entry.number);
                let spot = Spot::row(entry.sheet, entry.number);
                let head = self.add_named(&name, kind, 0, &spot);
                let head = self.node_mut(head);
                head.appearance = vec!["label".to_owned()];
                head.label = Text::default();
            }
            TableList::Of(first) if first == list => {}
            TableList::Of(first) => {
                let fault = Fault::TableListMixed { list: list.to_owned(), first };
                self.report.error(&entry.spot(&Field::Type), fault);
            }
        }
    }

    pub(super) fn is_in_table_list(&mut self) -> bool {
        self.innermost().table_list != TableList::No
    }
}
