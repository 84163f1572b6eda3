//! What can go wrong on a device, named by what helps.

use sync_protocol::RecordId;

/// The outcome of whatever a device does.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. Messages hold ids and counts, never what a respondent said.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No network, or the server did not answer. Everything is kept; try again later.
    #[error("the server cannot be reached; what was saved is safe on this device")]
    Offline,
    /// The session has ended: the office gives a new code.
    #[error("this device has to be enrolled again with a new code from the office")]
    SignInAgain,
    /// The device was never enrolled.
    #[error("this device is not enrolled yet")]
    NotEnrolled,
    /// There is no room left on the device.
    #[error("there is no room left on this device; free some and save again")]
    DeviceFull,
    /// A newer app is needed.
    #[error("this app is too old; install the newer one, nothing is lost")]
    AppTooOld,
    /// The store's file is damaged. It is never deleted.
    #[error("the data file is damaged; keep it and ask the office")]
    FileDamaged,
    /// The key does not open the file, or its first page is damaged.
    #[error("the key does not open this data file")]
    WrongKey,
    /// Another program holds the file.
    #[error("another program is using the data file")]
    InUse,
    /// The server asks for patience.
    #[error("the server is busy; try again later")]
    Busy {
        /// Seconds to wait, where the server said so.
        retry_after: Option<u32>,
    },
    /// The server refused, and says why.
    #[error("the server refused ({code}): {message}")]
    Refused {
        /// Stable word.
        code: String,
        /// One sentence.
        message: String,
    },
    /// The server's answer breaks the protocol. Nothing of it was used.
    #[error("the server's answer cannot be understood ({0})")]
    BadAnswer(&'static str),
    /// What was to be saved breaks a rule. Nothing was saved.
    #[error("{why}{}", place(*record, register.as_deref()))]
    BadInput {
        /// The record, where it is about one.
        record: Option<RecordId>,
        /// The register, where it is about one.
        register: Option<String>,
        /// The rule, in words.
        why: &'static str,
    },
    /// No such thing on this device.
    #[error("there is no such {0} on this device")]
    NotFound(&'static str),
    /// The store failed in a way that has no remedy of its own.
    #[error("the data file could not be used")]
    Store(#[source] rusqlite::Error),
}

fn place(record: Option<RecordId>, register: Option<&str>) -> String {
    match (record, register) {
        (Some(record), Some(register)) => format!(" (record {record}, register {register})"),
        (Some(record), None) => format!(" (record {record})"),
        (None, Some(register)) => format!(" (register {register})"),
        (None, None) => String::new(),
    }
}

/// Input that concerns no single record.
pub(crate) fn bad_input(why: &'static str) -> Error {
    Error::BadInput { record: None, register: None, why }
}

/// Input that concerns one record.
pub(crate) fn bad_record(record: RecordId, why: &'static str) -> Error {
    Error::BadInput { record: Some(record), register: None, why }
}

/// Input that concerns one register of one record.
pub(crate) fn bad_register(record: RecordId, register: &str, why: &'static str) -> Error {
    Error::BadInput { record: Some(record), register: Some(register.to_owned()), why }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Error {
        use rusqlite::ErrorCode as Kind;
        match e.sqlite_error_code() {
            Some(Kind::DiskFull) => Error::DeviceFull,
            Some(Kind::DatabaseCorrupt | Kind::NotADatabase) => Error::FileDamaged,
            Some(Kind::DatabaseBusy | Kind::DatabaseLocked) => Error::InUse,
            _ => Error::Store(e),
        }
    }
}
