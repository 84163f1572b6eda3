//! Bundles over HTTP: whoever is signed in brings what others saved, and takes the receipt back to them.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use sync_protocol::limits::BUNDLE_PART_BYTES;
use sync_protocol::receipt::Receipt;

use super::App;
use super::roles::Enumerator;
use super::wire;
use crate::error::{Result, internal};
use crate::metrics::Metrics;
use crate::sync::intake::Intake;

/// Takes a bundle in, or a part of one, as `tilik-server bundle read` does. See docs/protocol.md, 17.
///
/// Parcels say themselves who wrote them; the session only says who carries.
#[utoipa::path(post, path = "/sync/v1/bundle", tag = "sync", security(("token" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "The receipt, signed by the root key"),
        (status = 400, description = "`bad_body`"), (status = 413, description = "`too_large`"),
        (status = 503, description = "`busy` or `no_room`: come back as `retry-after` says"),
        (status = 507, description = "`no_room`: for files")))]
pub(super) async fn take_in(
    State(app): State<App>,
    Enumerator(_): Enumerator,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<serde_json::Value>> {
    let upload = app.gates.files(wire::announced(&headers), BUNDLE_PART_BYTES).await?;
    // A request that breaks off takes its handler with it; what came of it is to be kept all the same.
    let task = tokio::spawn(async move {
        let came = wire::collect_until_cut(body, BUNDLE_PART_BYTES).await?;
        let leave = app.gates.exchange(came.len()).await?;
        app.blocking(move |app| {
            let _both = (upload, leave);
            receipt(app, &came)
        })
        .await
    });
    let receipt = task.await.map_err(internal)??;
    Ok(Json(serde_json::to_value(receipt).map_err(internal)?))
}

fn receipt(app: &App, came: &[u8]) -> Result<Receipt> {
    let mut intake = Intake::start(&app.hub, &app.instance);
    intake.feed(came)?;
    let (carried, receipt) = intake.finish()?;
    if app.hub.take_checks_due() {
        app.check_later();
    }
    let metrics = &app.instance.metrics;
    Metrics::add(&metrics.bytes_in, came.len() as u64);
    Metrics::add(&metrics.changesets_stored, carried.stored as u64);
    Metrics::add(&metrics.changesets_refused, carried.refused as u64);
    Ok(receipt)
}
