//! What can end a verb.

use crate::config::ConfigError;
use crate::lifecycle::Exit;

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Arguments that do not fit together.
    #[error("{0}")]
    Usage(String),
    /// The store is not there.
    #[error("the store is not available: {0}")]
    StoreUnavailable(String),
    /// Another process holds the embedded database.
    #[error("already running: {0}")]
    AlreadyRunning(String),
    /// Standard output or a file could not be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
    /// Anything else.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl CliError {
    /// The code that it ends with.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Usage(_) => Exit::Usage,
            Self::StoreUnavailable(_) => Exit::StoreUnavailable,
            Self::AlreadyRunning(_) => Exit::AlreadyRunning,
            Self::Output(_) | Self::Other(_) => Exit::Failed,
        }
    }
}
