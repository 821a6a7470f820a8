//! The store's contract, on SQLite and on Postgres alike.
#![allow(missing_docs, reason = "a test's name is its document")]

mod engine;
mod inbox;
mod proxy;
mod schema;
mod world;
