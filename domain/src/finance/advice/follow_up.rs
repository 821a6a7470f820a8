//! Did it work? The figure of a recommendation as it stood, against the same figure after its horizon.

use serde::Serialize;

use super::number::{Number, known};
use super::recommendation::{Code, Wanted};
use crate::Money;
use crate::finance::figures::{Accounts, Days, Undefined, Unit};
use crate::finance::ratio::Ratio;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The figure moved the wanted way.
    Better,
    /// It did not move.
    Same,
    /// It moved the other way.
    Worse,
    /// It was not known then, or is not now.
    Unknown,
}

/// A figure then and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// As it stood when it was recommended.
    pub then: Option<Number>,
    /// As it stands.
    pub now: Option<Number>,
    /// By how much it moved the wanted way, in minor units, where the figure is an amount.
    pub gained: Option<Money>,
    /// What that means. A figure may move for other reasons too: this compares, it does not prove.
    pub verdict: Verdict,
}

/// The figure by which a recommendation is checked: a balance as it stands, else over as many full days before today as
/// its horizon.
///
/// # Errors
/// When a number does not fit.
pub fn reading(accounts: &dyn Accounts, code: Code) -> Result<Option<Number>, Undefined> {
    let days = Days::before(accounts.today(), code.check_days().unwrap_or(1));
    let value = known(accounts.figures(days).value(code.check().0))?;
    Ok(value.map(|value| Number::of(value, accounts.currency())))
}

/// Compares a figure then and now.
///
/// # Errors
/// When a number does not fit.
pub fn compared(code: Code, then: Option<Number>, now: Option<Number>) -> Result<FollowUp, Undefined> {
    let size = |number: &Number| match number {
        Number::Money(money) => Some(Ratio::whole(money.minor)),
        Number::Count(count) => Some(Ratio::whole(*count)),
        Number::Ratio(ratio) => Some(*ratio),
        Number::Day(_) | Number::Word(_) => None,
    };
    let comparable = match (&then, &now) {
        (Some(Number::Money(then)), Some(Number::Money(now))) => then.currency == now.currency,
        _ => true,
    };
    let sizes = then.as_ref().and_then(size).zip(now.as_ref().and_then(size)).filter(|_| comparable);
    let moved = match (sizes, code.check().1) {
        (None, _) => None,
        (Some((then, now)), Wanted::Up) => Some(now.minus(then)?),
        (Some((then, now)), Wanted::Down) => Some(then.minus(now)?),
    };
    let verdict = moved.map_or(Verdict::Unknown, |moved| match moved.numerator() {
        1.. => Verdict::Better,
        0 => Verdict::Same,
        _ => Verdict::Worse,
    });
    let gained = match (&now, moved) {
        (Some(Number::Money(now)), Some(moved)) if code.check().0.unit() == Unit::Money => {
            Some(Money::new(moved.rounded()?, now.currency))
        }
        _ => None,
    };
    Ok(FollowUp { then, now, gained, verdict })
}
