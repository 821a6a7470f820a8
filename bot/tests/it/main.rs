//! Tests of the built program.

mod deployment;
mod desk;
mod joined;
mod meanings;
mod program;
mod slow_model;
mod summaries;
mod voice;
