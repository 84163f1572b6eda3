//! The survey sheet: its rows become the nodes of the form.

mod groups;
mod looped;
mod question;
mod search;
mod select;

pub(super) use select::external_name;

use std::collections::HashMap;

use crate::form::{Kind, Node, NodeId, Place, TableFile, Text};
use crate::xlsform::choices::Lists;
use crate::xlsform::columns::Field;
use crate::xlsform::entities::Save;
use crate::xlsform::formulas::Formulas;
use crate::xlsform::kinds::{self, Asked, Becomes, Foreign};
use crate::xlsform::languages::Languages;
use crate::xlsform::names;
use crate::xlsform::problem::{Container, Counted, Fault, Spot};
use crate::xlsform::report::Report;
use crate::xlsform::settings::{self, Settings};
use crate::xlsform::table::Entry;

/// Nodes of a form once its loops are written out.
pub const NODES_MAX: usize = 20_000;
/// Groups inside each other.
pub const NESTING_MAX: usize = 60;

/// A form while its survey sheet is read.
pub(super) struct Draft<'a> {
    pub(super) nodes: Vec<Node>,
    pub(super) lists: Lists,
    pub(super) external_lists: Lists,
    pub(super) tables: Vec<TableFile>,
    pub(super) formulas: Formulas,
    pub(super) saves: Vec<Save>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) settings: Settings,
    pub(super) languages: &'a Languages,
    pub(super) report: &'a mut Report,
    open: Vec<Open>,
    /// How many of the open ones an end may not close: the form itself, and what a loop writes out.
    floor: usize,
    repeats: HashMap<String, u32>,
    is_full: bool,
}

/// A trigger cell, whose names are looked up at the end.
#[derive(Debug)]
pub(super) struct Trigger {
    pub(super) node: NodeId,
    pub(super) names: Vec<String>,
    pub(super) spot: Spot,
}

/// A group or repeat that has begun and not ended.
struct Open {
    node: NodeId,
    container: Container,
    row: u32,
    spot: Spot,
    /// Names inside, with their rows.
    names: HashMap<String, u32>,
    /// The same without capitals, with the names as written.
    folded: HashMap<String, (String, u32)>,
    table_list: groups::TableList,
}

impl<'a> Draft<'a> {
    pub(super) fn new(root: &str, settings: Settings, languages: &'a Languages, report: &'a mut Report) -> Self {
        let form = Node::new(root, None, Kind::Group, Place { row: 0 });
        let outermost = Open::new(NodeId::ROOT, Container::Group, 0, Spot::default());
        Draft {
            nodes: vec![form],
            lists: Lists::default(),
            external_lists: Lists::default(),
            tables: Vec::new(),
            formulas: Formulas::default(),
            saves: Vec::new(),
            triggers: Vec::new(),
            settings,
            languages,
            report,
            open: vec![outermost],
            floor: 1,
            repeats: HashMap::new(),
            is_full: false,
        }
    }

    /// Reads all rows; what is left open at the end is told of.
    pub(super) fn read(&mut self, entries: &[Entry]) {
        self.read_rows(entries);
        for open in self.open.drain(1..) {
            let name = self.nodes[open.node.index()].name.clone();
            self.report.error(&open.spot, Fault::NeverEnded { container: open.container, name });
        }
    }

    fn read_rows(&mut self, entries: &[Entry]) {
        let mut rest = entries;
        while let [entry, after @ ..] = rest {
            rest = after;
            if self.is_full || is_disabled(entry) || !says_something(entry) {
                continue;
            }
            let typed = entry.text(&Field::Type);
            if typed.is_empty() {
                self.tell_of_missing_type(entry);
            } else if let Asked::BeginLoop(list) = kinds::read(typed) {
                rest = self.read_loop(entry, list, after);
            } else {
                self.read_row(entry, kinds::read(typed));
            }
        }
    }

    fn read_row(&mut self, entry: &Entry, asked: Asked) {
        let spot = entry.spot(&Field::Type);
        match asked {
            Asked::Begin(container) => self.begin(entry, container),
            Asked::End(container) => self.end(entry, container),
            Asked::Plain(plain) => self.read_plain(entry, plain),
            Asked::Select(select) => self.read_select(entry, select),
            Asked::Range => self.read_range(entry),
            Asked::Audit => self.read_audit(entry),
            Asked::External(ending) => self.read_external(entry, ending),
            Asked::Setting(setting) => self.settings.set_on_survey(setting, entry.text(&Field::Name)),
            Asked::Include => self.report.error(&spot, Fault::IncludeUnresolved),
            Asked::Cascading => self.report.error(&spot, Fault::CascadingSelect),
            Asked::Foreign(foreign) => self.read_foreign(entry, foreign),
            Asked::Unknown => {
                let suggestion = suggested_type(entry.text(&Field::Type));
                self.report.error(&spot, Fault::TypeUnknown { suggestion });
                // Read on as text, so that what refers to it is not told of as well.
                self.add(entry, Kind::Text);
            }
            Asked::BeginLoop(_) => unreachable!("loops are read by read_rows"),
        }
    }

    fn read_foreign(&mut self, entry: &Entry, Foreign { program, becomes, .. }: &'static Foreign) {
        let spot = entry.spot(&Field::Type);
        let (fault, kind) = match becomes {
            Becomes::Empty => (Fault::TypeEmpty { program }, Kind::Hidden),
            Becomes::Text => (Fault::TypeAsText { program }, Kind::Text),
            Becomes::Calculation => (Fault::TypeAsCalculation { program }, Kind::Calculate),
            Becomes::Refused => return self.report.error(&spot, Fault::TypeRefused { program }),
        };
        self.report.warning(&spot, fault);
        self.read_question(entry, kind);
    }

    fn tell_of_missing_type(&mut self, entry: &Entry) {
        if entry.has(&Field::Name) || entry.has(&Field::Label) {
            self.report.error(&entry.spot(&Field::Type), Fault::TypeMissing);
        } else {
            self.report.remark(&Spot::row(entry.sheet, entry.number), Fault::RowSkipped);
        }
    }

    /// The innermost group or repeat that is open.
    fn innermost(&mut self) -> &mut Open {
        self.open.last_mut().expect("the form itself stays open to the end")
    }

    /// Appends a node for a row, once its name is found to be good.
    fn add(&mut self, entry: &Entry, kind: Kind) -> NodeId {
        let name = self.name_of(entry, &kind);
        self.add_named(&name, kind, entry.number, &entry.spot(&Field::Name))
    }

    /// Appends a node of that name below the innermost group.
    fn add_named(&mut self, name: &str, kind: Kind, row: u32, spot: &Spot) -> NodeId {
        self.tell_of_taken_name(name, row, spot);
        if self.nodes.len() >= NODES_MAX && !self.is_full {
            self.is_full = true;
            let fault = Fault::TooMany { what: Counted::ExpandedRows, most: NODES_MAX };
            self.report.error(&Spot::row(&spot.sheet, row), fault);
        }
        let id = NodeId::new(self.nodes.len());
        let parent = self.innermost().node;
        self.nodes.push(Node::new(name, Some(parent), kind, Place { row }));
        id
    }

    fn tell_of_taken_name(&mut self, name: &str, row: u32, spot: &Spot) {
        let open = self.open.last_mut().expect("the form itself stays open to the end");
        if let Some(&first) = open.names.get(name) {
            return self.report.error(spot, Fault::NameTaken { row: first });
        }
        open.names.insert(name.to_owned(), row);
        let folded = name.to_lowercase();
        match open.folded.get(&folded) {
            Some((other, row)) => {
                let fault = Fault::NameDiffersInCapitals { other: other.clone(), row: *row };
                self.report.warning(spot, fault);
            }
            None => {
                open.folded.insert(folded, (name.to_owned(), row));
            }
        }
        if name == "meta" {
            self.report.warning(spot, Fault::NameReserved);
        }
    }

    fn name_of(&mut self, entry: &Entry, kind: &Kind) -> String {
        let name = entry.text(&Field::Name);
        let spot = entry.spot(&Field::Name);
        if name.is_empty() {
            if *kind == Kind::Note {
                return format!("generated_note_name_{}", entry.number);
            }
            self.report.error(&spot, Fault::NameMissing);
            return format!("row_{}", entry.number);
        }
        if names::is_name(name) {
            return name.to_owned();
        }
        let repaired = names::repaired(name);
        self.report.error(&spot, Fault::NameInvalid { repaired: repaired.clone() });
        repaired
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    /// The texts of a field in all languages.
    fn text_of(&mut self, entry: &Entry, field: &Field) -> Text {
        let mut text = Text::default();
        for given in entry.each(field) {
            text.set(given.language, self.formulas.read_text(&given.text, &entry.spot_of(given), self.report));
        }
        text
    }

    /// A text of ours, in every language: Indonesian where that is one of them.
    fn own_text(&self, english: &str, indonesian: &str) -> Text {
        let mut text = Text::default();
        for (index, language) in self.languages.all.iter().enumerate() {
            let name = language.name.to_lowercase();
            let is_indonesian = language.code.as_deref() == Some("id") || name.contains("indonesia") || name == "id";
            text.set(index, plain(if is_indonesian { indonesian } else { english }));
        }
        text
    }
}

impl Open {
    fn new(node: NodeId, container: Container, row: u32, spot: Spot) -> Self {
        let (names, folded) = (HashMap::new(), HashMap::new());
        Open { node, container, row, spot, names, folded, table_list: groups::TableList::No }
    }
}

fn plain(text: &str) -> crate::form::Template {
    crate::form::Template(vec![crate::form::Piece::Plain(text.to_owned())])
}

fn is_disabled(entry: &Entry) -> bool {
    settings::is_yes(entry.text(&Field::Disabled))
}

/// A row whose only cells are in columns of the author's own is a comment.
fn says_something(entry: &Entry) -> bool {
    let says = |field: &Field| !matches!(field, Field::Own(_) | Field::Kept | Field::Foreign | Field::Disabled);
    entry.cells.iter().any(|given| says(&given.heading.field))
}

fn suggested_type(typed: &str) -> Option<String> {
    let typed: Vec<&str> = typed.split_whitespace().collect();
    let (first, rest) = typed.split_first()?;
    let first = names::nearest(first, kinds::known_types())?;
    Some(std::iter::once(first.as_str()).chain(rest.iter().copied()).collect::<Vec<_>>().join(" "))
}
