//! One cell of an exported table.

/// What a cell holds; a 16-digit number is always text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportCell {
    /// Nothing.
    Empty,
    /// Text, taken literally whatever it begins with.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl ExportCell {
    /// Text, or nothing for no text.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}
