//! Devices: listed and retired.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sync_protocol::ids::DeviceId;

use super::super::asked::Id;
use super::super::roles::Officer;
use super::super::{App, stored};
use crate::error::Result;
use crate::people;
use crate::store::devices::{self, Device};

/// Every device, the one seen last first.
#[utoipa::path(get, path = "/api/v1/devices", tag = "people", security(("token" = [])),
    responses((status = 200, body = [Device])))]
pub(in crate::app) async fn list(State(app): State<App>, _: Officer) -> Result<Json<Vec<Device>>> {
    Ok(Json(app.read(|tx| stored(devices::list(tx))).await?))
}

/// Retires a device: its sessions end; what it had signed still arrives through others.
#[utoipa::path(post, path = "/api/v1/devices/{id}/retire", tag = "people", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Retired")))]
pub(in crate::app) async fn retire(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(device): Id<DeviceId>,
) -> Result<StatusCode> {
    app.blocking(move |app| people::retire_device(&app.instance, device, Some(caller.user.id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
