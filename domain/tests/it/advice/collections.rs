//! Whom to ask first, what to do, and when one may write.

use super::*;
use jiff::tz::TimeZone;
use recado_domain::Timestamp;
use recado_domain::finance::advice::collections::*;
use recado_domain::finance::figures::{OpenItem, OwedBy};

use crate::finance::day;

#[test]
fn open_items_are_ordered_by_what_is_expected_of_them() {
    let items = in_order(&shop(|_| {})).unwrap();
    let order: Vec<(&str, i64, Step)> =
        items.iter().map(|open| (open.item.id.as_str(), open.expected, open.step)).collect();
    // S1014 164,800 whole, delivered 21 October, due 29 October, 7 days past due; F1 138,000 × 0.91, 47 days past due;
    // F2 119,000 × 0.98, due 27 November; S1008 1,900 whole, due 10 October, 26 days past due.
    assert_eq!(
        order,
        [
            ("S1014", 16_480_000, Step::ClaimList),
            ("F1", 12_558_000, Step::FormalNotice),
            ("F2", 11_662_000, Step::Wait),
            ("S1008", 190_000, Step::Escalate)
        ]
    );
    assert_eq!(items[0].next, Some((Step::Escalate, day("2026-11-06"))));
    assert_eq!(items[1].next, Some((Step::Decide, day("2026-11-18"))));
    assert_eq!(items[2].next, Some((Step::Remind, day("2026-11-24"))));
}

#[test]
fn every_age_has_its_step() {
    let item = |debtor: OwedBy, days: Option<i64>| OpenItem {
        id: "x".to_owned(),
        debtor,
        order: None,
        balance: 1,
        due_on: days.map(|days| day("2026-11-05").saturating_sub(jiff::Span::new().days(days))),
        days_past_due: days,
        loss_percent: 0,
    };
    let invoice = |days| step(&item(OwedBy::Customer("a".to_owned()), Some(days)));
    for (days, expected) in [
        (-4, Step::Wait),
        (-3, Step::Remind),
        (-1, Step::Remind),
        (0, Step::PaymentLink),
        (2, Step::PaymentLink),
        (3, Step::AskBlocker),
        (7, Step::Firmer),
        (14, Step::Firmer),
        (15, Step::CallAndPlan),
        (30, Step::FormalNotice),
        (60, Step::Decide),
        (9_999, Step::Decide),
    ] {
        assert_eq!(invoice(days), expected, "{days}");
    }
    let carrier = |days| step(&item(OwedBy::Carrier("a".to_owned()), days));
    let expected = [
        (Some(0), Step::Wait),
        (Some(1), Step::ClaimList),
        (Some(8), Step::Escalate),
        (Some(31), Step::Offset),
        (None, Step::AskTerms),
    ];
    for (days, expected) in expected {
        assert_eq!(carrier(days), expected, "{days:?}");
    }
}

#[test]
fn the_list_for_a_carrier_names_guide_date_and_amount() {
    let claims = claims(&shop(|_| {})).unwrap();
    let [envia] = claims.as_slice() else { panic!("{claims:?}") };
    assert_eq!(envia.amount, 16_670_000);
    let rows: Vec<_> = envia.rows.iter().map(|row| (row.guide.as_str(), row.delivered_on, row.amount)).collect();
    assert_eq!(
        rows,
        [
            ("S1008", Some(day("2026-10-02")), 190_000),
            ("S1014", Some(day("2026-10-21")), 16_480_000),
            ("REM2", None, 50_000)
        ]
    );
}

#[test]
fn a_debtor_is_written_to_by_day_with_consent_and_every_third_day() {
    let zone = TimeZone::get("America/Bogota").unwrap();
    let at = |local: &str| Timestamp::parse(&format!("{local}-05:00")).unwrap();
    let agreed = History { consent: true, ..History::default() };
    let ask = |history: &History, local: &str| may_contact(&CONTACT_RULES, history, at(local), &zone);
    let not_before = |local: &str| Contact::NotBefore(local.parse().unwrap());

    assert_eq!(ask(&History::default(), "2026-11-05T10:00:00"), Contact::NoConsent);
    assert_eq!(ask(&agreed, "2026-11-05T08:00:00"), Contact::Now);
    assert_eq!(ask(&agreed, "2026-11-05T18:59:59"), Contact::Now);
    assert_eq!(ask(&agreed, "2026-11-05T07:59:59"), not_before("2026-11-05T08:00:00"));
    assert_eq!(ask(&agreed, "2026-11-05T19:00:00"), not_before("2026-11-06T08:00:00"));

    let written = History { last_sent: Some(at("2026-11-03T09:30:00")), ..agreed };
    assert_eq!(ask(&written, "2026-11-05T10:00:00"), not_before("2026-11-06T09:30:00"));
    assert_eq!(ask(&written, "2026-11-06T09:30:00"), Contact::Now);

    // The hours of Ley 2300: a Saturday ends at three, a Sunday has none.
    assert_eq!(ask(&agreed, "2026-11-07T14:59:59"), Contact::Now);
    assert_eq!(ask(&agreed, "2026-11-07T15:00:00"), not_before("2026-11-09T08:00:00"));
    assert_eq!(ask(&agreed, "2026-11-08T10:00:00"), not_before("2026-11-09T08:00:00"));
    assert_eq!(ask(&agreed, "2026-11-06T19:30:00"), not_before("2026-11-07T08:00:00"));

    let promised = History { promised: Some(day("2026-11-08")), ..agreed };
    assert_eq!(ask(&promised, "2026-11-05T10:00:00"), not_before("2026-11-09T08:00:00"));
    assert_eq!(ask(&promised, "2026-11-09T08:00:00"), Contact::Now, "the promise has passed");

    assert_eq!(ask(&History { disputed: true, ..agreed }, "2026-11-05T10:00:00"), Contact::Disputed);
    let paid = History { paid: true, disputed: true, ..agreed };
    assert_eq!(ask(&paid, "2026-11-05T10:00:00"), Contact::Paid, "a paid item never gets another message");
}
