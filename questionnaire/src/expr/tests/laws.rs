//! Laws that hold for every expression and every text.

use std::cell::Cell;

use proptest::prelude::*;

use super::world::Trees;
use crate::expr::evaluate::Scope;
use crate::expr::{Axis, Call, Expr, Formula, Operator, Path, Start, Step, Test, Value, World, list_functions};

fn operators() -> impl Strategy<Value = Vec<Operator>> {
    use Operator as O;
    prop_oneof![
        Just(vec![O::Or]),
        Just(vec![O::And]),
        Just(vec![O::Equal, O::NotEqual]),
        Just(vec![O::Less, O::LessOrEqual, O::Greater, O::GreaterOrEqual]),
        Just(vec![O::Add, O::Subtract]),
        Just(vec![O::Multiply, O::Divide, O::Modulo]),
        Just(vec![O::Union]),
    ]
}

fn name() -> impl Strategy<Value = Box<str>> {
    prop_oneof![
        "[a-z_][a-z0-9_.-]{0,6}".prop_map(String::into_boxed_str),
        Just("div".into()),
        Just("or".into()),
        Just("Kartu-KK".into()),
        Just("größe".into()),
        Just("orx:meta".into()),
    ]
}

fn step(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = Step> {
    let axis = prop_oneof![
        8 => Just(Axis::Child),
        1 => Just(Axis::Parent),
        1 => Just(Axis::SelfNode),
        1 => Just(Axis::Descendant),
        1 => Just(Axis::DescendantOrSelf),
        1 => Just(Axis::Ancestor),
        1 => Just(Axis::AncestorOrSelf),
        1 => Just(Axis::FollowingSibling),
        1 => Just(Axis::PrecedingSibling),
        1 => Just(Axis::Attribute),
    ];
    let test = prop_oneof![4 => name().prop_map(Test::Name), 1 => Just(Test::Any), 1 => Just(Test::Text)];
    (axis, test, prop::collection::vec(inner, 0..2)).prop_map(|(axis, test, predicates)| Step {
        axis,
        test,
        predicates,
    })
}

fn path(inner: impl Strategy<Value = Expr> + Clone + 'static) -> impl Strategy<Value = Expr> {
    let start = prop_oneof![
        Just(Start::Here),
        Just(Start::Document),
        name().prop_map(Start::Named),
        name().prop_map(Start::LastSaved),
        inner.clone().prop_map(|inside| Start::Result(Box::new(inside))),
    ];
    let predicates = prop::collection::vec(inner.clone(), 0..2);
    (start, predicates, prop::collection::vec(step(inner), 0..3)).prop_map(|(start, mut predicates, mut steps)| {
        if matches!(start, Start::Here | Start::Document) {
            predicates.clear();
        }
        if steps.is_empty() && (start == Start::Here || matches!(start, Start::Result(_)) && predicates.is_empty()) {
            steps.push(Step { axis: Axis::SelfNode, test: Test::Any, predicates: Vec::new() });
        }
        Expr::Path(Path { start, predicates, steps })
    })
}

fn call(inner: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = Expr> {
    (prop::sample::select(list_functions().iter().collect::<Vec<_>>()), prop::collection::vec(inner, 3..12)).prop_map(
        |(function, mut arguments)| {
            let most = function.most.min(function.least + 2);
            // Pairs of arguments keep their parity.
            arguments.truncate(if function.name == "indexed-repeat" { function.least } else { most });
            let text = format!("{}({})", function.name, "1,".repeat(arguments.len()).trim_end_matches(','));
            match Formula::parse(&text).map(|formula| formula.expr().clone()) {
                Ok(Expr::Call(call)) => Expr::Call(Call { arguments, ..call }),
                _ => Expr::Number(1.0),
            }
        },
    )
}

fn expr() -> impl Strategy<Value = Expr> {
    let text = prop_oneof!["[ a-z0-9%é]{0,8}", "[^'\"“”„‟‘’‚‛]{0,8}", "it's", "\"x\""];
    let leaf = prop_oneof![
        prop_oneof![Just(0.0), 0.0..1e9, Just(1e300), Just(5e-324)].prop_map(Expr::Number),
        text.prop_map(|text| Expr::Text(text.into())),
        name().prop_map(|name| Expr::Path(Path { start: Start::Named(name), predicates: vec![], steps: vec![] })),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let chain =
            (inner.clone(), operators(), prop::collection::vec((any::<prop::sample::Index>(), inner.clone()), 1..4))
                .prop_map(|(first, operators, rest)| Expr::Chain {
                    first: Box::new(first),
                    rest: rest.into_iter().map(|(index, operand)| (*index.get(&operators), operand)).collect(),
                });
        prop_oneof![
            chain,
            inner.clone().prop_map(|inside| Expr::Negate(Box::new(inside))),
            path(inner.clone()),
            call(inner),
        ]
    })
}

fn world() -> Trees {
    Trees::of("<data><a>1</a><b>x y</b><row><c>2024-05-31</c></row><row><c/></row></data>")
        .with("t", "<root><item><a>1</a></item></root>")
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_the_same_expression(expr in expr()) {
        let printed = expr.to_string();
        let read = Formula::parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error:?}"));
        prop_assert_eq!(read.expr().to_string(), printed.clone());
        prop_assert!(same(read.expr(), &expr), "{} of {:?}", printed, expr);
    }

    #[test]
    fn every_expression_has_a_value_and_tells_what_it_looks_at(expr in expr()) {
        let formula = Formula::parse(&expr.to_string()).unwrap();
        let world = world();
        for path in ["/data", "/data/a", "/data/row[1]/c"] {
            formula.answer(&world, world.find(path));
            formula.rows(&world, world.find("/data"), "row", world.find(path));
        }
        formula.references();
        formula.is_volatile();
    }

    #[test]
    fn what_is_remembered_from_row_to_row_changes_no_value(expr in expr()) {
        let rows = (0..20).map(|row| format!("<item><a>{row}</a><b>x y</b></item>")).collect::<String>();
        let world = Trees::of("<data><a>1</a></data>").with("t", &format!("<root>{rows}</root>"));
        let (root, at) = (world.find("instance('t')/root"), world.find("/data/a"));
        let formula = Formula::parse(&expr.to_string()).unwrap();
        prop_assume!(!formula.is_volatile());
        let remembered = formula.rows(&world, root, "item", at);
        let mut rows = Vec::new();
        world.children(root, Some("item"), &mut rows);
        let asked_each: Vec<usize> = (1..).zip(rows).filter_map(|(position, row)| {
            match Scope::new(&world, at, &Cell::new(u64::MAX)).at(row, position, 20).value(formula.expr()) {
                Value::Number(number) => number == position as f64,
                value => value.boolean(&world),
            }.then_some(row)
        }).collect();
        prop_assert_eq!(remembered, asked_each);
    }

    #[test]
    fn no_text_whatever_brings_the_reader_down(text in any::<String>()) {
        let _ = Formula::parse_with_remarks(&text);
    }

    #[test]
    fn no_text_near_to_an_expression_brings_the_reader_down(
        parts in prop::collection::vec(prop::sample::select(PARTS), 0..24),
    ) {
        let text = parts.concat();
        match Formula::parse_with_remarks(&text) {
            Ok((formula, _)) => {
                let world = world();
                formula.answer(&world, world.find("/data/a"));
                let printed = formula.to_string();
                prop_assert_eq!(Formula::parse(&printed).unwrap().to_string(), printed);
            }
            Err(error) => prop_assert!(text.get(error.at.clone()).is_some(), "{:?}", error),
        }
    }

    #[test]
    fn an_index_changes_no_value(
        column in prop::sample::select(&["a", "b", "./a", "nowhere"]),
        value in prop::sample::select(&["'1'", "1", "${a}", "current()/../a", "''", "today()", "row/c", "a", "position()"]),
        more in prop::sample::select(&["", " and b != 'y'", " and position() < 3", " or a = '2'", "][2"]),
    ) {
        let mut world = Trees::of("<data><a>1</a><row><c>1</c></row><row><c/></row></data>").with(
            "t",
            "<root><item><a>1</a><b>x</b></item><item><a>2</a><b/></item><item><b>y</b></item><item><a>1</a></item></root>",
        );
        let text = format!("join(' ', instance('t')/root/item[{column} = {value}{more}]/b)");
        let with = world.text_at("/data/a", &text);
        world.indexed = false;
        prop_assert_eq!(with, world.text_at("/data/a", &text));
    }
}

/// `PartialEq`, but for the pattern of a regular expression, which the strategy cannot make.
fn same(left: &Expr, right: &Expr) -> bool {
    left == right || left.to_string() == right.to_string()
}

const PARTS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "/",
    "//",
    ".",
    "..",
    ",",
    "'",
    "\"",
    "‘",
    "’",
    "“",
    "${a}",
    "${",
    "}",
    "$",
    " ",
    "\u{a0}",
    "\n",
    "a",
    "b",
    "1",
    "0",
    ".5",
    "-",
    "+",
    "*",
    "=",
    "!=",
    "<",
    ">=",
    "|",
    "or",
    "and",
    "div",
    "mod",
    "not(",
    "if(",
    "selected(",
    "instance('t')",
    "regex(., '",
    "current()",
    "child::",
    "@",
    "::",
    ":",
    "é",
    "\u{0}",
    "text()",
    "position()",
    "row",
    "indexed-repeat(",
    "once(",
    "date(",
    "last()",
    "last-saved#",
];
