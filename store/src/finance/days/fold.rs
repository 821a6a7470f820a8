//! Folding what changed: one bounded transaction at a time.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::finance::facts::entry::{GATEWAY_FEES, MERCHANT};
use recado_domain::finance::figures::day_book::{Changes, Fold, kin};
use recado_domain::{MerchantId, Timestamp};
use serde_json::json;
use sqlx::FromRow;
use uuid::Uuid;

use super::clusters::{Document, Reader, ShopOfBook};
use super::gather::{Key, relink, relink_told, texts};
use super::pages::{add, damaged};
use super::told::{ORDERS_AFTER, PARCELS_AFTER, Told};
use super::*;
use crate::db::{At, Tx};
use crate::{Store, StoreError, on};

/// Facts, or clusters, that are taken up at once.
const SOME: i64 = 1_000;
/// Facts after which a transaction ends. While it runs, nobody else writes to SQLite; on Postgres nobody waits for it, and
/// the more it folds at once, the fewer times each page is written.
const FACTS_ON_SQLITE: usize = 1_000;
const FACTS_ON_POSTGRES: usize = 40_000;
/// Sums after which it ends: they are held in memory.
const SUMS: usize = 300_000;
/// Rows that are removed at once.
const ROWS: i64 = 20_000;

/// The stages of a change.
const CLUSTERS: i64 = 0;
const ITS_FACTS: i64 = 1;
/// Of a book that is begun: every order that webhooks told, then every parcel.
const ALL_ORDERS: i64 = 2;
const ALL_PARCELS: i64 = 3;
/// Under which that stands, as no import does.
const ALL_TOLD: Uuid = Uuid::nil();

/// How far folding has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// Everything is folded; so many facts and clusters were taken up this time.
    Complete(usize),
    /// More is left.
    More(usize),
    /// Another replica folds it just now.
    Elsewhere,
}

#[derive(FromRow)]
struct BookRow {
    edition: i64,
    folded_at: At,
    marked: bool,
}

#[derive(FromRow)]
struct ChangeRow {
    import_id: Uuid,
    stage: i64,
    after_kind: String,
    after_id: String,
}

#[derive(FromRow)]
struct RootRow {
    root: String,
    fold: Vec<u8>,
}

impl Store {
    /// Folds a bounded part of what changed in a shop's facts, and of what time alone has changed up to `as_of`, into its
    /// day book. To be called until it is [`Folding::Complete`]; again costs nothing.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is no fact set.
    pub async fn fold_days(&self, merchant: MerchantId, as_of: Timestamp) -> Result<Folding, StoreError> {
        let mut tx = self.db().begin().await?;
        by_key(&mut tx).await?;
        on!(&mut tx, connection => sqlx::query(INSERT_BOOK)
            .bind(merchant.0).bind(0_i64).bind(At(as_of)).execute(connection).await.map(|_| ()))?;
        let lock = tx.pick(LOCK_BOOK);
        let book: Option<BookRow> = on!(&mut tx, connection => sqlx::query_as(lock)
            .bind(merchant.0).fetch_optional(connection).await)?;
        // Another replica folds it.
        let Some(book) = book else { return Ok(Folding::Elsewhere) };
        let shop = ShopOfBook::read(&mut tx, merchant).await?;
        let edition = shop.edition();
        let begins = book.edition != edition;
        let mut folder = Folder {
            merchant,
            // Time does not go back: a book says what was known at one instant.
            as_of: as_of.max(book.folded_at.0),
            reader: Reader::new(&mut tx, merchant, &shop, as_of).await?,
            changes: Changes::default(),
            taken: 0,
            wrote: false,
            after: String::new(),
        };
        let folding = if begins { folder.begin_anew(&mut tx).await? } else { folder.run(&mut tx).await? };
        add(&mut tx, merchant, std::mem::take(&mut folder.changes)).await?;
        let marked = !folding.complete;
        // Nothing is written when there was nothing to do, unless the last transaction ended just before it could see that.
        if folder.wrote || book.marked != marked {
            let edition = if folding.begun { edition } else { 0 };
            on!(&mut tx, connection => sqlx::query(UPDATE_BOOK)
                .bind(merchant.0).bind(edition).bind(At(folder.as_of)).bind(marked)
                .execute(connection).await.map(|_| ()))?;
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(if folding.complete { Folding::Complete(folder.taken) } else { Folding::More(folder.taken) })
    }
}

/// What a transaction came to.
struct Outcome {
    complete: bool,
    /// Whether the book is of this edition.
    begun: bool,
}

/// A transaction of folding.
struct Folder {
    merchant: MerchantId,
    as_of: Timestamp,
    reader: Reader,
    changes: Changes,
    taken: usize,
    wrote: bool,
    /// The last marked node that was taken up: what was unmarked before it need not be looked through again.
    after: String,
}

impl Folder {
    /// Removes what was folded under another edition, and then marks every import that stands.
    async fn begin_anew(&mut self, tx: &mut Tx) -> Result<Outcome, StoreError> {
        let mut removed = 0;
        for text in [EMPTY_ROOTS, EMPTY_LINKS, EMPTY_DAYS] {
            removed += on!(&mut *tx, connection => sqlx::query(text)
                .bind(self.merchant.0).bind(ROWS).execute(connection).await.map(|done| done.rows_affected()))?;
        }
        self.taken = usize::try_from(removed).unwrap_or(usize::MAX);
        self.wrote = true;
        let begun = removed == 0;
        if begun {
            on!(&mut *tx, connection => sqlx::query(CHANGED_ALL)
                .bind(self.merchant.0).execute(connection).await.map(|_| ()))?;
            on!(&mut *tx, connection => sqlx::query(CHANGED_TOLD)
                .bind(self.merchant.0).bind(ALL_TOLD).execute(connection).await.map(|_| ()))?;
            // Accounts of which nothing is known are not empty: the shop itself says so.
            self.list(tx, MARK, &BTreeSet::from([kin::SHOP.to_owned()])).await?;
        }
        Ok(Outcome { complete: false, begun })
    }

    async fn run(&mut self, tx: &mut Tx) -> Result<Outcome, StoreError> {
        let next = tx.pick(NEXT_CHANGE);
        let facts = tx.either(FACTS_ON_POSTGRES, FACTS_ON_SQLITE);
        loop {
            let change: Option<ChangeRow> = on!(&mut *tx, connection => sqlx::query_as(next)
                .bind(self.merchant.0).fetch_optional(connection).await)?;
            let more = match change {
                Some(change) if change.stage == CLUSTERS => self.mark_concerned(tx, change).await?,
                Some(change) if change.stage == ITS_FACTS => self.mark_changed(tx, change).await?,
                Some(change) => self.mark_all_told(tx, change).await?,
                None => self.mark_told(tx).await? || self.fold_marked(tx).await?,
            };
            if !more {
                return Ok(Outcome { complete: true, begun: true });
            }
            if self.taken >= facts || self.changes.len() >= SUMS {
                return Ok(Outcome { complete: false, begun: true });
            }
        }
    }

    async fn move_to(&mut self, tx: &mut Tx, import: Uuid, stage: i64, after: (&str, &str)) -> Result<(), StoreError> {
        self.wrote = true;
        on!(&mut *tx, connection => sqlx::query(MOVE_CHANGE)
            .bind(self.merchant.0).bind(import).bind(stage).bind(after.0).bind(after.1)
            .execute(connection).await.map(|_| ()))?;
        Ok(())
    }

    /// Marks some clusters that a changed shop, product or word on a gateway concerns.
    async fn mark_concerned(&mut self, tx: &mut Tx, change: ChangeRow) -> Result<bool, StoreError> {
        let shop = self.changed_of_kind(tx, change.import_id, MERCHANT).await?;
        let products = self.changed_of_kind(tx, change.import_id, "products").await?;
        let gateways = self.changed_of_kind(tx, change.import_id, GATEWAY_FEES).await?;
        let rows: Vec<RootRow> = if shop.is_empty() && products.is_empty() && gateways.is_empty() {
            Vec::new()
        } else {
            on!(&mut *tx, connection => sqlx::query_as(ROOTS_AFTER)
                .bind(self.merchant.0).bind(&change.after_id).bind(SOME).fetch_all(connection).await)?
        };
        let Some(last) = rows.last().map(|row| row.root.clone()) else {
            self.move_to(tx, change.import_id, ITS_FACTS, ("", "")).await?;
            return Ok(true);
        };
        self.taken += rows.len();
        let mut roots = BTreeSet::new();
        for row in rows {
            let fold = Fold::unpack(&row.fold).map_err(damaged("fold"))?;
            let concerned = fold.sells(|id| products.contains(id)) || !gateways.is_empty() && fold.pays();
            if !shop.is_empty() || concerned {
                roots.insert(row.root);
            }
        }
        self.list(tx, MARK, &roots).await?;
        self.move_to(tx, change.import_id, CLUSTERS, ("", &last)).await?;
        Ok(true)
    }

    async fn changed_of_kind(&self, tx: &mut Tx, import: Uuid, kind: &str) -> Result<BTreeSet<String>, StoreError> {
        let ids: Vec<String> = on!(&mut *tx, connection => sqlx::query_scalar(CHANGED_OF_KIND)
            .bind(self.merchant.0).bind(import).bind(kind).fetch_all(connection).await)?;
        Ok(ids.into_iter().collect())
    }

    /// Marks what some facts of an import concern.
    async fn mark_changed(&mut self, tx: &mut Tx, change: ChangeRow) -> Result<bool, StoreError> {
        let facts: Vec<Key> = on!(&mut *tx, connection => sqlx::query_as(CHANGED_FACTS)
            .bind(self.merchant.0).bind(change.import_id).bind(&change.after_kind).bind(&change.after_id).bind(SOME)
            .fetch_all(connection).await)?;
        let Some((kind, id)) = facts.last().cloned() else {
            self.wrote = true;
            on!(&mut *tx, connection => sqlx::query(END_CHANGE)
                .bind(self.merchant.0).bind(change.import_id).execute(connection).await.map(|_| ()))?;
            return Ok(true);
        };
        self.taken += facts.len();
        let (shop, sales): (Vec<Key>, Vec<Key>) = facts.into_iter().partition(|(kind, _)| kin::is_of_the_shop(kind));
        let mut nodes = relink(tx, self.merchant, &sales).await?;
        if !shop.is_empty() {
            nodes.insert(kin::SHOP.to_owned());
        }
        self.list(tx, MARK, &nodes).await?;
        self.move_to(tx, change.import_id, ITS_FACTS, (&kind, &id)).await?;
        Ok(true)
    }

    /// Marks what some orders or parcels that webhooks told concern, whatever of them is folded already.
    async fn mark_all_told(&mut self, tx: &mut Tx, change: ChangeRow) -> Result<bool, StoreError> {
        let after = Uuid::parse_str(&change.after_id).unwrap_or_default();
        let statement = if change.stage == ALL_ORDERS { ORDERS_AFTER } else { PARCELS_AFTER };
        let things = told::after(tx, self.merchant, statement, after, SOME).await?;
        match things.last().copied() {
            Some(last) => {
                let mut told = Told::default();
                if change.stage == ALL_ORDERS {
                    told.orders = things
                } else {
                    told.parcels = things
                }
                self.relink_told(tx, &told).await?;
                self.move_to(tx, ALL_TOLD, change.stage, ("", &last.to_string())).await?;
            }
            None if change.stage == ALL_ORDERS => self.move_to(tx, ALL_TOLD, ALL_PARCELS, ("", "")).await?,
            None => {
                self.wrote = true;
                on!(&mut *tx, connection => sqlx::query(END_CHANGE)
                    .bind(self.merchant.0).bind(ALL_TOLD).execute(connection).await.map(|_| ()))?;
            }
        }
        Ok(true)
    }

    /// Marks what some orders and parcels concern that webhooks told since.
    async fn mark_told(&mut self, tx: &mut Tx) -> Result<bool, StoreError> {
        let told = told::some(tx, self.merchant, SOME).await?;
        if told.len() == 0 {
            return Ok(false);
        }
        self.wrote = true;
        self.relink_told(tx, &told).await?;
        told::end(tx, self.merchant, &told).await?;
        Ok(true)
    }

    async fn relink_told(&mut self, tx: &mut Tx, told: &Told) -> Result<(), StoreError> {
        self.taken += told.len();
        let pointing = told::pointing(tx, self.merchant, told).await?;
        let nodes = relink_told(tx, self.merchant, pointing).await?;
        self.list(tx, MARK, &nodes).await
    }

    /// Folds some clusters that are marked; when none is, some whose time has come.
    async fn fold_marked(&mut self, tx: &mut Tx) -> Result<bool, StoreError> {
        let mut nodes = self.marked(tx).await?;
        if nodes.is_empty() && !std::mem::take(&mut self.after).is_empty() {
            nodes = self.marked(tx).await?;
        }
        if let Some(last) = nodes.last() {
            self.after.clone_from(last);
        } else {
            nodes = on!(&mut *tx, connection => sqlx::query_scalar(ROOTS_DUE)
                .bind(self.merchant.0).bind(At(self.as_of)).bind(SOME).fetch_all(connection).await)?;
        }
        if nodes.is_empty() {
            return Ok(false);
        }
        self.taken += nodes.len();
        self.wrote = true;
        self.fold(tx, nodes.into_iter().collect()).await?;
        Ok(true)
    }

    async fn marked(&self, tx: &mut Tx) -> Result<Vec<String>, StoreError> {
        Ok(on!(&mut *tx, connection => sqlx::query_scalar(DIRTY)
            .bind(self.merchant.0).bind(&self.after).bind(SOME).fetch_all(connection).await)?)
    }

    /// One statement over a list of nodes.
    async fn list(&self, tx: &mut Tx, pair: Pair, nodes: &BTreeSet<String>) -> Result<(), StoreError> {
        let (text, list) = (tx.pick(pair), texts(nodes));
        on!(&mut *tx, connection => sqlx::query(text)
            .bind(self.merchant.0).bind(&list).execute(connection).await.map(|_| ()))?;
        Ok(())
    }

    /// Folds the clusters of nodes. Of nodes that are no roots, or no more, nothing is kept.
    async fn fold(&mut self, tx: &mut Tx, from: BTreeSet<String>) -> Result<(), StoreError> {
        let (documents, nodes) = self.reader.documents(tx, from).await?;
        let before = self.kept(tx, &nodes).await?;
        let as_of = self.as_of;
        let folds = tokio::task::spawn_blocking(move || folded(documents, as_of)).await;
        let folds = folds.map_err(|_| StoreError::Refused("folding was given up"))??;
        self.keep(tx, before, folds).await?;
        self.list(tx, UNMARK, &nodes).await
    }

    async fn kept(&self, tx: &mut Tx, nodes: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let text = tx.pick(FOLDS_OF);
        let list = texts(nodes);
        let rows: Vec<RootRow> = on!(&mut *tx, connection => sqlx::query_as(text)
            .bind(self.merchant.0).bind(&list).fetch_all(connection).await)?;
        Ok(rows.into_iter().map(|row| (row.root, row.fold)).collect())
    }

    /// Keeps the folds that differ from those before, and notes the difference.
    async fn keep(
        &mut self,
        tx: &mut Tx,
        mut before: BTreeMap<String, Vec<u8>>,
        folds: Vec<(String, Fold)>,
    ) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for (root, fold) in folds {
            let bytes = fold.pack();
            let known = before.remove(&root);
            if known.as_ref() == Some(&bytes) {
                continue;
            }
            if let Some(known) = known {
                self.changes.subtract(&Fold::unpack(&known).map_err(damaged("fold"))?);
            }
            self.changes.add(&fold);
            let wake = fold.wake().map(Timestamp::as_micros);
            kept.push(json!({"root": root, "fold": hex::encode(bytes), "wake": wake}));
        }
        for fold in before.values() {
            self.changes.subtract(&Fold::unpack(fold).map_err(damaged("fold"))?);
        }
        if !before.is_empty() {
            self.list(tx, DELETE_ROOTS, &before.into_keys().collect()).await?;
        }
        let text = tx.pick(KEEP_ROOTS);
        for list in kept.chunks(SOME as usize) {
            let list = serde_json::Value::from(list).to_string();
            on!(&mut *tx, connection => sqlx::query(text)
                .bind(self.merchant.0).bind(&list).execute(connection).await.map(|_| ()))?;
        }
        Ok(())
    }
}

fn folded(documents: Vec<Document>, as_of: Timestamp) -> Result<Vec<(String, Fold)>, StoreError> {
    let fold = |document: Document| {
        let (root, cluster) = (document.root.clone(), document.cluster);
        Ok((root, Fold::of(document.facts()?, cluster, as_of)))
    };
    documents.into_iter().map(fold).collect()
}
