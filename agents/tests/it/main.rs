//! The desk from outside.
#![recursion_limit = "512"]

mod advice;
mod changes;
mod crisis;
mod digests;
mod disputes;
mod entities;
mod everyday;
mod fakes;
mod finance;
mod flows;
mod gateways;
mod knowledge;
mod large;
mod meanings;
mod measured;
mod model_budgets;
mod model_faults;
mod model_hostile;
mod model_stage;
mod model_words;
mod orders;
mod person;
mod platforms;
mod privacy;
mod questions;
mod reminders;
mod requests;
mod routing;
mod scenarios;
mod story;
mod summaries;
mod talk;
mod templates;
