//! Files of records over HTTP: pieces come in, whole files go out to whoever may see a record that names them.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sync_protocol::limits::{BLOB_PART_BYTES, BLOBS_MAX};
use sync_protocol::{BlobHash, RecordId};

use super::App;
use super::asked::{Id, Params};
use super::office::households::within;
use super::roles::Enumerator;
use super::wire;
use crate::attachments::{self, Problem, ShelfProblem};
use crate::error::{Error, Result, internal, not_found};
use crate::store::{blobs, scope};

/// Bytes of line 1: names of files with their lengths.
const LINE_BYTES_MAX: usize = 256 * BLOBS_MAX;

/// Pieces of files, and how the files stand. See docs/protocol.md, 9.9.
#[utoipa::path(post, path = "/sync/v1/blobs", tag = "sync", security(("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "How each file stands"),
        (status = 403, description = "`wrong_writer`"), (status = 507, description = "`no_room`")))]
pub(super) async fn deliver(
    State(app): State<App>,
    Enumerator(caller): Enumerator,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<serde_json::Value>> {
    let most = BLOB_PART_BYTES + LINE_BYTES_MAX;
    let leave = app.gates.files(wire::announced(&headers), most).await?;
    // A request that breaks off takes its handler with it; what came of it is to be kept all the same.
    let task = tokio::spawn(async move {
        let came = wire::collect_until_cut(body, most).await?;
        app.blocking(move |app| {
            let _leave = leave;
            attachments::deliver(&app.instance, &caller, &came)
        })
        .await
    });
    let delivered = task.await.map_err(internal)??;
    Ok(Json(serde_json::to_value(delivered).map_err(internal)?))
}

/// Which file of a record.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    /// The register that names it.
    register: String,
    /// One of several, where values stand beside each other.
    blob: Option<BlobHash>,
}

/// The file that a register names.
#[utoipa::path(get, path = "/api/v1/records/{id}/attachment", tag = "records", security(("token" = [])),
    params(("id" = String, Path), ("register" = String, Query), ("blob" = Option<String>, Query)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "`not_found`, or `blob_pending`: named, and not here yet")))]
pub(super) async fn one(
    State(app): State<App>,
    Enumerator(caller): Enumerator,
    Id(record): Id<RecordId>,
    Params(which): Params<Which>,
) -> Result<Response> {
    let granted = within(&app, &caller, None).granted;
    let (named, bytes) = app
        .blocking(move |app| {
            let (named, is_here) = app.instance.store.read(|tx| {
                let named = blobs::find_named(tx, record, &which.register, which.blob)?;
                let named = named.ok_or_else(|| not_found("file"))?;
                let may = granted.map_or(Ok(true), |(user, at)| scope::covers(tx, user, named.area, at))?;
                // A bare hash opens nothing, and neither does a record of an area that is not granted.
                let named = Some(named).filter(|_| may).ok_or_else(|| not_found("file"))?;
                let is_here = blobs::find(tx, named.hash)?.is_some();
                Ok::<_, Error>((named, is_here))
            })?;
            let bytes = if is_here { on_the_shelf(app, named.hash)? } else { None };
            Ok((named, bytes))
        })
        .await?;
    let bytes = bytes.ok_or_else(pending)?;
    let mut response = Body::from(Bytes::from(bytes)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media(&named.media));
    // Whatever a file holds, no browser runs it, guesses at it or keeps it.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let kind = if named.media.starts_with("image/") { "inline" } else { "attachment" };
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(kind));
    Ok(response)
}

/// The bytes of a file; where they are gone, its device is asked for them again.
fn on_the_shelf(app: &App, hash: BlobHash) -> Result<Option<Vec<u8>>> {
    match app.instance.attachments.shelf.get(hash) {
        Ok(Some(bytes)) => Ok(Some(bytes)),
        Ok(None) | Err(ShelfProblem::Damaged(_)) => {
            tracing::error!(%hash, "an attached file is gone or damaged; its device is asked for it again");
            let now = app.instance.now();
            app.instance.store.write(move |tx| blobs::note_absent(tx, hash, now).map_err(Error::from))?;
            Ok(None)
        }
        Err(problem) => Err(Problem::from(problem).into()),
    }
}

/// The types that are shown as what they are; everything else is bytes.
fn media(of: &str) -> HeaderValue {
    const SHOWN: [&str; 3] = ["image/jpeg", "image/png", "application/pdf"];
    let shown = SHOWN.into_iter().find(|shown| *shown == of);
    HeaderValue::from_static(shown.unwrap_or("application/octet-stream"))
}

fn pending() -> Error {
    crate::error::not_found_as("blob_pending", "The file has not come from its device yet.")
}
