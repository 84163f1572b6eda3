//! People: listed, added, disabled, given codes and passwords.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use sync_protocol::UserId;
use utoipa::ToSchema;

use super::super::asked::{Asked, Id};
use super::super::roles::{Admin, Officer};
use super::super::{App, stored};
use crate::error::{Result, forbidden};
use crate::people::{self, NewUser, Role};
use crate::store::users::{self, User};

/// A person to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct AddUser {
    /// What they type to sign in.
    name: String,
    /// What others read.
    display_name: String,
    /// What they may do.
    role: Role,
    /// Absent for people who only ever use an enrolled device.
    password: Option<String>,
}

/// A code to be read to the person whose device is enrolled.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct GivenCode {
    /// Three groups of four.
    code: String,
    /// Milliseconds since 1970.
    expires_at: i64,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct NewPassword {
    /// At least ten characters.
    password: String,
}

/// Everybody, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "people", security(("token" = [])),
    responses((status = 200, body = [User])))]
pub(in crate::app) async fn list(State(app): State<App>, _: Officer) -> Result<Json<Vec<User>>> {
    Ok(Json(app.read(|tx| stored(users::list(tx))).await?))
}

/// Adds a person. Officers add enumerators and supervisors; admins add anybody.
#[utoipa::path(post, path = "/api/v1/users", tag = "people", security(("token" = [])), request_body = AddUser,
    responses((status = 201, body = User), (status = 409, description = "`name_taken`")))]
pub(in crate::app) async fn create(
    State(app): State<App>,
    Officer(caller): Officer,
    Asked(ask): Asked<AddUser>,
) -> Result<(StatusCode, Json<User>)> {
    if ask.role >= Role::Officer && !caller.is_at_least(Role::Admin) {
        return Err(forbidden("Only an admin adds officers and admins."));
    }
    let leave = app.gates.password().await?;
    let new = NewUser { name: ask.name, display_name: ask.display_name, role: ask.role, password: ask.password };
    let user = app
        .blocking(move |app| {
            let _leave = leave;
            people::add_user(&app.instance, new, Some(caller.user.id))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// A one-time code that makes a device of this person known.
#[utoipa::path(post, path = "/api/v1/users/{id}/codes", tag = "people", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 201, body = GivenCode)))]
pub(in crate::app) async fn give_code(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(user): Id<UserId>,
) -> Result<(StatusCode, Json<GivenCode>)> {
    let given = app.blocking(move |app| people::give_code(&app.instance, user, caller.user.id)).await?;
    Ok((StatusCode::CREATED, Json(GivenCode { code: given.0.grouped(), expires_at: given.1 })))
}

/// Disables a person: their sessions end at once.
#[utoipa::path(post, path = "/api/v1/users/{id}/disable", tag = "people", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Disabled")))]
pub(in crate::app) async fn disable(
    State(app): State<App>,
    Admin(caller): Admin,
    Id(user): Id<UserId>,
) -> Result<StatusCode> {
    app.blocking(move |app| people::disable_user(&app.instance, user, Some(caller.user.id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a person's password: what the old one opened ends.
#[utoipa::path(post, path = "/api/v1/users/{id}/password", tag = "people", security(("token" = [])),
    params(("id" = String, Path)), request_body = NewPassword, responses((status = 204, description = "Set")))]
pub(in crate::app) async fn set_password(
    State(app): State<App>,
    Admin(caller): Admin,
    Id(user): Id<UserId>,
    Asked(ask): Asked<NewPassword>,
) -> Result<StatusCode> {
    let leave = app.gates.password().await?;
    app.blocking(move |app| {
        let _leave = leave;
        people::set_password(&app.instance, user, &ask.password, Some(caller.user.id))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
