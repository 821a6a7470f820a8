//! The store's contract, on SQLite and on Postgres alike.
#![allow(missing_docs, reason = "a test's name is its document")]

mod engine;
mod facts;
mod inbox;
mod opening;
mod proxy;
mod schema;
mod world;
