//! What stands: stock, invoices to other businesses, cash.

use jiff::ToSpan as _;
use jiff::civil::Weekday;
use recado_domain::finance::figures::{Days, Ledger, Metric, Value};
use serde_json::{Value as Json, json};

use super::super::bodies::decimal;
use super::calendar::Calendar;
use super::{Facts, Sold, read};

/// In the account when the books begin.
const OPENING: i64 = 2_300_000_000;

pub(super) fn stock_and_invoices(facts: &mut Facts, sold: &[Sold], calendar: &Calendar) {
    facts
        .add("inventory", json!({"date": calendar.opening().saturating_sub(1.day()), "value": decimal(3_180_000_000)}));
    // Counted on Sundays: it falls with every sale until the next delivery of suppliers, every third week.
    for day in calendar.days().filter(|day| day.weekday() == Weekday::Sunday) {
        let since = super::calendar::days_between(calendar.opening(), day) % 21;
        let start = day.saturating_sub(since.days());
        let sold_since: i64 =
            sold.iter().filter(|order| (start..=day).contains(&calendar.day(order.at))).map(|order| order.cost).sum();
        let value = 3_180_000_000 + calendar.progress(day) * 400_000 - sold_since;
        facts.add("inventory", json!({"date": day, "value": decimal(value)}));
    }
    let mut invoice = |id: &str, customer: &str, amount: i64, issued: i64, due: i64, payments: Json| {
        facts.add(
            "invoices",
            json!({"id": id, "customer": customer, "currency": "COP", "amount": decimal(amount),
            "issued_on": calendar.before(issued), "due_on": calendar.before(due), "payments": payments}),
        );
    };
    let paid = |days: i64, amount: i64| json!([{"date": calendar.before(days), "amount": decimal(amount)}]);
    invoice("FV-118", "Hotel Casa Mambé", 418_000_000, 96, 66, paid(61, 418_000_000));
    invoice("FV-121", "Café Quindío", 176_500_000, 71, 41, paid(40, 176_500_000));
    invoice("FV-124", "Hotel Casa Mambé", 392_000_000, 47, 17, paid(12, 150_000_000));
    invoice("FV-127", "Apartamentos Laureles", 233_800_000, 18, -12, json!([]));
    facts.add(
        "other_cash",
        json!({"id": "préstamo", "date": calendar.opening().saturating_add(9.days()), "kind": "financing",
        "amount": decimal(800_000_000)}),
    );
}

/// The balance of the account follows from everything that moved it.
pub(super) fn cash(facts: &mut Facts, calendar: &Calendar) -> Result<(), String> {
    let ledger = Ledger::new(read(facts)?, calendar.now);
    let opening = calendar.opening();
    let ends = calendar.months().skip(1).map(|month| month.saturating_sub(1.day()));
    for day in ends.chain([calendar.before(1)]) {
        let figures = ledger.figures(Days::new(opening, day));
        let moved = match figures.value(Metric::CashNet) {
            Ok(Value::Money(moved)) => moved,
            other => return Err(format!("the sample shop's cash cannot be known: {other:?}")),
        };
        let at = if day == calendar.before(1) {
            calendar.instant(calendar.today, 0)
        } else {
            calendar.instant(day, 20 * 60)
        };
        facts.add(
            "cash",
            json!({"at": at, "account": "Bancolombia", "currency": "COP", "balance": decimal(OPENING + moved)}),
        );
    }
    Ok(())
}
