//! Every bound of a workbook, named with its unit. A form of 20,000 questions in five languages keeps within them.

/// Bytes of a file, pictures inside it included.
pub const FILE_BYTES_MAX: usize = 32 << 20;
/// Bytes that the parts of a workbook, its pictures left out, may inflate to.
pub const INFLATED_BYTES_MAX: u64 = 128 << 20;
/// Parts inside one workbook.
pub(super) const PARTS_MAX: usize = 2_000;
/// Sheets of one workbook.
pub const SHEETS_MAX: usize = 256;
/// Rows of one sheet.
pub const ROWS_MAX: u32 = 200_000;
/// Columns of one sheet that are read.
pub const COLUMNS_MAX: u32 = 1_024;
/// Cells with text in all sheets that are read.
pub const CELLS_MAX: usize = 2_000_000;
/// Bytes of text in all sheets that are read.
pub const TEXT_BYTES_MAX: usize = 64 << 20;
/// Cells of a sheet, empty ones included, of a format that is laid out as a whole.
pub(super) const LAID_OUT_CELLS_MAX: u64 = 4_000_000;
