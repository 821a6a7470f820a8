//! Figures as code: what a shop sold, earned, is owed and holds, computed from stored facts.
//!
//! [`facts`] reads the fact set `finance-facts/1`; [`figures`] computes every figure from it. Nothing here does IO, and
//! nothing is approximate: amounts are whole minor units, ratios are exact until they are published with six decimals,
//! and rounding is half-even, once, where money is created.

pub mod facts;
pub mod figures;
pub mod ratio;
