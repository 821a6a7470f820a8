//! The edges through their real router, on an inbox in memory.

mod faults;
mod fixtures;
mod forged;
mod handshake;
mod properties;
mod replay;
mod support;
