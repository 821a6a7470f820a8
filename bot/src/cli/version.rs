//! `recado version`.

use clap::Args;
use serde::Serialize;

use super::{CliError, Output};
use crate::lifecycle::Exit;

/// How to print it.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What this program is.
#[derive(Debug, Serialize)]
pub struct Version {
    /// Its version.
    pub version: &'static str,
    /// Operating system and processor.
    pub platform: String,
    /// `release` or `debug`.
    pub profile: &'static str,
    /// Whether the reliability harness's crash points are built in.
    pub chaos: bool,
}

impl Version {
    /// Of this build.
    pub fn current() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            profile: if cfg!(debug_assertions) { "debug" } else { "release" },
            chaos: cfg!(feature = "chaos"),
        }
    }
}

/// Prints it.
///
/// # Errors
/// When the output fails.
pub fn run(args: &VersionArgs, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let version = Version::current();
    if args.json {
        output.json(&version)?;
    } else {
        let chaos = if version.chaos { ", with crash points" } else { "" };
        output.text(&format!("recado {} ({}, {}{chaos})", version.version, version.platform, version.profile))?;
    }
    Ok(Exit::Done)
}
