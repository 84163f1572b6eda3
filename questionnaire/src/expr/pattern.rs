//! A regular expression that is made ready once and used for every answer.

use std::sync::OnceLock;

use regex_lite::{Regex, RegexBuilder};

/// How large one made-ready regular expression may become.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A regular expression as the author wrote it, made ready at its first use.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    source: Box<str>,
    ready: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Self {
        Self { source: source.into(), ready: OnceLock::new() }
    }

    /// Why it cannot be read, if it cannot.
    pub(super) fn fault(&self) -> Option<String> {
        build(&self.source).err().map(|fault| fault.to_string())
    }

    /// Whether all of `text` fits it, as in ODK Collect; nothing fits a pattern that cannot be read.
    pub(super) fn fits(&self, text: &str) -> bool {
        let ready = self.ready.get_or_init(|| build(&self.source).ok());
        ready.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

fn build(source: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(&format!("\\A(?:{})\\z", translated(source))).size_limit(PATTERN_BYTES_MAX).build()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// Letters of all scripts, nearly: blocks that are mostly letters count as a whole.
const LETTERS: &str = "A-Za-zªµºÀ-ÖØ-öø-\u{2c1}\u{370}-\u{1fff}\u{2c00}-\u{2fef}\u{3040}-\u{d7ff}\u{f900}-\u{fdff}\u{fe70}-\u{fefe}\u{10000}-\u{3ffff}";

/// The pattern in the words of the crate that matches it, where Java and JavaScript have others: classes such as `\p{L}`,
/// `[` and `&&` inside a class and `{` where no count follows stand for themselves, and so does what needs no backslash.
fn translated(source: &str) -> String {
    let mut pattern = String::with_capacity(source.len());
    let mut in_class = false;
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let (written, taken) = match c {
            '\\' => escaped(rest, in_class),
            '[' if in_class && !after.starts_with(':') => (r"\[".into(), 1),
            '&' if in_class => (r"\&".into(), 1),
            '{' if !after.starts_with(|c: char| c.is_ascii_digit()) => (r"\{".into(), 1),
            _ => (c.to_string(), c.len_utf8()),
        };
        // The `]` that closes `[:alpha:]` does not close the class around it.
        in_class = match c {
            '[' if in_class && after.starts_with(':') => {
                let name = rest.find(":]").map_or(rest.len(), |end| end + 2);
                pattern.push_str(&rest[..name]);
                rest = &rest[name..];
                continue;
            }
            '[' => true,
            ']' => false,
            _ => in_class,
        };
        pattern.push_str(&written);
        rest = &rest[taken..];
    }
    pattern
}

/// What a backslash and what follows it become, and how many bytes they take.
fn escaped(rest: &str, in_class: bool) -> (String, usize) {
    if let Some(name) = rest.strip_prefix(r"\p{")
        && let Some(end) = name.find('}')
    {
        let ranges = match name[..end].trim_start_matches("Is") {
            "L" | "Letter" | "Alphabetic" | "Alpha" => LETTERS,
            "Lu" | "Upper" | "Uppercase" => "A-ZÀ-ÖØ-Þ",
            "Ll" | "Lower" | "Lowercase" => "a-zß-öø-ÿ",
            "N" | "Nd" | "Digit" => "0-9",
            _ => return (rest[..end + 4].to_owned(), end + 4),
        };
        return (if in_class { ranges.to_owned() } else { format!("[{ranges}]") }, end + 4);
    }
    match rest[1..].chars().next() {
        Some('Z') => (r"\z".to_owned(), 2),
        Some(c) if !c.is_ascii() || matches!(c, '<' | '>') => (c.to_string(), 1 + c.len_utf8()),
        Some(c) => (rest[..1 + c.len_utf8()].to_owned(), 1 + c.len_utf8()),
        None => (rest.to_owned(), rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_of_java_and_javascript_are_understood() {
        for (pattern, fits, not) in [
            (r"[\w\-\.]+@\w+", "a-.b@c", "a b@c"),
            (r"\/\_\@\:\'\#", "/_@:'#", ""),
            (r"\<a\>", "<a>", "a"),
            (r"\é", "é", "e"),
            (r"a{", "a{", "a"),
            (r"a{1,2}", "aa", "aaa"),
            (r"[[]", "[", "]"),
            (r"[a&&b]+", "a&b", "c"),
            (r"[[:alpha:]_]+", "a_", "1"),
            (r"[]a]+", "]a", "b"),
            (r"[^\]]", "a", "]"),
            (r"^[\p{L} .']+$", "Müller अ 王", "a1"),
            (r"\p{Lu}\p{Ll}+", "Óscar", "oscar"),
            (r"\d+\Z", "12", "1a"),
            ("(?i)ya", "YA", "Yo"),
            ("", "", "a"),
        ] {
            let pattern = Pattern::new(pattern);
            assert!(pattern.fits(fits) && !pattern.fits(not), "{pattern:?} {:?}", pattern.fault());
        }
    }

    #[test]
    fn what_cannot_be_matched_in_linear_time_has_a_fault() {
        for pattern in ["(?=a)b", "(a)\\1", "(", "[", "\\", "\\p{Unheard}"] {
            let pattern = Pattern::new(pattern);
            assert!(pattern.fault().is_some() && !pattern.fits(""), "{pattern:?}");
        }
    }
}
