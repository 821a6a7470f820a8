//! The pricing optimizer (FINANCE §2.6): what a price must cover, what it may give away, what a change of it asks for.

mod analysis;
mod change;
mod combo;
mod product;
mod regimes;
mod terms;

pub use analysis::pricing;
pub use change::{PriceChange, price_change};
pub use combo::{BundleAdvice, MOST_PRODUCTS, combo};
pub(super) use product::unit_contribution;
pub use product::{Named, PriceAdvice, Priced, Refusal, find, price, priced};
pub use regimes::{Regimes, Unidentified, regimes};
pub use terms::{Offer, ShopTerms, offers};

use super::case::window;
use crate::finance::figures::{Accounts, Undefined};

/// What orders cost in a shop, over the window of advice.
///
/// # Errors
/// When a number does not fit.
pub fn shop_terms(accounts: &dyn Accounts) -> Result<ShopTerms, Undefined> {
    ShopTerms::new(&accounts.figures(window(accounts)))
}
