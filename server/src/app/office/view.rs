//! Records as people of the office read them: every value with who, when and on what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sync_protocol::ids::{DeviceId, Tag};
use sync_protocol::{Collection, RecordId, Row, Seen, UserId, WriterId, limits};
use utoipa::ToSchema;

use crate::error::{Result, bad_request, internal};
use crate::store::{Tx, devices, users};

/// One value of a register.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct Side {
    /// The value.
    #[schema(value_type = Object)]
    pub(super) value: serde_json::Value,
    /// Whether it is the one that screens show.
    pub(super) shown: bool,
    /// Whose writer wrote it.
    #[schema(value_type = String)]
    pub(super) writer: WriterId,
    /// In which of its saves.
    pub(super) save: u64,
    /// When; milliseconds since 1970.
    pub(super) at: i64,
    /// Who.
    #[schema(value_type = String)]
    pub(super) author: UserId,
    /// Their name.
    pub(super) author_name: String,
    /// On what; absent for the office.
    #[schema(value_type = Option<String>)]
    pub(super) device: Option<DeviceId>,
    /// Its name.
    pub(super) device_name: Option<String>,
}

/// A register.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct RegisterView {
    /// Its name.
    pub(super) name: String,
    /// Whether different values stand beside each other.
    pub(super) conflict: bool,
    /// Its values, the shown one first.
    pub(super) sides: Vec<Side>,
    /// How many more values there are than are listed.
    pub(super) more: usize,
}

/// A record.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct RecordView {
    /// Its id.
    #[schema(value_type = String)]
    id: RecordId,
    /// Its kind.
    #[schema(value_type = String)]
    collection: Collection,
    /// Whether it is shown as existing.
    alive: bool,
    /// Its registers, by name.
    registers: Vec<RegisterView>,
    /// What is seen on this page: whoever writes on gives it back, so that nothing newer is overwritten.
    seen: Context,
}

/// What somebody has seen of a record: `[writer, save, tag]` of each writer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<Vec<Object>>)]
pub(in crate::app) struct Context(Vec<(WriterId, u64, Tag)>);

impl Context {
    pub(super) fn of(row: &Row) -> Context {
        Context(row.context.iter().map(|(writer, seen)| (*writer, seen.save, seen.tag)).collect())
    }

    /// The context of a save by whoever has seen this.
    pub(super) fn to_save(&self) -> Result<sync_protocol::save::Context> {
        let context: BTreeMap<WriterId, Seen> =
            self.0.iter().map(|&(writer, save, tag)| (writer, Seen { save, tag })).collect();
        let fine = context.len() == self.0.len() && self.0.iter().all(|seen| seen.1 >= 1);
        if fine && context.len() <= limits::CONTEXT_MAX {
            return Ok(context);
        }
        Err(bad_request("bad_seen", "Give back `seen` as it was got."))
    }
}

/// Names of people and devices, each asked for once.
pub(super) struct Names<'t, 'c> {
    tx: &'t Tx<'c>,
    people: BTreeMap<UserId, String>,
    devices: BTreeMap<WriterId, Option<(DeviceId, String)>>,
}

impl<'t, 'c> Names<'t, 'c> {
    pub(super) fn new(tx: &'t Tx<'c>) -> Self {
        Names { tx, people: BTreeMap::new(), devices: BTreeMap::new() }
    }

    pub(super) fn person(&mut self, id: UserId) -> Result<String> {
        if let Some(name) = self.people.get(&id) {
            return Ok(name.clone());
        }
        let name = users::find(self.tx, id)?.map_or_else(String::new, |user| user.display_name);
        self.people.insert(id, name.clone());
        Ok(name)
    }

    pub(super) fn device(&mut self, writer: WriterId) -> Result<Option<(DeviceId, String)>> {
        if let Some(device) = self.devices.get(&writer) {
            return Ok(device.clone());
        }
        let device = devices::find_of_writer(self.tx, writer)?;
        self.devices.insert(writer, device.clone());
        Ok(device)
    }
}

/// A stored row's text as a row.
pub(super) fn row(doc: &str) -> Result<Row> {
    Row::parse(doc).map_err(internal)
}

/// A register with its values.
pub(super) fn register(row: &Row, name: &str, names: &mut Names<'_, '_>) -> Result<RegisterView> {
    let Some(register) = row.registers.get(name) else {
        return Ok(RegisterView { name: name.to_owned(), conflict: false, sides: vec![], more: 0 });
    };
    let shown = row.winner(name).map(|winner| winner.dot);
    let mut siblings: Vec<_> = register.siblings.iter().collect();
    siblings.sort_by_key(|sibling| Some(sibling.dot) != shown);
    let more = siblings.len().saturating_sub(limits::SIBLINGS_SHOWN_MAX);
    siblings.truncate(limits::SIBLINGS_SHOWN_MAX);
    let mut sides = Vec::with_capacity(siblings.len());
    for sibling in siblings {
        let stamp = row.stamps.get(&sibling.dot).ok_or_else(|| internal("a value without a stamp"))?;
        let device = names.device(sibling.dot.writer)?;
        sides.push(Side {
            value: sibling.value.json(),
            shown: Some(sibling.dot) == shown,
            writer: sibling.dot.writer,
            save: sibling.dot.save,
            at: stamp.clock.0,
            author: stamp.author,
            author_name: names.person(stamp.author)?,
            device: device.as_ref().map(|device| device.0),
            device_name: device.map(|device| device.1),
        });
    }
    Ok(RegisterView { name: name.to_owned(), conflict: register.is_conflict(), sides, more })
}

/// A record with all its registers.
pub(super) fn record(row: &Row, names: &mut Names<'_, '_>) -> Result<RecordView> {
    let registers = row.registers.keys().map(|name| register(row, name, names)).collect::<Result<Vec<_>>>()?;
    Ok(RecordView { id: row.id, collection: row.collection, alive: row.is_alive(), registers, seen: Context::of(row) })
}
