//! Senders: what carries an outbound message over WhatsApp and over Telegram, and what the platform's answer means; and
//! the client that changes a Shopify shop.
//!
//! A sender makes one call for one message and says plainly how sure it is of the outcome
//! ([`recado_domain::outbound::SendResult`]); whether to try again is never its decision.
//!
//! Install a TLS provider (`rustls::crypto::ring::default_provider().install_default()`) before the first sender is
//! made.

mod client;
pub mod shopify;
pub mod telegram;
mod text;
pub mod whatsapp;

pub use shopify::{ShopifyAdmin, ShopifyConfig};
pub use telegram::{TelegramConfig, TelegramSender};
pub use whatsapp::{WhatsAppConfig, WhatsAppSender};

/// A sender could not be made of its configuration.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The base address is none.
    #[error("{channel}: the API base is not an http(s) address")]
    BadApiBase {
        /// Which channel.
        channel: &'static str,
    },
    /// The token cannot stand in a request.
    #[error("{channel}: the token is empty or holds characters that a request cannot carry")]
    BadToken {
        /// Which channel.
        channel: &'static str,
    },
    /// The HTTP client did not start.
    #[error("{channel}: the HTTP client did not start: {reason}")]
    Client {
        /// Which channel.
        channel: &'static str,
        /// Why.
        reason: String,
    },
}

/// Whether an API base is this machine, where a proxy of the environment cannot help.
fn is_loopback(base: &reqwest::Url) -> bool {
    let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
