//! Forms on their way to devices: a package in parts, each asked for by itself.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use sync_protocol::exchange::PackagePart;
use sync_protocol::limits::PACKAGE_PART_BYTES;

use super::App;
use super::asked::Asked;
use super::roles::Enumerator;
use super::wire::{self, Coding};
use crate::error::{Result, internal, not_found};
use crate::people::Role;
use crate::store::forms;

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A part of a form's package. See docs/protocol.md, 9.8.
#[utoipa::path(post, path = "/sync/v1/form", tag = "sync", security(("token" = [])), request_body = serde_json::Value,
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "The bytes from `from` on"),
        (status = 404, description = "The person's areas know no such form")))]
pub(super) async fn part(
    State(app): State<App>,
    Enumerator(caller): Enumerator,
    headers: HeaderMap,
    Asked(ask): Asked<PackagePart>,
) -> Result<Response> {
    let wanted = Coding::of_answer(&headers);
    let (bytes, coding) = app
        .blocking(move |app| {
            let now = app.instance.now();
            let bytes = app.instance.store.read(|tx| {
                let knows = caller.is_at_least(Role::Officer) || forms::is_known_to(tx, ask.hash, caller.user.id, now)?;
                let part =
                    if knows { forms::find_part(tx, ask.hash, ask.from, PACKAGE_PART_BYTES as u64)? } else { None };
                part.ok_or_else(|| not_found("form"))
            })?;
            wire::compress(bytes, wanted).map_err(internal)
        })
        .await?;
    let mut response = Body::from(bytes).into_response();
    response.headers_mut().insert(CONTENT_TYPE, BYTES);
    if let Some(word) = coding.word() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    Ok(response)
}
