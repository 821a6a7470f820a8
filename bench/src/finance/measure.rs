//! Timing every figure and breakdown, and comparing them with the full computation.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::ToSpan as _;
use jiff::civil::Date;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::put_together;
use recado_domain::finance::figures::{Basis, Days, Dimension, Ledger, Metric};
use recado_domain::{MerchantId, Timestamp};
use recado_store::merchant::MerchantStore;
use recado_store::{OpenError, Store};

use crate::histogram::{Histogram, millis};

/// The process's largest resident memory so far, MiB.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    peak.unwrap_or(0) / 1024
}

/// Days that begin and end in the middle of months, a month, and all of it.
fn ranges(today: Date) -> [(&'static str, Days); 4] {
    let before = |days: i32| today.saturating_sub(days.days());
    let month = before(60);
    [
        ("24 months", Days::new(before(730), today)),
        ("a month", Days::new(month.first_of_month(), month.last_of_month())),
        ("90 days", Days::new(before(90), before(1))),
        ("389 days", Days::new(before(433), before(45))),
    ]
}

async fn figure(shop: &MerchantStore, as_of: Timestamp, metric: Metric, days: Days) -> anyhow::Result<()> {
    let read = shop.day_book(as_of).await?.context("the day book is behind")?;
    std::hint::black_box(read.book.figures(days).value(metric).is_ok());
    Ok(())
}

async fn breakdown(shop: &MerchantStore, as_of: Timestamp, by: Dimension, days: Days) -> anyhow::Result<usize> {
    let read = shop.day_book(as_of).await?.context("the day book is behind")?;
    let parts = shop.day_parts(&read, by, days).await?.context("the day book has moved on")?;
    let breakdown = read.book.breakdown(by, days, &parts);
    let values =
        breakdown.parts.iter().flat_map(|part| Metric::DIVISIBLE.iter().map(|metric| part.figures.value(*metric)));
    std::hint::black_box(values.filter(Result::is_ok).count());
    Ok(breakdown.parts.len())
}

/// Times every figure and breakdown: cold, on connections that were opened for it; and warm.
pub async fn times<F: Future<Output = Result<Store, OpenError>>>(
    lines: &mut Vec<String>,
    open: impl Fn() -> F,
    merchant: MerchantId,
    as_of: Timestamp,
    readings: usize,
) -> anyhow::Result<()> {
    let store = open().await?;
    let today = store.merchant(merchant).day_book(as_of).await?.context("the day book is behind")?.book.today();
    store.close().await;
    drop(store);

    lines.push(
        "\n| what | readings | warm p50 ms | p99 ms | longest ms | cold, longest of 5 ms |\n|---|---|---|---|---|---|"
            .to_owned(),
    );
    let mut families: BTreeMap<String, Vec<Metric>> = BTreeMap::new();
    for metric in Metric::ALL {
        let family = match metric.basis() {
            Basis::Booked => "booked",
            Basis::Realised => "realised",
            Basis::Cash => "cash",
            Basis::Parcels => "parcels",
            Basis::Balance => "balances",
        };
        families.entry(family.to_owned()).or_default().push(*metric);
    }
    let ranges = ranges(today);
    for (family, metrics) in &families {
        let mut cold = Duration::ZERO;
        for place in 0..5 {
            let store = open().await?;
            let shop = store.merchant(merchant);
            let began = Instant::now();
            figure(&shop, as_of, metrics[place % metrics.len()], ranges[place % ranges.len()].1).await?;
            cold = cold.max(began.elapsed());
            store.close().await;
        }
        let store = open().await?;
        let shop = store.merchant(merchant);
        let mut warm = Histogram::default();
        figure(&shop, as_of, metrics[0], ranges[0].1).await?;
        for reading in 0..readings {
            for metric in metrics {
                let began = Instant::now();
                figure(&shop, as_of, *metric, ranges[reading % ranges.len()].1).await?;
                warm.record(began.elapsed());
            }
        }
        store.close().await;
        lines.push(row(&format!("{} figures, {family}", metrics.len()), readings * metrics.len(), &warm, cold));
    }
    for by in Dimension::ALL {
        for (name, days) in &ranges {
            let mut cold = Duration::ZERO;
            let mut parts = 0;
            for _ in 0..5 {
                let store = open().await?;
                let shop = store.merchant(merchant);
                let began = Instant::now();
                parts = breakdown(&shop, as_of, by, *days).await?;
                cold = cold.max(began.elapsed());
                store.close().await;
            }
            let store = open().await?;
            let shop = store.merchant(merchant);
            let mut warm = Histogram::default();
            breakdown(&shop, as_of, by, *days).await?;
            for _ in 0..readings * 5 {
                let began = Instant::now();
                breakdown(&shop, as_of, by, *days).await?;
                warm.record(began.elapsed());
            }
            store.close().await;
            lines.push(row(&format!("by {}, {name} ({parts} parts)", by.code()), readings * 5, &warm, cold));
        }
    }
    for (metric, least, (name, days)) in [
        (Metric::Orders, 60, ranges[0]),
        (Metric::RealisedOrders, 3, ranges[1]),
        (Metric::RefundsPaid, 12, ranges[1]),
        (Metric::Chargebacks, 12, ranges[1]),
    ] {
        let store = open().await?;
        let shop = store.merchant(merchant);
        let (mut warm, mut cold, mut found) = (Histogram::default(), Duration::ZERO, 0);
        for reading in 0..=readings {
            let began = Instant::now();
            let read = shop.day_book(as_of).await?.context("the day book is behind")?;
            let behind = shop.behind(&read, (metric, &[], days), None, least).await?;
            found = behind.context("the day book has moved on")?.facts.len();
            if reading == 0 { cold = began.elapsed() } else { warm.record(began.elapsed()) }
        }
        store.close().await;
        lines.push(row(&format!("the first facts behind {}, {name} ({found})", metric.id()), readings, &warm, cold));
    }
    super::advice::times(lines, &open, merchant, as_of, readings).await?;
    let store = open().await?;
    let (mut warm, mut cold) = (Histogram::default(), Duration::ZERO);
    for reading in 0..=readings {
        let began = Instant::now();
        let by = [Dimension::Product, Dimension::City];
        let report = store.day_report(merchant, as_of, &by, ranges[0].1, 0).await?.context("the day book is behind")?;
        std::hint::black_box(serde_json::to_string(&report?)?.len());
        if reading == 0 { cold = began.elapsed() } else { warm.record(began.elapsed()) }
    }
    store.close().await;
    lines.push(row("a whole report as JSON, by product and city, 24 months", readings, &warm, cold));
    lines.push(format!("peak memory of the process, all of the above included: {} MiB", peak_memory()));
    Ok(())
}

pub(super) fn row(what: &str, readings: usize, warm: &Histogram, cold: Duration) -> String {
    let summary = warm.summary();
    format!(
        "| {what} | {readings} | {} | {} | {} | {} |",
        millis(summary.p50),
        millis(summary.p99),
        millis(summary.longest),
        millis(cold)
    )
}

/// The first figure or breakdown that differs from what all facts in memory give, if there is one.
pub async fn prove(store: &Store, merchant: MerchantId, as_of: Timestamp) -> anyhow::Result<Option<String>> {
    let shop = store.merchant(merchant);
    let text = {
        let facts = shop.facts_in_force().await?;
        put_together(facts.iter().map(|(kind, body)| (kind.as_str(), body.as_str())))
    };
    let ledger = Ledger::new(FactSet::from_json(&text)?, as_of);
    drop(text);
    if let Some(advisor) = super::advice::differs(store, merchant, as_of, &ledger).await? {
        return Ok(Some(advisor.to_owned()));
    }
    let read = shop.day_book(as_of).await?.context("the day book is behind")?;
    for (name, days) in ranges(read.book.today()) {
        for metric in Metric::ALL {
            let (found, told) = (read.book.figures(days).value(*metric), ledger.figures(days).value(*metric));
            if found != told {
                return Ok(Some(format!("{}, {name}: {found:?} is not {told:?}", metric.id())));
            }
        }
        for by in Dimension::ALL {
            let parts = shop.day_parts(&read, by, days).await?.context("the day book has moved on")?;
            let (found, told) = (read.book.breakdown(by, days, &parts), ledger.breakdown(by, days));
            let keys = found.parts.iter().map(|part| &part.key).eq(told.parts.iter().map(|part| &part.key));
            let differs = |metric: &&Metric| {
                found
                    .parts
                    .iter()
                    .zip(&told.parts)
                    .any(|(one, other)| one.figures.value(**metric) != other.figures.value(**metric))
            };
            if let Some(metric) = Metric::DIVISIBLE.iter().find(differs).filter(|_| keys) {
                return Ok(Some(format!("{} by {}, {name}", metric.id(), by.code())));
            }
            if !keys {
                return Ok(Some(format!("the parts by {}, {name}", by.code())));
            }
        }
    }
    Ok(None)
}
