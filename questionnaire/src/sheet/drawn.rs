//! Sheets drawn with bars.

use super::{Sheet, Workbook};

pub(super) fn read(text: &str) -> Workbook {
    let mut workbook = Workbook::default();
    let mut number = 0;
    for line in text.lines() {
        let Some(cells) = cells_of(line) else { continue };
        let (name, texts) = cells.split_first().expect("splitting gives at least one part");
        if !name.is_empty() {
            workbook.sheets.push(Sheet { name: name.clone(), rows: Vec::new() });
            number = 0;
        }
        let Some(sheet) = workbook.sheets.last_mut() else { continue };
        let is_title = !name.is_empty() && texts.iter().all(String::is_empty);
        if !is_title {
            number += 1;
            sheet.push(number, texts.iter().map(String::as_str));
        }
    }
    workbook
}

/// The cells of a line; `None` for a line that draws none, such as the one below a header.
fn cells_of(line: &str) -> Option<Vec<String>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    if inside.chars().all(|char| matches!(char, '|' | '-' | ':')) && inside.contains('-') {
        return None;
    }
    let mut cells = vec![String::new()];
    let mut chars = inside.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' if chars.peek() == Some(&'|') => cells.last_mut()?.extend(chars.next()),
            '|' => cells.push(String::new()),
            _ => cells.last_mut()?.push(char),
        }
    }
    Some(cells.iter().map(|cell| cell.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_read_as_its_sheets() {
        let workbook = read(
            r"
            | survey   |      |         |
            |----------|------|---------|
            |          | type | name    |
            |          |      |         |
            |          | text | a\|b    |
            | settings | form_title |
            |          | T          |
            ",
        );
        let expected = Workbook {
            sheets: vec![
                Sheet::of("survey", [vec!["type", "name"], vec![], vec!["text", "a|b"]]),
                Sheet::of("settings", [vec!["form_title"], vec!["T"]]),
            ],
        };
        assert_eq!(workbook, expected);
    }
}
