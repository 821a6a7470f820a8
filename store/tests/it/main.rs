//! The store's contract, on SQLite and on Postgres alike.
#![allow(missing_docs, reason = "a test's name is its document")]

mod actions;
mod connections;
mod engine;
mod facts;
mod finance;
mod inbox;
mod incidents;
mod isolation;
mod opening;
mod outbox;
mod proxy;
mod replicas;
mod retention;
mod rls;
mod schema;
mod shop;
mod world;
