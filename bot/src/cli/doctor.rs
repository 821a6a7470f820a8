//! `recado doctor`.

use clap::Args;

use super::{CliError, Output, Row, Settings};
use crate::doctor::{Finding, State, configuration};
use crate::lifecycle::Exit;

/// How to report.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// One JSON object per finding
    #[arg(long)]
    pub json: bool,
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

/// Runs the checks that need no connection.
///
/// # Errors
/// When the output fails.
pub fn run(args: &DoctorArgs, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let (_, findings) = configuration(&settings.sources());
    output.rows(&findings, args.json)?;
    let broken = findings.iter().any(|finding| finding.state == State::Broken);
    Ok(if broken { Exit::Usage } else { Exit::Done })
}
