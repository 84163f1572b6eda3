//! The exchange over HTTP: bounds and compression around `sync::exchange`, nothing else.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use sync_protocol::WriterId;
use sync_protocol::exchange::BadBody;

use super::App;
use super::roles::Enumerator;
use super::wire::{self, Coding};
use crate::error::{Error, Result, bad_request, forbidden_as, internal, no_room_for_saves, too_large};
use crate::metrics::Metrics;
use crate::sync::{self, Refused};

const LINES: HeaderValue = HeaderValue::from_static("application/jsonl");

/// One exchange: push, verdicts and pull in one message. See docs/protocol.md.
#[utoipa::path(post, path = "/sync/v1/exchange", tag = "sync", security(("token" = [])),
    request_body(content = String, content_type = "application/jsonl"),
    responses((status = 200, content_type = "application/jsonl", body = String, description = "Lines of JSON"),
        (status = 413, description = "`too_large` or `ratio`"), (status = 403, description = "`wrong_writer`"),
        (status = 503, description = "`busy` or `no_room`: come back as `retry-after` says")))]
pub(super) async fn exchange(
    State(app): State<App>,
    Enumerator(caller): Enumerator,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let coding = Coding::of_body(&headers)?;
    let wanted = Coding::of_answer(&headers);
    let announced = wire::announced(&headers);
    let begun = app.instance.now();
    let upload = app.gates.upload(announced).await?;
    let wire = wire::collect(body, announced).await?;
    let leave = app.gates.exchange(wire.len()).await?;
    let answered = app
        .blocking(move |app| {
            let _both = (upload, leave);
            answer(app, &caller.user, wire, coding, wanted)
        })
        .await;
    let metrics = &app.instance.metrics;
    let took = u64::try_from(app.instance.now() - begun).unwrap_or(0);
    metrics.exchange_seconds.note(std::time::Duration::from_millis(took));
    Metrics::add(if answered.is_ok() { &metrics.exchanges } else { &metrics.exchanges_refused }, 1);
    let (body, coding) = answered?;
    let mut response = Body::from(body).into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    put(headers, CONTENT_TYPE, LINES);
    if let Some(word) = coding.word() {
        put(headers, CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    Ok(response)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

fn answer(
    app: &App,
    user: &crate::store::users::User,
    wire: Vec<u8>,
    coding: Coding,
    wanted: Coding,
) -> Result<(Vec<u8>, Coding)> {
    let metrics = &app.instance.metrics;
    let bytes_in = wire.len();
    let body = wire::decompress(wire, coding)?;
    let (answer, tally) = sync::exchange(&app.hub, sync::Caller { user: user.id }, &body)?;
    drop(body);
    judge_later(app, tally.owed);
    if app.hub.take_checks_due() {
        app.check_later();
    }
    let (answer, coding) = wire::compress(answer, wanted).map_err(internal)?;
    Metrics::add(&metrics.bytes_in, bytes_in as u64);
    Metrics::add(&metrics.bytes_out, answer.len() as u64);
    Metrics::add(&metrics.changesets_stored, tally.stored as u64);
    Metrics::add(&metrics.changesets_refused, tally.refused as u64);
    Metrics::add(&metrics.rows_sent, tally.rows as u64);
    tracing::debug!(
        user = %user.id,
        bytes_in,
        bytes_out = answer.len(),
        stored = tally.stored,
        refused = tally.refused,
        rows = tally.rows,
        "exchanged"
    );
    Ok((answer, coding))
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Error {
        let message = format!("{}.", capital(&refused.to_string()));
        match &refused {
            Refused::Body(BadBody::TooMuch { .. }) => too_large("too_large", message),
            Refused::Body(_) => bad_request("bad_body", message),
            Refused::WrongWriter => forbidden_as("wrong_writer", message),
            Refused::NoRoom => no_room_for_saves(),
            Refused::Store(error) if error.is_full() => no_room_for_saves().because(refused),
            Refused::Store(_) => internal(refused),
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What the device does not wait for is judged while it prepares its next request.
fn judge_later(app: &App, owed: Vec<WriterId>) {
    if owed.is_empty() {
        return;
    }
    let app = app.clone();
    tokio::runtime::Handle::current().spawn_blocking(move || {
        if let Err(error) = sync::judge_owed(&app.hub, owed) {
            // Nothing is lost: the device's next exchange judges it, or the next start of the server.
            tracing::error!(error = &error as &dyn std::error::Error, "judging was put off");
        }
        if app.hub.take_checks_due() {
            app.check_later();
        }
    });
}
