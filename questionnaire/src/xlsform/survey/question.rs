//! A row that asks for something, or keeps a value silently.

use crate::expr::Formula;
use crate::form::{Background, Initial, Kind, Media, NodeId, TableFile};
use crate::xlsform::columns::Field;
use crate::xlsform::entities::Save;
use crate::xlsform::formulas::{constant, sole_name};
use crate::xlsform::kinds::{Implied, Plain};
use crate::xlsform::parameters;
use crate::xlsform::problem::Fault;
use crate::xlsform::survey::{Draft, Trigger, plain};
use crate::xlsform::table::Entry;

/// Appearances of other programs that this engine has no match for.
const FOREIGN_APPEARANCES: &[(&str, &str)] = &[
    ("pulldata(", "SurveyCTO"),
    ("custom-", "SurveyCTO"),
    ("plug-in", "SurveyCTO"),
    ("show_formatted", "SurveyCTO"),
    ("ex:", "ODK Collect"),
];

impl Draft<'_> {
    pub(super) fn read_plain(&mut self, entry: &Entry, plain: Plain) {
        if plain.outdated {
            self.report.warning(&entry.spot(&Field::Type), Fault::TypeOutdated);
        }
        let kind = self.preloaded(entry, plain.kind);
        let id = self.read_question(entry, kind);
        if let Some(implied) = plain.implies {
            self.imply(id, implied);
        }
    }

    pub(super) fn read_question(&mut self, entry: &Entry, kind: Kind) -> NodeId {
        let id = self.add(entry, kind);
        self.describe(id, entry);
        self.tell_of_missing(id, entry);
        id
    }

    pub(super) fn read_range(&mut self, entry: &Entry) {
        let spot = entry.spot(&Field::Parameters);
        // Told of once, when the row is described.
        let given = parameters::read(entry.text(&Field::Parameters), &spot, &mut Default::default());
        let range = parameters::range(&given, &spot, self.report);
        self.read_question(entry, Kind::Range(range));
    }

    /// The recording of the interview's course has one name in every form.
    pub(super) fn read_audit(&mut self, entry: &Entry) {
        let kind = Kind::Background(Background::Audit);
        let id = self.add_named("audit", kind, entry.number, &entry.spot(&Field::Name));
        self.describe(id, entry);
    }

    pub(super) fn read_external(&mut self, entry: &Entry, ending: &str) {
        let name = self.name_of(entry, &Kind::Hidden);
        self.add_table(&name, &format!("{name}.{ending}"));
    }

    pub(super) fn add_table(&mut self, name: &str, file: &str) {
        if !self.tables.iter().any(|table| table.name == name) {
            self.tables.push(TableFile { name: name.to_owned(), file: file.to_owned() });
        }
    }

    /// Fills in all that the row says of a node.
    pub(super) fn describe(&mut self, id: NodeId, entry: &Entry) {
        let label = self.text_of(entry, &Field::Label);
        let hint = self.text_of(entry, &Field::Hint);
        let guidance = self.text_of(entry, &Field::Guidance);
        let constraint_message = self.text_of(entry, &Field::ConstraintMessage);
        let warning_message = self.text_of(entry, &Field::WarningMessage);
        let required_message = self.text_of(entry, &Field::RequiredMessage);
        let relevant = self.condition(entry, &Field::Relevant);
        let constraint = self.condition(entry, &Field::Constraint);
        let warning = self.condition(entry, &Field::Warning);
        let required = self.truth(entry, &Field::Required);
        let read_only = self.truth(entry, &Field::ReadOnly);
        let calculation = self.calculation(id, entry);
        let default = self.default_of(id, entry);
        let node = self.node_mut(id);
        (node.label, node.hint, node.guidance) = (label, hint, guidance);
        (node.constraint_message, node.warning_message, node.required_message) =
            (constraint_message, warning_message, required_message);
        (node.relevant, node.constraint, node.warning) = (relevant, constraint, warning);
        (node.required, node.read_only) = (required, read_only);
        (node.calculation, node.default) = (calculation, default);
        self.media(id, entry);
        self.appearance(id, entry);
        self.parameters(id, entry);
        self.trigger(id, entry);
        self.save_to(id, entry);
    }

    fn condition(&mut self, entry: &Entry, field: &Field) -> Option<Formula> {
        let text = entry.find(field)?.text.clone();
        self.formulas.read_condition(&text, &entry.spot(field), self.report)
    }

    fn truth(&mut self, entry: &Entry, field: &Field) -> Option<Formula> {
        let text = entry.find(field)?.text.clone();
        self.formulas.read_truth(&text, &entry.spot(field), self.report)
    }

    fn calculation(&mut self, id: NodeId, entry: &Entry) -> Option<Formula> {
        let text = entry.find(&Field::Calculation)?.text.clone();
        let name = self.nodes[id.index()].name.clone();
        self.formulas.read_calculation(&name, &text, &entry.spot(&Field::Calculation), self.report)
    }

    fn default_of(&mut self, id: NodeId, entry: &Entry) -> Option<Initial> {
        let text = entry.find(&Field::Default)?.text.clone();
        let spot = entry.spot(&Field::Default);
        let kind = &self.nodes[id.index()].kind;
        if !super::super::defaults::is_computed(&text, kind) {
            return Some(Initial::Fixed(super::super::defaults::written(&text, kind)));
        }
        match Formula::parse(&text) {
            Ok(_) => self.formulas.read(&text, &spot, self.report).map(Initial::Computed),
            Err(error) => {
                self.report.warning(&spot, Fault::DefaultAsText { why: error.message });
                Some(Initial::Fixed(text.into_owned()))
            }
        }
    }

    fn media(&mut self, id: NodeId, entry: &Entry) {
        for media in [Media::Image, Media::BigImage, Media::Audio, Media::Video] {
            let text = self.text_of(entry, &Field::Media(media));
            if !text.is_empty() {
                self.node_mut(id).media.insert(media, text);
            }
        }
        let node = &self.nodes[id.index()];
        if node.media.contains_key(&Media::BigImage) && !node.media.contains_key(&Media::Image) {
            self.report.warning(&entry.spot(&Field::Media(Media::BigImage)), Fault::BigImageAlone);
        }
    }

    fn appearance(&mut self, id: NodeId, entry: &Entry) {
        let words = words(entry.text(&Field::Appearance));
        for word in &words {
            let foreign = FOREIGN_APPEARANCES.iter().find(|(begin, _)| word.starts_with(begin));
            if let Some((_, program)) = foreign {
                let fault = Fault::AppearanceForeign { word: word.clone(), program };
                self.report.warning(&entry.spot(&Field::Appearance), fault);
            }
        }
        self.node_mut(id).appearance = words;
    }

    fn parameters(&mut self, id: NodeId, entry: &Entry) {
        let spot = entry.spot(&Field::Parameters);
        let mut given = parameters::read(entry.text(&Field::Parameters), &spot, self.report);
        parameters::check(&self.nodes[id.index()].kind, &given, &spot, self.report);
        if let Some(rows) = entry.find(&Field::Rows) {
            given.entry("rows".to_owned()).or_insert_with(|| rows.text.to_string());
        }
        let names: Vec<String> = given.values().filter_map(|value| sole_name(value)).map(str::to_owned).collect();
        if !names.is_empty() {
            self.formulas.remember_names(names, &spot);
        }
        self.node_mut(id).parameters = given;
    }

    fn trigger(&mut self, id: NodeId, entry: &Entry) {
        let Some(cell) = entry.find(&Field::Trigger) else {
            if self.nodes[id.index()].kind == Kind::Background(Background::BackgroundGeopoint) {
                self.report.error(&entry.spot(&Field::Trigger), Fault::TriggerUnreadable);
            }
            return;
        };
        let spot = entry.spot(&Field::Trigger);
        let names: Vec<Option<&str>> = cell.text.split(',').map(sole_name).collect();
        match names.into_iter().collect::<Option<Vec<&str>>>() {
            Some(names) => {
                let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
                self.formulas.remember_names(names.clone(), &spot);
                self.triggers.push(Trigger { node: id, names, spot });
            }
            None => self.report.error(&spot, Fault::TriggerUnreadable),
        }
    }

    fn save_to(&mut self, id: NodeId, entry: &Entry) {
        let Some(cell) = entry.find(&Field::SaveTo) else { return };
        let spot = entry.spot(&Field::SaveTo);
        if matches!(self.nodes[id.index()].kind, Kind::Group | Kind::Repeat { .. }) {
            return self.report.error(&spot, Fault::SaveToOnGroup);
        }
        self.saves.push(Save { node: id, cell: cell.text.to_string(), spot });
    }

    /// A hidden value that the sheet asks the device to fill, in the words of the XForm.
    fn preloaded(&mut self, entry: &Entry, kind: Kind) -> Kind {
        let Some(preload) = entry.find(&Field::Preload) else { return kind };
        let params = entry.text(&Field::PreloadParams).to_lowercase();
        let background = match (preload.text.to_lowercase().as_str(), params.as_str()) {
            ("timestamp", "start") => Background::Start,
            ("timestamp", "end") => Background::End,
            ("date", _) => Background::Today,
            ("property", "deviceid") => Background::DeviceId,
            ("property", "username") => Background::Username,
            ("property", "email") => Background::Email,
            ("property", "phonenumber") => Background::PhoneNumber,
            ("property", "subscriberid") => Background::SubscriberId,
            ("property", "simserial") => Background::SimSerial,
            _ => {
                self.report.warning(&entry.spot(&Field::Preload), Fault::PreloadUnknown);
                return kind;
            }
        };
        Kind::Background(background)
    }

    fn imply(&mut self, id: NodeId, implied: &Implied) {
        let node = self.node_mut(id);
        if node.constraint.is_none() {
            node.constraint = Some(constant(implied.constraint));
        }
        if node.hint.is_empty() && !implied.hint.is_empty() {
            node.hint.set(0, plain(implied.hint));
        }
    }

    /// Tells of what a question cannot be without.
    fn tell_of_missing(&mut self, id: NodeId, entry: &Entry) {
        let node = &self.nodes[id.index()];
        let is_computed = entry.has(&Field::Calculation) || entry.has(&Field::Trigger);
        if node.kind == Kind::Calculate && !is_computed && !entry.has(&Field::Default) {
            self.report.error(&entry.spot(&Field::Calculation), Fault::CalculationMissing);
        }
        let is_silent = matches!(node.kind, Kind::Calculate | Kind::Hidden | Kind::Background(_));
        let has_words = !node.label.is_empty() || !node.hint.is_empty() || !node.media.is_empty();
        if !is_silent && !is_computed && !has_words {
            self.report.warning(&entry.spot(&Field::Label), Fault::LabelMissing);
        }
    }
}

/// The words of an appearance; blanks inside brackets and quotes separate nothing.
pub(super) fn words(cell: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut depth, mut quote) = (0usize, None);
    for char in cell.chars() {
        match (quote, char) {
            (Some(open), _) if char == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if depth > 0 => quote = Some(char),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, _) if char.is_whitespace() && depth == 0 => {
                words.push(String::new());
                continue;
            }
            _ => {}
        }
        words.last_mut().expect("there is always a word").push(char);
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appearance_is_split_outside_of_brackets() {
        assert_eq!(words(" minimal  search('a b', \"(\") w1"), ["minimal", "search('a b', \"(\")", "w1"]);
        assert_eq!(words(""), [""; 0]);
        assert_eq!(words("ex:a.b(c='d e'"), ["ex:a.b(c='d e'"]);
    }
}
