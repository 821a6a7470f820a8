//! The desk from outside.
#![recursion_limit = "256"]

mod crisis;
mod entities;
mod everyday;
mod fakes;
mod finance;
mod measured;
mod orders;
mod person;
mod routing;
mod talk;
mod templates;
