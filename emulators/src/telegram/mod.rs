//! A stand-in for the Telegram Bot API.

mod emulator;
mod methods;
mod updates;

pub use emulator::{TelegramEmulator, TelegramEmulatorConfig};
pub use updates::{TelegramChat, TelegramMessage, TelegramTap, TelegramUser};
