//! A device under load, as a process that is killed: it saves, notes what it was told, and syncs, until it dies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use client_core::{Device, Env, Error, ListQuery, Place};
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Save, Value};
use tilik::keys::StoreFolder;
use tilik::{Link, Machine, Patience};

use super::log::{Confirmed, Log, read};

/// Saves between two syncs at most.
const SAVES_MAX: u8 = 6;
/// Households that an edit chooses from.
const LISTED: usize = 40;

/// What a driver works with.
#[derive(Debug, clap::Args)]
pub struct Drive {
    /// The person's folder
    #[arg(long)]
    pub folder: PathBuf,
    /// Where the server is reached
    #[arg(long)]
    pub server: String,
    /// The log of confirmed saves
    #[arg(long)]
    pub log: PathBuf,
    /// Where new households stand
    #[arg(long)]
    pub area: AreaId,
    /// End after this many rounds instead of waiting for death
    #[arg(long)]
    pub rounds: Option<u64>,
}

/// Works until it is killed, or for so many rounds.
pub fn drive(drive: &Drive) -> Result<()> {
    let mut device = open(&drive.folder)?;
    check_kept(&device, &drive.log)?;
    let mut log = Log::open(&drive.log)?;
    let link = Link::with(&drive.server, hasty())?;
    for round in 0.. {
        if drive.rounds.is_some_and(|rounds| round >= rounds) {
            return Ok(());
        }
        for _ in 0..=throw() % SAVES_MAX {
            save(&mut device, drive.area, &mut log)?;
        }
        match link.run(&mut device) {
            Ok(report) => ensure!(!report.rewound && report.mismatched.is_empty(), "an odd sync: {report:?}"),
            Err(Error::Offline | Error::Busy { .. } | Error::BadAnswer(_)) => {}
            Err(error) => return Err(error).context("the sync failed for good"),
        }
    }
    Ok(())
}

pub(super) fn open(folder: &Path) -> Result<Device> {
    let folder = StoreFolder::new(folder);
    let key = folder.key(&Machine)?;
    Ok(Device::open(Place::File(folder.store()), &key, Box::new(Machine))?)
}

pub(super) fn hasty() -> Patience {
    Patience { pause: |_| (), connect: Duration::from_secs(2), silence: Duration::from_secs(20) }
}

/// Whatever this device ever confirmed is still on it.
fn check_kept(device: &Device, log: &Path) -> Result<()> {
    let me = device.identity()?.context("the device is enrolled")?;
    for confirmed in read(log)?.into_iter().filter(|confirmed| confirmed.writer == me.writer) {
        let line = hash(&device.own_save(confirmed.save)?);
        if line != confirmed.line {
            bail!("save {} is not what was confirmed", confirmed.save);
        }
    }
    Ok(())
}

fn hash(save: &Save) -> String {
    blake3::hash(save.to_line().as_bytes()).to_hex().to_string()
}

fn throw() -> u8 {
    let mut byte = [0];
    Machine.random(&mut byte);
    byte[0]
}

/// A new household or an edit; every save writes a value that nobody else ever wrote.
fn save(device: &mut Device, area: AreaId, log: &mut Log) -> Result<()> {
    let mut random = [0; 16];
    Machine.random(&mut random);
    let value = Value::text(&format!("{:032x}", u128::from_be_bytes(random)));
    let mut registers = BTreeMap::from([("head_name".to_owned(), value)]);
    let listed = device.list(&ListQuery { limit: LISTED, ..ListQuery::default() })?.lines;
    let id = RecordId::minted(Machine.now_ms().max(0) as u64, random[..10].try_into()?);
    let (id, context) = match (throw() % 3, listed.as_slice()) {
        (0, _) | (_, []) => {
            registers.insert(reserved::AREA.to_owned(), Value::text(&area.to_string()));
            (id, BTreeMap::new())
        }
        (_, listed) => {
            let id = listed[usize::from(throw()) % listed.len()].id;
            (id, device.load(id)?.row.context)
        }
    };
    let save = Save { records: vec![RecordWrite { collection: Collection::Household, id, context, registers }] };
    let line = hash(&save);
    let saved = device.save(save)?;
    let writer = device.identity()?.context("the device is enrolled")?.writer;
    // Only now somebody reads "saved" on the screen.
    log.note(&Confirmed { writer, save: saved.last, line })
}
