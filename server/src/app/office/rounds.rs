//! Rounds of data collection: listed and opened.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use sync_protocol::AreaId;
use utoipa::ToSchema;

use super::super::asked::Asked;
use super::super::roles::{Officer, Supervisor};
use super::super::{App, stored};
use crate::error::Result;
use crate::people;
use crate::store::rounds::{self, Round};

/// A round to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct OpenRound {
    /// Its name.
    name: String,
    /// First day, ISO 8601.
    first_day: String,
    /// Last day, ISO 8601; absent: open.
    last_day: Option<String>,
    /// Where: the area and all below it.
    #[schema(value_type = String)]
    area: AreaId,
}

/// Every round, the newest first.
#[utoipa::path(get, path = "/api/v1/rounds", tag = "areas", security(("token" = [])),
    responses((status = 200, body = [Round])))]
pub(in crate::app) async fn list(State(app): State<App>, _: Supervisor) -> Result<Json<Vec<Round>>> {
    Ok(Json(app.read(|tx| stored(rounds::list(tx))).await?))
}

/// Opens a round.
#[utoipa::path(post, path = "/api/v1/rounds", tag = "areas", security(("token" = [])), request_body = OpenRound,
    responses((status = 201, body = Round), (status = 409, description = "`name_taken`")))]
pub(in crate::app) async fn create(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<OpenRound>,
) -> Result<(StatusCode, Json<Round>)> {
    let open = move |app: &App| {
        let by = Some(caller.user.id);
        people::open_round(&app.instance, &ask.name, &ask.first_day, ask.last_day.as_deref(), ask.area, by)
    };
    Ok((StatusCode::CREATED, Json(app.blocking(open).await?)))
}
