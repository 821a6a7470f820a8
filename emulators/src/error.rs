//! What can go wrong with an emulator itself.

use std::net::SocketAddr;

/// An emulator could not start or deliver.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The address is not free.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The client for outgoing webhooks did not start.
    #[error("the webhook client did not start: {0}")]
    Client(reqwest::Error),
    /// Nobody told where webhooks go.
    #[error("no webhook address is set")]
    NoWebhookUrl,
    /// A request to the control surface makes no sense.
    #[error("{0}")]
    BadRequest(String),
}
