//! WhatsApp Cloud API.

mod classify;
mod config;
mod media;
mod payload;
mod send;
mod upload;

pub use config::WhatsAppConfig;
pub use media::{DEFAULT_HOST as DEFAULT_MEDIA_HOST, Fetched, MediaConfig, MediaError, WhatsAppMedia};
pub use send::WhatsAppSender;
