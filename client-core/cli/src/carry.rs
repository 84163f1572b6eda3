//! Carrying for a team over a local network: devices give what they saved to a carrier, which brings it to the server at its
//! next sync and takes the receipts back (docs/protocol.md, 18).
//!
//! `giving` is the device's side, `listening` the carrier's; `frames` is what travels between them, `chest` where parcels lie
//! at the carrier, `bringing` the way to the server. A carrier reads nothing of what it carries, and signs nothing.

mod bringing;
mod chest;
mod frames;
mod giving;
mod listening;

use sync_protocol::entry::Recipient;

pub use bringing::{Brought, bring};
pub use chest::Chest;
pub use giving::{Given, give};
pub use listening::{Listener, Taken};

/// Labels that are offered at once.
const LABELS_MAX: usize = 1_000;
/// What the carrier says first.
const GREETING: &[u8] = b"tilik carry 1\n";

/// Why nothing, or not everything, was given or brought. What arrived stays there, and a repeat goes on.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// The connection or the disk.
    #[error("the connection broke, or the disk failed")]
    Io(#[from] std::io::Error),
    /// The device, or its server.
    #[error(transparent)]
    Device(#[from] client_core::Error),
    /// The code is wrong, or the other side works for another server.
    #[error("the code is wrong, or the other side is of another server")]
    WrongCode,
    /// What the other side says is not of this protocol.
    #[error("the other side does not speak as a carrier's team does")]
    Strange,
    /// Too many wrong codes were tried.
    #[error("too many wrong codes were tried")]
    Guessed,
}

/// The key of this device's server; pairing is with devices of the same server only.
pub fn recipient(device: &client_core::Device) -> client_core::Result<Recipient> {
    device.recipient()?.ok_or(client_core::Error::NotEnrolled)
}
