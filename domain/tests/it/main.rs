//! The pure decisions, from outside.

mod detection;
mod figures;
mod finance;
mod tracking;
