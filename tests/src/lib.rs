//! The only crate that sees everybody: the invented city, the harness, and the worlds that the programs and tests run.

pub mod addresses;
pub mod bench;
pub mod crash;
pub mod dates;
pub mod demo;
pub mod disaster;
pub mod findings;
pub mod households;
pub mod housing;
pub mod identity;
pub mod jambi;
pub mod names;
pub mod photos;
pub mod prelist;
pub mod records;
pub mod respondent;
pub mod seed;
pub mod sim;
pub mod watch;
