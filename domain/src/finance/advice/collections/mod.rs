//! The collections optimizer (FINANCE §2.8): whom to ask first, what to say, and when one may. Nothing is sent here.

mod analysis;
mod claims;
mod contact;
mod order;
mod steps;

pub use analysis::collections;
pub use claims::{Claim, ClaimRow, claims};
pub use contact::{CONTACT_RULES, Contact, ContactRules, History, may_contact};
pub use order::{Collectable, in_order};
pub use steps::{Step, next_step, step, step_of_invoice};
