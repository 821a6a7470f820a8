//! The reliability harness: runs the built program against the stand-ins of the platforms, kills it, freezes it, takes
//! its databases and its disk away, and judges by what the stand-ins saw. What counts as lost, doubled or reordered comes from their
//! ledgers alone.
//!
//! Postgres is expected at `RECADO_TEST_POSTGRES` (an address without a database; `postgres://postgres@127.0.0.1:5432`
//! unless said), `redis-server` on the path. Every random test prints its seed, and how many trials its zero stands for.
//! Each promise has a control: a build that breaks it, in which the same judgement must be a bad one.

#![allow(clippy::disallowed_methods, reason = "the harness is an operator: it reads the clock and the environment")]

mod actions;
mod crash;
mod database;
mod desk;
mod digests;
mod disk;
mod disputes;
mod drain;
mod full;
mod load;
mod outage;
mod ownership;
mod platforms;
mod poison;
mod postgres;
mod redis;
mod relay;
mod reminders;
mod replica;
mod replicas;
mod requests;
mod sends;
mod stalls;
mod start;
mod talk;
mod verdict;
