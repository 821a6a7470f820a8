//! Safety by construction: what a model writes reaches a person only when every claim in it is one of ours. Pure.
//!
//! A text that a model made is compared with the text that our templates made of this turn's tool results. Every number,
//! amount, date word, name, link, e-mail, phone and name of an order in it must stand there; none may be missing; no
//! promise may be added. What fails is not repaired: the template's text is sent.

pub mod claims;
pub mod outbound;
pub mod promises;
pub mod untrusted;

pub use outbound::{Violation, check, check_summary};
