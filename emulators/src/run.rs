//! An emulator as a program of its own.

use std::net::SocketAddr;

use crate::ledger::Keep;
use crate::{
    EmulatorError, OpenAiEmulator, OpenAiEmulatorConfig, ShopifyEmulator, ShopifyEmulatorConfig, TelegramEmulator,
    TelegramEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig,
};

/// Which platform is stood in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmulatorKind {
    /// WhatsApp Cloud API.
    WhatsApp,
    /// Telegram Bot API.
    Telegram,
    /// Shopify.
    Shopify,
    /// A language model behind an OpenAI-compatible API.
    OpenAi,
}

impl std::str::FromStr for EmulatorKind {
    type Err = EmulatorError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "whatsapp" => Ok(Self::WhatsApp),
            "telegram" => Ok(Self::Telegram),
            "shopify" => Ok(Self::Shopify),
            "openai" => Ok(Self::OpenAi),
            _ => Err(EmulatorError::BadRequest("the emulators are whatsapp, telegram, shopify and openai".into())),
        }
    }
}

/// What the command line may say; what it leaves out is the emulator's default.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Where it listens.
    pub listen: Option<SocketAddr>,
    /// Where its webhooks go.
    pub webhook_url: Option<String>,
    /// Graph access token, bot token or shop token.
    pub access_token: Option<String>,
    /// App secret, secret token or client secret.
    pub secret: Option<String>,
    /// WhatsApp: the number; Shopify: the shop's domain.
    pub account: Option<String>,
    /// How much the ledger keeps.
    pub keep: Option<Keep>,
}

/// Serves until the future is dropped. Prints where it listens and what it expects.
///
/// # Errors
/// When it cannot start.
pub async fn run(kind: EmulatorKind, options: RunOptions) -> Result<(), EmulatorError> {
    // A program that runs for long must not keep everything.
    let keep = options.keep.unwrap_or(Keep::Last(10_000));
    macro_rules! configure {
        ($config:ty { $($field:ident: $given:expr),* $(,)? }) => {{
            let mut config = <$config>::default();
            $(if let Some(given) = $given { config.$field = given; })*
            config.webhook_url = options.webhook_url;
            config.keep = keep;
            config
        }};
    }
    match kind {
        EmulatorKind::WhatsApp => {
            let config = configure!(WhatsAppEmulatorConfig {
                listen: options.listen,
                access_token: options.access_token,
                app_secret: options.secret,
                phone_number_id: options.account,
            });
            let lines = [
                ("phone_number_id", config.phone_number_id.clone()),
                ("access_token", config.access_token.clone()),
                ("app_secret", config.app_secret.clone()),
            ];
            let emulator = WhatsAppEmulator::start(config).await?;
            announce(&emulator.api_base(), &lines);
            std::future::pending().await
        }
        EmulatorKind::Telegram => {
            let config = configure!(TelegramEmulatorConfig {
                listen: options.listen,
                bot_token: options.access_token,
                secret_token: options.secret,
            });
            let lines = [("bot_token", config.bot_token.clone()), ("secret_token", config.secret_token.clone())];
            let emulator = TelegramEmulator::start(config).await?;
            announce(&emulator.api_base(), &lines);
            std::future::pending().await
        }
        EmulatorKind::Shopify => {
            let config = configure!(ShopifyEmulatorConfig {
                listen: options.listen,
                access_token: options.access_token,
                client_secret: options.secret,
                shop_domain: options.account,
            });
            let lines = [
                ("shop_domain", config.shop_domain.clone()),
                ("access_token", config.access_token.clone()),
                ("client_secret", config.client_secret.clone()),
            ];
            let emulator = ShopifyEmulator::start(config).await?;
            announce(&emulator.api_base(), &lines);
            std::future::pending().await
        }
        EmulatorKind::OpenAi => {
            let mut config = OpenAiEmulatorConfig { keep, ..OpenAiEmulatorConfig::default() };
            config.listen = options.listen.unwrap_or(config.listen);
            config.api_key = options.access_token.unwrap_or(config.api_key);
            config.model = options.account.unwrap_or(config.model);
            let lines = [("api_key", config.api_key.clone()), ("model", config.model.clone())];
            let emulator = OpenAiEmulator::start(config).await?;
            announce(&emulator.api_base(), &lines);
            std::future::pending().await
        }
    }
}

/// The values of a stand-in protect nothing, so they may be shown: one has to copy them.
fn announce(api_base: &str, lines: &[(&str, String)]) {
    println!("api_base = {api_base}");
    for (name, value) in lines {
        println!("{name} = {value}");
    }
}
