//! Thirteen weeks of cash, and whether a payment fits in them.

use jiff::civil::Date;
use recado_domain::finance::advice::cash::{OutOfReach, first_negative, outlook, what_if};
use recado_domain::finance::figures::{Accounts, CashOn, Forecast, PlannedExpense, Scenario, Undefined};
use serde_json::json;

use super::Answer;
use super::say::Say;
use crate::finance::spent::is_meant;
use crate::understanding::normalise::normalise;

/// Cash of the next thirteen weeks.
pub(super) fn forecast(accounts: &dyn Accounts, say: &Say<'_>) -> Result<Answer, Undefined> {
    let outlook = outlook(accounts)?;
    let (week, lowest) = outlook.committed.lowest();
    let low = |forecast: &Forecast| say.money(forecast.lowest().1);
    let alerts: Vec<String> =
        outlook.alerts.iter().map(|alert| say.word(&format!("advice.alert.{}", alert.code()))).collect();
    let starts = accounts.today().saturating_add(jiff::Span::new().days(7 * (week as i64 - 1)));
    let context = json!({
        "week": week,
        "day": say.day(starts),
        "lowest": say.money(lowest),
        "negative": first_negative(&outlook.committed),
        "down": low(&outlook.collections_down),
        "down_negative": first_negative(&outlook.collections_down),
        "sales": low(&outlook.new_sales),
        "cash": say.money(outlook.cash),
        "days": outlook.buffer_days.map(|days| say.decimal(days, 0)),
        "alerts": alerts,
        "left_out": outlook.committed.left_out.len(),
    });
    let answer = Answer::new("advice_cash", context);
    Ok(answer.button("adv:collect", "button.advice_collect").button("adv:first", "button.advice_first"))
}

/// Can I pay this on that day?
pub(super) fn payment(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    amount: i64,
    on: Option<Date>,
) -> Result<Answer, Undefined> {
    let forecast = accounts.forecast(Scenario::Committed)?;
    let today = accounts.today();
    let on = on.unwrap_or(today);
    let weighed = match what_if(&forecast, today, amount, on) {
        Ok(weighed) => weighed,
        Err(OutOfReach::Past) => return Ok(Answer::missing("day_gone", None)),
        Err(OutOfReach::TooFar) => return Ok(Answer::missing("day_too_far", None)),
        Err(OutOfReach::NotPositive) => return Ok(Answer::missing("no_amount", None)),
        Err(OutOfReach::Undefined(why)) => return Err(why),
    };
    let later = &weighed.after.closing[weighed.week - 1..];
    let lowest = later.iter().copied().min().unwrap_or(0);
    let held = accounts.cash_on(on)?.map(|cash| cash.closing).filter(|_| on > today);
    let context = json!({
        "amount": say.money(amount),
        "day": say.day(on),
        "today": on == today,
        "affordable": weighed.is_affordable(),
        "most": say.money(weighed.most),
        "none": weighed.most == 0,
        "lowest": say.money(lowest),
        "week": weighed.first_negative,
        "held": held.map(|held| say.money(held)),
    });
    Ok(Answer::new("advice_payment", context).button("adv:cash", "button.advice_cash"))
}

/// An amount as an example of how to say one, in minor units.
const EXAMPLE: i64 = 300_000_000;

/// An expense beside the cash of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Weighed {
    /// What it is noted as for that day or just before, and so is in the cash already; zero: it is not noted.
    counted: i64,
    /// What it is noted as for just after that day, where nothing of it is counted.
    later: i64,
    /// What stays on that day once it is paid, once; `None` when nobody says how much it is.
    left: Option<i64>,
}

/// Days between the day that is asked for and the one an expense is noted for, within which both are the same one: payrolls
/// are a fortnight apart, and a holiday moves one by a few days.
const SAME_EXPENSE: i32 = 7;

/// Pays an expense once: an amount that was said stands in for what is noted.
fn weighed(cash: &CashOn, on: Date, amount: Option<i64>, noted: &[PlannedExpense]) -> Result<Weighed, Undefined> {
    let sum = |counts: &dyn Fn(Date) -> bool| {
        let mut amounts = noted.iter().filter(|one| counts(one.on)).map(|one| one.amount);
        amounts.try_fold(0_i64, i64::checked_add).ok_or(Undefined::TooLarge)
    };
    let same = |day: Date| (day - on).get_days().abs() <= SAME_EXPENSE;
    let last = noted.iter().map(|one| one.on).filter(|day| *day <= on && same(*day)).max();
    let next = noted.iter().map(|one| one.on).filter(|day| *day > on && same(*day)).min();
    let counted = sum(&|day| Some(day) == last)?;
    let later = if counted == 0 { sum(&|day| Some(day) == next)? } else { 0 };
    let left = match amount {
        Some(amount) => Some(cash.closing.checked_add(counted).and_then(|sum| sum.checked_sub(amount))),
        None if counted > 0 => Some(Some(cash.closing)),
        None if later > 0 => Some(cash.closing.checked_sub(later)),
        None => None,
    };
    Ok(Weighed { counted, later, left: left.map(|left| left.ok_or(Undefined::TooLarge)).transpose()? })
}

/// How much cash is there on a day, and is it enough for an expense?
pub(super) fn on_day(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    on: Option<Date>,
    amount: Option<i64>,
    expense: Option<&str>,
) -> Result<Answer, Undefined> {
    let today = accounts.today();
    let noted = match expense {
        Some(expense) => {
            let said = normalise(expense);
            let planned = accounts.planned_expenses()?.into_iter();
            planned.filter(|one| is_meant(&said, &one.category)).collect()
        }
        None => Vec::new(),
    };
    let due = noted.first().map(|one| one.on);
    let on = on.or(due).unwrap_or_else(|| today.last_of_month());
    let cash = match accounts.cash_on(on)? {
        Some(cash) => cash,
        None if on < today => return Ok(Answer::missing("day_gone", None)),
        None => return Ok(Answer::missing("day_too_far", None)),
    };
    let Weighed { counted, later, left } = weighed(&cash, on, amount, &noted)?;
    // After that day cash may still fall: what is paid beside the plan is missing in every later week too.
    let beside = left.map_or(0, |left| cash.closing.saturating_sub(left));
    let forecast = accounts.forecast(Scenario::Committed)?;
    let week = usize::try_from((on - today).get_days()).unwrap_or(0) / 7;
    let after = forecast
        .closing
        .iter()
        .enumerate()
        .skip(week + 1)
        .map(|(week, closing)| (week + 1, closing.saturating_sub(beside)));
    let dry = after.min_by_key(|(week, closing)| (*closing, *week)).filter(|(_, closing)| *closing < 0);
    let shown = |amount: i64| (amount != 0).then(|| say.money(amount));
    let context = json!({
        "day": say.day(on),
        "today": on == today,
        "cash": say.money(cash.closing),
        "expense": expense,
        "amount": amount.map(|amount| say.money(amount)),
        "counted": shown(counted),
        "later": shown(later),
        "due": noted.iter().map(|one| one.on).find(|day| *day > on).map(|day| say.day(day)),
        "example": say.money(EXAMPLE),
        "known": left.is_some(),
        "enough": left.is_some_and(|left| left >= 0),
        "left": left.map(|left| say.money(left.saturating_abs())),
        "low": dry.filter(|_| left.is_none_or(|left| left >= 0)).map(|(_, closing)| say.money(closing)),
        "week": dry.map(|(week, _)| week),
        "opening": say.money(cash.opening),
        "collected": say.money(cash.collected),
        "paid": say.money(cash.paid),
        "ads": say.money(cash.ads),
        "left_out": cash.left_out.len(),
    });
    Ok(Answer::new("advice_cash_on", context).button("adv:cash", "button.advice_cash"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_expense_that_is_noted_is_paid_once() {
        let cash = |closing| CashOn { opening: 0, collected: 0, paid: 0, ads: 0, closing, left_out: vec![] };
        let payroll = |on, amount| PlannedExpense { category: "nómina".to_owned(), amount, on };
        let (before, on, after) = (date(2026, 11, 15), date(2026, 11, 30), date(2026, 12, 2));
        let of = |amount, noted: &[PlannedExpense]| weighed(&cash(1_000), on, amount, noted).unwrap();
        // Noted until that day: the cash of the day has paid it.
        assert_eq!(of(None, &[payroll(on, 400)]), Weighed { counted: 400, later: 0, left: Some(1_000) });
        // The amount that was said stands in for what is noted.
        assert_eq!(of(Some(500), &[payroll(on, 400)]).left, Some(900));
        // That of the fortnight before is another one.
        assert_eq!(of(Some(500), &[payroll(before, 300), payroll(on, 100)]).left, Some(600));
        assert_eq!(of(None, &[payroll(before, 300)]), Weighed { counted: 0, later: 0, left: None });
        // Noted for later, only the next one is paid; not noted, nothing is known.
        let months = [payroll(after, 400), payroll(date(2027, 1, 15), 400)];
        assert_eq!(of(None, &months), Weighed { counted: 0, later: 400, left: Some(600) });
        assert_eq!(of(None, &[]), Weighed { counted: 0, later: 0, left: None });
        assert_eq!(of(Some(1_500), &[]).left, Some(-500));
        assert_eq!(weighed(&cash(i64::MIN), on, Some(1), &[]), Err(Undefined::TooLarge));
    }
}
