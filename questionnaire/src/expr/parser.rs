//! Tokens into an expression, by precedence climbing; brackets alone deepen it, and not beyond [`DEPTH_MAX`].

use std::ops::Range;

use super::ast::{Axis, Call, Expr, Operator, Path, Start, Step, Test, level};
use super::error::{Mistake, ParseError, Remark};
use super::functions::{self, Builtin};
use super::lexer::{Lexeme, Token, tokens};
use super::pattern::Pattern;
use super::remarks;

/// How deeply brackets, calls and conditions may stand inside one another. On the right of an operator an operand stands
/// one deeper.
pub const DEPTH_MAX: usize = 100;

/// How long the text of an expression may be. A cell of a workbook holds 32,767 characters.
pub const TEXT_BYTES_MAX: usize = 128 * 1024;

/// Reads all of `text`.
pub(super) fn parse(text: &str) -> Result<(Expr, Vec<Remark>), ParseError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ParseError::syntax(TEXT_BYTES_MAX..text.len(), "this expression is too long")
            .of(Mistake::Limit)
            .advise("calculate parts of it in questions of type calculate"));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { text, tokens: &tokens, next: 0, depth: 0, names_question: false, remarks: Vec::new() };
    if tokens.is_empty() {
        return Err(ParseError::syntax(0..text.len(), "there is no expression"));
    }
    let expr = parser.expression(level::OR)?;
    match parser.peek() {
        None => Ok((expr, parser.remarks)),
        Some(_) => Err(parser.unexpected("the expression should end here or go on with an operator")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token<'a>],
    next: usize,
    depth: usize,
    /// Whether the arguments being read are those of a function that takes a question between quotes.
    names_question: bool,
    remarks: Vec<Remark>,
}

impl<'a> Parser<'a> {
    fn expression(&mut self, weakest: u8) -> Result<Expr, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ParseError::syntax(self.here(), "this expression is nested too deeply")
                .of(Mistake::Limit)
                .advise("calculate parts of it in questions of type calculate"));
        }
        // Of a union only nodes can be part.
        let mut left = if weakest <= level::NEGATE && self.take("-") {
            Expr::Negate(Box::new(self.expression(level::NEGATE)?))
        } else {
            self.operand()?
        };
        while let Some(operator) = self.operator().filter(|operator| operator.level() >= weakest) {
            let rest = self.rest_of_chain(operator.level())?;
            left = Expr::Chain { first: Box::new(left), rest };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn rest_of_chain(&mut self, of: u8) -> Result<Vec<(Operator, Expr)>, ParseError> {
        let mut rest = Vec::new();
        while let Some(operator) = self.operator().filter(|operator| operator.level() == of) {
            self.next += 1;
            rest.push((operator, self.expression(of + 1)?));
        }
        Ok(rest)
    }

    /// The operator that stands next, if one does.
    fn operator(&self) -> Option<Operator> {
        use Operator as O;
        Some(match self.peek()? {
            Lexeme::Name("or") => O::Or,
            Lexeme::Name("and") => O::And,
            Lexeme::Name("div") => O::Divide,
            Lexeme::Name("mod") => O::Modulo,
            // Excel's and people's capitals; an element's name cannot stand here, so nothing else can be meant.
            Lexeme::Name(word) if word.eq_ignore_ascii_case("or") => O::Or,
            Lexeme::Name(word) if word.eq_ignore_ascii_case("and") => O::And,
            Lexeme::Sign("=") => O::Equal,
            Lexeme::Sign("!=") => O::NotEqual,
            Lexeme::Sign("<") => O::Less,
            Lexeme::Sign("<=") => O::LessOrEqual,
            Lexeme::Sign(">") => O::Greater,
            Lexeme::Sign(">=") => O::GreaterOrEqual,
            Lexeme::Sign("+") => O::Add,
            Lexeme::Sign("-") => O::Subtract,
            Lexeme::Sign("*") => O::Multiply,
            Lexeme::Sign("|") => O::Union,
            _ => return None,
        })
    }

    fn operand(&mut self) -> Result<Expr, ParseError> {
        let at = self.here();
        let Some(lexeme) = self.peek() else {
            return Err(self.unexpected("a value is missing at the end"));
        };
        let start = match lexeme {
            Lexeme::Number(number) => {
                self.next += 1;
                Start::Result(Box::new(Expr::Number(number)))
            }
            Lexeme::Text { text, curly } => {
                self.next += 1;
                self.remarks.extend(curly.then(|| remarks::curly(at.clone())));
                if !self.names_question {
                    self.remarks.extend(remarks::quoted_reference(text, at));
                }
                Start::Result(Box::new(Expr::Text(text.into())))
            }
            Lexeme::Reference(name) => {
                self.next += 1;
                match name.strip_prefix("last-saved#") {
                    Some(name) => Start::LastSaved(name.into()),
                    None => Start::Named(name.into()),
                }
            }
            Lexeme::Sign("(") => {
                self.next += 1;
                let inside = self.expression(level::OR)?;
                self.expect(")", "this bracket is never closed", at)?;
                Start::Result(Box::new(inside))
            }
            Lexeme::Name(name) if self.calls(name) => Start::Result(Box::new(self.call(name, at)?)),
            Lexeme::Sign("/") => return self.document_path(),
            Lexeme::Sign("//") => {
                let steps = self.more_steps()?;
                return Ok(Expr::Path(Path { start: Start::Document, predicates: Vec::new(), steps }));
            }
            _ => {
                let mut steps = vec![self.step()?];
                steps.extend(self.more_steps()?);
                return Ok(Expr::Path(Path { start: Start::Here, predicates: Vec::new(), steps }));
            }
        };
        self.path_from(start)
    }

    /// Whether the name that stands next is that of a function and not that of an element.
    fn calls(&self, name: &str) -> bool {
        let followed = self.tokens.get(self.next + 1).is_some_and(|token| token.what == Lexeme::Sign("("));
        followed && !matches!(name, "node" | "text" | "comment" | "processing-instruction")
    }

    fn document_path(&mut self) -> Result<Expr, ParseError> {
        self.next += 1;
        let mut steps = Vec::new();
        if self.step_follows() {
            steps.push(self.step()?);
            steps.extend(self.more_steps()?);
        }
        Ok(Expr::Path(Path { start: Start::Document, predicates: Vec::new(), steps }))
    }

    fn step_follows(&self) -> bool {
        matches!(self.peek(), Some(Lexeme::Name(_) | Lexeme::Sign("*" | "." | ".." | "@")))
    }

    fn path_from(&mut self, start: Start) -> Result<Expr, ParseError> {
        let predicates = self.predicates()?;
        let steps = self.more_steps()?;
        match start {
            // A bracketed path goes on as that path, unless a condition would then mean its last step alone.
            Start::Result(inside) if predicates.is_empty() && steps.is_empty() => Ok(*inside),
            start => Ok(Expr::Path(Path { start, predicates, steps })),
        }
    }

    fn more_steps(&mut self) -> Result<Vec<Step>, ParseError> {
        let mut steps = Vec::new();
        loop {
            if self.take("//") {
                steps.push(Step { axis: Axis::DescendantOrSelf, test: Test::Any, predicates: Vec::new() });
            } else if !self.take("/") {
                return Ok(steps);
            }
            steps.push(self.step()?);
        }
    }

    fn step(&mut self) -> Result<Step, ParseError> {
        let at = self.here();
        let (axis, test) = match self.peek() {
            Some(Lexeme::Sign(".")) => (Axis::SelfNode, self.then(Test::Any)),
            Some(Lexeme::Sign("..")) => (Axis::Parent, self.then(Test::Any)),
            Some(Lexeme::Sign("@")) => {
                self.next += 1;
                (Axis::Attribute, self.test()?)
            }
            Some(Lexeme::Name(name)) if self.sign_after() == Some("::") => {
                self.next += 2;
                (axis(name, at)?, self.test()?)
            }
            _ => (Axis::Child, self.test()?),
        };
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn then(&mut self, test: Test) -> Test {
        self.next += 1;
        test
    }

    fn test(&mut self) -> Result<Test, ParseError> {
        match self.peek() {
            Some(Lexeme::Sign("*")) => Ok(self.then(Test::Any)),
            Some(Lexeme::Name(name)) => {
                let at = self.here();
                self.next += 1;
                if !self.take("(") {
                    return Ok(Test::Name(name.into()));
                }
                self.expect(")", "this bracket is never closed", at.clone())?;
                match name {
                    "node" => Ok(Test::Any),
                    "text" => Ok(Test::Text),
                    _ => Err(ParseError::syntax(at, format!("{name}() cannot stand in a path"))),
                }
            }
            _ => Err(self.unexpected("a value is missing here")),
        }
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, ParseError> {
        let mut predicates = Vec::new();
        loop {
            let at = self.here();
            if !self.take("[") {
                return Ok(predicates);
            }
            predicates.push(self.expression(level::OR)?);
            self.expect("]", "this bracket is never closed", at)?;
        }
    }

    fn call(&mut self, name: &'a str, at: Range<usize>) -> Result<Expr, ParseError> {
        let function = functions::find_function(name).ok_or_else(|| functions::unknown(name, at.clone()))?;
        self.next += 2;
        let outer = std::mem::replace(&mut self.names_question, function.builtin == Builtin::ChoiceName);
        let arguments = self.arguments(&at)?;
        self.names_question = outer;
        function.check(arguments.len(), at.clone())?;
        self.remarks.extend(remarks::of_function(function, at.clone()));
        let pattern = self.pattern(function.builtin, &arguments, &at);
        Ok(Expr::Call(Call { function, arguments, pattern }))
    }

    fn arguments(&mut self, call: &Range<usize>) -> Result<Vec<Expr>, ParseError> {
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(level::OR)?);
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                let error = self.unexpected("here should stand a comma or a closing bracket");
                let call = &self.text[call.clone()];
                return Err(ParseError { message: format!("{} (in {call})", error.message), ..error });
            }
        }
    }

    fn pattern(&mut self, called: Builtin, arguments: &[Expr], at: &Range<usize>) -> Option<Pattern> {
        let (Builtin::Regex, Some(Expr::Text(source))) = (called, arguments.get(1)) else {
            return None;
        };
        let pattern = Pattern::new(source);
        self.remarks.extend(pattern.fault().map(|fault| remarks::pattern(at.clone(), &fault)));
        Some(pattern)
    }

    fn peek(&self) -> Option<Lexeme<'a>> {
        self.tokens.get(self.next).map(|token| token.what)
    }

    fn sign_after(&self) -> Option<&'static str> {
        match self.tokens.get(self.next + 1)?.what {
            Lexeme::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    fn take(&mut self, sign: &'static str) -> bool {
        let found = self.peek() == Some(Lexeme::Sign(sign));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str, otherwise: &str, opened: Range<usize>) -> Result<(), ParseError> {
        if self.take(sign) {
            return Ok(());
        }
        match self.peek() {
            None => Err(ParseError::syntax(opened, otherwise).advise(format!("add the missing {sign}"))),
            Some(_) => Err(self.unexpected(&format!("here should stand an operator or {sign}"))),
        }
    }

    /// The bytes of the token that stands next, or the empty place at the end.
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |token| token.at.clone())
    }

    fn unexpected(&self, message: &str) -> ParseError {
        let at = self.here();
        let advice = remarks::slip(self.tokens, self.next, self.text);
        let found = &self.text[at.clone()];
        let message = if found.is_empty() { message.to_owned() } else { format!("{message}, not {found}") };
        ParseError::syntax(at, message).advise(advice)
    }
}

fn axis(name: &str, at: Range<usize>) -> Result<Axis, ParseError> {
    Ok(match name {
        "child" => Axis::Child,
        "parent" => Axis::Parent,
        "self" => Axis::SelfNode,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "following-sibling" => Axis::FollowingSibling,
        "preceding-sibling" => Axis::PrecedingSibling,
        "attribute" => Axis::Attribute,
        _ => return Err(ParseError::syntax(at, format!("{name}:: is not a direction of a path"))),
    })
}
