//! What a Telegram sender needs to know.

use std::time::Duration;

use recado_domain::Secret;

/// Configuration of a [`super::TelegramSender`].
#[derive(Clone, Debug)]
pub struct TelegramConfig {
    /// Base address without the token.
    pub api_base: String,
    /// The bot's token.
    pub bot_token: Secret,
    /// Bound of one call, answer included.
    pub timeout: Duration,
}

impl TelegramConfig {
    /// The usual values around a token.
    pub fn new(bot_token: Secret) -> Self {
        Self { api_base: "https://api.telegram.org".to_owned(), bot_token, timeout: Duration::from_secs(15) }
    }
}
