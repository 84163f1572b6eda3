//! A device.
