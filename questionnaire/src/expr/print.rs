//! An expression as text, in one spelling that reads back as the same expression.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{Axis, Call, Expr, Operator, Path, Start, Step, Test, level};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => quoted(text, f),
            Self::Chain { first, rest } => chain(first, rest, f),
            Self::Negate(inside) => {
                f.write_char('-')?;
                bracketed(inside, level::NEGATE, f)
            }
            Self::Call(call) => call.fmt(f),
            Self::Path(path) => path.fmt(f),
        }
    }
}

/// The text in the quotes that it does not hold. One that holds both kinds can only have stood between bent quotes.
fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => write!(f, "'{text}'"),
        (true, false) => write!(f, "\"{text}\""),
        (true, true) => write!(f, "‘{text}’"),
    }
}

fn chain(first: &Expr, rest: &[(Operator, Expr)], f: &mut Formatter<'_>) -> fmt::Result {
    let of = rest.first().map_or(level::OR, |(operator, _)| operator.level());
    // Of two chains of one level the second would swallow the first, so the first keeps its brackets.
    bracketed(first, of + 1, f)?;
    for (operator, operand) in rest {
        write!(f, " {} ", operator.sign())?;
        bracketed(operand, of + 1, f)?;
    }
    Ok(())
}

/// `inside`, in brackets if it binds more weakly than `weakest`.
fn bracketed(inside: &Expr, weakest: u8, f: &mut Formatter<'_>) -> fmt::Result {
    if binding(inside) < weakest { write!(f, "({inside})") } else { inside.fmt(f) }
}

fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::Chain { rest, .. } => rest.first().map_or(level::OR, |(operator, _)| operator.level()),
        Expr::Negate(_) => level::NEGATE,
        // After a bare `/` a `*` or a word would be taken for its first step.
        Expr::Path(Path { start: Start::Document, steps, .. }) if steps.is_empty() => 0,
        Expr::Number(_) | Expr::Text(_) | Expr::Call(_) | Expr::Path(_) => u8::MAX,
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function.name)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            argument.fmt(f)?;
        }
        f.write_char(')')
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut slash = true;
        match &self.start {
            Start::Here => slash = false,
            Start::Document if self.steps.is_empty() => f.write_char('/')?,
            Start::Document => {}
            Start::Named(name) => write!(f, "${{{name}}}")?,
            Start::LastSaved(name) => write!(f, "${{last-saved#{name}}}")?,
            Start::Result(inside) if matches!(**inside, Expr::Call(_)) => inside.fmt(f)?,
            Start::Result(inside) => write!(f, "({inside})")?,
        }
        self.predicates.iter().try_for_each(|predicate| write!(f, "[{predicate}]"))?;
        for (index, step) in self.steps.iter().enumerate() {
            f.write_str(if slash { "/" } else { "" })?;
            // `//` is short for this step between two others.
            if !(slash && step.is_double_slash() && index + 1 < self.steps.len()) {
                step.fmt(f)?;
            }
            slash = true;
        }
        Ok(())
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.axis, &self.test) {
            (Axis::SelfNode, Test::Any) => f.write_char('.')?,
            (Axis::Parent, Test::Any) => f.write_str("..")?,
            (Axis::Child, test) => test.fmt(f)?,
            (axis, test) => write!(f, "{}::{test}", axis.name())?,
        }
        self.predicates.iter().try_for_each(|predicate| write!(f, "[{predicate}]"))
    }
}

impl Axis {
    const fn name(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Parent => "parent",
            Self::SelfNode => "self",
            Self::Descendant => "descendant",
            Self::DescendantOrSelf => "descendant-or-self",
            Self::Ancestor => "ancestor",
            Self::AncestorOrSelf => "ancestor-or-self",
            Self::FollowingSibling => "following-sibling",
            Self::PrecedingSibling => "preceding-sibling",
            Self::Attribute => "attribute",
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Any => f.write_char('*'),
            Self::Text => f.write_str("text()"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::Formula;

    #[test]
    fn text_is_printed_in_one_spelling_that_reads_back_as_itself() {
        for (text, printed) in [
            ("${a}='1'or not( selected(${b} , \"it's\") )", "${a} = '1' or not(selected(${b}, \"it's\"))"),
            ("1+2*3 -  -4", "1 + 2 * 3 - -4"),
            ("(1+2)*3", "(1 + 2) * 3"),
            ("1-(2-3)", "1 - (2 - 3)"),
            (".>=18\u{a0}and\n.<= 99", ". >= 18 and . <= 99"),
            ("${a} = ‘yes’ OR ${b} = “no”", "${a} = 'yes' or ${b} = 'no'"),
            (
                "instance( 'x' )/root/item[ name=current()/../y ]/label",
                "instance('x')/root/item[name = current()/../y]/label",
            ),
            ("//a//b[1]", "//a//b[1]"),
            ("../a/./*", "../a/./*"),
            ("/", "/"),
            ("(/) * a", "(/) * a"),
            ("${last-saved#a}", "${last-saved#a}"),
            ("(a|b)[1]/c", "(a | b)[1]/c"),
            ("-(1+2)", "-(1 + 2)"),
            ("${ a }[2]/b", "${a}[2]/b"),
            ("div div mod mod and", "div div mod mod and"),
            ("* * *", "* * *"),
            (".5", "0.5"),
            ("preceding-sibling::row", "preceding-sibling::row"),
            ("a-b - c", "a-b - c"),
        ] {
            let formula = Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(formula.to_string(), printed);
            assert_eq!(Formula::parse(printed).unwrap().expr(), formula.expr());
        }
    }
}
