//! Entries of outbox files over HTTP: bounds around `sync::carried`, nothing else.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;

use super::App;
use super::roles::Enumerator;
use super::wire;
use crate::error::{Result, internal};
use crate::sync::carried;

/// Saves of a device whose store is gone, out of its outbox file. See docs/protocol.md, section 17.
#[utoipa::path(post, path = "/sync/v1/entries", tag = "sync", security(("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "How each entry stands"),
        (status = 413, description = "`too_large`"), (status = 503, description = "`busy` or `no_room`")))]
pub(super) async fn take(
    State(app): State<App>,
    Enumerator(_): Enumerator,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<serde_json::Value>> {
    let announced = wire::announced(&headers);
    let upload = app.gates.upload(announced).await?;
    let body = wire::collect(body, announced).await?;
    let leave = app.gates.exchange(body.len()).await?;
    let carried = app.blocking(move |app| {
        let _both = (upload, leave);
        Ok(carried::take_entries(&app.hub, &app.instance.keys.identity, &body)?)
    });
    let carried = carried.await?;
    if app.hub.take_checks_due() {
        app.check_later();
    }
    Ok(Json(serde_json::to_value(carried).map_err(internal)?))
}
