//! `recado demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::output::message;
use super::serve::block_on;
use super::{CliError, Settings};
use crate::demo::run::{DemoError, DemoOptions};
use crate::lifecycle::Exit;
use crate::telemetry;

const DEMO: &str = "\
Starts everything on this machine: the embedded database in a temporary directory, stand-ins for WhatsApp, Shopify and
Telegram, and a sample shop with 60 orders in every state and five months of books. It prints the address of the
Playground, where you chat as a shopper, as the shop's owner or as staff. It needs no account, no key and no server, and
talks to nobody outside.";

const EXAMPLES: &str = "\
Examples:
  recado demo
  recado demo --listen 127.0.0.1:0 --data-dir ./demo
  recado finance report --set database_url=sqlite://demo/recado.db   its figures of this month, beside it";

/// Arguments of `demo`.
#[derive(Clone, Debug, Args)]
#[command(long_about = DEMO, after_help = EXAMPLES)]
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

/// Runs the demo until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub fn run(args: &DemoArgs, settings: &Settings) -> Result<Exit, CliError> {
    let sources = settings.sources();
    let options = DemoOptions { listen: args.listen, data_dir: args.data_dir.clone(), seed: args.seed };
    let log = crate::config::Log { format: crate::config::LogFormat::Readable, filter: "warn".to_owned() };
    let telemetry = telemetry::install(&log).map_err(anyhow::Error::from)?;
    block_on(crate::demo::run::run(options, &sources, Some(telemetry), message))?.map_err(CliError::from)
}

impl From<DemoError> for CliError {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Serve(error) => Self::from(error),
            DemoError::Config(error) => Self::Config(error),
            other => Self::Other(anyhow::Error::from(other)),
        }
    }
}
