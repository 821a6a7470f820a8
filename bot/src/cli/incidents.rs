//! `recado incidents ls`.

use clap::Subcommand;
use recado_domain::incident::Incident;
use serde::Serialize;

use super::serve::block_on;
use super::store::{ListArgs, reading, shops};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado incidents …`
#[derive(Clone, Debug, Subcommand)]
pub enum IncidentsVerb {
    /// List incidents that are not resolved, worst first
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Resolved ones too, newest first
        #[arg(long)]
        all: bool,
    },
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct IncidentRow(pub Incident);

impl Row for IncidentRow {
    const HEAD: &'static [&'static str] =
        &["no", "severity", "kind", "where", "status", "problems", "usual", "opened", "taken by"];
    fn cells(&self) -> Vec<String> {
        let Self(incident) = self;
        let evidence = &incident.evidence;
        vec![
            format!("#{}", incident.number),
            incident.severity.to_string(),
            incident.kind.clone(),
            incident.dimension.clone(),
            incident.status.code().to_owned(),
            format!("{} of {}", evidence.problems, evidence.active),
            format!("{:.1}", evidence.expected),
            incident.opened_at.to_string(),
            incident.acknowledged.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
        ]
    }
}

/// Runs it.
///
/// # Errors
/// When the store or the shop is not there.
pub fn run(verb: &IncidentsVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let IncidentsVerb::Ls { list, all } = verb;
    block_on(async {
        let store = reading(settings).await?;
        let known = store.read_directory().await?;
        let mut incidents = Vec::new();
        for id in shops(&known, list.merchant.as_deref())? {
            let facts = store.merchant(id);
            incidents.extend(if *all {
                facts.all_incidents(i64::from(list.limit)).await?
            } else {
                facts.incidents().await?
            });
        }
        if *all {
            incidents.sort_by_key(|incident| std::cmp::Reverse(incident.opened_at));
        } else {
            incidents.sort_by_key(|incident| (incident.severity, incident.opened_at));
        }
        incidents.truncate(list.limit as usize);
        let rows: Vec<IncidentRow> = incidents.into_iter().map(IncidentRow).collect();
        output.rows(&rows, list.json)?;
        Ok(Exit::Done)
    })?
}
