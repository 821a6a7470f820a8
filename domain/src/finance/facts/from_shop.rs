//! What a shop tells by its webhooks, as facts of its books.
//!
//! Both say of the same order or parcel? They are joined field by field: **what the shop itself tells wins, what it does
//! not tell comes from the import**, whichever came first. An order is the same one when the import calls it by the shop's
//! id, its global id (`gid://shopify/Order/1`) or its name (`#1042`); a parcel, by the shop's id or its tracking number.
//! What the shop deleted, or calls a test, does not exist, even if it was imported.
//!
//! In the books an order is called by its name and a parcel by its tracking number, as people call them, wherever those
//! are theirs alone; else by the shop's id. Whatever is imported about them (payments, charges, remittances) may use any
//! of their names.
//!
//! What the shop does not say, and what is taken for it:
//! - **Paid**: see [`OrderFacts::settled_at`]. An order in another currency than the books' is left out.
//! - **Paid through**: an order names its gateways, and how much money had come, not each payment. Every rise of that is a
//!   charge through the last gateway named that is no gift card. What the gateway takes is the merchant's word for it
//!   ([`super::GatewayFee`]); without one the fee is unknown, and so is the payout. Transfers and cash pass through none,
//!   and what is paid at the door the carrier collects.
//! - **Disputed**: what the bank took and gave back ([`crate::order::Dispute::moves`]). What a gateway asks for a dispute the
//!   shop does not tell.
//! - **Left**: a parcel leaves when its fulfillment is made, once a carrier has it; one that only has its label, or was
//!   cancelled, has not left.
//! - **Returned**: Shopify has no word for it. A parcel that was not delivered, and whose order was cancelled after it left,
//!   counts as returned at the later of the cancellation and its last scan.
//! - **Due at the door**: for cash on delivery, what the lines in the parcel cost the buyer, less what was refunded of them
//!   before it arrived; shipping and adjustments go with the order's first parcel.
//! - **Carriers** are called as the shop's own terms spell them, else by their proper name, else as they were written.
//! - **Terms of a carrier** that nobody told, in a shop that tells its orders: [`DEFAULT_TERMS`].
//!
//! Every rule looks at what hangs together by its names and at the shop itself, at nothing else: so joining a part that
//! is whole in this sense gives what joining everything gives ([`super::super::figures::day_book`]).

mod carriers;
mod names;
mod order;
mod parcel;
mod payment;

use std::collections::{HashMap, HashSet};

use self::carriers::Spelling;
use self::names::Names;
use self::order::order_of;
pub use self::parcel::ShopParcel;
use self::parcel::first_parcels;
use super::{CarrierTerms, FactSet, FactsError, Product};
use crate::Timestamp;
use crate::order::{Dispute, OrderFacts, ProductFacts};

/// The terms of a carrier that nobody told: longer than what Colombian carriers promise (8 days from delivery), so that
/// nobody is dunned too early.
pub const DEFAULT_TERMS: CarrierTerms = CarrierTerms { term_days: 15, transit_days: 5 };
/// Before the shop's id of an order, in its global id.
pub(crate) const ORDER_GID: &str = "gid://shopify/Order/";
/// Before the shop's id of a parcel, in its global id.
pub(crate) const PARCEL_GID: &str = "gid://shopify/Fulfillment/";
/// Shopify's word for the only variant of a product.
const ONLY_VARIANT: &str = "Default Title";

/// What a shop told.
#[derive(Clone, Debug, Default)]
pub struct ShopFacts {
    /// Its orders, with their refunds; each once.
    pub orders: Vec<OrderFacts>,
    /// Ids and names of orders that it deleted.
    pub deleted: Vec<String>,
    /// Its parcels; each once.
    pub parcels: Vec<ShopParcel>,
    /// What buyers dispute of its payments; each once.
    pub disputes: Vec<Dispute>,
    /// Its products; each once.
    pub products: Vec<ProductFacts>,
    /// When it last told anything of its orders.
    pub told_at: Option<Timestamp>,
}

impl FactSet {
    /// These facts together with what the shop tells of itself.
    ///
    /// # Errors
    /// When a sum of an order does not fit.
    pub fn with_shop(mut self, shop: &ShopFacts) -> Result<Self, FactsError> {
        let orders = Names::of_orders(shop);
        let parcels = Names::of_parcels(shop);
        self.forget_absent(shop, &orders);
        self.rename(&orders, &parcels);
        let currency = self.shop.currency;

        let mut imported: HashMap<String, usize> = HashMap::new();
        for (place, order) in self.orders.iter().enumerate() {
            imported.insert(order.id.clone(), place);
        }
        for (told, id) in shop.orders.iter().zip(&orders.ids) {
            if told.test || told.currency != currency {
                continue;
            }
            let order = order_of(told, id)?;
            match imported.get(id) {
                Some(place) => self.orders[*place] = order.filled_from(&self.orders[*place], told),
                None => self.orders.push(order),
            }
        }
        self.add_parcels(shop, &orders, &parcels)?;
        self.add_payments(shop, &orders)?;
        if shop.told_at.is_some() || !shop.orders.is_empty() {
            for parcel in &self.shipments {
                self.shop.carriers.entry(parcel.carrier.clone()).or_insert(DEFAULT_TERMS);
            }
        }
        self.add_products(shop);
        self.synced_at = self.synced_at.into_iter().chain(shop.told_at).max();
        Ok(self)
    }

    /// Leaves out orders that the shop deleted or calls a test, with what belongs to them.
    fn forget_absent(&mut self, shop: &ShopFacts, orders: &Names) {
        let mut absent: HashSet<&str> = shop.deleted.iter().map(String::as_str).collect();
        for (alias, place) in &orders.aliases {
            if shop.orders[*place].test {
                absent.insert(alias);
            } else {
                // A name that lives on is not gone, even if another order of that name was deleted.
                absent.remove(alias.as_str());
            }
        }
        if absent.is_empty() {
            return;
        }
        self.orders.retain(|order| !absent.contains(order.id.as_str()));
        self.payments.retain(|payment| !absent.contains(payment.order_id.as_str()));
        let (kept, gone) = std::mem::take(&mut self.shipments)
            .into_iter()
            .partition::<Vec<_>, _>(|parcel| !absent.contains(parcel.order_id.as_str()));
        let gone: HashSet<String> = gone.into_iter().map(|parcel| parcel.id).collect();
        self.shipments = kept;
        self.charges.retain(|charge| !gone.contains(&charge.shipment_id));
    }

    /// Calls orders and parcels of the shop by the one name that they have in the books.
    fn rename(&mut self, orders: &Names, parcels: &Names) {
        for order in &mut self.orders {
            orders.settle(&mut order.id);
        }
        for payment in &mut self.payments {
            orders.settle(&mut payment.order_id);
        }
        for parcel in &mut self.shipments {
            orders.settle(&mut parcel.order_id);
            parcels.settle(&mut parcel.id);
        }
        for charge in &mut self.charges {
            parcels.settle(&mut charge.shipment_id);
        }
        for line in self.remittances.iter_mut().flat_map(|remittance| &mut remittance.lines) {
            parcels.settle(&mut line.shipment_id);
        }
        // Two imported names of one order are one order: the later copy remains, as everywhere.
        let mut seen = HashSet::new();
        keep_last(&mut self.orders, |order| seen.insert(order.id.clone()));
        let mut seen = HashSet::new();
        keep_last(&mut self.shipments, |parcel| seen.insert(parcel.id.clone()));
    }

    fn add_parcels(&mut self, shop: &ShopFacts, orders: &Names, parcels: &Names) -> Result<(), FactsError> {
        let spelled = Spelling::of(&self.shop);
        let mut imported: HashMap<String, usize> = HashMap::new();
        for (place, parcel) in self.shipments.iter().enumerate() {
            imported.insert(parcel.id.clone(), place);
        }
        let places: HashMap<&str, usize> =
            shop.orders.iter().enumerate().map(|(place, order)| (order.external_id.as_str(), place)).collect();
        let firsts = first_parcels(shop);
        for (told, id) in shop.parcels.iter().zip(&parcels.ids) {
            let Some(place) = places.get(told.order_external_id.as_str()).copied() else { continue };
            let order = &shop.orders[place];
            if order.test || order.currency != self.shop.currency || !told.has_left() {
                continue;
            }
            let carrier = spelled.name(told.carrier.as_deref().unwrap_or_default());
            let first = firsts.get(told.order_external_id.as_str()) == Some(&told.external_id.as_str());
            let parcel = told.parcel(id, &orders.ids[place], carrier, order, first)?;
            match imported.get(id) {
                Some(place) => self.shipments[*place] = parcel.filled_from(&self.shipments[*place]),
                None => self.shipments.push(parcel),
            }
        }
        Ok(())
    }

    /// Titles as the shop writes them; what goods cost, only an import knows.
    fn add_products(&mut self, shop: &ShopFacts) {
        let mut title = |variant: &str, title: String, newer: bool| {
            if title.is_empty() {
                return;
            }
            let known = self.products.entry(variant.to_owned());
            let product = known.or_insert_with(|| Product { title: String::new(), costs: Vec::new() });
            if newer || product.title.is_empty() {
                product.title = title;
            }
        };
        for product in &shop.products {
            for variant in &product.variants {
                let only = variant.title.is_empty() || variant.title == ONLY_VARIANT;
                let whole =
                    if only { product.title.clone() } else { format!("{} · {}", product.title, variant.title) };
                title(&variant.external_id, whole, true);
            }
        }
        // A product that is gone lives on in what was sold of it.
        for line in shop.orders.iter().filter(|order| !order.test).flat_map(|order| &order.lines) {
            if let Some(variant) = &line.variant_id {
                title(variant, line.title.clone(), false);
            }
        }
    }
}

/// Keeps the last of equal ones; `is_new` is asked from the end.
fn keep_last<T>(items: &mut Vec<T>, mut is_new: impl FnMut(&T) -> bool) {
    let mut kept: Vec<T> = std::mem::take(items).into_iter().rev().filter(|item| is_new(item)).collect();
    kept.reverse();
    *items = kept;
}
