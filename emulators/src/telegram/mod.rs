//! A stand-in for the Telegram Bot API.

mod config;
mod emulator;
mod methods;
mod send;
mod updates;

pub use config::TelegramEmulatorConfig;
pub use emulator::TelegramEmulator;
pub use updates::{TelegramChat, TelegramMessage, TelegramTap, TelegramUser};
