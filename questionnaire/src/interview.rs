//! An interview: the data of one filled-in form, kept consistent after every answer, and the way through it.
//!
//! [`Plan`] is a form made ready, shared by all its interviews. [`Interview`] is the session that a screen holds. From
//! the inside out: `tree` holds values, `graph` knows what depends on what, `settle` brings it up to date, `walk`
//! orders the screens. docs/questionnaire.md gives the rules.

mod answer;
mod check;
mod choices;
mod draft;
mod environment;
pub(crate) mod graph;
pub(crate) mod layout;
mod message;
mod moment;
mod outline;
mod path;
mod plan;
mod prelist;
mod revalidate;
mod row;
mod scene;
mod screen;
mod session;
mod settle;
mod sheet;
mod shelf;
mod stored;
mod table;
#[cfg(test)]
mod tests;
mod trail;
mod tree;
mod walk;

pub use answer::{Answer, Point};
pub use check::{Problem, Rule};
pub use choices::{CHOICES_MAX, Offer};
pub use draft::{Draft, Mark, OtherForm};
pub use environment::{Environment, Still};
pub use graph::Cycle;
pub use message::{Message, Tongue};
pub use outline::{Section, Sort};
pub use path::Path;
pub use plan::Plan;
pub use prelist::{Known, Prefill, Prelisted, Standing};
pub use revalidate::{Visit, validate};
pub use row::RowId;
pub use screen::{Another, Beside, Heading, Question, Screen, Shows};
pub use session::{Changes, Finished, Interview, Refusal};
pub use settle::ROWS_MAX;
pub use table::{CsvError, Table, Tables};
pub use trail::{Event, Happening, Trail};

pub(crate) use answer::to_json;
pub(crate) use moment::date;
pub(crate) use sheet::Sheet;
pub(crate) use tree::{CellAt, RowAt};
