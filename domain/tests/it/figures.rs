//! Golden figures of FINANCE §5, from the same facts that the definition was computed with.

use recado_domain::figures::{BookedSales, booked_sales};
use recado_domain::order::{OrderFacts, OrderLine, Payment, Refund, RefundLine, ShippingCharge, TaxedAmount};
use recado_domain::period::Period;
use recado_domain::{Currency, Money, Timestamp};
use serde_json::Value;

const FACTS: &str = include_str!("../golden/finance-facts-1.json");

fn money(value: &Value) -> Money {
    Money::parse(value.as_str().unwrap_or("0"), Currency::Cop).unwrap()
}
fn instant(value: &Value) -> Timestamp {
    Timestamp::parse(value.as_str().unwrap()).unwrap()
}
fn maybe(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| Timestamp::parse(text).unwrap())
}
fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
fn taxed(value: &Value) -> Option<TaxedAmount> {
    value.is_object().then(|| TaxedAmount { amount: money(&value["amount"]), tax: money(&value["tax"]) })
}

fn line(value: &Value) -> OrderLine {
    let rate = value["tax_rate"].as_str().unwrap_or("0.19").parse::<f64>().unwrap();
    OrderLine {
        external_id: value["id"].as_str().unwrap().into(),
        variant_id: value["variant_id"].as_str().map(str::to_owned),
        title: String::new(),
        sku: None,
        quantity: value["qty"].as_i64().unwrap(),
        unit_price: money(&value["unit_price"]),
        discount: money(&value["discount"]),
        tax: money(&value["tax"]),
        tax_rate_ppm: (rate * 1e6).round() as i64,
        gift_card: value["gift_card"].as_bool().unwrap_or(false),
        added_at: maybe(&value["added_at"]),
    }
}

fn refund(value: &Value) -> Refund {
    let lines = list(&value["lines"]).iter().map(|line| RefundLine {
        line_id: line["line_id"].as_str().unwrap().into(),
        quantity: line["qty"].as_i64().unwrap(),
        subtotal: money(&line["subtotal"]),
        tax: money(&line["tax"]),
        restocked: line["restock"].as_bool().unwrap_or(false),
    });
    Refund {
        external_id: value["id"].as_str().unwrap().into(),
        processed_at: instant(&value["processed_at"]),
        lines: lines.collect(),
        shipping: taxed(&value["shipping"]),
        adjustment: taxed(&value["adjustment"]),
    }
}

fn order(value: &Value) -> OrderFacts {
    let shipping = &value["shipping"];
    let charge = shipping.is_object().then(|| ShippingCharge {
        price: money(&shipping["price"]),
        discount: money(&shipping["discount"]),
        tax: money(&shipping["tax"]),
    });
    OrderFacts {
        external_id: value["id"].as_str().unwrap().into(),
        name: value["id"].as_str().unwrap().into(),
        currency: Currency::Cop,
        email: None,
        phone: None,
        customer: None,
        address: None,
        payment: if value["payment"] == "cod" { Payment::Cod } else { Payment::Prepaid },
        financial_status: None,
        fulfillment_status: None,
        taxes_included: value["taxes_included"].as_bool().unwrap_or(true),
        test: value["test"].as_bool().unwrap_or(false),
        processed_at: instant(&value["processed_at"]),
        updated_at: instant(&value["processed_at"]),
        cancelled_at: maybe(&value["cancelled_at"]),
        paid_at: None,
        unpaid_at: None,
        confirmed_at: None,
        channel: None,
        total: Money::zero(Currency::Cop),
        lines: list(&value["lines"]).iter().map(line).collect(),
        shipping: charge.into_iter().collect(),
        refunds: list(&value["refunds"]).iter().map(refund).collect(),
    }
}

fn orders() -> Vec<OrderFacts> {
    let facts: Value = serde_json::from_str(FACTS).unwrap();
    list(&facts["orders"]).iter().map(order).collect()
}

fn figures(period: Period) -> BookedSales {
    let zone = jiff::tz::TimeZone::get("America/Bogota").unwrap();
    let span = period.resolve(Timestamp::parse("2026-11-05T14:00:00Z").unwrap(), &zone);
    booked_sales(&orders(), &span, Currency::Cop).unwrap()
}

const fn month(month: i8) -> Period {
    Period::Month { month, year: Some(2026) }
}

fn both() -> Period {
    let day = jiff::civil::Date::constant;
    Period::Range { first: day(2026, 9, 1), last: day(2026, 10, 31) }
}

#[test]
fn booked_figures_of_september_october_and_both_are_exact() {
    let of = [figures(month(9)), figures(month(10)), figures(both())];
    type Get = fn(&BookedSales) -> Money;
    let table: [(&str, Get, [&str; 3]); 9] = [
        ("gross_sales", |one| one.gross_sales, ["755294.12", "679747.90", "1435042.02"]),
        ("discounts", |one| one.discounts, ["15953.78", "15100.84", "31054.62"]),
        ("returns", |one| one.returns, ["75546.22", "58739.49", "134285.71"]),
        ("net_sales", |one| one.net_sales, ["663794.12", "605907.57", "1269701.69"]),
        ("shipping_revenue", |one| one.shipping_revenue, ["40336.12", "30252.09", "70588.21"]),
        ("taxes", |one| one.taxes, ["133784.76", "120870.34", "254655.10"]),
        ("net_revenue", |one| one.net_revenue, ["704130.24", "636159.66", "1340289.90"]),
        ("total_sales", |one| one.total_sales, ["837915.00", "757030.00", "1594945.00"]),
        ("aov", |one| one.average_order.unwrap(), ["82148.93", "94949.58", "87749.21"]),
    ];
    for (name, get, expected) in table {
        assert_eq!(of.each_ref().map(|one| get(one).to_decimal()), expected.map(str::to_owned), "{name}");
    }
    assert_eq!(of.each_ref().map(|one| one.orders), [9, 7, 16]);
    assert_eq!(of.each_ref().map(|one| one.orders_cancelled), [1, 0, 1]);
    assert_eq!(of.each_ref().map(|one| one.units_sold), [12, 11, 23]);
    assert_eq!(of.each_ref().map(|one| one.units_returned), [1, 1, 2]);
}

#[test]
fn the_orders_behind_a_figure_are_its_proof() {
    let october = figures(month(10));
    let names = ["#1010", "#1011", "#1012", "#1013", "#1014", "#1015", "#1016"];
    assert_eq!(october.order_names, names, "neither the test order nor the gift card");
    assert_eq!(october.reversed_names, ["#1004"], "refunded in October, sold in September");
    let september = figures(month(9));
    assert!(september.order_names.contains(&"#1009".to_owned()), "23:40 in Bogotá is still September");
    assert!(september.reversed_names.is_empty());
}

#[test]
fn an_empty_period_has_no_average_and_zeros() {
    let november = figures(Period::Today);
    assert_eq!((november.orders, november.average_order), (0, None));
    assert_eq!(november.net_sales.minor, 0);
}

#[test]
fn adjacent_days_add_up_to_the_month() {
    let day = jiff::civil::Date::constant;
    let mut sum = 0;
    let mut count = 0;
    for number in 1..=31 {
        let one = figures(Period::Range { first: day(2026, 10, number), last: day(2026, 10, number) });
        sum += one.net_sales.minor;
        count += one.orders;
    }
    assert_eq!((sum, count), (60_590_757, 7));
}

#[test]
fn a_cancellation_reverses_only_what_no_refund_did() {
    let mut all = orders();
    // #1007 was cancelled whole; with one refund of half its line first, the month must come out the same.
    let cancelled = all.iter_mut().find(|order| order.name == "#1007").unwrap();
    let half = Refund {
        external_id: "half".into(),
        processed_at: Timestamp::parse("2026-09-24T20:00:00Z").unwrap(),
        lines: vec![RefundLine {
            line_id: "#1007-1".into(),
            quantity: 0,
            subtotal: Money::parse("37773.11", Currency::Cop).unwrap(),
            tax: Money::parse("7176.89", Currency::Cop).unwrap(),
            restocked: false,
        }],
        shipping: None,
        adjustment: None,
    };
    cancelled.refunds.push(half);
    let zone = jiff::tz::TimeZone::get("America/Bogota").unwrap();
    let span = month(9).resolve(Timestamp::parse("2026-11-05T14:00:00Z").unwrap(), &zone);
    let figures = booked_sales(&all, &span, Currency::Cop).unwrap();
    assert_eq!(figures.returns.to_decimal(), "75546.22");
    assert_eq!(figures.taxes.to_decimal(), "133784.76");
}

#[test]
fn foreign_orders_are_named_and_never_added() {
    let mut all = orders();
    let foreign = all.iter_mut().find(|order| order.name == "#1012").unwrap();
    foreign.currency = Currency::Usd;
    let zone = jiff::tz::TimeZone::get("America/Bogota").unwrap();
    let span = month(10).resolve(Timestamp::parse("2026-11-05T14:00:00Z").unwrap(), &zone);
    let figures = booked_sales(&all, &span, Currency::Cop).unwrap();
    assert_eq!(figures.foreign_names, ["#1012"]);
    assert_eq!(figures.orders, 6);
}
