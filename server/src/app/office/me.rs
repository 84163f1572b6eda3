//! Who the caller is.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::roles::Enumerator;
use super::super::{App, stored};
use crate::error::Result;
use crate::store::grants::{self, Grant};
use crate::store::users::User;

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct Me {
    /// The person.
    user: User,
    /// Their grants, ended ones too.
    grants: Vec<Grant>,
    /// Name of the server's project.
    project: String,
}

/// Who the caller is.
#[utoipa::path(get, path = "/api/v1/me", tag = "people", security(("token" = [])), responses((status = 200, body = Me)))]
pub(in crate::app) async fn me(State(app): State<App>, Enumerator(caller): Enumerator) -> Result<Json<Me>> {
    let user = caller.user;
    let id = user.id;
    let grants = app.read(move |tx| stored(grants::list_of(tx, id))).await?;
    let project = app.instance.project.to_string();
    Ok(Json(Me { user, grants, project }))
}
