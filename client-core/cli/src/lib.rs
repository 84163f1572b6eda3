//! The native host of a Tilik device: HTTP for its session, the machine's clock and dice, and the key of its store.
//!
//! `client-core` does none of these itself. The terminal client, the demo, the benchmark and the end-to-end tests all
//! stand on this library. Nothing here prints.

pub mod carry;
pub mod env;
pub mod http;
pub mod keys;
pub mod leftovers;

pub use env::Machine;
pub use http::{Counters, Link, Patience};
