//! Which column feeds which field: guessed from the header, corrected by a person, saved as JSON for the next file of that kind.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::header_words::{guess_field, header_key};
use super::limits::PREVIEW_ROWS_MAX;
use super::sheet::{Header, SheetChoice, SheetError, SheetFile};

/// What one row of the file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowUnit {
    /// One person; rows of one family card make one household.
    Person,
    /// One family card.
    Family,
    /// One household.
    Household,
}

/// Which record a register of the file's own goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterOwner {
    /// The household.
    Household,
    /// The family.
    Family,
    /// The person.
    Person,
}

/// What a column can feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// A running number: looked at by nobody.
    LineNumber,
    /// The district's name or code, which tells kelurahan of one name apart.
    District,
    /// The kelurahan's name or code.
    Village,
    /// The code of an area at any level from the kelurahan down.
    AreaCode,
    /// RW.
    Rw,
    /// RT, or RT and RW in one cell.
    Rt,
    /// RW and RT in one cell, in this order.
    RwRt,
    /// The source's own key of a household.
    HouseholdId,
    /// Family-card number.
    CardNumber,
    /// The head's name.
    HeadName,
    /// The source's own key of a person.
    PersonId,
    /// NIK.
    Nik,
    /// A person's name.
    Name,
    /// A person's sex.
    Sex,
    /// A person's date of birth.
    BirthDate,
    /// A person's place of birth.
    BirthPlace,
    /// A person's relation to the head.
    Relation,
    /// Address.
    Address,
    /// Telephone.
    Phone,
    /// Degrees north.
    Latitude,
    /// Degrees east.
    Longitude,
    /// Official welfare decile, 1 to 10.
    Decile,
    /// Any other column, kept as text.
    Register {
        /// The record it goes to.
        owner: RegisterOwner,
        /// The register's name, without the `source/…/` before it.
        name: String,
    },
}

/// One column and what it feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnUse {
    /// The column's name in the header, compared without case and signs.
    pub header: String,
    /// What it feeds.
    pub field: Field,
}

/// How to read files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// What a row is.
    pub unit: RowUnit,
    /// Which sheet.
    #[serde(default)]
    pub sheet: SheetChoice,
    /// The columns in use; the others are left alone.
    pub columns: Vec<ColumnUse>,
}

/// The fewest known column names that make a row a header.
const KNOWN_NAMES_MIN: usize = 2;

impl Mapping {
    /// The mapping that the header's words suggest.
    pub fn guess(file: &mut SheetFile, sheet: &SheetChoice) -> Result<(Self, Header), SheetError> {
        let header = file.find_header(sheet, KNOWN_NAMES_MIN, &known_names)?;
        let mut columns: Vec<ColumnUse> = Vec::new();
        for name in &header.names {
            // The second column of one meaning is left for a person to assign.
            if let Some(field) = guess_field(name).filter(|field| columns.iter().all(|used| used.field != *field)) {
                columns.push(ColumnUse { header: name.clone(), field });
            }
        }
        let feeds = |field: Field| columns.iter().any(|used| used.field == field);
        let unit = if feeds(Field::Name) {
            RowUnit::Person
        } else if feeds(Field::CardNumber) {
            RowUnit::Family
        } else {
            RowUnit::Household
        };
        let mapping = Self { unit, sheet: SheetChoice::Name(file.sheets()[header.sheet].clone()), columns };
        Ok((mapping, header))
    }

    /// The header row of a file under this mapping.
    pub fn find_header(&self, file: &mut SheetFile) -> Result<Header, SheetError> {
        let wanted: Vec<String> = self.columns.iter().map(|used| header_key(&used.header)).collect();
        let score = |names: &[String]| {
            let keys: Vec<String> = names.iter().map(|name| header_key(name)).collect();
            wanted.iter().filter(|key| keys.contains(key)).count()
        };
        file.find_header(&self.sheet, KNOWN_NAMES_MIN.min(wanted.len().max(1)), &score)
    }

    /// Where each field stands in a file with this header; and the columns that it should have and has not.
    pub fn resolve(&self, header: &Header) -> (ColumnMap, Vec<String>) {
        let keys: Vec<String> = header.names.iter().map(|name| header_key(name)).collect();
        let mut map = ColumnMap::default();
        let mut missing = Vec::new();
        for used in &self.columns {
            let key = header_key(&used.header);
            match keys.iter().position(|name| *name == key) {
                Some(column) => map.columns.push((used.field.clone(), column)),
                None => missing.push(used.header.clone()),
            }
        }
        (map, missing)
    }
}

/// How many columns of a row have a name that we know.
fn known_names(names: &[String]) -> usize {
    names.iter().filter(|name| guess_field(name).is_some()).count()
}

/// The columns of one file, by field.
#[derive(Debug, Clone, Default)]
pub struct ColumnMap {
    columns: Vec<(Field, usize)>,
}

impl ColumnMap {
    /// The column that feeds a field.
    pub fn find(&self, field: &Field) -> Option<usize> {
        self.columns.iter().find(|(used, _)| used == field).map(|(_, column)| *column)
    }

    /// The columns kept as registers of their own, with owner and name.
    pub fn registers(&self) -> impl Iterator<Item = (RegisterOwner, &str, usize)> {
        self.columns.iter().filter_map(|(field, column)| match field {
            Field::Register { owner, name } => Some((*owner, name.as_str(), *column)),
            _ => None,
        })
    }
}

/// The first rows of a file beside the mapping, for a person to check before anything is read.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The file's sheets.
    pub sheets: Vec<String>,
    /// The sheet shown.
    pub sheet: String,
    /// The header's row from 1.
    pub header_row: u32,
    /// The column names.
    pub header: Vec<String>,
    /// The mapping in use.
    pub mapping: Mapping,
    /// Up to [`PREVIEW_ROWS_MAX`] rows below the header, each with its number.
    pub rows: Vec<(u32, Vec<String>)>,
}

impl Preview {
    /// Reads just enough of the file; the mapping is guessed unless given.
    pub fn read(file: &mut SheetFile, mapping: Option<Mapping>, sheet: &SheetChoice) -> Result<Self, SheetError> {
        let (mapping, header) = match mapping {
            Some(mapping) => {
                let header = mapping.find_header(file)?;
                (mapping, header)
            }
            None => Mapping::guess(file, sheet)?,
        };
        let mut rows = Vec::new();
        file.for_each_row(header.sheet, &mut |row| {
            if row.number > header.row {
                rows.push((row.number, row.cells.iter().map(super::cells::Cell::to_text).collect()));
            }
            if rows.len() < PREVIEW_ROWS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(Self {
            sheets: file.sheets().to_vec(),
            sheet: file.sheets()[header.sheet].clone(),
            header_row: header.row,
            header: header.names,
            mapping,
            rows,
        })
    }
}
