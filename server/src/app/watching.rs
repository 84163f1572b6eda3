//! For whoever watches the server: is it alive, what has it done, what is it doing.

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, stored};
use crate::error::Result;
use crate::store::{conflicts, findings};

/// The server's health.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`: a server that cannot read its database answers with an error.
    status: &'static str,
    /// Version of the server.
    version: &'static str,
}

/// Whether the server can read its database.
#[utoipa::path(get, path = "/healthz", tag = "watching", responses((status = 200, body = Health)))]
pub(super) async fn healthz(State(app): State<App>) -> Result<Json<Health>> {
    app.read(|tx| stored(conflicts::count(tx))).await?;
    Ok(Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}

/// Counters as Prometheus text.
#[utoipa::path(get, path = "/metrics", tag = "watching", responses((status = 200, body = String)))]
pub(super) async fn metrics(State(app): State<App>) -> Result<Response> {
    let (conflicts, findings) =
        app.read(|tx| Ok((stored(conflicts::count(tx))?, stored(findings::count(tx))?))).await?;
    let mut text = app.instance.metrics.to_text();
    text.push_str(&app.hub.verdicts.to_text());
    text.push_str("# HELP tilik_conflicts Registers that hold several values now.\n# TYPE tilik_conflicts gauge\n");
    text.push_str(&format!("tilik_conflicts {conflicts}\n"));
    text.push_str("# HELP tilik_findings Answers that do not fit their form now.\n# TYPE tilik_findings gauge\n");
    text.push_str(&format!("tilik_findings {findings}\n"));
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// One line in the log for each request: the route, never the ids or words in it.
pub(super) async fn log(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = app.instance.now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let (status, ms) = (response.status().as_u16(), app.instance.now() - begun);
    tracing::info!(%method, route, status, ms, "answered");
    response
}
