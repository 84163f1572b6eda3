//! The one error of the server: outside a code and a sentence, inside its cause, logged once.

use std::error::Error as StdError;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use sync_protocol::exchange::Refusal;

/// A refusal on its way out. Made by the functions of this module.
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    refusal: Refusal,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// What every fallible step of the server returns.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The code that programs read.
    pub fn code(&self) -> &str {
        &self.refusal.code
    }

    /// The HTTP status it goes out with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Names what went wrong inside; it goes to the log, never outside.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.cause = Some(cause.into());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.refusal.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

fn refusal(status: StatusCode, code: &str, message: impl Into<String>) -> Error {
    Error { status, refusal: Refusal { code: code.to_owned(), message: message.into() }, cause: None }
}

/// The request does not make sense.
pub fn bad_request(code: &'static str, message: impl Into<String>) -> Error {
    refusal(StatusCode::BAD_REQUEST, code, message)
}

/// Who asks is not known.
pub fn unauthorized(code: &'static str, message: impl Into<String>) -> Error {
    refusal(StatusCode::UNAUTHORIZED, code, message)
}

/// Who asks may not.
pub fn forbidden(message: impl Into<String>) -> Error {
    refusal(StatusCode::FORBIDDEN, "forbidden", message)
}

/// Who asks may not, for a reason that programs tell apart.
pub fn forbidden_as(code: &'static str, message: impl Into<String>) -> Error {
    refusal(StatusCode::FORBIDDEN, code, message)
}

/// There is no such thing, or not for who asks.
pub fn not_found(noun: &str) -> Error {
    refusal(StatusCode::NOT_FOUND, "not_found", format!("There is no such {noun}."))
}

/// It is not there, for a reason that programs tell apart.
pub fn not_found_as(code: &'static str, message: impl Into<String>) -> Error {
    refusal(StatusCode::NOT_FOUND, code, message)
}

/// It contradicts what is there.
pub fn conflict(code: &'static str, message: impl Into<String>) -> Error {
    refusal(StatusCode::CONFLICT, code, message)
}

/// A bound is crossed.
pub fn too_large(code: &'static str, message: impl Into<String>) -> Error {
    refusal(StatusCode::PAYLOAD_TOO_LARGE, code, message)
}

/// The body is in a form that is not understood.
pub fn unsupported(message: impl Into<String>) -> Error {
    refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported", message)
}

/// The sender stopped sending.
pub fn stalled() -> Error {
    refusal(StatusCode::REQUEST_TIMEOUT, "stalled", "The request stopped arriving.")
}

/// Too much is going on; it is worth asking again.
pub fn busy() -> Error {
    refusal(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy; ask again in a moment.")
}

/// The disk is full: nothing that was acknowledged is concerned, and it is worth asking again another day.
pub fn no_room() -> Error {
    refusal(StatusCode::INSUFFICIENT_STORAGE, "no_room", "The server has no room left; what was sent before is safe.")
}

/// The disk is nearly full: nothing new is taken in until there is room, and nothing that was acknowledged is concerned.
pub fn no_room_for_saves() -> Error {
    let message = "The server's disk is nearly full: it takes nothing new until the operator has made room. What was sent \
                   before is safe, and what is on the device stays there.";
    refusal(StatusCode::SERVICE_UNAVAILABLE, "no_room", message)
}

/// The server's own fault.
pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed; the operator finds why in its log.")
        .because(cause)
}

/// Seconds after which a busy server is worth asking again.
const RETRY_SECONDS: &str = "2";
/// Seconds after which a server without room is.
const RETRY_ROOM_SECONDS: &str = "300";

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = (self.status.as_u16(), self.code());
        match &self.cause {
            Some(cause) if self.status.is_server_error() => {
                tracing::error!(status, code, cause = chain(cause.as_ref()), "failed");
            }
            Some(cause) => tracing::info!(status, code, cause = chain(cause.as_ref()), "refused"),
            None => tracing::info!(status, code, "refused"),
        }
        let header = match self.status {
            StatusCode::UNAUTHORIZED => Some([(WWW_AUTHENTICATE, "Bearer")]),
            StatusCode::SERVICE_UNAVAILABLE if self.code() == "no_room" => Some([(RETRY_AFTER, RETRY_ROOM_SECONDS)]),
            StatusCode::SERVICE_UNAVAILABLE => Some([(RETRY_AFTER, RETRY_SECONDS)]),
            _ => None,
        };
        (self.status, header, Json(self.refusal)).into_response()
    }
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

impl From<crate::store::db::Error> for Error {
    fn from(cause: crate::store::db::Error) -> Error {
        internal(cause)
    }
}
