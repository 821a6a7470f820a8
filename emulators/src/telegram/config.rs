//! How the emulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use recado_domain::clock::{Clock, SystemClock};

use crate::ledger::Keep;

/// How the emulator is set up.
#[derive(Clone)]
pub struct TelegramEmulatorConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The bot's token.
    pub bot_token: String,
    /// The bot's username.
    pub bot_username: String,
    /// Comes with every webhook.
    pub secret_token: String,
    /// Where webhooks go; `setWebhook` changes it.
    pub webhook_url: Option<String>,
    /// How much the ledger keeps.
    pub keep: Keep,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for TelegramEmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bot_token: "700000001:emulator-bot-token".into(),
            bot_username: "recado_bot".into(),
            secret_token: "emulator-secret-token".into(),
            webhook_url: None,
            keep: Keep::Everything,
            clock: Arc::new(SystemClock),
        }
    }
}
