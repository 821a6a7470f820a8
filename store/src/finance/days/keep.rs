//! Which shops keep a day book, and keeping them up to date.
//!
//! A shop has one from so many orders on ([`BooksLimits`](super::super::BooksLimits)); what is begun is kept. Each pass
//! asks the store what is behind and folds a bounded part of it, so that a change whose fold never came, or a fold that
//! was cut off, is caught up whoever looks next.

use recado_domain::MerchantId;
use uuid::Uuid;

use super::Folding;
use super::told::FORGET_TOLD;
use crate::db::At;
use crate::{Store, StoreError, on, read};

crate::sql! {
    BEHIND = "SELECT b.merchant_id FROM finance_books b WHERE b.marked \
        OR EXISTS (SELECT 1 FROM finance_unfolded u WHERE u.merchant_id = b.merchant_id) \
        OR EXISTS (SELECT 1 FROM finance_told t WHERE t.merchant_id = b.merchant_id) \
        OR EXISTS (SELECT 1 FROM finance_roots r WHERE r.merchant_id = b.merchant_id AND r.wake_at <= $1)";
    ALL_BOOKS = "SELECT merchant_id FROM finance_books";
    ORDERS_OF = "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM orders o WHERE o.merchant_id = $1 LIMIT CAST($2 AS BIGINT)) AS told) + \
        (SELECT COUNT(*) FROM (SELECT 1 FROM finance_entries e WHERE e.merchant_id = $1 AND e.kind = 'orders' \
            LIMIT CAST($2 AS BIGINT)) AS imported)";
    LARGE = "SELECT m.id FROM merchants m WHERE NOT EXISTS (SELECT 1 FROM finance_books b WHERE b.merchant_id = m.id) AND \
        (SELECT COUNT(*) FROM (SELECT 1 FROM orders o WHERE o.merchant_id = m.id LIMIT CAST($1 AS BIGINT)) AS told) + \
        (SELECT COUNT(*) FROM (SELECT 1 FROM finance_entries e WHERE e.merchant_id = m.id AND e.kind = 'orders' \
            LIMIT CAST($1 AS BIGINT)) AS imported) >= $1";
}

/// What a pass is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Books that are known to be behind.
    Behind,
    /// Every book, as one of an older edition is not known to be behind; and shops that have become large.
    Everywhere,
}

impl Store {
    /// Brings day books up to date: of each shop that is behind a bounded part, so that none waits for another. Gives how
    /// many facts and clusters were taken up; none: everything is folded.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn keep_day_books(&self, look: Look) -> Result<usize, StoreError> {
        let now = self.clock().now();
        let shops = match look {
            Look::Behind => self.shops_behind().await?,
            Look::Everywhere => {
                let mut shops = self.all_books().await?;
                shops.extend(self.large_shops().await?);
                shops
            }
        };
        let mut taken = 0;
        for shop in shops {
            taken += match self.fold_days(shop, now).await? {
                Folding::More(some) => some.max(1),
                Folding::Complete(some) => some,
                Folding::Elsewhere => 0,
            };
        }
        Ok(taken)
    }

    /// Whether all facts of a shop may be read at once; of one with more orders than that, what its day book does not tell
    /// is not computed while somebody waits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reads_all(&self, merchant: MerchantId) -> Result<bool, StoreError> {
        Ok(self.orders_up_to(merchant, self.books.limits().most.saturating_add(1)).await? <= self.books.limits().most)
    }

    /// How many orders were told and imported, each counted up to a bound.
    async fn orders_up_to(&self, merchant: MerchantId, bound: i64) -> Result<i64, StoreError> {
        let orders: sqlx::Result<i64> =
            read!(self.db(), pool => sqlx::query_scalar(ORDERS_OF).bind(merchant.0).bind(bound).fetch_one(pool).await);
        Ok(orders?)
    }

    /// Whether a shop keeps a day book, or is large enough to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_large(&self, merchant: MerchantId) -> Result<bool, StoreError> {
        let large = self.books.limits().large;
        Ok(self.orders_up_to(merchant, large).await? >= large || self.merchant(merchant).keeps_day_book().await?)
    }

    /// Shops whose day book is behind.
    async fn shops_behind(&self) -> Result<Vec<MerchantId>, StoreError> {
        let now = At(self.clock().now());
        let shops: sqlx::Result<Vec<Uuid>> =
            read!(self.db(), pool => sqlx::query_scalar(BEHIND).bind(now).fetch_all(pool).await);
        Ok(shops?.into_iter().map(MerchantId).collect())
    }

    async fn all_books(&self) -> Result<Vec<MerchantId>, StoreError> {
        let shops: sqlx::Result<Vec<Uuid>> =
            read!(self.db(), pool => sqlx::query_scalar(ALL_BOOKS).fetch_all(pool).await);
        Ok(shops?.into_iter().map(MerchantId).collect())
    }

    /// Shops that have become large. Of the others it is forgotten what waits for a fold: a book begins with all there is.
    async fn large_shops(&self) -> Result<Vec<MerchantId>, StoreError> {
        let mut tx = self.db().begin().await?;
        let large: Vec<Uuid> = on!(&mut tx, connection => sqlx::query_scalar(LARGE)
            .bind(self.books.limits().large).fetch_all(connection).await)?;
        on!(&mut tx, connection => sqlx::query(FORGET_TOLD).execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(large.into_iter().map(MerchantId).collect())
    }
}
