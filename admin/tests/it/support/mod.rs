//! A small shop with people, orders and trouble, on a database in memory: real store, real queues, a toy that decides.

#![allow(dead_code, reason = "the tests and the example use different parts")]
#![allow(missing_docs, reason = "test code")]

mod clock;
mod decide;
mod phones;
mod toy;
mod world;

#[allow(unused_imports, reason = "the tests and the example use different parts")]
pub use world::{World, busy, busy_on, empty};

pub const TOKEN: &str = "one-two-three-four-five-six-seven-eight";
