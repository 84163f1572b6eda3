//! All SQL of the server, one file per noun, in the subset that SQLite and PostgreSQL share.

pub mod areas;
pub mod attempts;
pub mod audit;
pub mod backups;
pub mod blobs;
pub mod changesets;
pub mod checks;
pub mod conflicts;
pub mod db;
pub mod devices;
pub mod enrolment_codes;
pub mod feed;
pub mod findings;
mod flushing;
pub mod forms;
pub mod gaps;
pub mod grants;
pub mod held;
pub mod history;
pub mod households;
pub mod kept_aside;
pub mod origins;
pub mod outlines;
pub mod progress;
pub mod records;
pub mod rounds;
mod schema;
pub mod scope;
pub mod search;
pub mod sessions;
pub mod soundness;
pub mod users;
pub mod witnesses;
pub mod writers;

pub use db::{Store, Tx};
