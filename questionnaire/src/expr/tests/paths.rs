//! Where paths lead, and what conditions leave.

use super::world::Trees;
use crate::expr::{Base, Formula, Move};

fn world() -> Trees {
    Trees::of(
        "<data><name>Siti</name><empty/>
         <group><a>1</a><deep><b>2</b><a>3</a></deep></group>
         <row><x>10</x><y>1</y></row><row><x>20</x><y>2</y></row><row><x>30</x><y>2</y></row></data>",
    )
    .with(
        "areas",
        "<root><item><name>15</name><label>Jambi</label><in>id</in></item>
         <item><name>31</name><label>Jakarta</label><in>id</in></item>
         <item><name>05</name><label>Fünf</label><in>de</in></item></root>",
    )
}

fn check(at: &str, table: &[(&str, &str)]) {
    let mut world = world();
    for indexed in [true, false] {
        world.indexed = indexed;
        for (expression, expected) in table {
            assert_eq!(world.text_at(at, expression), *expected, "{expression}, indexed: {indexed}");
        }
    }
}

#[test]
fn steps_lead_up_down_and_aside() {
    check(
        "/data/group/deep/b",
        &[
            (".", "2"),
            ("../a", "3"),
            ("../../a", "1"),
            ("./../a", "3"),
            ("/data/name", "Siti"),
            ("join(' ', //a)", "1 3"),
            ("join(' ', /data/group//a)", "1 3"),
            ("join(' ', ../../*)", "1 23"),
            ("name(..)", "deep"),
            ("name()", "b"),
            ("count(/)", "1"),
            ("count(//*)", "17"),
            ("count(ancestor::*)", "4"),
            ("name(ancestor::group)", "group"),
            ("count(/data/row/following-sibling::row)", "2"),
            ("/data/row[3]/preceding-sibling::row[1]/x", "20"),
            ("count(/data/group/descendant-or-self::*)", "5"),
            ("self::b", "2"),
            ("count(self::c)", "0"),
            ("string(/data/name/text())", "Siti"),
            ("count(@id)", "0"),
            ("nowhere/at/all", ""),
        ],
    );
}

#[test]
fn conditions_keep_what_fits_by_value_and_by_position() {
    check(
        "/data",
        &[
            ("row[2]/x", "20"),
            ("row[last()]/x", "30"),
            ("row[position() = 2]/x", "20"),
            ("row[position() > 1][1]/x", "20"),
            ("sum(row[y = 2]/x)", "50"),
            ("sum(row[y = '2' and x > 20]/x)", "30"),
            ("row[y = 2][2]/x", "30"),
            ("count(row[x])", "3"),
            ("count(row[nowhere])", "0"),
            ("(row/x)[3]", "30"),
            ("(//a)[last()]", "3"),
            ("count(row[0])", "0"),
            ("count(row['text'])", "3"),
            ("count(row[../name = 'Siti'])", "3"),
            ("${x}[2]", "20"),
            ("${row}[y = 2][1]/x", "20"),
            ("count(row/x | row/y | row/x)", "6"),
        ],
    );
}

#[test]
fn tables_are_read_by_instance_and_pulldata() {
    check(
        "/data/row[1]/y",
        &[
            ("instance('areas')/root/item[name = '31']/label", "Jakarta"),
            ("instance('areas')/root/item['31' = name]/label", "Jakarta"),
            ("instance('areas')/root/item[name = current()/../../group/a]/label", ""),
            ("instance('areas')/root/item[name = concat(${y}, '5')]/label", "Jambi"),
            ("instance('areas')/root/item[name = 5]/label", "Fünf"),
            ("count(instance('areas')/root/item[in = 'id'])", "2"),
            ("instance('areas')/root/item[in = 'id' and position() = 2]/label", "Jakarta"),
            ("instance('areas')/root/item[in = 'id'][position() = 2]/label", "Jakarta"),
            ("instance('areas')/root/item[in = 'id' and name = '31']/label", "Jakarta"),
            ("count(instance('areas')/root/item[name = instance('areas')/root/item[in = 'id']/name])", "2"),
            ("count(instance('areas')/root/item[name = nowhere])", "0"),
            ("instance('nowhere')/root/item[1]/label", ""),
            ("pulldata('areas', 'label', 'name', '05')", "Fünf"),
            ("pulldata('areas', 'label', 'name', '5')", ""),
            ("pulldata('nowhere', 'label', 'name', '5')", ""),
            ("count(${last-saved#name})", "0"),
        ],
    );
}

#[test]
fn an_equality_is_looked_up_once() {
    let world = world();
    assert_eq!(world.text("instance('areas')/root/item[in = 'id' and label != 'Jambi']/name"), "31");
    assert_eq!(world.lookups.get(), 1);
}

#[test]
fn the_last_interview_is_a_table_of_its_own() {
    let world = world().with("__last-saved", "<data><group><name>Budi</name></group></data>");
    assert_eq!(world.text("${last-saved#name}"), "Budi");
}

#[test]
fn rows_of_a_choice_filter_are_seen_from_each_row() {
    let world = world();
    let root = world.find("instance('areas')/root");
    for (filter, expected) in [("in = 'id'", 2), ("name = concat(${y}, '5')", 1), ("position() > 1", 2), ("true()", 3)]
    {
        let formula = Formula::parse(filter).unwrap();
        let rows = formula.rows(&world, root, "item", world.find("/data/row[1]/y"));
        assert_eq!(rows.len(), expected, "{filter}");
    }
}

#[test]
fn what_an_expression_looks_at_is_told_beforehand() {
    let formula = Formula::parse(
        "instance('areas')/root/item[in = current()/../a and label = ${b}]/name = /data/group[x]/*
         or jr:choice-name(., '${sex}') = pulldata('people', 'a', 'b', ${last-saved#c}) or (../p | //q)/r",
    )
    .unwrap();
    let told: Vec<String> = formula.references().iter().map(spelled).collect();
    assert_eq!(
        told,
        [
            "areas: /root /item /in",
            "here: .. /a",
            "areas: /root /item /label",
            "${b}:",
            "areas: /root /item /name",
            "document: /data /group /x",
            "document: /data /group /*",
            "${sex}:",
            "here:",
            "people:",
            "last-saved c:",
            "here: .. /p /r",
            "document: //* /q /r",
        ]
    );
    assert_eq!(formula.names(), ["b", "sex"]);
    assert_eq!(formula.last_saved_names(), ["c"]);
    assert_eq!(formula.instances(), ["areas", "people"]);
    assert!(!formula.is_volatile());
    assert!(Formula::parse("../a[. > now()]").unwrap().is_volatile());
}

fn spelled(reference: &crate::expr::Reference<'_>) -> String {
    let base = match reference.base {
        Base::Here => "here".to_owned(),
        Base::Document => "document".to_owned(),
        Base::Named(name) => format!("${{{name}}}"),
        Base::LastSaved(name) => format!("last-saved {name}"),
        Base::Instance(name) => name.to_owned(),
        Base::Unknown => "?".to_owned(),
    };
    let moves = reference.moves.iter().map(|step| match step {
        Move::Up => " ..".to_owned(),
        Move::Down(name) => format!(" /{}", name.unwrap_or("*")),
        Move::Deep(name) => format!(" //{}", name.unwrap_or("*")),
        Move::Above(name) => format!(" ^{}", name.unwrap_or("*")),
        Move::Beside(name) => format!(" ~{}", name.unwrap_or("*")),
    });
    format!("{base}:{}", moves.collect::<String>())
}
