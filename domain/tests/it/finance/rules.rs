//! Single rules, each on a small shop of its own.

use recado_domain::finance::figures::{Dimension, Undefined};
use serde_json::{Value, json};

use super::*;

fn ledger(more: Value) -> Ledger {
    let mut facts = json!({"as_of": "2026-11-05T14:00:00Z", "merchant": {"name": "x", "timezone": "America/Bogota", "currency": "COP",
        "vat_registered": true, "carriers": {"envia": {"term_days": 8, "transit_days": 3}}},
        "products": [{"variant_id": "P", "title": "Faja", "costs": [{"from": "2026-01-01T00:00:00Z", "unit_cost": "10"}]}]});
    for (name, list) in more.as_object().unwrap() {
        facts[name] = list.clone();
    }
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

/// A prepaid order of one unit for 119 with VAT, 100 without.
fn order(id: &str, at: &str, more: Value) -> Value {
    let mut order = json!({"id": id, "processed_at": at, "payment": "prepaid", "paid_at": at,
        "lines": [{"id": "1", "variant_id": "P", "qty": 1, "unit_price": "119", "tax": "19"}]});
    for (name, value) in more.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

fn figure(ledger: &Ledger, first: &str, last: &str, metric: Metric) -> String {
    published(&ledger.figures(days(first, last)), metric)
}

const OCTOBER: (&str, &str) = ("2026-10-01", "2026-10-31");
const NOVEMBER: (&str, &str) = ("2026-11-01", "2026-11-30");

#[test]
fn what_is_refunded_after_a_cancellation_is_no_second_reversal() {
    let ledger = ledger(
        json!({"orders": [order("#1", "2026-10-10T12:00:00Z", json!({"cancelled_at": "2026-10-20T12:00:00Z",
        "refunds": [{"id": "R", "processed_at": "2026-11-02T12:00:00Z", "lines": [{"line_id": "1", "qty": 1, "subtotal": "100", "tax": "19", "restock": true}]}]}))]}),
    );
    let of = |month: (&str, &str), metric| figure(&ledger, month.0, month.1, metric);
    assert_eq!(of(OCTOBER, Metric::BookedReturns), "100.00");
    assert_eq!(of(OCTOBER, Metric::BookedTotalSales), "0.00");
    assert_eq!(of(NOVEMBER, Metric::BookedReturns), "0.00");
    assert_eq!(of(OCTOBER, Metric::Cogs), "0.00");
}

#[test]
fn a_refund_that_is_not_restocked_keeps_its_cost() {
    let refund = |restock: bool| {
        ledger(json!({"orders": [order("#1", "2026-10-10T12:00:00Z", json!({"refunds": [{"id": "R",
            "processed_at": "2026-11-02T12:00:00Z", "lines": [{"line_id": "1", "qty": 1, "subtotal": "100", "tax": "19", "restock": restock}]}]}))]}))
    };
    assert_eq!(figure(&refund(true), NOVEMBER.0, NOVEMBER.1, Metric::Cogs), "-10.00");
    assert_eq!(figure(&refund(false), NOVEMBER.0, NOVEMBER.1, Metric::Cogs), "0.00");
    assert_eq!(figure(&refund(false), OCTOBER.0, OCTOBER.1, Metric::Cogs), "10.00");
}

#[test]
fn what_comes_after_as_of_is_unknown_and_known_expenses_accrue_before_they_are_billed() {
    let ledger = ledger(json!({
        "orders": [order("#1", "2026-11-05T14:00:01Z", json!({})), order("#2", "2026-11-05T13:59:59Z", json!({"cancelled_at": "2026-11-06T00:00:00Z"}))],
        "expenses": [{"id": "E", "kind": "fixed", "amount": "310", "invoiced_on": "2026-10-31", "from": "2026-10-01", "to": "2026-10-31"}]}));
    assert_eq!(figure(&ledger, NOVEMBER.0, NOVEMBER.1, Metric::Orders), "1");
    assert_eq!(figure(&ledger, NOVEMBER.0, NOVEMBER.1, Metric::OrdersCancelled), "0");
    assert_eq!(figure(&ledger, "2026-10-01", "2026-10-10", Metric::FixedExpenses), "100.00");
}

#[test]
fn an_unknown_cost_is_said_and_not_zero_margin() {
    let mut unknown = order("#1", "2026-10-10T12:00:00Z", json!({}));
    unknown["lines"][0]["variant_id"] = "Q".into();
    let ledger = ledger(json!({"orders": [unknown, order("#2", "2026-10-11T12:00:00Z", json!({}))]}));
    assert_eq!(figure(&ledger, OCTOBER.0, OCTOBER.1, Metric::CostCoverage), "0.500000");
    assert_eq!(figure(&ledger, OCTOBER.0, OCTOBER.1, Metric::GrossProfit), "90.00");
    let report = ledger.report(days(OCTOBER.0, OCTOBER.1), &[]).unwrap();
    assert_eq!(report.caveats, ["unknown_costs"]);
}

#[test]
fn a_shop_that_is_not_registered_bears_the_vat_of_its_costs() {
    let charge = json!([{"id": "C", "shipment_id": "S", "kind": "outbound", "amount": "100", "vat": "19", "occurred_at": "2026-10-10T12:00:00Z"}]);
    let registered = ledger(json!({"carrier_charges": charge}));
    let mut merchant = json!({"name": "x", "timezone": "America/Bogota", "currency": "COP"});
    merchant["vat_registered"] = false.into();
    let not = ledger(json!({"carrier_charges": charge, "merchant": merchant}));
    assert_eq!(figure(&registered, OCTOBER.0, OCTOBER.1, Metric::FreightOut), "100.00");
    assert_eq!(figure(&not, OCTOBER.0, OCTOBER.1, Metric::FreightOut), "119.00");
    let set_aside = not.figures(days(OCTOBER.0, OCTOBER.1)).value(Metric::VatSetAside);
    assert_eq!(set_aside, Err(Undefined::NotVatRegistered));
}

#[test]
fn nothing_known_is_null_and_never_zero() {
    let ledger = ledger(json!({}));
    let october = ledger.figures(days(OCTOBER.0, OCTOBER.1));
    for (metric, why) in [
        (Metric::Aov, Undefined::ZeroDenominator),
        (Metric::BlendedRoas, Undefined::ZeroDenominator),
        (Metric::BreakevenRevenue, Undefined::NoBreakEven),
        (Metric::Growth, Undefined::NoEarlierSales),
        (Metric::Cash, Undefined::NoCashBalance),
        (Metric::Inventory, Undefined::NoStockSnapshot),
        (Metric::RuleOf40, Undefined::FewEarlierOrders),
        (Metric::RunwayMonths, Undefined::NotBurningCash),
        (Metric::CodBreakevenDeliveryRate, Undefined::NoDeliveredAndFailedParcels),
    ] {
        assert_eq!(october.value(metric), Err(why), "{}", metric.id());
    }
    let report = ledger.report(days(OCTOBER.0, OCTOBER.1), &Dimension::ALL).unwrap();
    assert_eq!(report.health.score, None);
    assert_eq!(report.forecast_closing, None);
    assert_eq!(report.reasons["forecast_closing"], Undefined::NoCashBalance);
}

#[test]
fn costs_of_an_order_are_divided_over_its_products_to_the_last_unit() {
    let mut two = order("#1", "2026-10-10T12:00:00Z", json!({}));
    two["lines"]
        .as_array_mut()
        .unwrap()
        .push(json!({"id": "2", "variant_id": "Q", "qty": 1, "unit_price": "238", "tax": "38"}));
    let ledger = ledger(
        json!({"orders": [two], "shipments": [{"id": "S", "order_id": "#1", "carrier": "envia", "shipped_at": "2026-10-11T12:00:00Z"}],
        "carrier_charges": [{"id": "C", "shipment_id": "S", "kind": "outbound", "amount": "10", "occurred_at": "2026-10-11T12:00:00Z"}]}),
    );
    let breakdown = ledger.breakdown(Dimension::Product, days(OCTOBER.0, OCTOBER.1));
    let freight: Vec<(Option<&str>, String)> = breakdown
        .parts
        .iter()
        .map(|part| (part.key.as_deref(), published(&part.figures, Metric::FreightOut)))
        .collect();
    // 10.00 over 100 and 200: 3.33 and 6.66, and the cent that is left goes to the first.
    assert!(
        freight.contains(&(Some("P"), "3.34".to_owned())) && freight.contains(&(Some("Q"), "6.66".to_owned())),
        "{freight:?}"
    );
}

#[test]
fn the_bridge_ends_at_operating_cash_and_names_the_rest() {
    let ledger = golden();
    for (first, last) in [("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31")] {
        let days = days(first, last);
        let bridge = ledger.profit_to_cash(days).unwrap();
        let sum: i64 = bridge.steps.iter().map(|(_, step)| step).sum();
        assert_eq!(bridge.operating_profit + sum + bridge.unexplained, bridge.cash_operating);
        let cents = |metric| published(&ledger.figures(days), metric).replace('.', "").parse::<i64>().unwrap();
        assert_eq!(bridge.operating_profit, cents(Metric::OperatingProfit));
        assert_eq!(bridge.cash_operating, cents(Metric::CashOperating));
    }
}

#[test]
fn a_proof_lists_the_facts_behind_a_figure_and_no_others() {
    let ledger = golden();
    let october = ledger.figures(days(OCTOBER.0, OCTOBER.1));
    let ids = |metric| {
        october.proof(metric).into_iter().map(|(kind, id)| format!("{} {id}", kind.code())).collect::<Vec<_>>()
    };
    assert_eq!(ids(Metric::BookedReturns), ["refund R1", "refund R2"]);
    assert_eq!(ids(Metric::FixedExpenses), ["expense EX2", "expense EX3", "expense EX4"]);
    assert_eq!(ids(Metric::NewCustomers), ["order #1008", "order #1011", "order #1013", "order #1014"]);
    assert_eq!(ids(Metric::CodReceivable), ["shipment S1008", "shipment S1014"]);
    assert_eq!(ids(Metric::CashSuppliers), ["purchase PU1"]);
    assert_eq!(ids(Metric::GiftCardLiability), ["order #1018"]);
    assert_eq!(ids(Metric::Orders).len(), 7);
    // Every figure that is not nothing has something behind it.
    for metric in Metric::ALL {
        let value = published(&october, *metric);
        let nothing = value.trim_matches(|letter| matches!(letter, '0' | '.' | '-')).is_empty() || value == "null";
        assert!(nothing || !october.proof(*metric).is_empty(), "{} is {value} and has no proof", metric.id());
    }
}
