//! WhatsApp Cloud API.

mod classify;
mod config;
mod payload;
mod send;

pub use config::WhatsAppConfig;
pub use send::WhatsAppSender;
