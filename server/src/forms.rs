//! Questionnaires in the office's hands: judged when they arrive, kept as drafts, published to areas, retired.
//!
//! What a form means is `questionnaire`'s business; here its versions are told apart and sent on their way.

mod outline;
mod report;
mod upload;
mod versions;

pub use outline::{ChoiceLine, EntityLine, LanguageLine, Line, Outline, TableLine};
pub use report::{Both, ProblemLine, Report};
pub use upload::{Judged, Unclear, Upload};
pub use versions::{add, discard, publish, put_tables, retire};
