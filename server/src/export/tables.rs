//! The three tables of an export: which columns they have, and the rows that one household gives each.

use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, Row, UserId};

use super::area_paths::{AreaPath, AreaPaths};
use super::cells::ExportCell;
use super::labels::label;
use super::shown_values::{Kind, Wording, prelist_value};

/// A table that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// One row per household.
    Households,
    /// One row per person.
    Persons,
    /// One row per visit.
    Visits,
}

impl Table {
    /// Its name, the key of its label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Households => "households",
            Self::Persons => "persons",
            Self::Visits => "visits",
        }
    }

    /// The registers shown, those with a prelist value beside the verified one first told so.
    fn fields(self) -> &'static [(&'static str, Kind, Beside)] {
        use Beside::{Prelist, PrelistOnly, Verified};
        match self {
            Self::Households => &[
                ("status", Kind::Any, Verified),
                ("head_name", Kind::Text, Prelist),
                ("address", Kind::Text, Prelist),
                ("phone", Kind::Text, Prelist),
                ("latitude", Kind::Latitude, Prelist),
                ("longitude", Kind::Longitude, Prelist),
                ("decile", Kind::Any, PrelistOnly),
            ],
            Self::Persons => &[
                ("nik", Kind::Text, Prelist),
                ("name", Kind::Text, Prelist),
                ("sex", Kind::Sex, Prelist),
                ("birth_date", Kind::Text, Prelist),
                ("relation", Kind::Any, Prelist),
            ],
            Self::Visits => &[
                ("outcome", Kind::Any, Verified),
                ("started_at", Kind::Moment, Verified),
                ("ended_at", Kind::Moment, Verified),
                ("round", Kind::Text, Verified),
                ("form", Kind::Text, Verified),
                ("latitude", Kind::Latitude, Verified),
                ("longitude", Kind::Longitude, Verified),
                ("note", Kind::Text, Verified),
                ("review", Kind::Any, Verified),
            ],
        }
    }
}

/// Which values of a register a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Verified,
    Prelist,
    PrelistOnly,
}

/// A household and all that belongs to it.
#[derive(Debug)]
pub struct HouseholdRows {
    area: AreaId,
    household: Row,
    families: Vec<Row>,
    persons: Vec<Row>,
    visits: Vec<Row>,
}

impl HouseholdRows {
    /// Sorts the rows of one household; `None` if the household is not among them or was deleted. Deleted children are left out.
    pub fn gather(area: AreaId, rows: impl IntoIterator<Item = Row>) -> Option<Self> {
        let (mut household, mut families, mut persons, mut visits) = (None, Vec::new(), Vec::new(), Vec::new());
        for row in rows.into_iter().filter(Row::is_alive) {
            match row.collection {
                Collection::Household => household = Some(row),
                Collection::Family => families.push(row),
                Collection::Person => persons.push(row),
                Collection::Visit => visits.push(row),
            }
        }
        Some(Self { area, household: household?, families, persons, visits })
    }
}

/// The columns of one table in one language.
#[derive(Debug, Clone)]
pub struct Layout {
    table: Table,
    wording: Wording,
    extra: Vec<String>,
}

impl Layout {
    /// The table with its own columns and those of further registers, which a questionnaire brings.
    pub fn new(table: Table, wording: Wording, extra: &[String]) -> Self {
        Self { table, wording, extra: extra.to_vec() }
    }

    /// The sheet's title.
    pub fn title(&self) -> String {
        self.label(self.table.name())
    }

    /// The names of the columns.
    pub fn header(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.leading().iter().map(|key| self.label(key)).collect();
        for (register, _, beside) in self.fields() {
            if beside != Beside::PrelistOnly {
                keys.push(self.label(register));
            }
            if beside != Beside::Verified {
                keys.push(format!("{} ({})", self.label(register), self.label("prelist")));
            }
        }
        keys.extend(["conflicts", "changed_at"].map(|key| self.label(key)));
        keys
    }

    /// The rows that a household gives this table. `author` names a user.
    pub fn rows(
        &self,
        household: &HouseholdRows,
        areas: &AreaPaths,
        author: &dyn Fn(UserId) -> String,
    ) -> Vec<Vec<ExportCell>> {
        let nowhere = AreaPath::default();
        let path = areas.find(household.area).unwrap_or(&nowhere);
        let rows = match self.table {
            Table::Households => std::slice::from_ref(&household.household),
            Table::Persons => &household.persons,
            Table::Visits => &household.visits,
        };
        rows.iter().map(|row| self.row(row, household, path, author)).collect()
    }

    fn row(
        &self,
        row: &Row,
        household: &HouseholdRows,
        path: &AreaPath,
        author: &dyn Fn(UserId) -> String,
    ) -> Vec<ExportCell> {
        let root = &household.household;
        let mut cells = vec![ExportCell::text(row.id.to_string())];
        if self.table != Table::Households {
            cells.push(ExportCell::text(root.id.to_string()));
        }
        cells.extend([&path.code, &path.district, &path.village, &path.rw, &path.rt].map(ExportCell::text));
        match self.table {
            Table::Households => {
                let cards = household.families.iter().filter_map(|family| shown(family, "card_number"));
                cells.push(ExportCell::text(cards.collect::<Vec<_>>().join("; ")));
            }
            Table::Persons => {
                cells.push(ExportCell::text(shown(root, "head_name").unwrap_or_default()));
                let family: Option<RecordId> = row.parsed(reserved::FAMILY);
                let family = family.and_then(|id| household.families.iter().find(|family| family.id == id));
                cells
                    .push(ExportCell::text(family.and_then(|family| shown(family, "card_number")).unwrap_or_default()));
            }
            Table::Visits => {
                cells.push(ExportCell::text(shown(root, "head_name").unwrap_or_default()));
                let written = row.winner("outcome").and_then(|sibling| row.stamps.get(&sibling.dot));
                cells.push(ExportCell::text(written.map(|stamp| author(stamp.author)).unwrap_or_default()));
            }
        }
        for (register, kind, beside) in self.fields() {
            let stored = if matches!(kind, Kind::Latitude | Kind::Longitude) { "position" } else { register };
            if beside != Beside::PrelistOnly {
                cells.push(self.wording.cell(row.value(stored), kind));
            }
            if beside != Beside::Verified {
                cells.push(self.wording.cell(prelist_value(row, stored), kind));
            }
        }
        let conflicts: Vec<String> = row.conflicts().map(|register| self.label(register)).collect();
        cells.push(ExportCell::text(conflicts.join("; ")));
        let changed = row.stamps.values().map(|stamp| stamp.clock).max();
        cells.push(changed.map_or(ExportCell::Empty, |clock| ExportCell::text(self.wording.moment(clock.0))));
        cells
    }

    fn leading(&self) -> &'static [&'static str] {
        match self.table {
            Table::Households => {
                &["household", "area_code", "district", "village", "area_rw", "area_rt", "card_number"]
            }
            Table::Persons => &[
                "person",
                "household",
                "area_code",
                "district",
                "village",
                "area_rw",
                "area_rt",
                "head_name",
                "card_number",
            ],
            Table::Visits => {
                &["visit", "household", "area_code", "district", "village", "area_rw", "area_rt", "head_name", "author"]
            }
        }
    }

    fn fields(&self) -> impl Iterator<Item = (&str, Kind, Beside)> {
        let own = self.table.fields().iter().copied();
        own.chain(self.extra.iter().map(|register| (register.as_str(), Kind::Any, Beside::Prelist)))
    }

    fn label(&self, key: &str) -> String {
        label(key, self.wording.language).to_owned()
    }
}

/// The verified text of a register, else the prelist's.
fn shown(row: &Row, register: &str) -> Option<String> {
    row.value(register).or_else(|| prelist_value(row, register)).and_then(sync_protocol::Value::as_text)
}
