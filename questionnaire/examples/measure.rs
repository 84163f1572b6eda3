//! How long an interview takes to open and to answer: `cargo run --release -p questionnaire --features workbook
//! --example measure -- ona_grains.xlsx`, and the same over 100,000 rows of a table beside a form.
#![allow(clippy::print_stdout, reason = "a tool prints")]
#![allow(clippy::disallowed_methods, reason = "measuring asks the clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use questionnaire::expr::{Formula, Moment};
use questionnaire::form::{Choices, Form, Kind, Node, NodeId, Place, Source, TableFile};
use questionnaire::interview::{Answer, Environment, Interview, Plan, Prefill, Screen, Shows, Still, Table, Tables};

const ROWS: usize = 100_000;

fn main() {
    for path in std::env::args().skip(1) {
        measure_form(&path);
    }
    measure_table();
    measure_roster();
}

fn environment() -> Arc<dyn Environment> {
    Arc::new(Still::new(Moment { unix_ms: 1_786_927_800_000, offset_min: 420 }))
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    println!("{what}: {:?}", start.elapsed());
    result
}

/// The shortest of several runs: what the work takes where nothing else runs.
fn best_of<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn measure_form(path: &str) {
    let bytes = std::fs::read(path).expect("the file named on the command line can be read");
    let checked = timed(&format!("{path}: read"), || questionnaire::check(path, &bytes));
    println!("read, best of 20: {:?}", best_of(20, || questionnaire::check(path, &bytes)));
    println!("{} questions", checked.counts.questions);
    let Some(form) = checked.form else { return println!("not accepted") };
    let json = serde_json::to_string(&form).expect("a form can be written as JSON");
    let form: Form = timed("from JSON", || serde_json::from_str(&json).expect("what was written can be read"));
    let plan = Arc::new(timed("plan", || Plan::new(form)));
    let begin = || Interview::begin(Arc::clone(&plan), &Tables::new(), environment(), Prefill::default());
    let interview = timed("begin", begin);
    timed("draft", || serde_json::to_string(&interview.save()).expect("a draft can be written").len());
    timed("check all", || interview.problems().len());
    timed("outline", || interview.outline().len());
    answer_all(interview);
}

/// Goes through all screens and answers whatever is asked, then goes back to the start and once more.
fn answer_all(mut interview: Interview) {
    let (mut answers, mut screens) = (Vec::new(), Vec::new());
    for round in 0..3 {
        let mut screen = interview.jump("/data").unwrap_or_else(|_| interview.screen());
        while !matches!(screen.shows, Shows::End) && screens.len() < 3_000 {
            for (path, answer) in answers_to(&screen, round) {
                let start = Instant::now();
                let _ = interview.answer(&path, answer);
                answers.push(start.elapsed());
            }
            let start = Instant::now();
            screen = match interview.next() {
                Ok(screen) => screen,
                Err(_) => break,
            };
            screens.push(start.elapsed());
        }
    }
    report("answer", answers);
    report("next screen", screens);
}

fn answers_to(screen: &Screen, round: usize) -> Vec<(String, Answer)> {
    let Shows::Questions(questions) = &screen.shows else { return Vec::new() };
    let answer = |question: &questionnaire::interview::Question| {
        let text = match question.kind {
            "select_one" | "select_multiple" | "rank" => {
                question.choices.get(round % question.choices.len().max(1)).map_or("", |offer| offer.name.as_str())
            }
            "integer" | "decimal" => ["20", "3", "1"][round],
            "date" => "2020-05-17",
            "geopoint" => "-1.6 103.6 0 5",
            _ => "x",
        };
        (question.path.to_string(), Answer::from(text))
    };
    questions.iter().map(answer).collect()
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    if let (Some(median), Some(longest)) = (times.get(times.len() / 2), times.last()) {
        println!("{what}: {} times, median {median:?}, longest {longest:?}", times.len());
    }
}

/// A form that looks into a table of 100,000 rows by a key, filters its choices by a column, and answers.
fn measure_table() {
    let names = ["name", "label", "district"].map(str::to_owned).to_vec();
    let rows = (0..ROWS).map(|row| [format!("v{row}"), format!("Village {row}"), format!("d{}", row / 200)]);
    let table = timed("100,000 rows into a table", || Table::new(names, rows));
    let mut tables = Tables::new();
    tables.insert("villages", Arc::new(table));
    let plan = Arc::new(Plan::new(table_form()));
    let mut interview = Interview::begin(plan, &tables, environment(), Prefill::default());
    for (path, text) in [
        ("/data/district", "d7"),
        ("/data/village", "v1444"),
        ("/data/district", "d9"),
        ("/data/village", "v1999"),
        ("/data/district", "d499"),
    ] {
        timed(&format!("{path} = {text}"), || interview.answer(path, text).map(|changes| changes.values.len()).ok());
    }
    interview.answer("/data/village", "v99999").expect("the village is asked");
    println!("pulldata gives {:?}", interview.value("/data/pulled"));
    timed("the screen of 200 choices", || interview.jump("/data/village").map(|screen| screen.places).ok());
}

fn table_form() -> Form {
    let formula = |text: &str| Formula::parse(text).expect("the measure's own formulas are right");
    let place = Place { row: 0 };
    let root = Node::new("data", None, Kind::Group, place);
    let district = Node::new("district", Some(NodeId::ROOT), Kind::Text, place);
    let from = Source::Table { table: "villages".into(), value: "name".into(), label: "label".into() };
    let filter = Some(formula("district = ${district} and name != ''"));
    let village = Node::new("village", Some(NodeId::ROOT), Kind::SelectOne(Choices { from, filter }), place);
    let mut pulled = Node::new("pulled", Some(NodeId::ROOT), Kind::Calculate, place);
    pulled.calculation = Some(formula("pulldata('villages', 'label', 'name', ${village})"));
    let mut form: Form = serde_json::from_value(serde_json::json!({
        "id": "m", "version": "1", "title": "m", "languages": [{"name": "default"}], "default_language": 0,
        "nodes": [], "lists": [],
    }))
    .expect("the measure's own form is right");
    form.nodes = vec![root, district, village, pulled];
    form.tables = vec![TableFile { name: "villages".into(), file: "villages.csv".into() }];
    form
}

/// A roster whose rows ask for some twenty answers each, and whose form looks at all of them.
fn measure_roster() {
    let plan = Arc::new(Plan::new(roster_form()));
    let mut interview = Interview::begin(plan, &Tables::new(), environment(), Prefill::default());
    for size in ["10", "100", "1000", "2000"] {
        timed(&format!("a roster of {size} rows"), || interview.answer("/data/size", size).map(|_| ()).ok());
        timed("an age in its middle", || interview.answer("/data/person[5]/age", "20").map(|_| ()).ok());
        timed("an answer in its middle", || interview.answer("/data/person[5]/q7", size).map(|_| ()).ok());
    }
    timed("next screen", || interview.next().map(|screen| screen.places).ok());
    timed("check all", || interview.problems().len());
    timed("draft", || serde_json::to_string(&interview.save()).expect("a draft can be written").len());
}

fn roster_form() -> Form {
    let formula = |text: &str| Formula::parse(text).expect("the measure's own formulas are right");
    let mut form = table_form();
    let place = Place { row: 0 };
    form.nodes.truncate(1);
    form.nodes.push(Node::new("size", Some(NodeId::ROOT), Kind::Integer, place));
    let repeat = NodeId::new(2);
    let count = Some(formula("${size}"));
    form.nodes.push(Node::new("person", Some(NodeId::ROOT), Kind::Repeat { count }, place));
    form.nodes.push(Node::new("age", Some(repeat), Kind::Integer, place));
    for at in 0..20 {
        let mut question = Node::new(format!("q{at}"), Some(repeat), Kind::Integer, place);
        question.relevant = Some(formula("${age} >= 5"));
        form.nodes.push(question);
    }
    let mut number = Node::new("number", Some(repeat), Kind::Calculate, place);
    number.calculation = Some(formula("position(..)"));
    form.nodes.push(number);
    let mut adults = Node::new("adults", Some(NodeId::ROOT), Kind::Calculate, place);
    adults.calculation = Some(formula("count(${person}[age >= 17]) + sum(${q7})"));
    form.nodes.push(adults);
    form
}
