//! A Tilik device without a screen: one façade, [`Device`], for whatever has one.
//!
//! - Everything lies in one encrypted SQLite file: the households of the device's areas, forms, visits under way, the outbox
//!   of sealed changesets, and the session.
//! - [`Device::visit_step`] returns when the answer is on the disk, [`Device::finish_visit`] and [`Device::save`] when the
//!   save is.
//! - [`Session`] is the sync, sans-I/O: it says what to send, the host sends it and hands back what came.
//! - Time and randomness come in through [`Env`]; the crate asks no clock, starts no thread and opens no socket. It compiles
//!   for phones and for `wasm32-unknown-unknown`.
//!
//! Modules: `rows` is the one place that knows how own saves lie over what the server delivered; `saving` seals; `visits`
//! holds interviews with `forms`, in `drafts` until they are saved, with photos as `attachments`; `bundles` go to the server by
//! other hands; `lists`, `views` and `standing` answer screens; `sync` is the exchange; `store` holds all SQL. `lifeboat` keeps
//! what must outlive the store, `papers` who the device is, and `salvage` makes a new store where one is damaged.

mod attachments;
mod bundles;
mod deep_check;
mod device;
mod doctor;
mod drafts;
mod enrolment;
mod env;
mod error;
mod facts;
mod forms;
mod lifeboat;
mod lists;
mod papers;
mod photos;
mod rows;
mod salvage;
mod saving;
#[cfg(not(target_family = "wasm"))]
mod set_aside;
mod standing;
mod store;
mod sync;
mod views;
mod visits;

pub use attachments::Attached;
pub use bundles::Received;
pub use deep_check::RowsChecked;
pub use device::{Device, Identity};
pub use doctor::Examined;
pub use drafts::{About, DraftId, DraftLine, DraftRecord};
pub use env::Env;
pub use error::{Error, Result};
pub use forms::FormLine;
#[cfg(not(target_family = "wasm"))]
pub use lifeboat::Beside;
pub use lifeboat::{Kept, Lifeboat};
pub use lists::{Area, Page};
pub use photos::{Scaling, Wanted};
pub use salvage::Salvaged;
pub use saving::Saved;
#[cfg(not(target_family = "wasm"))]
pub use set_aside::set_aside;
pub use standing::{Attention, SaveState, SealedLine, SealedText, Status};
pub use store::households::{After, HouseholdLine, ListQuery, PAGE_LINES, SEARCH_HITS_MAX};
pub use store::{Place, StoreKey};
pub use sync::{Outgoing, Reply, Report, Session, Step};
pub use views::{HouseholdView, Loaded, RecordView, RegisterView, ValueView};
pub use visits::{Disputed, Ending, News, Visit};
