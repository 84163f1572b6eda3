//! Photos over real HTTP: how long many small ones take, and what a large one costs over a link that breaks.

mod cutter;
mod town;

use anyhow::{Context, Result, ensure};
use client_core::{Report, Scaling, Wanted};
use serde::Serialize;
use tilik::http::{Link, Patience};

use crate::watch::Stopwatch;
pub use cutter::Cutter;
pub use town::Town;

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Many small files over loopback.
    pub many: Many,
    /// One large file over a link that is cut.
    pub cut: Cut,
}

/// Many small files.
#[derive(Debug, Clone, Serialize)]
pub struct Many {
    /// Files.
    pub files: usize,
    /// Bytes of each.
    pub bytes_each: usize,
    /// Seconds of the session, records included.
    pub wall_s: f64,
    /// Requests of the session, records included.
    pub requests: u64,
    /// Bytes that left the device.
    pub bytes_up: u64,
}

/// One large file.
#[derive(Debug, Clone, Serialize)]
pub struct Cut {
    /// Its bytes.
    pub bytes: usize,
    /// Bytes of the device that pass before the link is cut, again and again.
    pub cut_every: usize,
    /// How often it was.
    pub cuts: usize,
    /// Bytes that passed the link, records and headers included.
    pub bytes_passed: u64,
    /// Bytes that the device wrote, those that no longer passed included.
    pub bytes_written: u64,
    /// `bytes_passed` by `bytes`.
    pub ratio: f64,
}

/// Bars of the figures.
pub const MANY_S_MAX: f64 = 5.0;
/// Requests for a thousand small files.
pub const MANY_REQUESTS_MAX: u64 = 20;
/// Bytes that pass, by those of the file.
pub const CUT_RATIO_MAX: f64 = 1.1;
/// Photos of one visit.
const OF_VISIT: usize = 4;

/// Sends this many small files in one session.
pub fn many(files: usize, bytes_each: usize) -> Result<Many> {
    let town = Town::build()?;
    let mut device = town.device()?;
    for visit in 0..files.div_ceil(OF_VISIT) {
        let photos = (visit * OF_VISIT..files.min((visit + 1) * OF_VISIT)).map(|seed| photo(bytes_each, seed));
        town.visit(&mut device, photos.collect())?;
    }
    let link = Link::new(town.url())?;
    let watch = Stopwatch::start();
    let report = link.run(&mut device)?;
    let wall_s = watch.seconds();
    all_arrived(&report, files)?;
    town.holds(files)?;
    let counters = link.counters();
    Ok(Many { files, bytes_each, wall_s, requests: counters.requests, bytes_up: counters.bytes_up })
}

/// Sends one large file over a link that is cut whenever so many bytes have passed.
pub fn cut(bytes: usize, cut_every: usize) -> Result<Cut> {
    let town = Town::build()?;
    let mut device = town.device()?;
    town.visit(&mut device, vec![photo(bytes, 1)])?;
    let cutter = Cutter::before(town.url(), cut_every)?;
    let link = Link::with(cutter.url(), Patience { pause: |_| {}, ..Patience::default() })?;
    let mut report = Report::default();
    // One session after the other, as a phone does that finds a network now and then.
    for _ in 0..200 {
        if let Ok(done) = link.run(&mut device) {
            report = done;
            if report.files_waiting == 0 {
                break;
            }
        }
    }
    ensure!(report.files_waiting == 0, "the file never arrived");
    town.holds(1)?;
    let (passed, cuts) = cutter.passed();
    Ok(Cut {
        bytes,
        cut_every,
        cuts,
        bytes_passed: passed,
        bytes_written: link.counters().bytes_up,
        ratio: passed as f64 / bytes as f64,
    })
}

fn all_arrived(report: &Report, files: usize) -> Result<()> {
    let sent = usize::try_from(report.files_sent).context("few files")?;
    ensure!(sent == files && report.files_waiting == 0, "{sent} of {files} files arrived");
    Ok(())
}

/// Bytes that nothing compresses, each time others.
fn photo(bytes: usize, seed: usize) -> Vec<u8> {
    let mut photo = vec![0; bytes];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_be_bytes());
    hasher.finalize_xof().fill(&mut photo);
    photo
}

/// The bytes are kept as they are: no camera made them.
fn wanted(question: &str) -> (Wanted, Scaling) {
    let wanted = Wanted { question: question.to_owned(), is_image: false, max_pixels: None, keeps_position: false };
    (wanted, Scaling::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_files_share_few_requests() {
        let many = many(120, 4_000).expect("all arrive");
        // The records, the question, and the packs.
        assert!(many.requests <= 8, "{many:?}");
        assert!(many.bytes_up < 120 * 4_000 * 3 / 2, "{many:?}");
    }

    #[test]
    fn a_link_that_breaks_every_300_kb_costs_a_tenth_at_most() {
        let cut = cut(2_000_000, 300_000).expect("it arrives");
        assert!(cut.cuts >= 6 && cut.ratio <= CUT_RATIO_MAX, "{cut:?}");
    }
}
