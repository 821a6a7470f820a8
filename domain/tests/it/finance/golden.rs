//! The worked example of FINANCE §5: every expected value, to the cent and to the sixth decimal.

use recado_domain::Currency;
use recado_domain::finance::figures::calculators::*;
use recado_domain::finance::figures::{FindingKind, Scenario, Undefined};
use recado_domain::finance::ratio::Ratio;

use super::*;

#[test]
fn every_figure_of_the_worked_example_is_exact_in_all_three_periods() {
    let ledger = golden();
    let periods = [("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-10-31")];
    let figures = periods.map(|(first, last)| ledger.figures(days(first, last)));
    let mut wrong = Vec::new();
    let mut compared = 0;
    for line in include_str!("golden_metrics.tsv").lines().skip(1) {
        let mut cells = line.split('\t');
        let id = cells.next().unwrap();
        let metric = Metric::of_id(id).unwrap_or_else(|| panic!("no figure {id}"));
        for (figures, expected) in figures.iter().zip(cells) {
            compared += 1;
            let found = published(figures, metric);
            if found != expected {
                wrong.push(format!("{id} {}: expected {expected}, found {found}", figures.days.first));
            }
        }
    }
    assert_eq!(compared, 294);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn balances_of_the_worked_example_are_exact() {
    let ledger = golden();
    let figures = ledger.figures(days("2026-10-01", "2026-10-31"));
    assert_eq!(ledger.today(), day("2026-11-05"));
    for (id, expected) in [
        ("cash", "410000.00"),
        ("cod_receivable", "166700.00"),
        ("cod_overdue", "166700.00"),
        ("cod_overpaid", "0.00"),
        ("cod_in_transit", "71900.00"),
        ("gateway_pending", "0.00"),
        ("invoices_open", "257000.00"),
        ("invoices_overdue", "138000.00"),
        ("expected_loss", "14800.00"),
        ("receivables", "423700.00"),
        ("overdue_share", "0.719141"),
        ("supplier_payables", "142800.00"),
        ("expenses_payable", "55470.00"),
        ("ads_payable", "39029.99"),
        ("carriers_payable", "53383.36"),
        ("gift_card_liability", "50000.00"),
        ("current_liabilities", "340683.35"),
        ("inventory", "470000.00"),
        ("quick_ratio", "2.403698"),
        ("current_ratio", "3.783279"),
        ("avg_daily_outflow", "6916.24"),
        ("cash_buffer_days", "59.280778"),
        ("monthly_operating_cash_flow", "157317.52"),
        ("runway_months", "null"),
        ("dso", "23.592117"),
        ("dio", "103.870366"),
        ("dpo", "29.965027"),
        ("ccc", "97.497456"),
        ("month_end_projection", "0.00"),
    ] {
        let metric = Metric::of_id(id).unwrap_or_else(|| panic!("no figure {id}"));
        assert_eq!(published(&figures, metric), expected, "{id}");
    }
}

#[test]
fn invoices_by_age_remittances_and_the_forecast_are_exact() {
    let ledger = golden();
    let report = ledger.report(days("2026-10-01", "2026-10-31"), &[]).unwrap();
    let aging: Vec<(&str, &str)> =
        report.invoice_aging.iter().map(|(code, amount)| (*code, amount.as_deref().unwrap())).collect();
    let expected = [
        ("1-30", "0.00"),
        ("181+", "0.00"),
        ("31-60", "138000.00"),
        ("61-90", "0.00"),
        ("91-180", "0.00"),
        ("current", "119000.00"),
    ];
    assert_eq!(aging, expected);

    let found = ledger.reconciliation().unwrap();
    let found: Vec<(FindingKind, &str, i128)> =
        found.iter().map(|finding| (finding.kind, finding.subject.as_str(), finding.amount)).collect();
    assert_eq!(
        found,
        [
            (FindingKind::Short, "#1008", 190_000),
            (FindingKind::Missing, "#1014", 16_480_000),
            (FindingKind::NetMismatch, "REM2", -50_000),
        ]
    );

    let closing: Vec<&str> = report.forecast_closing.as_ref().unwrap().iter().map(String::as_str).collect();
    assert_eq!(
        closing,
        [
            "461682.49",
            "415965.47",
            "366641.31",
            "451157.15",
            "419052.99",
            "386948.83",
            "354844.67",
            "322740.51",
            "290636.35",
            "258532.19",
            "226428.03",
            "194323.87",
            "162219.71"
        ]
    );
    assert_eq!(ledger.forecast(Scenario::Committed).unwrap().lowest(), (13, 16_221_971));
}

#[test]
fn cohorts_are_exact() {
    let ledger = golden();
    let report = ledger.report(days("2026-10-01", "2026-10-31"), &[]).unwrap();
    let [september, october] = report.cohorts.as_slice() else { panic!("{:?}", report.cohorts) };
    assert_eq!((september.month.as_str(), september.size), ("2026-09", 5));
    assert_eq!(september.retention[..2], ["1.000000", "0.200000"]);
    let observed = |row: &[Option<String>]| row[..2].iter().flatten().cloned().collect::<Vec<_>>();
    assert_eq!(observed(&september.ltv_observed), ["49371.42", "46282.83"]);
    assert_eq!(september.repeat_rate_60.as_deref(), Some("0.400000"));
    assert_eq!((october.month.as_str(), october.size), ("2026-10", 4));
    assert_eq!(october.retention[..2], ["1.000000", "0.000000"]);
    assert_eq!(observed(&october.ltv_observed), ["62465.69", "62465.69"]);
    assert_eq!(october.repeat_rate_60.as_deref(), Some("0.000000"));
    assert!(!october.repeat_rate_60_complete, "its customers have not had 60 days yet");
}

#[test]
fn the_health_score_is_exact_in_every_part() {
    let report = golden().report(days("2026-10-01", "2026-10-31"), &[]).unwrap();
    let health = &report.health;
    assert_eq!((health.score, health.range, health.band), (Some(71), Some((56, 87)), Some("stable")));
    assert_eq!(health.raw.as_deref(), Some("71.288420"));
    assert!(health.caps.is_empty());
    assert_eq!((health.confidence.as_str(), health.confidence_level), ("0.215000", "low"));
    for (part, expected) in [
        ("orders", "0.215000"),
        ("history", "0.700000"),
        ("cost_coverage", "1.000000"),
        ("freshness", "1.000000"),
        ("inputs", "0.936000"),
    ] {
        assert_eq!(health.confidence_parts[part], expected, "{part}");
    }
    for (component, expected) in [
        ("profitability", "54.492196"),
        ("unit_economics", "79.962476"),
        ("cash_flow", "75.705773"),
        ("growth_efficiency", "80.118492"),
    ] {
        assert_eq!(health.components[component].score.as_deref(), Some(expected), "{component}");
    }
    for (component, input, value, score) in [
        ("profitability", "operating_margin", Some("0.004348"), Some("41.304524")),
        ("profitability", "gross_margin", Some("0.582107"), Some("85.263430")),
        ("unit_economics", "cm3_pct", Some("0.160028"), Some("75.006877")),
        ("unit_economics", "payback_ratio", Some("2.159725"), Some("87.395875")),
        ("unit_economics", "delivery_cushion", None, None),
        ("cash_flow", "cash_buffer_days", Some("59.280778"), Some("79.346162")),
        ("cash_flow", "operating_cash_margin", Some("0.431238"), Some("100.000000")),
        ("cash_flow", "overdue_share", Some("0.719141"), Some("0.000000")),
        ("cash_flow", "quick_ratio", Some("2.403698"), Some("100.000000")),
        ("growth_efficiency", "contribution_roas", Some("1.759969"), Some("81.499223")),
        ("growth_efficiency", "rule_of_40", None, None),
        ("growth_efficiency", "returning_customer_rate", Some("0.222222"), Some("76.666667")),
    ] {
        let row = &health.components[component].inputs[input];
        assert_eq!((row.value.as_deref(), row.score.as_deref()), (value, score), "{input}");
    }
    assert_eq!(health.missing, ["rule_of_40"]);
}

#[test]
fn the_calculators_are_exact() {
    let ratio = |numerator, denominator| Ratio::new(numerator, denominator).unwrap();
    let costs = Costs { product: 1_780_000, order: 1_220_000, fee: ratio(31_535, 1_000_000), tax: ratio(19, 100) };
    let price = target_price(&costs, ratio(35, 100), None).unwrap();
    assert_eq!((price, customary_price(price, Currency::Cop)), (5_828_826, Ok(5_890_000)));

    let at_the_door = Costs { product: 2_800_000, order: 1_345_700, fee: Ratio::ZERO, tax: ratio(19, 100) };
    let delivery = Delivery { rate: ratio(75, 100), failure: 1_750_000, ads: 905_700 };
    let price = target_price(&at_the_door, ratio(30, 100), Some(&delivery)).unwrap();
    assert_eq!((price, customary_price(price, Currency::Cop)), (10_092_277, Ok(10_190_000)));

    let published = |ratio: Result<Ratio, Undefined>| ratio.unwrap().published().unwrap();
    assert_eq!(published(max_discount(5_990_000, &costs)), "0.380769");
    assert_eq!(published(arc_elasticity((5_990_000, 40), (5_490_000, 50))), "-2.551111");
    assert_eq!(published(breakeven_volume_change(2_000_000, -400_000)), "0.250000");

    let both = Costs { product: 4_580_000, order: 1_320_000, fee: ratio(265, 10_000), tax: ratio(19, 100) };
    let bundle = bundle(12_990_000, &both, 14_980_000).unwrap();
    assert_eq!((bundle.net, bundle.contribution), (10_915_966, 4_671_731));
    assert_eq!(published(Ok(bundle.share)), "0.427972");
    assert_eq!(published(Ok(bundle.discount)), "0.132844");

    assert_eq!(required_revenue(7_150_000, 10_000_000, ratio(180_344, 1_000_000)), Ok(95_096_039));
    assert_eq!(ltv_model(900_000, ratio(6, 10), ratio(2, 100), 12), Ok(2_181_963));
}
