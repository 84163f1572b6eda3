//! A device made through the library, with no program around it.

use client_core::{Device, Place, Reply, StoreKey};
use sync_protocol::session::Enrol;
use tilik::Machine;

use crate::office::enrolled;

/// An enrolled device in memory.
pub(crate) fn device() -> Device {
    let mut device = Device::open(Place::Memory, &StoreKey::new([1; 32]), Box::new(Machine)).unwrap();
    let outgoing = device.enrol_request("KODE-1234", "laptop", "test").unwrap();
    let enrol: Enrol = serde_json::from_slice(&outgoing.body).unwrap();
    let body = serde_json::to_vec(&enrolled(&enrol)).unwrap();
    device.enrol_answer(&Reply { ticket: 0, status: 200, retry_after: None, body }).unwrap();
    device
}
