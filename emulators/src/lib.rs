#![doc = include_str!("../README.md")]

pub mod behaviour;
mod control;
mod error;
pub mod ledger;
pub mod openai;
mod run;
mod server;
pub mod shopify;
pub mod signature;
pub mod telegram;
pub mod webhook;
pub mod whatsapp;

pub use behaviour::{Behaviour, Mix, Plan};
pub use error::EmulatorError;
pub use ledger::{Counters, Keep, Ledger, LedgerEntry, SentButton, SentMessage};
pub use openai::{Mind, OpenAiEmulator, OpenAiEmulatorConfig};
pub use run::{EmulatorKind, RunOptions, run};
pub use shopify::{ShopifyEmulator, ShopifyEmulatorConfig};
pub use telegram::{TelegramEmulator, TelegramEmulatorConfig};
pub use webhook::{DeliverOptions, Delivery};
pub use whatsapp::{WhatsAppEmulator, WhatsAppEmulatorConfig};
