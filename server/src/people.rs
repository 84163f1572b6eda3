//! People: how they and their devices become known, stay signed in, and what their roles let them do.

mod accounts;
mod callers;
mod enrolment;
mod grants;
mod resuming;
mod role;
mod rounds;
mod signing_in;
mod stolen;
#[cfg(test)]
mod tests;

pub use accounts::{NewUser, add_user, disable_user, set_password};
pub use callers::{Caller, caller, retire_device};
pub use enrolment::{enrol, give_code};
pub use grants::{grant, revoke};
pub use resuming::resume;
pub use role::{NotARole, Role};
pub use rounds::open_round;
pub use signing_in::{refresh, sign_in, sign_out};
pub use stolen::{Doubtful, report_stolen};
