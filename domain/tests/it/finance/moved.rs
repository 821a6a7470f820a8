//! A proof adds up: the amounts of the facts behind a figure are the figure.

use std::collections::BTreeSet;

use proptest::prelude::*;
use recado_domain::finance::figures::{Basis, Undefined, Value};

use super::*;

/// How much the facts behind a figure moved it, and what it is.
fn sums(ledger: &Ledger, metric: Metric, days: Days) -> Option<(i64, i64)> {
    let figures = ledger.figures(days);
    let Value::Money(value) = figures.value(metric).ok()? else { panic!("{} is money", metric.id()) };
    let facts: BTreeSet<_> = figures.proof(metric).into_iter().collect();
    let moved = ledger.moved(metric, days, &facts);
    assert!(
        moved.values().all(|moved| moved.day.is_none_or(|day| metric.basis() == Basis::Balance || days.holds(day)))
    );
    let sum = moved.values().map(|moved| moved.amount).sum::<Result<i64, Undefined>>().unwrap();
    Some((sum, value))
}

fn own_money() -> impl Iterator<Item = Metric> {
    Metric::ALL.iter().copied().filter(|metric| metric.in_money() == Some(*metric))
}

#[test]
fn the_amounts_of_the_worked_example_are_its_figures() {
    let ledger = golden();
    let mut counted = 0;
    for metric in own_money() {
        for (first, last) in [("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-09-10", "2026-10-20")]
        {
            let Some((sum, value)) = sums(&ledger, metric, days(first, last)) else { continue };
            assert_eq!(sum, value, "{} {first}", metric.id());
            counted += usize::from(value != 0);
        }
    }
    assert!(counted > 120, "{counted}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_amounts_of_any_shop_are_its_figures(facts in shop::shop(), first in 0_i64..110, length in 0_i64..60) {
        let facts = FactSet::from_json(&facts.to_string()).unwrap();
        let as_of = facts.as_of;
        let ledger = Ledger::new(facts, as_of);
        let first = day("2026-08-01").saturating_add(jiff::Span::new().days(first));
        let days = Days::new(first, first.saturating_add(jiff::Span::new().days(length)));
        for metric in own_money() {
            if let Some((sum, value)) = sums(&ledger, metric, days) {
                prop_assert_eq!(sum, value, "{}", metric.id());
            }
        }
    }
}

#[test]
fn an_entry_says_its_day_and_its_order_and_a_rate_is_shown_by_its_money() {
    let ledger = golden();
    let october = days("2026-10-01", "2026-10-31");
    let facts: BTreeSet<_> = ledger.figures(october).proof(Metric::FreightOut).into_iter().collect();
    let moved = ledger.moved(Metric::FreightOut, october, &facts);
    assert!(!moved.is_empty());
    for ((kind, id), moved) in moved {
        let order = moved.order.unwrap_or_else(|| panic!("{kind:?} {id} has an order"));
        assert!(ledger.facts().orders.iter().any(|known| known.id == order));
        assert!(moved.day.is_some_and(|day| october.holds(day)) && moved.amount.is_ok_and(|amount| amount != 0));
    }
    assert_eq!(Metric::OperatingMargin.in_money(), Some(Metric::OperatingProfit));
    assert_eq!(Metric::Orders.in_money(), Some(Metric::BookedGrossSales));
    assert_eq!((Metric::CodDeliveryRate.in_money(), Metric::QuickRatio.in_money()), (None, None));
}
