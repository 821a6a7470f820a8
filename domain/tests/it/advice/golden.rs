//! What each rule says of the worked example, computed by hand from the figures of FINANCE §5. The window is the 90 full
//! days before 5 November 2026; nothing but two days of the domain's accrual lies outside September and October.

use super::*;
use recado_domain::finance::advice::{Certainty, first_things, growth};
use recado_domain::finance::figures::Metric;

#[test]
fn the_worked_example_is_told_these_six_things_in_this_order() {
    let analysis = advise(&shop(|_| {})).unwrap();
    let said: Vec<(&str, Effect)> = analysis.actions.ranked.iter().map(|one| (one.code.id(), one.effect)).collect();
    let expected = [
        // Urgency 2. Missing 164,800.00 (#1014) + short 1,900.00 (#1008) − no duplicates.
        ("collect-cod", Effect::Amount(16_670_000)),
        // F1: 138,000.00 open, 47 days past due, 9 % expected to be lost: × 0.91.
        ("collect-invoices", Effect::Amount(12_558_000)),
        // Urgency 1. Returns of P1 75,546.22 (#1007, more than half of 134,285.71) × cm1_pct 589,036.99 ÷ 1,017,936.99
        // = 43,715.40; + 2 × 8,000 freight back of #1003 = 59,715.40; ÷ 3 months = 19,905.13; × 25 % and × 50 %.
        ("returns-fix", Effect::Range(497_628, 995_257)),
        // Three orders under 124,900 with free shipping (#1002 109,800; #1009 74,900; #1015 89,900) × half of
        // 133,000 ÷ 14 parcels = 4,750: 14,250 ÷ 3 months = 4,750; × 70 % and × 90 %.
        ("freight-gap", Effect::Range(332_500, 427_500)),
        // Urgency 0. 470,000 × (1 − 60 ÷ 103.870366) = 198,507.74; × 50 % and × 90 %.
        ("stock-free", Effect::Range(9_925_387, 17_865_697)),
        // 222,841.76 ÷ 3 × (392,194.57 ÷ 222,841.76 × 0.7 − 1) = 17,231.48; × 10 % and × 20 %.
        ("ads-grow", Effect::Range(172_315, 344_630)),
    ];
    assert_eq!(said, expected);
    let first: Vec<&str> = first_things(&analysis).iter().map(|one| one.code.id()).collect();
    assert_eq!(first, ["collect-cod", "collect-invoices", "returns-fix"], "at most three are told at once");
}

#[test]
fn each_says_what_to_do_it_to_and_how_to_check_it() {
    let ledger = shop(|_| {});
    let claim = recommended(&ledger, Code::CollectCod).unwrap();
    let envia = &claim.details[0];
    // Two parcels and REM2, which is 500 below its lines.
    assert_eq!((envia.subject.as_deref(), told(envia, "claim").as_str()), (Some("envia"), "166700.00"));
    assert_eq!(told(envia, "exceptions"), "3");
    assert_eq!(claim.certainty, Certainty::CERTAIN, "the list is in the facts");
    assert_eq!((Code::CollectCod.check().0, Code::CollectCod.horizon_days()), (Metric::CodOverdue, 7));
    assert_eq!(claim.baseline.map(|baseline| baseline.shown()).as_deref(), Some("$166.700"));

    let returns = recommended(&ledger, Code::ReturnsFix).unwrap();
    assert_eq!(returns.details[0].subject.as_deref(), Some("Faja"));
    // The confidence of the score: 15 weighted orders of 100.
    assert_eq!(returns.certainty, Certainty(215_000_000_000));

    let gap = recommended(&ledger, Code::FreightGap).unwrap();
    // 40,336.12 − 133,000.00; 87,749.2125 × 1.181380 × 1.2 = 124,398.19, up to the next ending in 900.
    assert_eq!(told(&gap.details[0], "gap"), "-92663.88");
    assert_eq!(told(&gap.details[0], "free_shipping_from"), "124900.00");
    assert_eq!(
        (told(&gap.details[0], "charge"), told(&gap.details[0], "orders_under_it")),
        ("4750.00".into(), "3".into())
    );

    let grow = recommended(&ledger, Code::AdsGrow).unwrap();
    // No order says that it came through meta or google: spend is told, what it brought is not.
    let platforms: Vec<_> = grow.details.iter().map(|one| (one.subject.as_deref(), told(one, "cm2"))).collect();
    assert_eq!(platforms, [(Some("meta"), "null".to_owned()), (Some("google"), "null".to_owned())]);
}

#[test]
fn growth_of_the_worked_example_is_told_by_cohort() {
    let analysis = growth::growth(&shop(|_| {})).unwrap();
    let september = about(&analysis, "cohort", "2026-09");
    // cac of September 108,675.13 ÷ 5; 49,371.42 by the end of its own month pays that back at once.
    for (id, expected) in [
        ("size", "5"),
        ("repeat_rate_60", "0.400000"),
        ("repeat_rate_60_window", "partial"),
        ("cac", "21735.03"),
        ("payback_months", "0"),
    ] {
        assert_eq!(told(september, id), expected, "{id}");
    }
    let lifetime = analysis.of("lifetime").next().unwrap();
    assert!(lifetime.numbers[0].value.is_err(), "two cohorts are no lifetime");
    let meta = about(&analysis, "platform", "meta");
    assert_eq!(told(meta, "ad_spend"), "135000.00");
}

#[test]
fn an_analysis_is_written_with_decimal_strings() {
    let written = serde_json::to_value(advise(&shop(|_| {})).unwrap()).unwrap();
    assert_eq!((&written["kind"], &written["version"]), (&"advice".into(), &"advice/1".into()));
    let first = &written["actions"][0];
    assert_eq!((&first["code"], &first["effect"]["low"]), (&"collect-cod".into(), &"166700.00".into()));
    assert_eq!(
        (&first["check"], &first["wanted"], &first["per"]),
        (&"cod_overdue".into(), &"down".into(), &"once".into())
    );
    assert_eq!(first["details"][0]["values"]["claim"], "166700.00");
    assert_eq!(written["confidence"]["value"], "0.215000");
    let dio = written["inputs"].as_array().unwrap().iter().find(|input| input["id"] == "dio").unwrap();
    assert_eq!(dio["value"], "103.870366");
}
