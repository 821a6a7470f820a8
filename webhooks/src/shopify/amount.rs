//! Amounts. One that is there but is no decimal is an error: a figure must never be guessed.

use recado_domain::money::parse_decimal;
use recado_domain::{Currency, Money};
use serde_json::Value;

use crate::json::Part as _;

/// An amount in shop currency: of `<key>_set.shop_money` when that is in the shop's currency, else the plain one.
/// `None` when neither is there.
pub(super) fn amount(owner: &Value, key: &str, currency: Currency) -> Result<Option<Money>, String> {
    let set = owner.part(&format!("{key}_set"));
    if let Some(money) = set.and_then(|set| set.part("shop_money"))
        && shop_currency(set) == Some(currency)
        && let Some(amount) = decimal(money.get("amount"), key, currency)?
    {
        return Ok(Some(amount));
    }
    decimal(owner.get(key), key, currency)
}

/// The same, with nothing for zero.
pub(super) fn amount_or_zero(owner: &Value, key: &str, currency: Currency) -> Result<Money, String> {
    Ok(amount(owner, key, currency)?.unwrap_or(Money::zero(currency)))
}

/// The currency of a `*_set`'s shop money.
pub(super) fn shop_currency(set: Option<&Value>) -> Option<Currency> {
    let money = set?.part("shop_money")?;
    money.text("currency_code").or_else(|| money.text("currency"))?.parse().ok()
}

fn decimal(value: Option<&Value>, key: &str, currency: Currency) -> Result<Option<Money>, String> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(format!("{key} is not an amount")),
    };
    Money::parse(&text, currency).map(Some).map_err(|_| format!("{key} is not an amount"))
}

/// The sum over a list; a missing amount of an item is nothing.
pub(super) fn sum(items: &[Value], key: &str, currency: Currency) -> Result<Money, String> {
    items.iter().try_fold(Money::zero(currency), |total, item| add(total, amount_or_zero(item, key, currency)?))
}

pub(super) fn add(left: Money, right: Money) -> Result<Money, String> {
    left.plus(right).map_err(|error| error.to_string())
}

/// The sum of the tax rates in parts per million. Shopify writes them as JSON numbers (`0.19`).
pub(super) fn tax_rate_ppm(tax_lines: &[Value]) -> Result<i64, String> {
    let rate = |line: &Value| {
        let text = match line.get("rate") {
            None | Some(Value::Null) => return Ok(0),
            Some(Value::String(text)) => text.clone(),
            // A fixed number of digits, as small rates would be written with an exponent.
            Some(Value::Number(number)) => format!("{:.6}", number.as_f64().unwrap_or(f64::NAN)),
            Some(_) => return Err("a tax rate is not a number".to_owned()),
        };
        parse_decimal(&text, 6).map_err(|_| "a tax rate is not a number".to_owned())
    };
    tax_lines.iter().try_fold(0_i64, |total, line| {
        total.checked_add(rate(line)?).ok_or_else(|| "tax rates are too large".to_owned())
    })
}
