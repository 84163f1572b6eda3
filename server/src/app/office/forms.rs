//! Forms: uploaded and judged, looked at, published, retired.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use questionnaire::bundled::Bundled;
use questionnaire::package::Package;
use serde::{Deserialize, Serialize};
use sync_protocol::AreaId;
use sync_protocol::exchange::PackageHash;
use utoipa::ToSchema;

use super::super::asked::{Asked, Id, Params};
use super::super::roles::{Officer, Supervisor};
use super::super::{App, stored};
use super::arriving::{Arrived, receive};
use crate::error::{Result, bad_request, internal, not_found, too_large};
use crate::forms::{self, Outline, Report, Upload};
use crate::store::forms::{File, Version};
use crate::store::{self, Tx};

/// Bytes of one uploaded file.
const FILE_BYTES_MAX: u64 = questionnaire::workbook::FILE_BYTES_MAX as u64;

/// How a form is uploaded.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct How {
    /// The file's name: `.xlsx`, `.xls`, `.ods`, `.csv`, or `.zip` for a workbook or its sheets with the tables beside it.
    name: String,
    /// Only judge it, store nothing.
    #[serde(default)]
    check: bool,
}

/// Which file of a form.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Named {
    /// Its name.
    name: String,
}

/// Where to publish a form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct Publish {
    /// These areas and all below them, beside those where it is published already.
    #[schema(value_type = Vec<String>)]
    areas: Vec<AreaId>,
}

/// Where to withdraw a form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::app) struct Retire {
    /// Areas that it was published in; absent: all.
    #[schema(value_type = Option<Vec<String>>)]
    areas: Option<Vec<AreaId>>,
}

/// A version with what is in it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct FormDetail {
    /// The version.
    version: Version,
    /// Names of the files that it was read from.
    files: Vec<String>,
    /// Its questions, texts, skips and checks.
    outline: Outline,
}

/// Every version, form by form, the one uploaded last first.
#[utoipa::path(get, path = "/api/v1/forms", tag = "forms", security(("token" = [])),
    responses((status = 200, body = [Version])))]
pub(in crate::app) async fn list(State(app): State<App>, _: Supervisor) -> Result<Json<Vec<Version>>> {
    Ok(Json(app.read(|tx| stored(store::forms::list(tx))).await?))
}

/// Judges a form and stores it as a draft if it is accepted.
#[utoipa::path(post, path = "/api/v1/forms", tag = "forms", security(("token" = [])),
    params(("name" = String, Query), ("check" = Option<bool>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Report, description = "All problems; `stored` where it was accepted"),
        (status = 409, description = "`version_taken`: another content was published under this version")))]
pub(in crate::app) async fn upload(
    State(app): State<App>,
    Officer(caller): Officer,
    Params(how): Params<How>,
    body: Body,
) -> Result<Json<Report>> {
    let leave = app.gates.form().await?;
    let arrived = receive(&app, body).await?;
    let report = app.blocking(move |app| {
        let _leave = leave;
        let upload = Upload::of_file(&how.name, read(&arrived)?)?;
        if how.check { Ok(upload.judge().report) } else { forms::add(&app.instance, upload, Some(caller.user.id)) }
    });
    let report = report.await?;
    app.check_later();
    Ok(Json(report))
}

/// Adds a form that comes with the program, as a draft.
#[utoipa::path(post, path = "/api/v1/forms/bundled/{id}", tag = "forms", security(("token" = [])),
    params(("id" = String, Path, description = "verification or ppi")),
    responses((status = 200, body = Report), (status = 404)))]
pub(in crate::app) async fn add_bundled(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(name): Id<String>,
) -> Result<Json<Report>> {
    let bundled = Bundled::find(&name).ok_or_else(|| not_found("bundled form"))?;
    let add = move |app: &App| forms::add(&app.instance, Upload::of_bundled(bundled), Some(caller.user.id));
    let report = app.blocking(add).await?;
    app.check_later();
    Ok(Json(report))
}

/// A version with its outline.
#[utoipa::path(get, path = "/api/v1/forms/{id}", tag = "forms", security(("token" = [])),
    params(("id" = String, Path, description = "The package's hash")),
    responses((status = 200, body = FormDetail), (status = 404)))]
pub(in crate::app) async fn one(
    State(app): State<App>,
    _: Supervisor,
    Id(hash): Id<PackageHash>,
) -> Result<Json<FormDetail>> {
    Ok(Json(app.read(move |tx| detail(tx, hash)).await?))
}

fn detail(tx: &Tx<'_>, hash: PackageHash) -> Result<FormDetail> {
    let version = store::forms::find(tx, hash)?.ok_or_else(|| not_found("form"))?;
    let package = store::forms::find_package(tx, hash)?.ok_or_else(|| internal("a version without its package"))?;
    let outline = Outline::of(&Package::from_bytes(&package).map_err(internal)?);
    Ok(FormDetail { version, files: store::forms::list_files(tx, hash)?, outline })
}

/// A file that a version was read from, as it came.
#[utoipa::path(get, path = "/api/v1/forms/{id}/file", tag = "forms", security(("token" = [])),
    params(("id" = String, Path), ("name" = String, Query)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404)))]
pub(in crate::app) async fn file(
    State(app): State<App>,
    _: Officer,
    Path(hash): Path<String>,
    Params(named): Params<Named>,
) -> Result<Response> {
    let hash: PackageHash = hash.parse().map_err(|()| not_found("form"))?;
    let file = app.read(move |tx| store::forms::find_file(tx, hash, &named.name)?.ok_or_else(|| not_found("file")));
    let file = file.await?;
    let plain = |letter: char| if letter.is_ascii_graphic() && !matches!(letter, '"' | '\\') { letter } else { '_' };
    let name: String = file.name.chars().map(plain).collect();
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, file.bytes).into_response())
}

/// Adds or replaces a table beside a draft; the draft is another package then.
#[utoipa::path(post, path = "/api/v1/forms/{id}/tables", tag = "forms", security(("token" = [])),
    params(("id" = String, Path), ("name" = String, Query)),
    request_body(content = Vec<u8>, content_type = "text/csv"),
    responses((status = 200, body = Report), (status = 404),
        (status = 409, description = "`version_taken`: it was published and never changes")))]
pub(in crate::app) async fn put_table(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(hash): Id<PackageHash>,
    Params(named): Params<Named>,
    body: Body,
) -> Result<Json<Report>> {
    let leave = app.gates.form().await?;
    let arrived = receive(&app, body).await?;
    let report = app.blocking(move |app| {
        let _leave = leave;
        let table = File { name: named.name, bytes: read(&arrived)? };
        forms::put_tables(&app.instance, hash, vec![table], Some(caller.user.id))
    });
    let report = report.await?;
    app.check_later();
    Ok(Json(report))
}

/// Publishes a version in areas.
#[utoipa::path(post, path = "/api/v1/forms/{id}/publish", tag = "forms", security(("token" = [])),
    params(("id" = String, Path)), request_body = Publish,
    responses((status = 200, body = Version), (status = 404), (status = 409, description = "`tables_missing`")))]
pub(in crate::app) async fn publish(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(hash): Id<PackageHash>,
    Asked(ask): Asked<Publish>,
) -> Result<Json<Version>> {
    let publish = move |app: &App| forms::publish(&app.instance, hash, ask.areas, Some(caller.user.id));
    Ok(Json(app.blocking(publish).await?))
}

/// Withdraws a version: no device offers it any more. Interviews begun with it are finished with it.
#[utoipa::path(post, path = "/api/v1/forms/{id}/retire", tag = "forms", security(("token" = [])),
    params(("id" = String, Path)), request_body = Retire,
    responses((status = 200, body = Version), (status = 404), (status = 409, description = "`draft`, `not_published`")))]
pub(in crate::app) async fn retire(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(hash): Id<PackageHash>,
    Asked(ask): Asked<Retire>,
) -> Result<Json<Version>> {
    let retire = move |app: &App| forms::retire(&app.instance, hash, ask.areas, Some(caller.user.id));
    Ok(Json(app.blocking(retire).await?))
}

/// Throws a draft away.
#[utoipa::path(post, path = "/api/v1/forms/{id}/discard", tag = "forms", security(("token" = [])),
    params(("id" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 404), (status = 409, description = "`published`")))]
pub(in crate::app) async fn discard(
    State(app): State<App>,
    Officer(caller): Officer,
    Id(hash): Id<PackageHash>,
) -> Result<StatusCode> {
    app.blocking(move |app| forms::discard(&app.instance, hash, Some(caller.user.id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read(arrived: &Arrived) -> Result<Vec<u8>> {
    let bytes = std::fs::metadata(arrived.path()).map_err(internal)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(too_large("too_large", format!("A file may have {} MiB.", FILE_BYTES_MAX >> 20)));
    }
    if bytes == 0 {
        return Err(bad_request("bad_file", "The file is empty."));
    }
    std::fs::read(arrived.path()).map_err(internal)
}
