//! Arguments of the verbs that run the desk: `serve`, `demo`, `emulate`, `replay`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

const SERVE: &str = "\
With no configuration at all it listens on http://127.0.0.1:8080, keeps its data in ./data/recado.db (SQLite, one
process), its sessions in process, and starts every role; channels are off until their keys are set. The first visit to
/admin sets up the operator's password.

With RECADO_DATABASE_URL=postgres://… and RECADO_REDIS_URL=redis://… any number of replicas may share the work.
SIGTERM stops it gracefully: nothing new is taken, what is under way is finished within 25 seconds.";

const SERVE_EXAMPLES: &str = "\
Examples:
  recado serve
  recado serve --listen 0.0.0.0:8080 --production
  recado serve --roles edge,admin          a replica that only takes webhooks and shows the desk";

/// Arguments of `serve`.
#[derive(Clone, Debug, Default, Args)]
#[command(about = "Run the desk", long_about = SERVE, after_help = SERVE_EXAMPLES)]
pub struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// What this replica does: some of edge, worker, sender, timers, admin [default: all]
    #[arg(long, value_name = "ROLES")]
    pub roles: Option<String>,
    /// Directory of the embedded database [default: ./data]
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// Refuse settings that would lose messages or leak sessions
    #[arg(long)]
    pub production: bool,
}

impl ServeArgs {
    /// As overrides of the configuration, to go before those of `--set`.
    pub fn overrides(&self) -> Vec<(String, String)> {
        let listen = self.listen.map(|listen| ("listen".to_owned(), listen.to_string()));
        let roles = self.roles.clone().map(|roles| ("roles".to_owned(), roles));
        let data_dir = self.data_dir.as_ref().map(|path| ("data_dir".to_owned(), path.display().to_string()));
        let production = self.production.then(|| ("production".to_owned(), "true".to_owned()));
        [listen, roles, data_dir, production].into_iter().flatten().collect()
    }
}

const DEMO: &str = "\
Starts everything on this machine: the embedded database in a temporary directory, stand-ins for WhatsApp, Shopify and
Telegram, and a sample shop with 60 orders in every state. It prints the address of the Playground, where you chat as a
shopper, as the shop's owner or as staff. It needs no account, no key and no server, and talks to nobody outside.";

/// Arguments of `demo`.
#[derive(Clone, Debug, Args)]
#[command(about = "Try it: a sample shop, stand-ins for the platforms, and a Playground", long_about = DEMO)]
pub struct DemoArgs {
    /// Address and port to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Keep the data in this directory instead of a temporary one
    #[arg(long, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// Number from which the sample shop is made; the same number makes the same shop
    #[arg(long, value_name = "NUMBER", default_value_t = crate::demo::DEFAULT_SEED)]
    pub seed: u64,
}

/// Which platform to stand in for.
#[derive(Clone, Debug, Subcommand)]
#[command(about = "Stand in for a platform on this machine, for tests of any project")]
pub enum EmulateVerb {
    /// The WhatsApp Graph API: messages, media, statuses
    Whatsapp(EmulateArgs),
    /// The Telegram Bot API
    Telegram(EmulateArgs),
    /// The Shopify Admin API and its webhooks
    Shopify(EmulateArgs),
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
}

const REPLAY: &str = "\
Reads one JSON object per line: {\"at\",\"source\",\"headers\",\"body\"}, where `at` is an RFC 3339 time, `source` is
whatsapp, shopify or telegram, `headers` an object and `body` the exact text that was received. The deliveries are fed
in event time through the real pipeline; nothing is sent.";

/// Arguments of `replay`.
#[derive(Clone, Debug, Args)]
#[command(about = "Feed recorded webhooks through the pipeline, with dry senders", long_about = REPLAY)]
pub struct ReplayArgs {
    /// File of recorded webhooks; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print what would have been sent, one JSON object per line
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
pub(super) mod tests_support {
    use super::*;
    use clap::{CommandFactory as _, Parser};

    #[derive(Parser)]
    #[allow(dead_code, reason = "read by clap")]
    enum Probe {
        Serve(ServeArgs),
        Demo(DemoArgs),
        #[command(subcommand)]
        Emulate(EmulateVerb),
        Replay(ReplayArgs),
    }

    /// A command of these verbs.
    pub(in crate::cli) fn command() -> clap::Command {
        Probe::command()
    }

    #[test]
    fn options_become_overrides() {
        let Ok(Probe::Serve(args)) = Probe::try_parse_from(["recado", "serve", "--roles", "edge", "--production"])
        else {
            panic!("not parsed")
        };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(args.overrides(), [pair("roles", "edge"), pair("production", "true")]);
        assert!(ServeArgs::default().overrides().is_empty());
    }
}
