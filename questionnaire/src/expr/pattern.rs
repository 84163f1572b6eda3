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
    RegexBuilder::new(&format!("\\A(?:{source})\\z")).size_limit(PATTERN_BYTES_MAX).build()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
