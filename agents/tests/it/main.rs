//! The desk from outside.
#![recursion_limit = "256"]

mod crisis;
mod everyday;
mod fakes;
mod finance;
mod flows;
mod measured;
mod orders;
mod person;
mod routing;
mod scenarios;
mod talk;
mod templates;
