//! The reader as a whole: forms in, forms and problems out, beside what pyxform makes of the same sheets.

mod agreement;
mod meaning;
mod problems;
mod pyxform;
mod robustness;
mod xform;
