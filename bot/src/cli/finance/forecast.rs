//! Cash of the next thirteen weeks, and what a payment would do to it.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use recado_domain::Money;
use recado_domain::finance::advice::cash::{first_negative, what_if};
use recado_domain::finance::figures::Scenario;
use serde::Serialize;

use super::analyse::undefined;
use super::books::BooksArgs;
use crate::cli::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// How the future is taken.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Future {
    /// What is committed, no new sales
    Committed,
    /// The same with collections a fifth lower
    CollectionsDown,
    /// The same with sales as in the last 28 days
    NewSales,
}

/// Which forecast.
#[derive(Clone, Debug, Args)]
pub struct ForecastArgs {
    /// Which books
    #[command(flatten)]
    pub books: BooksArgs,
    /// How the future is taken
    #[arg(long, value_enum, default_value_t = Future::Committed)]
    pub scenario: Future,
    /// With one more payment, in major units, e.g. 8000000
    #[arg(long, value_name = "AMOUNT")]
    pub pay: Option<String>,
    /// On that day of the shop [default: today]
    #[arg(long, value_name = "DAY", requires = "pay")]
    pub on: Option<Date>,
    /// One JSON object per week
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct WeekRow {
    week: usize,
    from: Date,
    closing: String,
    #[serde(skip)]
    shown: String,
}

impl Row for WeekRow {
    const HEAD: &'static [&'static str] = &["week", "from", "closing"];
    fn cells(&self) -> Vec<String> {
        vec![self.week.to_string(), self.from.to_string(), self.shown.clone()]
    }
}

pub(super) fn forecast(args: &ForecastArgs, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let scenario = match args.scenario {
        Future::Committed => Scenario::Committed,
        Future::CollectionsDown => Scenario::CollectionsDown,
        Future::NewSales => Scenario::NewSales,
    };
    let (told, currency, today) = args
        .books
        .told(settings, move |accounts| (accounts.forecast(scenario), accounts.currency(), accounts.today()))?;
    let mut told = told.map_err(undefined)?;
    let mut most = None;
    if let Some(pay) = &args.pay {
        let amount = Money::parse(pay, currency).map_err(|error| CliError::Usage(error.to_string()))?;
        let weighed = what_if(&told, today, amount.minor, args.on.unwrap_or(today))
            .map_err(|error| CliError::Usage(error.to_string()))?;
        most = Some(weighed.most);
        told = weighed.after;
    }
    let week = |(place, cash): (usize, &i64)| {
        let cash = Money::new(*cash, currency);
        let from = today.saturating_add(jiff::Span::new().days(7 * place as i64));
        WeekRow { week: place + 1, from, closing: cash.to_decimal(), shown: cash.shown() }
    };
    let rows: Vec<WeekRow> = told.closing.iter().enumerate().map(week).collect();
    output.rows(&rows, args.json)?;
    if !args.json {
        let (week, lowest) = told.lowest();
        let mut text = format!("\nLowest: week {week}, {}.", Money::new(lowest, currency).shown());
        if let Some(week) = first_negative(&told) {
            text.push_str(&format!(" Below zero first in week {week}."));
        }
        if let Some(most) = most {
            text.push_str(&format!(" At most {} could leave then.", Money::new(most, currency).shown()));
        }
        output.text(&text)?;
    }
    Ok(Exit::Done)
}
