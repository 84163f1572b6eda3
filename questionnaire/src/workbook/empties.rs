//! Cells of a worksheet that hold nothing but a style.
//!
//! Spreadsheets write one for each cell that was ever coloured: of the cells of a typical form nineteen in twenty. Left
//! out before the XML is read, a form opens several times as fast.

use std::borrow::Cow;

/// The worksheet without its empty cells; as it is where that cannot be done by looking at its tags only.
pub(super) fn without_empty_cells(worksheet: &[u8]) -> Cow<'_, [u8]> {
    let without = std::str::from_utf8(worksheet).ok().and_then(stripped);
    without.map_or(Cow::Borrowed(worksheet), |text| Cow::Owned(text.into_bytes()))
}

/// `None` where a cell has no reference of its own, so that its place is told by the cells before it, and where
/// something may look like a tag and be none.
fn stripped(text: &str) -> Option<String> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at..];
        if tag.starts_with("<!") {
            return None;
        }
        if !tag.starts_with("<c ") && !tag.starts_with("<c>") {
            kept.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let length = tag.find('>')? + 1;
        if !tag[..length].contains(" r=\"") {
            return None;
        }
        let is_empty = tag[..length].ends_with("/>");
        kept.push_str(&rest[..if is_empty { at } else { at + length }]);
        rest = &rest[at + length..];
    }
    kept.push_str(rest);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(worksheet: &str, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&without_empty_cells(worksheet.as_bytes())), expected);
    }

    #[test]
    fn empty_cells_are_left_out() {
        check(
            r#"<row r="1"><c r="A1" s="3"/><c r="B1" s="3"><v>1</v></c><c r="C1"/></row><cols/>"#,
            r#"<row r="1"><c r="B1" s="3"><v>1</v></c></row><cols/>"#,
        );
    }

    #[test]
    fn what_cannot_be_told_from_tags_is_left_as_it_is() {
        for worksheet in [
            r#"<row><c s="3"/><c r="B1"><v>1</v></c></row>"#,
            r#"<row><c><v>1</v></c></row>"#,
            r#"<row><c r="A1"/><!-- <c r="B1"/> --></row>"#,
            r#"<row><c r="A1"/><c r="A1"#,
            "",
        ] {
            check(worksheet, worksheet);
        }
    }
}
