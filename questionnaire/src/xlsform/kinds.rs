//! What the type cell asks for, in all the spellings of the wild.

use crate::form::{Background, Choices, Kind};
use crate::xlsform::problem::Container;

/// A type cell, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    Begin(Container),
    /// `begin loop over list`: the rows inside once for each choice; `None` where the list is missing.
    BeginLoop(Option<String>),
    End(Container),
    /// A question whose kind needs nothing more than the type.
    Plain(Plain),
    Select(Select),
    Range,
    Audit,
    /// A table beside the form: `csv` or `xml`.
    External(&'static str),
    /// A form in another file.
    Include,
    /// A setting that stands on the survey sheet.
    Setting(&'static str),
    /// One value to be chosen level by level, in a notation that ODK gave up.
    Cascading,
    /// A type of another program.
    Foreign(&'static Foreign),
    Unknown,
}

/// A kind, with what its old spelling implies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plain {
    pub(super) kind: Kind,
    pub(super) implies: Option<&'static Implied>,
    /// Phones no longer tell.
    pub(super) outdated: bool,
}

/// A rule that comes with the type.
#[derive(Debug, PartialEq)]
pub(super) struct Implied {
    pub(super) constraint: &'static str,
    pub(super) hint: &'static str,
}

/// A question that offers choices.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub(super) many: Many,
    /// As written; `None` where it is missing.
    pub(super) list: Option<String>,
    pub(super) from: From,
    pub(super) or_other: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    One,
    Multiple,
    Rank,
}

impl Many {
    pub(super) fn kind(self, choices: Choices) -> Kind {
        match self {
            Many::One => Kind::SelectOne(choices),
            Many::Multiple => Kind::SelectMultiple(choices),
            Many::Rank => Kind::Rank(choices),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Choices,
    ExternalChoices,
    File,
}

/// A type that another program knows.
#[derive(Debug, PartialEq)]
pub(super) struct Foreign {
    pub(super) spelling: &'static str,
    /// Whether a word follows, as in `sensor_stream light_level`.
    pub(super) takes_word: bool,
    pub(super) program: &'static str,
    pub(super) becomes: Becomes,
}

/// How far a foreign type is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Becomes {
    /// A value that stays empty.
    Empty,
    /// Computed like any other calculation.
    Calculation,
    /// Text.
    Text,
    /// It cannot be taken.
    Refused,
}

const FOREIGN: &[Foreign] = &[
    foreign("caseid", false, "SurveyCTO", Becomes::Empty),
    foreign("text audit", false, "SurveyCTO", Becomes::Empty),
    foreign("audio audit", false, "SurveyCTO", Becomes::Empty),
    foreign("comments", false, "SurveyCTO", Becomes::Empty),
    foreign("speed violations list", false, "SurveyCTO", Becomes::Empty),
    foreign("speed violations count", false, "SurveyCTO", Becomes::Empty),
    foreign("speed violations audit", false, "SurveyCTO", Becomes::Empty),
    foreign("sensor statistic", true, "SurveyCTO", Becomes::Empty),
    foreign("sensor stream", true, "SurveyCTO", Becomes::Empty),
    foreign("calculate here", false, "SurveyCTO", Becomes::Calculation),
    foreign("enumerator", false, "SurveyCTO", Becomes::Text),
    foreign("tel", false, "CHT", Becomes::Text),
    foreign("begin kobomatrix", true, "KoboToolbox", Becomes::Refused),
    foreign("begin matrix", true, "KoboToolbox", Becomes::Refused),
    foreign("begin score", true, "KoboToolbox", Becomes::Refused),
    foreign("begin rank", true, "KoboToolbox", Becomes::Refused),
    foreign("end kobomatrix", false, "KoboToolbox", Becomes::Refused),
    foreign("end matrix", false, "KoboToolbox", Becomes::Refused),
    foreign("end score", false, "KoboToolbox", Becomes::Refused),
    foreign("end rank", false, "KoboToolbox", Becomes::Refused),
    foreign("score  row", false, "KoboToolbox", Becomes::Refused),
    foreign("rank  level", false, "KoboToolbox", Becomes::Refused),
];

const fn foreign(spelling: &'static str, takes_word: bool, program: &'static str, becomes: Becomes) -> Foreign {
    Foreign { spelling, takes_word, program, becomes }
}

static PERCENTAGE: Implied = Implied { constraint: "0 <= . and . <= 100", hint: "" };
static DAYS_IN_MONTH: Implied = Implied { constraint: "0 <= . and . <= 31", hint: "Enter a number 0-31." };
static DAYS_IN_SIX_MONTHS: Implied = Implied { constraint: "0 <= . and . <= 183", hint: "Enter a number 0-183." };
static DAYS_IN_YEAR: Implied = Implied { constraint: "0 <= . and . <= 365", hint: "Enter a number 0-365." };
static PHONE: Implied = Implied { constraint: "regex(., '^\\d*$')", hint: "Enter numbers only." };

/// Spellings after which nothing follows, in words: `add_text_prompt` and `ADD text prompt` are one.
/// `add … prompt`, `q …` and `get …` are taken away before.
const PLAIN: &[(&str, Kind)] = &[
    ("note", Kind::Note),
    ("text", Kind::Text),
    ("string", Kind::Text),
    ("integer", Kind::Integer),
    ("int", Kind::Integer),
    ("decimal", Kind::Decimal),
    ("date", Kind::Date),
    ("time", Kind::Time),
    ("datetime", Kind::DateTime),
    ("date time", Kind::DateTime),
    ("acknowledge", Kind::Acknowledge),
    ("trigger", Kind::Acknowledge),
    ("geopoint", Kind::Geopoint),
    ("gps", Kind::Geopoint),
    ("location", Kind::Geopoint),
    ("geotrace", Kind::Geotrace),
    ("geoshape", Kind::Geoshape),
    ("image", Kind::Image),
    ("photo", Kind::Image),
    ("picture", Kind::Image),
    ("audio", Kind::Audio),
    ("video", Kind::Video),
    ("file", Kind::File),
    ("osm", Kind::File),
    ("barcode", Kind::Barcode),
    ("calculate", Kind::Calculate),
    ("hidden", Kind::Hidden),
    ("start", Kind::Background(Background::Start)),
    ("start time", Kind::Background(Background::Start)),
    ("end", Kind::Background(Background::End)),
    ("end time", Kind::Background(Background::End)),
    ("today", Kind::Background(Background::Today)),
    ("deviceid", Kind::Background(Background::DeviceId)),
    ("device id", Kind::Background(Background::DeviceId)),
    ("imei", Kind::Background(Background::DeviceId)),
    ("username", Kind::Background(Background::Username)),
    ("email", Kind::Background(Background::Email)),
    ("phonenumber", Kind::Background(Background::PhoneNumber)),
    ("subscriberid", Kind::Background(Background::SubscriberId)),
    ("subscriber id", Kind::Background(Background::SubscriberId)),
    ("simserial", Kind::Background(Background::SimSerial)),
    ("sim id", Kind::Background(Background::SimSerial)),
    ("background audio", Kind::Background(Background::BackgroundAudio)),
    ("start geopoint", Kind::Background(Background::StartGeopoint)),
    ("background geopoint", Kind::Background(Background::BackgroundGeopoint)),
];

const IMPLYING: &[(&str, Kind, &Implied)] = &[
    ("percentage", Kind::Integer, &PERCENTAGE),
    ("number of days in last month", Kind::Integer, &DAYS_IN_MONTH),
    ("number of days in last six months", Kind::Integer, &DAYS_IN_SIX_MONTHS),
    ("number of days in last year", Kind::Integer, &DAYS_IN_YEAR),
    ("phone number", Kind::Text, &PHONE),
];

/// Spellings after which a list follows, longer ones before those that they begin with.
const SELECTS: &[(&str, Many, From)] = &[
    ("select multiple from file", Many::Multiple, From::File),
    ("select one from file", Many::One, From::File),
    ("select one external", Many::One, From::ExternalChoices),
    ("add select multiple prompt using", Many::Multiple, From::Choices),
    ("add select one prompt using", Many::One, From::Choices),
    ("select all that apply from", Many::Multiple, From::Choices),
    ("select all that apply", Many::Multiple, From::Choices),
    ("select multiple from", Many::Multiple, From::Choices),
    ("select multiple using", Many::Multiple, From::Choices),
    ("select multiple", Many::Multiple, From::Choices),
    ("select one from", Many::One, From::Choices),
    ("select one using", Many::One, From::Choices),
    ("select one", Many::One, From::Choices),
    ("select1", Many::One, From::Choices),
    ("q select1", Many::One, From::Choices),
    ("q select", Many::Multiple, From::Choices),
    ("rank", Many::Rank, From::Choices),
];

const OR_OTHER: &[&str] = &[" or specify other", " or other"];

const CONTAINERS: &[(&str, Container)] = &[
    ("looped group", Container::Repeat),
    ("lgroup", Container::Repeat),
    ("repeat", Container::Repeat),
    ("group", Container::Group),
    ("loop", Container::Loop),
];

const SETTINGS: &[(&str, &str)] = &[
    ("set form title", "form_title"),
    ("form title", "form_title"),
    ("set form id", "form_id"),
    ("form id", "form_id"),
    ("prefix", "prefix"),
];

/// Reads a type cell.
pub(super) fn read(cell: &str) -> Asked {
    let words: Vec<&str> = cell.split_whitespace().collect();
    let text = words.join(" ");
    let folded = fold(&text);
    if let Some(asked) = control(&folded, &words) {
        return asked;
    }
    // `rank__level` is no ranking of a list called _level.
    if let Some(foreign) = foreign_of(&folded).filter(|foreign| foreign.spelling.contains("  ")) {
        return Asked::Foreign(foreign);
    }
    if let Some(asked) = select(&text, &folded) {
        return Asked::Select(asked);
    }
    match folded.as_str() {
        "range" => Asked::Range,
        "audit" => Asked::Audit,
        "csv external" => Asked::External("csv"),
        "xml external" => Asked::External("xml"),
        "include" => Asked::Include,
        _ => other(&folded),
    }
}

fn other(folded: &str) -> Asked {
    if let Some((_, setting)) = SETTINGS.iter().find(|(spelling, _)| *spelling == folded) {
        return Asked::Setting(setting);
    }
    if folded.starts_with("cascading select") {
        return Asked::Cascading;
    }
    if let Some(asked) = plain(folded) {
        return Asked::Plain(asked);
    }
    foreign_of(folded).map_or(Asked::Unknown, Asked::Foreign)
}

fn foreign_of(folded: &str) -> Option<&'static Foreign> {
    FOREIGN.iter().find(|foreign| {
        let rest = folded.strip_prefix(foreign.spelling);
        rest.is_some_and(|rest| rest.is_empty() || (foreign.takes_word && rest.starts_with(' ')))
    })
}

fn plain(folded: &str) -> Option<Plain> {
    // The uri: spellings ask for the same value with its scheme before it.
    let bare = folded.strip_prefix("uri:").unwrap_or(folded);
    if let Some((_, kind, implied)) = IMPLYING.iter().find(|(spelling, ..)| *spelling == bare) {
        return Some(Plain { kind: kind.clone(), implies: Some(implied), outdated: false });
    }
    let bare = match bare {
        "get phone number" => "phonenumber",
        _ => unwrapped(bare),
    };
    // `osm tags` names a list of tags for an editor of maps.
    let bare = if bare.starts_with("osm ") { "osm" } else { bare };
    let (_, kind) = PLAIN.iter().find(|(spelling, _)| *spelling == bare)?;
    let outdated = matches!(kind, Kind::Background(Background::SubscriberId | Background::SimSerial)) || bare == "osm";
    Some(Plain { kind: kind.clone(), implies: None, outdated })
}

/// What stands inside `add … prompt`, after `q` and after `get`.
fn unwrapped(spelling: &str) -> &str {
    let prompt = spelling.strip_prefix("add ").and_then(|rest| rest.strip_suffix(" prompt"));
    prompt.or_else(|| spelling.strip_prefix("q ")).or_else(|| spelling.strip_prefix("get ")).unwrap_or(spelling)
}

fn control(folded: &str, words: &[&str]) -> Option<Asked> {
    let glued = |verb: &str| folded.strip_prefix(verb).map(str::trim_start);
    if let Some(rest) = glued("end")
        && let Some((_, container)) = CONTAINERS.iter().find(|(spelling, _)| *spelling == rest)
    {
        return Some(Asked::End(*container));
    }
    let rest = glued("begin")?;
    let (spelling, container) = CONTAINERS.iter().find(|(spelling, _)| {
        rest.strip_prefix(spelling).is_some_and(|after| after.is_empty() || after.starts_with(' '))
    })?;
    if *container == Container::Loop {
        let named = rest.len() > spelling.len();
        return Some(Asked::BeginLoop(named.then(|| (*words.last().expect("a type has a word")).to_owned())));
    }
    Some(Asked::Begin(*container))
}

fn select(text: &str, folded: &str) -> Option<Select> {
    let (command, many, from) = SELECTS.iter().find(|(spelling, ..)| {
        folded.strip_prefix(spelling).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })?;
    let or_other = OR_OTHER.iter().find(|suffix| folded.ends_with(*suffix));
    // Folding keeps the length of every word, so that the list can be cut out of the text as written.
    let end = text.len() - or_other.map_or(0, |suffix| suffix.len());
    let list = text.get(command.len()..end).unwrap_or_default().trim();
    let list = (!list.is_empty()).then(|| list.to_owned());
    Some(Select { many: *many, list, from: *from, or_other: or_other.is_some() })
}

/// One spelling of `Select_One`, `select-one` and `select one`; byte for byte as long as `text`.
fn fold(text: &str) -> String {
    text.chars().map(|char| if matches!(char, '_' | '-') { ' ' } else { char.to_ascii_lowercase() }).collect()
}

/// Every type that a cell may have been meant to be, in today's spelling.
pub(super) fn known_types() -> impl Iterator<Item = &'static str> {
    const LISTED: &[&str] = &[
        "select_one",
        "select_multiple",
        "select_one_from_file",
        "select_multiple_from_file",
        "select_one_external",
        "rank",
        "range",
        "audit",
        "begin_group",
        "end_group",
        "begin_repeat",
        "end_repeat",
        "csv-external",
        "xml-external",
        "background-audio",
        "start-geopoint",
        "background-geopoint",
    ];
    PLAIN.iter().map(|(spelling, _)| *spelling).filter(|spelling| !spelling.contains(' ')).chain(LISTED.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, expected: Asked) {
        assert_eq!(read(cell), expected, "{cell}");
    }

    fn is_plain(kind: Kind) -> Asked {
        Asked::Plain(Plain { kind, implies: None, outdated: false })
    }

    fn selects(many: Many, list: &str, from: From, or_other: bool) -> Asked {
        Asked::Select(Select { many, list: (!list.is_empty()).then(|| list.to_owned()), from, or_other })
    }

    #[test]
    fn questions_are_known_by_all_their_names() {
        for (cell, kind) in [
            ("text", Kind::Text),
            ("Text ", Kind::Text),
            ("string", Kind::Text),
            ("add text prompt", Kind::Text),
            ("q string", Kind::Text),
            ("int", Kind::Integer),
            ("dateTime", Kind::DateTime),
            ("date time", Kind::DateTime),
            ("q dateTime", Kind::DateTime),
            ("gps", Kind::Geopoint),
            ("q picture", Kind::Image),
            ("photo", Kind::Image),
            ("add image prompt", Kind::Image),
            ("trigger", Kind::Acknowledge),
            ("get start time", Kind::Background(Background::Start)),
            ("end", Kind::Background(Background::End)),
            ("imei", Kind::Background(Background::DeviceId)),
            ("uri:deviceid", Kind::Background(Background::DeviceId)),
            ("get phone number", Kind::Background(Background::PhoneNumber)),
            ("start-geopoint", Kind::Background(Background::StartGeopoint)),
        ] {
            check(cell, is_plain(kind));
        }
    }

    #[test]
    fn old_types_bring_their_rules() {
        check("percentage", Asked::Plain(Plain { kind: Kind::Integer, implies: Some(&PERCENTAGE), outdated: false }));
        check("phone number", Asked::Plain(Plain { kind: Kind::Text, implies: Some(&PHONE), outdated: false }));
        let simserial = Kind::Background(Background::SimSerial);
        check("simserial", Asked::Plain(Plain { kind: simserial, implies: None, outdated: true }));
    }

    #[test]
    fn groups_begin_and_end_in_many_ways() {
        for (cell, expected) in [
            ("begin group", Asked::Begin(Container::Group)),
            ("begin_group", Asked::Begin(Container::Group)),
            ("Begin Group", Asked::Begin(Container::Group)),
            ("begin  repeat", Asked::Begin(Container::Repeat)),
            ("begin_repeat", Asked::Begin(Container::Repeat)),
            ("begin lgroup", Asked::Begin(Container::Repeat)),
            ("begin looped group", Asked::Begin(Container::Repeat)),
            ("begin loop over Toilet_types", Asked::BeginLoop(Some("Toilet_types".into()))),
            ("begin loop", Asked::BeginLoop(None)),
            ("end group", Asked::End(Container::Group)),
            ("endgroup", Asked::End(Container::Group)),
            ("end_repeat", Asked::End(Container::Repeat)),
            ("end loop", Asked::End(Container::Loop)),
        ] {
            check(cell, expected);
        }
    }

    #[test]
    fn selects_keep_the_name_of_their_list_as_written() {
        for (cell, expected) in [
            ("select_one Yes_No", selects(Many::One, "Yes_No", From::Choices, false)),
            ("select one yes-no", selects(Many::One, "yes-no", From::Choices, false)),
            ("Select one from yes_no", selects(Many::One, "yes_no", From::Choices, false)),
            ("select1 sex", selects(Many::One, "sex", From::Choices, false)),
            ("select_multiple  happy_sad", selects(Many::Multiple, "happy_sad", From::Choices, false)),
            ("select all that apply from x or specify other", selects(Many::Multiple, "x", From::Choices, true)),
            ("select_one colors or_other", selects(Many::One, "colors", From::Choices, true)),
            ("select_one_from_file a b.csv", selects(Many::One, "a b.csv", From::File, false)),
            ("select_multiple_from_file x.geojson", selects(Many::Multiple, "x.geojson", From::File, false)),
            ("select_one_external city", selects(Many::One, "city", From::ExternalChoices, false)),
            ("select_one ${name}", selects(Many::One, "${name}", From::Choices, false)),
            ("add select one prompt using x", selects(Many::One, "x", From::Choices, false)),
            ("rank needs", selects(Many::Rank, "needs", From::Choices, false)),
            ("select_one", selects(Many::One, "", From::Choices, false)),
        ] {
            check(cell, expected);
        }
    }

    #[test]
    fn other_programs_types_are_known_as_such() {
        for cell in
            ["caseid", "text audit", "sensor_statistic pct_quiet", "calculate_here", "begin_score", "rank__level"]
        {
            assert!(matches!(read(cell), Asked::Foreign(_)), "{cell}");
        }
        check("country", Asked::Unknown);
        check("", Asked::Unknown);
    }
}
