//! The pure decisions, from outside.

mod advice;
mod detection;
mod finance;
mod order_versions;
mod tracking;
