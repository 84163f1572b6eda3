//! Exports: a table streamed as it is written, so that a city takes no more memory than a street.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use http_body::Frame;
use serde::Deserialize;
use sync_protocol::AreaId;
use tokio::sync::mpsc;

use super::super::App;
use super::super::asked::{Id, Params};
use super::super::roles::Officer;
use crate::error::{Error, Result, not_found};
use crate::export::Format;
use crate::export::answers::{AUDIT, VISITS};
use crate::export::labels::Language;
use crate::export::tables::Table;
use crate::instance::Instance;
use crate::tables::answers::{AnswersExport, list_parts, write_answers};
use crate::tables::exports::{Export, ExportFailed, write_table};

/// Bytes that are handed over at once.
const PIECE_BYTES: usize = 32 << 10;
/// Pieces that may wait for a slow reader.
const PIECES_WAITING: usize = 4;

/// What to export, and how.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Wanted {
    /// `csv` or `xlsx`.
    #[serde(default = "csv")]
    format: Format,
    /// Language of the header: `id` or `en`.
    #[serde(default)]
    language: Language,
    /// Only this area and all below it.
    area: Option<AreaId>,
    /// Further registers, with commas between.
    #[serde(default)]
    with: String,
}

fn csv() -> Format {
    Format::Csv
}

/// A table's name in the address.
pub(in crate::app) struct Named(Table);

impl std::str::FromStr for Named {
    type Err = Error;

    fn from_str(name: &str) -> Result<Named> {
        let all = [Table::Households, Table::Persons, Table::Visits];
        all.into_iter().find(|table| table.name() == name).map(Named).ok_or_else(|| not_found("table"))
    }
}

/// Households, persons or visits: verified values and prelist values side by side.
#[utoipa::path(get, path = "/api/v1/exports/{id}", tag = "files", security(("token" = [])),
    params(("id" = String, Path, description = "households, persons or visits"), ("format" = Option<String>, Query),
        ("language" = Option<String>, Query), ("area" = Option<String>, Query), ("with" = Option<String>, Query)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "The file")))]
pub(in crate::app) async fn table(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(Named(table)): Id<Named>,
    Params(wanted): Params<Wanted>,
) -> Result<Response> {
    let (format, language, area) = (wanted.format, wanted.language, wanted.area);
    let extra = wanted.with.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let export = Export { table, format, language, area, extra, by: Some(caller.user.id) };
    let write = move |instance: &Instance, out: Pieces| write_table(instance, &export, out);
    stream(&app, table.name(), format, write).await
}

/// Which answers to export, and how.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct WantedAnswers {
    /// The package's hash.
    form: String,
    /// `visits`, `audit`, or a repeat by its path with points between.
    #[serde(default = "visits")]
    part: String,
    /// `csv` or `xlsx`.
    #[serde(default = "csv")]
    format: Format,
    /// Language of the header: `id` or `en`.
    #[serde(default)]
    language: Language,
    /// Only this area and all below it.
    area: Option<AreaId>,
}

fn visits() -> String {
    VISITS.to_owned()
}

/// The answers of visits made with a form version: one row a visit, a row of a repeat, or an event of the interview.
#[utoipa::path(get, path = "/api/v1/exports/answers", tag = "files", security(("token" = [])),
    params(("form" = String, Query, description = "The package's hash"),
        ("part" = Option<String>, Query, description = "visits, audit, or a repeat by its path with points between"),
        ("format" = Option<String>, Query), ("language" = Option<String>, Query), ("area" = Option<String>, Query)),
    responses((status = 404, description = "No such form, or no such part of it"),
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "The file")))]
pub(in crate::app) async fn answers(
    State(app): State<App>,
    Officer(caller): Officer,
    Params(wanted): Params<WantedAnswers>,
) -> Result<Response> {
    let package = wanted.form.parse().map_err(|()| not_found("form"))?;
    let parts = app.blocking(move |app| Ok(list_parts(&app.instance, package)?)).await?;
    if !parts.contains(&wanted.part) {
        return Err(not_found(if parts.is_empty() { "form" } else { "part of the form" }));
    }
    let WantedAnswers { part, format, language, area, .. } = wanted;
    // A name of the form's own making never reaches a header.
    let name = if part == VISITS || part == AUDIT { format!("answers-{part}") } else { "answers-rows".to_owned() };
    let export = AnswersExport { package, part, format, language, area, by: Some(caller.user.id) };
    let write = move |instance: &Instance, out: Pieces| write_answers(instance, &export, out);
    stream(&app, &name, format, write).await
}

/// Hands a table over while it is written.
async fn stream(
    app: &App,
    name: &str,
    format: Format,
    write: impl FnOnce(&Instance, Pieces) -> std::result::Result<u64, ExportFailed> + Send + 'static,
) -> Result<Response> {
    let leave = app.gates.export().await?;
    let (give, pieces) = mpsc::channel(PIECES_WAITING);
    let instance = app.instance.clone();
    tokio::task::spawn_blocking(move || {
        let _leave = leave;
        let failing = give.clone();
        if let Err(error) = write(&instance, Pieces { piece: Vec::new(), give }) {
            tracing::warn!(%error, "an export broke off");
            // The reader's connection breaks, so that half a table is not taken for a whole one.
            let _ = failing.blocking_send(Err(io::Error::other("the export broke off")));
        }
    });
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let name = format!("attachment; filename=\"{name}.{ending}\"");
    let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::new(Streamed(pieces))).into_response())
}

/// Collects what is written into pieces and hands them over; waits for a slow reader.
struct Pieces {
    piece: Vec<u8>,
    give: mpsc::Sender<io::Result<Bytes>>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.piece);
        if piece.is_empty() {
            return Ok(());
        }
        self.give.blocking_send(Ok(piece.into())).map_err(|_| io::Error::other("the reader went away"))
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// The pieces as a body.
struct Streamed(mpsc::Receiver<io::Result<Bytes>>);

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
