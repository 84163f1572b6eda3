//! XLSForm in, a right interview out: the form, its expressions and the session that holds an interview.
//!
//! Pure: no file, no clock, no chance of its own. Whoever holds an interview hands in the time, the randomness and
//! the tables beside the form, so that a phone, a browser, a terminal and the server come to the same answers.

pub mod expr;
pub mod form;
pub mod interview;
pub mod package;
pub mod record;
pub mod register;
pub mod sheet;
pub mod xlsform;

#[cfg(feature = "workbook")]
pub mod bundled;
#[cfg(feature = "workbook")]
mod check;
#[cfg(feature = "workbook")]
pub mod workbook;

#[cfg(feature = "workbook")]
pub use check::{Checked, Counts, check, check_set};
