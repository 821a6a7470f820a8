//! What can be wrong with a configuration, said so that the reader knows what to change.

use std::path::PathBuf;

/// Why a configuration is refused. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A named file is not there or not readable.
    #[error("configuration file {}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A source could not be read as configuration.
    #[error("configuration cannot be read: {0}")]
    Unreadable(String),
    /// A key of the file or of `--set` that does not exist.
    #[error("unknown key `{key}` in {origin}{}", hint(nearest.as_deref()))]
    UnknownKey {
        /// As written.
        key: String,
        /// Where.
        origin: String,
        /// The known key that looks most like it.
        nearest: Option<String>,
    },
    /// A value that does not fit its key.
    #[error("`{key}` ({variable}): expected {expected}")]
    Invalid {
        /// Dotted key.
        key: &'static str,
        /// Its environment variable.
        variable: String,
        /// What would fit.
        expected: String,
    },
    /// A channel is on, but something that it cannot do without is not set.
    #[error(
        "{channel} is on because `{on_by}` is set, but `{key}` is missing: set {variable} or `{key}` in recado.toml"
    )]
    Missing {
        /// The channel.
        channel: &'static str,
        /// The key that switched it on.
        on_by: &'static str,
        /// The missing key.
        key: &'static str,
        /// Its environment variable.
        variable: String,
    },
    /// A combination that is not safe in production.
    #[error("`production` is on, but {problem}: {remedy}")]
    Production {
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
}

fn hint(nearest: Option<&str>) -> String {
    match nearest {
        Some(key) => format!("; did you mean `{key}`?"),
        None => "; every key is in docs/config.md".to_owned(),
    }
}

/// `whatsapp.app_secret` → `RECADO_WHATSAPP__APP_SECRET`.
pub fn variable(key: &str) -> String {
    format!("RECADO_{}", key.replace('.', "__").to_ascii_uppercase())
}
