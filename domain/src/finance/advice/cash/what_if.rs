//! What a payment on a day would do to the forecast.

use jiff::civil::Date;

use crate::finance::figures::{Days, Forecast, Undefined, WEEKS};

/// The forecast with one more payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// Minor units that leave.
    pub amount: i64,
    /// When.
    pub on: Date,
    /// The week it falls in, counted from one.
    pub week: usize,
    /// The forecast after it.
    pub after: Forecast,
    /// The first week that closes below zero, counted from one.
    pub first_negative: Option<usize>,
    /// The most that could leave then with no later week below zero; nothing when one already is.
    pub most: i64,
}

impl WhatIf {
    /// Whether every week from then on stays at or above zero.
    pub const fn is_affordable(&self) -> bool {
        self.amount <= self.most
    }
}

/// Why a payment cannot be weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfReach {
    /// The day has gone.
    #[error("the day has gone")]
    Past,
    /// It lies beyond the thirteen weeks.
    #[error("it lies beyond the thirteen weeks")]
    TooFar,
    /// It is no payment.
    #[error("it is no payment")]
    NotPositive,
    /// The forecast is not known, or does not fit.
    #[error(transparent)]
    Undefined(#[from] Undefined),
}

/// The week of a day, counted from one.
///
/// # Errors
/// When it has gone or lies beyond the forecast.
pub fn week_of(today: Date, day: Date) -> Result<usize, OutOfReach> {
    if day < today {
        return Err(OutOfReach::Past);
    }
    let week = (Days::new(today, day).count() - 1) / 7;
    usize::try_from(week).ok().filter(|week| *week < WEEKS).map(|week| week + 1).ok_or(OutOfReach::TooFar)
}

/// The first week that closes below zero, counted from one.
pub fn first_negative(forecast: &Forecast) -> Option<usize> {
    forecast.closing.iter().position(|cash| *cash < 0).map(|week| week + 1)
}

/// What paying an amount on a day would do.
///
/// # Errors
/// When the day is out of reach, the amount is no payment, or a week does not fit.
pub fn what_if(forecast: &Forecast, today: Date, amount: i64, on: Date) -> Result<WhatIf, OutOfReach> {
    if amount <= 0 {
        return Err(OutOfReach::NotPositive);
    }
    let week = week_of(today, on)?;
    let later = &forecast.closing[week - 1..];
    let most = later.iter().copied().min().unwrap_or(0).max(0);
    let mut after = forecast.clone();
    for cash in &mut after.closing[week - 1..] {
        *cash = cash.checked_sub(amount).ok_or(Undefined::TooLarge)?;
    }
    Ok(WhatIf { amount, on, week, first_negative: first_negative(&after), after, most })
}
