//! What travels between a device and a carrier: a kind, a length, and so many bytes.

use std::io::{Read, Write};

use sync_protocol::limits::ENTRY_BYTES_MAX;
use sync_protocol::parcel::Label;

use super::{CarryError, LABELS_MAX};

/// Bytes of a frame before both sides know each other.
pub(super) const STRANGER_BYTES_MAX: usize = 128;
/// Bytes of any frame: a parcel with what stands before its check, or a receipt for all that one request brought.
pub(super) const FRAME_BYTES_MAX: usize = 2 * ENTRY_BYTES_MAX;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Both: a greeting, a nonce, a proof.
    Hello = b'h',
    /// Carrier: the proof does not hold.
    Refused = b'x',
    /// Device: labels of what it has.
    Offer = b'o',
    /// Carrier: a receipt of the server.
    Receipt = b'r',
    /// Carrier: which of the labels offered it wants.
    Wanted = b'w',
    /// Device: a parcel.
    Parcel = b'p',
    /// Device: no more parcels of this offer.
    End = b'e',
    /// Carrier: so many parcels of this offer are on its disk.
    Kept = b'k',
}

impl Kind {
    const ALL: [Kind; 8] =
        [Kind::Hello, Kind::Refused, Kind::Offer, Kind::Receipt, Kind::Wanted, Kind::Parcel, Kind::End, Kind::Kept];
}

/// Sends one frame.
pub(super) fn write(to: &mut impl Write, kind: Kind, body: &[u8]) -> Result<(), CarryError> {
    let length = u32::try_from(body.len()).map_err(|_| CarryError::Strange)?;
    // In one piece: a frame that is torn leaves nothing behind.
    to.write_all(&[[kind as u8].as_slice(), &length.to_be_bytes(), body].concat())?;
    Ok(to.flush()?)
}

/// The next frame; `None` where the other side has ended in order.
pub(super) fn read(from: &mut impl Read, bytes_max: usize) -> Result<Option<(Kind, Vec<u8>)>, CarryError> {
    let mut kind = [0];
    if from.read(&mut kind)? == 0 {
        return Ok(None);
    }
    let kind = Kind::ALL.into_iter().find(|known| *known as u8 == kind[0]).ok_or(CarryError::Strange)?;
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > bytes_max {
        return Err(CarryError::Strange);
    }
    // Grows with what comes, not with what is announced.
    let mut body = Vec::new();
    from.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
    }
    Ok(Some((kind, body)))
}

/// The next frame, which has to be of this kind.
pub(super) fn expect(from: &mut impl Read, kind: Kind, bytes_max: usize) -> Result<Vec<u8>, CarryError> {
    match read(from, bytes_max)? {
        Some((found, body)) if found == kind => Ok(body),
        Some((Kind::Refused, _)) => Err(CarryError::WrongCode),
        Some(_) => Err(CarryError::Strange),
        None => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
    }
}

/// The body of an offer: each label behind its length.
pub(super) fn offer(labels: &[Label]) -> Vec<u8> {
    let one = |label: &Label| {
        let bytes = label.to_bytes();
        [[u8::try_from(bytes.len()).expect("a label is short")].as_slice(), &bytes].concat()
    };
    labels.iter().flat_map(one).collect()
}

/// The labels of an offer.
pub(super) fn labels(mut body: &[u8]) -> Result<Vec<Label>, CarryError> {
    let mut labels = Vec::new();
    while let Some((length, rest)) = body.split_first() {
        let (bytes, rest) = rest.split_at_checked(usize::from(*length)).ok_or(CarryError::Strange)?;
        labels.push(Label::from_bytes(bytes).ok_or(CarryError::Strange)?);
        body = rest;
    }
    if labels.len() > LABELS_MAX { Err(CarryError::Strange) } else { Ok(labels) }
}

/// Places in an offer, as they travel.
pub(super) fn places(places: &[usize]) -> Vec<u8> {
    places.iter().flat_map(|place| u16::try_from(*place).expect("an offer is bounded").to_be_bytes()).collect()
}

/// The labels of an offer that are wanted.
pub(super) fn wanted(body: &[u8], offered: &[Label]) -> Result<Vec<Label>, CarryError> {
    let (places, rest) = body.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(CarryError::Strange);
    }
    let label = |place: &[u8; 2]| offered.get(usize::from(u16::from_be_bytes(*place))).copied();
    places.iter().map(label).collect::<Option<Vec<Label>>>().ok_or(CarryError::Strange)
}
