//! What the advisors say, and the forecast of cash: the same results as `recado finance analyse --json` and
//! `recado finance forecast --json`.

use std::fmt;
use std::sync::Arc;

use recado_domain::finance::advice::pricing::{Refusal, pricing};
use recado_domain::finance::advice::{Analysis, advise, cash, collections, growth, health};
use recado_domain::finance::facts::Decimal;
use recado_domain::finance::figures::{Accounts, Ledger, Scenario, Undefined};
use recado_domain::finance::ratio::Ratio;
use recado_domain::merchant::Merchant;
use recado_domain::{Money, Timestamp};
use recado_store::finance::Computed;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::ApiError;
use super::report::{TOO_LARGE, mistaken};
use crate::AdminState;

/// Longest name of a product.
const LONGEST_NAME: usize = 200;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advisor {
    Health,
    Pricing,
    Growth,
    Cash,
    Collections,
    Advice,
    Forecast,
}

/// How the future is taken.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Future {
    #[default]
    Committed,
    CollectionsDown,
    NewSales,
}

/// What is asked. What a kind does not read may not be said.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// As it was known then; now, when not said.
    #[serde(default)]
    as_of: Option<Timestamp>,
    /// Of health: compared with the score as it was known then.
    #[serde(default)]
    against: Option<Timestamp>,
    /// Of pricing: the product, by its variant or what people call it; all, when not said.
    #[serde(default)]
    product: Option<String>,
    /// Of pricing: the margin on the net price, as a decimal below one.
    #[serde(default)]
    margin: Option<String>,
    /// Of the forecast.
    #[serde(default)]
    scenario: Option<Future>,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a person typed, such as a product's name, is not kept.
        let as_of = self.as_of.map_or_else(|| "now".to_owned(), |at| at.to_string());
        write!(f, "as of {as_of}")?;
        if let Some(against) = self.against {
            write!(f, " against {against}")?;
        }
        Ok(())
    }
}

impl Advisor {
    pub(super) fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            "health" => Self::Health,
            "pricing" => Self::Pricing,
            "growth" => Self::Growth,
            "cash" => Self::Cash,
            "collections" => Self::Collections,
            "advice" => Self::Advice,
            "forecast" => Self::Forecast,
            _ => return None,
        })
    }
}

impl Question {
    pub(super) fn read(advisor: Advisor, body: &[u8]) -> Result<Self, ApiError> {
        let question: Self = serde_json::from_slice(body).map_err(|error| mistaken(&error))?;
        let unread = (question.against.is_some() && advisor != Advisor::Health)
            || ((question.product.is_some() || question.margin.is_some()) && advisor != Advisor::Pricing)
            || (question.scenario.is_some() && advisor != Advisor::Forecast);
        let long = question.product.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME);
        if unread || long {
            return Err(ApiError::NotAQuestion("this kind of analysis does not take one of its fields".to_owned()));
        }
        Ok(question)
    }

    fn margin(&self) -> Result<Option<Ratio>, ApiError> {
        let Some(text) = &self.margin else { return Ok(None) };
        let wrong = || ApiError::NotAQuestion("the margin is a decimal from 0 to below 1, such as \"0.35\"".to_owned());
        let decimal = Decimal::parse(text).map_err(|_| wrong())?;
        let share = Ratio::new(decimal.unscaled.into(), 10_i128.pow(decimal.scale)).ok_or_else(wrong)?;
        let fits = share.numerator() >= 0 && share.numerator() < share.denominator();
        fits.then_some(Some(share)).ok_or_else(wrong)
    }
}

fn undefined(why: Undefined) -> ApiError {
    ApiError::Figures(match why {
        Undefined::TooLarge => "the amounts are too large to compute with".to_owned(),
        other => format!("it cannot be computed: {other}"),
    })
}

/// The words of a refusal, without the name that was asked for.
fn refused(refusal: &Refusal) -> ApiError {
    match refusal {
        Refusal::UnknownProduct(_) => ApiError::Figures("no product of that name was sold".to_owned()),
        Refusal::Several(_) => ApiError::Figures("several products have that name".to_owned()),
        Refusal::CostUnknown(_) => ApiError::Figures("the cost of that product is not known".to_owned()),
        Refusal::Impossible => ApiError::Figures("no price leaves that margin".to_owned()),
        Refusal::Undefined(why) => undefined(*why),
    }
}

/// The result as JSON.
pub(super) async fn answer(
    state: &AdminState,
    shop: &Merchant,
    advisor: Advisor,
    question: Question,
) -> Result<String, ApiError> {
    let as_of = question.as_of.unwrap_or_else(|| state.clock.now());
    let margin = question.margin()?;
    let question = Arc::new(question);
    // An earlier score is in no sum: it takes all facts.
    if question.against.is_none() {
        let asked = Arc::clone(&question);
        let told = state.store.computed(shop, as_of, move |accounts| written(accounts, None, advisor, &asked, margin));
        return match told.await? {
            Computed::Told(told) => told,
            Computed::Behind | Computed::TooLarge => Err(ApiError::Figures(TOO_LARGE.to_owned())),
        };
    }
    if !state.store.reads_all(shop.id).await? {
        return Err(ApiError::Figures(TOO_LARGE.to_owned()));
    }
    let ledger = state.store.merchant(shop.id).ledger(shop, as_of).await?;
    // Work of the processor alone.
    let told = tokio::task::spawn_blocking(move || {
        let earlier = question.against.map(|at| ledger.as_known_at(at));
        written(ledger.as_ref(), earlier.as_ref(), advisor, &question, margin)
    });
    told.await.map_err(|error| ApiError::Figures(error.to_string()))?
}

fn written(
    accounts: &dyn Accounts,
    earlier: Option<&Ledger>,
    advisor: Advisor,
    question: &Question,
    margin: Option<Ratio>,
) -> Result<String, ApiError> {
    let told = match advisor {
        Advisor::Forecast => forecast(accounts, question.scenario.unwrap_or_default())?,
        _ => {
            let analysis = analysis(accounts, earlier, advisor, question, margin)?;
            serde_json::to_value(&analysis).map_err(|error| ApiError::Figures(error.to_string()))?
        }
    };
    Ok(told.to_string())
}

fn analysis(
    accounts: &dyn Accounts,
    earlier: Option<&Ledger>,
    advisor: Advisor,
    question: &Question,
    margin: Option<Ratio>,
) -> Result<Analysis, ApiError> {
    match advisor {
        Advisor::Health => health(accounts, earlier.map(|ledger| ledger as &dyn Accounts)).map_err(undefined),
        Advisor::Pricing => pricing(accounts, question.product.as_deref(), margin).map_err(|refusal| refused(&refusal)),
        Advisor::Growth => growth::growth(accounts).map_err(undefined),
        Advisor::Cash | Advisor::Forecast => cash::cash(accounts).map_err(undefined),
        Advisor::Collections => collections::collections(accounts).map_err(undefined),
        Advisor::Advice => advise(accounts).map_err(undefined),
    }
}

fn forecast(accounts: &dyn Accounts, future: Future) -> Result<Value, ApiError> {
    let (scenario, word) = match future {
        Future::Committed => (Scenario::Committed, "committed"),
        Future::CollectionsDown => (Scenario::CollectionsDown, "collections_down"),
        Future::NewSales => (Scenario::NewSales, "new_sales"),
    };
    let (currency, today) = (accounts.currency(), accounts.today());
    let told = accounts.forecast(scenario).map_err(undefined)?;
    let week = |(place, cash): (usize, &i64)| {
        let from = today.saturating_add(jiff::Span::new().days(7 * place as i64));
        json!({"week": place + 1, "from": from, "closing": Money::new(*cash, currency).to_decimal()})
    };
    Ok(json!({
        "currency": currency.code(),
        "as_of": accounts.as_of(),
        "scenario": word,
        "weeks": told.closing.iter().enumerate().map(week).collect::<Vec<_>>(),
        "left_out": told.left_out,
    }))
}
