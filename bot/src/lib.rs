//! The binary `recado` as a library: configuration, telemetry, the HTTP server, the life of the process, the command
//! line, and the sample shop of the demo.

pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod http;
pub mod lifecycle;
pub mod telemetry;
