//! Every bound of an import, named with its unit.

/// Bytes of one uploaded file, as it lies on disk.
pub const FILE_BYTES_MAX: u64 = 256 << 20;
/// Bytes of an outlines file, which is held in memory as a whole.
pub const OUTLINES_BYTES_MAX: u64 = 64 << 20;
/// Bytes of an XLS or ODS file: both are read as a whole, an XLSX row by row.
pub const WHOLE_FILE_BYTES_MAX: u64 = 32 << 20;
/// Cells of a sheet that is read as a whole.
pub const WHOLE_SHEET_CELLS_MAX: u64 = 8_000_000;
/// Bytes that all parts of a workbook may inflate to.
pub const INFLATED_BYTES_MAX: u64 = 1 << 30;
/// Bytes that a part held in memory (shared texts, styles) may inflate to.
pub const SHARED_PART_BYTES_MAX: u64 = 128 << 20;
/// How many times its packed size a part may inflate to.
pub const INFLATE_RATIO_MAX: u64 = 200;
/// Up to here a part may inflate at any ratio: an empty sheet packs very well.
pub const INFLATE_RATIO_FREE_BYTES: u64 = 1 << 20;
/// Parts inside one workbook.
pub const ARCHIVE_PARTS_MAX: usize = 2_000;
/// Rows of one sheet.
pub const ROWS_MAX: u32 = 1_000_000;
/// Columns of one sheet.
pub const COLUMNS_MAX: usize = 256;
/// Bytes of one cell (a spreadsheet holds no more than this many characters).
pub const CELL_BYTES_MAX: usize = 32_767;
/// Bytes of one record of a CSV.
pub const RECORD_BYTES_MAX: usize = 1 << 20;
/// Merged regions of one sheet.
pub const MERGES_MAX: usize = 100_000;
/// Rows from the top among which the header is looked for.
pub const HEADER_ROWS_MAX: u32 = 30;
/// Findings kept with their place; the rest are counted.
pub const FINDINGS_MAX: usize = 1_000;
/// Rows shown before an import.
pub const PREVIEW_ROWS_MAX: usize = 20;
/// Persons of one household: more is a grouping gone wrong.
pub const PERSONS_PER_HOUSEHOLD_MAX: usize = 100;
/// Features of an outlines file.
pub const OUTLINE_FEATURES_MAX: usize = 100_000;
/// Households planned at once, so that one look-up serves many.
pub const PLAN_CHUNK_HOUSEHOLDS: usize = 500;
