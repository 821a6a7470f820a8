//! The cash-flow advisor (FINANCE §2.5): thirteen weeks, what may go wrong in them, and what a payment would do.

mod analysis;
mod lag;
mod what_if;

pub use analysis::{CashAlert, CashOutlook, cash, outlook};
pub use lag::{Lag, remittance_lag};
pub use what_if::{OutOfReach, WhatIf, first_negative, week_of, what_if};
