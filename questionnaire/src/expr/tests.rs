//! Tests of whole expressions over a small world.

mod functions;
mod laws;
mod operators;
mod paths;
mod reading;
mod repeats;
mod world;
