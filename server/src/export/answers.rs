//! The answers of visits as flat tables, one form version at a time: one row a visit, one row a repeat's row, one row an
//! event of the interview. Columns are called as ODK calls them.

use questionnaire::form::{Background, Form, Kind, NodeId};
use questionnaire::interview::Trail;
use serde_json::Value as Json;
use sync_protocol::RecordId;

use super::area_paths::AreaPath;
use super::cells::ExportCell;
use super::labels::label;
use super::shown_values::Wording;

/// Which table of a form's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One row a visit: all that is asked once.
    Visits,
    /// One row a row of this repeat.
    Rows(NodeId),
    /// One row an event, in the columns of ODK's `audit.csv`.
    Audit,
}

/// The name of [`Part::Visits`].
pub const VISITS: &str = "visits";
/// The name of [`Part::Audit`].
pub const AUDIT: &str = "audit";

impl Part {
    /// The tables of a form by name; a repeat is called by its path, with points between.
    pub fn list(form: &Form) -> Vec<(String, Part)> {
        let repeats = form.ids().filter(|&id| matches!(form.node(id).kind, Kind::Repeat { .. }));
        let named = repeats.map(|id| (names(form, id, NodeId::ROOT).join("."), Part::Rows(id)));
        let visits = std::iter::once((VISITS.to_owned(), Part::Visits));
        visits.chain(named).chain([(AUDIT.to_owned(), Part::Audit)]).collect()
    }
}

/// A visit that was made with the form.
#[derive(Debug)]
pub struct VisitAnswers<'a> {
    /// The visit.
    pub visit: RecordId,
    /// Its household.
    pub household: RecordId,
    /// Where that stands.
    pub area: &'a AreaPath,
    /// Who held it.
    pub author: String,
    /// When it began and ended; milliseconds since 1970.
    pub held: [Option<i64>; 2],
    /// All answers.
    pub answers: Json,
    /// What happened.
    pub trail: Option<Trail>,
}

/// The columns of one table.
#[derive(Debug)]
pub struct AnswersLayout<'f> {
    form: &'f Form,
    part: Part,
    wording: Wording,
    questions: Vec<NodeId>,
}

const LEADING: [&str; 10] = [
    "visit",
    "household",
    "area_code",
    "district",
    "village",
    "area_rw",
    "area_rt",
    "author",
    "started_at",
    "ended_at",
];
const OF_ROW: [&str; 4] = ["visit", "parent_row", "row", "place"];
const OF_EVENT: [&str; 9] =
    ["visit", "event", "node", "start", "end", "old-value", "new-value", "user", "milliseconds"];
const OF_POINT: [&str; 4] = ["Latitude", "Longitude", "Altitude", "Accuracy"];

impl<'f> AnswersLayout<'f> {
    /// A table of the form.
    pub fn new(form: &'f Form, part: Part, wording: Wording) -> AnswersLayout<'f> {
        let repeat = if let Part::Rows(repeat) = part { Some(repeat) } else { None };
        let has_answer = |id: &NodeId| {
            !matches!(
                form.node(*id).kind,
                Kind::Group | Kind::Repeat { .. } | Kind::Note | Kind::Background(Background::Audit)
            )
        };
        let questions = form.ids().skip(1).filter(|&id| form.repeat_around(id) == repeat).filter(has_answer).collect();
        AnswersLayout { form, part, wording, questions }
    }

    /// The sheet's title, within what a workbook allows.
    pub fn title(&self) -> String {
        let name = match self.part {
            Part::Visits => label(VISITS, self.wording.language).to_owned(),
            Part::Rows(repeat) => self.form.node(repeat).name.clone(),
            Part::Audit => AUDIT.to_owned(),
        };
        name.chars().take(25).collect()
    }

    /// The names of the columns.
    pub fn header(&self) -> Vec<String> {
        let words = |keys: &[&str]| keys.iter().map(|key| label(key, self.wording.language).to_owned()).collect();
        let (mut header, scope): (Vec<String>, NodeId) = match self.part {
            Part::Visits => (words(&LEADING), NodeId::ROOT),
            Part::Rows(repeat) => (words(&OF_ROW), repeat),
            Part::Audit => return words(&OF_EVENT),
        };
        if let Part::Rows(repeat) = self.part {
            header.extend(self.entities(repeat).map(|list| label(list, self.wording.language).to_owned()));
        }
        for &question in &self.questions {
            let name = names(self.form, question, scope).join("-");
            match self.form.node(question).kind {
                Kind::Geopoint => header.extend(OF_POINT.map(|part| format!("{name}-{part}"))),
                _ => header.push(name),
            }
        }
        header
    }

    /// The rows that a visit gives this table.
    pub fn rows(&self, visit: &VisitAnswers<'_>) -> Vec<Vec<ExportCell>> {
        match self.part {
            Part::Visits => vec![self.visit_row(visit)],
            Part::Rows(repeat) => self.repeat_rows(repeat, visit),
            Part::Audit => visit.trail.iter().flat_map(|trail| self.events(visit, trail)).collect(),
        }
    }

    fn visit_row(&self, visit: &VisitAnswers<'_>) -> Vec<ExportCell> {
        let AreaPath { code, district, village, rw, rt } = visit.area;
        let mut cells = vec![ExportCell::text(visit.visit.to_string()), ExportCell::text(visit.household.to_string())];
        cells.extend([code, district, village, rw, rt].map(ExportCell::text));
        cells.push(ExportCell::text(visit.author.as_str()));
        cells.extend(visit.held.map(|at| at.map_or(ExportCell::Empty, |at| ExportCell::text(self.wording.moment(at)))));
        self.add_answers(&visit.answers, NodeId::ROOT, &mut cells);
        cells
    }

    fn repeat_rows(&self, repeat: NodeId, visit: &VisitAnswers<'_>) -> Vec<Vec<ExportCell>> {
        let mut around: Vec<NodeId> = std::iter::successors(Some(repeat), |&at| self.form.repeat_around(at)).collect();
        around.reverse();
        let mut rows = vec![(&visit.answers, "", 0)];
        let mut scope = NodeId::ROOT;
        for repeat in around {
            let names = names(self.form, repeat, scope);
            rows = rows.into_iter().flat_map(|(json, ..)| inner_rows(json, &names)).collect();
            scope = repeat;
        }
        let cells = |(json, parent, place): (&Json, &str, i64)| {
            let text = |json: &Json| ExportCell::text(json.as_str().unwrap_or(""));
            let mut cells = vec![ExportCell::text(visit.visit.to_string()), ExportCell::text(parent)];
            cells.extend([text(&json["@row"]), ExportCell::Number(place)]);
            cells.extend(self.entities(repeat).map(|list| text(&json["@entities"][list])));
            self.add_answers(json, repeat, &mut cells);
            cells
        };
        rows.into_iter().map(cells).collect()
    }

    /// Whom the rows of a repeat are about.
    fn entities(&self, repeat: NodeId) -> impl Iterator<Item = &str> {
        self.form.entities.iter().filter(move |entity| entity.scope == repeat).map(|entity| entity.list.as_str())
    }

    fn add_answers(&self, json: &Json, scope: NodeId, cells: &mut Vec<ExportCell>) {
        for &question in &self.questions {
            let answer = names(self.form, question, scope).iter().try_fold(json, |json, name| json.get(name));
            match self.form.node(question).kind {
                Kind::Geopoint => {
                    let text = answer.and_then(Json::as_str).unwrap_or("");
                    let mut parts = text.split_whitespace();
                    cells.extend(OF_POINT.map(|_| ExportCell::text(parts.next().unwrap_or(""))));
                }
                _ => cells.push(cell(answer)),
            }
        }
    }

    fn events(&self, visit: &VisitAnswers<'_>, trail: &Trail) -> Vec<Vec<ExportCell>> {
        let event = |event: &questionnaire::interview::Event| {
            let text = |text: &Option<String>| ExportCell::text(text.as_deref().unwrap_or(""));
            vec![
                ExportCell::text(visit.visit.to_string()),
                ExportCell::text(event.what.audit_name()),
                ExportCell::text(event.node.as_str()),
                ExportCell::Number(event.start),
                event.end.map_or(ExportCell::Empty, ExportCell::Number),
                text(&event.old),
                text(&event.new),
                text(&trail.user),
                event.end.map_or(ExportCell::Empty, |end| ExportCell::Number(end - event.start)),
            ]
        };
        trail.events.iter().map(event).collect()
    }
}

/// Names from below `scope` down to a node.
fn names(form: &Form, node: NodeId, scope: NodeId) -> Vec<&str> {
    let around = form.ancestors(node).take_while(|&at| at != scope);
    let mut names: Vec<&str> = around.map(|at| form.node(at).name.as_str()).collect();
    names.reverse();
    names
}

/// The rows of a repeat in a row (or the whole): each with the id of the row around it and its place, counted from 1.
fn inner_rows<'a>(json: &'a Json, names: &[&str]) -> Vec<(&'a Json, &'a str, i64)> {
    let rows = names.iter().try_fold(json, |json, name| json.get(name)).and_then(Json::as_array);
    let parent = json["@row"].as_str().unwrap_or("");
    (1..).zip(rows.into_iter().flatten()).map(|(place, row)| (row, parent, place)).collect()
}

fn cell(answer: Option<&Json>) -> ExportCell {
    match answer {
        None | Some(Json::Null) => ExportCell::Empty,
        Some(Json::String(text)) => ExportCell::text(text.as_str()),
        Some(Json::Number(number)) => {
            number.as_i64().map_or_else(|| ExportCell::text(number.to_string()), ExportCell::Number)
        }
        Some(Json::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Json::as_str).collect();
            ExportCell::text(names.join(" "))
        }
        Some(other) => ExportCell::text(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::labels::Language;
    use super::*;

    const SURVEY: &str = "| survey |\n| | type | name | label |\n| | begin group | home | Home |\n\
        | | geopoint | place | Place |\n| | select_multiple pets | pets | Pets |\n| | end group | | |\n\
        | | begin repeat | member | Member |\n| | text | name_of | Name |\n| | begin repeat | job | Job |\n\
        | | integer | pay | Pay |\n| | end repeat | | |\n| | end repeat | | |\n\
        | choices |\n| | list_name | name | label |\n| | pets | cat | Cat |\n| | pets | dog | Dog |\n";

    fn table(part: &str) -> Vec<Vec<String>> {
        let checked = questionnaire::check("f.md", SURVEY.as_bytes());
        let form = checked.form.unwrap_or_else(|| panic!("{:?}", checked.problems));
        let (_, part) = Part::list(&form).into_iter().find(|(name, _)| name == part).expect("a part");
        let layout = AnswersLayout::new(&form, part, Wording { language: Language::En, utc_offset_minutes: 420 });
        let trail = json!({"events": [[0, 0, 0, 500], [0, 1, 700]], "from": 1_000, "nodes": ["/data/a", ""],
            "user": "siti", "words": ["question"]});
        let visit = VisitAnswers {
            visit: RecordId::from_u128(1),
            household: RecordId::from_u128(2),
            area: &AreaPath::default(),
            author: "Siti".to_owned(),
            held: [Some(0), None],
            answers: json!({
                "home": {"place": "-1.6 103.6 0 5", "pets": ["cat", "dog"]},
                "member": [
                    {"@row": "a", "name_of": "Ana", "job": [{"@row": "x", "pay": 5}, {"@row": "y", "pay": "007"}]},
                    {"@row": "b", "name_of": "=Budi"},
                ],
            }),
            trail: Trail::from_compact(&trail),
        };
        let text = |cell: ExportCell| match cell {
            ExportCell::Empty => String::new(),
            ExportCell::Text(text) => text,
            ExportCell::Number(number) => format!("#{number}"),
        };
        let rows = layout.rows(&visit).into_iter().map(|row| row.into_iter().map(text).collect::<Vec<_>>());
        std::iter::once(layout.header()).chain(rows).collect()
    }

    #[test]
    fn a_visit_is_one_row_with_a_column_for_each_answer() {
        let table = table(VISITS);
        let columns: Vec<_> =
            table[0].iter().zip(&table[1]).skip(7).map(|(head, cell)| format!("{head}: {cell}")).collect();
        assert_eq!(
            columns,
            [
                "Enumerator: Siti",
                "Started: 1970-01-01 07:00:00",
                "Ended: ",
                "home-place-Latitude: -1.6",
                "home-place-Longitude: 103.6",
                "home-place-Altitude: 0",
                "home-place-Accuracy: 5",
                "home-pets: cat dog",
            ]
        );
    }

    #[test]
    fn a_repeat_is_a_table_of_its_own_that_names_the_row_around() {
        let members = table("member");
        assert_eq!(members[0][1..], ["Row around", "Row", "Place", "name_of"]);
        assert_eq!(members[2][1..], ["", "b", "#2", "=Budi"]);
        let jobs = table("member.job");
        assert_eq!(jobs[1][1..], ["a", "x", "#1", "#5"]);
        assert_eq!(jobs[2][1..], ["a", "y", "#2", "007"]);
        assert_eq!(jobs.len(), 3);
    }

    #[test]
    fn events_are_rows_in_odks_words() {
        let events = table(AUDIT);
        assert_eq!(events[0][1..4], ["event", "node", "start"]);
        assert_eq!(events[1][1..], ["question", "/data/a", "#1000", "#1500", "", "", "siti", "#500"]);
        assert_eq!(events[2][1..], ["question", "", "#1700", "", "", "", "siti", ""]);
    }
}
