//! Reading the day book.

use std::time::Duration;

use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::{MERCHANT, READING, put_together};
use recado_domain::finance::figures::day_book::pages::{HELD, Periods, VISITS, WHOLE, shelves};
use recado_domain::finance::figures::day_book::{Fold, Parts, Reading, edition};
use recado_domain::finance::figures::{DayBook, Days, Dimension};
use recado_domain::{MerchantId, Timestamp};
use sqlx::FromRow;

use super::clusters::ShopOfBook;
use super::gather::in_force;
use super::pages::damaged;
use super::{BOOK, BOOK_PAGES, FOLDED_AT, Folding, PART_PAGES, SHOP_FOLD, by_key};
use crate::db::{At, Tx};
use crate::merchant::{MerchantStore, TOLD_AT};
use crate::{Store, StoreError, on};

/// By how much the clocks of replicas may differ.
const AHEAD: Duration = Duration::from_secs(60);
/// Readings that may be repeated because the book moved on meanwhile.
const ATTEMPTS: usize = 3;

#[derive(FromRow)]
struct StateRow {
    edition: i64,
    version: i64,
    folded_at: At,
    behind: bool,
    timezone: String,
    currency: String,
    /// Whether webhooks told any order.
    tells: bool,
    wake_at: Option<At>,
}

#[derive(FromRow)]
struct PageRow {
    shelf: String,
    period: String,
    body: Vec<u8>,
}

/// A day book as it was read, and which version of it.
pub type ReadBook = Reading;

impl Store {
    /// The day book of a shop at an instant, after folding what is left in at most so many transactions; `None` when the
    /// shop keeps none, more is left, or the book has gone on beyond that instant.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn folded_day_book(
        &self,
        merchant: MerchantId,
        as_of: Timestamp,
        transactions: usize,
    ) -> Result<Option<ReadBook>, StoreError> {
        let shop = self.merchant(merchant);
        let Some(folded_at) = shop.folded_at().await? else { return Ok(None) };
        // Another replica's clock may be a little ahead of ours: what it folded is now.
        let ahead = folded_at > as_of && folded_at.since(as_of) < AHEAD;
        let as_of = if ahead { folded_at } else { as_of };
        let mut read = shop.day_book(as_of).await?;
        for _ in 0..transactions {
            if read.is_some() {
                break;
            }
            let folding = self.fold_days(merchant, as_of).await?;
            read = shop.day_book(as_of).await?;
            if !matches!(folding, Folding::More(_)) {
                break;
            }
        }
        if read.is_some() {
            metrics::counter!("recado_books_total", "answer" => "days").increment(1);
        }
        Ok(read)
    }
}

impl MerchantStore {
    /// Whether the shop keeps a day book.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keeps_day_book(&self) -> Result<bool, StoreError> {
        Ok(self.folded_at().await?.is_some())
    }

    /// Up to when the day book is folded; `None` when the shop keeps none.
    async fn folded_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut tx = self.begin().await?;
        let at: Option<At> = on!(&mut tx, connection => sqlx::query_scalar(FOLDED_AT)
            .bind(self.id().0).fetch_optional(connection).await)?;
        tx.commit().await?;
        Ok(at.map(Timestamp::from))
    }

    /// The day book of the shop at an instant; `None` when it is behind what was told, or has gone on beyond that instant:
    /// then the facts themselves must be read, or folded first.
    ///
    /// # Errors
    /// When the database does not answer, or a page is damaged.
    pub async fn day_book(&self, as_of: Timestamp) -> Result<Option<ReadBook>, StoreError> {
        for _ in 0..ATTEMPTS {
            let mut tx = self.begin().await?;
            by_key(&mut tx).await?;
            let Some(version) = self.current(&mut tx, as_of).await? else { return Ok(None) };
            let book = self.read_book(&mut tx, as_of).await?;
            // On Postgres each statement sees what was committed before it.
            if self.current(&mut tx, as_of).await? == Some(version) {
                tx.commit().await?;
                return Ok(Some(Reading { version, ..book }));
            }
        }
        Ok(None)
    }

    /// The sums of the parts of some days; `None` when the book has moved on since it was read.
    ///
    /// # Errors
    /// When the database does not answer, or a page is damaged.
    pub async fn day_parts(&self, read: &ReadBook, by: Dimension, days: Days) -> Result<Option<Parts>, StoreError> {
        let mut parts = Parts::default();
        let Some((by_day, by_month)) = shelves(by) else { return Ok(Some(parts)) };
        let Periods { months, days: [before, after] } = Periods::of(days);
        let mut tx = self.begin().await?;
        let pages: Vec<Vec<u8>> = on!(&mut tx, connection => sqlx::query_scalar(PART_PAGES)
            .bind(self.id().0).bind(by_month).bind(&months.0).bind(&months.1)
            .bind(by_day).bind(&before.0).bind(&before.1).bind(&after.0).bind(&after.1)
            .fetch_all(connection).await)?;
        if !self.is_still(&mut tx, read).await? {
            return Ok(None);
        }
        tx.commit().await?;
        for page in pages {
            parts.add(&page).map_err(damaged("body"))?;
        }
        Ok(Some(parts))
    }

    /// The version of the book, if it can answer for an instant.
    pub(super) async fn current(&self, tx: &mut Tx, as_of: Timestamp) -> Result<Option<i64>, StoreError> {
        let state: Option<StateRow> = on!(&mut *tx, connection => sqlx::query_as(BOOK)
            .bind(self.id().0).fetch_optional(connection).await)?;
        let answers = |state: &StateRow| {
            state.edition == edition(&state.timezone, &state.currency, state.tells)
                && !state.behind
                && state.folded_at.0 <= as_of
                && state.wake_at.is_none_or(|at| at.0 > as_of)
        };
        Ok(state.filter(answers).map(|state| state.version))
    }

    async fn read_book(&self, tx: &mut Tx, as_of: Timestamp) -> Result<Reading, StoreError> {
        let mut told =
            in_force(tx, self.id(), &[MERCHANT, READING].map(|kind| (kind.to_owned(), String::new()))).await?;
        ShopOfBook::read(tx, self.id()).await?.fill(&mut told, as_of);
        let told_at: Option<At> = on!(&mut *tx, connection => sqlx::query_scalar(TOLD_AT)
            .bind(self.id().0).fetch_one(connection).await)?;
        let text = put_together(told.iter().map(|((kind, _), body)| (kind.as_str(), body.as_str())));
        let facts = FactSet::from_json(&text).map_err(|error| StoreError::Corrupt {
            table: "finance_entries",
            column: "body",
            problem: error.to_string(),
        })?;
        let pages: Vec<PageRow> = on!(&mut *tx, connection => sqlx::query_as(BOOK_PAGES)
            .bind(self.id().0).fetch_all(connection).await)?;
        let shop: Option<Vec<u8>> = on!(&mut *tx, connection => sqlx::query_scalar(SHOP_FOLD)
            .bind(self.id().0).fetch_optional(connection).await)?;
        let synced_at = facts.synced_at.into_iter().chain(told_at.map(Timestamp::from)).max();
        let mut book = DayBook::new(&facts.shop, as_of, synced_at);
        for page in pages {
            match page.shelf.as_str() {
                WHOLE => book.add_day(&page.period, &page.body).map_err(damaged("body"))?,
                VISITS => book.add_visits(&page.period, &page.body).map_err(damaged("body"))?,
                HELD => book.add_held(&page.body).map_err(damaged("body"))?,
                _ => {}
            }
        }
        if let Some(fold) = shop {
            book.add_shop(Fold::unpack(&fold).map_err(damaged("fold"))?);
        }
        Ok(Reading { book, shop: facts.shop, synced_at, version: 0 })
    }
}
