//! Reading the day book.

use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::{MERCHANT, READING, put_together};
use recado_domain::finance::figures::day_book::pages::{HELD, Periods, VISITS, WHOLE, shelves};
use recado_domain::finance::figures::day_book::{Fold, Parts, edition};
use recado_domain::finance::figures::{DayBook, Days, Dimension};
use recado_domain::{MerchantId, Timestamp};
use sqlx::FromRow;

use super::gather::in_force;
use super::pages::damaged;
use super::{BOOK, BOOK_PAGES, Folding, PART_PAGES, SHOP_FOLD};
use crate::db::{At, Tx};
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on};

/// Readings that may be repeated because the book moved on meanwhile.
const ATTEMPTS: usize = 3;

#[derive(FromRow)]
struct StateRow {
    edition: i64,
    version: i64,
    folded_at: At,
    behind: bool,
    /// Whether webhooks told orders: they are not folded.
    told: bool,
    wake_at: Option<At>,
}

#[derive(FromRow)]
struct PageRow {
    shelf: String,
    period: String,
    body: Vec<u8>,
}

/// A day book as it was read, and which version of it.
pub struct ReadBook {
    /// The book.
    pub book: DayBook,
    version: i64,
}

impl Store {
    /// The day book of a shop at an instant, after folding what is left in at most so many transactions; `None` when more
    /// is left, or the book has gone on beyond that instant.
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
        for _ in 0..transactions {
            if let Some(read) = shop.day_book(as_of).await? {
                return Ok(Some(read));
            }
            if let Folding::Complete(_) = self.fold_days(merchant, as_of).await? {
                break;
            }
        }
        shop.day_book(as_of).await
    }
}

impl MerchantStore {
    /// The day book of the shop at an instant; `None` when it is behind what was told, has gone on beyond that instant, or
    /// webhooks told orders, which are not folded: then the facts themselves must be read, or folded first.
    ///
    /// # Errors
    /// When the database does not answer, or a page is damaged.
    pub async fn day_book(&self, as_of: Timestamp) -> Result<Option<ReadBook>, StoreError> {
        for _ in 0..ATTEMPTS {
            let mut tx = self.begin().await?;
            let Some(version) = self.current(&mut tx, as_of).await? else { return Ok(None) };
            let book = self.read_book(&mut tx, as_of).await?;
            // On Postgres each statement sees what was committed before it.
            if self.current(&mut tx, as_of).await? == Some(version) {
                tx.commit().await?;
                return Ok(book.map(|book| ReadBook { book, version }));
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
        if self.current(&mut tx, read.book.as_of()).await? != Some(read.version) {
            return Ok(None);
        }
        tx.commit().await?;
        for page in pages {
            parts.add(&page).map_err(damaged("body"))?;
        }
        Ok(Some(parts))
    }

    /// The version of the book, if it can answer for an instant.
    async fn current(&self, tx: &mut Tx, as_of: Timestamp) -> Result<Option<i64>, StoreError> {
        let state: Option<StateRow> = on!(&mut *tx, connection => sqlx::query_as(BOOK)
            .bind(self.id().0).fetch_optional(connection).await)?;
        let answers = |state: &StateRow| {
            state.edition == edition()
                && !state.behind
                && !state.told
                && state.folded_at.0 <= as_of
                && state.wake_at.is_none_or(|at| at.0 > as_of)
        };
        Ok(state.filter(answers).map(|state| state.version))
    }

    async fn read_book(&self, tx: &mut Tx, as_of: Timestamp) -> Result<Option<DayBook>, StoreError> {
        let told = in_force(tx, self.id(), &[MERCHANT, READING].map(|kind| (kind.to_owned(), String::new()))).await?;
        if told.is_empty() {
            return Ok(None);
        }
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
        let mut book = DayBook::new(&facts.shop, as_of, facts.synced_at);
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
        Ok(Some(book))
    }
}
