//! The bundled questionnaires, walked through our engine: every skip, range and cross-check that they promise.

#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod forms;
mod ppi;
mod verification;
