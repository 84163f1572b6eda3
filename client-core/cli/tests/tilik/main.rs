//! The terminal client and its library against a small office that answers on a port of its own.

mod commands;
mod http;
mod link;
mod office;
mod store;
mod terminal;
