//! `recado serve`.

use std::future::Future;

use super::run_verbs::ServeArgs;
use super::{CliError, Settings};
use crate::config::Config;
use crate::lifecycle::{Exit, Lifecycle};
use crate::serve::{Extras, ServeError, assemble};
use crate::telemetry;

/// Runs the desk until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub fn run(args: &ServeArgs, settings: &Settings) -> Result<Exit, CliError> {
    let mut sources = settings.sources();
    let mut overrides = args.overrides();
    overrides.append(&mut sources.overrides);
    sources.overrides = overrides;
    let config = Config::load(&sources)?;
    let telemetry = telemetry::install(&config.log).map_err(anyhow::Error::from)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    block_on(async {
        let listener = crate::http::bind(config.listen).await.map_err(ServeError::from)?;
        let lifecycle = Lifecycle::new();
        let pages = crate::pages::admin(&config, None, None, lifecycle.soft());
        let extras = Extras { telemetry: Some(telemetry), pages: Some(pages), ..Extras::default() };
        let replica = assemble(&config, extras, &lifecycle).await?;
        let address = listener.local_addr().unwrap_or(config.listen);
        tracing::info!(http.address = %address, store.kind = replica.store.db().kind(), "ready");
        super::output::message(&format!("recado listens on http://{address} · admin: http://{address}/admin"));
        Ok::<_, ServeError>(replica.run(&config, listener).await)
    })?
    .map_err(CliError::from)
}

/// Runs a future on a runtime of its own.
///
/// # Errors
/// When no runtime can be made.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Other(anyhow::Error::from(error).context("no runtime")))?;
    Ok(runtime.block_on(future))
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        match error.exit() {
            Exit::AlreadyRunning => Self::AlreadyRunning(error.to_string()),
            Exit::StoreUnavailable => Self::StoreUnavailable(error.to_string()),
            Exit::Usage => Self::Usage(error.to_string()),
            Exit::Done | Exit::Failed => Self::Other(anyhow::Error::from(error)),
        }
    }
}
