//! The only crate that sees everybody: the invented city, the harness, and the worlds that the programs and tests run.

pub mod dates;
pub mod identity;
pub mod jambi;
pub mod names;
pub mod records;
pub mod seed;
