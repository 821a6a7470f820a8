//! What is told beside the sums: what goods are called and cost, and when an account was last looked at.

use recado_domain::finance::facts::entry::{MERCHANT, READING, put_together};
use recado_domain::finance::facts::{FactSet, ShopFacts};
use recado_domain::finance::figures::day_book::Beside;
use recado_domain::finance::figures::{Days, Dimension, FigureError, Report};
use recado_domain::{MerchantId, Timestamp};

use super::super::shop::{itself, read_products, unread};
use super::clusters::ShopOfBook;
use super::gather::of_kind;
use crate::merchant::MerchantStore;
use crate::{Store, StoreError};

impl MerchantStore {
    /// The products of the shop, and its last balance. A product that only sold lines name has no title here.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is no fact.
    pub async fn beside_days(&self) -> Result<Beside, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin().await?;
        let mut bodies = of_kind(&mut tx, self.id(), "products").await?;
        bodies.extend(of_kind(&mut tx, self.id(), "cash").await?);
        bodies.extend(of_kind(&mut tx, self.id(), MERCHANT).await?);
        let products = read_products(&mut tx, self.id()).await?;
        tx.commit().await?;
        // Amounts are read in the currency of the shop; who it is makes no difference here.
        let (merchant, reading) = (itself("", "UTC", "COP"), unread(now));
        let has_merchant = bodies.keys().any(|(kind, _)| kind == MERCHANT);
        let own = [(MERCHANT, merchant.as_str())].into_iter().filter(|_| !has_merchant);
        let parts = bodies.iter().map(|((kind, _), body)| (kind.as_str(), body.as_str()));
        let text = put_together(own.chain([(READING, reading.as_str())]).chain(parts));
        let facts =
            FactSet::from_json(&text).and_then(|facts| facts.with_shop(&ShopFacts { products, ..Default::default() }));
        let facts = facts.map_err(|error| StoreError::Corrupt {
            table: "finance_entries",
            column: "body",
            problem: error.to_string(),
        })?;
        let last_balance = facts.cash.iter().map(|balance| balance.at).filter(|at| *at <= now).max();
        Ok(Beside { products: facts.products, last_balance })
    }
}

impl MerchantStore {
    /// The instant at which the books stand when none is asked for: now; of a shop that only imports speak of, what they
    /// say.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is no fact.
    pub async fn books_stand_at(&self) -> Result<Timestamp, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin().await?;
        let shop = ShopOfBook::read(&mut tx, self.id()).await?;
        let told = of_kind(&mut tx, self.id(), READING).await?;
        tx.commit().await?;
        let Some(reading) = told.into_values().next().filter(|_| !shop.tells) else { return Ok(now) };
        let merchant = itself("", "UTC", "COP");
        let facts = FactSet::from_json(&put_together([(MERCHANT, merchant.as_str()), (READING, reading.as_str())]));
        facts.map(|facts| facts.as_of).map_err(|error| StoreError::Corrupt {
            table: "finance_entries",
            column: "body",
            problem: error.to_string(),
        })
    }
}

impl Store {
    /// The report of some days from the day book of a large shop, after folding what is left in at most so many
    /// transactions; `None` when the shop keeps none, or it cannot be brought to that instant: then the ledger answers.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn day_report(
        &self,
        merchant: MerchantId,
        as_of: Timestamp,
        by: &[Dimension],
        days: Days,
        transactions: usize,
    ) -> Result<Option<Result<Report, FigureError>>, StoreError> {
        let by = by.to_vec();
        self.of_day_book(merchant, as_of, transactions, move |accounts| accounts.report(days, &by)).await
    }
}
