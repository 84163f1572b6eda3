//! Looks into a zipped workbook before anything trusts it: what it really inflates to, and what it would unfold to.

use std::borrow::Cow;
use std::io::{Cursor, Read, Write};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::empties::without_empty_cells;
use super::limits::{INFLATED_BYTES_MAX, LAID_OUT_CELLS_MAX, PARTS_MAX};
use crate::xlsform::FileFault;

/// Kinds of zipped workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zipped {
    Xlsx,
    Ods,
}

/// Inflates every part that the reader will look at, counting, so that sizes written in the archive need not be
/// believed, and packs them anew without compression: they are inflated once only, and pictures never.
pub(super) fn unpacked(bytes: &[u8]) -> Result<(Zipped, Vec<u8>), FileFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileFault::Damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(FileFault::InflatesTooFar);
    }
    let mut unpacked = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut left, mut kind) = (INFLATED_BYTES_MAX, None);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| FileFault::Damaged)?;
        if part.encrypted() {
            return Err(FileFault::Encrypted);
        }
        let name = part.name().map_err(|_| FileFault::Damaged)?.into_owned();
        let folded = name.to_lowercase().replace('\\', "/");
        if folded == "xl/workbook.bin" {
            return Err(FileFault::NotAWorkbook);
        }
        if !is_looked_at(&folded) {
            continue;
        }
        let bytes = inflate(part, left)?;
        left -= bytes.len() as u64;
        match folded.as_str() {
            "content.xml" => {
                if !is_well_formed(&bytes) {
                    return Err(FileFault::Damaged);
                }
                check_unfolding(&bytes)?;
                kind = Some(Zipped::Ods);
            }
            _ if folded.ends_with("sharedstrings.xml") && announces_too_much(&bytes) => return Err(FileFault::Damaged),
            "[content_types].xml" | "_rels/.rels" | "xl/workbook.xml" => kind = kind.or(Some(Zipped::Xlsx)),
            _ => {}
        }
        let is_worksheet = folded.contains("worksheets/");
        let bytes = if is_worksheet { without_empty_cells(&bytes) } else { Cow::Borrowed(bytes.as_slice()) };
        pack(&mut unpacked, &name, &bytes).map_err(|_| FileFault::Damaged)?;
    }
    let unpacked = unpacked.finish().map_err(|_| FileFault::Damaged)?.into_inner();
    kind.map(|kind| (kind, unpacked)).ok_or(FileFault::NotAWorkbook)
}

/// Pictures, settings of printers and the like are of no interest.
fn is_looked_at(name: &str) -> bool {
    let is_of_interest = name.ends_with(".xml") || name.ends_with(".rels") || !name.contains('.');
    is_of_interest
        && !name.starts_with("docprops/")
        && !name.starts_with("xl/drawings/")
        && !name.starts_with("xl/theme/")
}

fn inflate(part: impl Read, bound: u64) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells "exactly at the bound" from "beyond".
    part.take(bound + 1).read_to_end(&mut bytes).map_err(|_| FileFault::Damaged)?;
    if bytes.len() as u64 > bound { Err(FileFault::InflatesTooFar) } else { Ok(bytes) }
}

fn pack(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) -> Result<(), ZipError> {
    archive.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
    archive.write_all(bytes)?;
    Ok(())
}

/// Whether the shared texts of an XLSX file announce to be more than their bytes can hold: its reader asks for memory on
/// that word.
pub fn announces_too_much(part: &[u8]) -> bool {
    let most = part.len() as u64;
    attributes(part, b"uniqueCount").any(|announced| announced > most)
}

/// Whether all elements of an ODS file's content end: its reader looks for their ends beyond the end of the file, for ever.
pub fn is_well_formed(content: &[u8]) -> bool {
    let Ok(content) = std::str::from_utf8(content) else { return false };
    let mut reader = Reader::from_str(content);
    let mut depth = 0usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => depth += 1,
            Ok(Event::End(_)) if depth > 0 => depth -= 1,
            Ok(Event::Eof) => return depth == 0,
            Ok(Event::End(_)) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// Refuses an ODS file whose repeated rows and columns would unfold to more cells than a form has.
///
/// LibreOffice ends each sheet with a million repeated empty rows, so only rows with content count.
fn check_unfolding(content: &[u8]) -> Result<(), FileFault> {
    let most = split(content, b"</table:table>").map(unfolded_cells).max().unwrap_or(0);
    if most > LAID_OUT_CELLS_MAX { Err(FileFault::InflatesTooFar) } else { Ok(()) }
}

/// An upper bound of the cells that a sheet unfolds to. Whatever cannot be read as a number counts as endless.
fn unfolded_cells(sheet: &[u8]) -> u64 {
    let (mut rows, mut rows_with_content, mut columns) = (0u64, 0u64, 0u64);
    for row in split(sheet, b"<table:table-row").skip(1) {
        let mut cells = split(row, b"table-cell");
        let head = cells.next().unwrap_or_default();
        rows = rows.saturating_add(attributes(head, b"number-rows-repeated").max().unwrap_or(1));
        let (mut width, mut width_with_content) = (0u64, 0u64);
        for cell in cells {
            width = width.saturating_add(attributes(cell, b"number-columns-repeated").max().unwrap_or(1));
            let has_content = [&b"office:"[..], b"<text", b"formula"].iter().any(|mark| contains(cell, mark));
            if has_content {
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

/// The values of an attribute wherever it stands.
fn attributes<'a>(text: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
    split(text, name).skip(1).map(|after| number(after).unwrap_or(u64::MAX))
}

/// Reads `="12"`, blanks and either quote allowed.
fn number(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *text.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let end = text[1..].iter().position(|byte| *byte == quote)?;
    std::str::from_utf8(&text[1..=end]).ok()?.parse().ok()
}

fn contains(text: &[u8], mark: &[u8]) -> bool {
    find(text, mark).is_some()
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

/// The parts of `text` between the marks.
fn split<'a>(text: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match find(text, mark) {
            Some(at) => {
                rest = Some(&text[at + mark.len()..]);
                Some(&text[..at])
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_cells_are_counted_unfolded_but_trailing_empty_rows_are_not() {
        let sheet = br#"<table:table table:name="a">
            <table:table-row><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>
            <table:table-row table:number-rows-repeated = '10'><table:table-cell x=">" table:number-columns-repeated="5" office:value="1"/></table:table-row>
            <table:table-row table:number-rows-repeated="1048565"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
        assert_eq!(unfolded_cells(sheet), 55);
    }

    #[test]
    fn what_is_no_number_counts_as_endless() {
        let sheet = br#"<table:table-row><table:table-cell table:number-columns-repeated="&#49;" office:value="1"/>"#;
        assert_eq!(check_unfolding(sheet), Err(FileFault::InflatesTooFar));
    }

    #[test]
    fn elements_that_never_end_are_refused() {
        assert!(is_well_formed(b"<a><b/><c></c></a>"));
        for content in [&b"<a><b></a>"[..], b"<a>", b"</a>", b"<a", b"<a>\xff</a>"] {
            assert!(!is_well_formed(content));
        }
    }

    #[test]
    fn texts_that_announce_too_much_are_refused() {
        assert!(!announces_too_much(br#"<sst uniqueCount="3"><si/><si/></sst>"#));
        assert!(announces_too_much(br#"<sst uniqueCount='99999999999'></sst>"#));
    }
}
