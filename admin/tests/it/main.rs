//! The admin view from the outside, by HTTP, on a database in memory.

mod answers;
mod api;
mod client;
mod finance;
mod gate;
mod live;
mod pages;
mod playground;
mod privacy;
mod sign_in;
mod support;
