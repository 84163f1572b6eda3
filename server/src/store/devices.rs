//! Devices: what a person carries into the field.

use serde::Serialize;
use sync_protocol::ids::DeviceId;
use sync_protocol::{UserId, WriterId};
use utoipa::ToSchema;

use crate::args;
use crate::store::db::{Columns, Result, Tx};

/// A phone or laptop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Device {
    /// Minted on the device.
    #[schema(value_type = String)]
    pub id: DeviceId,
    /// What the office calls it.
    pub name: String,
    /// Version of its app when last told.
    pub app: String,
    /// Whose it is.
    #[schema(value_type = String)]
    pub user: UserId,
    /// Milliseconds since 1970.
    pub enrolled_at: i64,
    /// When it last talked to the server, to within a few minutes; milliseconds since 1970.
    pub last_seen: i64,
    /// Since when it may not sign in; milliseconds since 1970.
    pub retired_at: Option<i64>,
}

fn device(row: &Columns<'_>) -> Result<Device> {
    Ok(Device {
        id: row.parsed(0)?,
        name: row.string(1)?,
        app: row.string(2)?,
        user: row.parsed(3)?,
        enrolled_at: row.int(4)?,
        last_seen: row.int(5)?,
        retired_at: row.opt_int(6)?,
    })
}

/// Adds a device, or takes it over for the person who enrols it now.
pub fn put(tx: &Tx<'_>, device: &Device) -> Result<()> {
    tx.run(
        "INSERT INTO devices (id, name, app, user_id, enrolled_at, last_seen, retired_at)
         VALUES ($1, $2, $3, $4, $5, $6, NULL)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, app = excluded.app, user_id = excluded.user_id,
             enrolled_at = excluded.enrolled_at, last_seen = excluded.last_seen, retired_at = NULL",
        args![
            device.id.to_string().as_str(),
            &device.name,
            &device.app,
            device.user.to_string().as_str(),
            device.enrolled_at,
            device.last_seen
        ],
    )?;
    Ok(())
}

/// The device with this id.
pub fn find(tx: &Tx<'_>, id: DeviceId) -> Result<Option<Device>> {
    tx.row(
        "SELECT id, name, app, user_id, enrolled_at, last_seen, retired_at FROM devices WHERE id = $1",
        args![id.to_string().as_str()],
        device,
    )
}

/// Every device, the one seen last first.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Device>> {
    tx.rows(
        "SELECT id, name, app, user_id, enrolled_at, last_seen, retired_at FROM devices
         ORDER BY last_seen DESC, id LIMIT 10000",
        args![],
        device,
    )
}

/// Notes that a device talked to the server.
pub fn touch(tx: &Tx<'_>, id: DeviceId, now: i64) -> Result<()> {
    tx.run("UPDATE devices SET last_seen = $2 WHERE id = $1", args![id.to_string().as_str(), now])?;
    Ok(())
}

/// Retires a device from `now` on, once.
pub fn retire(tx: &Tx<'_>, id: DeviceId, now: i64) -> Result<()> {
    tx.run(
        "UPDATE devices SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL",
        args![id.to_string().as_str(), now],
    )?;
    Ok(())
}

/// The device that a writer was enrolled on, with its name.
pub fn find_of_writer(tx: &Tx<'_>, writer: WriterId) -> Result<Option<(DeviceId, String)>> {
    tx.row(
        "SELECT d.id, d.name FROM writers w JOIN devices d ON d.id = w.device_id WHERE w.id = $1",
        args![writer.to_string().as_str()],
        |row| Ok((row.parsed(0)?, row.string(1)?)),
    )
}
