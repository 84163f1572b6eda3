//! Real processes killed at random moments: servers and devices, under load, over a network that cuts connections.
//!
//! `play` is the hand that kills; `driver` is the program of a device under load, a process of its own; `proxy` is the
//! network; `found` looks afterwards whether everything that an author was told of is there.

mod driver;
mod found;
mod log;
mod play;
mod proxy;

pub use driver::{Drive, drive};
pub use play::{Options, play};

/// What came of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Outcome {
    /// Saves that the devices' own logs say were confirmed.
    pub acknowledged: u64,
    /// Those of them that the server holds as they were sealed.
    pub found: u64,
    /// Those that it does not hold.
    pub lost: u64,
    /// Saves that it holds more than once.
    pub doubled: u64,
    /// Processes killed.
    pub kills: u64,
    /// Of these, servers.
    pub server_kills: u64,
    /// Connections that the network cut.
    pub cuts: u64,
    /// Areas whose digest differs between a device and the server.
    pub mismatched: u64,
    /// Database files that are not sound.
    pub unsound: u64,
}

impl Outcome {
    /// Whether every promise held.
    pub fn holds(&self) -> bool {
        self.acknowledged > 0 && (self.lost, self.doubled, self.mismatched, self.unsound) == (0, 0, 0, 0)
    }
}
