//! What disputes take and give back, as payments of the books.

use proptest::prelude::*;
use recado_domain::finance::facts::{PaymentKind, ShopFacts};
use recado_domain::order::{
    self, Dispute, DisputeFacts, DisputeMove, DisputeTold, DisputeWay, DisputedAmount, OrderFacts,
};
use recado_domain::{Currency, Money, Timestamp};
use serde_json::{Value as Json, json};

use super::told::told;
use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_789_000_000 + minutes * 60)
}

fn pesos(amount: i64) -> DisputedAmount {
    DisputedAmount::Money(Money::new(amount * 100, Currency::Cop))
}

/// A dispute that began a minute before all else, as it was told once.
fn telling(minutes: i64, kind: &str, status: &str, amount: i64) -> DisputeTold {
    let facts = DisputeFacts {
        external_id: "9".to_owned(),
        order_external_id: Some("587".to_owned()),
        kind: kind.to_owned().into(),
        status: status.to_owned().into(),
        amount: pesos(amount),
        reason: None,
        network_reason_code: None,
        evidence_due_by: None,
        evidence_sent_on: None,
        finalized_on: matches!(status, "won" | "lost").then(|| at(minutes - 1)),
        initiated_at: at(-1),
    };
    DisputeTold { facts, first_at: at(minutes), last_at: at(minutes) }
}

/// Minutes from the beginning, which way and how many pesos.
fn moves(told: Vec<DisputeTold>) -> Vec<(i64, DisputeWay, i64)> {
    let minutes = |at: Timestamp| (at.as_micros() - self::at(0).as_micros()) / 60_000_000;
    let moves = Dispute::of(told).unwrap().moves(Currency::Cop);
    moves.into_iter().map(|DisputeMove { way, minor, at }| (minutes(at), way, minor / 100)).collect()
}

/// What is away from the shop in the end.
fn away(moves: &[(i64, DisputeWay, i64)]) -> i64 {
    moves.iter().map(|(_, way, pesos)| if *way == DisputeWay::Taken { *pesos } else { -pesos }).sum()
}

/// The books of a shop with an order whose payment is disputed.
fn books(order: OrderFacts, disputes: Vec<DisputeTold>, payments: Json) -> FactSet {
    let facts = json!({"merchant": {"name": "T", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true},
        "as_of": at(1_000_000).to_string(), "payments": payments});
    let disputes = Dispute::of(disputes).into_iter().collect();
    let told = ShopFacts { orders: vec![order], disputes, told_at: Some(at(0)), ..ShopFacts::default() };
    FactSet::from_json(&facts.to_string()).unwrap().with_shop(&told).unwrap()
}

fn sold() -> OrderFacts {
    let golden = FactSet::from_json(GOLDEN).unwrap();
    let (external_id, name) = ("587".to_owned(), "#587".to_owned());
    let gateways = vec!["gift_card".to_owned(), "Shopify Payments".to_owned()];
    let payment = order::Payment::Prepaid;
    OrderFacts { external_id, name, payment, gateways, refunds: Vec::new(), ..told(&golden.orders[0]) }
}

const WORDS: [(&str, &str); 8] = [
    ("inquiry", "needs_response"),
    ("inquiry", "charge_refunded"),
    ("chargeback", "needs_response"),
    ("chargeback", "under_review"),
    ("chargeback", "won"),
    ("chargeback", "lost"),
    ("chargeback", "accepted"),
    ("pre_arbitration", "being_thought_about"),
];

proptest! {
    #[test]
    fn whatever_the_order_of_arrival_and_however_often_it_is_told_a_dispute_moves_the_same(
        words in proptest::collection::vec((0_usize..WORDS.len(), 1_i64..4), 1..7),
        arrivals in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let told: Vec<DisputeTold> = words.iter().enumerate()
            .map(|(index, (word, amount))| telling(index as i64 * 7, WORDS[*word].0, WORDS[*word].1, amount * 10)).collect();
        let mut arrived: Vec<DisputeTold> = arrivals.iter().map(|index| index.get(&told).clone()).collect();
        arrived.extend(told.iter().rev().cloned());
        // As the rows keep them: each telling once, with its first and last instants.
        let mut rows: Vec<DisputeTold> = Vec::new();
        for one in arrived {
            match rows.iter_mut().find(|row| row.facts == one.facts) {
                Some(row) => (row.first_at, row.last_at) = (row.first_at.min(one.first_at), row.last_at.max(one.last_at)),
                None => rows.push(one),
            }
        }
        let moved = moves(rows.clone());
        rows.reverse();
        prop_assert_eq!(&moved, &moves(rows.clone()));
        // In all it is what holds in the end.
        let dispute = Dispute::of(rows).unwrap();
        let newest = dispute.newest();
        let taken = newest.kind.code() == "chargeback" && newest.status.code() != "won";
        prop_assert_eq!(away(&moved), if taken { newest.money().unwrap().minor / 100 } else { 0 });
        prop_assert!(moved.iter().all(|(minute, _, pesos)| *minute >= -1 && *pesos > 0));
    }
}

#[test]
fn a_chargeback_takes_the_money_when_it_began_and_winning_gives_it_back_when_it_was_decided() {
    use DisputeWay::{Corrected, Taken, WonBack};
    let open = telling(0, "chargeback", "needs_response", 50);
    assert_eq!(moves(vec![open.clone()]), [(-1, Taken, 50)]);
    let won = telling(90, "chargeback", "won", 50);
    for told in [vec![open.clone(), won.clone()], vec![won.clone(), open.clone()], vec![won.clone()]] {
        assert_eq!(moves(told), [(-1, Taken, 50), (89, WonBack, 50)]);
    }
    for word in ["under_review", "charge_refunded", "accepted", "lost", "a_new_word"] {
        assert_eq!(moves(vec![open.clone(), telling(90, "chargeback", word, 50)]), [(-1, Taken, 50)], "{word}");
    }
    // What is told later of the amount is an entry of its own, and what was told stays.
    let (less, more) = (telling(5, "chargeback", "under_review", 30), telling(9, "chargeback", "under_review", 45));
    let corrected = [(-1, Taken, 50), (5, Corrected, 20), (9, Taken, 15)];
    assert_eq!(moves(vec![more.clone(), open.clone(), less.clone()]), corrected);
    assert_eq!(moves(vec![open.clone(), less, more, won.clone()])[3..], [(89, WonBack, 45)]);
    // A decision that is taken back takes it once more; a telling from before it that comes late does not.
    let lost = telling(200, "chargeback", "lost", 50);
    let again = [(-1, Taken, 50), (89, WonBack, 50), (199, Taken, 50)];
    assert_eq!(moves(vec![open.clone(), won.clone(), lost]), again);
    assert_eq!(moves(vec![won, telling(300, "chargeback", "under_review", 50)]), again[..2]);
}

#[test]
fn an_inquiry_takes_nothing_until_it_is_told_as_a_chargeback() {
    let asked = telling(0, "inquiry", "needs_response", 50);
    assert!(moves(vec![asked.clone(), telling(9, "inquiry", "charge_refunded", 50)]).is_empty());
    assert!(moves(vec![telling(0, "retrieval", "needs_response", 50)]).is_empty(), "a kind that we do not know");
    let became = telling(60, "chargeback", "needs_response", 50);
    assert_eq!(moves(vec![became.clone(), asked.clone()]), [(60, DisputeWay::Taken, 50)]);
    // Told late, the inquiry takes nothing back.
    let late = telling(99, "inquiry", "needs_response", 50);
    assert_eq!(moves(vec![became, late]), [(-1, DisputeWay::Taken, 50)]);
}

#[test]
fn disputes_are_payments_of_their_gateway_and_the_figure_is_what_was_taken_less_what_was_won_back() {
    let lost = vec![telling(0, "chargeback", "needs_response", 50), telling(90, "chargeback", "lost", 40)];
    let facts = books(sold(), lost, json!([]));
    let shown: Vec<_> =
        facts.payments.iter().map(|one| (one.id.as_str(), one.gateway.as_str(), one.kind, one.amount)).collect();
    assert_eq!(
        shown,
        [
            ("#587 dispute 9 1", "Shopify Payments", PaymentKind::Chargeback, 5_000),
            ("#587 dispute 9 2", "Shopify Payments", PaymentKind::ChargebackReversal, 1_000)
        ]
    );
    let ledger = Ledger::new(facts, at(1_000_000));
    let year = days("2026-01-01", "2026-12-31");
    assert_eq!(published(&ledger.figures(year), Metric::Chargebacks), "40.00");
    // Its fee is not guessed, and it makes no profit uncertain that was certain.
    assert_eq!(published(&ledger.figures(year), Metric::PaymentFees), "0.00");

    let mut foreign = telling(0, "chargeback", "lost", 50);
    foreign.facts.amount = DisputedAmount::Money(Money::new(5_000, Currency::Usd));
    assert!(books(sold(), vec![foreign.clone()], json!([])).payments.is_empty(), "another currency is left out");
    foreign.facts.amount = DisputedAmount::Written("11.50 CAD".to_owned());
    assert!(books(sold(), vec![foreign], json!([])).payments.is_empty());
    let nowhere =
        DisputeFacts { order_external_id: Some("1".to_owned()), ..telling(0, "chargeback", "lost", 50).facts };
    let nowhere = DisputeTold { facts: nowhere, first_at: at(0), last_at: at(0) };
    assert!(books(sold(), vec![nowhere], json!([])).payments.is_empty(), "its order may still come");
}

#[test]
fn an_imported_chargeback_stands_instead_of_that_of_one_dispute() {
    let imported = |kind: &str, amount: &str| {
        json!({"id": kind, "order_id": "587", "gateway": "shopify_payments", "kind": kind, "amount": amount, "fee": "15",
            "processed_at": at(1).to_string(), "payout_at": null})
    };
    let edited = || {
        vec![
            telling(0, "chargeback", "needs_response", 50),
            telling(5, "chargeback", "under_review", 40),
            telling(90, "chargeback", "won", 40),
        ]
    };
    let ids =
        |payments: Json| books(sold(), edited(), payments).payments.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(json!([])), ["#587 dispute 9 1", "#587 dispute 9 2", "#587 dispute 9 3"]);
    assert_eq!(ids(json!([imported("chargeback", "40")])), ["chargeback", "#587 dispute 9 3"]);
    let both = json!([imported("chargeback", "40"), imported("chargeback_reversal", "40")]);
    assert_eq!(ids(both), ["chargeback", "chargeback_reversal"]);
}
