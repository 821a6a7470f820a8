//! Tests of the built program.

mod desk;
mod program;
mod slow_model;
mod voice;
