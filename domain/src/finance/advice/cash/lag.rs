//! How long carriers keep what they collected.

use crate::finance::figures::{Accounts, Days, Kept, Undefined};
use crate::finance::ratio::Ratio;

/// Days from delivery to remittance, by carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Who.
    pub carrier: String,
    /// Mean days, exact.
    pub days: Ratio,
    /// Parcels it is the mean of.
    pub parcels: i64,
    /// What was agreed; `None` = unknown.
    pub term: Option<i64>,
}

impl Lag {
    /// Whether it takes longer than agreed.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn is_late(&self) -> Result<bool, Undefined> {
        match self.term {
            Some(term) => Ok(self.days.minus(Ratio::whole(term))?.is_positive()),
            None => Ok(false),
        }
    }
}

/// Of parcels paid over on some days: how long each carrier kept the money.
///
/// # Errors
/// When it is not known.
pub fn remittance_lag(accounts: &dyn Accounts, days: Days) -> Result<Vec<Lag>, Undefined> {
    let lag = |(carrier, kept): (&str, Kept)| Lag {
        carrier: carrier.to_owned(),
        days: Ratio::new(kept.waited, kept.parcels).unwrap_or(Ratio::ZERO),
        parcels: i64::try_from(kept.parcels).unwrap_or(i64::MAX),
        term: kept.term,
    };
    Ok(accounts.lags(days)?.within(days).into_iter().map(lag).collect())
}
