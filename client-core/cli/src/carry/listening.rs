//! The carrier listens: devices that know the code give it their parcels, and get the receipts that it has for them.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use client_core::Env;
use sync_protocol::pairing::{self, Nonce, Pairing, Side};
use sync_protocol::parcel::{Label, Parcel};

use super::chest::{Chest, PARCELS_BYTES_MAX};
use super::frames::{self, FRAME_BYTES_MAX, Kind, STRANGER_BYTES_MAX};
use super::{CarryError, GREETING};
use crate::Machine;

/// Silence after which a device is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Devices that give at once; each holds one parcel in memory.
const DEVICES_MAX: usize = 16;
/// Wrong codes after which nobody is listened to any more: a code is short.
const WRONG_CODES_MAX: usize = 64;

/// A carrier that listens, with a code of its own.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    code: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    pairing: Pairing,
    chest: Chest,
    devices: AtomicUsize,
    wrong_codes: AtomicUsize,
}

/// What one device gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Parcels that are on the carrier's disk now and were not before.
    pub parcels: u64,
    /// Receipts that the device was told.
    pub receipts: u64,
}

impl Listener {
    /// Listens at this address for devices of this server.
    pub fn bind(address: SocketAddr, recipient: super::Recipient, chest: Chest) -> Result<Listener, CarryError> {
        let mut random = [0; pairing::CODE_DIGITS];
        Machine.random(&mut random);
        let code = pairing::code(random);
        let pairing = Pairing::of(&code, recipient).expect("a fresh code is one");
        let (devices, wrong_codes) = Default::default();
        let shared = Arc::new(Shared { pairing, chest, devices, wrong_codes });
        Ok(Listener { listener: TcpListener::bind(address)?, code, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The code to tell the team.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Takes from whoever comes, several at once, and tells how each ended; returns only where it cannot go on.
    pub fn run(&self, told: impl Fn(Result<Taken, CarryError>) + Send + Sync + 'static) -> Result<(), CarryError> {
        let told = Arc::new(told);
        loop {
            let stream = match self.listener.accept() {
                // Whoever came went again at once.
                Err(error) if is_of_one_device(&error) => continue,
                accepted => accepted?.0,
            };
            if self.shared.wrong_codes.load(Ordering::SeqCst) >= WRONG_CODES_MAX {
                return Err(CarryError::Guessed);
            }
            if self.shared.devices.fetch_add(1, Ordering::SeqCst) >= DEVICES_MAX {
                self.shared.devices.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let (shared, told) = (Arc::clone(&self.shared), Arc::clone(&told));
            std::thread::spawn(move || {
                let taken = shared.take_from(stream);
                shared.devices.fetch_sub(1, Ordering::SeqCst);
                told(taken);
            });
        }
    }
}

impl Shared {
    fn take_from(&self, mut stream: TcpStream) -> Result<Taken, CarryError> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        self.shake(&mut stream)?;
        let mut held = self.chest.labels()?;
        let mut taken = Taken::default();
        while let Some((kind, body)) = frames::read(&mut stream, FRAME_BYTES_MAX)? {
            if kind != Kind::Offer {
                return Err(CarryError::Strange);
            }
            self.take_offer(&mut stream, &frames::labels(&body)?, &mut held, &mut taken)?;
        }
        Ok(taken)
    }

    fn shake(&self, stream: &mut TcpStream) -> Result<(), CarryError> {
        let mut nonce: Nonce = [0; 32];
        Machine.random(&mut nonce);
        frames::write(stream, Kind::Hello, &[GREETING, &nonce].concat())?;
        let hello = frames::expect(stream, Kind::Hello, STRANGER_BYTES_MAX)?;
        let Some((giver, proof)) = hello.split_first_chunk::<32>() else { return Err(CarryError::Strange) };
        let proof: &[u8; 32] = proof.try_into().map_err(|_| CarryError::Strange)?;
        if !self.pairing.is_proof(Side::Giver, &nonce, giver, proof) {
            self.wrong_codes.fetch_add(1, Ordering::SeqCst);
            frames::write(stream, Kind::Refused, &[])?;
            return Err(CarryError::WrongCode);
        }
        frames::write(stream, Kind::Hello, &self.pairing.proof(Side::Carrier, &nonce, giver))
    }

    fn take_offer(
        &self,
        stream: &mut TcpStream,
        offered: &[Label],
        held: &mut BTreeSet<Label>,
        taken: &mut Taken,
    ) -> Result<(), CarryError> {
        for receipt in self.chest.receipts_for(offered)? {
            frames::write(stream, Kind::Receipt, &receipt)?;
            taken.receipts += 1;
        }
        let has_room = self.chest.bytes() < PARCELS_BYTES_MAX;
        let is_wanted = |place: &usize| has_room && !held.contains(&offered[*place]);
        let wanted: Vec<usize> = (0..offered.len()).filter(is_wanted).collect();
        frames::write(stream, Kind::Wanted, &frames::places(&wanted))?;
        let mut wanted: BTreeSet<Label> = wanted.into_iter().map(|place| offered[place]).collect();
        let mut kept = 0_u32;
        loop {
            match frames::read(stream, FRAME_BYTES_MAX)? {
                Some((Kind::Parcel, bytes)) => {
                    let label = only_label(&bytes).filter(|label| wanted.remove(label)).ok_or(CarryError::Strange)?;
                    self.chest.put(&bytes)?;
                    held.insert(label);
                    kept += 1;
                }
                Some((Kind::End, _)) => break,
                Some(_) => return Err(CarryError::Strange),
                None => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            }
        }
        if kept > 0 {
            self.chest.flush()?;
        }
        taken.parcels += u64::from(kept);
        frames::write(stream, Kind::Kept, &kept.to_be_bytes())
    }
}

fn is_of_one_device(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// The label of a parcel, if these bytes are one and nothing else.
fn only_label(bytes: &[u8]) -> Option<Label> {
    let [parcel] = Parcel::list(bytes).try_into().ok()?;
    (parcel.to_bytes() == bytes).then_some(parcel.label)
}
