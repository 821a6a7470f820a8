//! Figures as code: what a shop sold, earned, is owed and holds, computed from stored facts.
//!
//! [`facts`] reads the fact set `finance-facts/1`; [`figures`] computes every figure from it; [`explain`] says what moved
//! one, [`advice`] what to do about them; [`question`] is what a person may ask of them, [`note`] what one may tell, and
//! [`reminder`] whom one may have reminded of what they owe.
//! Nothing here does IO, and nothing is approximate: amounts are whole minor units, ratios are exact until they are
//! published with six decimals, and rounding is half-even, once, where money is created.

pub mod advice;
pub mod explain;
pub mod facts;
pub mod figures;
pub mod note;
pub mod question;
pub mod ratio;
pub mod reminder;
