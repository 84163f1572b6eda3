//! Processor time and memory of a process, as Linux accounts for them.

use anyhow::{Context, Result};

/// Ticks of processor time in a second: the kernel's USER_HZ, 100 on every Linux that Rust supports.
const TICKS: f64 = 100.0;

/// Seconds of processor time, user and system, of all threads so far.
pub fn cpu_s(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("no such process")?;
    // The name in parentheses may hold spaces; the numbers begin behind it.
    let after = stat.rsplit_once(')').context("a stat line")?.1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS)
}

/// Largest resident size so far, bytes.
pub fn peak_rss(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("no such process")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("a VmHWM line")?;
    let kb: u64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(kb * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_uses_time_and_memory() {
        assert!(super::cpu_s(std::process::id()).expect("reads") >= 0.0);
        assert!(super::peak_rss(std::process::id()).expect("reads") > 1 << 20);
    }
}
