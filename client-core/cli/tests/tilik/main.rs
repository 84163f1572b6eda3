//! The terminal client and its library against a small office that answers on a port of its own.

#![allow(clippy::unwrap_used, reason = "what the tests share is tests too")]

mod carrying;
mod commands;
mod doctor;
mod http;
mod link;
mod office;
mod store;
mod terminal;
mod visits;
mod walking;
