//! The field client for a terminal.

fn main() {}
