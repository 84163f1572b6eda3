//! What holds of the protocol whatever happens: its laws on arbitrary histories, its texts for ever, its specification.

#![allow(clippy::unwrap_used, reason = "a test may fail on any line")]

mod foreign;
mod fuzzing;
mod golden;
mod laws;
mod model;
mod specification;
