//! The administrative tree.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sync_protocol::AreaId;
use utoipa::ToSchema;

use super::super::asked::{Id, Params};
use super::super::roles::Supervisor;
use super::super::{App, stored};
use crate::error::{Error, Result, not_found};
use crate::store::areas::{self, Area};
use crate::store::outlines;

/// Which part of the tree.
#[derive(Debug, Deserialize)]
pub(in crate::app) struct Below {
    /// Only what lies directly below this area; absent: the whole tree.
    parent: Option<AreaId>,
}

/// An area with what stands around it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::app) struct AreaDetail {
    /// The area and everything above it, from the area up.
    ancestry: Vec<Area>,
    /// What lies directly below it.
    below: Vec<Area>,
    /// What became of it, if it was split or merged.
    #[schema(value_type = Vec<String>)]
    successors: Vec<AreaId>,
    /// A GeoJSON geometry.
    #[schema(value_type = Option<Object>)]
    outline: Option<Box<RawValue>>,
}

/// The tree, by code.
#[utoipa::path(get, path = "/api/v1/areas", tag = "areas", security(("token" = [])),
    params(("parent" = Option<String>, Query)), responses((status = 200, body = [Area])))]
pub(in crate::app) async fn list(
    State(app): State<App>,
    _: Supervisor,
    Params(below): Params<Below>,
) -> Result<Json<Vec<Area>>> {
    let list = app.read(move |tx| {
        stored(below.parent.map_or_else(|| areas::list(tx), |parent| areas::list_below(tx, Some(parent))))
    });
    Ok(Json(list.await?))
}

/// One area with what stands around it.
#[utoipa::path(get, path = "/api/v1/areas/{id}", tag = "areas", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, body = AreaDetail), (status = 404)))]
pub(in crate::app) async fn one(State(app): State<App>, _: Supervisor, Id(id): Id<AreaId>) -> Result<Json<AreaDetail>> {
    let detail = app.read(move |tx| {
        let ancestry = areas::list_ancestry(tx, id)?;
        if ancestry.is_empty() {
            return Err(not_found("area"));
        }
        let outline = outlines::find(tx, id)?.map(RawValue::from_string).transpose().map_err(crate::error::internal)?;
        Ok::<_, Error>(AreaDetail {
            ancestry,
            below: areas::list_below(tx, Some(id))?,
            successors: areas::list_successors(tx, id)?,
            outline,
        })
    });
    Ok(Json(detail.await?))
}
