//! Looks into a zipped workbook before anything trusts it: what it really inflates to, and how much a sheet that is read as a whole would unfold to.

use std::io::{Read, Seek, Write};

use zip::ZipArchive;

use super::limits::{
    ARCHIVE_PARTS_MAX, INFLATE_RATIO_FREE_BYTES, INFLATE_RATIO_MAX, INFLATED_BYTES_MAX, SHARED_PART_BYTES_MAX,
    WHOLE_SHEET_CELLS_MAX,
};
use super::sheet::SheetError;

/// Inflates every part once, counting, so that sizes written in the archive need not be believed.
pub(super) fn check_archive<R: Read + Seek>(file: R) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(file).map_err(|_| SheetError::Damaged)?;
    if archive.len() > ARCHIVE_PARTS_MAX {
        return Err(SheetError::InflatesTooFar);
    }
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| SheetError::Damaged)?;
        if part.encrypted() {
            return Err(SheetError::Encrypted);
        }
        let name = part.name().map_err(|_| SheetError::Damaged)?.to_lowercase();
        let streamed = name.starts_with("xl/worksheets/");
        let part_max = if streamed { INFLATED_BYTES_MAX } else { SHARED_PART_BYTES_MAX };
        let by_ratio = part.compressed_size().saturating_mul(INFLATE_RATIO_MAX).max(INFLATE_RATIO_FREE_BYTES);
        let bound = part_max.min(by_ratio).min(INFLATED_BYTES_MAX - total);
        total += match name.ends_with("sharedstrings.xml") {
            true => {
                let mut texts = Vec::new();
                let inflated = inflate(part, bound, &mut texts)?;
                if questionnaire::workbook::announces_too_much(&texts) {
                    return Err(SheetError::Damaged);
                }
                inflated
            }
            false => inflate(part, bound, &mut std::io::sink())?,
        };
    }
    Ok(())
}

fn inflate(part: impl Read, bound: u64, to: &mut impl Write) -> Result<u64, SheetError> {
    // One byte more than allowed tells "exactly at the bound" from "beyond".
    let inflated = std::io::copy(&mut part.take(bound + 1), to).map_err(|_| SheetError::Damaged)?;
    if inflated > bound { Err(SheetError::InflatesTooFar) } else { Ok(inflated) }
}

/// Refuses an ODS file whose elements do not all end, and one whose repeated rows and columns would unfold to more cells
/// than a sheet may have.
///
/// LibreOffice ends each sheet with a million repeated empty rows, so only rows with content count.
pub(super) fn check_content<R: Read + Seek>(file: R) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(file).map_err(|_| SheetError::Damaged)?;
    let mut content = String::new();
    archive
        .by_name("content.xml")
        .map_err(|_| SheetError::Damaged)?
        .read_to_string(&mut content)
        .map_err(|_| SheetError::Damaged)?;
    if !questionnaire::workbook::is_well_formed(content.as_bytes()) {
        return Err(SheetError::Damaged);
    }
    for sheet in content.split("<table:table ").skip(1) {
        if unfolded_cells(sheet) > WHOLE_SHEET_CELLS_MAX {
            return Err(SheetError::InflatesTooFar);
        }
    }
    Ok(())
}

fn unfolded_cells(sheet: &str) -> u64 {
    let (mut rows, mut rows_with_content, mut columns) = (0u64, 0u64, 0u64);
    for row in sheet.split("<table:table-row").skip(1) {
        rows = rows.saturating_add(repeats(row, "table:number-rows-repeated=\""));
        let (mut width, mut width_with_content) = (0u64, 0u64);
        for cell in row.split("table-cell").skip(1) {
            if !cell.starts_with([' ', '>', '/']) || cell.starts_with("/>") && cell.len() == 2 {
                continue;
            }
            width = width.saturating_add(repeats(cell, "table:number-columns-repeated=\""));
            if cell.contains("<text:") || cell.contains("office:value") {
                width_with_content = width;
            }
        }
        if width_with_content > 0 {
            rows_with_content = rows;
            columns = columns.max(width_with_content);
        }
    }
    rows_with_content.saturating_mul(columns)
}

fn repeats(element: &str, attribute: &str) -> u64 {
    let tag = element.split('>').next().unwrap_or_default();
    let value = tag.split_once(attribute).and_then(|(_, rest)| rest.split('"').next());
    value.map_or(1, |digits| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_cells_are_counted_unfolded_but_trailing_empty_rows_are_not() {
        let sheet = r#"table:name="a">
            <table:table-row><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>
            <table:table-row table:number-rows-repeated="10"><table:table-cell table:number-columns-repeated="5" office:value="1"/></table:table-row>
            <table:table-row table:number-rows-repeated="1048565"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
        assert_eq!(unfolded_cells(sheet), 55);
    }
}
