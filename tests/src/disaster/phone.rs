//! A phone of an enumerator: a real device store, its log of what it was told is saved, and a network that loses answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use client_core::{Device, Env, Place, Report, Session, Step, StoreKey};
use server::ambient::Ambient;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, Context, Digest, RecordId, RecordWrite, RowHash, Save, Value};

use super::centre::{Centre, World};

/// Requests that a sync may take; far more than any needs.
const REQUESTS_MAX: u32 = 10_000;

/// The device's share of the world.
#[derive(Clone)]
struct Wrist(Arc<World>);

impl Env for Wrist {
    fn utc_offset_minutes(&self) -> i32 {
        420
    }

    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }

    fn random(&self, to: &mut [u8]) {
        self.0.fill(to);
    }
}

/// What the device told its person is saved: one register of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Which of its author's saves.
    pub save: u64,
    /// The record.
    pub record: RecordId,
    /// The register.
    pub register: String,
    /// Its value.
    pub value: Value,
    /// Values that its author had on the screen and so replaced.
    pub replaced: Vec<Value>,
}

/// A phone.
#[derive(Debug)]
pub struct Phone {
    device: Device,
    /// Every save that was confirmed to its person.
    pub log: Vec<Confirmed>,
    /// How many saves that were.
    pub saves: u64,
    /// Of every so many answers one is lost; 0: none.
    pub loses_one_in: u32,
    answers: u32,
    file: PathBuf,
    /// Bytes of exchanges so far, both ways, compressed.
    pub wire: usize,
}

impl Phone {
    /// A phone whose device is known from now on.
    pub fn enrol(centre: &Centre, name: &str, area: AreaId, folder: &Path, world: &Arc<World>) -> Result<Phone> {
        let user = centre.add_person(name, area)?;
        Phone::enrol_again(centre, name, user, folder, world)
    }

    /// Another phone of somebody who is known.
    pub fn enrol_again(
        centre: &Centre,
        name: &str,
        user: sync_protocol::UserId,
        folder: &Path,
        world: &Arc<World>,
    ) -> Result<Phone> {
        let file = folder.join(format!("{name}.sqlite"));
        let mut device =
            Device::open(Place::File(file.clone()), &StoreKey::new([7; 32]), Box::new(Wrist(Arc::clone(world))))?;
        let request = device.enrol_request(&centre.code(user)?, name, "disaster")?;
        device.enrol_answer(&centre.answer(&request))?;
        Ok(Phone { device, log: Vec::new(), saves: 0, loses_one_in: 0, answers: 0, file, wire: 0 })
    }

    /// Saves a new household.
    pub fn make(&mut self, id: u128, area: AreaId, head: &str) -> Result<RecordId> {
        let id = RecordId::from_u128(id);
        let at = Value::text(&area.to_string());
        let registers = BTreeMap::from([
            (reserved::AREA.to_owned(), at),
            ("head_name".to_owned(), Value::text(head)),
            ("address".to_owned(), Value::text("Jl. Melati 3, RT 004 RW 002, Kelurahan Beringin")),
            ("rooms".to_owned(), Value::integer(4)),
        ]);
        self.save(id, Context::new(), registers)?;
        Ok(id)
    }

    /// Changes a register of what the phone shows.
    pub fn edit(&mut self, id: RecordId, register: &str, value: &str) -> Result<()> {
        let context = self.device.load(id)?.row.context;
        self.save(id, context, BTreeMap::from([(register.to_owned(), Value::text(value))]))
    }

    fn save(&mut self, id: RecordId, context: Context, registers: BTreeMap<String, Value>) -> Result<()> {
        let shown = self.device.load(id).ok();
        let on_screen = |name: &str| -> Vec<Value> {
            let register = shown.as_ref().and_then(|loaded| loaded.row.registers.get(name));
            register.map(|r| r.siblings.iter().map(|s| s.value.clone()).collect()).unwrap_or_default()
        };
        let save = self.saves + 1;
        let told: Vec<Confirmed> = registers
            .iter()
            .map(|(name, value)| Confirmed {
                save,
                record: id,
                register: name.clone(),
                value: value.clone(),
                replaced: on_screen(name),
            })
            .collect();
        let record = RecordWrite { collection: Collection::Household, id, context, registers };
        self.device.save(Save { records: vec![record] })?;
        self.saves = save;
        self.log.extend(told);
        Ok(())
    }

    /// Syncs to the end; lost answers are asked for again in another session.
    pub fn sync(&mut self, centre: &Centre) -> Result<Report> {
        let mut session = Session::start(&mut self.device);
        for _ in 0..REQUESTS_MAX {
            match session.next(&mut self.device)? {
                Step::Done(report) => return Ok(report),
                Step::Send(outgoing) => {
                    let reply = centre.answer(&outgoing);
                    for body in [&outgoing.body, &reply.body] {
                        self.wire += zstd::bulk::compress(body, 3)?.len();
                    }
                    self.answers += 1;
                    if self.loses_one_in > 0 && self.answers.is_multiple_of(self.loses_one_in) {
                        session = Session::start(&mut self.device);
                        continue;
                    }
                    session.answer(&mut self.device, &reply)?;
                }
            }
        }
        bail!("the sync does not come to its end")
    }

    /// The values that the phone shows of a register.
    pub fn shown(&self, id: RecordId, register: &str) -> Result<Vec<Value>> {
        let row = self.device.load(id)?.row;
        let siblings = row.registers.get(register).map(|register| register.siblings.as_slice());
        let mut values: Vec<Value> = siblings.unwrap_or_default().iter().map(|s| s.value.clone()).collect();
        values.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        values.dedup();
        Ok(values)
    }

    /// The sum over the rows that the phone holds of an area.
    pub fn digest(&self, area: AreaId) -> Result<Digest> {
        let mut digest = Digest::default();
        for (_, text) in self.device.base_texts(area)? {
            digest.add(RowHash::of(&text));
        }
        Ok(digest)
    }

    /// The disk changes some rows; the phone looks at all of them and finds these.
    pub fn rot(&mut self, rows: usize) -> Result<u64> {
        let disk = rusqlite::Connection::open(&self.file)?;
        disk.pragma_update(None, "key", format!("x'{}'", "07".repeat(32)))?;
        disk.execute(
            "UPDATE docs SET text = replace(text, 'Melati', 'Mawar') WHERE doc IN
                 (SELECT base FROM records WHERE base IS NOT NULL ORDER BY record * 7919 % 10007 LIMIT $1)",
            [rows as i64],
        )?;
        drop(disk);
        Ok(self.device.check_rows()?.damaged)
    }

    /// What the phone's outbox and lists say of itself.
    pub fn status(&self) -> Result<client_core::Status> {
        Ok(self.device.status()?)
    }
}
