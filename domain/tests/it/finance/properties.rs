//! What holds for any shop. Each law has a control: the same judgement over something that breaks it must come out bad.

use proptest::prelude::*;
use proptest::sample::Index;
use recado_domain::Timestamp;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Basis, Dimension, Value};
use serde_json::Value as Json;

use super::shop::shop;
use super::*;

fn ledger(facts: &Json) -> Ledger {
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

fn whole(figures: &Figures<'_>, metric: Metric) -> Option<i64> {
    match figures.value(metric) {
        Ok(Value::Money(whole) | Value::Count(whole)) => Some(whole),
        _ => None,
    }
}

/// Every figure of some months, and every balance, as text.
fn everything(ledger: &Ledger) -> String {
    let all = days("2026-07-01", "2026-12-31");
    let report = ledger.report(all, &Dimension::ALL).unwrap();
    serde_json::to_string(&report).unwrap()
}

/// Figures whose periods add up.
fn additive() -> impl Iterator<Item = Metric> {
    let more = [
        Metric::CashOperating,
        Metric::CashNet,
        Metric::InputVat,
        Metric::VatSetAside,
        Metric::NewCustomers,
        Metric::CashCarriers,
        Metric::CashAds,
        Metric::CashExpenses,
    ];
    Metric::DIVISIBLE.iter().copied().chain(more)
}

fn adds_up(ledger: &Ledger, metric: Metric, first: &str, split: i64, last: &str) -> bool {
    let whole_range = days(first, last);
    let cut = whole_range.first.saturating_add(jiff::ToSpan::days(split % (whole_range.count() - 1)));
    let next = cut.saturating_add(jiff::ToSpan::days(1));
    let parts = [Days::new(whole_range.first, cut), Days::new(next, whole_range.last)];
    let parts = parts.map(|days| whole(&ledger.figures(days), metric));
    match (whole(&ledger.figures(whole_range), metric), parts) {
        (Some(all), [Some(one), Some(other)]) => all == one + other,
        (None, [one, other]) => one.is_none() || other.is_none(),
        (Some(_), _) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn adjacent_periods_add_up_to_the_whole(facts in shop(), split in 0_i64..150) {
        let ledger = ledger(&facts);
        for metric in additive() {
            prop_assert!(adds_up(&ledger, metric, "2026-07-15", split, "2026-12-10"), "{}", metric.id());
        }
    }

    #[test]
    fn parts_sum_to_the_whole(facts in shop()) {
        let ledger = ledger(&facts);
        let all = days("2026-08-05", "2026-11-20");
        for by in Dimension::ALL {
            let breakdown = ledger.breakdown(by, all);
            for metric in Metric::DIVISIBLE {
                let parts: i64 = breakdown.parts.iter().filter_map(|part| whole(&part.figures, *metric)).sum();
                prop_assert_eq!(whole(&ledger.figures(all), *metric), Some(parts), "{} by {}", metric.id(), by.code());
            }
        }
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(facts in shop(), seeds in proptest::collection::vec(any::<Index>(), 64)) {
        let mut shuffled = facts.clone();
        for list in shuffled.as_object_mut().unwrap().values_mut().filter_map(Json::as_array_mut) {
            for (place, seed) in (1..list.len()).zip(&seeds) {
                let other = seed.index(place + 1);
                list.swap(place, other);
            }
        }
        prop_assert_eq!(everything(&ledger(&facts)), everything(&ledger(&shuffled)));
    }

    #[test]
    fn facts_told_twice_count_once(facts in shop(), chosen in proptest::collection::vec(any::<Index>(), 8)) {
        let mut repeated = facts.clone();
        for list in repeated.as_object_mut().unwrap().values_mut().filter_map(Json::as_array_mut) {
            for index in chosen.iter().filter(|_| !list.is_empty()).collect::<Vec<_>>() {
                let copy = list[index.index(list.len())].clone();
                list.push(copy);
            }
        }
        prop_assert_eq!(everything(&ledger(&facts)), everything(&ledger(&repeated)));
    }

    #[test]
    fn what_comes_later_rewrites_no_earlier_month(facts in shop(), later in 0_i64..9_000_000) {
        let ledger = ledger(&facts);
        let mut facts = facts;
        // Refund every order's first line, add a goodwill and cancel nothing: all of it after October.
        let at = Timestamp::from_seconds(1_793_505_600 + later % 3_000_000);
        prop_assert!(at > Timestamp::parse("2026-11-01T03:00:00Z").unwrap());
        for order in facts["orders"].as_array_mut().unwrap() {
            order["refunds"].as_array_mut().unwrap().push(serde_json::json!({"id": "late", "processed_at": at.to_string(),
                "lines": [{"line_id": "0", "qty": 1, "subtotal": "50", "tax": "9.5", "restock": true}],
                "adjustment": {"amount": "-7", "tax": "0"}}));
        }
        let changed = super::properties::ledger(&facts);
        let before = days("2026-07-01", "2026-10-31");
        let moving = [Basis::Booked, Basis::Realised, Basis::Cash];
        // What a customer has brought to date may change: it says so in its name.
        let to_date = [Metric::FirstOrderContribution, Metric::PaybackRatio];
        for metric in Metric::ALL.iter().filter(|metric| moving.contains(&metric.basis()) && !to_date.contains(metric)) {
            prop_assert_eq!(
                published(&ledger.figures(before), *metric), published(&changed.figures(before), *metric), "{}", metric.id());
        }
    }

    #[test]
    fn without_a_rate_nothing_is_added_across_currencies(facts in shop()) {
        let mut without = facts.clone();
        without["fx"] = serde_json::json!([]);
        let foreign = |list: &str| facts[list].as_array().unwrap().iter()
            .any(|fact| fact["currency"] == "USD" && fact["amount"] != "0.00");
        let all = days("2026-07-01", "2027-12-31");
        let ledger = ledger(&without);
        let found = ledger.figures(all).value(Metric::AdSpend);
        prop_assert_eq!(found.is_err(), facts["ad_spend"].as_array().unwrap().iter().any(|fact| fact["currency"] == "USD"));
        if foreign("expenses") {
            prop_assert!(ledger.figures(all).value(Metric::OperatingProfit).is_err());
            prop_assert!(ledger.figures(all).value(Metric::CashExpenses).is_err());
        }
        // Sales are in the shop's own currency and stay.
        prop_assert!(ledger.figures(all).value(Metric::BookedNetSales).is_ok());
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", place in any::<Index>(), with in "[-0-9.e\"\\[{]{1,30}") {
        let _ = FactSet::from_json(&text);
        // The worked example with something else in one place.
        let places: Vec<usize> = GOLDEN.char_indices().map(|(at, _)| at).collect();
        let at = places[place.index(places.len())];
        let broken = format!("{}{with}{}", &GOLDEN[..at], &GOLDEN[at..]);
        if let Ok(facts) = FactSet::from_json(&broken) {
            let as_of = facts.as_of;
            let _ = Ledger::new(facts, as_of).report(days("2026-09-01", "2026-10-31"), &Dimension::ALL);
        }
    }
}

#[test]
fn control_a_count_of_people_does_not_add_up_and_is_seen_not_to() {
    // Ana and Beto bought in both months.
    let ledger = golden();
    assert!(adds_up(&ledger, Metric::BookedNetSales, "2026-09-01", 29, "2026-10-31"));
    assert!(!adds_up(&ledger, Metric::ActiveCustomers, "2026-09-01", 29, "2026-10-31"));
    assert!(!adds_up(&ledger, Metric::Aov, "2026-09-01", 29, "2026-10-31"));
}

#[test]
fn control_another_fact_under_another_id_is_seen() {
    let facts: Json = serde_json::from_str(GOLDEN).unwrap();
    let mut doubled = facts.clone();
    let mut copy = facts["orders"][0].clone();
    copy["id"] = "#another".into();
    doubled["orders"].as_array_mut().unwrap().push(copy);
    assert_ne!(everything(&ledger(&facts)), everything(&ledger(&doubled)));
    let mut corrected = facts.clone();
    let mut copy = facts["orders"][0].clone();
    copy["lines"][0]["tax"] = "14353.79".into();
    corrected["orders"].as_array_mut().unwrap().push(copy);
    assert_ne!(everything(&ledger(&facts)), everything(&ledger(&corrected)), "the last copy is in force");
}

#[test]
fn control_a_refund_dated_back_is_seen_to_rewrite_its_month() {
    let facts: Json = serde_json::from_str(GOLDEN).unwrap();
    let mut rewritten = facts.clone();
    rewritten["orders"][3]["refunds"][0]["processed_at"] = "2026-09-13T12:00:00Z".into();
    let september = days("2026-09-01", "2026-09-30");
    let net = |facts: &Json| published(&ledger(facts).figures(september), Metric::BookedNetSales);
    assert_ne!(net(&facts), net(&rewritten));
}

#[test]
fn amounts_that_do_not_fit_are_an_error_and_never_wrap() {
    let mut facts: Json = serde_json::from_str(GOLDEN).unwrap();
    for order in facts["orders"].as_array_mut().unwrap() {
        order["lines"][0]["unit_price"] = "90000000000000000".into();
        order["lines"][0]["qty"] = 1.into();
    }
    let refused = FactSet::from_json(&facts.to_string()).map(|facts| {
        let as_of = facts.as_of;
        Ledger::new(facts, as_of).report(days("2026-09-01", "2026-10-31"), &[]).unwrap_err().to_string()
    });
    assert!(refused.as_ref().is_ok_and(|text| text.contains("too large")), "{refused:?}");
    facts["orders"][0]["lines"][0]["unit_price"] = "900000000000000000".into();
    let error = FactSet::from_json(&facts.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "orders[0].lines[0].unit_price: the number is too large");
}

#[test]
fn control_a_breakdown_that_forgets_a_part_is_seen() {
    let ledger = golden();
    let all = days("2026-09-01", "2026-10-31");
    for by in [Dimension::Product, Dimension::Payment, Dimension::Month] {
        let breakdown = ledger.breakdown(by, all);
        let net =
            |part: &recado_domain::finance::figures::Part<'_>| whole(&part.figures, Metric::BookedNetSales).unwrap();
        let sum: i64 = breakdown.parts.iter().map(net).sum();
        let forgotten = breakdown.parts.iter().find(|part| net(part) != 0).map(net).unwrap();
        let expected = whole(&ledger.figures(all), Metric::BookedNetSales).unwrap();
        assert_eq!(sum, expected);
        assert_ne!(sum - forgotten, expected);
    }
}
