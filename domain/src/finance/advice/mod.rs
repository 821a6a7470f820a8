//! What to do about the figures: five advisors over the [`Accounts`](super::figures::Accounts) of a shop (FINANCE §2.6, §2.8, §3).
//!
//! Everything here is pure. An advisor returns an [`Analysis`]: the figures it used, what it found, what to do in order,
//! and how far to trust it. An effect is computed from figures or it is omitted with its reason; what is policy and no
//! fact stands in [`policy`], with a version. An amount that does not fit is an error, never a wrap.

mod advise;
mod analysis;
mod case;
pub mod cash;
pub mod collections;
mod effect;
mod follow_up;
pub mod growth;
mod health;
mod number;
pub mod planning;
pub mod policy;
pub mod pricing;
mod proposal;
mod question;
mod ranking;
mod recommendation;
mod rules;

pub use advise::{advise, first_things};
pub use analysis::{Actions, Analysis, Kind, Trust};
pub use effect::{Certainty, Effect, Omitted, Per};
pub use follow_up::{FollowUp, Verdict, compared, reading};
pub use health::{Given, HealthChange, Moved, given, health, health_change};
pub use number::{Finding, Named, Number};
pub use proposal::{Decision, Proposal, Status, baseline_of};
pub use question::AdviceQuestion;
pub use ranking::ranked;
pub use recommendation::{Code, Recommendation, Wanted};
