//! A carrier brings what it was given to the server, and keeps the receipts for its team.

use client_core::Device;
use sync_protocol::limits::BUNDLE_PART_BYTES;
use sync_protocol::parcel::Parcel;
use sync_protocol::receipt::Receipt;

use super::CarryError;
use super::chest::Chest;
use crate::http::Link;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brought {
    /// Parcels brought.
    pub parcels: u64,
    /// Parcels that the server has not taken: they stay, and are brought again.
    pub left: u64,
}

/// Brings everything that lies in the chest. Ended anywhere, what arrived has arrived, and the rest is still there.
pub fn bring(link: &Link, device: &Device, chest: &Chest) -> Result<Brought, CarryError> {
    let (mut brought, mut part, mut receipts) = (Brought::default(), Vec::new(), Vec::new());
    let came = chest.each_parcel(|parcel: Parcel| {
        let bytes = parcel.to_bytes();
        if part.len() + bytes.len() > BUNDLE_PART_BYTES {
            receipts.push(send(link, device, std::mem::take(&mut part))?);
        }
        part.extend(bytes);
        brought.parcels += 1;
        Ok::<_, CarryError>(())
    });
    let came = came.and_then(|()| {
        if !part.is_empty() {
            receipts.push(send(link, device, part)?);
        }
        Ok(())
    });
    // What did arrive before it broke off is settled.
    if !receipts.is_empty() {
        chest.settle(&receipts)?;
    }
    came?;
    brought.left = chest.labels()?.len() as u64;
    Ok(brought)
}

fn send(link: &Link, device: &Device, part: Vec<u8>) -> Result<Receipt, CarryError> {
    let reply = link.send(&device.bundle_request(part)?)?;
    Ok(device.bundle_answer(&reply)?)
}
