//! The vocabulary of Recado: what a message, a conversation, an order and a turn are, and the decisions about them
//! that need no IO. Everything here is pure; time is passed in, randomness is limited to fresh ids.

pub mod action;
pub mod attachment;
pub mod change;
pub mod clock;
pub mod command;
pub mod contact;
pub mod conversation;
pub mod detection;
pub mod digest;
pub mod effect;
pub mod entity;
pub mod event;
pub mod finance;
pub mod flow;
pub mod ids;
pub mod incident;
pub mod intent;
pub mod knowledge;
pub mod language;
pub mod merchant;
pub mod message;
pub mod money;
pub mod order;
pub mod outbound;
pub mod period;
pub mod principal;
pub mod privacy;
pub mod request;
pub mod secret;
pub mod shipment;
pub mod spend;
pub mod story;
pub mod summary;
pub mod timestamp;
pub mod tools;
pub mod tracking;
pub mod turn;

pub use clock::{Clock, SystemClock};
pub use ids::*;
pub use language::Language;
pub use money::{Currency, Money};
pub use secret::Secret;
pub use timestamp::Timestamp;
