//! The office's API: what the console and programs of the office ask.

pub(super) mod areas;
mod arriving;
pub(super) mod attachments;
pub(super) mod conflicts;
pub(super) mod devices;
pub(super) mod exports;
pub(super) mod findings;
pub(super) mod forms;
pub(super) mod gaps;
pub(super) mod grants;
pub(super) mod households;
pub(super) mod imports;
pub(super) mod me;
pub(super) mod pages;
pub(super) mod progress;
pub(super) mod quarantine;
pub(super) mod rounds;
pub(super) mod users;
pub(super) mod view;
