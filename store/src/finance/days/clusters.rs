//! The facts of a cluster: what was imported, joined with what webhooks told.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::finance::facts::entry::{GATEWAY_FEES, MERCHANT, READING, put_together};
use recado_domain::finance::facts::{FactSet, ShopFacts};
use recado_domain::finance::figures::day_book::{Cluster, edition, kin};
use recado_domain::{MerchantId, Timestamp};
use sqlx::FromRow;

use super::super::shop::{itself, read_clusters, unread};
use super::SHOP_OF_BOOK;
use super::gather::{Bodies, Clusters, clusters, of_shop, products};
use crate::db::Tx;
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

/// The shop of a book.
#[derive(FromRow)]
pub(super) struct ShopOfBook {
    name: String,
    timezone: String,
    currency: String,
    /// Whether webhooks told any order.
    pub tells: bool,
}

impl ShopOfBook {
    pub(super) async fn read(tx: &mut Tx, merchant: MerchantId) -> Result<Self, StoreError> {
        Ok(on!(tx, connection => sqlx::query_as(SHOP_OF_BOOK).bind(merchant.0).fetch_one(connection).await)?)
    }
    pub(super) fn edition(&self) -> i64 {
        edition(&self.timezone, &self.currency, self.tells)
    }
    /// With what it says of itself where no fact does.
    pub(super) fn fill(&self, bodies: &mut Bodies, as_of: Timestamp) {
        let mut said = |kind: &str, body: String| {
            bodies.entry((kind.to_owned(), String::new())).or_insert(body);
        };
        said(MERCHANT, itself(&self.name, &self.timezone, &self.currency));
        said(READING, unread(as_of));
    }
}

/// A cluster as it was read.
pub(super) struct Document {
    pub root: String,
    pub cluster: Cluster,
    text: String,
    told: ShopFacts,
}

impl Document {
    /// Its facts.
    pub(super) fn facts(self) -> Result<FactSet, StoreError> {
        let corrupt = |table, column, problem| StoreError::Corrupt { table, column, problem };
        let facts =
            FactSet::from_json(&self.text).map_err(|error| corrupt("finance_entries", "body", error.to_string()))?;
        facts.with_shop(&self.told).map_err(|error| corrupt("orders", "facts", error.to_string()))
    }
}

/// Reads clusters of a shop.
pub(super) struct Reader {
    merchant: MerchantId,
    shop: Bodies,
    tells: bool,
    products: BTreeMap<String, Option<String>>,
}

impl Reader {
    pub(super) async fn new(
        tx: &mut Tx,
        merchant: MerchantId,
        shop: &ShopOfBook,
        as_of: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut bodies = of_shop(tx, merchant).await?;
        shop.fill(&mut bodies, as_of);
        Ok(Self { merchant, shop: bodies, tells: shop.tells, products: BTreeMap::new() })
    }

    /// The clusters of nodes, and all nodes of them. Of nodes that are in none, or no more, there is no document.
    pub(super) async fn documents(
        &mut self,
        tx: &mut Tx,
        mut from: BTreeSet<String>,
    ) -> Result<(Vec<Document>, BTreeSet<String>), StoreError> {
        let has_shop = from.remove(kin::SHOP);
        let Clusters { of_root, mut nodes } = clusters(tx, self.merchant, from).await?;
        let things = of_root.iter().map(|(root, of)| (root, of.orders.as_slice(), of.parcels.as_slice()));
        let mut told = read_clusters(tx, self.merchant, things).await?;
        let variants = products(tx, self.merchant, &of_root, &told, &mut self.products).await?;
        let mut documents: Vec<Document> = Vec::with_capacity(of_root.len() + 1);
        // That it tells at all says how terms of carriers are read; when it last did, no cluster asks.
        let told_at = self.tells.then_some(Timestamp::EPOCH);
        let itself = [MERCHANT, READING].map(|kind| (kind, self.shop[&(kind.to_owned(), String::new())].as_str()));
        let of_gateways = self.shop.iter().filter(|((kind, _), _)| kind == GATEWAY_FEES);
        let gateways: Vec<&str> = of_gateways.map(|(_, body)| body.as_str()).collect();
        for (root, gathered) in &of_root {
            let variants = variants.get(root).into_iter().flatten();
            let products = variants.filter_map(|id| self.products.get(id).and_then(Option::as_deref));
            let facts = gathered.facts.iter().map(|(kind, body)| (kind.as_str(), body.as_str()));
            let gateways = gateways.iter().map(|body| (GATEWAY_FEES, *body));
            let parts = itself.into_iter().chain(gateways).chain(products.map(|body| ("products", body))).chain(facts);
            let told = ShopFacts { told_at, ..told.remove(root).unwrap_or_default() };
            let cluster = Cluster::of(root);
            documents.push(Document { root: root.clone(), cluster, text: put_together(parts), told });
        }
        if has_shop {
            let parts = self.shop.iter().map(|((kind, _), body)| (kind.as_str(), body.as_str()));
            let told = ShopFacts { told_at, ..ShopFacts::default() };
            let root = kin::SHOP.to_owned();
            nodes.insert(root.clone());
            documents.push(Document { root, cluster: Cluster::Shop, text: put_together(parts), told });
        }
        Ok((documents, nodes))
    }
}

impl MerchantStore {
    /// The facts of some clusters, each by itself.
    pub(super) async fn clusters_of(
        &self,
        tx: &mut Tx,
        roots: BTreeSet<String>,
        as_of: Timestamp,
    ) -> Result<Vec<FactSet>, StoreError> {
        let shop = ShopOfBook::read(tx, self.id()).await?;
        let mut reader = Reader::new(tx, self.id(), &shop, as_of).await?;
        let (documents, _) = reader.documents(tx, roots).await?;
        documents.into_iter().map(Document::facts).collect()
    }
}
