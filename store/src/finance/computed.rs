//! What is computed of a shop, wherever its books are kept.

use std::sync::Arc;

use recado_domain::Timestamp;
use recado_domain::finance::figures::Accounts;
use recado_domain::merchant::Merchant;

use crate::{Store, StoreError};

/// Parts of a day book that are folded while somebody waits: more would keep them waiting, and is left to the background.
pub const FOLDS: usize = 2;

/// What came of a computation over a shop's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computed<T> {
    /// This.
    Told(T),
    /// Nothing yet: the day book of the shop is being brought up to date.
    Behind,
    /// Nothing: the shop has more orders than are read while somebody waits, and no day book yet.
    TooLarge,
}

impl Store {
    /// Computes something of a shop at an instant: from its day book where that tells it, else from all facts, if they are
    /// not too many. The computation may run several times; it runs where it keeps nobody else waiting.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn computed<T: Send + 'static>(
        &self,
        shop: &Merchant,
        as_of: Timestamp,
        compute: impl Fn(&dyn Accounts) -> T + Send + Sync + 'static,
    ) -> Result<Computed<T>, StoreError> {
        let compute = Arc::new(compute);
        let of_book = Arc::clone(&compute);
        if let Some(told) = self.of_day_book(shop.id, as_of, FOLDS, move |accounts| of_book(accounts)).await? {
            return Ok(Computed::Told(told));
        }
        if !self.reads_all(shop.id).await? {
            let keeps = self.merchant(shop.id).keeps_day_book().await?;
            return Ok(if keeps { Computed::Behind } else { Computed::TooLarge });
        }
        let ledger = self.merchant(shop.id).ledger(shop, as_of).await?;
        let computing = tokio::task::spawn_blocking(move || compute(ledger.as_ref()));
        computing.await.map(Computed::Told).map_err(|_| StoreError::Refused("the computation was given up"))
    }
}
