//! End to end: the real server program, real device stores and real HTTP, in the scenes of the demo and a small city.

#![allow(clippy::unwrap_used, reason = "a test may fail on any line")]

mod lives;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tests::crash;
use tests::demo::{Narrator, Options, play};

/// Enough for eight enumerators, few enough for every run of the tests.
const HOUSEHOLDS: usize = 200;

#[test]
fn what_is_verified_offline_comes_together_at_the_office() {
    let place = tempfile::tempdir().unwrap();
    let options = Options { data: place.path().join("demo"), seed: 1, households: HOUSEHOLDS, server: server() };
    let mut said = Vec::new();
    let played = play(&options, &mut Narrator::plain(&mut said));
    let said = String::from_utf8(said).unwrap();
    let stage = played.unwrap_or_else(|error| panic!("{said}\n{error:#}"));
    for claim in &stage.claims {
        assert!(claim.holds, "{said}\ndoes not hold: {}", claim.text);
    }
    stage.close().unwrap();
}

/// A sample; `cargo xtask crash` kills hundreds.
const KILLS: u64 = 15;

#[test]
fn nothing_confirmed_is_lost_when_servers_and_devices_are_killed() {
    let place = tempfile::tempdir().unwrap();
    let options = crash::Options {
        folder: place.path().to_owned(),
        kills: KILLS,
        seed: 7,
        server: server(),
        tilik: product("tilik", "TILIK_BIN"),
        driver: env!("CARGO_BIN_EXE_crash").into(),
    };
    let outcome = crash::play(&options, &mut |_| ()).unwrap_or_else(|error| panic!("{error:#}"));
    assert!(outcome.holds() && outcome.kills == KILLS, "{outcome:?}");
}

fn server() -> PathBuf {
    product("tilik-server", "TILIK_SERVER_BIN")
}

/// A program of the product: the one given, or else built now. Cargo builds no program of another package for a test.
fn product(name: &str, given: &str) -> PathBuf {
    if let Some(given) = std::env::var_os(given) {
        return given.into();
    }
    let built = Command::new(env!("CARGO"))
        // Of the whole workspace: with the same features as the tests, so that nothing is compiled twice.
        .args(["build", "--locked", "--workspace", "--bin", name])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(built.status.success(), "{name} does not build");
    let messages = String::from_utf8(built.stdout).expect("messages are text");
    let mut artifacts = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let executable = artifacts.find_map(|message| {
        let is_program = message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| is_program).map(PathBuf::from)
    });
    executable.expect("cargo names the program that it built")
}
mod salvage;
