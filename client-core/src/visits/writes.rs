//! A finished interview as the writes of one save: household, families, members, and the visit itself.

use std::collections::{BTreeMap, BTreeSet};

use questionnaire::form::{Entity, Form, Kind};
use questionnaire::interview::{Finished, Interview, Path, RowId, Standing};
use questionnaire::record::{self, Bounds, register_of, value_of};
use questionnaire::register::{Action, Change};
use serde_json::Value as Json;
use sync_protocol::ids::RoundId;
use sync_protocol::save::{is_register_name, reserved};
use sync_protocol::{Attachment, BlobHash, Collection, Context, RecordId, RecordWrite, Value, limits};

use super::prefill::{FAMILY, HOUSEHOLD, PERSON};
use super::shown::Shown;
use crate::error::{Error, Result, bad_register};
use crate::forms::FormLine;
use crate::store::drafts::Drafted;

/// Bytes of paradata that one visit keeps; what happened after that is not told.
const PARADATA_BYTES_MAX: usize = 256 << 10;
const BOUNDS: Bounds = Bounds { bytes_max: limits::VALUE_BYTES_MAX, depth_max: limits::JSON_DEPTH_MAX };
/// A form that asks for no outcome has one all the same.
const COMPLETE: &str = "complete";

/// A visit that came to its end.
pub(super) struct Visited<'a> {
    /// Files that the answers may name.
    pub(super) files: &'a BTreeMap<String, Attachment>,
    pub(super) form: &'a FormLine,
    pub(super) interview: &'a Interview,
    pub(super) finished: &'a Finished,
    pub(super) shown: &'a Shown,
    pub(super) drafted: &'a [Drafted],
    /// The visit's record.
    pub(super) visit: RecordId,
    pub(super) begun_ms: i64,
    pub(super) ended_ms: i64,
    pub(super) round: Option<RoundId>,
}

impl Visited<'_> {
    /// Files that the answers do name.
    fn answered_files(&self) -> Vec<&Attachment> {
        let mut named = BTreeSet::new();
        strings(&self.finished.answers, &mut |text| named.extend(self.files.get_key_value(text).map(|(name, _)| name)));
        named.into_iter().map(|name| &self.files[name]).collect()
    }

    /// The bytes that the save names.
    pub(super) fn named_files(&self) -> Vec<BlobHash> {
        self.answered_files().into_iter().map(|file| file.blob).collect()
    }
}

/// Every text in an answer.
fn strings<'j>(json: &'j Json, take: &mut impl FnMut(&'j str)) {
    match json {
        Json::String(text) => take(text),
        Json::Array(items) => items.iter().for_each(|item| strings(item, take)),
        Json::Object(members) => members.values().for_each(|member| strings(member, take)),
        _ => {}
    }
}

/// The writes, parents before their children.
pub(super) fn records(visited: &Visited<'_>) -> Result<Vec<RecordWrite>> {
    let mut writing =
        Writing { visited, writes: Vec::new(), families: BTreeMap::new(), family: visited.shown.family() };
    writing.begin_new_household();
    for change in &visited.finished.changes {
        writing.take(change)?;
    }
    writing.add_visit()?;
    let mut writes = writing.writes;
    writes.retain(|write| !write.registers.is_empty());
    writes.sort_by_key(|write| match write.collection {
        Collection::Household => 0,
        Collection::Family => 1,
        Collection::Person => 2,
        Collection::Visit => 3,
    });
    Ok(writes)
}

struct Writing<'a> {
    visited: &'a Visited<'a>,
    writes: Vec<RecordWrite>,
    /// The families of the interview, by the row or form that each stands in.
    families: BTreeMap<Path, RecordId>,
    /// The family that the visit is about.
    family: Option<RecordId>,
}

impl Writing<'_> {
    /// A household that nobody knows yet has its area from the beginning, whatever the form says of it.
    fn begin_new_household(&mut self) {
        for made in self.visited.drafted.iter().filter(|record| record.loaded.is_none()) {
            let write = self.write(Collection::Household, made.id);
            write.registers.extend(made.registers.iter().cloned());
        }
    }

    fn take(&mut self, change: &Change) -> Result<()> {
        let Some((collection, id)) = self.record(change) else { return Ok(()) };
        let mut registers = self.registers(change, id)?;
        if collection == Collection::Family {
            if registers.is_empty() && self.visited.shown.find(id).is_none() {
                return Ok(());
            }
            self.families.insert(change.path.clone(), id);
            if change.row.is_none() {
                self.family = Some(id);
            }
        }
        let known = self.visited.shown.find(id);
        if collection != Collection::Household && known.is_none() {
            self.place(&mut registers);
        }
        if collection == Collection::Person
            && known.is_none_or(|row| row.parsed::<RecordId>(reserved::FAMILY).is_none())
        {
            let around = change.within.as_ref().and_then(|path| self.families.get(path)).copied();
            if let Some(family) = around.or(self.family).filter(|_| !registers.is_empty()) {
                registers.insert(reserved::FAMILY.to_owned(), Value::text(&family.to_string()));
            }
        }
        self.write(collection, id).registers.extend(registers);
        Ok(())
    }

    /// The record that a change is about. What names a list that the register does not know stays in the answers alone.
    fn record(&self, change: &Change) -> Option<(Collection, RecordId)> {
        let collection = match (change.list.as_str(), &change.row) {
            (HOUSEHOLD, None) => return Some((Collection::Household, self.visited.shown.household())),
            (FAMILY, _) => Collection::Family,
            (PERSON, Some(_)) => Collection::Person,
            _ => return None,
        };
        let known = change.entity.as_ref().filter(|_| change.action == Action::Update);
        match known.and_then(|entity| entity.parse().ok()) {
            Some(id) => {
                self.visited.shown.find(id).filter(|row| row.collection == collection).map(|row| (collection, row.id))
            }
            None => Some((collection, self.derived(&change.list, change.row.as_ref()))),
        }
    }

    /// The id of a record that the interview makes: the same at every attempt to finish it.
    fn derived(&self, list: &str, row: Option<&RowId>) -> RecordId {
        let place = format!("{list}/{}", row.map_or("", RowId::as_str));
        RecordId::derived(self.visited.begun_ms.max(0) as u64, self.visited.visit, &place)
    }

    fn registers(&self, change: &Change, id: RecordId) -> Result<BTreeMap<String, Value>> {
        let form = self.visited.interview.plan().form();
        let unspoken = self.unspoken(change);
        let mut registers = BTreeMap::new();
        for (property, answer) in &change.properties {
            let register = register_of(property);
            let is_own = is_register_name(register) && !register.starts_with('_') && !register.contains('/');
            if !is_own || unspoken.contains(property.as_str()) {
                continue;
            }
            let kind = kind_of(form, change, property);
            let file = answer.as_str().filter(|_| kind.is_file()).and_then(|name| self.file(id, register, name));
            let value = match file {
                Some(value) => value,
                None => Value::of(&value_of(kind, answer))
                    .map_err(|_| bad_register(id, register, "longer than a value may be"))?,
            };
            registers.insert(register.to_owned(), value);
        }
        Ok(registers)
    }

    /// The file that an answer calls by its name: taken in this visit, or the one that the register shows already.
    fn file(&self, id: RecordId, register: &str, name: &str) -> Option<Value> {
        if let Some(taken) = self.visited.files.get(name) {
            return Some(taken.value());
        }
        let shown = self.visited.shown.find(id)?.value(register)?;
        Attachment::of(shown).filter(|file| file.name == name).map(|_| shown.clone())
    }

    /// Properties that stand as the register had them because nobody was asked.
    fn unspoken(&self, change: &Change) -> BTreeSet<&str> {
        let Some(entity) = change.entity.as_deref() else { return BTreeSet::new() };
        let all = self.visited.finished.verification.iter();
        let own = all.filter(|one| one.entity == entity && one.list == change.list);
        let unspoken = own.filter(|one| one.standing == Standing::Untouched && one.found == one.prelist.value);
        unspoken.map(|one| one.property.as_str()).collect()
    }

    fn place(&self, registers: &mut BTreeMap<String, Value>) {
        let household = self.visited.shown.household();
        registers.insert(reserved::PARENT.to_owned(), Value::text(&household.to_string()));
    }

    /// The write to a record, made at its first mention: its author has seen the record as it was shown.
    fn write(&mut self, collection: Collection, id: RecordId) -> &mut RecordWrite {
        let place = self.writes.iter().position(|write| write.id == id).unwrap_or_else(|| {
            let context = self.visited.shown.find(id).map_or_else(Context::new, |row| row.context.clone());
            self.writes.push(RecordWrite { collection, id, context, registers: BTreeMap::new() });
            self.writes.len() - 1
        });
        &mut self.writes[place]
    }

    fn add_visit(&mut self) -> Result<()> {
        let visited = self.visited;
        let mut registers = BTreeMap::new();
        self.place(&mut registers);
        if let Some(family) = self.family {
            registers.insert(reserved::FAMILY.to_owned(), Value::text(&family.to_string()));
        }
        let begun_ms = visited.finished.trail.events.first().map_or(visited.begun_ms, |event| event.start);
        registers.extend([
            ("started_at".to_owned(), Value::integer(begun_ms)),
            ("ended_at".to_owned(), Value::integer(visited.ended_ms)),
        ]);
        if let Some(round) = visited.round {
            registers.insert("round".to_owned(), Value::text(&round.to_string()));
        }
        registers.extend(self.asked());
        for file in visited.answered_files() {
            registers.insert(format!("{}{}", record::ATTACHMENT, file.name), file.value());
        }
        for (name, value) in interview_values(visited) {
            registers.insert(name, Value::of(&value).map_err(|_| Error::FileDamaged)?);
        }
        self.write(Collection::Visit, visited.visit).registers = registers;
        Ok(())
    }

    /// What the form's own questions say of the visit.
    fn asked(&self) -> Vec<(String, Value)> {
        let interview = self.visited.interview;
        let form = interview.plan().form();
        let answer = |name: &str| {
            let of_name = form.ids().filter(|id| form.node(*id).name == name && form.repeat_around(*id).is_none());
            let mut paths = of_name.map(|id| (&form.node(id).kind, form.path(id)));
            paths.find_map(|(kind, path)| {
                let text = interview.value(&path).filter(|text| !text.is_empty())?;
                Value::of(&value_of(kind, &Json::from(text))).ok()
            })
        };
        let outcome = answer("outcome").unwrap_or_else(|| Value::text(COMPLETE));
        let others = ["note", "position"].into_iter().filter_map(|name| Some((name.to_owned(), answer(name)?)));
        std::iter::once(("outcome".to_owned(), outcome)).chain(others).collect()
    }
}

/// The interview itself, register by register.
fn interview_values(visited: &Visited<'_>) -> BTreeMap<String, Json> {
    let Visited { form, interview, finished, .. } = visited;
    let language = &interview.plan().form().languages[interview.language()];
    let language = language.code.as_ref().unwrap_or(&language.name);
    let mut values = BTreeMap::from([
        (record::FORM.to_owned(), form.name().into()),
        (record::PACKAGE.to_owned(), form.hash.to_string().into()),
        (record::LANGUAGE.to_owned(), language.as_str().into()),
    ]);
    record::put(record::ANSWERS, &finished.answers, BOUNDS, &mut values);
    if !finished.reasons.is_empty() {
        let reasons = finished.reasons.iter().map(|(path, reason)| (path.to_string(), reason.as_str().into()));
        record::put(record::REASONS, &Json::Object(reasons.collect()), BOUNDS, &mut values);
    }
    record::put(record::PARADATA, &paradata(finished), BOUNDS, &mut values);
    values
}

/// The trail, of a visit that went on and on only its first part.
fn paradata(finished: &Finished) -> Json {
    let mut trail = finished.trail.clone();
    loop {
        let compact = trail.to_compact();
        if compact.to_string().len() <= PARADATA_BYTES_MAX {
            return compact;
        }
        trail.events.truncate(trail.events.len() / 2);
    }
}

/// The kind of the question that fills a property.
fn kind_of<'f>(form: &'f Form, change: &Change, property: &str) -> &'f Kind {
    let of_list = |entity: &&Entity| entity.list == change.list;
    let mut nodes = form.entities.iter().filter(of_list).filter_map(|entity| entity.properties.get(property));
    nodes.next().map_or(&Kind::Text, |node| &form.node(*node).kind)
}
