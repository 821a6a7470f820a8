//! `recado doctor`.

use clap::Args;

use recado_domain::SystemClock;

use super::serve::block_on;
use super::{CliError, Output, Row, Settings};
use crate::doctor::{Finding, State, configuration, connections};
use crate::lifecycle::Exit;

const DOCTOR: &str = "\
Checks the configuration, the data directory, the limits of this machine, the database (reachable, version, durable
settings, migrations, roles, row-level security), Redis, WhatsApp, Telegram with its webhook, Shopify, and the clock;
and says for each finding what to do. It changes nothing, sends nobody a message, and may run beside a running desk.

Exit code 0: nothing is broken. 1: something is; see the lines marked BROKEN.";

/// How to report.
#[derive(Debug, Args)]
#[command(long_about = DOCTOR)]
pub struct DoctorArgs {
    /// One JSON object per finding
    #[arg(long)]
    pub json: bool,
    /// Only what can be told without a connection
    #[arg(long)]
    pub offline: bool,
}

impl Row for Finding {
    const HEAD: &'static [&'static str] = &["", "check", "finding", "what to do"];
    fn cells(&self) -> Vec<String> {
        let mark = match self.state {
            State::Ok => "ok",
            State::Warning => "!",
            State::Broken => "BROKEN",
        };
        let remedy = self.remedy.clone().unwrap_or_default();
        vec![mark.to_owned(), self.check.clone(), self.finding.clone(), remedy]
    }
}

/// Runs the checks.
///
/// # Errors
/// When the output fails.
pub fn run(args: &DoctorArgs, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let (config, mut findings) = configuration(&settings.sources());
    if let Some(config) = config.filter(|_| !args.offline) {
        findings.extend(block_on(connections(&config, &SystemClock))?);
    }
    output.rows(&findings, args.json)?;
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    Ok(if broken { Exit::Failed } else { Exit::Done })
}
