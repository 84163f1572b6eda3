//! The steps, each run in a process of its own: what a device does, and what that costs.

use std::path::Path;
use std::sync::Barrier;

use anyhow::{Context, Result, ensure};
use client_core::{Device, Place, StoreKey};
use sync_protocol::save::RecordWrite;
use sync_protocol::{Collection, Save};
use tilik::env::Machine;
use tilik::http::Link;

use super::figures::Step;
use super::ground::{Ground, MANY, many};
use super::lines::{EDITS, Line};
use super::proc;
use crate::watch::Stopwatch;

/// Saves that a bulk save seals in one changeset.
const SAVES: usize = 100;
/// Records of each of the devices that push at once.
const RECORDS_EACH: usize = 20;

/// Runs the step of that name.
pub fn run(name: &str, ground: &Ground, lines: &[Line]) -> Result<Step> {
    match name {
        "push_batched" => push(ground, "author", "batched", lines, 0, SAVES),
        "push_single" => push(ground, "single", "single", lines, 1, 1),
        "pull_fresh" => pull_fresh(ground, lines),
        "edits_push" => edits_push(ground, lines),
        "edits_pull" => measured(ground, &mut open(ground, "fresh")?, EDITS as u64),
        "idle" | "idle_city" => idle(ground, name),
        "many_devices" => many_devices(ground, lines),
        other => anyhow::bail!("no step is called {other}"),
    }
}

fn open(ground: &Ground, name: &str) -> Result<Device> {
    let file = ground.folder.join(format!("{name}.tilik"));
    Ok(Device::open(Place::File(file), &StoreKey::new([7; 32]), Box::new(Machine))?)
}

fn enrolled(ground: &Ground, name: &str) -> Result<Device> {
    let mut device = open(ground, name)?;
    let code = ground.codes.get(name).with_context(|| format!("no code for {name}"))?;
    Link::new(&ground.url)?.enrol(&mut device, code, name)?;
    // The first sync brings the areas; measured is what comes after.
    if name != "fresh" {
        Link::new(&ground.url)?.run(&mut device)?;
    }
    Ok(device)
}

/// One session, measured on the socket and in both processes.
fn measured(ground: &Ground, device: &mut Device, records: u64) -> Result<Step> {
    let link = Link::new(&ground.url)?;
    let (server, client) = (proc::cpu_s(ground.server_pid)?, proc::cpu_s(std::process::id())?);
    let watch = Stopwatch::start();
    link.run(device)?;
    let wall_s = watch.seconds();
    let counters = link.counters();
    let status = device.status()?;
    ensure!(status.unsent == 0 && status.attention.is_empty(), "saves are left: {status:?}");
    Ok(Step {
        records,
        wall_s,
        seal_s: 0.0,
        server_cpu_s: proc::cpu_s(ground.server_pid)? - server,
        client_cpu_s: proc::cpu_s(std::process::id())? - client,
        bytes_up: counters.bytes_up,
        bytes_down: counters.bytes_down,
        requests: counters.requests,
    })
}

fn seal(device: &mut Device, records: Vec<RecordWrite>, saves: usize) -> Result<f64> {
    let watch = Stopwatch::start();
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let group = records.by_ref().take(saves).map(|record| Save { records: vec![record] }).collect();
        device.save_all(group, &[])?;
    }
    Ok(watch.seconds())
}

fn push(ground: &Ground, who: &str, area: &str, lines: &[Line], copy: u8, saves: usize) -> Result<Step> {
    let mut device = enrolled(ground, who)?;
    let records = lines.iter().map(|line| line.new_record(copy, ground.areas[area])).collect();
    let seal_s = seal(&mut device, records, saves)?;
    Ok(Step { seal_s, ..measured(ground, &mut device, lines.len() as u64)? })
}

fn pull_fresh(ground: &Ground, lines: &[Line]) -> Result<Step> {
    let mut device = enrolled(ground, "fresh")?;
    let step = measured(ground, &mut device, lines.len() as u64)?;
    let households = device.status()?.households;
    ensure!(households == lines.len() as u64, "{households} households came");
    Ok(step)
}

fn edits_push(ground: &Ground, lines: &[Line]) -> Result<Step> {
    let mut device = open(ground, "author")?;
    let mut edits = Vec::new();
    for line in lines.iter().step_by((lines.len() / EDITS).max(1)).take(EDITS) {
        let loaded = device.load(line.id(0))?;
        let registers = [line.edit()].into();
        let id = line.id(0);
        edits.push(RecordWrite { collection: Collection::Household, id, context: loaded.context, registers });
    }
    let seal_s = seal(&mut device, edits, SAVES)?;
    Ok(Step { seal_s, ..measured(ground, &mut device, EDITS as u64)? })
}

fn idle(ground: &Ground, name: &str) -> Result<Step> {
    measured(ground, &mut enrolled(ground, name)?, 0)
}

/// All at once: every device waits at the gate, then all sync.
fn many_devices(ground: &Ground, lines: &[Line]) -> Result<Step> {
    let mut devices = Vec::new();
    let mut seal_s = 0.0;
    for n in 0..MANY {
        let name = many(n);
        let mut device = enrolled(ground, &name)?;
        let from = n * RECORDS_EACH % lines.len().saturating_sub(RECORDS_EACH).max(1);
        let mine = lines[from..].iter().take(RECORDS_EACH);
        let records = mine.map(|line| line.new_record(2 + n as u8, ground.areas[&name])).collect();
        seal_s += seal(&mut device, records, SAVES)?;
        devices.push(device);
    }
    let gate = Barrier::new(MANY + 1);
    let (server, client) = (proc::cpu_s(ground.server_pid)?, proc::cpu_s(std::process::id())?);
    let (wall_s, counters) = std::thread::scope(|scope| -> Result<_> {
        let threads: Vec<_> = devices
            .iter_mut()
            .map(|device| {
                let gate = &gate;
                scope.spawn(move || -> Result<_> {
                    let link = Link::new(&ground.url)?;
                    gate.wait();
                    link.run(device)?;
                    Ok(link.counters())
                })
            })
            .collect();
        gate.wait();
        let watch = Stopwatch::start();
        let mut all = (0, 0, 0);
        for thread in threads {
            let one = thread.join().map_err(|_| anyhow::anyhow!("a device failed"))??;
            all = (all.0 + one.bytes_up, all.1 + one.bytes_down, all.2 + one.requests);
        }
        Ok((watch.seconds(), all))
    })?;
    Ok(Step {
        records: (MANY * RECORDS_EACH) as u64,
        wall_s,
        seal_s,
        server_cpu_s: proc::cpu_s(ground.server_pid)? - server,
        client_cpu_s: proc::cpu_s(std::process::id())? - client,
        bytes_up: counters.0,
        bytes_down: counters.1,
        requests: counters.2,
    })
}

/// Reads the ground that the parent process laid.
pub fn ground(file: &Path) -> Result<Ground> {
    Ok(serde_json::from_str(&std::fs::read_to_string(file)?)?)
}
