//! The hand that kills: servers and devices, one after the other, and starts them again.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use server::ambient::Machine;
use server::instance::Instance;
use server::people::{self, NewUser, Role};
use server::store::areas::{self, Area};
use sync_protocol::AreaId;
use sync_protocol::exchange::AreaLevel;

use super::Outcome;
use super::found::{self, Traces};
use super::proxy::Proxy;
use crate::seed::Seed;

const DEVICES: usize = 4;
/// The RTs that devices work in; each device is granted the village above them.
const RTS: u128 = 3;
const VILLAGE: AreaId = AreaId::from_u128(0x10);
/// Milliseconds between two kills.
const PAUSE_MS: (i64, i64) = (5, 120);
/// Kills of a hundred that hit the server.
const SERVER_PERCENT: u32 = 30;
/// Lives of a device of a hundred that are `tilik sync`.
const TILIK_PERCENT: u32 = 25;
/// Syncs of each device in the end: what one brings, another may have to hear of.
const ROUNDS: usize = 3;

/// What a run needs.
#[derive(Debug, Clone)]
pub struct Options {
    /// An empty folder for everybody's files.
    pub folder: PathBuf,
    /// Processes to kill.
    pub kills: u64,
    /// Decides who is killed and when, as far as the machine lets it.
    pub seed: u64,
    /// The program `tilik-server`.
    pub server: PathBuf,
    /// The program `tilik`.
    pub tilik: PathBuf,
    /// This program, for the devices under load.
    pub driver: PathBuf,
}

struct Hand {
    folder: PathBuf,
    log: PathBuf,
    area: AreaId,
    process: Option<Child>,
}

struct Stage<'a> {
    options: &'a Options,
    proxy: Proxy,
    server: Option<Child>,
    hands: Vec<Hand>,
    dice: Seed,
}

/// Kills as often as asked, lets everybody come to rest, and looks what is there. `heard` is told of each kill.
pub fn play(options: &Options, heard: &mut dyn FnMut(u64)) -> Result<Outcome> {
    let codes = lay(&options.folder.join("server"))?;
    let proxy = Proxy::start(Seed::of(options.seed, "proxy", 0))?;
    let dice = Seed::of(options.seed, "kills", 0);
    let mut stage = Stage { options, proxy, server: None, hands: vec![], dice };
    stage.start_server()?;
    for (at, code) in codes.iter().enumerate() {
        stage.enrol(at, code)?;
    }
    let mut server_kills = 0;
    for kill in 1..=options.kills {
        server_kills += u64::from(stage.kill_somebody()?);
        heard(kill);
    }
    stage.come_to_rest()?;
    let traces: Vec<Traces<'_>> =
        stage.hands.iter().map(|hand| Traces { folder: &hand.folder, log: &hand.log }).collect();
    let found = found::look(&options.folder.join("server"), &traces)?;
    Ok(Outcome { kills: options.kills, server_kills, cuts: stage.proxy.cuts(), ..found })
}

/// A data folder with areas and people; one code for each device.
fn lay(data: &Path) -> Result<Vec<String>> {
    let instance = Instance::make(data, "crash", Arc::new(Machine))?;
    let add = |name: &str, role| {
        people::add_user(
            &instance,
            NewUser { name: name.into(), display_name: name.into(), role, password: None },
            None,
        )
    };
    let admin = add("admin", Role::Admin)?.id;
    put_area(&instance, VILLAGE, AreaLevel::Village, None)?;
    (1..=RTS).try_for_each(|rt| put_area(&instance, rt_of(rt), AreaLevel::Rt, Some(VILLAGE)))?;
    (0..DEVICES)
        .map(|at| {
            let user = add(&format!("enumerator-{at}"), Role::Enumerator)?.id;
            people::grant(&instance, user, VILLAGE, Some(0), None, admin)?;
            Ok(people::give_code(&instance, user, admin)?.0.grouped())
        })
        .collect()
}

fn rt_of(rt: u128) -> AreaId {
    AreaId::from_u128(VILLAGE.as_u128() + rt)
}

fn put_area(instance: &Instance, id: AreaId, level: AreaLevel, parent: Option<AreaId>) -> Result<()> {
    let code = id.to_string();
    let (name, bps_code, valid_from, valid_to) = (code.clone(), None, None, None);
    let area = Area { id, code, level, name, parent, bps_code, valid_from, valid_to };
    instance.store.write(move |tx| areas::put(tx, &area))?;
    Ok(())
}

impl Stage<'_> {
    fn start_server(&mut self) -> Result<()> {
        let data = self.options.folder.join("server");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.options.folder.join("server.log"))?;
        let mut child = Command::new(&self.options.server)
            .args(["serve", "--listen", "127.0.0.1:0", "--ready-json", "--data"])
            .arg(&data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.options.server.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("the server's output is a pipe")?);
        self.server = Some(child);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let ready: serde_json::Value =
            serde_json::from_str(&line).context("the server did not start; see server.log")?;
        let url = ready["url"].as_str().context("no `url` in what the server said")?;
        let address: SocketAddr = url.trim_start_matches("http://").trim_end_matches('/').parse()?;
        self.proxy.lead_to(address);
        // Whatever else it says is taken, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(())
    }

    fn enrol(&mut self, at: usize, code: &str) -> Result<()> {
        let folder = self.options.folder.join(format!("device-{at}"));
        let area = rt_of(1 + at as u128 % RTS);
        let hand = Hand { log: self.options.folder.join(format!("confirmed-{at}.log")), folder, area, process: None };
        // Enrolling over a network that cuts is another test's; here it is tried until it is done.
        for _ in 0..20 {
            let mut child = self.tilik(&hand, &["enrol", self.proxy.url(), "--code-file", "-"]).spawn()?;
            child.stdin.take().context("a pipe")?.write_all(code.as_bytes())?;
            if child.wait()?.success() {
                self.hands.push(hand);
                return Ok(());
            }
        }
        bail!("device {at} cannot be enrolled")
    }

    fn tilik(&self, hand: &Hand, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.options.tilik);
        command.args(arguments).arg("--data").arg(&hand.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn driver(&self, hand: &Hand) -> Result<Command> {
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(hand.log.with_extension("errors"))?;
        let mut command = Command::new(&self.options.driver);
        command.arg("drive").arg("--folder").arg(&hand.folder).args(["--server", self.proxy.url()]);
        command.arg("--log").arg(&hand.log).args(["--area", &hand.area.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
        Ok(command)
    }

    /// Everybody works for a moment; then somebody is killed. Tells whether it was the server.
    fn kill_somebody(&mut self) -> Result<bool> {
        for at in 0..self.hands.len() {
            self.keep_working(at)?;
        }
        self.pass_time(PAUSE_MS);
        if self.dice.chance(SERVER_PERCENT * 10) {
            // Down for a moment, so that devices meet that too.
            kill(self.server.take().context("the server runs")?)?;
            self.pass_time((0, 30));
            self.start_server()?;
            return Ok(true);
        }
        let at = self.dice.index(self.hands.len());
        // One that came to its end by itself is no kill: there is another one at once.
        self.keep_working(at)?;
        kill(self.hands[at].process.take().context("was just started")?)?;
        Ok(false)
    }

    fn keep_working(&mut self, at: usize) -> Result<()> {
        if let Some(process) = &mut self.hands[at].process {
            let Some(status) = process.try_wait()? else { return Ok(()) };
            // `tilik sync` ends; what it says of the network is not asked. A driver only ends when something is wrong.
            let errors = std::fs::read_to_string(self.hands[at].log.with_extension("errors")).unwrap_or_default();
            ensure!(errors.is_empty(), "device {at} ended with {status}:\n{errors}");
        }
        let hand = &self.hands[at];
        let mut command = match self.dice.chance(TILIK_PERCENT * 10) && hand.log.exists() {
            true => self.tilik(hand, &["sync"]),
            false => self.driver(hand)?,
        };
        self.hands[at].process = Some(command.spawn()?);
        Ok(())
    }

    /// Waits for what never comes, for as long as the dice say.
    fn pass_time(&mut self, (low, high): (i64, i64)) {
        let (_open, nothing) = mpsc::channel::<()>();
        let _ = nothing.recv_timeout(Duration::from_millis(self.dice.between(low, high) as u64));
    }

    /// The network is good again, and everybody syncs to the end.
    fn come_to_rest(&mut self) -> Result<()> {
        self.proxy.calm();
        for hand in &mut self.hands {
            hand.process.take().map(kill).transpose()?;
        }
        for _ in 0..ROUNDS {
            for (at, hand) in self.hands.iter().enumerate() {
                // Connections of before may still be cut: a sync is tried again, as people do.
                let synced = (0..5).any(|_| self.tilik(hand, &["sync"]).status().is_ok_and(|status| status.success()));
                ensure!(synced, "device {at} cannot sync in the end");
            }
        }
        kill(self.server.take().context("the server runs")?)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let processes = self.hands.iter_mut().filter_map(|hand| hand.process.take()).chain(self.server.take());
        // On the way out of a failure there is nobody left to tell.
        processes.for_each(|process| drop(kill(process)));
    }
}

fn kill(mut process: Child) -> Result<()> {
    process.kill()?;
    process.wait()?;
    Ok(())
}
