//! A merged household as answers to a form: the visit that gave most of it, with every value that the register shows now
//! laid over its answers, `save_to` read backwards.

use std::collections::{HashMap, HashSet};

use questionnaire::form::{Entity, Form, Kind, NodeId};
use questionnaire::record::{self, register_of};
use serde_json::{Map, Value as Json};
use sync_protocol::{Dot, RecordId, Row};

/// Which record answers the questions of which entity.
#[derive(Debug, Default)]
pub(super) struct Records<'a> {
    pub(super) household: Option<&'a Row>,
    pub(super) family: Option<&'a Row>,
    pub(super) persons: Vec<&'a Row>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Came {
    pub(super) dot: Dot,
    pub(super) register: String,
}

/// The household as answers.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) answers: Json,
    /// By row (empty for the form itself) and question.
    values: HashMap<(String, NodeId), Came>,
    /// Rows by the repeat that they stand in.
    rows: HashMap<NodeId, Vec<String>>,
    /// Rows that the visit did not have: what it never asked there nobody knows.
    fresh: HashSet<String>,
    /// Questions that fill registers.
    filling: HashSet<NodeId>,
}

/// The row of the form itself.
const NO_ROW: &str = "";

impl Merged {
    /// Lays the records' values over the answers of a visit.
    pub(super) fn of(form: &Form, visit: RecordId, answers: &Json, records: &Records<'_>) -> Merged {
        let mut merged = Merged {
            answers: answers.clone(),
            values: HashMap::new(),
            rows: HashMap::new(),
            fresh: HashSet::new(),
            filling: form.entities.iter().flat_map(|entity| entity.properties.values().copied()).collect(),
        };
        for entity in &form.entities {
            match (entity.scope == NodeId::ROOT, entity.list.as_str()) {
                (true, "household") => merged.lay_over(form, entity, records.household),
                (true, "family") => merged.lay_over(form, entity, records.family),
                // A repeat within another has no one list of records.
                (false, "person") if form.repeat_around(entity.scope).is_none() => {
                    merged.lay_rows(form, entity, &records.persons, visit);
                }
                _ => {}
            }
        }
        merged
    }

    fn lay_over(&mut self, form: &Form, entity: &Entity, row: Option<&Row>) {
        let Some(row) = row else { return };
        let mut answers = std::mem::take(&mut self.answers);
        for (names, node, answer, came) in values(form, entity, row) {
            put(&mut answers, &names, answer);
            self.values.insert((NO_ROW.to_owned(), node), came);
        }
        self.answers = answers;
    }

    /// Rows that the visit had keep what it asked beside the register; others begin with the register alone.
    fn lay_rows(&mut self, form: &Form, entity: &Entity, persons: &[&Row], visit: RecordId) {
        let path = form.path(entity.scope);
        let names: Vec<&str> = path.split('/').skip(2).collect();
        let asked = names.iter().try_fold(&self.answers, |json, name| json.get(name)).and_then(Json::as_array);
        let asked: Vec<Json> = asked.cloned().unwrap_or_default();
        let mut rows: Vec<(Option<usize>, String, Json)> = Vec::new();
        for person in persons {
            let id = person.id.to_string();
            let is_own = |row: &Json| match row["@entities"][&entity.list].as_str() {
                Some(known) => known == id,
                None => row["@row"]
                    .as_str()
                    .is_some_and(|row| person.id.is_derived(visit, &format!("{}/{row}", entity.list))),
            };
            let at = asked.iter().position(is_own);
            let mut row = at.map_or_else(|| Json::Object(Map::new()), |at| asked[at].clone());
            let key = row["@row"].as_str().unwrap_or(&id).to_owned();
            if at.is_none() {
                self.fresh.insert(key.clone());
            }
            row["@row"] = key.as_str().into();
            row["@entities"] = Json::from_iter([(entity.list.clone(), id.as_str())]);
            for (names, node, answer, came) in values(form, entity, person) {
                put(&mut row, &names, answer);
                self.values.insert((key.clone(), node), came);
            }
            rows.push((at, key, row));
        }
        rows.sort_by_key(|(at, ..)| at.unwrap_or(usize::MAX));
        self.rows.insert(entity.scope, rows.iter().map(|(_, key, _)| key.clone()).collect());
        put(&mut self.answers, &names, Some(rows.into_iter().map(|(.., row)| row).collect()));
    }

    /// Where the value of a question in a row came from; the row is empty for the form itself.
    pub(super) fn came(&self, row: &str, node: NodeId) -> Option<&Came> {
        self.values.get(&(row.to_owned(), node))
    }

    /// The rows of a repeat.
    pub(super) fn rows(&self, repeat: NodeId) -> &[String] {
        self.rows.get(&repeat).map_or(&[], Vec::as_slice)
    }

    /// Whether the visit did not have that row.
    pub(super) fn is_fresh(&self, row: &str) -> bool {
        self.fresh.contains(row)
    }

    /// Whether the question fills a register.
    pub(super) fn fills(&self, node: NodeId) -> bool {
        self.filling.contains(&node)
    }

    /// How many saves the values came from.
    pub(super) fn saves(&self) -> usize {
        self.values.values().map(|came| came.dot).collect::<HashSet<Dot>>().len()
    }
}

/// The register's values for the questions of an entity: the names down to each, the answer (`None` where the value was
/// taken back) and where it came from. What is calculated follows from the others; what the register has never heard of
/// stays as the visit has it.
fn values<'f>(
    form: &'f Form,
    entity: &'f Entity,
    row: &'f Row,
) -> impl Iterator<Item = (Vec<String>, NodeId, Option<Json>, Came)> + 'f {
    let depth = form.path(entity.scope).split('/').count();
    entity.properties.iter().filter_map(move |(property, &node)| {
        let kind = &form.node(node).kind;
        if matches!(kind, Kind::Calculate) {
            return None;
        }
        let register = register_of(property);
        let shown = row.winner(register)?;
        let names = form.path(node).split('/').skip(depth).map(str::to_owned).collect();
        Some((
            names,
            node,
            record::answer_of(kind, shown.value.json()),
            Came { dot: shown.dot, register: register.to_owned() },
        ))
    })
}

/// Sets or removes what stands at the end of these names.
fn put<N: AsRef<str>>(json: &mut Json, names: &[N], value: Option<Json>) {
    let Some((last, above)) = names.split_last() else { return };
    let mut at = json;
    for name in above {
        if !at.is_object() {
            *at = Json::Object(Map::new());
        }
        at = &mut at[name.as_ref()];
    }
    if !at.is_object() {
        *at = Json::Object(Map::new());
    }
    match (value, at.as_object_mut()) {
        (Some(value), Some(object)) => drop(object.insert(last.as_ref().to_owned(), value)),
        (None, Some(object)) => drop(object.remove(last.as_ref())),
        _ => {}
    }
}

impl<'a> Records<'a> {
    /// The household with one family and its members: that of the visit, or the only one there is.
    pub(super) fn of(root: RecordId, rows: &'a [Row], family: Option<RecordId>) -> Records<'a> {
        use sync_protocol::Collection;
        let all = |collection| rows.iter().filter(move |row| row.collection == collection);
        let mut families = all(Collection::Family);
        let family = match family {
            Some(id) => families.find(|row| row.id == id),
            None => families.next().filter(|_| families.next().is_none()),
        };
        let is_member = |person: &&Row| {
            let own = super::family_of(person);
            family.is_none_or(|family| own.is_none_or(|own| own == family.id))
        };
        let persons = all(Collection::Person).filter(is_member).collect();
        Records { household: rows.iter().find(|row| row.id == root), family, persons }
    }
}
