//! Payments that a shop's webhooks tell, and what the merchant says of its gateways.

use proptest::prelude::*;
use recado_domain::finance::facts::{Fee, GatewayFee, Payment, PaymentKind, Payout, ShopFacts, gateway_key, in_force};
use recado_domain::finance::figures::Undefined;
use recado_domain::order::{self, OrderFacts, Received, RefundPayment};
use recado_domain::{Currency, Money, Timestamp};
use serde_json::{Value as Json, json};

use super::told::told;
use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_789_000_000 + minutes * 60)
}

fn pesos(amount: i64) -> Money {
    Money::new(amount * 100, Currency::Cop)
}

/// An order of which so much had come in at that version.
fn version(minutes: i64, came: i64) -> OrderFacts {
    let golden = FactSet::from_json(GOLDEN).unwrap();
    let received = Received { amount: pesos(came), first_at: at(minutes), last_at: at(minutes) };
    OrderFacts {
        external_id: "587".to_owned(),
        name: "#587".to_owned(),
        payment: order::Payment::Prepaid,
        processed_at: at(0),
        updated_at: at(minutes),
        cancelled_at: None,
        paid_at: Some(at(minutes)),
        unpaid_at: None,
        gateways: vec!["wompi".to_owned()],
        received: vec![received],
        refunds: Vec::new(),
        ..told(&golden.orders[0])
    }
}

/// What is known of a shop of that order, with the merchant's word on gateways.
fn books(orders: Vec<OrderFacts>, fees: Json, payments: Json) -> FactSet {
    let facts = json!({"merchant": {"name": "T", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true},
        "as_of": at(1_000_000).to_string(), "gateway_fees": fees, "payments": payments});
    let told = ShopFacts { orders, told_at: Some(at(0)), ..ShopFacts::default() };
    FactSet::from_json(&facts.to_string()).unwrap().with_shop(&told).unwrap()
}

fn wompi() -> Json {
    json!([{"gateway": "Wompi", "rate": "0.0265", "fixed": "700", "vat_rate": "0.19", "payout_days": 2}])
}

fn joined(versions: Vec<OrderFacts>) -> OrderFacts {
    versions.into_iter().reduce(|known, arrived| arrived.joined(known)).unwrap()
}

fn charges(facts: &FactSet) -> Vec<(i64, Timestamp)> {
    facts.payments.iter().map(|payment| (payment.amount, payment.processed_at)).collect()
}

proptest! {
    #[test]
    fn whatever_the_order_of_arrival_and_however_often_it_is_told_the_payments_are_the_same(
        amounts in proptest::collection::vec(0_i64..6, 1..6),
        arrivals in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let versions: Vec<OrderFacts> =
            amounts.iter().enumerate().map(|(index, came)| version(index as i64 * 7, came * 10)).collect();
        let mut arrived: Vec<OrderFacts> = arrivals.iter().map(|index| index.get(&versions).clone()).collect();
        arrived.extend(versions.iter().rev().cloned());
        let in_order = books(vec![joined(versions.clone())], wompi(), json!([]));
        let mixed = books(vec![joined(arrived)], wompi(), json!([]));
        prop_assert_eq!(&in_order.payments, &mixed.payments);
        // In all it is what the newest version says.
        let sum: i64 = charges(&mixed).iter().map(|(amount, _)| amount).sum();
        prop_assert_eq!(sum, amounts.last().unwrap() * 1_000);
    }
}

#[test]
fn each_rise_of_what_had_come_in_is_a_charge_and_a_newer_word_corrects_it() {
    let of = |versions: Vec<OrderFacts>| charges(&books(vec![joined(versions)], wompi(), json!([])));
    assert_eq!(of(vec![version(5, 60), version(90, 100)]), [(6_000, at(0)), (4_000, at(90))]);
    assert_eq!(of(vec![version(5, 100), version(90, 80)]), [(8_000, at(0))], "corrected");
    assert!(of(vec![version(5, 0)]).is_empty());
}

#[test]
fn a_gateway_takes_percent_and_fixed_with_vat_on_both_and_pays_out_after_its_days() {
    let facts = books(vec![version(0, 100_000)], wompi(), json!([]));
    let [payment] = &facts.payments[..] else { panic!("{:?}", facts.payments) };
    assert_eq!(payment.fee, Some(Fee { amount: 335_000, vat: 63_650 }));
    assert_eq!(payment.payout, Payout::At(at(2 * 24 * 60)));
    assert_eq!((payment.id.as_str(), payment.order_id.as_str()), ("#587 charge 1", "#587"));
    // Half a cent goes to the even one (FINANCE, choice 9).
    let fee = |rate: &str| GatewayFee {
        gateway: String::new(),
        from: None,
        rate: recado_domain::finance::facts::Decimal::parse(rate).unwrap(),
        fixed: 0,
        vat_rate: recado_domain::finance::facts::Decimal::ZERO,
        payout_days: None,
    };
    assert_eq!(["0.005", "0.015", "0.025"].map(|rate| fee(rate).of(100).unwrap().amount), [0, 2, 2]);
    assert!(fee("1").of(i64::MAX).is_ok() && fee("2").of(i64::MAX).is_err());
}

#[test]
fn without_a_word_on_the_gateway_fees_are_null_with_their_reason_and_a_profit_is_at_most() {
    let value = |fees: Json, metric: Metric| {
        let ledger = Ledger::new(books(vec![version(0, 100_000)], fees, json!([])), at(2 * 60));
        let days = days("2026-01-01", "2026-12-31");
        let report = ledger.report(days, &[]).unwrap();
        let value = ledger.figures(days).value(metric).and_then(|value| value.published(Currency::Cop));
        (value, report.caveats.contains(&"unknown_fees"))
    };
    assert_eq!(value(json!([]), Metric::PaymentFees), (Err(Undefined::NoGatewayFees), true));
    assert_eq!(value(json!([]), Metric::GatewayPending).0, Err(Undefined::NoGatewayTerms));
    assert!(value(json!([]), Metric::OperatingProfit).0.is_ok(), "at most, and said to be");
    assert_eq!(value(wompi(), Metric::PaymentFees), (Ok("3350.00".to_owned()), false));
    assert_eq!(value(wompi(), Metric::GatewayPending).0, Ok("96013.50".to_owned()));
    let (most, least) = (value(json!([]), Metric::Cm2).0.unwrap(), value(wompi(), Metric::Cm2).0.unwrap());
    let minor = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    assert_eq!(minor(&most) - minor(&least), 335_000);
}

#[test]
fn what_passes_through_no_gateway_costs_nothing_and_is_never_paid_out() {
    let paid = |gateways: &[&str], payment: order::Payment| {
        let mut order = version(0, 100);
        (order.gateways, order.payment) = (gateways.iter().map(|name| (*name).to_owned()).collect(), payment);
        let facts = books(vec![order], json!([]), json!([]));
        facts
            .payments
            .into_iter()
            .map(|one| (one.gateway.clone(), one.fee.is_some(), one.pays_out()))
            .collect::<Vec<_>>()
    };
    use order::Payment::{Cod, Prepaid};
    for name in ["manual", "Bank Deposit", "Transferencia bancaria", "cash", "Efectivo"] {
        assert_eq!(paid(&[name], Prepaid), [("cash".to_owned(), true, false)], "{name}");
    }
    assert_eq!(paid(&["gift_card"], Prepaid), [("gift_card".to_owned(), true, false)]);
    assert_eq!(paid(&["wompi", "gift_card"], Prepaid), [("wompi".to_owned(), false, true)]);
    assert!(paid(&["Cash on Delivery (COD)"], Cod).is_empty(), "the carrier collects it");
    assert!(paid(&[], Prepaid).is_empty(), "nothing is known of how it was paid");
}

#[test]
fn what_went_back_is_a_refund_without_a_fee_and_an_imported_payment_stands_instead() {
    let mut order = version(0, 100);
    let back = |id: &str, amount: i64| RefundPayment {
        external_id: id.to_owned(),
        gateway: Some("wompi".to_owned()),
        amount: pesos(amount),
    };
    order.refunds = vec![order::Refund {
        external_id: "9".to_owned(),
        processed_at: at(50),
        lines: Vec::new(),
        shipping: None,
        adjustment: None,
        payments: vec![back("1", 30), back("2", 20)],
    }];
    let of = |payments: Json| books(vec![order.clone()], wompi(), payments).payments;
    let told = of(json!([]));
    let refunds: Vec<&Payment> = told.iter().filter(|payment| payment.kind == PaymentKind::Refund).collect();
    let shown: Vec<_> = refunds.iter().map(|one| (one.id.as_str(), one.amount, one.fee)).collect();
    assert_eq!(
        shown,
        [("#587 refund 9 1", 3_000, Some(Fee::default())), ("#587 refund 9 2", 2_000, Some(Fee::default()))]
    );
    let imported = |kind: &str, amount: &str| {
        json!({"id": kind, "order_id": "587", "gateway": "wompi", "kind": kind,
        "amount": amount, "fee": "5", "processed_at": at(1).to_string()})
    };
    let both = of(json!([imported("charge", "99"), imported("refund", "30")]));
    let shown: Vec<_> = both.iter().map(|one| (one.id.as_str(), one.amount)).collect();
    assert_eq!(shown, [("charge", 9_900), ("refund", 3_000), ("#587 refund 9 2", 2_000)]);
}

#[test]
fn of_several_words_on_a_gateway_the_closest_name_and_then_the_latest_day_is_in_force() {
    let told = books(
        vec![],
        json!([
            {"gateway": "", "rate": "0.05"},
            {"gateway": "Mercado Pago", "rate": "0.03"},
            {"gateway": "mercado_pago", "from": "2026-10-01", "rate": "0.04"},
            {"gateway": "Mercado Pago Cuotas", "from": "2026-11-01", "rate": "0.08"},
        ]),
        json!([]),
    );
    let of = |gateway: &str, on: &str| {
        in_force(&told.gateway_fees, gateway, day(on)).map(|fee| fee.rate.to_string()).unwrap_or_default()
    };
    assert_eq!(gateway_key("Mercado Pago"), gateway_key("mercado_pago"));
    assert_eq!(of("mercadopago", "2026-09-30"), "0.03");
    assert_eq!(of("MercadoPago", "2026-10-01"), "0.04");
    assert_eq!(of("mercado pago cuotas", "2026-10-31"), "0.04");
    assert_eq!(of("mercado pago cuotas", "2026-11-01"), "0.08");
    assert_eq!(of("wompi", "2026-11-01"), "0.05");
}
