//! Looks into an XLS file before anything trusts it: how far apart its cells lie, as its sheets are laid out as a whole.
//!
//! An XLS is a small file system (MS-CFB) with one file that matters, a series of records (MS-XLS).

use super::limits::{LAID_OUT_CELLS_MAX, SHEETS_MAX};
use crate::xlsform::FileFault;

const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
const MINI_SECTOR_BYTES: usize = 64;
const MINI_STREAM_BELOW_BYTES: usize = 4_096;
/// Sector numbers from here on mark ends and free sectors.
const RESERVED: u32 = 0xffff_fffa;

const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const END: u16 = 0x000a;
/// Records that begin with a row and a column.
const CELLS: &[u16] = &[0x0006, 0x00bd, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e];

/// Refuses a file whose sheets would take more cells than a form has.
pub(super) fn check(bytes: &[u8]) -> Result<(), FileFault> {
    let container = Container::read(bytes).ok_or(FileFault::Damaged)?;
    if container.entries.iter().any(|entry| entry.name == "EncryptedPackage") {
        return Err(FileFault::Encrypted);
    }
    let books = container.entries.iter().filter(|entry| entry.name == "Workbook" || entry.name == "Book");
    for entry in books {
        let stream = container.stream(entry).ok_or(FileFault::Damaged)?;
        check_book(&stream)?;
    }
    Ok(())
}

fn check_book(stream: &[u8]) -> Result<(), FileFault> {
    let offsets: Vec<u32> = records(stream)
        .take_while(|record| record.kind != END)
        .filter(|record| record.kind == BOUND_SHEET)
        .filter_map(|record| u32_at(record.data, 0))
        .collect();
    if offsets.len() > SHEETS_MAX {
        return Err(FileFault::TooManyCells);
    }
    let mut left = LAID_OUT_CELLS_MAX;
    for offset in offsets {
        let sheet = stream.get(offset as usize..).unwrap_or_default();
        left = left.checked_sub(laid_out_cells(sheet)?).ok_or(FileFault::TooManyCells)?;
    }
    Ok(())
}

/// The cells of the smallest area that holds all of a sheet's.
fn laid_out_cells(sheet: &[u8]) -> Result<u64, FileFault> {
    let mut announced = 0;
    let mut area: Option<[u64; 4]> = None;
    for record in records(sheet) {
        if record.kind == DIMENSIONS {
            announced += dimensions(record.data).ok_or(FileFault::Damaged)?;
        } else if CELLS.contains(&record.kind) {
            let (Some(row), Some(column)) = (u16_at(record.data, 0), u16_at(record.data, 2)) else { continue };
            // One record of numbers fills as many columns as it has bytes at most.
            let last = u64::from(column) + record.data.len() as u64;
            let (row, column) = (u64::from(row), u64::from(column));
            let [top, bottom, left, right] = area.unwrap_or([row, row, column, last]);
            area = Some([top.min(row), bottom.max(row), left.min(column), right.max(last)]);
        }
    }
    let laid_out = area.map_or(0, |[top, bottom, left, right]| (bottom - top + 1) * (right - left + 1));
    if announced > LAID_OUT_CELLS_MAX { Err(FileFault::TooManyCells) } else { Ok(laid_out) }
}

/// The cells that a sheet announces to have; `None` where that makes no sense.
fn dimensions(data: &[u8]) -> Option<u64> {
    let (first_row, end_row, first_column, end_column) = match data.len() {
        10 => (u64::from(u16_at(data, 0)?), u64::from(u16_at(data, 2)?), u16_at(data, 4)?, u16_at(data, 6)?),
        14 | 16 => (u64::from(u32_at(data, 0)?), u64::from(u32_at(data, 4)?), u16_at(data, 8)?, u16_at(data, 10)?),
        _ => return Some(0),
    };
    if end_row == 0 || end_column == 0 {
        return Some(0);
    }
    let first_column = if first_column > 0xff || end_column < first_column { 0 } else { first_column };
    let rows = end_row.checked_sub(first_row)?;
    let columns = u64::from(end_column.checked_sub(first_column)?);
    (rows > 0 && columns > 0).then(|| rows.saturating_mul(columns))
}

struct Record<'a> {
    kind: u16,
    data: &'a [u8],
}

fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let kind = u16_at(rest, 0)?;
        let length = usize::from(u16_at(rest, 2)?);
        let data = rest.get(4..4 + length)?;
        rest = &rest[4 + length..];
        Some(Record { kind, data })
    })
}

struct Container<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    next: Vec<u32>,
    next_mini: Vec<u32>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    length: usize,
}

impl<'a> Container<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let sector_bytes = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4_096,
            _ => return None,
        };
        let mut container =
            Container { bytes, sector_bytes, next: Vec::new(), next_mini: Vec::new(), entries: Vec::new() };
        container.next = container.allocation()?;
        let directory = container.chain(u32_at(bytes, 48)?, &container.next)?;
        container.entries = directory.chunks_exact(ENTRY_BYTES).filter_map(entry).collect();
        let mini = container.chain(u32_at(bytes, 60)?, &container.next)?;
        container.next_mini = numbers(&mini);
        Some(container)
    }

    /// Which sector follows which.
    fn allocation(&self) -> Option<Vec<u32>> {
        let mut tables: Vec<u32> = (0..109).filter_map(|index| u32_at(self.bytes, 76 + 4 * index)).collect();
        let mut more = u32_at(self.bytes, 68)?;
        let sectors = self.bytes.len() / self.sector_bytes + 1;
        for _ in 0..sectors {
            if more >= RESERVED {
                break;
            }
            let mut numbers = numbers(self.sector(more)?);
            more = numbers.pop()?;
            tables.extend(numbers);
        }
        let tables = tables.into_iter().filter(|table| *table < RESERVED).take(sectors);
        let mut next = Vec::new();
        for table in tables {
            next.extend(numbers(self.sector(table)?));
        }
        Some(next)
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        // The header takes the room of one sector, whatever its own length.
        let begin = (number as usize + 1).checked_mul(self.sector_bytes)?.max(HEADER_BYTES);
        let end = (begin + self.sector_bytes).min(self.bytes.len());
        self.bytes.get(begin..end)
    }

    /// The bytes of the sectors from `start` on; a chain that bites its tail is none.
    fn chain(&self, start: u32, next: &[u32]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut at = start;
        for _ in 0..=self.bytes.len() / self.sector_bytes + 1 {
            if at >= RESERVED {
                return Some(bytes);
            }
            bytes.extend_from_slice(self.sector(at)?);
            at = *next.get(at as usize)?;
        }
        None
    }

    fn stream(&self, entry: &Entry) -> Option<Vec<u8>> {
        if entry.length >= MINI_STREAM_BELOW_BYTES {
            return self.chain(entry.start, &self.next);
        }
        let root = self.entries.first()?;
        let mini = self.chain(root.start, &self.next)?;
        let mut bytes = Vec::new();
        let mut at = entry.start;
        for _ in 0..=MINI_STREAM_BELOW_BYTES / MINI_SECTOR_BYTES {
            if at >= RESERVED {
                break;
            }
            let begin = at as usize * MINI_SECTOR_BYTES;
            bytes.extend_from_slice(mini.get(begin..(begin + MINI_SECTOR_BYTES).min(mini.len()))?);
            at = *self.next_mini.get(at as usize)?;
        }
        Some(bytes)
    }
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let length = usize::from(u16_at(bytes, 64)?).min(64);
    let units: Vec<u16> =
        (0..length / 2).filter_map(|index| u16_at(bytes, 2 * index)).take_while(|unit| *unit != 0).collect();
    let (start, length) = (u32_at(bytes, 116)?, u32_at(bytes, 120)? as usize);
    Some(Entry { name: String::from_utf16_lossy(&units), start, length })
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|chunk| u32_at(chunk, 0)).collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).expect("a test's record is short");
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    #[test]
    fn cells_far_apart_are_refused() {
        let near = [record(0x0203, &[0, 0, 0, 0]), record(0x0203, &[9, 0, 3, 0])].concat();
        assert_eq!(laid_out_cells(&near), Ok(80));
        let far = [record(0x0203, &[0, 0, 0, 0]), record(0x0203, &[0xff, 0xff, 0xff, 0xff])].concat();
        assert!(laid_out_cells(&far).is_ok_and(|cells| cells > LAID_OUT_CELLS_MAX));
    }

    #[test]
    fn a_sheet_that_announces_too_much_is_refused() {
        let announcing = |rows: u32| {
            let data = [&0u32.to_le_bytes()[..], &rows.to_le_bytes(), &[0, 0, 100, 0, 0, 0]].concat();
            laid_out_cells(&record(DIMENSIONS, &data))
        };
        assert_eq!(announcing(100), Ok(0));
        assert_eq!(announcing(u32::MAX), Err(FileFault::TooManyCells));
    }

    #[test]
    fn what_is_no_container_is_damaged() {
        assert_eq!(check(&[0; 600]), Err(FileFault::Damaged));
        assert_eq!(check(b"x"), Err(FileFault::Damaged));
    }
}
