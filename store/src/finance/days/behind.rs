//! The facts behind a figure of a large shop, page by page.
//!
//! Folds are looked through in the order of their roots; the facts of those that moved the figure are read and asked by
//! the ledger of their own cluster. So a page costs what it holds, however large the shop is. How many clusters moved each
//! measure on each day is counted: where there are none nothing is looked for, and with the last of them looking ends. What
//! cancels itself out within a day of one customer has moved nothing, and is not listed.

use std::collections::BTreeSet;

use recado_domain::Timestamp;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::day_book::{Behind, Fold, Reading, kin, moved};
use recado_domain::finance::figures::{DayBook, Days, FactKind, Figures, Ledger, Metric, Narrowing, Tally};
use sqlx::FromRow;

use super::pages::damaged;
use super::{ROOTS_AFTER, SHOP_FOLD, TALLY_PAGES, by_key};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

/// Folds that are looked at in one statement.
const FOLDS: i64 = 2_000;
/// Folds that are looked at for one page: then it says from where to read on, whatever it found.
const MOST: usize = 40_000;
/// Clusters whose facts are read at once.
const CLUSTERS: usize = 50;

#[derive(FromRow)]
struct RootRow {
    root: String,
    fold: Vec<u8>,
}

impl MerchantStore {
    /// Facts behind a figure of some days, at least so many where there are, from a place on; `None` when the book has
    /// moved on since it was read.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn behind(
        &self,
        read: &Reading,
        (metric, narrowing, days): (Metric, &[Narrowing], Days),
        from: Option<&str>,
        least: usize,
    ) -> Result<Option<Behind>, StoreError> {
        let mut behind = Behind::default();
        let figures = read.book.figures(days);
        let mut tx = self.begin().await?;
        by_key(&mut tx).await?;
        // From where, and how often what moved the figure is still to be met.
        let (mut left, mut after) = match from.map(|from| from.split_once('|').unwrap_or(("", from))) {
            Some((left, after)) => (left.parse().ok(), after.to_owned()),
            None => (self.times_moved(&mut tx, &figures, metric).await?, String::new()),
        };
        let next = |left: Option<i128>, after: String| {
            Some(format!("{}|{after}", left.map_or_else(String::new, |left| left.to_string())))
        };
        let mut looked = 0;
        // What is no sale has a root of its own, and comes first.
        if from.is_none() && narrowing.is_empty() {
            let fold: Option<Vec<u8>> = on!(&mut tx, connection => sqlx::query_scalar(SHOP_FOLD)
                .bind(self.id().0).fetch_optional(connection).await)?;
            let fold = fold.map(|bytes| Fold::unpack(&bytes).map_err(damaged("fold"))).transpose()?;
            if fold.is_some_and(|fold| fold.moves(&figures, metric, narrowing)) {
                let roots = BTreeSet::from([kin::SHOP.to_owned()]);
                self.facts_behind(&mut tx, read, (metric, narrowing, days), roots, &mut behind).await?;
            }
        }
        'pages: while left != Some(0) {
            let rows: Vec<RootRow> = on!(&mut tx, connection => sqlx::query_as(ROOTS_AFTER)
                .bind(self.id().0).bind(&after).bind(FOLDS).fetch_all(connection).await)?;
            if rows.is_empty() {
                break;
            }
            looked += rows.len();
            let mut roots: BTreeSet<String> = BTreeSet::new();
            for row in rows {
                let fold = Fold::unpack(&row.fold).map_err(damaged("fold"))?;
                if row.root != kin::SHOP {
                    left = left.map(|left| left - fold.times_moved(&figures, metric));
                    if fold.moves(&figures, metric, narrowing) {
                        roots.insert(row.root.clone());
                    }
                }
                after = row.root;
                if left == Some(0) {
                    break;
                }
                if roots.len() == CLUSTERS {
                    let some = std::mem::take(&mut roots);
                    self.facts_behind(&mut tx, read, (metric, narrowing, days), some, &mut behind).await?;
                    if behind.facts.len() >= least {
                        behind.next = next(left, after);
                        break 'pages;
                    }
                }
            }
            if !roots.is_empty() {
                self.facts_behind(&mut tx, read, (metric, narrowing, days), roots, &mut behind).await?;
            }
            if left != Some(0) && (behind.facts.len() >= least || looked >= MOST) {
                behind.next = next(left, after);
                break;
            }
        }
        let current = self.current(&mut tx, read.book.as_of()).await?;
        tx.commit().await?;
        Ok((current == Some(read.version)).then_some(behind))
    }

    /// How often clusters are counted among what moved a figure; `None` when that is not counted.
    async fn times_moved(
        &self,
        tx: &mut crate::db::Tx,
        figures: &Figures<'_, DayBook>,
        metric: Metric,
    ) -> Result<Option<i128>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = on!(&mut *tx, connection => sqlx::query_as(TALLY_PAGES)
            .bind(self.id().0).bind(Tally::Moved.shelf()).bind("").bind("~").fetch_all(connection).await)?;
        let pages = rows.iter().map(|(period, page)| (period.as_str(), page.as_slice()));
        moved(pages, figures, metric).map_err(damaged("body"))
    }

    /// The facts that belong together with an order of a large shop, by the order's name, with or without its `#`; `None`
    /// when the shop keeps no day book, it is behind, or there is no such order.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is damaged.
    pub async fn order_ledger(&self, name: &str, as_of: Timestamp) -> Result<Option<Ledger>, StoreError> {
        let mut tx = self.begin().await?;
        by_key(&mut tx).await?;
        if self.current(&mut tx, as_of).await?.is_none() {
            return Ok(None);
        }
        let plain = name.trim().trim_start_matches('#');
        for name in [format!("#{plain}"), plain.to_owned()] {
            let node = kin::node("orders", &name).into_iter().collect();
            let sets = self.clusters_of(&mut tx, node, as_of).await?;
            let known = |set: &FactSet| set.orders.iter().any(|order| order.id == name);
            if let Some(set) = sets.into_iter().find(known) {
                tx.commit().await?;
                return Ok(Some(Ledger::new(set, as_of)));
            }
        }
        Ok(None)
    }

    /// Adds the facts of some clusters that moved a figure.
    async fn facts_behind(
        &self,
        tx: &mut crate::db::Tx,
        read: &Reading,
        (metric, narrowing, days): (Metric, &[Narrowing], Days),
        roots: BTreeSet<String>,
        behind: &mut Behind,
    ) -> Result<(), StoreError> {
        let as_of = read.book.as_of();
        let sets = self.clusters_of(tx, roots, as_of).await?;
        for set in sets {
            let ledger = Ledger::new(set, as_of);
            if narrowing.is_empty() {
                let facts: BTreeSet<(FactKind, String)> = ledger.figures(days).proof(metric).into_iter().collect();
                let moved = metric.in_money().map(|money| ledger.moved(money, days, &facts));
                behind.add(facts, moved.unwrap_or_default());
            } else {
                let orders = ledger.orders_behind(narrowing, metric, days).into_iter();
                behind.facts.extend(orders.map(|id| (FactKind::Order, id)));
            }
        }
        Ok(())
    }
}
