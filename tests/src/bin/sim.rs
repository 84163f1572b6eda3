//! Lives through simulated worlds and says which seeds break a promise: `sim --seeds 2000`, or `SIM_SEED=7 sim` for one of
//! them, step by step. `sim --break NAME` breaks a rule of the product on purpose and must find that out.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use sync_protocol::broken::Rule;
use tests::sim::{self, Broken, Lived, Tally};

/// Threads that live through worlds; each world is in one.
const THREADS: usize = 2;
/// Failures that are printed one by one.
const PRINTED_MAX: usize = 20;
/// Worlds in which every fault must have fired.
const SEEDS_FOR_EVERY_FAULT: u64 = 500;

#[derive(Parser)]
struct Wanted {
    /// How many worlds
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Live through this one world only, and print every step
    #[arg(long, env = "SIM_SEED")]
    seed: Option<u64>,
    /// Break this rule of the product on purpose, and stop at the first world that notices; `list` names them
    #[arg(long = "break", value_name = "NAME")]
    broken: Option<String>,
    /// Write what happened into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// All that was lived through.
#[derive(Default)]
struct Seen {
    worlds: u64,
    tally: Tally,
    failures: Vec<(u64, Broken)>,
}

fn main() -> anyhow::Result<ExitCode> {
    let wanted = Wanted::parse();
    let holds = match (&wanted.broken, wanted.seed) {
        (Some(name), _) if name == "list" => list_rules()?,
        (Some(name), None) => notice(&wanted, name)?,
        (Some(name), Some(seed)) => {
            break_rule(name)?;
            replay(seed)?
        }
        (None, Some(seed)) => replay(seed)?,
        (None, None) => live_through_all(&wanted)?,
    };
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list_rules() -> anyhow::Result<bool> {
    for (name, _, what) in Rule::ALL {
        writeln!(std::io::stdout(), "{name:<20} {what}")?;
    }
    Ok(true)
}

/// One world with every step printed.
fn replay(seed: u64) -> anyhow::Result<bool> {
    let mut print = |line: &str| {
        let _ = writeln!(std::io::stdout(), "{line}");
    };
    let Lived { tally, broken } = live(seed, Some(&mut print));
    match &broken {
        None => writeln!(std::io::stdout(), "{tally:?}\n1 passed, 0 failed")?,
        Some(broken) => writeln!(std::io::stdout(), "{}\n0 passed, 1 failed", words(seed, broken))?,
    }
    Ok(broken.is_none())
}

/// Every promise holds in every world, and everything that may go wrong did.
fn live_through_all(wanted: &Wanted) -> anyhow::Result<bool> {
    let mut seeds = sim::kept_seeds();
    seeds.extend(wanted.from..wanted.from + wanted.seeds);
    let seen = live_through(&seeds, false)?;
    print(&seen)?;
    let idle: Vec<&str> = match wanted.seeds >= SEEDS_FOR_EVERY_FAULT {
        true => idle(&seen.tally),
        false => vec![],
    };
    if !idle.is_empty() {
        writeln!(std::io::stdout(), "FAILED: never happened: {}", idle.join(", "))?;
    }
    write_json(wanted, &seen)?;
    Ok(seen.failures.is_empty() && idle.is_empty() && seen.tally.lost() == 0)
}

/// The first world that notices the broken rule.
fn notice(wanted: &Wanted, name: &str) -> anyhow::Result<bool> {
    let what = break_rule(name)?;
    // A broken rule may make the product panic, which is a way to notice.
    std::panic::set_hook(Box::new(|_| {}));
    let seeds: Vec<u64> = (wanted.from..wanted.from + wanted.seeds).collect();
    let seen = live_through(&seeds, true)?;
    let mut out = std::io::stdout();
    match seen.failures.first() {
        Some((seed, broken)) => {
            writeln!(out, "{name} ({what}): noticed in world {seed}, after {} worlds", seen.worlds)?;
            writeln!(out, "  {}: {}", broken.rule, broken.what)?;
        }
        None => writeln!(out, "FAILED: {name} ({what}): not noticed in {} worlds", seen.worlds)?,
    }
    write_json(wanted, &seen)?;
    Ok(!seen.failures.is_empty())
}

#[cfg(feature = "broken-on-purpose")]
fn break_rule(name: &str) -> anyhow::Result<&'static str> {
    let rule = Rule::ALL.iter().find(|(known, _, _)| *known == name);
    let (_, rule, what) =
        rule.ok_or_else(|| anyhow::anyhow!("no rule is named `{name}`; `--break list` names them"))?;
    sync_protocol::broken::break_on_purpose(*rule);
    Ok(what)
}

#[cfg(not(feature = "broken-on-purpose"))]
fn break_rule(_: &str) -> anyhow::Result<&'static str> {
    anyhow::bail!("this build cannot break rules; start it by `cargo xtask sim`")
}

fn live_through(seeds: &[u64], until_one_fails: bool) -> anyhow::Result<Seen> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} worlds, {msg}, {elapsed} gone, {eta} left")?;
    let bar = ProgressBar::new(seeds.len() as u64).with_style(style).with_message("0 failed");
    let (next, enough) = (AtomicU64::new(0), AtomicBool::new(false));
    let seen = Mutex::new(Seen::default());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed)
                    && let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize)
                {
                    let Lived { tally, broken } = live(*seed, None);
                    let mut seen = seen.lock().expect("no thread panics while it counts");
                    enough.store(until_one_fails && broken.is_some(), Ordering::Relaxed);
                    seen.worlds += 1;
                    seen.tally.add(&tally);
                    seen.failures.extend(broken.map(|broken| (*seed, broken)));
                    bar.set_message(format!("{} failed", seen.failures.len()));
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut seen = seen.into_inner().expect("no thread panics while it counts");
    seen.failures.sort_by_key(|(seed, _)| *seed);
    Ok(seen)
}

fn print(seen: &Seen) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (seed, broken) in seen.failures.iter().take(PRINTED_MAX) {
        writeln!(out, "{}", words(*seed, broken))?;
    }
    let tally = &seen.tally;
    for (_, name, times) in tally.faults.iter() {
        writeln!(out, "{times:>9}  {name}")?;
    }
    let Tally { saves, acknowledged, found, doubled, office, exchanges, syncs, conflicts, quarantined, .. } = tally;
    let lost = tally.lost();
    writeln!(
        out,
        "{saves} saves in the field ({conflicts} met another value, {quarantined} kept out), {office} in the office"
    )?;
    writeln!(out, "{exchanges} exchanges, {syncs} syncs, {} processes killed", tally.faults.kills())?;
    writeln!(out, "{acknowledged} saves confirmed to their authors: {found} found, {lost} lost, {doubled} doubled")?;
    let failed = seen.failures.len() as u64;
    writeln!(out, "{} passed, {failed} failed", seen.worlds - failed)
}

fn idle(tally: &Tally) -> Vec<&'static str> {
    let idle = tally.faults.iter().filter(|(fault, _, times)| *times == 0 && fault.is_possible());
    idle.map(|(_, name, _)| name).collect()
}

fn write_json(wanted: &Wanted, seen: &Seen) -> anyhow::Result<()> {
    let Some(file) = &wanted.json else { return Ok(()) };
    let tally = &seen.tally;
    let faults: BTreeMap<&str, u64> = tally.faults.iter().map(|(_, name, times)| (name, times)).collect();
    let failures: Vec<serde_json::Value> = seen
        .failures
        .iter()
        .map(|(seed, broken)| serde_json::json!({ "seed": seed, "rule": broken.rule, "what": broken.what }))
        .collect();
    let text = serde_json::to_string_pretty(&serde_json::json!({
        "worlds": seen.worlds,
        "saves": tally.saves,
        "acknowledged": tally.acknowledged,
        "found": tally.found,
        "lost": tally.lost(),
        "doubled": tally.doubled,
        "kills": tally.faults.kills(),
        "faults": faults,
        "failed": failures,
        "broken_on_purpose": wanted.broken,
    }))?;
    Ok(std::fs::write(file, text + "\n")?)
}

fn words(seed: u64, broken: &Broken) -> String {
    format!("FAILED: {}\n  {}\n  replay: SIM_SEED={seed} cargo xtask sim", broken.rule, broken.what)
}

/// A panic is a failure of its seed, not the end of the run.
fn live(seed: u64, trace: Option<&mut dyn FnMut(&str)>) -> Lived {
    catch_unwind(AssertUnwindSafe(|| sim::run(seed, trace))).unwrap_or_else(|_| {
        let broken = Broken { rule: "nothing panics", what: "see the message above".to_owned() };
        Lived { tally: Tally::default(), broken: Some(broken) }
    })
}
