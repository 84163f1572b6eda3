//! Reads the office's files: tables of areas and prelists, outlines; says what is wrong with them row by row, and plans what an import would write.
//!
//! Pure as far as a file can be: nothing here knows the database or the clock.
//! The way through it: a [`sheet::SheetFile`] yields rows of cells, a [`mapping::Mapping`] says what each column feeds, [`prelist`] turns rows into households, [`plan`] compares them with what the register holds.

pub mod archive;
pub mod area_index;
pub mod area_names;
pub mod areas;
pub mod cells;
pub mod dates;
pub mod delimited;
pub mod findings;
mod gathering;
pub mod header_words;
pub mod identity_numbers;
pub mod limits;
pub mod mapping;
pub mod neighbourhoods;
pub mod outlines;
pub mod placing;
pub mod plan;
pub mod prelist;
pub mod row_facts;
pub mod sheet;
pub mod source_ids;
pub mod values;
pub mod workbook;

#[cfg(test)]
mod messy_areas;
#[cfg(test)]
mod messy_prelists;
#[cfg(test)]
mod messy_sheets;
