//! Lives through simulated worlds and says which seeds break a promise: `sim --seeds 2000`, or `SIM_SEED=7 sim` for one of
//! them, step by step.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use tests::sim::{self, Broken, Tally};

/// Threads that live through worlds; each world is in one.
const THREADS: usize = 2;
/// Failures that are printed one by one.
const PRINTED_MAX: usize = 20;

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
}

fn main() -> anyhow::Result<ExitCode> {
    let wanted = Wanted::parse();
    let failed = match wanted.seed {
        Some(seed) => replay(seed)?,
        None => live_through_all(wanted.from, wanted.seeds)?,
    };
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One world with every step printed.
fn replay(seed: u64) -> anyhow::Result<u64> {
    let mut print = |line: &str| {
        let _ = writeln!(std::io::stdout(), "{line}");
    };
    match live(seed, Some(&mut print)) {
        Ok(tally) => {
            writeln!(std::io::stdout(), "{tally:?}\n1 passed, 0 failed")?;
            Ok(0)
        }
        Err(broken) => {
            writeln!(std::io::stdout(), "{}\n0 passed, 1 failed", words(seed, &broken))?;
            Ok(1)
        }
    }
}

fn live_through_all(from: u64, seeds: u64) -> anyhow::Result<u64> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} worlds, {msg}, {elapsed} gone, {eta} left")?;
    let bar = ProgressBar::new(seeds).with_style(style).with_message("0 failed");
    let next = AtomicU64::new(from);
    let seen = Mutex::new((Tally::default(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < from + seeds) {
                    let lived = live(seed, None);
                    let mut seen = seen.lock().expect("no thread panics while it counts");
                    match lived {
                        Ok(tally) => seen.0.add(tally),
                        Err(broken) => seen.1.push((seed, broken)),
                    }
                    bar.set_message(format!("{} failed", seen.1.len()));
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let (tally, mut failures) = seen.into_inner().expect("no thread panics while it counts");
    failures.sort_by_key(|(seed, _)| *seed);
    let mut out = std::io::stdout().lock();
    for (seed, broken) in failures.iter().take(PRINTED_MAX) {
        writeln!(out, "{}", words(*seed, broken))?;
    }
    let Tally { saves, office, exchanges, syncs, deaths, conflicts, quarantined } = tally;
    writeln!(
        out,
        "{saves} saves in the field ({conflicts} met another value, {quarantined} kept out), {office} in the office"
    )?;
    writeln!(out, "{exchanges} exchanges, {syncs} syncs, {deaths} processes killed")?;
    let failed = failures.len() as u64;
    writeln!(out, "{} passed, {failed} failed", seeds - failed)?;
    Ok(failed)
}

fn words(seed: u64, broken: &Broken) -> String {
    format!("FAILED: {}\n  {}\n  replay: SIM_SEED={seed} cargo xtask sim", broken.rule, broken.what)
}

/// A panic is a failure of its seed, not the end of the run.
fn live(seed: u64, trace: Option<&mut dyn FnMut(&str)>) -> Result<Tally, Broken> {
    catch_unwind(AssertUnwindSafe(|| sim::run(seed, trace)))
        .unwrap_or_else(|_| Err(Broken { rule: "nothing panics", what: "see the message above".to_owned() }))
}
