//! Telegram Bot API.

mod classify;
mod config;
mod payload;
mod send;

pub use config::TelegramConfig;
pub use send::TelegramSender;
