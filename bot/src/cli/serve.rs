//! `recado serve`.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, Settings};
use crate::config::Config;
use crate::lifecycle::{Exit, Lifecycle};
use crate::serve::{Extras, ServeError, assemble};
use crate::telemetry;

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
#[command(long_about = SERVE, after_help = SERVE_EXAMPLES)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_overrides() {
        use clap::Parser as _;
        let parsed = super::super::Cli::try_parse_from(["recado", "serve", "--roles", "edge", "--production"]).unwrap();
        let super::super::Verb::Serve(args) = parsed.verb else { panic!("another verb") };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(args.overrides(), [pair("roles", "edge"), pair("production", "true")]);
        assert!(ServeArgs::default().overrides().is_empty());
    }
}
