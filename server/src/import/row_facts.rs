//! What one row of a prelist says, each value in the form in which it is kept, each doubt a finding.

use std::borrow::Cow;

use sync_protocol::Value;

use super::cells::{Cell, Date, Fault, Row};
use super::dates::{DateReading, read_date};
use super::findings::{Findings, Place};
use super::identity_numbers::{NumberReading, is_card_plausible, nik_content, read_number16};
use super::mapping::{ColumnMap, Field, RegisterOwner};
use super::values::{decile_of, degrees_of, kept_text, phone_of, sex_of, text_of};

/// Imported values by the register's bare name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Registers(Vec<(Cow<'static, str>, Value)>);

impl Registers {
    /// Adds a value under a name; the first one given stays.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        if self.find(&name).is_none() {
            self.0.push((name, value));
        }
    }

    /// The value of that name.
    pub fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Takes out what is under a name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| own != name);
    }

    /// Adds what another holds and this one does not.
    pub fn fill_from(&mut self, other: Registers) {
        for (name, value) in other.0 {
            self.add(name, value);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One row, read.
#[derive(Debug, Default)]
pub(super) struct RowFacts {
    pub(super) household_id: Option<String>,
    pub(super) person_id: Option<String>,
    pub(super) card: Option<String>,
    pub(super) nik: Option<String>,
    pub(super) head_name: Option<String>,
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    pub(super) birth_date: Option<Date>,
    pub(super) household: Registers,
    pub(super) family: Registers,
    pub(super) person: Registers,
}

/// Reads rows of one file.
pub(super) struct RowReader<'a> {
    columns: &'a ColumnMap,
    as_of: Date,
    registers: Vec<(RegisterOwner, String, usize)>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(columns: &'a ColumnMap, as_of: Date) -> Self {
        let registers = columns.registers().map(|(owner, name, at)| (owner, name.to_owned(), at)).collect();
        Self { columns, as_of, registers }
    }

    /// The row's values; `None` and an error where bytes of it are no text.
    pub(super) fn read(&self, row: &Row, findings: &mut Findings) -> Option<RowFacts> {
        self.check_faults(row, findings)?;
        let mut facts = RowFacts {
            household_id: self.text(row, &Field::HouseholdId),
            person_id: self.text(row, &Field::PersonId),
            head_name: self.text(row, &Field::HeadName),
            name: self.text(row, &Field::Name),
            address: self.text(row, &Field::Address),
            ..RowFacts::default()
        };
        self.read_card(row, &mut facts, findings);
        self.read_household(row, &mut facts, findings);
        self.read_person(row, &mut facts, findings);
        for (owner, name, at) in &self.registers {
            let Some(text) = kept_text(row.cell(*at)) else { continue };
            let registers = match owner {
                RegisterOwner::Household => &mut facts.household,
                RegisterOwner::Family => &mut facts.family,
                RegisterOwner::Person => &mut facts.person,
            };
            registers.add(name.clone(), Value::text(&text));
        }
        Some(facts)
    }

    fn check_faults(&self, row: &Row, findings: &mut Findings) -> Option<()> {
        let mut is_text = true;
        for (at, cell) in row.cells.iter().enumerate() {
            match cell {
                Cell::Fault(Fault::Encoding) => {
                    let sentence = "Some bytes here are not UTF-8; save the file as CSV UTF-8.";
                    findings.error(Place::cell(row.number, at), "invalid_utf8", sentence);
                    is_text = false;
                }
                Cell::Fault(Fault::Formula) => {
                    findings.warning(
                        Place::cell(row.number, at),
                        "formula_failed",
                        "A formula failed here; taken as empty.",
                    );
                }
                _ => {}
            }
        }
        is_text.then_some(())
    }

    fn text(&self, row: &Row, field: &Field) -> Option<String> {
        self.columns.find(field).and_then(|at| text_of(row.cell(at)))
    }

    fn read_card(&self, row: &Row, facts: &mut RowFacts, findings: &mut Findings) {
        let Some(at) = self.columns.find(&Field::CardNumber) else { return };
        let place = Place::cell(row.number, at);
        let number =
            read_number(row.cell(at), place, "family-card number", &mut facts.family, "card_number_raw", findings);
        let Some(card) = number else { return };
        if !is_card_plausible(&card) {
            let sentence = "No province or no date stands in this family-card number.";
            findings.warning(place, "card_structure", sentence);
        }
        facts.family.add("card_number", Value::text(&card));
        facts.card = Some(card);
    }

    fn read_household(&self, row: &Row, facts: &mut RowFacts, findings: &mut Findings) {
        if let Some(name) = &facts.head_name {
            facts.household.add("head_name", Value::text(name));
            facts.family.add("head_name", Value::text(name));
        }
        if let Some(address) = &facts.address {
            facts.household.add("address", Value::text(address));
        }
        if let Some(phone) = self.text(row, &Field::Phone) {
            facts.household.add("phone", Value::text(&phone_of(&phone)));
        }
        if let Some((at, text)) = self.columns.find(&Field::Decile).and_then(|at| Some((at, text_of(row.cell(at))?))) {
            match decile_of(&text) {
                Some(decile) => facts.household.add("decile", Value::integer(i64::from(decile))),
                None => {
                    findings.warning(Place::cell(row.number, at), "decile_range", "A decile is a number from 1 to 10.");
                    facts.household.add("decile_raw", Value::text(&text));
                }
            }
        }
        self.read_position(row, facts, findings);
    }

    fn read_position(&self, row: &Row, facts: &mut RowFacts, findings: &mut Findings) {
        let (Some(latitude), Some(longitude)) =
            (self.columns.find(&Field::Latitude), self.columns.find(&Field::Longitude))
        else {
            return;
        };
        let (Some(north), Some(east)) = (text_of(row.cell(latitude)), text_of(row.cell(longitude))) else { return };
        match (degrees_of(&north, 90.0), degrees_of(&east, 180.0)) {
            // Fractions travel as text: two programs must write the same bytes for the same place.
            (Some(north), Some(east)) => facts.household.add("position", position(&north, &east)),
            _ => {
                findings.warning(Place::cell(row.number, latitude), "position_range", "These are no degrees; left out.")
            }
        }
    }

    fn read_person(&self, row: &Row, facts: &mut RowFacts, findings: &mut Findings) {
        if let Some(name) = &facts.name {
            facts.person.add("name", Value::text(name));
        }
        let sex = self.read_sex(row, facts, findings);
        self.read_birth(row, facts, findings);
        for (field, name) in [(Field::BirthPlace, "birth_place"), (Field::Relation, "relation")] {
            if let Some(text) = self.text(row, &field) {
                facts.person.add(name, Value::text(&text));
            }
        }
        self.read_nik(row, facts, sex, findings);
    }

    fn read_sex(&self, row: &Row, facts: &mut RowFacts, findings: &mut Findings) -> Option<&'static str> {
        let at = self.columns.find(&Field::Sex)?;
        let text = text_of(row.cell(at))?;
        let sex = sex_of(&text);
        match sex {
            Some(sex) => facts.person.add("sex", Value::text(sex)),
            None => {
                findings.warning(
                    Place::cell(row.number, at),
                    "sex_unknown",
                    "This is neither L nor P; kept aside as text.",
                );
                facts.person.add("sex_raw", Value::text(&text));
            }
        }
        sex
    }

    fn read_birth(&self, row: &Row, facts: &mut RowFacts, findings: &mut Findings) {
        let Some(at) = self.columns.find(&Field::BirthDate) else { return };
        let place = Place::cell(row.number, at);
        let day = match read_date(row.cell(at), self.as_of) {
            DateReading::Missing => return,
            DateReading::Day(date) if date <= self.as_of && date.year() >= 1890 => Some(date),
            DateReading::Day(_) => {
                findings.warning(place, "date_range", "Nobody alive was born on this day; kept aside as text.");
                None
            }
            DateReading::Unreadable => {
                findings.warning(place, "date_unreadable", "This is not a date; kept aside as text.");
                None
            }
        };
        match day {
            Some(date) => facts.person.add("birth_date", Value::text(&date.to_string())),
            None => facts.person.add("birth_date_raw", Value::text(row.cell(at).to_text().trim())),
        }
        facts.birth_date = day;
    }

    fn read_nik(&self, row: &Row, facts: &mut RowFacts, sex: Option<&str>, findings: &mut Findings) {
        let Some(at) = self.columns.find(&Field::Nik) else { return };
        let place = Place::cell(row.number, at);
        let Some(nik) = read_number(row.cell(at), place, "NIK", &mut facts.person, "nik_raw", findings) else { return };
        match nik_content(&nik) {
            None => findings.warning(place, "nik_structure", "No province or no date of birth stands in this NIK."),
            Some(content) => {
                // A date or sex that differs is worth a look at the door, never a reason to refuse: registry and card do err.
                if facts.birth_date.is_some_and(|date| !content.fits_birth(date)) {
                    findings.warning(
                        place,
                        "nik_birth_date",
                        "The date of birth in the NIK differs from the one given.",
                    );
                }
                if sex.is_some_and(|sex| (sex == "f") != content.is_female) {
                    findings.warning(place, "nik_sex", "The sex in the NIK differs from the one given.");
                }
            }
        }
        facts.person.add("nik", Value::text(&nik));
        facts.nik = Some(nik);
    }
}

fn position(north: &str, east: &str) -> Value {
    let place = serde_json::json!({"lat": north, "lon": east});
    Value::of(&place).expect("two short texts are canonical")
}

/// A 16-digit number, or what there is instead kept under `raw`.
fn read_number(
    cell: &Cell,
    place: Place,
    what: &str,
    registers: &mut Registers,
    raw: &'static str,
    findings: &mut Findings,
) -> Option<String> {
    match read_number16(cell) {
        NumberReading::Missing => None,
        NumberReading::Digits(digits) => Some(digits),
        NumberReading::DigitsLost => {
            let sentence = format!(
                "This {what} stands in a number cell, which has lost its last digit; format the column as text and fill it from its source again."
            );
            findings.error(place, "digits_lost", sentence);
            None
        }
        NumberReading::Placeholder => {
            findings.warning(place, "number_placeholder", format!("This {what} repeats one digit; taken as missing."));
            None
        }
        NumberReading::WrongLength(text) => {
            let sentence = format!("A {what} has 16 digits; what stands here is kept aside as text.");
            findings.warning(place, "number_length", sentence);
            registers.add(raw, Value::text(&text));
            None
        }
    }
}
