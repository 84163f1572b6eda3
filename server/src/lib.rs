//! The Tilik server: takes in what devices saved, merges it, and serves the office.

pub mod ambient;
pub mod app;
pub mod attachments;
pub mod backup;
pub mod checks;
pub mod config;
pub mod doctor;
pub mod error;
pub mod export;
pub mod forms;
pub mod gaps;
pub mod import;
pub mod instance;
pub mod metrics;
pub mod people;
pub mod quarantine;
pub mod secrets;
pub mod store;
pub mod sync;
pub mod tables;
pub mod upgrades;
