//! What was recommended, what was decided, and whether it worked.

use clap::Subcommand;
use recado_domain::finance::advice::{Decision, compared, reading};
use recado_domain::{Money, Timestamp};
use recado_store::finance::analyses::KeptRecommendation;
use serde::Serialize;
use uuid::Uuid;

use super::analyse::undefined;
use crate::cli::serve::block_on;
use crate::cli::store::{ListArgs, reading as open_reading, record, shop, writing};
use crate::cli::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// Who decides, in the record.
const ACTOR: &str = "command line";

/// `recado finance recommendations …`
#[derive(Clone, Debug, Subcommand)]
pub enum RecommendationsVerb {
    /// List the recommendations of a shop, newest first
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
    },
    /// Record that one will be done; it is checked after its horizon
    Accept {
        /// Its id
        id: Uuid,
        /// The shop, by id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// Record that one will not be done
    Dismiss {
        /// Its id
        id: Uuid,
        /// The shop, by id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// Check the accepted ones whose horizon has come: the figure then and now
    Check {
        /// The shop, by id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct KeptRow {
    id: Uuid,
    code: &'static str,
    status: &'static str,
    expected_low: Option<String>,
    expected_high: Option<String>,
    horizon_on: jiff::civil::Date,
    measured: Option<String>,
    verdict: Option<recado_domain::finance::advice::Verdict>,
    proposed_at: Timestamp,
}

impl From<KeptRecommendation> for KeptRow {
    fn from(kept: KeptRecommendation) -> Self {
        let currency = kept.proposal.currency;
        let decimal = |minor: i64| Money::new(minor, currency).to_decimal();
        Self {
            id: kept.id,
            code: kept.proposal.code.id(),
            status: kept.status.code(),
            expected_low: kept.proposal.expected.map(|(low, _)| decimal(low)),
            expected_high: kept.proposal.expected.map(|(_, high)| decimal(high)),
            horizon_on: kept.proposal.horizon_on,
            measured: kept.measured.map(decimal),
            verdict: kept.checked.map(|(_, verdict)| verdict),
            proposed_at: kept.proposed_at,
        }
    }
}

impl Row for KeptRow {
    const HEAD: &'static [&'static str] = &["id", "recommendation", "status", "expected", "check on", "measured"];
    fn cells(&self) -> Vec<String> {
        let expected = match (&self.expected_low, &self.expected_high) {
            (Some(low), Some(high)) if low != high => format!("{low} to {high}"),
            (Some(low), _) => low.clone(),
            (None, _) => "—".to_owned(),
        };
        vec![
            self.id.to_string(),
            self.code.to_owned(),
            self.status.to_owned(),
            expected,
            self.horizon_on.to_string(),
            self.measured.clone().unwrap_or_default(),
        ]
    }
}

pub(super) fn recommendations(
    verb: &RecommendationsVerb,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<Exit, CliError> {
    match verb {
        RecommendationsVerb::Ls { list } => {
            let rows = block_on(async {
                let store = open_reading(settings).await?;
                let known = store.read_directory().await?;
                let shop = shop(&known, list.merchant.as_deref())?;
                let kept = store.merchant(shop.id).recommendations(list.limit).await?;
                Ok::<_, CliError>(kept.into_iter().map(KeptRow::from).collect::<Vec<_>>())
            })??;
            output.rows(&rows, list.json)?;
        }
        RecommendationsVerb::Accept { id, merchant } => {
            block_on(decide(settings, *id, merchant.as_deref(), Decision::Accept))??;
        }
        RecommendationsVerb::Dismiss { id, merchant } => {
            block_on(decide(settings, *id, merchant.as_deref(), Decision::Dismiss))??;
        }
        RecommendationsVerb::Check { merchant, json } => {
            let rows = block_on(check(settings, merchant.as_deref()))??;
            output.rows(&rows, *json)?;
        }
    }
    Ok(Exit::Done)
}

async fn decide(settings: &Settings, id: Uuid, merchant: Option<&str>, decision: Decision) -> Result<(), CliError> {
    let store = writing(settings).await?;
    let known = store.read_directory().await?;
    let shop = shop(&known, merchant)?;
    store.decide_recommendation(shop.id, id, decision, ACTOR).await?;
    let action = match decision {
        Decision::Accept => "finance.accept",
        Decision::Dismiss => "finance.dismiss",
    };
    record(&store, Some(&shop), action, &id.to_string()).await?;
    store.close().await;
    Ok(())
}

/// Compares the figures of what is due then and now, and records what that found.
async fn check(settings: &Settings, merchant: Option<&str>) -> Result<Vec<KeptRow>, CliError> {
    let store = writing(settings).await?;
    let known = store.read_directory().await?;
    let shop = shop(&known, merchant)?;
    let mine = store.merchant(shop.id);
    let ledger = mine.ledger(&shop, store.clock().now()).await?;
    let mut rows = Vec::new();
    for due in mine.due_follow_ups(ledger.today()).await? {
        let now = reading(ledger.as_ref(), due.proposal.code).map_err(undefined)?;
        let found = compared(due.proposal.code, due.proposal.baseline.clone(), now).map_err(undefined)?;
        store.close_recommendation(shop.id, due.id, &found).await?;
        let mut row = KeptRow::from(due);
        row.status = "done";
        row.measured = found.gained.map(Money::to_decimal);
        row.verdict = Some(found.verdict);
        rows.push(row);
    }
    store.close().await;
    Ok(rows)
}
