//! The main job, end to end, as a person watches it in a terminal: prepare a city, verify offline, sync, merge, settle.
//! The server is the real program, the devices are real stores, what is between them is real HTTP.

mod afterwards;
mod cast;
mod claims;
mod enumerator;
mod fieldwork;
mod folder;
mod headline;
mod interview;
mod narrator;
mod numbers;
mod office;
mod preparation;
mod program;
mod progress;
mod register;
mod words;
mod world;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use client_core::Env;
use tilik::Machine;

pub use claims::Claim;
pub use narrator::Narrator;

use crate::demo::afterwards::Afterwards;
use crate::demo::cast::Cast;
use crate::demo::folder::Folder;
use crate::demo::office::Office;
use crate::demo::program::{Program, Serving};
use crate::demo::register::Register;
use crate::demo::world::World;

/// Fewer do not fill the areas of eight people.
pub const HOUSEHOLDS_MIN: usize = 100;
/// Short name of the list: part of the name of every register that it fills.
const SOURCE: &str = "dtsen2025";
/// Name of the round.
const ROUND: &str = "Verifikasi 2026 tahap 1";

/// What is to be played.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything is put. The folder is the demo's own.
    pub data: PathBuf,
    /// Decides every invented household and finding.
    pub seed: u64,
    /// Households on the list.
    pub households: usize,
    /// The program `tilik-server`.
    pub server: PathBuf,
}

/// The demo after its last scene: the server is still up.
pub struct Stage {
    folder: Folder,
    serving: Serving,
    cast: Cast,
    /// What the demo says about itself, each checked.
    pub claims: Vec<Claim>,
}

impl Stage {
    /// Prints how to look around, and waits until somebody ends it.
    pub fn stay_up(&self, narrator: &mut Narrator<'_>) -> Result<()> {
        narrator.chapter("Look around")?;
        narrator.say(&format!(
            "The server is up at {url} (its API is described at {url}/api/openapi.json). Everything lies in {folder}. People \
             to sign in as, by POST {url}/auth/v1/sign-in:",
            url = self.serving.url(),
            folder = self.folder.root().display()
        ))?;
        narrator.table(["name", "password", "role", "works in"], &preparation::logins(self.cast.everybody()))?;
        self.tell_devices()?;
        let device = self.folder.device(self.cast.enumerators[0].name);
        narrator.say(&format!(
            "Devices can be looked into with the terminal client, for example: `tilik --data {} list`; it can also `visit` and \
             `sync`. Ctrl-C ends the demo and its server.",
            device.display()
        ))?;
        until_told()
    }

    /// Writes the server's address where the terminal client looks for it.
    fn tell_devices(&self) -> Result<()> {
        for person in self.cast.with_device() {
            std::fs::write(self.folder.device(person.name).join("server"), self.serving.url())?;
        }
        Ok(())
    }

    /// Ends the server in good order.
    pub fn close(self) -> Result<()> {
        self.serving.stop().map(|_| ())
    }
}

/// Waits for Ctrl-C, or for being asked to end.
fn until_told() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut asked = signal(SignalKind::terminate())?;
            tokio::select! {
                told = tokio::signal::ctrl_c() => told?,
                _ = asked.recv() => {}
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await?;
        Ok(())
    })
}

/// Plays every scene and checks what came of it.
pub fn play(options: &Options, narrator: &mut Narrator<'_>) -> Result<Stage> {
    ensure!(
        options.households >= HOUSEHOLDS_MIN,
        "--households {}: eight enumerators need at least {HOUSEHOLDS_MIN}",
        options.households
    );
    let began = Machine.now_ms();
    let folder = Folder::take(&options.data, narrator)?;
    let world = World::invent(options.seed, options.households);
    let cast = Cast::choose(&world)?;
    let program = Program::new(&options.server, &folder);

    preparation::office(&program, &folder, &world, &cast, narrator)?;
    let serving = program.serve()?;
    let mut team = preparation::devices(&serving, &folder, &cast, narrator)?;
    preparation::first_sync(&mut team, &serving, &world, narrator)?;

    let stopped = serving.stop()?;
    fieldwork::without_network(&mut team, &stopped, narrator)?;
    let notes = fieldwork::verify(&mut team, &world, &cast, narrator)?;
    let mut meeting = headline::write_apart(&mut team, &world, &cast, narrator)?;

    let serving = program.serve()?;
    fieldwork::bring_home(&mut team, &serving, narrator)?;
    headline::see_both(&mut meeting, &mut team, &serving, narrator)?;
    headline::settle(&mut meeting, &mut team, &cast, &serving, narrator)?;

    let misfits = afterwards::checked_again(&program, narrator)?;
    let quiet = afterwards::quiet_sync(&mut team, &serving, narrator)?;
    let after = Afterwards { misfits, quiet };
    let progress = Office::sign_in(serving.url(), &cast.officer)?.progress()?;
    let register = Register::read(&folder)?;
    numbers::show(&register, &world, &notes, narrator)?;
    let claims = claims::check(&team, &register, &notes, &meeting, &progress, &after, options)?;
    claims::show(&claims, Machine.now_ms() - began, narrator)?;
    Ok(Stage { folder, serving, cast, claims })
}
