//! What the author of an expression is told: slips of the pen, and things that are taken but deserve a look.

use std::ops::Range;

use super::error::Remark;
use super::functions::{Function, Support};
use super::lexer::{Lexeme, Token};

pub(super) fn curly(at: Range<usize>) -> Remark {
    Remark {
        at,
        message: "these quotes were bent by the spreadsheet; they are read as straight ones".into(),
        advice: "replace them by ' or \", other ODK tools refuse them".into(),
    }
}

pub(super) fn of_function(function: &Function, at: Range<usize>) -> Option<Remark> {
    let name = function.name;
    match function.support {
        Support::Full => None,
        Support::Foreign(meaning) => Some(Remark {
            at,
            message: format!("{name}() is not a function of ODK; it is taken to mean: {meaning}"),
            advice: "check that this is what the form means".into(),
        }),
        Support::Absent(advice) => Some(Remark {
            at,
            message: format!("{name}() has no meaning here and is always empty"),
            advice: advice.into(),
        }),
    }
}

pub(super) fn pattern(at: Range<usize>, fault: &str) -> Remark {
    Remark {
        at,
        message: format!("this regular expression cannot be read and so is never matched: {fault}"),
        advice: "mend the pattern; look-around and back-references are not supported".into(),
    }
}

/// A `${name}` between quotes is text.
pub(super) fn quoted_reference(text: &str, at: Range<usize>) -> Option<Remark> {
    let (_, name) = text.split_once("${")?;
    name.contains('}').then(|| Remark {
        at,
        message: "a ${name} between quotes is text and not the value of the question".into(),
        advice: "take it out of the quotes, for instance with concat()".into(),
    })
}

/// What an unexpected token probably stands for.
pub(super) fn slip(tokens: &[Token<'_>], next: usize, text: &str) -> String {
    let what = |index: usize| tokens.get(index).map(|token| token.what);
    let before = next.checked_sub(1).and_then(what);
    match (before, what(next)) {
        (Some(Lexeme::Sign("=")), Some(Lexeme::Sign("="))) => "write a single =".into(),
        (Some(Lexeme::Sign("<")), Some(Lexeme::Sign(">"))) => "write !=".into(),
        (Some(Lexeme::Sign("|")), Some(Lexeme::Sign("|"))) => "write: or".into(),
        (Some(Lexeme::Sign("=")), Some(Lexeme::Sign(sign @ ("<" | ">")))) => format!("write {sign}="),
        (_, Some(Lexeme::Name(word))) if word.eq_ignore_ascii_case("not") => {
            "write not(...) around what is denied".into()
        }
        (_, Some(Lexeme::Sign(")" | "]"))) => "remove this bracket, or add what is missing before it".into(),
        (Some(Lexeme::Number(_)), Some(Lexeme::Name(_))) => "a name cannot begin with a digit; write ${name}".into(),
        (Some(Lexeme::Reference(_) | Lexeme::Text { .. } | Lexeme::Sign(")")), Some(Lexeme::Reference(_))) => {
            "write an operator such as and, or, + between the two".into()
        }
        (_, None) if text.trim_end().ends_with(',') => "remove the last comma".into(),
        _ => String::new(),
    }
}
