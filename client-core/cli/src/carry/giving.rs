//! A device gives what its server lacks to a carrier, and takes the receipts that the carrier has for it.

use std::collections::BTreeSet;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use client_core::{Device, Env, Received};
use sync_protocol::pairing::{Nonce, Pairing, Side};
use sync_protocol::parcel::Label;
use sync_protocol::receipt::Receipt;

use super::frames::{self, FRAME_BYTES_MAX, Kind, STRANGER_BYTES_MAX};
use super::{CarryError, GREETING, LABELS_MAX};
use crate::Machine;

/// For the carrier to be found, and for its next byte.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of it. What was given is not acknowledged: only a receipt of the server says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// Parcels that the server lacks.
    pub due: u64,
    /// Those that the carrier has now, by this time or an earlier one.
    pub carried: u64,
    /// What receipts were news of.
    pub received: Received,
}

/// Gives to the carrier at an address. Repeating it gives only what the carrier does not have.
pub fn give(device: &mut Device, address: &str, code: &str) -> Result<Given, CarryError> {
    let pairing = Pairing::of(code, super::recipient(device)?).ok_or(CarryError::WrongCode)?;
    let mut stream = connect(address)?;
    shake(&mut stream, &pairing)?;
    let mut given = Given::default();
    let labels = device.bundle()?.unwrap_or_default();
    for offered in labels.chunks(LABELS_MAX) {
        give_some(device, &mut stream, offered, &mut given)?;
    }
    Ok(given)
}

fn connect(address: &str) -> Result<TcpStream, CarryError> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

fn shake(stream: &mut TcpStream, pairing: &Pairing) -> Result<(), CarryError> {
    let hello = frames::expect(stream, Kind::Hello, STRANGER_BYTES_MAX)?;
    let carrier: &Nonce =
        hello.strip_prefix(GREETING).and_then(|nonce| nonce.try_into().ok()).ok_or(CarryError::Strange)?;
    let mut nonce: Nonce = [0; 32];
    Machine.random(&mut nonce);
    let proof = pairing.proof(Side::Giver, carrier, &nonce);
    frames::write(stream, Kind::Hello, &[nonce, proof].concat())?;
    let proof = frames::expect(stream, Kind::Hello, STRANGER_BYTES_MAX)?;
    let proof: &[u8; 32] = proof.as_slice().try_into().map_err(|_| CarryError::Strange)?;
    if pairing.is_proof(Side::Carrier, carrier, &nonce, proof) { Ok(()) } else { Err(CarryError::WrongCode) }
}

fn give_some(
    device: &mut Device,
    stream: &mut TcpStream,
    offered: &[Label],
    given: &mut Given,
) -> Result<(), CarryError> {
    frames::write(stream, Kind::Offer, &frames::offer(offered))?;
    let wanted = loop {
        match frames::read(stream, FRAME_BYTES_MAX)? {
            Some((Kind::Receipt, text)) => take_receipt(device, &text, &mut given.received)?,
            Some((Kind::Wanted, body)) => break frames::wanted(&body, offered)?,
            Some(_) => return Err(CarryError::Strange),
            None => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
        }
    };
    // What a receipt has just named is not given again.
    let due: BTreeSet<Label> = device.bundle()?.unwrap_or_default().into_iter().collect();
    let still = |label: &&Label| due.contains(*label);
    given.due += offered.iter().filter(still).count() as u64;
    let held = offered.iter().filter(still).filter(|label| !wanted.contains(label)).count();
    for label in wanted.iter().filter(still) {
        if let Some(parcel) = device.parcel(label)? {
            frames::write(stream, Kind::Parcel, &parcel)?;
        }
    }
    frames::write(stream, Kind::End, &[])?;
    let kept = frames::expect(stream, Kind::Kept, STRANGER_BYTES_MAX)?;
    let kept = kept.as_slice().try_into().map(u32::from_be_bytes).map_err(|_| CarryError::Strange)?;
    given.carried += held as u64 + u64::from(kept);
    Ok(())
}

/// A receipt that is not the server's is no harm and no use.
fn take_receipt(device: &mut Device, text: &[u8], received: &mut Received) -> Result<(), CarryError> {
    let Ok(receipt) = serde_json::from_slice::<Receipt>(text) else { return Ok(()) };
    match device.take_receipt(&receipt) {
        Ok(news) => {
            received.saves += news.saves;
            received.files += news.files;
            Ok(())
        }
        Err(client_core::Error::BadAnswer(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
