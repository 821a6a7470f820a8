//! Versions of one order, in any order of arrival.

use proptest::prelude::*;
use recado_domain::order::{OrderFacts, OrderLine, Payment};
use recado_domain::{Currency, Money, Timestamp};

const COP: Currency = Currency::Cop;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn line(id: &str) -> OrderLine {
    OrderLine {
        external_id: id.to_owned(),
        variant_id: None,
        title: id.to_owned(),
        sku: None,
        quantity: 1,
        unit_price: Money::new(100, COP),
        discount: Money::zero(COP),
        tax: Money::zero(COP),
        tax_rate_ppm: 0,
        gift_card: false,
        added_at: None,
    }
}

/// What the shop says at an instant.
fn version(seconds: i64, paid: Option<bool>, lines: &[&str]) -> OrderFacts {
    OrderFacts {
        external_id: "1".to_owned(),
        name: "#1".to_owned(),
        currency: COP,
        email: None,
        phone: None,
        customer: None,
        address: None,
        payment: Payment::Prepaid,
        financial_status: None,
        fulfillment_status: None,
        taxes_included: true,
        test: false,
        processed_at: at(0),
        updated_at: at(seconds),
        cancelled_at: None,
        paid_at: (paid == Some(true)).then(|| at(seconds)),
        unpaid_at: (paid == Some(false)).then(|| at(seconds)),
        confirmed_at: None,
        channel: None,
        gateways: Vec::new(),
        received: Vec::new(),
        total: Money::zero(COP),
        lines: lines.iter().map(|id| line(id)).collect(),
        shipping: Vec::new(),
        refunds: Vec::new(),
    }
}

fn told(versions: &[OrderFacts]) -> OrderFacts {
    let mut arrivals = versions.iter().cloned();
    let first = arrivals.next().unwrap();
    arrivals.fold(first, |known, arrived| arrived.joined(known))
}

#[test]
fn an_order_that_was_never_told_as_unpaid_was_paid_at_its_booking() {
    assert_eq!(told(&[version(900, Some(true), &["a"])]).settled_at(), Some(at(0)));
    assert_eq!(told(&[version(5, Some(false), &["a"])]).settled_at(), None);
    assert_eq!(told(&[version(5, None, &["a"])]).settled_at(), None);
}

#[test]
fn a_voucher_is_paid_when_the_shop_first_says_so_in_whatever_order_it_arrives() {
    let versions = [version(5, Some(false), &["a"]), version(70, Some(true), &["a"]), version(90, Some(true), &["a"])];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let arrived = order.map(|index: usize| versions[index].clone());
        let known = told(&arrived);
        assert_eq!((known.settled_at(), known.updated_at), (Some(at(70)), at(90)), "{order:?}");
    }
}

#[test]
fn a_line_that_an_earlier_version_did_not_have_was_added_by_an_edit() {
    let (before, after) = (version(5, None, &["a"]), version(60, None, &["a", "b"]));
    for arrived in [[before.clone(), after.clone()], [after.clone(), before.clone()]] {
        let known = told(&arrived);
        let added: Vec<_> = known.lines.iter().map(|line| line.added_at).collect();
        assert_eq!(added, [None, Some(at(60))]);
        // Told once more, nothing moves.
        assert_eq!(told(&[known.clone(), after.clone()]), known);
    }
    // Without the version before, nothing tells an edit from the checkout.
    assert!(told(&[after]).lines.iter().all(|line| line.added_at.is_none()));
}

proptest! {
    #[test]
    fn arrival_in_any_order_tells_the_same_payment(
        mut seconds in proptest::collection::btree_set(1_i64..1_000, 2..6), paid in 0_usize..6, seed: u64,
    ) {
        let seconds: Vec<i64> = std::mem::take(&mut seconds).into_iter().collect();
        let versions: Vec<OrderFacts> =
            seconds.iter().enumerate().map(|(index, at)| version(*at, Some(index >= paid), &["a"])).collect();
        let mut shuffled = versions.clone();
        let mut state = seed;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(place, (state >> 33) as usize % (place + 1));
        }
        prop_assert_eq!(told(&versions), told(&shuffled));
        let expected = seconds.get(paid).map(|first| if paid == 0 { at(0) } else { at(*first) });
        prop_assert_eq!(told(&versions).settled_at(), expected);
    }
}

#[test]
fn rows_that_were_stored_before_these_words_existed_are_still_read() {
    let mut stored = serde_json::to_value(version(5, Some(true), &["a"])).unwrap();
    let told = stored.as_object_mut().unwrap();
    for word in ["paid_at", "unpaid_at", "confirmed_at", "channel"] {
        told.remove(word);
    }
    let read: OrderFacts = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!((read.settled_at(), read.lines.len()), (None, 1));
    for (status, expected) in [("paid", Some(at(0))), ("refunded", Some(at(0))), ("pending", None), ("x", None)] {
        stored["financial_status"] = status.into();
        let read: OrderFacts = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(read.settled_at(), expected, "{status}");
    }
    // The next version that the shop tells says the rest.
    assert_eq!(version(9, Some(true), &["a"]).joined(read).settled_at(), Some(at(0)));
}
