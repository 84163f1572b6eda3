//! The figures: one step's, a run's, the medians of several runs, and the table that people read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one step cost.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Step {
    /// Records pushed, pulled or edited.
    pub records: u64,
    /// From the first request to the last verdict or row stored.
    pub wall_s: f64,
    /// Sealing before it.
    pub seal_s: f64,
    /// Processor time of the server during the step.
    pub server_cpu_s: f64,
    /// Processor time of the device's process during the exchanges.
    pub client_cpu_s: f64,
    /// On the socket, headers included.
    pub bytes_up: u64,
    /// On the socket, headers included.
    pub bytes_down: u64,
    /// HTTP requests.
    pub requests: u64,
}

/// The floor of the same run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Floor {
    /// Plain SQLite insert.
    pub insert_s: f64,
    /// The plain lines after zstd at level 3.
    pub zstd3_bytes: u64,
}

/// Everything that one run measures.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Run {
    /// By name.
    pub steps: BTreeMap<String, Step>,
    /// In the same run.
    pub floor: Floor,
    /// What a row carries beyond plain JSON, as a share.
    pub metadata_ratio: f64,
    /// Of the server, over the whole run.
    pub server_peak_rss_bytes: u64,
    /// Of the largest device process.
    pub client_peak_rss_bytes: u64,
}

/// The steps, in the order in which they run.
pub const STEPS: [&str; 8] =
    ["push_batched", "push_single", "pull_fresh", "edits_push", "edits_pull", "idle", "idle_city", "many_devices"];

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of every figure.
pub fn medians(runs: &[Run]) -> Run {
    let over = |read: &dyn Fn(&Run) -> f64| middle(runs.iter().map(read).collect());
    let steps = runs[0].steps.keys().map(|name| {
        let of = |read: &dyn Fn(&Step) -> f64| over(&|run| read(&run.steps[name]));
        let step = Step {
            records: of(&|s| s.records as f64) as u64,
            wall_s: of(&|s| s.wall_s),
            seal_s: of(&|s| s.seal_s),
            server_cpu_s: of(&|s| s.server_cpu_s),
            client_cpu_s: of(&|s| s.client_cpu_s),
            bytes_up: of(&|s| s.bytes_up as f64) as u64,
            bytes_down: of(&|s| s.bytes_down as f64) as u64,
            requests: of(&|s| s.requests as f64) as u64,
        };
        (name.clone(), step)
    });
    Run {
        steps: steps.collect(),
        floor: Floor {
            insert_s: over(&|r| r.floor.insert_s),
            zstd3_bytes: over(&|r| r.floor.zstd3_bytes as f64) as u64,
        },
        metadata_ratio: over(&|r| r.metadata_ratio),
        server_peak_rss_bytes: over(&|r| r.server_peak_rss_bytes as f64) as u64,
        client_peak_rss_bytes: over(&|r| r.client_peak_rss_bytes as f64) as u64,
    }
}

/// One bar of the table: what was measured, what it may be at most.
#[derive(Debug)]
pub struct Bar {
    /// What is measured.
    pub what: &'static str,
    /// In the bar's unit.
    pub found: f64,
    /// At most this.
    pub most: f64,
    /// Unit of both.
    pub unit: &'static str,
}

/// The bars that the figures are held against.
pub fn bars(run: &Run) -> Vec<Bar> {
    let step = |name: &str| run.steps.get(name).cloned().unwrap_or_default();
    let zstd = run.floor.zstd3_bytes as f64;
    let per_thousand = |s: &Step| s.server_cpu_s / (s.records.max(1) as f64 / 1_000.0);
    let (batched, single, fresh) = (step("push_batched"), step("push_single"), step("pull_fresh"));
    let (up, down) = (step("edits_push"), step("edits_pull"));
    let both = |s: &Step| (s.bytes_up + s.bytes_down) as f64;
    let bar = |what, found, most, unit| Bar { what, found, most, unit };
    vec![
        bar("push batched: bytes up", batched.bytes_up as f64 / zstd, 1.15, "x zstd-3"),
        bar("push single: bytes up", single.bytes_up as f64 / zstd, 1.4, "x zstd-3"),
        bar("push single: wall", single.wall_s / batched.wall_s, 2.5, "x batched"),
        bar("push batched: wall", batched.wall_s / run.floor.insert_s, 6.0, "x floor"),
        bar("fresh pull: wall", fresh.wall_s / run.floor.insert_s, 6.0, "x floor"),
        bar("fresh pull: bytes down", fresh.bytes_down as f64 / zstd, 1.15, "x zstd-3"),
        bar("100 edits: requests of the author", up.requests as f64, 1.0, ""),
        bar("100 edits: requests of the other", down.requests as f64, 1.0, ""),
        bar("100 edits: bytes up", up.bytes_up as f64, 5_000.0, "B"),
        bar("100 edits: bytes down", down.bytes_down as f64, 6_000.0, "B"),
        bar("idle, 25 areas: requests", step("idle").requests as f64, 1.0, ""),
        bar("idle, 25 areas: both ways", both(&step("idle")), 900.0, "B"),
        bar("idle, 1,650 areas: requests", step("idle_city").requests as f64, 1.0, ""),
        bar("idle, 1,650 areas: both ways", both(&step("idle_city")), 900.0, "B"),
        bar(
            "50 devices: server CPU per 1,000",
            per_thousand(&step("many_devices")) / per_thousand(&batched).max(0.001),
            3.0,
            "x single",
        ),
        bar("server memory, peak", run.server_peak_rss_bytes as f64 / 1e6, 64.0, "MB"),
        bar("metadata over plain JSON", run.metadata_ratio * 100.0, 25.0, "%"),
    ]
}

/// The table that people read.
pub fn table(run: &Run) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "step           records  wall s  seal s  server cpu  client cpu   bytes up  bytes down  requests\n",
    );
    for name in STEPS {
        let Some(s) = run.steps.get(name) else { continue };
        let _ = writeln!(
            text,
            "{name:<14}{:>8}{:>8.3}{:>8.3}{:>12.3}{:>12.3}{:>11}{:>12}{:>10}",
            s.records, s.wall_s, s.seal_s, s.server_cpu_s, s.client_cpu_s, s.bytes_up, s.bytes_down, s.requests
        );
    }
    let _ = writeln!(
        text,
        "\nfloor: insert {:.3} s, zstd-3 {} B; peak memory: server {:.1} MB, device {:.1} MB\n",
        run.floor.insert_s,
        run.floor.zstd3_bytes,
        run.server_peak_rss_bytes as f64 / 1e6,
        run.client_peak_rss_bytes as f64 / 1e6
    );
    for bar in bars(run) {
        let mark = if bar.found <= bar.most { "ok  " } else { "OVER" };
        let _ = writeln!(text, "{mark} {:<36}{:>10.2} {:<10} (at most {})", bar.what, bar.found, bar.unit, bar.most);
    }
    text
}
