//! Thirteen weeks of the worked example, and payments in them.

use super::*;
use recado_domain::finance::advice::cash::*;
use recado_domain::finance::advice::planning::{delivery_scenario, required};
use recado_domain::finance::figures::Scenario;
use recado_domain::finance::ratio::Ratio;

use crate::finance::day;

#[test]
fn the_outlook_tells_the_lowest_week_of_each_scenario() {
    let analysis = cash(&shop(|_| {})).unwrap();
    let committed = about(&analysis, "scenario", "committed");
    assert_eq!((told(committed, "lowest_week"), told(committed, "lowest")), ("13".into(), "162219.71".into()));
    assert_eq!(told(committed, "first_negative_week"), "null");
    assert_eq!(told(about(&analysis, "week", "4"), "committed"), "451157.15");
    // A fifth less of what comes in: never more than what is committed.
    let ledger = shop(|_| {});
    let outlook = outlook(&ledger).unwrap();
    assert_eq!(outlook.committed, ledger.forecast(Scenario::Committed).unwrap());
    for (down, committed) in outlook.collections_down.closing.iter().zip(outlook.committed.closing) {
        assert!(*down <= committed);
    }
    assert_eq!(outlook.cash, 41_000_000);
}

#[test]
fn a_carrier_that_pays_late_is_named() {
    let outlook = outlook(&shop(|_| {})).unwrap();
    // Delivered to remitted: #1002 9 → 26 September 17 days, #1005 20 → 26 September 6, #1008 2 → 20 October 18,
    // #1012 13 → 20 October 7: 48 ÷ 4 = 12, and 8 were agreed.
    let lag = &outlook.lags[0];
    assert_eq!((lag.carrier.as_str(), lag.days, lag.parcels, lag.term), ("envia", Ratio::whole(12), 4, Some(8)));
    assert_eq!(outlook.alerts, [CashAlert::LateRemittance]);
    let stale = outlook_at("2026-11-01T12:00:00Z");
    assert_eq!(stale, [CashAlert::StaleBalance, CashAlert::LateRemittance], "four days old");
}

fn outlook_at(told: &str) -> Vec<CashAlert> {
    outlook(&shop(|facts| facts["cash"][1]["at"] = told.into())).unwrap().alerts
}

#[test]
fn a_payment_is_weighed_against_every_later_week() {
    let ledger = shop(|_| {});
    let forecast = ledger.forecast(Scenario::Committed).unwrap();
    let today = ledger.today();
    // The lowest week from now on is the 13th with 162,219.71.
    let small = what_if(&forecast, today, 16_221_971, day("2026-11-10")).unwrap();
    assert!(small.is_affordable() && small.first_negative.is_none());
    let large = what_if(&forecast, today, 20_000_000, day("2026-11-10")).unwrap();
    // 194,323.87 − 200,000 is the first below zero: week 12.
    assert_eq!((large.week, large.first_negative, large.most), (1, Some(12), 16_221_971));
    assert!(!large.is_affordable());
    // In week 4 nothing before it changes.
    let later = what_if(&forecast, today, 20_000_000, day("2026-11-26")).unwrap();
    assert_eq!((later.week, later.after.closing[2]), (4, 36_664_131));
    assert_eq!(later.after.closing[3], 45_115_715 - 20_000_000);
}

#[test]
fn days_out_of_reach_are_refused() {
    let ledger = shop(|_| {});
    let forecast = ledger.forecast(Scenario::Committed).unwrap();
    let weighed = |amount, on| what_if(&forecast, ledger.today(), amount, day(on)).map(|_| ());
    assert_eq!(weighed(1, "2026-11-04"), Err(OutOfReach::Past));
    assert_eq!(weighed(1, "2027-02-03"), Ok(()), "the last day of week 13");
    assert_eq!(weighed(1, "2027-02-04"), Err(OutOfReach::TooFar));
    assert_eq!(weighed(0, "2026-11-10"), Err(OutOfReach::NotPositive));
    assert!(matches!(weighed(i64::MAX, "2026-11-10"), Ok(())), "a huge payment fits as long as the week does");
    let mut deep = forecast.clone();
    deep.closing = [-2; 13];
    let overflow = what_if(&deep, ledger.today(), i64::MAX, day("2026-11-10"));
    assert!(matches!(overflow, Err(OutOfReach::Undefined(_))), "{overflow:?}");
}

#[test]
fn a_wish_is_told_as_sales_and_orders() {
    let ledger = shop(|_| {});
    let wish = required(&ledger, 10_000_000, 0).unwrap();
    // By its own parts: (fixed + 100,000) ÷ cm3_pct.
    let expected = Ratio::whole(wish.fixed + 10_000_000).over(wish.cm3_pct).unwrap().unwrap().rounded().unwrap();
    assert_eq!(wish.revenue, expected);
    assert!(wish.orders.is_some_and(|orders| orders > 0));
    let hired = required(&ledger, 10_000_000, 5_000_000).unwrap();
    assert!(hired.revenue > wish.revenue && hired.fixed == wish.fixed + 5_000_000);
}

#[test]
fn another_delivery_rate_is_told_as_money() {
    let ledger = shop(|_| {});
    let same = delivery_scenario(&ledger, Ratio::new(5, 7).unwrap()).unwrap();
    assert_eq!((same.monthly, same.parcel_now), (0, same.parcel_then), "the rate of the window changes nothing");
    let worse = delivery_scenario(&ledger, Ratio::new(60, 100).unwrap()).unwrap();
    assert!(worse.monthly < 0);
    let breakeven = delivery_scenario(&ledger, worse.breakeven.unwrap()).unwrap();
    assert_eq!(breakeven.parcel_then, 0, "at the break-even rate a parcel leaves nothing");
    assert!(delivery_scenario(&ledger, Ratio::new(101, 100).unwrap()).is_err());
}
