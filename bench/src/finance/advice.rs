//! Timing what advisors, pictures, reports and summaries compute from the day book, and comparing it with all facts.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use recado_documents::chart::{Chart, Kind};
use recado_documents::report::report;
use recado_documents::scene::png;
use recado_documents::write::Writer;
use recado_domain::finance::advice::{advise, cash, collections, growth, pricing};
use recado_domain::finance::figures::{Accounts, Days, Dimension, Ledger, Metric};
use recado_domain::{Language, MerchantId, Timestamp};
use recado_store::{OpenError, Store};

use super::measure::row;
use crate::histogram::Histogram;

/// Something that is computed of a shop; how much came out of it.
type Computed = fn(&dyn Accounts) -> usize;

/// All that an advisor says of a shop.
type Told = fn(&dyn Accounts) -> String;

/// Advisors, by name.
const ADVISORS: [(&str, Told); 5] = [
    ("what to do first", |accounts| format!("{:?}", advise(accounts))),
    ("growth, with cohorts", |accounts| format!("{:?}", growth::growth(accounts))),
    ("cash, with three forecasts", |accounts| format!("{:?}", cash::cash(accounts))),
    ("collections", |accounts| format!("{:?}", collections::collections(accounts))),
    ("prices of all products", |accounts| format!("{:?}", pricing::pricing(accounts, None, None))),
];

/// What is not an advisor's.
const OTHERS: [(&str, Computed); 6] = [
    ("the health score", |accounts| usize::from(accounts.health().is_ok_and(|health| health.score.is_some()))),
    ("what a weekly summary reads", summary),
    ("a picture: a month by day", |accounts| picture(accounts, Kind::Days(Metric::BookedNetSales))),
    ("a picture: products of a month", |accounts| {
        picture(accounts, Kind::Parts(Dimension::Product, Metric::BookedNetSales))
    }),
    ("a picture: 13 weeks of cash", |accounts| picture(accounts, Kind::Cash)),
    ("the report of a month as PDF", |accounts| {
        report(accounts, last_month(accounts), writer(accounts)).map_or(0, |bytes| bytes.len())
    }),
];

fn writer(accounts: &dyn Accounts) -> Writer {
    Writer { language: Language::Es, currency: accounts.currency() }
}

fn last_month(accounts: &dyn Accounts) -> Days {
    Days::month(accounts.today()).previous()
}

fn picture(accounts: &dyn Accounts, kind: Kind) -> usize {
    let chart = Chart::of(accounts, kind, last_month(accounts), writer(accounts));
    chart.ok().and_then(|chart| png(&chart.draw(), 1.0).ok()).map_or(0, |bytes| bytes.len())
}

/// The figures of a week, and the products of it and of the week before, which its reasons are made of.
fn summary(accounts: &dyn Accounts) -> usize {
    let week = Days::before(accounts.today(), 7);
    let figures = accounts.figures(week);
    let metrics = [Metric::BookedNetSales, Metric::Orders, Metric::OperatingProfit, Metric::Cash];
    let parts = [week, week.previous()].map(|days| accounts.breakdown(Dimension::Product, days).parts.len());
    metrics.iter().filter(|metric| figures.value(**metric).is_ok()).count() + parts.iter().sum::<usize>()
}

/// Times each: cold, on connections that were opened for it; and warm.
pub async fn times<F: Future<Output = Result<Store, OpenError>>>(
    lines: &mut Vec<String>,
    open: &impl Fn() -> F,
    merchant: MerchantId,
    as_of: Timestamp,
    readings: usize,
) -> anyhow::Result<()> {
    for (name, compute) in OTHERS {
        let store = open().await?;
        lines.push(timed(&store, (merchant, as_of), name, readings, compute).await?);
        store.close().await;
    }
    for (name, told) in ADVISORS {
        let store = open().await?;
        lines.push(timed(&store, (merchant, as_of), name, readings, move |accounts| told(accounts).len()).await?);
        store.close().await;
    }
    Ok(())
}

async fn timed(
    store: &Store,
    (merchant, as_of): (MerchantId, Timestamp),
    name: &str,
    readings: usize,
    compute: impl Fn(&dyn Accounts) -> usize + Clone + Send + Sync + 'static,
) -> anyhow::Result<String> {
    let (mut warm, mut cold) = (Histogram::default(), Duration::ZERO);
    for reading in 0..=readings {
        let compute = compute.clone();
        let began = Instant::now();
        let came = store.of_day_book(merchant, as_of, 0, move |accounts| compute(accounts)).await?;
        anyhow::ensure!(came.context("the day book is behind")? > 0, "{name}: nothing came of it");
        if reading == 0 { cold = began.elapsed() } else { warm.record(began.elapsed()) }
    }
    Ok(row(name, readings, &warm, cold))
}

/// The first advisor that says something else from the day book than from all facts, if there is one.
pub async fn differs(
    store: &Store,
    merchant: MerchantId,
    as_of: Timestamp,
    ledger: &Ledger,
) -> anyhow::Result<Option<&'static str>> {
    for (name, told) in ADVISORS {
        let found = store.of_day_book(merchant, as_of, 0, move |accounts| told(accounts)).await?;
        if found.context("the day book is behind")? != told(ledger) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
