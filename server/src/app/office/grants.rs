//! Grants: listed, given, revoked.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use sync_protocol::{AreaId, UserId};
use utoipa::ToSchema;

use super::super::asked::{Asked, Id, Params};
use super::super::roles::Officer;
use super::super::{App, stored};
use crate::error::Result;
use crate::people;
use crate::store::grants::{self, Grant};

/// Whose grants.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Whose {
    /// A person's, ended ones too; absent: everybody's that are open now.
    user: Option<UserId>,
}

/// A grant to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct Give {
    /// Who.
    #[schema(value_type = String)]
    user: UserId,
    /// Where: the area and all below it.
    #[schema(value_type = String)]
    area: AreaId,
    /// From when; milliseconds since 1970; absent: now.
    starts: Option<i64>,
    /// Until when; absent: open.
    ends: Option<i64>,
}

/// Grants of one person, or all that are open.
#[utoipa::path(get, path = "/api/v1/grants", tag = "people", security(("token" = [])),
    params(("user" = Option<String>, Query)), responses((status = 200, body = [Grant])))]
pub(in crate::app) async fn list(
    State(app): State<App>,
    _: Officer,
    Params(whose): Params<Whose>,
) -> Result<Json<Vec<Grant>>> {
    let now = app.instance.now();
    let grants = app.read(move |tx| {
        stored(whose.user.map_or_else(|| grants::list_open(tx, now), |user| grants::list_of(tx, user)))
    });
    Ok(Json(grants.await?))
}

/// Lets a person work in an area and all below it.
#[utoipa::path(post, path = "/api/v1/grants", tag = "people", security(("token" = [])), request_body = Give,
    responses((status = 201, body = Grant)))]
pub(in crate::app) async fn create(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<Give>,
) -> Result<(StatusCode, Json<Grant>)> {
    let by = caller.user.id;
    let give = move |app: &App| people::grant(&app.instance, ask.user, ask.area, ask.starts, ask.ends, by);
    Ok((StatusCode::CREATED, Json(app.blocking(give).await?)))
}

/// Ends a grant now. What was authored before still counts.
#[utoipa::path(post, path = "/api/v1/grants/{id}/revoke", tag = "people", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Revoked")))]
pub(in crate::app) async fn revoke(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(grant): Id<String>,
) -> Result<StatusCode> {
    app.blocking(move |app| people::revoke(&app.instance, &grant, Some(caller.user.id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
