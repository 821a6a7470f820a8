//! The binary `recado` as a library: configuration, telemetry, the HTTP server, the life of the process, the command
//! line, the queues' loops, and the sample shop of the demo.

#[cfg(feature = "chaos")]
pub mod chaos;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod engine;
pub mod erasures;
pub mod http;
pub mod ledger;
pub mod lifecycle;
pub mod model;
pub mod ops;
pub mod pages;
pub mod replay;
pub mod serve;
pub mod telemetry;
