//! `recado emulate whatsapp|telegram|shopify|openai`.

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use recado_emulators::{EmulatorKind, RunOptions};

use super::CliError;
use super::serve::block_on;
use crate::lifecycle::{Exit, stop_signal};

/// Which platform to stand in for.
#[derive(Clone, Debug, Subcommand)]
pub enum EmulateVerb {
    /// The WhatsApp Graph API: messages, media, statuses
    Whatsapp(EmulateArgs),
    /// The Telegram Bot API
    Telegram(EmulateArgs),
    /// The Shopify Admin API and its webhooks
    Shopify(EmulateArgs),
    /// A language model behind an OpenAI-compatible API
    Openai(EmulateArgs),
}

/// Arguments of `emulate`.
#[derive(Clone, Debug, Args)]
pub struct EmulateArgs {
    /// Address and port to listen on; port 0 takes any free one and prints it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Where its webhooks are sent, e.g. http://127.0.0.1:8080/webhooks/whatsapp
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// Secret that signs its webhooks, or the secret token for Telegram
    #[arg(
        long,
        value_name = "SECRET",
        env = "RECADO_EMULATE_SECRET",
        hide_env_values = true,
        default_value = "emulated"
    )]
    pub secret: String,
    /// Token that its callers must bring [default: one of its own, which it prints]
    #[arg(long, value_name = "TOKEN", env = "RECADO_EMULATE_TOKEN", hide_env_values = true)]
    pub access_token: Option<String>,
    /// WhatsApp: the id of its number; Shopify: the shop's domain; OpenAI: the model's name
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}

impl EmulateVerb {
    fn parts(&self) -> (EmulatorKind, &EmulateArgs) {
        match self {
            Self::Whatsapp(args) => (EmulatorKind::WhatsApp, args),
            Self::Telegram(args) => (EmulatorKind::Telegram, args),
            Self::Shopify(args) => (EmulatorKind::Shopify, args),
            Self::Openai(args) => (EmulatorKind::OpenAi, args),
        }
    }
}

/// Stands in until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub fn run(verb: &EmulateVerb) -> Result<Exit, CliError> {
    let (kind, args) = verb.parts();
    let options = RunOptions {
        listen: Some(args.listen),
        webhook_url: args.webhook.clone(),
        access_token: args.access_token.clone(),
        secret: Some(args.secret.clone()),
        account: args.account.clone(),
        keep: None,
    };
    block_on(async {
        tokio::select! {
            ended = recado_emulators::run(kind, options) => match ended {
                Ok(()) => Ok(Exit::Done),
                Err(error) => Err(CliError::Other(anyhow::Error::from(error))),
            },
            _ = stop_signal() => Ok(Exit::Done),
        }
    })?
}
