//! What a request asks: its JSON body, its query, the ids in its path; refused in the server's own words.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::App;
use crate::error::{Error, Result, bad_request, not_found, too_large};

/// Bytes of a JSON body of the office or of enrolment.
const JSON_BYTES_MAX: usize = 256 << 10;

/// A JSON body.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Asked<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let bytes = to_bytes(request.into_body(), JSON_BYTES_MAX)
            .await
            .map_err(|_| too_large("too_large", format!("The body may have {JSON_BYTES_MAX} bytes.")))?;
        serde_json::from_slice(&bytes).map(Asked).map_err(|e| {
            // The error's own text may quote the body.
            let place = format!("line {} column {}", e.line(), e.column());
            bad_request("malformed", format!("The body is not the JSON asked for; see {place}."))
        })
    }
}

/// A query string.
#[derive(Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let query = Query::<T>::from_request_parts(parts, app).await;
        query.map(|query| Params(query.0)).map_err(|e| bad_request("bad_query", format!("{}.", e.body_text())))
    }
}

/// The id in the path; what is no id is nothing that exists.
#[derive(Debug)]
pub(super) struct Id<T>(pub(super) T);

impl<T: std::str::FromStr + Send> FromRequestParts<App> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, app).await.map_err(|_| not_found("thing"))?;
        path.0.parse().map(Id).map_err(|_| not_found("thing"))
    }
}
