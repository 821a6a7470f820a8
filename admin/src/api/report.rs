//! A report: every figure of some days.

use std::fmt;

use jiff::civil::Date;
use recado_domain::Timestamp;
use recado_domain::finance::figures::{Days, Dimension};
use recado_domain::merchant::Merchant;
use recado_store::finance::FOLDS;
use serde::Deserialize;

use super::problem::ApiError;
use crate::AdminState;

/// Days of one report: ten years, more than any shop of ours has facts of.
const MOST_DAYS: i64 = 3_660;

/// Why all facts of a shop are not read.
pub(super) const TOO_LARGE: &str = "the shop has more orders than are read at once for a program (30 000), and its day book does not tell this, or not \
    at that instant: leave out `whole`, `against` and `as_of`, or use `recado finance report --whole`";

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// First day of the shop.
    from: Date,
    /// Last day, included.
    to: Date,
    /// As it was known then; now, when not said.
    #[serde(default)]
    as_of: Option<Timestamp>,
    /// By what to break down.
    #[serde(default)]
    by: Vec<Dimension>,
    /// Whether what only the facts themselves tell is wanted of a large shop too, which takes long.
    #[serde(default)]
    whole: bool,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)?;
        if let Some(as_of) = self.as_of {
            write!(f, " as of {as_of}")?;
        }
        if !self.by.is_empty() {
            let words: Vec<&str> = self.by.iter().map(|by| by.code()).collect();
            write!(f, " by {}", words.join(", "))?;
        }
        Ok(())
    }
}

/// The place and the kind of a mistake; the text of the parser may repeat what was sent.
pub(super) fn mistaken(error: &serde_json::Error) -> ApiError {
    let what = match error.classify() {
        serde_json::error::Category::Data => "a field is missing, unknown or of the wrong kind",
        _ => "not JSON",
    };
    ApiError::NotAQuestion(format!("{what}, line {} column {}", error.line(), error.column()))
}

impl Question {
    pub(super) fn read(body: &[u8]) -> Result<Self, ApiError> {
        let mut question: Self = serde_json::from_slice(body).map_err(|error| mistaken(&error))?;
        if question.to < question.from {
            return Err(ApiError::Days("the last is before the first"));
        }
        if Days::new(question.from, question.to).count() > MOST_DAYS {
            return Err(ApiError::Days("more than ten years"));
        }
        question.by.sort_unstable();
        question.by.dedup();
        Ok(question)
    }
}

/// The report as JSON.
pub(super) async fn answer(state: &AdminState, shop: &Merchant, question: &Question) -> Result<String, ApiError> {
    let as_of = question.as_of.unwrap_or_else(|| state.clock.now());
    let (days, by) = (Days::new(question.from, question.to), question.by.clone());
    if !question.whole
        && let Some(read) = state.store.day_report(shop.id, as_of, &by, days, FOLDS).await?
    {
        let report = read.map_err(|error| ApiError::Figures(error.to_string()))?;
        return serde_json::to_string(&report).map_err(|error| ApiError::Figures(error.to_string()));
    }
    if !state.store.reads_all(shop.id).await? {
        return Err(ApiError::Figures(TOO_LARGE.to_owned()));
    }
    let ledger = state.store.merchant(shop.id).ledger(shop, as_of).await?;
    // Work of the processor alone.
    let written = tokio::task::spawn_blocking(move || {
        let report = ledger.report(days, &by).map_err(|error| ApiError::Figures(error.to_string()))?;
        serde_json::to_string(&report).map_err(|error| ApiError::Figures(error.to_string()))
    });
    written.await.map_err(|error| ApiError::Figures(error.to_string()))?
}
