//! All SQL of the server, one file per noun, in the subset that SQLite and PostgreSQL share.

pub mod changesets;
pub mod conflicts;
pub mod db;
pub mod feed;
pub mod records;
mod schema;
pub mod scope;
pub mod search;
pub mod writers;

pub use db::{Store, Tx};
