//! Devices: listed and retired.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use sync_protocol::ids::DeviceId;
use utoipa::ToSchema;

use super::super::asked::{Asked, Id};
use super::super::roles::Officer;
use super::super::{App, stored};
use crate::error::Result;
use crate::people::{self, Doubtful};
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

/// When a device was stolen.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::app) struct Theft {
    /// Milliseconds since 1970.
    since: i64,
}

/// Reports a device stolen: its sessions end, what comes of it from now on is quarantined. Lists what came since the theft.
#[utoipa::path(post, path = "/api/v1/devices/{id}/stolen", tag = "people", security(("token" = [])),
    params(("id" = String, Path)), request_body = Theft, responses((status = 200, body = [Doubtful])))]
pub(in crate::app) async fn stolen(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(device): Id<DeviceId>,
    Asked(ask): Asked<Theft>,
) -> Result<Json<Vec<Doubtful>>> {
    let by = Some(caller.user.id);
    let came = app.blocking(move |app| people::report_stolen(&app.instance, device, ask.since, by));
    Ok(Json(came.await?))
}
