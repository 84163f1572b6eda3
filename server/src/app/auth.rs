//! Becoming known and staying known: enrolment, sign-in, refresh, sign-out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sync_protocol::session::{Enrol, Enrolled, Refresh, Resume, Resumed, SignIn, Tokens};

use super::App;
use super::asked::Asked;
use super::roles::Enumerator;
use crate::error::Result;
use crate::metrics::Metrics;
use crate::people;

/// A one-time code makes a new device known.
#[utoipa::path(post, path = "/auth/v1/enrol", tag = "auth", request_body = serde_json::Value,
    responses((status = 200, body = serde_json::Value, description = "Certificate, root key and tokens"),
        (status = 400, description = "`bad_code`"), (status = 409, description = "`writer_taken`")))]
pub(super) async fn enrol(State(app): State<App>, Asked(ask): Asked<Enrol>) -> Result<Json<Enrolled>> {
    let enrolled = app.blocking(|app| people::enrol(&app.instance, ask)).await?;
    Metrics::add(&app.instance.metrics.enrolments, 1);
    Ok(Json(enrolled))
}

/// New tokens for a refresh token, which works once.
#[utoipa::path(post, path = "/auth/v1/refresh", tag = "auth", request_body = serde_json::Value,
    responses((status = 200, body = serde_json::Value, description = "Tokens"),
        (status = 401, description = "`sign_in_again`")))]
pub(super) async fn refresh(State(app): State<App>, Asked(ask): Asked<Refresh>) -> Result<Json<Tokens>> {
    let tokens = app.blocking(move |app| people::refresh(&app.instance, &ask)).await?;
    Ok(Json(tokens))
}

/// A restored server lets a device in again by its writer's certificate and a statement of now.
#[utoipa::path(post, path = "/auth/v1/resume", tag = "auth", request_body = serde_json::Value,
    responses((status = 200, body = serde_json::Value, description = "The time, and tokens where the statement is of now"),
        (status = 401, description = "`sign_in_again`, `disabled` or `retired`")))]
pub(super) async fn resume(State(app): State<App>, Asked(ask): Asked<Resume>) -> Result<Json<Resumed>> {
    let resumed = app.blocking(move |app| people::resume(&app.instance, ask)).await?;
    Ok(Json(resumed))
}

/// Name and password open a session without a device.
#[utoipa::path(post, path = "/auth/v1/sign-in", tag = "auth", request_body = serde_json::Value,
    responses((status = 200, body = serde_json::Value, description = "Tokens"),
        (status = 401, description = "`bad_sign_in`")))]
pub(super) async fn sign_in(State(app): State<App>, Asked(ask): Asked<SignIn>) -> Result<Json<Tokens>> {
    let leave = app.gates.password().await?;
    let tokens = app
        .blocking(move |app| {
            let _leave = leave;
            people::sign_in(&app.instance, ask)
        })
        .await?;
    Ok(Json(tokens))
}

/// Ends the session.
#[utoipa::path(post, path = "/auth/v1/sign-out", tag = "auth", security(("token" = [])),
    responses((status = 204, description = "The session has ended")))]
pub(super) async fn sign_out(State(app): State<App>, Enumerator(caller): Enumerator) -> Result<StatusCode> {
    app.blocking(move |app| people::sign_out(&app.instance, &caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
