//! A server's disk is lost and a backup restored: what phones, carriers and backups still hold comes together again.

pub mod centre;
pub mod phone;
pub mod show;
#[cfg(test)]
mod tests;
