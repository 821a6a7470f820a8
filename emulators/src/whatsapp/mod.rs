//! A stand-in for the WhatsApp Cloud API.

mod config;
mod emulator;
mod errors;
mod inbound;
mod media;
mod send;
mod statuses;
mod validate;

pub use config::WhatsAppEmulatorConfig;
pub use emulator::WhatsAppEmulator;
pub use inbound::{ContactCard, InboundContent, InboundMessage, Person};
pub use statuses::{StatusName, StatusOptions};
