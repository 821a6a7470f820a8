//! The figures of a shop too large to hold its facts in memory.
//!
//! Facts fall into *clusters* that post independently of each other ([`kin`]). A cluster is folded by the very code that
//! folds the whole shop ([`Fold`]); what it posted is kept beside it, so that a changed fact subtracts its cluster's old
//! fold from the sums and adds the new one ([`Changes`]). The sums lie in pages by day, by month and by part
//! ([`pages`]); [`DayBook`] reads them and computes every figure, every breakdown and the health score by the formulas of
//! the ledger, since both are [`super::sums::Sums`].
//!
//! What is dated in the future of the instant of folding is not known yet; the fold says when it will be
//! ([`Fold::wake`]), and the cluster is folded again then.

mod amounts;
mod book;
mod fold;
mod gathered;
pub mod kin;
mod moved;
mod pack;
pub mod pages;
mod reading;
mod shelves;
mod visits;
mod wake;

pub(super) use amounts::Amounts;
pub use amounts::edition;
pub use book::{DayBook, Parts};
pub use fold::{Cluster, Fold};
pub use gathered::{Gathered, Want};
pub use moved::moved;
pub use pack::Damaged;
pub use pages::Changes;
pub(super) use pages::keys_of;
pub use reading::{Behind, Beside, Reading};
pub use shelves::Shelves;
