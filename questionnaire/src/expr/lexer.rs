//! Text into tokens. What a name or a `*` means is left to the parser, which knows whether an operand is due.

use std::ops::Range;

use super::error::ParseError;

/// A piece of an expression and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) what: Lexeme<'a>,
    pub(super) at: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lexeme<'a> {
    Number(f64),
    /// What stands between the quotes; `curly` if Excel bent one of them.
    Text {
        text: &'a str,
        curly: bool,
    },
    /// `${name}` without the braces and the spaces inside them.
    Reference(&'a str),
    /// Letters, digits, `.`, `-`, `_`, and one `:` between prefix and name.
    Name(&'a str),
    /// One of `( ) [ ] , / // | + - * = != < <= > >= . .. @ ::`
    Sign(&'static str),
}

/// Longest first, so that `<=` is not taken for `<`.
const SIGNS: [&str; 20] =
    ["//", "::", "..", "!=", "<=", ">=", "(", ")", "[", "]", ",", "/", "|", "+", "-", "*", "=", "<", ">", "@"];

/// All tokens of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ParseError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Option<Token<'a>>, ParseError> {
        self.skip(is_space);
        let from = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let what = match first {
            '0'..='9' => self.number()?,
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number()?,
            '$' => self.reference()?,
            _ if is_quote(first) => self.quoted(first)?,
            _ if starts_name(first) => self.name(),
            _ => self.sign()?,
        };
        Ok(Some(Token { what, at: from..self.at }))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, holds: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !holds(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn number(&mut self) -> Result<Lexeme<'a>, ParseError> {
        let from = self.at;
        self.skip(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') {
            self.at += 1;
            self.skip(|c| c.is_ascii_digit());
        }
        let digits = &self.text[from..self.at];
        match digits.parse() {
            Ok(number) if f64::is_finite(number) => Ok(Lexeme::Number(number)),
            _ => Err(ParseError::syntax(from..self.at, "this number is too large")),
        }
    }

    fn reference(&mut self) -> Result<Lexeme<'a>, ParseError> {
        let from = self.at;
        let Some(inside) = self.rest().strip_prefix("${") else {
            self.at += 1;
            self.skip(continues_name);
            return Err(ParseError::syntax(from..self.at, "a $ needs braces").advise("write ${name}"));
        };
        let Some(length) = inside.find('}') else {
            return Err(ParseError::syntax(from..from + 2, "this ${ is never closed").advise("add the missing }"));
        };
        self.at += 2 + length + 1;
        let name = inside[..length].trim_matches(is_space);
        let bare = name.strip_prefix("last-saved#").unwrap_or(name);
        if bare.is_empty() || !bare.starts_with(starts_name) || !bare.chars().all(|c| continues_name(c) || c == ':') {
            return Err(ParseError::syntax(from..self.at, "between ${ and } has to stand the name of a question")
                .advise("write the name as in the column \"name\", without spaces"));
        }
        Ok(Lexeme::Reference(name))
    }

    /// A quote closes with its like; a bent one, which Excel makes of a straight one, with any of its width.
    fn quoted(&mut self, open: char) -> Result<Lexeme<'a>, ParseError> {
        let from = self.at;
        let inside = &self.rest()[open.len_utf8()..];
        let straight = matches!(open, '\'' | '"');
        let closes = |c: char| if straight { c == open } else { is_quote(c) && is_double(c) == is_double(open) };
        let end = inside.find(closes).or_else(|| inside.find(|c| is_quote(c) && is_double(c) == is_double(open)));
        let Some(end) = end else {
            return Err(ParseError::syntax(from..self.text.len(), "this quote is never closed")
                .advise(format!("add the missing {}", if is_double(open) { '"' } else { '\'' })));
        };
        let close = inside[end..].chars().next().map_or(0, char::len_utf8);
        self.at += open.len_utf8() + end + close;
        Ok(Lexeme::Text { text: &inside[..end], curly: !straight || close > 1 })
    }

    fn name(&mut self) -> Lexeme<'a> {
        let from = self.at;
        self.skip(continues_name);
        let after = self.rest();
        if after.starts_with(':') && after[1..].starts_with(starts_name) {
            self.at += 1;
            self.skip(continues_name);
        }
        Lexeme::Name(&self.text[from..self.at])
    }

    fn sign(&mut self) -> Result<Lexeme<'a>, ParseError> {
        let rest = self.rest();
        if let Some(dash) = rest.chars().next().filter(|c| matches!(c, '\u{2212}' | '\u{2013}')) {
            self.at += dash.len_utf8();
            return Ok(Lexeme::Sign("-"));
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            self.at += sign.len();
            return Ok(Lexeme::Sign(sign));
        }
        if rest.starts_with('.') {
            self.at += 1;
            return Ok(Lexeme::Sign("."));
        }
        let length = rest.chars().next().map_or(0, char::len_utf8);
        Err(strange(rest, self.at..self.at + length))
    }
}

/// Signs of other languages get the word that is meant.
fn strange(rest: &str, at: Range<usize>) -> ParseError {
    let error = ParseError::syntax(at, "this sign has no meaning here");
    match rest.get(..2) {
        Some("&&") => error.advise("write: and"),
        Some("&l" | "&g" | "&a" | "&q") => error.advise("write the sign itself, such as < or >"),
        _ if rest.starts_with('!') => error.advise("write not(...) or !="),
        _ if rest.starts_with('%') => error.advise("write: mod"),
        _ if rest.starts_with('≤') => error.advise("write <="),
        _ if rest.starts_with('≥') => error.advise("write >="),
        _ if rest.starts_with('≠') => error.advise("write !="),
        _ if rest.starts_with('×') => error.advise("write *"),
        _ if rest.starts_with('÷') => error.advise("write: div"),
        _ => error.advise("remove it, or put text between quotes"),
    }
}

/// Spaces, line ends, and what spreadsheets put in their place: no-break, zero-width and ideographic spaces.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn is_quote(c: char) -> bool {
    is_double(c) || matches!(c, '\'' | '‘' | '’' | '‚' | '‛')
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟')
}

pub(super) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(super) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}
