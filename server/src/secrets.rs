//! Everything a person or device proves itself with, and the keys the server proves itself with.

pub mod access;
pub mod codes;
pub mod keys;
pub mod passwords;
pub mod refresh;
