//! A stand-in for the WhatsApp Cloud API.

mod emulator;
mod errors;
mod inbound;
mod media;
mod statuses;
mod validate;

pub use emulator::{WhatsAppEmulator, WhatsAppEmulatorConfig};
pub use inbound::{ContactCard, InboundContent, InboundMessage, Person};
pub use statuses::{StatusName, StatusOptions};
