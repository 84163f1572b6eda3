//! Brings the rows of a prelist together into households, and notices what stands in it twice.

use std::collections::HashMap;

use sync_protocol::Value;

use super::area_index::AreaIndex;
use super::cells::{Date, Row};
use super::findings::{Findings, Place};
use super::header_words::header_key;
use super::limits::PERSONS_PER_HOUSEHOLD_MAX;
use super::mapping::{ColumnMap, Field, RowUnit};
use super::placing::{Placed, Placer};
use super::prelist::{Prelist, PrelistFamily, PrelistHousehold, PrelistPerson};
use super::row_facts::{RowFacts, RowReader};

/// Rows on their way into households.
pub(super) struct Gathering<'a> {
    unit: RowUnit,
    areas: &'a AreaIndex,
    reader: RowReader<'a>,
    placer: Placer<'a>,
    columns: &'a ColumnMap,
    pub(super) findings: Findings,
    households: Vec<PrelistHousehold>,
    by_key: HashMap<String, usize>,
    rows_by_content: HashMap<[u8; 16], u32>,
    rows_by_nik: HashMap<String, u32>,
    rows_by_person_id: HashMap<String, u32>,
    villages_by_card: HashMap<String, usize>,
    numbers: EndingZeros,
    pub(super) rows_read: u64,
    rows_refused: u64,
}

/// How many of the 16-digit numbers end in zero: a tenth by nature, all of them where a program rounded them on the way.
#[derive(Default)]
struct EndingZeros {
    numbers: u64,
    zeros: u64,
}

impl EndingZeros {
    const NUMBERS_MIN: u64 = 40;

    fn count(&mut self, number: Option<&String>) {
        if let Some(number) = number {
            self.numbers += 1;
            self.zeros += u64::from(number.ends_with('0'));
        }
    }

    fn is_rounded(&self) -> bool {
        self.numbers >= Self::NUMBERS_MIN && self.zeros * 20 >= self.numbers * 19
    }
}

impl<'a> Gathering<'a> {
    pub(super) fn new(
        unit: RowUnit,
        columns: &'a ColumnMap,
        areas: &'a AreaIndex,
        as_of: Date,
        findings: Findings,
    ) -> Self {
        Self {
            unit,
            areas,
            reader: RowReader::new(columns, as_of),
            placer: Placer::new(areas, columns),
            columns,
            findings,
            households: Vec::new(),
            by_key: HashMap::new(),
            rows_by_content: HashMap::new(),
            rows_by_nik: HashMap::new(),
            rows_by_person_id: HashMap::new(),
            villages_by_card: HashMap::new(),
            numbers: EndingZeros::default(),
            rows_read: 0,
            rows_refused: 0,
        }
    }

    /// Takes one row in; what is wrong with it becomes a finding.
    pub(super) fn take_row(&mut self, row: &Row) {
        self.rows_read += 1;
        if let Some(first) = self.row_seen_before(row) {
            let sentence = format!("The row says the same as row {first}; left out.");
            self.findings.warning(Place::row(row.number), "duplicate_row", sentence);
            return;
        }
        // Both are asked, so that one run names everything that is wrong with a row.
        let facts = self.reader.read(row, &mut self.findings);
        let placed = self.placer.place(row, &mut self.findings);
        let gathered = facts.zip(placed).and_then(|(facts, placed)| self.gather(row.number, facts, placed));
        if gathered.is_none() {
            self.rows_refused += 1;
        }
    }

    fn row_seen_before(&mut self, row: &Row) -> Option<u32> {
        let line_number = self.columns.find(&Field::LineNumber);
        let mut hasher = blake3::Hasher::new();
        for (at, cell) in row.cells.iter().enumerate() {
            if Some(at) != line_number {
                hasher.update(cell.to_text().as_bytes());
                hasher.update(b"\x1f");
            }
        }
        let mut content = [0; 16];
        content.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        match self.rows_by_content.get(&content) {
            Some(first) => Some(*first),
            None => {
                self.rows_by_content.insert(content, row.number);
                None
            }
        }
    }

    fn gather(&mut self, row: u32, mut facts: RowFacts, placed: Placed) -> Option<()> {
        self.check_name(row, &facts)?;
        self.check_person_id(row, &facts)?;
        self.note_numbers(row, &facts, &placed);
        let key = self.household_key(&facts, &placed);
        let at = match self.by_key.get(&key) {
            Some(at) => {
                let at = *at;
                self.join(row, at, &mut facts, &placed)?;
                at
            }
            None => self.open(row, key, &mut facts, placed),
        };
        let family = self.family_of(row, at, &mut facts);
        self.add_person(row, at, family, facts)
    }

    fn check_name(&mut self, row: u32, facts: &RowFacts) -> Option<()> {
        let (name, field) = match self.unit {
            RowUnit::Person => (&facts.name, Field::Name),
            RowUnit::Family | RowUnit::Household => (&facts.head_name, Field::HeadName),
        };
        if name.is_none() {
            let place = Place { row, column: self.columns.find(&field) };
            self.findings.error(place, "name_missing", "The name is missing.");
        }
        name.as_ref().map(|_| ())
    }

    fn check_person_id(&mut self, row: u32, facts: &RowFacts) -> Option<()> {
        let Some(id) = &facts.person_id else { return Some(()) };
        let Some(first) = self.rows_by_person_id.get(id) else {
            self.rows_by_person_id.insert(id.clone(), row);
            return Some(());
        };
        let sentence = format!("The id of this person stands in row {first} already.");
        self.findings.error(Place { row, column: self.columns.find(&Field::PersonId) }, "duplicate_id", sentence);
        None
    }

    /// Numbers met before: a person may be listed twice and a card lie in two kelurahan, which the office settles later.
    fn note_numbers(&mut self, row: u32, facts: &RowFacts, placed: &Placed) {
        self.numbers.count(facts.nik.as_ref());
        self.numbers.count(facts.card.as_ref());
        if let Some(nik) = &facts.nik {
            match self.rows_by_nik.get(nik) {
                Some(first) => {
                    let sentence = format!("The NIK stands in row {first} already.");
                    let place = Place { row, column: self.columns.find(&Field::Nik) };
                    self.findings.warning(place, "duplicate_nik", sentence);
                }
                None => {
                    self.rows_by_nik.insert(nik.clone(), row);
                }
            }
        }
        if let Some(card) = &facts.card {
            match self.villages_by_card.get(card) {
                Some(village) if *village != placed.village => {
                    let place = Place { row, column: self.columns.find(&Field::CardNumber) };
                    let sentence = "The family card is listed in another kelurahan too; taken as two households.";
                    self.findings.warning(place, "card_in_two_areas", sentence);
                }
                Some(_) => {}
                None => {
                    self.villages_by_card.insert(card.clone(), placed.village);
                }
            }
        }
    }

    /// The source's own key, else the card within its kelurahan, else area, head and address.
    ///
    /// The kelurahan and not the RT: an RT that is learnt or corrected later must not make a second household.
    fn household_key(&self, facts: &RowFacts, placed: &Placed) -> String {
        let village = &self.areas.area(placed.village).code;
        if let Some(id) = &facts.household_id {
            return format!("id/{id}");
        }
        if let Some(card) = &facts.card {
            return format!("card/{village}/{card}");
        }
        let head = facts.head_name.as_ref().or(facts.name.as_ref()).map(|name| header_key(name)).unwrap_or_default();
        let address = facts.address.as_ref().map(|address| header_key(address)).unwrap_or_default();
        format!("head/{}/{head}/{address}", self.areas.area(placed.leaf).code)
    }

    fn open(&mut self, row: u32, key: String, facts: &mut RowFacts, placed: Placed) -> usize {
        let mut registers = std::mem::take(&mut facts.household);
        for (name, number, digits) in [("rt", placed.neighbourhood.rt, 3), ("rw", placed.neighbourhood.rw, 2)] {
            if let Some(number) = number {
                registers.add(name, Value::text(&format!("{number:0digits$}")));
            }
        }
        if let Some(raw) = placed.rt_raw {
            registers.add("rt_raw", Value::text(&raw));
        }
        let at = self.households.len();
        self.by_key.insert(key.clone(), at);
        self.households.push(PrelistHousehold {
            source_row: row,
            key,
            area: placed.leaf,
            registers,
            families: Vec::new(),
            persons: Vec::new(),
        });
        at
    }

    /// One more row of a household: what it adds is taken, what it contradicts is named.
    fn join(&mut self, row: u32, at: usize, facts: &mut RowFacts, placed: &Placed) -> Option<()> {
        let first = self.households[at].source_row;
        let is_second_card = self.unit == RowUnit::Family && facts.household_id.is_some() && facts.card.is_some();
        if self.unit != RowUnit::Person && !is_second_card {
            let sentence =
                format!("The same household or family card stands in row {first} already, with other values.");
            self.findings.error(Place::row(row), "duplicate_id", sentence);
            return None;
        }
        if self.households[at].families.len() >= PERSONS_PER_HOUSEHOLD_MAX {
            let sentence = format!("A household cannot have more than {PERSONS_PER_HOUSEHOLD_MAX} family cards.");
            self.findings.error(Place::row(row), "household_too_large", sentence);
            return None;
        }
        if self.households[at].area != placed.leaf {
            let sentence = format!("The area differs from row {first} of the same household, which counts.");
            self.findings.warning(Place::row(row), "area_differs", sentence);
        }
        let household = &mut self.households[at].registers;
        let both = household.find("address").zip(facts.household.find("address"));
        if both.is_some_and(|(kept, new)| kept != new) {
            let place = Place { row, column: self.columns.find(&Field::Address) };
            let sentence = format!("The address differs from row {first} of the same household, which counts.");
            self.findings.warning(place, "household_differs", sentence);
        }
        household.fill_from(std::mem::take(&mut facts.household));
        Some(())
    }

    fn family_of(&mut self, row: u32, at: usize, facts: &mut RowFacts) -> Option<usize> {
        if self.unit == RowUnit::Household && facts.card.is_none() && facts.family.find("card_number_raw").is_none() {
            return None;
        }
        let household = &mut self.households[at];
        let name = match (&facts.card, &facts.head_name) {
            (Some(card), _) => card.clone(),
            // Two families of one dwelling, neither with a card at hand, are told apart by their heads.
            (None, Some(head)) => format!("head/{}", header_key(head)),
            (None, None) => String::new(),
        };
        let key = format!("{}/family/{name}", household.key);
        let registers = std::mem::take(&mut facts.family);
        let Some(family) = household.families.iter().position(|family| family.key == key) else {
            household.families.push(PrelistFamily { source_row: row, key, registers });
            return Some(household.families.len() - 1);
        };
        let kept = &mut household.families[family];
        let both = kept.registers.find("head_name").zip(registers.find("head_name"));
        if both.is_some_and(|(kept, new)| kept != new) {
            let place = Place { row, column: self.columns.find(&Field::HeadName) };
            let sentence =
                format!("The head differs from row {} of the same family card, which counts.", kept.source_row);
            self.findings.warning(place, "family_differs", sentence);
        }
        kept.registers.fill_from(registers);
        Some(family)
    }

    fn add_person(&mut self, row: u32, at: usize, family: Option<usize>, mut facts: RowFacts) -> Option<()> {
        if self.unit != RowUnit::Person {
            // A list of families names one person of each: the head, whose NIK may stand beside.
            if facts.person.is_empty() {
                return Some(());
            }
            if let Some(head) = &facts.head_name {
                facts.person.add("name", Value::text(head));
            }
        }
        let household = &mut self.households[at];
        if household.persons.len() >= PERSONS_PER_HOUSEHOLD_MAX {
            let sentence = format!("A household cannot have more than {PERSONS_PER_HOUSEHOLD_MAX} members.");
            self.findings.error(Place::row(row), "household_too_large", sentence);
            return None;
        }
        let base = format!("{}/person/{}", household.key, person_name(&facts));
        let mut key = base.clone();
        let mut count = 1;
        // Without a head named as such, a household goes by whom the list names first.
        let is_nameless = ["head_name", "name"].iter().all(|name| household.registers.find(name).is_none());
        if let Some(name) = facts.name.as_ref().filter(|_| is_nameless) {
            household.registers.add("name", Value::text(name));
        }
        while household.persons.iter().any(|person| person.key == key) {
            count += 1;
            key = format!("{base}/{count}");
        }
        household.persons.push(PrelistPerson { source_row: row, key, family, registers: facts.person });
        Some(())
    }

    /// What came of all rows.
    pub(super) fn finish(mut self, header_row: u32) -> Prelist {
        if self.numbers.is_rounded() {
            let place = Place {
                row: header_row,
                column: self.columns.find(&Field::Nik).or(self.columns.find(&Field::CardNumber)),
            };
            let sentence = "Nearly all 16-digit numbers end in 0: a spreadsheet rounded them on the way; export the file again with these columns as text.";
            self.findings.refuse_file(place, "digits_lost_everywhere", sentence);
        }
        Prelist {
            households: self.households,
            rows_read: self.rows_read,
            rows_refused: self.rows_refused,
            findings: self.findings,
        }
    }
}

/// What names a person within a household: the source's own key, the NIK, else name and birth.
fn person_name(facts: &RowFacts) -> String {
    if let Some(id) = &facts.person_id {
        return format!("id/{id}");
    }
    if let Some(nik) = &facts.nik {
        return format!("nik/{nik}");
    }
    let name = facts.name.as_ref().or(facts.head_name.as_ref()).map(|name| header_key(name)).unwrap_or_default();
    let birth = facts.birth_date.map(|date| date.to_string()).unwrap_or_default();
    format!("name/{name}/{birth}")
}
