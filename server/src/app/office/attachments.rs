//! Files that records name and that are not here: by whom, on which device, of which visit.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use sync_protocol::ids::DeviceId;
use sync_protocol::{AreaId, BlobHash, RecordId, UserId};
use utoipa::ToSchema;

use super::super::App;
use super::super::asked::Params;
use super::super::roles::Supervisor;
use super::households::within;
use super::pages::{Page, limit};
use super::view::Names;
use crate::error::{Error, Result, bad_request};
use crate::store::blobs::{self, Missing, Place};

/// Which files.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Which {
    /// Only in and below this area.
    area: Option<AreaId>,
    /// `next` of the page before.
    after: Option<String>,
    /// Items of a page.
    limit: Option<u32>,
}

/// A file that is missing.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct MissingView {
    /// Its hash.
    #[schema(value_type = String)]
    blob: BlobHash,
    /// Its length.
    bytes: u64,
    /// What the answers call it.
    name: String,
    /// The record that names it.
    #[schema(value_type = String)]
    record: RecordId,
    /// In which register.
    register: String,
    /// The household.
    #[schema(value_type = String)]
    household: RecordId,
    /// Where that stands.
    #[schema(value_type = String)]
    area: AreaId,
    /// Who named it.
    #[schema(value_type = Option<String>)]
    author: Option<UserId>,
    /// Their name.
    author_name: String,
    /// On which device: it holds the file, unless that is lost.
    #[schema(value_type = Option<String>)]
    device: Option<DeviceId>,
    /// The device's name.
    device_name: Option<String>,
    /// When it was named; milliseconds since 1970.
    at: i64,
    /// `blob_pending`: its device will send it; `blob_unrecoverable`: its device has lost it.
    state: &'static str,
}

/// Files that records name and that are not here.
#[utoipa::path(get, path = "/api/v1/attachments/missing", tag = "records", security(("token" = [])),
    params(("area" = Option<String>, Query), ("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<MissingView>)))]
pub(in crate::app) async fn missing(
    State(app): State<App>,
    Supervisor(caller): Supervisor,
    Params(which): Params<Which>,
) -> Result<Json<Page<MissingView>>> {
    let within = within(&app, &caller, which.area);
    let after = which.after.as_deref().map(place).transpose()?;
    let limit = limit(which.limit);
    let page = app.read(move |tx| {
        let mut names = Names::new(tx);
        let listed = blobs::list_missing(tx, within, after.as_ref(), limit + 1)?;
        let views = listed.into_iter().map(|missing| view(missing, &mut names)).collect::<Result<Vec<_>>>()?;
        let next = |view: &MissingView| format!("{}~{}~{}", view.record, view.blob, view.register);
        Ok::<_, Error>(Page::of(views, limit, next))
    });
    Ok(Json(page.await?))
}

fn place(after: &str) -> Result<Place> {
    let mut parts = after.splitn(3, '~');
    let place = (|| {
        let (record, hash) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Place { record, register: parts.next()?.to_owned(), hash })
    })();
    place.ok_or_else(|| bad_request("bad_query", "Give back `next` as it was got."))
}

pub(super) fn view(missing: Missing, names: &mut Names<'_, '_>) -> Result<MissingView> {
    let Missing { named, author, writer, device, at, is_lost } = missing;
    let on = names.device(writer)?;
    Ok(MissingView {
        blob: named.hash,
        bytes: named.bytes,
        name: named.name,
        record: named.record,
        register: named.register,
        household: named.root,
        area: named.area,
        author,
        author_name: author.map(|author| names.person(author)).transpose()?.unwrap_or_default(),
        device,
        device_name: on.map(|(_, name)| name),
        at,
        state: if is_lost { "blob_unrecoverable" } else { "blob_pending" },
    })
}
