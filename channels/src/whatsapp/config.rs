//! What a WhatsApp sender needs to know.

use std::time::Duration;

use recado_domain::Secret;

/// Where the Graph API lives, with the version we hold ourselves to.
pub const DEFAULT_API_BASE: &str = "https://graph.facebook.com/v24.0";

/// Configuration of a [`super::WhatsAppSender`].
#[derive(Clone, Debug)]
pub struct WhatsAppConfig {
    /// Base address including the version.
    pub api_base: String,
    /// The system user's token.
    pub access_token: Secret,
    /// Bound of one call, answer included.
    pub timeout: Duration,
    /// How long to wait for an echo of our id before an unclear send counts as not taken.
    pub echo_within: Duration,
}

impl WhatsAppConfig {
    /// The usual values around a token.
    pub fn new(access_token: Secret) -> Self {
        Self {
            api_base: DEFAULT_API_BASE.to_owned(),
            access_token,
            timeout: Duration::from_secs(15),
            echo_within: Duration::from_secs(60),
        }
    }
}
