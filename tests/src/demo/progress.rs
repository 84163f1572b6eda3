//! Bars for long work while somebody watches; elsewhere nothing, because each scene says at its end what came of it.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::demo::Narrator;

const TICK: Duration = Duration::from_millis(120);

/// Bars below each other, gone when dropped.
pub(super) struct Bars(MultiProgress);

impl Bars {
    pub(super) fn new(narrator: &Narrator<'_>) -> Bars {
        let target = if narrator.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Bars(MultiProgress::with_draw_target(target))
    }

    /// Work of known size.
    pub(super) fn bar(&self, label: &str, of: usize) -> ProgressBar {
        let bar = self.0.add(ProgressBar::new(of as u64));
        bar.set_style(style("  {prefix:18} {bar:40} {pos:>6}/{len}"));
        bar.set_prefix(label.to_owned());
        bar
    }

    /// Work of unknown size.
    pub(super) fn spinner(&self, label: &str) -> ProgressBar {
        let bar = self.0.add(ProgressBar::new_spinner());
        bar.set_style(style("  {spinner} {prefix:18} {msg}"));
        bar.set_prefix(label.to_owned());
        bar.enable_steady_tick(TICK);
        bar
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        // A terminal that went away in the meantime is no reason to fail.
        let _ = self.0.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates of this file are well formed")
}
