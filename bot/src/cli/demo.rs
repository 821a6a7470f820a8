//! `recado demo`.

use super::output::message;
use super::run_verbs::DemoArgs;
use super::serve::block_on;
use super::{CliError, Settings};
use crate::demo::run::{DemoError, DemoOptions};
use crate::lifecycle::Exit;
use crate::telemetry;

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
