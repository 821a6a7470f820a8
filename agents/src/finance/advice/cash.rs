//! Thirteen weeks of cash, and whether a payment fits in them.

use jiff::civil::Date;
use recado_domain::finance::advice::cash::{OutOfReach, first_negative, outlook, what_if};
use recado_domain::finance::figures::{Accounts, Forecast, Scenario, Undefined};
use serde_json::json;

use super::Answer;
use super::say::Say;

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
    let context = json!({
        "amount": say.money(amount),
        "day": say.day(on),
        "today": on == today,
        "affordable": weighed.is_affordable(),
        "most": say.money(weighed.most),
        "none": weighed.most == 0,
        "lowest": say.money(lowest),
        "week": weighed.first_negative,
    });
    Ok(Answer::new("advice_payment", context).button("adv:cash", "button.advice_cash"))
}
