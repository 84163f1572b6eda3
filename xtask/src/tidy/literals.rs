//! A Rust file taken apart just far enough: its code without comments and texts, and its string literals.

/// A string literal and the line it begins on, counted from 1.
#[derive(Debug, PartialEq)]
pub(super) struct Literal<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
}

/// The file in parts, in order of appearance.
pub(super) struct Parts<'a> {
    /// Same lines as the file; comments and the insides of literals are left out.
    pub(super) code: String,
    pub(super) literals: Vec<Literal<'a>>,
}

pub(super) fn take_apart(text: &str) -> Parts<'_> {
    let mut parts = Parts { code: String::with_capacity(text.len()), literals: Vec::new() };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = next_part(rest, parts.code.chars().next_back());
        let part = &rest[..length.max(first.len_utf8())];
        match kind {
            Kind::Code => parts.code.push_str(part),
            Kind::Comment | Kind::Character => keep_lines(part, &mut parts.code),
            Kind::Text { open, close } => {
                let line = parts.code.matches('\n').count() + 1;
                // A literal that never closes does not compile; what it is taken for does not matter.
                let text = part.get(open..part.len().saturating_sub(close)).unwrap_or_default();
                parts.literals.push(Literal { line, text });
                parts.code.push('"');
                keep_lines(part, &mut parts.code);
                parts.code.push('"');
            }
        }
        rest = &rest[part.len()..];
    }
    parts
}

enum Kind {
    Code,
    Comment,
    Character,
    /// A string literal whose quotes take this many bytes.
    Text {
        open: usize,
        close: usize,
    },
}

fn next_part(rest: &str, before: Option<char>) -> (Kind, usize) {
    let inside_a_name = before.is_some_and(|character| character.is_alphanumeric() || character == '_');
    if rest.starts_with("//") {
        (Kind::Comment, rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        (Kind::Comment, block_comment(rest))
    } else if rest.starts_with('"') {
        (Kind::Text { open: 1, close: 1 }, quoted(rest, '"'))
    } else if let (false, Some(hashes)) = (inside_a_name, raw_string(rest)) {
        let close = format!("\"{}", "#".repeat(hashes));
        let open = rest.find('"').unwrap_or_default() + 1;
        let length = rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len());
        (Kind::Text { open, close: close.len() }, length)
    } else if rest.starts_with('\'') && is_character(rest) {
        (Kind::Character, quoted(rest, '\''))
    } else {
        (Kind::Code, 1)
    }
}

/// The number of hashes if a raw string begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let unhashed = after.trim_start_matches('#');
    unhashed.starts_with('"').then(|| after.len() - unhashed.len())
}

/// A quote begins a character and not a lifetime if it is escaped, or closed after one character.
fn is_character(rest: &str) -> bool {
    let mut following = rest.chars().skip(1);
    match following.next() {
        Some('\\') => true,
        Some(_) => following.next() == Some('\''),
        None => false,
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest.as_bytes()[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.as_bytes()[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn keep_lines(part: &str, code: &mut String) {
    code.extend(part.matches('\n'));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str, literals: &[(usize, &str)]) {
        let parts = take_apart(text);
        assert_eq!(parts.code, code, "{text}");
        let found: Vec<_> = parts.literals.iter().map(|literal| (literal.line, literal.text)).collect();
        assert_eq!(found, literals, "{text}");
    }

    #[test]
    fn comments_texts_and_characters_are_told_from_code() {
        check("let a = 1; // \"no\"\nb", "let a = 1; \nb", &[]);
        check("x /* a /* \"b\" */ \n c */ y", "x \n y", &[]);
        check("f(\"a\\\"b\"); g", "f(\"\"); g", &[(1, "a\\\"b")]);
        check("\n r#\"say \"hi\"\"# z", "\n \"\" z", &[(2, "say \"hi\"")]);
        check("let c = '\"'; let d: &'a str = \"é\";", "let c = ; let d: &'a str = \"\";", &[(1, "é")]);
        check("'\\'' \"x\"", " \"\"", &[(1, "x")]);
        check("\"two\nlines\" \"next\"", "\"\n\" \"\"", &[(1, "two\nlines"), (2, "next")]);
        check("b\"bytes\" bar\"\"", "b\"\" bar\"\"", &[(1, "bytes"), (1, "")]);
    }
}
