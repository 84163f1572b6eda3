//! The benchmark: what a push, a pull, a hundred edits and an idle sync cost, over real HTTP with fsync on, beside the floor
//! measured in the same run.
//!
//! Every step runs in a process of its own, so that its processor time and memory are its own; the server is another process.

pub mod figures;
pub mod floor;
pub mod ground;
pub mod lines;
pub mod proc;
pub mod steps;
