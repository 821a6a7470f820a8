//! Why the score is what it is, and why it moved.

use super::*;
use recado_domain::Timestamp;
use recado_domain::finance::advice::{Verdict, compared, given, health, health_change, reading};
use recado_domain::{Currency, Money};

const POINT: i128 = 1_000_000_000_000;

#[test]
fn what_the_inputs_give_is_the_raw_score() {
    let health = shop(|_| {}).health().unwrap();
    let points: i128 = given(&health).iter().map(|given| given.points).sum();
    // Rounded at 10⁻¹² in each component and each input.
    assert!((points - health.raw.unwrap()).abs() <= 100, "{points}");
    let most: i128 = given(&health).iter().map(|given| given.most).sum();
    assert!((most - 100 * POINT).abs() <= 100);
    // overdue_share scores nothing of its 15 of 100 of 25 of 100.
    let overdue = given(&health).into_iter().find(|given| given.input == "overdue_share").unwrap();
    assert_eq!((overdue.points, overdue.most), (0, 3_750_000_000_000));
}

#[test]
fn the_score_of_an_earlier_instant_says_why_it_moved() {
    let now = shop(|_| {});
    let then = now.as_known_at(Timestamp::parse("2026-10-15T14:00:00Z").unwrap());
    let change = health_change(then.health().unwrap(), now.health().unwrap());
    let moved: i128 = change.inputs.iter().map(|moved| moved.points).sum();
    let raw = change.now.raw.unwrap() - change.then.raw.unwrap();
    assert!((moved - raw).abs() <= 200, "{moved} {raw}");
    assert!(change.inputs.windows(2).all(|pair| pair[0].points.abs() >= pair[1].points.abs()));
    let told = health(&now, Some(&then)).unwrap();
    assert!(told.of("moved").count() > 0);
    assert_eq!(health(&now, None).unwrap().of("moved").count(), 0);
    // The same instant moved nothing.
    let same = health_change(now.health().unwrap(), now.health().unwrap());
    assert!(same.inputs.iter().all(|moved| moved.points == 0) && same.caps_new.is_empty() && same.caps_gone.is_empty());
}

#[test]
fn a_cap_that_is_new_is_told() {
    let then = shop(|_| {}).health().unwrap();
    let now = shop(|facts| facts["cash"][1]["balance"] = "50000".into()).health().unwrap();
    // 50,000 ÷ 6,916.24 = 7.2 days.
    let change = health_change(then, now);
    assert_eq!((change.caps_new, change.now.score), (vec!["cash_buffer_days"], Some(55)));
}

#[test]
fn whether_it_worked_is_the_figure_then_and_now() {
    let then = reading(&shop(|_| {}), Code::CollectCod).unwrap();
    assert_eq!(then, Some(Number::Money(Money::new(16_670_000, Currency::Cop))));
    // The carrier paid #1014 on 4 November.
    let paid = shop(|facts| {
        facts["remittances"].as_array_mut().unwrap().push(serde_json::json!({"id": "REM3", "carrier": "envia",
            "remitted_at": "2026-11-04T15:00:00Z", "net": "164800", "lines": [{"shipment_id": "S1014", "collected": "164800"}]}));
    });
    let now = reading(&paid, Code::CollectCod).unwrap();
    let outcome = compared(Code::CollectCod, then.clone(), now).unwrap();
    assert_eq!(outcome.verdict, Verdict::Better);
    assert_eq!(outcome.gained, Some(Money::new(16_480_000, Currency::Cop)));
    // Seen the other way round it is worse; unchanged it is the same; unknown is said.
    assert_eq!(compared(Code::CollectCod, then.clone(), then.clone()).unwrap().verdict, Verdict::Same);
    assert_eq!(compared(Code::CollectCod, None, then.clone()).unwrap().verdict, Verdict::Unknown);
    let other = Some(Number::Money(Money::new(1, Currency::Usd)));
    assert_eq!(compared(Code::CollectCod, then, other).unwrap().verdict, Verdict::Unknown, "two currencies");
}
