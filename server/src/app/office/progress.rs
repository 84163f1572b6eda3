//! Progress: by area and by enumerator.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sync_protocol::AreaId;

use super::super::asked::Params;
use super::super::roles::Supervisor;
use super::super::{App, stored};
use super::households::within;
use crate::error::Result;
use crate::store::progress::{self, AreaProgress, PersonProgress};

/// Of what.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Of {
    /// Only in and below this area.
    area: Option<AreaId>,
}

/// How far each area has come.
#[utoipa::path(get, path = "/api/v1/progress/areas", tag = "progress", security(("token" = [])),
    params(("area" = Option<String>, Query)), responses((status = 200, body = [AreaProgress])))]
pub(in crate::app) async fn by_area(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Params(of): Params<Of>,
) -> Result<Json<Vec<AreaProgress>>> {
    let within = within(&app, &caller, of.area);
    Ok(Json(app.read(move |tx| stored(progress::by_area(tx, within))).await?))
}

/// How far each enumerator has come.
#[utoipa::path(get, path = "/api/v1/progress/enumerators", tag = "progress", security(("token" = [])),
    params(("area" = Option<String>, Query)), responses((status = 200, body = [PersonProgress])))]
pub(in crate::app) async fn by_enumerator(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Params(of): Params<Of>,
) -> Result<Json<Vec<PersonProgress>>> {
    let within = within(&app, &caller, of.area);
    Ok(Json(app.read(move |tx| stored(progress::by_person(tx, within))).await?))
}
