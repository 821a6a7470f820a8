//! The desk from outside.

mod crisis;
mod fakes;
mod finance;
mod measured;
mod orders;
mod person;
mod routing;
mod talk;
mod templates;
