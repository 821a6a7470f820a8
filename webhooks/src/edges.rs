//! The configured edges. Making them checks them: a channel that is on without its secret does not start.

use std::fmt;
use std::sync::Arc;

use recado_domain::event::Inbox;
use recado_domain::{Clock, Secret};

use crate::signature::MacKey;

/// WhatsApp's two secrets.
#[derive(Clone, Debug)]
pub struct WhatsAppEdge {
    /// Signs every delivery.
    pub app_secret: Secret,
    /// Confirms the callback address.
    pub verify_token: Secret,
}

/// Shopify's secrets: one, or the old and the new while they rotate.
#[derive(Clone, Debug)]
pub struct ShopifyEdge {
    /// The app's client secrets, any of which may have signed.
    pub client_secrets: Vec<Secret>,
}

/// One Telegram bot.
#[derive(Clone, Debug)]
pub struct TelegramEdge {
    /// Its name in the webhook path.
    pub bot: String,
    /// Sent by Telegram in a header with each update.
    pub secret_token: Secret,
}

/// Why the edges cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgesError {
    /// A channel is on, but would accept anybody.
    #[error("{channel} is switched on but its {secret} is empty")]
    EmptySecret {
        /// Which channel.
        channel: &'static str,
        /// Which of its secrets.
        secret: &'static str,
    },
    /// Telegram takes 1–256 of `A-Za-z0-9_-` (CONTRACTS C); with others it would never call.
    #[error("telegram's secret_token of bot {bot:?} may only have letters, digits, _ and -, at most 256")]
    TelegramToken {
        /// Which bot.
        bot: String,
    },
    /// Two bots with one name, or a name that cannot stand in a path.
    #[error("telegram's bot name {bot:?} is empty, repeated or not made of letters, digits, _ and -")]
    TelegramBot {
        /// Which bot.
        bot: String,
    },
}

/// All receiving edges with what they need.
#[derive(Clone)]
pub struct Edges {
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) whatsapp: Option<(MacKey, Secret)>,
    pub(crate) shopify: Option<Vec<MacKey>>,
    pub(crate) telegram: Vec<TelegramEdge>,
}

impl fmt::Debug for Edges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edges")
            .field("whatsapp", &self.whatsapp.is_some())
            .field("shopify", &self.shopify.is_some())
            .field("telegram", &self.telegram.len())
            .finish_non_exhaustive()
    }
}

impl Edges {
    /// Puts the edges together. `None` and an empty list are channels that are switched off.
    ///
    /// # Errors
    /// When a channel is on without a usable secret.
    pub fn new(
        inbox: Arc<dyn Inbox>,
        clock: Arc<dyn Clock>,
        whatsapp: Option<WhatsAppEdge>,
        shopify: Option<ShopifyEdge>,
        telegram: Vec<TelegramEdge>,
    ) -> Result<Self, EdgesError> {
        let whatsapp = whatsapp.map(checked_whatsapp).transpose()?;
        let shopify = shopify.map(checked_shopify).transpose()?;
        for (index, edge) in telegram.iter().enumerate() {
            check_telegram(edge, &telegram[..index])?;
        }
        Ok(Self { inbox, clock, whatsapp, shopify, telegram })
    }
}

fn required(secret: &Secret, channel: &'static str, name: &'static str) -> Result<(), EdgesError> {
    if secret.is_empty() { Err(EdgesError::EmptySecret { channel, secret: name }) } else { Ok(()) }
}

fn checked_whatsapp(edge: WhatsAppEdge) -> Result<(MacKey, Secret), EdgesError> {
    required(&edge.app_secret, "whatsapp", "app_secret")?;
    required(&edge.verify_token, "whatsapp", "verify_token")?;
    Ok((MacKey::new(&edge.app_secret), edge.verify_token))
}

fn checked_shopify(edge: ShopifyEdge) -> Result<Vec<MacKey>, EdgesError> {
    if edge.client_secrets.is_empty() {
        return Err(EdgesError::EmptySecret { channel: "shopify", secret: "client_secret" });
    }
    for secret in &edge.client_secrets {
        required(secret, "shopify", "client_secret")?;
    }
    Ok(edge.client_secrets.iter().map(MacKey::new).collect())
}

fn check_telegram(edge: &TelegramEdge, earlier: &[TelegramEdge]) -> Result<(), EdgesError> {
    let plain = |text: &str| {
        (1..=256).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    required(&edge.secret_token, "telegram", "secret_token")?;
    if !plain(edge.secret_token.expose()) {
        return Err(EdgesError::TelegramToken { bot: edge.bot.clone() });
    }
    if !plain(&edge.bot) || earlier.iter().any(|other| other.bot == edge.bot) {
        return Err(EdgesError::TelegramBot { bot: edge.bot.clone() });
    }
    Ok(())
}
