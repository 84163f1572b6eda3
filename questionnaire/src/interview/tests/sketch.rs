//! A form drawn in a few lines, for tests: `kind name | column: cell | …`, and `list name: a b c` for choices.

use std::collections::HashMap;

use crate::expr::Formula;
use crate::form::{
    Background, Choice, ChoiceList, Choices, Entity, Form, Initial, Kind, Language, Node, NodeId, Piece, Place, Range,
    Source, TableFile, Template, Text,
};

/// Reads the lines; anything wrong with them is a mistake of the test.
pub(crate) fn form(rows: &str) -> Form {
    let mut form = Form {
        id: "f".into(),
        version: "1".into(),
        title: "Form".into(),
        languages: vec![language("Bahasa Indonesia", "id"), language("English", "en")],
        default_language: 0,
        instance_name: None,
        style: Vec::new(),
        nodes: vec![Node::new("data", None, Kind::Group, Place { row: 0 })],
        lists: Vec::new(),
        tables: Vec::new(),
        entities: Vec::new(),
        settings: Default::default(),
    };
    let mut around = vec![NodeId::ROOT];
    for line in rows.lines().map(str::trim).filter(|line| !line.is_empty()) {
        read_line(&mut form, &mut around, line);
    }
    resolve_triggers(&mut form, rows);
    form
}

fn language(name: &str, code: &str) -> Language {
    Language { name: name.into(), code: Some(code.into()) }
}

fn read_line(form: &mut Form, around: &mut Vec<NodeId>, line: &str) {
    let mut cells = line.split(" | ");
    let head = cells.next().unwrap();
    let columns: HashMap<&str, &str> =
        cells.map(|cell| cell.split_once(": ").unwrap_or_else(|| panic!("no column in {cell}"))).collect();
    match head.split_once(' ') {
        None if head == "end" => {
            around.pop();
        }
        Some(("list", rest)) => form.lists.push(list(rest)),
        Some(("entity", name)) => form.entities.push(entity(name, *around.last().unwrap(), &columns)),
        Some(("table", name)) => form.tables.push(TableFile { name: name.into(), file: format!("{name}.csv") }),
        Some(("name", formula)) => form.instance_name = Some(Formula::parse(formula).unwrap()),
        Some((kind, name)) => add_node(form, around, (kind, name), &columns),
        None => panic!("no name in {line}"),
    }
}

/// `list fruit: apple pear=sweet`; a value after `=` is the extra column `taste`.
fn list(rest: &str) -> ChoiceList {
    let (name, choices) = rest.split_once(": ").unwrap();
    let choice = |word: &str| {
        let (name, extra) = word.split_once('=').unwrap_or((word, ""));
        Choice { name: name.into(), label: text(name), media: Default::default(), extra: vec![extra.into()] }
    };
    let choices = choices.split_whitespace().map(choice).collect();
    ChoiceList { name: name.into(), columns: vec!["taste".into()], choices }
}

fn entity(list: &str, scope: NodeId, columns: &HashMap<&str, &str>) -> Entity {
    let formula = |column: &str| columns.get(column).map(|text| Formula::parse(text).unwrap());
    Entity {
        list: list.into(),
        scope,
        label: formula("label"),
        entity_id: formula("entity_id"),
        create_if: formula("create_if"),
        update_if: formula("update_if"),
        properties: Default::default(),
    }
}

fn add_node(form: &mut Form, around: &mut Vec<NodeId>, head: (&str, &str), columns: &HashMap<&str, &str>) {
    let formula = |column: &str| columns.get(column).map(|text| Formula::parse(text).unwrap());
    let id = NodeId::new(form.nodes.len());
    let kind = kind(head.0, columns);
    let opens = matches!(kind, Kind::Group | Kind::Repeat { .. });
    let mut node = Node::new(head.1, around.last().copied(), kind, Place { row: id.index() as u32 + 1 });
    node.label = text(columns.get("label").unwrap_or(&head.1));
    for (column, place) in [
        ("relevant", &mut node.relevant),
        ("constraint", &mut node.constraint),
        ("warning", &mut node.warning),
        ("required", &mut node.required),
        ("read_only", &mut node.read_only),
        ("calculation", &mut node.calculation),
    ] {
        *place = formula(column);
    }
    node.constraint_message = columns.get("message").map(|words| text(words)).unwrap_or_default();
    node.default = columns.get("default").map(|cell| Initial::Fixed((*cell).into()));
    node.default = formula("computed").map(Initial::Computed).or(node.default);
    node.appearance = columns.get("appearance").map(|cell| vec![(*cell).into()]).unwrap_or_default();
    if let Some(cell) = columns.get("save_to") {
        node.save_to = Some((*cell).into());
        let (list, property) = cell.split_once('#').unwrap_or(("", cell));
        let scope = form.ancestors(around[around.len() - 1]).find(|&at| form.entities.iter().any(|e| e.scope == at));
        let mut entities = form.entities.iter_mut().filter(|entity| Some(entity.scope) == scope);
        let entity = entities.find(|entity| list.is_empty() || entity.list == list).unwrap();
        entity.properties.insert(property.into(), id);
    }
    let parameters = columns.get("parameters").copied().unwrap_or("");
    let pairs = parameters.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    node.parameters = pairs.map(|(key, value)| (key.into(), value.into())).collect();
    form.nodes.push(node);
    if opens {
        around.push(id);
    }
}

/// A text in both languages: `satu / one`; `${name}` inside stands for its value.
fn text(cell: &str) -> Text {
    let mut text = Text::default();
    for (language, words) in cell.split(" / ").enumerate() {
        text.set(language, template(words));
    }
    text
}

fn template(words: &str) -> Template {
    let mut pieces = Vec::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap();
        pieces.push(Piece::Plain(before.into()));
        pieces.push(Piece::Value(Formula::parse(&format!("${{{name}}}")).unwrap()));
        rest = after;
    }
    pieces.push(Piece::Plain(rest.into()));
    Template(pieces)
}

fn kind(word: &str, columns: &HashMap<&str, &str>) -> Kind {
    let (word, from) = word.split_once(':').unwrap_or((word, ""));
    let formula = |column: &str| columns.get(column).map(|text| Formula::parse(text).unwrap());
    let choices = || Choices { from: source(from), filter: formula("filter") };
    match word {
        "group" => Kind::Group,
        "repeat" => Kind::Repeat { count: formula("count") },
        "note" => Kind::Note,
        "text" => Kind::Text,
        "integer" => Kind::Integer,
        "decimal" => Kind::Decimal,
        "date" => Kind::Date,
        "one" => Kind::SelectOne(choices()),
        "many" => Kind::SelectMultiple(choices()),
        "rank" => Kind::Rank(choices()),
        "range" => Kind::Range(Range { start: "1".into(), end: "5".into(), step: "1".into(), decimal: false }),
        "geopoint" => Kind::Geopoint,
        "image" => Kind::Image,
        "calculate" => Kind::Calculate,
        "hidden" => Kind::Hidden,
        "start" => Kind::Background(Background::Start),
        "end_time" => Kind::Background(Background::End),
        "today" => Kind::Background(Background::Today),
        "username" => Kind::Background(Background::Username),
        _ => panic!("no kind {word}"),
    }
}

/// `fruit`, `@villages` for a table, `${name}` for the rows of a repeat.
fn source(from: &str) -> Source {
    match (from.strip_prefix('@'), from.strip_prefix("${")) {
        (Some(table), _) => Source::Table { table: table.into(), value: "name".into(), label: "label".into() },
        (_, Some(question)) => Source::Repeat(question.trim_end_matches('}').into()),
        _ => Source::List(from.into()),
    }
}

/// A trigger may stand below its question, so it is looked up last.
fn resolve_triggers(form: &mut Form, rows: &str) {
    for line in rows.lines().filter(|line| line.contains(" | trigger: ")) {
        let cell = line.split(" | ").find_map(|cell| cell.strip_prefix("trigger: ")).unwrap().trim();
        let name = line.split_whitespace().nth(1).unwrap();
        let find = |wanted: &str| form.nodes.iter().position(|node| node.name == wanted).unwrap();
        let (node, trigger) = (find(name), NodeId::new(find(cell)));
        form.nodes[node].trigger.push(trigger);
    }
}
