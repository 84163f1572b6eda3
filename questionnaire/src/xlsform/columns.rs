//! What the headers of a sheet mean, in all the spellings of the wild.

use crate::form::Media;
use crate::sheet::{Row, Sheet};

/// What a column is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Type,
    Name,
    ListName,
    Label,
    Hint,
    Guidance,
    Media(Media),
    Required,
    RequiredMessage,
    Relevant,
    Constraint,
    ConstraintMessage,
    Warning,
    WarningMessage,
    Calculation,
    Default,
    ChoiceFilter,
    Appearance,
    ReadOnly,
    Trigger,
    Parameters,
    RepeatCount,
    SaveTo,
    Disabled,
    /// Lines of a text field, nowadays a parameter.
    Rows,
    Preload,
    PreloadParams,
    EntityId,
    CreateIf,
    UpdateIf,
    EntityRepeat,
    /// Known to other programs; this engine does not act on it.
    Kept,
    /// Made by SurveyCTO for a watch over the enumerator that this engine does not keep.
    Foreign,
    /// A column of its author's own, with its header as written.
    Own(String),
}

/// A column: what it is for, in which language, and what its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) field: Field,
    /// As the header has it; `None` where it names none.
    pub(super) language: Option<String>,
    pub(super) header: String,
    pub(super) column: u32,
}

/// Which sheet's headers are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Survey,
    Choices,
    Entities,
}

/// Spellings on the survey sheet. A two-part spelling such as `bind::relevant` stands with a colon between the parts.
const SURVEY: &[(&str, Field)] = &[
    ("type", Field::Type),
    ("command", Field::Type),
    ("name", Field::Name),
    ("tag", Field::Name),
    ("value", Field::Name),
    ("label", Field::Label),
    ("caption", Field::Label),
    ("hint", Field::Hint),
    ("guidance_hint", Field::Guidance),
    ("guidance", Field::Guidance),
    ("required", Field::Required),
    ("bind:required", Field::Required),
    ("required_message", Field::RequiredMessage),
    ("requiredmsg", Field::RequiredMessage),
    ("required_msg", Field::RequiredMessage),
    ("bind:jr:requiredmsg", Field::RequiredMessage),
    ("relevant", Field::Relevant),
    ("relevance", Field::Relevant),
    ("bind:relevant", Field::Relevant),
    ("constraint", Field::Constraint),
    ("bind:constraint", Field::Constraint),
    ("constraint_message", Field::ConstraintMessage),
    ("constraining_message", Field::ConstraintMessage),
    ("constraint_msg", Field::ConstraintMessage),
    ("constraintmsg", Field::ConstraintMessage),
    ("bind:jr:constraintmsg", Field::ConstraintMessage),
    ("warning", Field::Warning),
    ("warning_message", Field::WarningMessage),
    ("calculation", Field::Calculation),
    ("calculate", Field::Calculation),
    ("bind:calculate", Field::Calculation),
    ("default", Field::Default),
    ("choice_filter", Field::ChoiceFilter),
    ("appearance", Field::Appearance),
    ("control:appearance", Field::Appearance),
    ("body:appearance", Field::Appearance),
    ("read_only", Field::ReadOnly),
    ("readonly", Field::ReadOnly),
    ("bind:readonly", Field::ReadOnly),
    ("trigger", Field::Trigger),
    ("parameters", Field::Parameters),
    ("repeat_count", Field::RepeatCount),
    ("count", Field::RepeatCount),
    ("jr:count", Field::RepeatCount),
    ("control:jr:count", Field::RepeatCount),
    ("body:jr:count", Field::RepeatCount),
    ("save_to", Field::SaveTo),
    ("bind:entities:saveto", Field::SaveTo),
    ("disabled", Field::Disabled),
    ("rows", Field::Rows),
    ("control:rows", Field::Rows),
    ("body:rows", Field::Rows),
    ("bind:jr:preload", Field::Preload),
    ("bind:jr:preloadparams", Field::PreloadParams),
    ("minimum_seconds", Field::Foreign),
    ("accuracy_threshold", Field::Kept),
    ("response_note", Field::Kept),
    ("publishable", Field::Kept),
    ("autoplay", Field::Kept),
    ("intent", Field::Kept),
    ("noapperrorstring", Field::Kept),
    ("no_app_error_string", Field::Kept),
    ("compact_tag", Field::Kept),
    ("sms_field", Field::Kept),
    ("sms_option", Field::Kept),
    ("sms_separator", Field::Kept),
    ("sms_allow_media", Field::Kept),
    ("sms_date_format", Field::Kept),
    ("sms_datetime_format", Field::Kept),
    ("sms_response", Field::Kept),
];

const CHOICES: &[(&str, Field)] = &[
    ("list_name", Field::ListName),
    ("name", Field::Name),
    ("value", Field::Name),
    ("label", Field::Label),
    ("caption", Field::Label),
    ("sms_option", Field::Kept),
];

const ENTITIES: &[(&str, Field)] = &[
    ("list_name", Field::ListName),
    ("dataset", Field::ListName),
    ("entity_id", Field::EntityId),
    ("create_if", Field::CreateIf),
    ("update_if", Field::UpdateIf),
    ("label", Field::Label),
    ("repeat", Field::EntityRepeat),
];

const MEDIA: &[(&str, Media)] =
    &[("image", Media::Image), ("big-image", Media::BigImage), ("audio", Media::Audio), ("video", Media::Video)];

/// Namespaces whose columns go into the XForm of other programs as they are.
const KEPT_NAMESPACES: &[&str] = &["bind", "body", "control", "instance", "attribute", "cht", "kobo", "hxl"];

impl Part {
    fn spellings(self) -> &'static [(&'static str, Field)] {
        match self {
            Part::Survey => SURVEY,
            Part::Choices => CHOICES,
            Part::Entities => ENTITIES,
        }
    }

    /// Every spelling that a header may have been meant to be.
    pub(super) fn known_headers(self) -> impl Iterator<Item = &'static str> {
        let media = MEDIA.iter().map(|(name, _)| *name).filter(move |_| self != Part::Entities);
        self.spellings().iter().map(|(spelling, _)| *spelling).filter(|spelling| !spelling.contains(':')).chain(media)
    }
}

/// Reads one header.
pub(super) fn read(part: Part, header: &str, column: u32) -> Heading {
    let header = header.split_whitespace().collect::<Vec<_>>().join(" ");
    let tokens = tokens_of(&header);
    let (field, used) = field_of(part, &tokens).unwrap_or_else(|| (Field::Own(header.clone()), tokens.len()));
    let rest = tokens[used..].join("::");
    // `label::` is what remains of a language that was taken away.
    let language = (takes_language(&field) && !rest.is_empty()).then_some(rest);
    Heading { field, language, header, column }
}

/// The parts of a header between `::` or, as one wrote before, `:`.
fn tokens_of(header: &str) -> Vec<String> {
    let parts: Vec<&str> =
        if header.contains("::") { header.split("::").collect() } else { header.split(':').collect() };
    let mut tokens: Vec<String> = Vec::new();
    for part in parts.into_iter().map(str::trim) {
        match tokens.last_mut() {
            // The prefix of an XML namespace belongs to the name after it.
            Some(last) if last == "jr" || last == "entities" => *last = format!("{last}:{part}"),
            _ => tokens.push(part.to_owned()),
        }
    }
    tokens
}

/// The field that the first tokens name, and how many they are.
fn field_of(part: Part, tokens: &[String]) -> Option<(Field, usize)> {
    let first = folded(&tokens[0]);
    let second = tokens.get(1).map(|token| folded(token));
    if let Some(second) = &second {
        let joined = format!("{first}:{second}");
        if let Some(field) = lookup(part, &joined) {
            return Some((field, 2));
        }
        if first == "media" && part != Part::Entities {
            return media_of(second).map(|media| (Field::Media(media), 2));
        }
    }
    if let Some(field) = lookup(part, &first) {
        return Some((field, 1));
    }
    if let Some(media) = media_of(&first).filter(|_| part != Part::Entities) {
        return Some((Field::Media(media), 1));
    }
    let kept = part == Part::Survey && second.is_some() && KEPT_NAMESPACES.contains(&first.as_str());
    kept.then_some((Field::Kept, tokens.len()))
}

fn lookup(part: Part, spelling: &str) -> Option<Field> {
    part.spellings().iter().find(|(known, _)| *known == spelling).map(|(_, field)| field.clone())
}

fn media_of(name: &str) -> Option<Media> {
    MEDIA.iter().find(|(known, _)| *known == name || known.replace('-', "_") == name).map(|(_, media)| *media)
}

/// One spelling of `Read only`, `read-only` and `READ_ONLY`.
fn folded(token: &str) -> String {
    let words = token.split([' ', '_']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_").to_lowercase();
    if words == "big-image" { words } else { words.replace('-', "_") }
}

fn takes_language(field: &Field) -> bool {
    matches!(
        field,
        Field::Label
            | Field::Hint
            | Field::Guidance
            | Field::Media(_)
            | Field::RequiredMessage
            | Field::ConstraintMessage
            | Field::WarningMessage
    )
}

/// The row of headers: the first row, or a later one near the top that has what a header must have.
pub(super) fn header_row(part: Part, sheet: &Sheet) -> Option<&Row> {
    let needed = match part {
        Part::Survey => Field::Type,
        Part::Choices => Field::Name,
        Part::Entities => Field::ListName,
    };
    let has_needed = |row: &&Row| row.cells.iter().any(|cell| read(part, &cell.text, cell.column).field == needed);
    let near_top = sheet.rows.iter().take_while(|row| row.number <= HEADER_ROWS_MAX);
    near_top.clone().find(has_needed).or_else(|| sheet.rows.first())
}

/// Rows from the top among which the headers are looked for.
const HEADER_ROWS_MAX: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(part: Part, header: &str, field: Field, language: Option<&str>) {
        let heading = read(part, header, 0);
        assert_eq!((heading.field, heading.language.as_deref()), (field, language), "{header}");
    }

    #[test]
    fn survey_headers_are_read_in_every_spelling() {
        for (header, field, language) in [
            ("type", Field::Type, None),
            (" TYPE ", Field::Type, None),
            ("label", Field::Label, None),
            ("caption", Field::Label, None),
            ("label::English (en)", Field::Label, Some("English (en)")),
            ("LABEL::EN", Field::Label, Some("EN")),
            ("label:english", Field::Label, Some("english")),
            ("label: Hiligaynon", Field::Label, Some("Hiligaynon")),
            ("label::", Field::Label, None),
            ("label::العربية", Field::Label, Some("العربية")),
            ("image", Field::Media(Media::Image), None),
            ("image::english", Field::Media(Media::Image), Some("english")),
            ("media::image", Field::Media(Media::Image), None),
            ("media:image:english", Field::Media(Media::Image), Some("english")),
            ("media::audio::chinese", Field::Media(Media::Audio), Some("chinese")),
            ("big-image::id", Field::Media(Media::BigImage), Some("id")),
            ("relevance", Field::Relevant, None),
            ("bind:relevant", Field::Relevant, None),
            ("bind::Relevant", Field::Relevant, None),
            ("read only", Field::ReadOnly, None),
            ("read_only", Field::ReadOnly, None),
            ("readonly", Field::ReadOnly, None),
            ("constraint message:spanish", Field::ConstraintMessage, Some("spanish")),
            ("constraint-msg", Field::ConstraintMessage, None),
            ("bind:jr:constraintMsg", Field::ConstraintMessage, None),
            ("bind::jr:constraintMsg::French (fr)", Field::ConstraintMessage, Some("French (fr)")),
            ("required message: languagename", Field::RequiredMessage, Some("languagename")),
            ("requiredMsg", Field::RequiredMessage, None),
            ("jr:count", Field::RepeatCount, None),
            ("repeat_count", Field::RepeatCount, None),
            ("bind::jr:preload", Field::Preload, None),
            ("save_to", Field::SaveTo, None),
            ("bind::saveIncomplete", Field::Kept, None),
            ("instance::abc:xyz", Field::Kept, None),
            ("minimum_seconds", Field::Foreign, None),
            ("$given_name", Field::Own("$given_name".into()), None),
            ("Notes  UNICEF", Field::Own("Notes UNICEF".into()), None),
        ] {
            check(Part::Survey, header, field, language);
        }
    }

    #[test]
    fn choice_headers_keep_their_authors_own_spelling() {
        check(Part::Choices, "list name", Field::ListName, None);
        check(Part::Choices, "LIST_NAME", Field::ListName, None);
        check(Part::Choices, "value", Field::Name, None);
        check(Part::Choices, "County", Field::Own("County".into()), None);
        check(Part::Choices, "media::image", Field::Media(Media::Image), None);
    }

    #[test]
    fn the_headers_may_stand_below_a_title() {
        let sheet = Sheet::of("survey", [vec!["My survey"], vec![], vec!["type", "name"], vec!["text", "q"]]);
        assert_eq!(header_row(Part::Survey, &sheet).map(|row| row.number), Some(3));
    }
}
