//! What a finished interview tells the register, by the convention of ODK Entities.
//!
//! An entity of the form says which of its questions fill which properties, once for the form itself or for each row of
//! a repeat. Knows nothing of records or registers: whoever saves the visit turns these into them.

mod change;
mod verification;

pub use change::{Action, Change};
pub use verification::Verification;
