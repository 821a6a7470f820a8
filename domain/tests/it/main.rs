//! The pure decisions, from outside.

mod advice;
mod detection;
mod figures;
mod finance;
mod order_versions;
mod tracking;
