//! The worked example of FINANCE §5: every expected value, to the cent and to the sixth decimal.

use super::*;

#[test]
fn every_figure_of_the_worked_example_is_exact_in_all_three_periods() {
    let ledger = golden();
    let periods = [
        ("2026-09-01", "2026-09-30"),
        ("2026-10-01", "2026-10-31"),
        ("2026-09-01", "2026-10-31"),
    ];
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
