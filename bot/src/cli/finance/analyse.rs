//! What the advisors say, as a table or JSON.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use recado_domain::finance::advice::pricing::{Refusal, pricing};
use recado_domain::finance::advice::{Analysis, Effect, Kind, Per, advise, cash, collections, growth, health};
use recado_domain::finance::figures::{Accounts, Undefined};
use recado_domain::finance::ratio::Ratio;
use recado_domain::{Money, Timestamp};
use serde::Serialize;

use super::books::{BooksArgs, instant, share};
use crate::cli::serve::block_on;
use crate::cli::store::{record, shop, writing};
use crate::cli::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// Which advisor.
#[derive(Clone, Debug, Subcommand)]
pub enum AnalyseVerb {
    /// The health score: what gives it, what caps it, and why it moved
    Health {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
        /// Compare with the score as it was known then
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        against: Option<Timestamp>,
    },
    /// Prices for a margin, of one product or of all
    Pricing {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
        /// The price
        #[command(flatten)]
        price: PriceArgs,
    },
    /// Customers by the month they came, what they cost and left, advertising by platform
    Growth {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
    },
    /// Thirteen weeks of cash in three scenarios
    Cash {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
    },
    /// What is owed, in the order in which to ask for it
    Collections {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
    },
    /// What to do first
    Advice {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
    },
}

/// Which books, and how to tell it.
#[derive(Clone, Debug, Args)]
pub struct AnalyseArgs {
    /// Which books
    #[command(flatten)]
    pub books: BooksArgs,
    /// Keep it in the store, with its recommendations
    #[arg(long, conflicts_with = "facts")]
    pub save: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// A price.
#[derive(Clone, Debug, Args)]
pub struct PriceArgs {
    /// The product, by its variant or what people call it [default: all]
    #[arg(long, value_name = "PRODUCT")]
    pub product: Option<String>,
    /// The margin on the net price, e.g. 40% [default: 35%]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub margin: Option<Ratio>,
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::Usage(refusal.to_string())
    }
}

/// What could not be computed, for a person.
pub(super) fn undefined(why: Undefined) -> CliError {
    CliError::Usage(match why {
        Undefined::TooLarge => "the amounts are too large to compute with".to_owned(),
        other => format!("it cannot be computed: {other}"),
    })
}

/// Runs an advisor.
pub(super) fn analyse(verb: &AnalyseVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let (AnalyseVerb::Health { args, .. }
    | AnalyseVerb::Pricing { args, .. }
    | AnalyseVerb::Growth { args }
    | AnalyseVerb::Cash { args }
    | AnalyseVerb::Collections { args }
    | AnalyseVerb::Advice { args }) = verb;
    let (analysis, today) = match verb {
        // What was known then is in no sum: it takes all facts.
        AnalyseVerb::Health { against: Some(at), .. } => {
            let ledger = args.books.ledger(settings)?;
            let earlier = ledger.as_known_at(*at);
            (health(&ledger, Some(&earlier)).map_err(undefined)?, ledger.today())
        }
        _ => {
            let wanted = verb.clone();
            let (analysis, today) =
                args.books.told(settings, move |accounts| (analysed(accounts, &wanted), accounts.today()))?;
            (analysis?, today)
        }
    };
    if args.save {
        block_on(keep(settings, args, today, &analysis))??;
    }
    tell(&analysis, args.json, output)?;
    Ok(Exit::Done)
}

fn analysed(accounts: &dyn Accounts, verb: &AnalyseVerb) -> Result<Analysis, CliError> {
    match verb {
        AnalyseVerb::Health { .. } => health(accounts, None).map_err(undefined),
        AnalyseVerb::Pricing { price, .. } => Ok(pricing(accounts, price.product.as_deref(), price.margin)?),
        AnalyseVerb::Growth { .. } => growth::growth(accounts).map_err(undefined),
        AnalyseVerb::Cash { .. } => cash::cash(accounts).map_err(undefined),
        AnalyseVerb::Collections { .. } => collections::collections(accounts).map_err(undefined),
        AnalyseVerb::Advice { .. } => advise(accounts).map_err(undefined),
    }
}

async fn keep(settings: &Settings, args: &AnalyseArgs, today: Date, analysis: &Analysis) -> Result<(), CliError> {
    let store = writing(settings).await?;
    let known = store.read_directory().await?;
    let shop = shop(&known, args.books.merchant.as_deref())?;
    let id = store.save_analysis(shop.id, analysis, today).await?;
    record(&store, Some(&shop), "finance.analyse", &id.to_string()).await?;
    store.close().await;
    Ok(())
}

/// A number of a finding, in a table.
#[derive(Serialize)]
struct FindingRow {
    about: &'static str,
    subject: String,
    number: &'static str,
    value: String,
}

impl Row for FindingRow {
    const HEAD: &'static [&'static str] = &["about", "subject", "number", "value"];
    fn cells(&self) -> Vec<String> {
        vec![self.about.to_owned(), self.subject.clone(), self.number.to_owned(), self.value.clone()]
    }
}

/// A recommendation, in a table.
#[derive(Serialize)]
struct ActionRow {
    place: usize,
    code: &'static str,
    urgency: u8,
    effect: String,
    certainty: String,
    subjects: String,
    check: String,
}

impl Row for ActionRow {
    const HEAD: &'static [&'static str] = &["", "recommendation", "urgency", "effect", "certainty", "of", "check"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.place.to_string(),
            self.code.to_owned(),
            self.urgency.to_string(),
            self.effect.clone(),
            self.certainty.clone(),
            self.subjects.clone(),
            self.check.clone(),
        ]
    }
}

/// An analysis: what to do first, then what it rests on.
pub(super) fn tell(analysis: &Analysis, json: bool, output: &mut Output<'_>) -> Result<(), CliError> {
    if json {
        output.json(analysis)?;
        return Ok(());
    }
    if analysis.kind == Kind::Advice {
        output.rows(&actions(analysis), false)?;
        output.text("")?;
    }
    let mut rows = Vec::new();
    for finding in &analysis.findings {
        let subject = finding.subject.clone().unwrap_or_default();
        let row = |number, value| FindingRow { about: finding.code, subject: subject.clone(), number, value };
        if finding.numbers.is_empty() {
            rows.push(row("", String::new()));
        }
        for named in &finding.numbers {
            let value = named.value.as_ref().map_or_else(|why| format!("— {why}"), |number| number.shown());
            rows.push(row(named.id, value));
        }
    }
    for named in &analysis.inputs {
        let value = named.value.as_ref().map_or_else(|why| format!("— {why}"), |number| number.shown());
        rows.push(FindingRow { about: "input", subject: String::new(), number: named.id, value });
    }
    output.rows(&rows, false)?;
    output.text(&format!(
        "\n{} ({}) in {} as of {}; confidence {}.",
        analysis.kind.code(),
        analysis.version,
        analysis.currency,
        analysis.as_of,
        analysis.confidence.level
    ))?;
    Ok(())
}

fn actions(analysis: &Analysis) -> Vec<ActionRow> {
    let money = |minor: i64| Money::new(minor, analysis.currency).shown();
    let row = |(place, of): (usize, &recado_domain::finance::advice::Recommendation)| {
        let per = match of.code.per() {
            Per::Month => " a month",
            Per::Once => " once",
        };
        let (metric, _) = of.code.check();
        ActionRow {
            place: place + 1,
            code: of.code.id(),
            urgency: of.code.urgency(),
            effect: match of.effect {
                Effect::Amount(amount) => format!("{}{per}", money(amount)),
                Effect::Range(low, high) => format!("{} to {}{per}", money(low), money(high)),
                Effect::Omitted(why) => format!("— {}", why.code()),
            },
            certainty: recado_domain::finance::figures::published_score(of.certainty.0),
            subjects: of.details.iter().filter_map(|one| one.subject.clone()).collect::<Vec<_>>().join(", "),
            check: format!("{} in {} days", metric.id(), of.code.horizon_days()),
        }
    };
    analysis.actions.ranked.iter().enumerate().map(row).collect()
}
