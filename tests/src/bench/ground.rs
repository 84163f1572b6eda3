//! The ground that the benchmark stands on: a data folder with people and areas, and the real server program over it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use server::ambient::Machine;
use server::instance::Instance;
use server::people::{self, NewUser, Role};
use server::store::areas::{self, Area};
use server::sync::Hub;
use sync_protocol::exchange::AreaLevel;
use sync_protocol::save::{RecordWrite, reserved};
use sync_protocol::{AreaId, Collection, RecordId, Save, UserId, Value};

/// Kelurahan of the idle city, and RTs in each: together 1,650 areas.
const VILLAGES: u32 = 66;
const RTS: u32 = 25;
/// Devices that push at once.
pub const MANY: usize = 50;

/// Name of one of the devices that push at once, and of the RT it works in.
pub fn many(n: usize) -> String {
    format!("many-{n}")
}

/// What a step's process needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ground {
    /// Holds the devices' stores.
    pub folder: PathBuf,
    /// Where the server listens.
    pub url: String,
    /// The server's process.
    pub server_pid: u32,
    /// One-time codes by device name.
    pub codes: BTreeMap<String, String>,
    /// Areas to work in, by name.
    pub areas: BTreeMap<String, AreaId>,
}

/// The server program, ended when this is dropped.
#[derive(Debug)]
pub struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // Only measuring: nothing is lost by a kill, and a server that is gone already is no trouble.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sets up a fresh data folder and starts the server program over it.
pub fn lay(folder: &Path, program: &Path) -> Result<(Ground, Program)> {
    let data = folder.join("server");
    let (areas, codes) = {
        let instance = Instance::make(&data, "bench", Arc::new(Machine)).context("cannot make a data folder")?;
        set_up(&instance)?
    };
    let (program, url) = start(program, &data)?;
    let server_pid = program.0.id();
    Ok((Ground { folder: folder.to_owned(), url, server_pid, codes, areas }, program))
}

type Names<T> = BTreeMap<String, T>;

fn set_up(instance: &Instance) -> Result<(Names<AreaId>, Names<String>)> {
    let admin = user(instance, "admin", Role::Admin)?;
    let mut made = Areas { instance, next: 1 };
    let country = made.add("1", AreaLevel::Province, None)?;
    let working = made.add("1.1", AreaLevel::Regency, Some(country))?;
    let city = made.add("1.2", AreaLevel::Regency, Some(country))?;
    let mut areas = BTreeMap::new();
    for name in ["batched".to_owned(), "single".to_owned()].into_iter().chain((0..MANY).map(many)) {
        let area = made.add(&format!("1.1.{name}"), AreaLevel::Rt, Some(working))?;
        areas.insert(name, area);
    }
    let mut rts = Vec::new();
    for village in 1..=VILLAGES {
        let parent = made.add(&format!("1.2.{village}"), AreaLevel::Village, Some(city))?;
        for rt in 1..=RTS {
            rts.push(made.add(&format!("1.2.{village}.{rt}"), AreaLevel::Rt, Some(parent))?);
        }
    }
    one_household_each(instance, admin, &rts)?;
    let mut codes = BTreeMap::new();
    let mut enrol = |name: &str, granted: &[AreaId]| -> Result<()> {
        let user = user(instance, name, Role::Enumerator)?;
        for area in granted {
            people::grant(instance, user, *area, Some(0), None, admin)?;
        }
        codes.insert(name.to_owned(), people::give_code(instance, user, admin)?.0.grouped());
        Ok(())
    };
    enrol("author", &[areas["batched"]])?;
    enrol("fresh", &[areas["batched"]])?;
    enrol("single", &[areas["single"]])?;
    enrol("idle", &rts[..RTS as usize])?;
    enrol("idle_city", &[city])?;
    for name in (0..MANY).map(many) {
        enrol(&name, &[areas[&name]])?;
    }
    Ok((areas, codes))
}

fn user(instance: &Instance, name: &str, role: Role) -> Result<UserId> {
    let new = NewUser { name: name.into(), display_name: name.into(), role, password: None };
    Ok(people::add_user(instance, new, None)?.id)
}

struct Areas<'i> {
    instance: &'i Instance,
    next: u128,
}

impl Areas<'_> {
    fn add(&mut self, code: &str, level: AreaLevel, parent: Option<AreaId>) -> Result<AreaId> {
        let id = AreaId::from_u128(self.next << 64);
        self.next += 1;
        let area = Area {
            id,
            code: code.into(),
            level,
            name: code.into(),
            parent,
            bps_code: None,
            valid_from: None,
            valid_to: None,
        };
        Ok(self.instance.store.write(move |tx| areas::put(tx, &area))?)
    }
}

/// An area counts in the scope stamp once something happened there.
fn one_household_each(instance: &Instance, author: UserId, rts: &[AreaId]) -> Result<()> {
    let saves = rts.iter().zip(1..).map(|(area, n)| {
        let registers = BTreeMap::from([(reserved::AREA.to_owned(), Value::text(&area.to_string()))]);
        let id = RecordId::from_u128(0xf000_0000_0000_7000_8000_0000_0000_0000 + n);
        let record = RecordWrite { collection: Collection::Household, id, context: BTreeMap::new(), registers };
        Save { records: vec![record] }
    });
    let hub = Hub::start(Arc::clone(&instance.store), Arc::clone(&instance.ambient))?;
    let verdicts = server::sync::office::write(&hub, author, saves.collect())?;
    if verdicts.iter().any(|range| !range.verdict.is_applied()) {
        bail!("the households of the idle city were not applied");
    }
    Ok(())
}

fn start(program: &Path, data: &Path) -> Result<(Program, String)> {
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--ready-json", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let out = child.stdout.take().context("its output")?;
    let program = Program(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let ready: serde_json::Value = serde_json::from_str(&line).context("the server did not say where it listens")?;
    let url = ready["url"].as_str().context("no `url` in what the server said")?.to_owned();
    Ok((program, url))
}
