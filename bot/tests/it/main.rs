//! Tests of the built program.

mod desk;
mod joined;
mod program;
mod slow_model;
mod voice;
