//! What advisors, pictures, reports and summaries ask of a large shop, brought as they ask for it.
//!
//! A computation runs over [`Gathered`]; what it asked for and was not there is read, and it runs again. Everything is of the
//! version of the book that was read first: when the book moves on meanwhile, the whole begins anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use recado_domain::finance::figures::day_book::{Gathered, Reading, Want, kin};
use recado_domain::finance::figures::{Days, Tally};
use recado_domain::{MerchantId, Timestamp};
use sqlx::FromRow;

use super::pages::damaged;
use super::{TALLY_PAGES, TALLY_SIZE, VERSION, by_key};
use crate::db::Tx;
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on};

/// Bytes of open items that are read one by one: about 150 000 parcels. Carriers pay over within weeks, so a shop has as many
/// open only when nobody tells what was paid over.
const MOST_OPEN: i64 = 16 << 20;
/// How often a computation may ask for more.
const ROUNDS: usize = 12;
/// How often it may begin anew because the book moved on.
const ATTEMPTS: usize = 3;

#[derive(FromRow)]
struct TallyRow {
    period: String,
    body: Vec<u8>,
}

impl MerchantStore {
    /// Brings what was asked of the accounts and was not there; `false` when the book has moved on since it was read.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn gather(&self, accounts: &mut Gathered, wanted: BTreeSet<Want>) -> Result<bool, StoreError> {
        for want in wanted {
            match want {
                Want::Parts(by, days) => {
                    let Some(parts) = self.day_parts(&accounts.reading, by, days).await? else { return Ok(false) };
                    accounts.give_parts(by, days, parts);
                }
                Want::Tally(tally, days) => {
                    if !self.gather_tally(accounts, tally, days).await? {
                        return Ok(false);
                    }
                }
                Want::BesideSales => {
                    let mut tx = self.begin().await?;
                    by_key(&mut tx).await?;
                    let as_of = accounts.reading.book.as_of();
                    let facts = self.clusters_of(&mut tx, BTreeSet::from([kin::SHOP.to_owned()]), as_of).await?;
                    // Facts are of the book only while nothing waits to be folded.
                    if self.current(&mut tx, as_of).await? != Some(accounts.reading.version) {
                        return Ok(false);
                    }
                    tx.commit().await?;
                    facts.into_iter().for_each(|facts| accounts.give_beside_sales(facts));
                }
            }
        }
        Ok(true)
    }

    async fn gather_tally(&self, accounts: &mut Gathered, tally: Tally, days: Days) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if tally == Tally::Open {
            let size: i64 = on!(&mut tx, connection => sqlx::query_scalar(TALLY_SIZE)
                .bind(self.id().0).bind(tally.shelf()).fetch_one(connection).await)?;
            if size > MOST_OPEN {
                accounts.too_much_open();
                return self.is_still(&mut tx, &accounts.reading).await;
            }
        }
        let rows: Vec<TallyRow> = on!(&mut tx, connection => sqlx::query_as(TALLY_PAGES)
            .bind(self.id().0).bind(tally.shelf()).bind(days.first.to_string()).bind(days.last.to_string())
            .fetch_all(connection).await)?;
        if !self.is_still(&mut tx, &accounts.reading).await? {
            return Ok(false);
        }
        tx.commit().await?;
        let pages = rows.iter().map(|row| (row.period.as_str(), row.body.as_slice()));
        accounts.give_tally(tally, days, pages).map_err(damaged("body"))?;
        Ok(true)
    }

    /// Whether the book is the version that was read: pages are then of it, even if something waits to be folded.
    pub(super) async fn is_still(&self, tx: &mut Tx, read: &Reading) -> Result<bool, StoreError> {
        let version: Option<i64> = on!(&mut *tx, connection => sqlx::query_scalar(VERSION)
            .bind(self.id().0).fetch_optional(connection).await)?;
        Ok(version == Some(read.version))
    }
}

impl Store {
    /// What is computed from the day book of a large shop at an instant, after folding what is left in at most so many
    /// transactions; `None` when the shop keeps none, or it cannot be brought to that instant. The computation may run
    /// several times; it runs where it keeps nobody else waiting.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn of_day_book<T: Send + 'static>(
        &self,
        merchant: MerchantId,
        as_of: Timestamp,
        transactions: usize,
        compute: impl Fn(&Gathered) -> T + Send + Sync + 'static,
    ) -> Result<Option<T>, StoreError> {
        let (shop, compute) = (self.merchant(merchant), Arc::new(compute));
        for _ in 0..ATTEMPTS {
            let Some(read) = self.folded_day_book(merchant, as_of, transactions).await? else { return Ok(None) };
            let mut accounts = Gathered::new(read, shop.beside_days().await?);
            for _ in 0..ROUNDS {
                let compute = Arc::clone(&compute);
                let computing = tokio::task::spawn_blocking(move || {
                    let told = compute(&accounts);
                    (accounts, told)
                });
                let told;
                (accounts, told) = computing.await.map_err(|_| StoreError::Refused("the computation was given up"))?;
                let wanted = accounts.wanted();
                if wanted.is_empty() {
                    return Ok(Some(told));
                }
                if !shop.gather(&mut accounts, wanted).await? {
                    break;
                }
            }
        }
        Ok(None)
    }
}
