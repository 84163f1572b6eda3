//! What is refused, where and with which advice, and what is taken with a remark.

use super::world::Trees;
use crate::expr::{DEPTH_MAX, Formula, Mistake, ParseError};

fn refused(text: &str) -> ParseError {
    match Formula::parse(text) {
        Err(error) => error,
        Ok(formula) => panic!("{text} is read as {formula}"),
    }
}

#[test]
fn mistakes_are_told_with_their_place_and_what_to_do() {
    for (text, at, message, advice) in [
        ("", "", "there is no expression", ""),
        ("  ", "  ", "there is no expression", ""),
        ("1 +", "", "a value is missing at the end", ""),
        ("(1 + 2", "(", "this bracket is never closed", "add the missing )"),
        ("a[1", "[", "this bracket is never closed", "add the missing ]"),
        ("1 + 2)", ")", "the expression should end here or go on with an operator, not )", "remove this bracket"),
        ("'open", "'open", "this quote is never closed", "add the missing '"),
        ("$name = 1", "$name", "a $ needs braces", "write ${name}"),
        ("${name = 1", "${", "this ${ is never closed", "add the missing }"),
        ("${my name} = 1", "${my name}", "between ${ and } has to stand the name of a question", "without spaces"),
        ("${}", "${}", "between ${ and } has to stand the name of a question", ""),
        ("a == 1", "=", "a value is missing here, not =", "write a single ="),
        ("a <> 1", ">", "a value is missing here, not >", "write !="),
        ("a && b", "&", "this sign has no meaning here", "write: and"),
        ("a || b", "|", "a value is missing here, not |", "write: or"),
        ("a ≥ 1", "≥", "this sign has no meaning here", "write >="),
        ("a ! 1", "!", "this sign has no meaning here", "not(...)"),
        ("a => 1", ">", "a value is missing here, not >", "write >="),
        ("if(a, b, )", ")", "a value is missing here, not )", "remove this bracket"),
        ("${a} ${b}", "${b}", "the expression should end here or go on", "write an operator"),
        ("a not b", "not", "the expression should end here or go on", "not(...)"),
        ("selected(a b)", "b", "here should stand a comma or a closing bracket, not b (in selected)", ""),
        ("max(1, 2", "", "here should stand a comma or a closing bracket (in max)", ""),
        ("a/b/", "", "a value is missing here", ""),
        ("a | -b", "-", "a value is missing here, not -", ""),
        ("sideways::a", "sideways", "sideways:: is not a direction of a path", ""),
    ] {
        let error = refused(text);
        assert_eq!(error.mistake, Mistake::Syntax, "{text}");
        assert_eq!(&text[error.at.clone()], at, "{text}: {error:?}");
        assert!(error.message.starts_with(message), "{text}: {error:?}");
        assert!(error.advice.contains(advice), "{text}: {error:?}");
    }
}

#[test]
fn functions_that_nobody_knows_are_named_with_the_nearest_known() {
    for (text, name, advice) in [
        ("Selected(., 'a')", "Selected", "did you mean selected()?"),
        ("1 + string_length(.)", "string_length", "did you mean string-length()?"),
        ("countif(a, b)", "countif", "did you mean count-if()?"),
        ("vlookup(a, b)", "vlookup", "look the function up"),
    ] {
        let error = refused(text);
        assert_eq!(error.mistake, Mistake::UnknownFunction(name.to_owned()));
        assert_eq!(&text[error.at.clone()], name);
        assert!(error.advice.starts_with(advice), "{error:?}");
    }
}

#[test]
fn wrong_numbers_of_arguments_are_refused() {
    for (text, message) in [
        ("if(a, b)", "if() takes 3 arguments, and 2 are given"),
        ("not()", "not() takes 1 argument, and 0 are given"),
        ("round(1, 2, 3)", "round() takes 1 to 2 arguments, and 3 are given"),
        ("join()", "join() takes at least 1 argument, and 0 are given"),
        ("indexed-repeat(a, b, 1, c)", "indexed-repeat() takes 3 to 11 arguments, and 4 are given"),
    ] {
        let error = refused(text);
        assert!(matches!(error.mistake, Mistake::Arguments(_)), "{error:?}");
        assert_eq!(error.message, message);
    }
}

#[test]
fn depth_is_bounded_and_length_of_chains_is_not() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Formula::parse(&nested(DEPTH_MAX - 1)).is_ok());
    assert_eq!(refused(&nested(DEPTH_MAX)).mistake, Mistake::Limit);
    for hostile in ["(", "-", "a[", "not(", "a or (", "1-"] {
        assert!(Formula::parse(&hostile.repeat(20_000)).is_err());
    }
    assert!(Formula::parse("a or ".repeat(20_000).trim_end_matches(" or ")).is_ok());
    assert_eq!(refused(&" ".repeat(200_000)).mistake, Mistake::Limit);
}

#[test]
fn the_deepest_expressions_need_a_small_stack() {
    let deep_by = |each: usize, open: &str, close: &str| {
        let depth = (DEPTH_MAX - 1) / each;
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    let deep = |open: &str, close: &str| deep_by(1, open, close);
    let texts = [
        deep("(", ")"),
        deep("-", ""),
        deep("not(", ")"),
        deep("if(", ", 2, 3)"),
        deep("row[", "]"),
        deep("(//row)[", "]"),
        deep_by(3, "(a | b)[", "]"),
        deep_by(8, "0 or 1 and 1 = 1 < 1 + 1 * -(", ")"),
        deep("count-if(row, ", ")"),
        deep_by(2, "instance('t')/root/item[a = ", "]"),
    ];
    let on_a_small_stack = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let world = Trees::of("<data><row/></data>").with("t", "<root><item><a>1</a></item></root>");
        for text in texts {
            let formula = Formula::parse(&text).unwrap_or_else(|error| panic!("{text:.60}: {error:?}"));
            formula.answer(&world, 0);
            formula.references();
            formula.is_volatile();
            assert!(!formula.clone().to_string().is_empty());
        }
    });
    on_a_small_stack.unwrap().join().unwrap();
}

#[test]
fn conditions_that_multiply_come_to_an_end() {
    let world = Trees::of("<data><row/><row/><row/></data>");
    assert_eq!(world.text(&format!("count({}1{})", "(//row)[".repeat(90), "]".repeat(90))), "0");
}

/// Half of what a browser gives to a program in WebAssembly.
const STACK_BYTES: usize = 512 * 1024;

#[test]
fn remarks_are_made_on_what_is_taken_but_strange() {
    for (text, at, message) in [
        ("${a} = ‘yes’", "‘yes’", "these quotes were bent"),
        ("duration() > 5", "duration", "duration() is not a function of ODK; it is taken to mean"),
        ("concat(device-info(), 'x')", "device-info", "device-info() has no meaning here"),
        ("concat('${a}', 'x')", "'${a}'", "a ${name} between quotes is text"),
        (". = '${a}'", "'${a}'", "a ${name} between quotes is text"),
        ("regex(., '(?=x)')", "regex", "this regular expression cannot be read"),
    ] {
        let (_, remarks) = Formula::parse_with_remarks(text).unwrap();
        assert_eq!(remarks.len(), 1, "{text}: {remarks:?}");
        assert_eq!(&text[remarks[0].at.clone()], at);
        assert!(remarks[0].message.starts_with(message), "{remarks:?}");
    }
    for text in ["if(a, jr:choice-name(${a}, '${a}'), 'x')", "regex(., '^[0-9/ .-]{2}$')"] {
        assert_eq!(Formula::parse_with_remarks(text).unwrap().1, []);
    }
}

#[test]
fn a_formula_travels_as_its_text() {
    let formula = Formula::parse("${a}='1'").unwrap();
    let json = serde_json::to_string(&formula).unwrap();
    assert_eq!(json, r#""${a}='1'""#);
    assert_eq!(serde_json::from_str::<Formula>(&json).unwrap().expr(), formula.expr());
    assert!(serde_json::from_str::<Formula>(r#""1 +""#).is_err());
}
