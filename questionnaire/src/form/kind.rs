//! What a row of the survey sheet asks for.

use serde::{Deserialize, Serialize};

use crate::expr::Formula;
use crate::form::Choices;

/// The kinds of node; the names in the sheets (and their many spellings) are `xlsform`'s business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Questions that belong together.
    Group,
    /// Questions that are asked again for each row; `count` fixes how many rows there are.
    Repeat {
        /// `repeat_count`; without it the enumerator adds rows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<Formula>,
    },
    /// Something to read.
    Note,
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// `2026-08-17`.
    Date,
    /// `08:30:00.000+07:00`.
    Time,
    /// Both, joined by `T`.
    DateTime,
    /// One choice's name.
    SelectOne(Choices),
    /// Names of choices, a space between two.
    SelectMultiple(Choices),
    /// All names of the list in the order of preference, a space between two.
    Rank(Choices),
    /// A number on a scale.
    Range(Range),
    /// `OK` once confirmed.
    Acknowledge,
    /// `lat lon altitude accuracy`, degrees and metres.
    Geopoint,
    /// Points joined by `;`.
    Geotrace,
    /// The same, closed.
    Geoshape,
    /// A photo, drawing or signature; the answer is the file's name.
    Image,
    /// A recording.
    Audio,
    /// A film.
    Video,
    /// Any file.
    File,
    /// A code read by the camera.
    Barcode,
    /// A value that is computed and not shown.
    Calculate,
    /// A value that is kept and not shown.
    Hidden,
    /// A value the device knows.
    Background(Background),
}

impl Kind {
    /// Whether the answer is the name of a file.
    pub fn is_file(&self) -> bool {
        matches!(self, Kind::Image | Kind::Audio | Kind::Video | Kind::File)
    }

    /// The kind's name, as it is in the JSON of a form.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Group => "group",
            Kind::Repeat { .. } => "repeat",
            Kind::Note => "note",
            Kind::Text => "text",
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::DateTime => "date_time",
            Kind::SelectOne(_) => "select_one",
            Kind::SelectMultiple(_) => "select_multiple",
            Kind::Rank(_) => "rank",
            Kind::Range(_) => "range",
            Kind::Acknowledge => "acknowledge",
            Kind::Geopoint => "geopoint",
            Kind::Geotrace => "geotrace",
            Kind::Geoshape => "geoshape",
            Kind::Image => "image",
            Kind::Audio => "audio",
            Kind::Video => "video",
            Kind::File => "file",
            Kind::Barcode => "barcode",
            Kind::Calculate => "calculate",
            Kind::Hidden => "hidden",
            Kind::Background(_) => "background",
        }
    }
}

/// Values the device knows without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Background {
    /// When the interview was begun.
    Start,
    /// When it was last saved.
    End,
    /// The day it was begun.
    Today,
    /// The installation.
    DeviceId,
    /// Who is signed in.
    Username,
    /// The address of who is signed in.
    Email,
    /// The phone's number.
    PhoneNumber,
    /// The SIM's subscriber.
    SubscriberId,
    /// The SIM's serial number.
    SimSerial,
    /// The recording of the interview's course.
    Audit,
    /// A sound recording of the interview.
    BackgroundAudio,
    /// The position where the interview began.
    StartGeopoint,
    /// A position taken when the trigger's question is answered.
    BackgroundGeopoint,
}

/// A scale: `start`, `start + step`, … `end`. Numbers as the sheet writes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The first value, 1 by default.
    pub start: String,
    /// The last value, 10 by default.
    pub end: String,
    /// The distance between two, 1 by default.
    pub step: String,
    /// Whether any of the three has a decimal point.
    pub decimal: bool,
}
