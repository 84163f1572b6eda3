//! A device that was stolen: what comes after the report is kept for a person, what came since the theft is listed.

use serde::Serialize;
use sync_protocol::ids::DeviceId;
use sync_protocol::{UserId, WriterId};
use utoipa::ToSchema;

use crate::error::{Error, Result, bad_request, not_found};
use crate::instance::Instance;
use crate::store::audit::{self, Deed};
use crate::store::{changesets, devices, sessions, writers};

/// Saves that came between theft and report: somebody else may have made them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Doubtful {
    /// The writer.
    #[schema(value_type = String)]
    pub writer: WriterId,
    /// First save.
    pub first: u64,
    /// Last save.
    pub last: u64,
    /// When they were made, by their clock; milliseconds since 1970.
    pub made: i64,
    /// When they came; milliseconds since 1970.
    pub received: i64,
}

/// Reports a device stolen since `since_ms`: its sessions end, and whatever of it comes from now on is quarantined.
pub fn report_stolen(instance: &Instance, id: DeviceId, since_ms: i64, by: Option<UserId>) -> Result<Vec<Doubtful>> {
    let now = instance.now();
    if since_ms > now {
        return Err(bad_request("bad_moment", "The theft cannot lie ahead."));
    }
    let deed = Deed::new(instance, by, "device.stolen", id, &since_ms.to_string());
    instance.store.write(move |tx| {
        devices::find(tx, id)?.ok_or_else(|| not_found("device"))?;
        devices::retire(tx, id, now)?;
        sessions::end_of_device(tx, id, now)?;
        writers::set_stolen(tx, id, now)?;
        audit::add(tx, &deed)?;
        let came = changesets::list_received(tx, id, since_ms)?;
        let doubtful = came.into_iter().map(|c| Doubtful {
            writer: c.writer,
            first: c.first,
            last: c.seq,
            made: c.clock.0,
            received: c.received,
        });
        Ok::<_, Error>(doubtful.collect())
    })
}
