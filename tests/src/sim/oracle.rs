//! The oracle: what each author had on the screen of each register when it was loaded, and what must therefore stand.
//!
//! It shares nothing with the merge: no contexts, no prefixes, no tags. A value is known by the save that wrote it.
//! A value may go only when somebody replaced it who had it on the screen, or who had on the screen what had replaced it.

use std::collections::{BTreeMap, BTreeSet};

use sync_protocol::save::reserved;
use sync_protocol::{Dot, RecordId, Row, Save, Value};

/// What was on the screen of one record: of each register, the values by the saves that wrote them.
pub(super) type Screen = BTreeMap<String, BTreeSet<Dot>>;

/// Screens by record. A record that is not here was new.
pub(super) type Screens = BTreeMap<RecordId, Screen>;

/// What a row shows.
pub(super) fn screen(row: &Row) -> Screen {
    let dots = |name: &String| row.registers[name].siblings.iter().map(|s| s.dot).collect();
    row.registers.keys().map(|name| (name.clone(), dots(name))).collect()
}

/// One value that somebody wrote.
struct Written {
    value: Value,
    /// What its author had on the screen there, and all that had gone before that.
    behind: BTreeSet<Dot>,
}

/// Everything that was ever saved.
#[derive(Default)]
pub(super) struct Oracle {
    registers: BTreeMap<(RecordId, String), BTreeMap<Dot, Written>>,
    saves: BTreeMap<Dot, Vec<RecordId>>,
    applied: BTreeSet<Dot>,
    /// New names of saves that the server saved again, and the first name of each.
    first_names: BTreeMap<Dot, Dot>,
}

/// How a register differs from what must stand there.
pub(super) enum Difference {
    /// A value is gone that nobody replaced who had seen it.
    Vanished,
    /// A value stands that was replaced by somebody who had seen it.
    CameBack,
    /// A value stands that nobody wrote.
    Invented,
}

impl Oracle {
    /// A save was confirmed to its author.
    pub(super) fn note(&mut self, dot: Dot, save: &Save, screens: &Screens) {
        for write in &save.records {
            let screen = screens.get(&write.id);
            let mut values = write.registers.clone();
            values.entry(reserved::ALIVE.to_owned()).or_insert_with(|| Value::bool(true));
            for (name, value) in values {
                let seen = screen.and_then(|screen| screen.get(&name)).cloned().unwrap_or_default();
                let seen: BTreeSet<Dot> = seen.into_iter().map(|dot| self.first_name(dot)).collect();
                let known = self.registers.entry((write.id, name)).or_default();
                let older = seen.iter().filter_map(|dot| known.get(dot)).flat_map(|w| w.behind.iter().copied());
                let behind = older.chain(seen.iter().copied()).collect();
                known.insert(dot, Written { value, behind });
            }
        }
        self.saves.insert(dot, save.records.iter().map(|write| write.id).collect());
    }

    /// The server merged a save.
    pub(super) fn note_applied(&mut self, dot: Dot) {
        self.applied.insert(dot);
    }

    /// The server saved a save again, under another name.
    pub(super) fn rename(&mut self, first: Dot, new: Dot) {
        self.first_names.insert(new, first);
    }

    /// Whether the server saved it again.
    pub(super) fn is_renamed(&self, dot: &Dot) -> bool {
        self.first_names.values().any(|first| first == dot)
    }

    /// What a save was called by its author.
    pub(super) fn first_name(&self, dot: Dot) -> Dot {
        std::iter::successors(Some(dot), |dot| self.first_names.get(dot).copied()).last().unwrap_or(dot)
    }

    /// The server holds none of what it had merged but what it is asked about anew.
    pub(super) fn forget_applied(&mut self) {
        self.applied.clear();
        self.first_names.clear();
    }

    /// Every save, in the order of writers and numbers, with the records that it touched.
    pub(super) fn saves(&self) -> impl Iterator<Item = (&Dot, &Vec<RecordId>)> {
        self.saves.iter()
    }

    pub(super) fn is_applied(&self, dot: &Dot) -> bool {
        self.applied.contains(dot)
    }

    /// Names of the registers of a record that a save wrote.
    pub(super) fn registers_of(&self, dot: Dot, record: RecordId) -> impl Iterator<Item = &str> {
        let of_record = self.registers.range((record, String::new())..).take_while(move |(key, _)| key.0 == record);
        of_record.filter(move |(_, written)| written.contains_key(&dot)).map(|(key, _)| key.1.as_str())
    }

    /// Whether something that replaced the value is on this screen.
    pub(super) fn is_behind(&self, record: RecordId, name: &str, dot: Dot, shown: &BTreeSet<Dot>) -> bool {
        let Some(known) = self.registers.get(&(record, name.to_owned())) else { return false };
        shown.iter().any(|shown| known.get(shown).is_some_and(|written| written.behind.contains(&dot)))
    }

    /// Whether somebody else's equal value is on this screen.
    pub(super) fn is_said(&self, record: RecordId, name: &str, dot: Dot, shown: &BTreeSet<Dot>) -> bool {
        let Some(known) = self.registers.get(&(record, name.to_owned())) else { return false };
        let value = |dot: &Dot| known.get(dot).map(|written| &written.value);
        shown.iter().any(|other| value(other).is_some() && value(other) == value(&dot))
    }

    /// Holds the server's rows against all that was merged; the first difference found, in words. `is_rewound`: a value of
    /// the lost time that was saved again may have taken the place of an equal one.
    pub(super) fn compare(&self, rows: &BTreeMap<RecordId, Row>, is_rewound: bool) -> Result<(), (Difference, String)> {
        let nothing = BTreeMap::new();
        for ((record, name), known) in &self.registers {
            let merged: BTreeSet<Dot> = known.keys().filter(|dot| self.applied.contains(dot)).copied().collect();
            let gone: BTreeSet<Dot> = merged.iter().flat_map(|dot| known[dot].behind.iter().copied()).collect();
            let due: BTreeSet<Dot> = merged.difference(&gone).copied().collect();
            let stand: BTreeMap<Dot, &Value> = match rows.get(record).and_then(|row| row.registers.get(name)) {
                Some(register) => register.siblings.iter().map(|s| (self.first_name(s.dot), &s.value)).collect(),
                None => nothing.clone(),
            };
            let place = |dot: &Dot| format!("{name} of {record} by save {} of {}", dot.save, dot.writer);
            for (dot, value) in &stand {
                if known.get(dot).is_none_or(|w| &w.value != *value) {
                    return Err((Difference::Invented, place(dot)));
                }
            }
            let is_said = |dot: &Dot| is_rewound && stand.values().any(|value| **value == known[dot].value);
            if let Some(dot) = due.iter().find(|dot| !stand.contains_key(dot) && !is_said(dot)) {
                return Err((Difference::Vanished, place(dot)));
            }
            if let Some(dot) = stand.keys().find(|dot| !due.contains(dot)) {
                return Err((Difference::CameBack, place(dot)));
            }
        }
        let strange = rows.values().flat_map(|row| row.registers.keys().map(move |name| (row.id, name.clone())));
        match strange.into_iter().find(|key| !self.registers.contains_key(key)) {
            Some((record, name)) => Err((Difference::Invented, format!("{name} of {record}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_protocol::merge::{Register, Sibling};
    use sync_protocol::{Collection, RecordWrite, WriterId};

    const RECORD: RecordId = RecordId::from_u128(1);

    fn dot(writer: u128) -> Dot {
        Dot { writer: WriterId::from_u128(writer), save: 1 }
    }

    /// Three people: the second saw the first's value, the third saw nothing.
    fn oracle() -> Oracle {
        let mut oracle = Oracle::default();
        for (writer, seen) in [(1, vec![]), (2, vec![dot(1)]), (3, vec![])] {
            let registers = BTreeMap::from([("name".to_owned(), Value::integer(writer as i64))]);
            let write = RecordWrite {
                collection: Collection::Household,
                id: RECORD,
                context: sync_protocol::Context::new(),
                registers,
            };
            let shown: BTreeSet<Dot> = seen.into_iter().collect();
            let screen = [("name", shown.clone()), (reserved::ALIVE, shown)].map(|(n, s)| (n.to_owned(), s));
            let screens = Screens::from([(RECORD, Screen::from(screen))]);
            oracle.note(dot(writer), &Save { records: vec![write] }, &screens);
            oracle.note_applied(dot(writer));
        }
        oracle
    }

    fn rows(standing: &[u128]) -> BTreeMap<RecordId, Row> {
        let mut row = Row::new(Collection::Household, RECORD);
        for (name, value) in [("name", None), (reserved::ALIVE, Some(Value::bool(true)))] {
            let value = |w: u128| value.clone().unwrap_or_else(|| Value::integer(w as i64));
            let siblings = standing.iter().map(|w| Sibling { dot: dot(*w), value: value(*w) }).collect();
            row.registers.insert(name.to_owned(), Register { siblings, ..Register::default() });
        }
        BTreeMap::from([(RECORD, row)])
    }

    #[test]
    fn only_what_somebody_saw_and_replaced_may_go_and_it_must() {
        let oracle = oracle();
        assert!(oracle.compare(&rows(&[2, 3]), false).is_ok());
        assert!(matches!(oracle.compare(&rows(&[2]), false), Err((Difference::Vanished, _))));
        assert!(matches!(oracle.compare(&rows(&[1, 2, 3]), false), Err((Difference::CameBack, _))));
        assert!(matches!(oracle.compare(&rows(&[2, 3, 4]), false), Err((Difference::Invented, _))));
        assert!(matches!(oracle.compare(&BTreeMap::new(), false), Err((Difference::Vanished, _))));
    }
}
