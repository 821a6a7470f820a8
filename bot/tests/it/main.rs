//! Tests of the built program.

mod program;
mod slow_model;
