//! The store's contract, on SQLite and on Postgres alike.
#![allow(missing_docs, reason = "a test's name is its document")]

mod accounts;
mod actions;
mod advice;
mod books;
mod clock;
mod connections;
mod digests;
mod disputes;
mod engine;
mod facts;
mod finance;
mod finance_days;
mod finance_large;
mod finance_told;
mod holders;
mod inbox;
mod incidents;
mod isolation;
mod joining;
mod knowledge;
mod merging;
mod opening;
mod outbox;
mod privacy;
mod proxy;
mod reminders;
mod replicas;
mod requests;
mod retention;
mod rls;
mod schema;
mod shop;
mod summaries;
mod world;
