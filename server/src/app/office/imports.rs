//! Imports: a file as the body, how to read it in the query; preview, dry run and run.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use serde::Deserialize;

use super::super::App;
use super::super::asked::Params;
use super::super::roles::Officer;
use super::arriving::receive;
use crate::error::{Error, Result, bad_request, internal, too_large};
use crate::import::findings::BadRows;
use crate::import::limits::OUTLINES_BYTES_MAX;
use crate::import::mapping::{Mapping, Preview};
use crate::import::sheet::{SheetChoice, SheetError, SheetFile};
use crate::tables::Mode;
use crate::tables::area_tables::{AreasReport, import_areas};
use crate::tables::outline_files::{OutlinesReport, import_outlines};
use crate::tables::prelists::{PrelistImport, PrelistReport, check_source, import_prelist};

/// How a file is imported.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct How {
    /// The file's name, as findings show it.
    name: String,
    /// Write; otherwise only say what would happen.
    #[serde(default)]
    apply: bool,
    /// Leave out what is bad and import the rest; otherwise one error stops everything.
    #[serde(default)]
    skip_bad: bool,
    /// The property of outlines that holds an area's code.
    code_property: Option<String>,
    /// Short name of a prelist's source.
    source: Option<String>,
    /// A prelist's sheet, by name.
    sheet: Option<String>,
    /// A prelist's column mapping, as JSON; guessed where absent.
    mapping: Option<String>,
}

impl How {
    fn mode(&self) -> Mode {
        if self.apply { Mode::Apply } else { Mode::DryRun }
    }

    fn bad(&self) -> BadRows {
        if self.skip_bad { BadRows::Skip } else { BadRows::RefuseAll }
    }

    fn sheet(&self) -> SheetChoice {
        self.sheet.clone().map_or(SheetChoice::BestHeader, SheetChoice::Name)
    }

    fn mapping(&self) -> Result<Option<Mapping>> {
        let mapping = self.mapping.as_deref().map(serde_json::from_str).transpose();
        mapping.map_err(|_| bad_request("bad_mapping", "The mapping is not one that a preview gave."))
    }
}

impl From<SheetError> for Error {
    fn from(problem: SheetError) -> Error {
        match &problem {
            SheetError::Io(_) => internal(problem),
            SheetError::TooLarge { .. } => too_large("too_large", format!("It cannot be imported: {problem}.")),
            _ => bad_request("bad_file", format!("It cannot be imported: {problem}.")),
        }
    }
}

/// Imports a table of areas; without `apply` only says what would happen.
#[utoipa::path(post, path = "/api/v1/imports/areas", tag = "files", security(("token" = [])),
    params(("name" = String, Query), ("apply" = Option<bool>, Query), ("skip_bad" = Option<bool>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "`written`, counts, and findings place by place")))]
pub(in crate::app) async fn areas(
    State(app): State<App>,
    Officer(caller): Officer,
    Params(how): Params<How>,
    body: Body,
) -> Result<Json<AreasReport>> {
    let arrived = receive(&app, body).await?;
    let report = app.blocking(move |app| {
        let mut file = SheetFile::open_as(&how.name, arrived.path())?;
        Ok(import_areas(&app.instance, &mut file, how.bad(), how.mode(), Some(caller.user.id))?)
    });
    Ok(Json(report.await?))
}

/// Imports outlines of areas from GeoJSON.
#[utoipa::path(post, path = "/api/v1/imports/outlines", tag = "files", security(("token" = [])),
    params(("name" = String, Query), ("apply" = Option<bool>, Query), ("skip_bad" = Option<bool>, Query),
        ("code_property" = Option<String>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "`written`, counts, and findings place by place")))]
pub(in crate::app) async fn outlines(
    State(app): State<App>,
    Officer(caller): Officer,
    Params(how): Params<How>,
    body: Body,
) -> Result<Json<OutlinesReport>> {
    let arrived = receive(&app, body).await?;
    let report = app.blocking(move |app| {
        let bytes = std::fs::metadata(arrived.path()).map_err(internal)?.len();
        if bytes > OUTLINES_BYTES_MAX {
            return Err(too_large("too_large", format!("Outlines may have {} MiB.", OUTLINES_BYTES_MAX >> 20)));
        }
        let bytes = std::fs::read(arrived.path()).map_err(internal)?;
        let (property, by) = (how.code_property.as_deref(), Some(caller.user.id));
        Ok(import_outlines(&app.instance, &how.name, &bytes, property, how.bad(), how.mode(), by)?)
    });
    Ok(Json(report.await?))
}

/// The first 20 rows of a prelist with the mapping of its columns, to be checked and given back.
#[utoipa::path(post, path = "/api/v1/imports/prelist/preview", tag = "files", security(("token" = [])),
    params(("name" = String, Query), ("sheet" = Option<String>, Query), ("mapping" = Option<String>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "Sheets, header, mapping, rows")))]
pub(in crate::app) async fn preview(
    State(app): State<App>,
    _: Officer,
    Params(how): Params<How>,
    body: Body,
) -> Result<Json<Preview>> {
    let arrived = receive(&app, body).await?;
    let preview = app.blocking(move |_| {
        let mut file = SheetFile::open_as(&how.name, arrived.path())?;
        Ok(Preview::read(&mut file, how.mapping()?, &how.sheet())?)
    });
    Ok(Json(preview.await?))
}

/// Imports a prelist; without `apply` only says what would happen. The same file again writes nothing.
#[utoipa::path(post, path = "/api/v1/imports/prelist", tag = "files", security(("token" = [])),
    params(("name" = String, Query), ("source" = String, Query), ("apply" = Option<bool>, Query),
        ("skip_bad" = Option<bool>, Query), ("sheet" = Option<String>, Query), ("mapping" = Option<String>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = serde_json::Value, description = "`written`, counts, and findings place by place")))]
pub(in crate::app) async fn prelist(
    State(app): State<App>,
    Officer(caller): Officer,
    Params(how): Params<How>,
    body: Body,
) -> Result<Json<PrelistReport>> {
    let source = how.source.clone().unwrap_or_default();
    check_source(&source).map_err(|e| bad_request("bad_source", format!("The source is missing: {e}.")))?;
    let arrived = receive(&app, body).await?;
    let report = app.blocking(move |app| {
        let mut file = SheetFile::open_as(&how.name, arrived.path())?;
        let mapping = Preview::read(&mut file, how.mapping()?, &how.sheet())?.mapping;
        let (bad, mode, author) = (how.bad(), how.mode(), caller.user.id);
        let import = PrelistImport { source: &source, mapping: &mapping, bad, mode, author };
        let hub = Arc::clone(&app.hub);
        Ok(import_prelist(&app.instance, &hub, &mut file, import, &mut |_| {})?)
    });
    let report = report.await?;
    app.check_later();
    Ok(Json(report))
}
