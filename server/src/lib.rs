//! The Tilik server: takes in what devices saved, merges it, and serves the office.

pub mod ambient;
pub mod import;
pub mod secrets;
pub mod store;
pub mod sync;
