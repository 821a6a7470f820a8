//! `recado config show|docs`.

use clap::Subcommand;

use super::{CliError, Output, Row, Settings};
use crate::config::{Config, Layers, Shown, reference, show};
use crate::lifecycle::Exit;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Print every key with its value in force and where it came from; secrets are hidden
    Show {
        /// One JSON object per key
        #[arg(long)]
        json: bool,
        /// Only keys that somebody set
        #[arg(long)]
        set_only: bool,
    },
    /// Write the reference of all keys (docs/config.md) to standard output
    Docs,
}

impl Row for Shown {
    const HEAD: &'static [&'static str] = &["key", "value", "from"];
    fn cells(&self) -> Vec<String> {
        vec![self.key.to_owned(), self.value.clone().unwrap_or_else(|| "-".to_owned()), self.origin.clone()]
    }
}

/// Runs it. A configuration that is shown is also checked: the exit code tells.
///
/// # Errors
/// When the configuration is wrong or the output fails.
pub fn run(verb: &ConfigVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    match verb {
        ConfigVerb::Docs => output.text(&reference())?,
        ConfigVerb::Show { json, set_only } => {
            let layers = Layers::read(&settings.sources())?;
            let mut shown = show(&layers);
            shown.retain(|key| !set_only || layers.is_set(key.key));
            output.rows(&shown, *json)?;
            Config::from_layers(&layers)?;
        }
    }
    Ok(Exit::Done)
}
