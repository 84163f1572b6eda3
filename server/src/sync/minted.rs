//! Writers that were minted on a device, without a network: another writer of the device vouches for each.

use sync_protocol::exchange::Request;
use sync_protocol::session::Minted;
use sync_protocol::{Code, WriterId};

use super::Hub;
use crate::store::db::{Error, Result};
use crate::store::{Tx, writers};

/// Enrols what the request vouches for, in its order and durably; tells what was not taken, and why.
///
/// A repeat changes nothing. Whether the voucher's device was retired or stolen is no matter here: judging decides.
pub(super) fn enrol(hub: &Hub, request: &Request) -> Result<Vec<(WriterId, Code)>> {
    enrol_all(hub, &request.minted)
}

/// The same for statements that came by themselves.
pub(super) fn enrol_all(hub: &Hub, minted: &[Minted]) -> Result<Vec<(WriterId, Code)>> {
    if minted.is_empty() {
        return Ok(Vec::new());
    }
    let (minted, now) = (minted.to_vec(), hub.now_ms());
    hub.store.write(move |tx| {
        let mut refused = Vec::new();
        for one in &minted {
            if let Err(code) = enrol_one(tx, one, now)? {
                refused.push((one.writer, code));
            }
        }
        Ok::<_, Error>(refused)
    })
}

fn enrol_one(tx: &Tx<'_>, minted: &Minted, now_ms: i64) -> Result<std::result::Result<(), Code>> {
    let Some(previous) = writers::find(tx, minted.previous)? else { return Ok(Err(Code::UnknownWriter)) };
    if !minted.is_from(&previous.key) {
        return Ok(Err(Code::BadSignature));
    }
    match writers::find(tx, minted.writer)? {
        Some(known) if known.key == minted.key && known.user == previous.user => Ok(Ok(())),
        Some(_) => Ok(Err(Code::WrongAuthor)),
        // Nobody but this process speaks for the server's own writers.
        None if previous.user.is_none() => Ok(Err(Code::WrongAuthor)),
        None => writers::add_minted(tx, minted.writer, &minted.key, minted.previous, now_ms).map(Ok),
    }
}
