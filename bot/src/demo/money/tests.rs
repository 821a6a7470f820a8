use std::time::Duration;

use jiff::ToSpan as _;
use recado_domain::finance::figures::{Accounts as _, Days, Dimension, FindingKind, Ledger, Metric};

use super::super::{DEFAULT_SEED, shop};
use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T17:00:00Z").unwrap()
}

/// The books as the store will have them: what is imported, joined with what the webhooks tell.
fn ledger(now: Timestamp, seed: u64) -> Ledger {
    let shop = shop(now, seed);
    let imported = FactSet::from_json(&document(&shop, now, seed).unwrap()).unwrap();
    Ledger::new(imported.with_shop(&told::told(&shop)).unwrap(), now)
}

fn figure(ledger: &Ledger, days: Days, metric: Metric) -> i64 {
    let value = ledger.figures(days).value(metric).unwrap_or_else(|why| panic!("{}: {why:?}", metric.id()));
    let text = value.published(recado_domain::Currency::Cop).unwrap();
    recado_domain::money::parse_decimal(&text, 6).unwrap() / 1_000_000
}

/// Some days before today, both included.
fn days(ledger: &Ledger, from: i64, to: i64) -> Days {
    let today = ledger.today();
    Days::new(today.saturating_sub(from.days()), today.saturating_sub(to.days()))
}

#[test]
fn the_same_seed_gives_the_same_money_and_another_seed_another() {
    let text = |seed| document(&shop(now(), seed), now(), seed).unwrap();
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn the_books_are_those_of_a_shop_that_earns_a_little_whenever_it_is_opened() {
    // The first and the last of a month, a leap day, the turn of a year.
    for (at, seed) in [
        ("2026-11-26T17:00:00Z", DEFAULT_SEED),
        ("2026-12-01T15:00:00Z", 3),
        ("2027-01-31T15:00:00Z", DEFAULT_SEED),
        ("2028-02-29T15:00:00Z", 4),
    ] {
        let at = Timestamp::parse(at).unwrap();
        let ledger = ledger(at, seed);
        let last = ledger.today().first_of_month().saturating_sub(1.day());
        for back in 0..4 {
            let first = last.first_of_month().saturating_sub(back.months());
            let month = Days::new(first, first.last_of_month());
            let figure = |metric| figure(&ledger, month, metric);
            let (revenue, profit) = (figure(Metric::RealisedNetRevenue), figure(Metric::OperatingProfit));
            assert!((15_000_000..70_000_000).contains(&revenue), "{at} {seed} {first}: revenue {revenue}");
            assert!(profit > -revenue / 10 && profit < revenue / 4, "{at} {seed} {first}: {profit} of {revenue}");
            assert_eq!(figure(Metric::CostCoverage), 1, "every cost is known");
            for metric in [Metric::Cogs, Metric::FreightOut, Metric::CodFees, Metric::PaymentFees, Metric::AdSpend] {
                assert!(figure(metric) > 0, "{at} {seed} {first}: {}", metric.id());
            }
        }
        let report = ledger.report(Days::new(last.first_of_month(), last), &[]).unwrap();
        assert!(report.health.score.is_some(), "{:?}", report.health.missing);
        assert!(report.cohorts.len() >= 5 && report.forecast_closing.is_some());
        for balance in ["cash", "inventory", "cod_receivable", "gateway_pending", "invoices_open", "supplier_payables"]
        {
            let value = report.balances[balance].as_deref().unwrap_or("null");
            assert!(!value.starts_with(['-', 'n']) && value != "0.00", "{at} {seed}: {balance} {value}");
        }
    }
}

#[test]
fn the_week_earned_less_than_the_one_before_because_meta_cost_twice_as_much() {
    for seed in [DEFAULT_SEED, 1, 2] {
        let ledger = ledger(now(), seed);
        let (week, before) = (days(&ledger, 6, 0), days(&ledger, 13, 7));
        let fell = figure(&ledger, before, Metric::Cm3) - figure(&ledger, week, Metric::Cm3);
        assert!(fell > 0, "{seed}");
        let rose = figure(&ledger, week, Metric::AdSpend) - figure(&ledger, before, Metric::AdSpend);
        assert!(rose * 3 > fell, "{seed}: advertising rose by {rose}, the week fell by {fell}");
        let of_platform = |days| {
            let breakdown = ledger.breakdown(Dimension::Platform, days);
            let part = breakdown.parts.iter().find(|part| part.key.as_deref() == Some("meta")).unwrap();
            let value = part.figures.value(Metric::AdSpend).unwrap().published(recado_domain::Currency::Cop).unwrap();
            value.split('.').next().unwrap().parse::<i64>().unwrap()
        };
        assert!(of_platform(week) * 10 > of_platform(before) * 19, "{seed}");
    }
}

#[test]
fn one_parcel_was_paid_over_short_and_one_not_at_all() {
    for seed in [DEFAULT_SEED, 1, 2] {
        let ledger = ledger(now(), seed);
        let findings = ledger.reconciliation().unwrap();
        let of = |kind| findings.iter().filter(|finding| finding.kind == kind).collect::<Vec<_>>();
        assert_eq!(findings.len(), 2, "{seed}: {findings:?}");
        let (short, missing) = (of(FindingKind::Short), of(FindingKind::Missing));
        assert_eq!((short.len(), missing.len()), (1, 1));
        assert_eq!(short[0].amount, 1_850_000);
    }
}

#[test]
fn nothing_is_told_that_will_not_happen_for_long_and_all_of_it_is_read_quickly_as_entries() {
    let shop = shop(now(), DEFAULT_SEED);
    let facts = FactSet::from_json(&document(&shop, now(), DEFAULT_SEED).unwrap()).unwrap();
    let soon = now().plus(Duration::from_secs(86_400));
    assert!(facts.orders.iter().all(|order| order.processed_at <= now()));
    assert!(facts.remittances.iter().all(|remittance| remittance.remitted_at <= soon));
    assert!(facts.orders.len() > 500, "{} orders", facts.orders.len());
    let entries = entries(&shop, now(), DEFAULT_SEED).unwrap();
    assert!((3_000..9_000).contains(&entries.len()), "{} facts", entries.len());
}
