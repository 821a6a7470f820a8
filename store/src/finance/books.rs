//! Books kept in the process, so that one question after another does not fold the same facts again.
//!
//! - **Never stale**: kept books answer only while the version of the facts (`changes`) is the one they were built of, and
//!   the shop is still called the same.
//! - **The clock moves on**: they answer for the shop's same day and for at most a minute, before or after their own
//!   `as_of`; what is dated in the future becomes known within that minute, and "today" turns at the shop's midnight.
//!   A question about an earlier instant is answered from facts of its own and not kept.
//! - **Built once**: of many who ask at a time, one builds and the others wait for it. At most [`BUILDERS`] shops are built
//!   at once.
//! - **Bounded**: at most so many shops and bytes ([`Limits`]); the least recently asked goes first. Books larger than all
//!   that are answered and not kept.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recado_domain::finance::facts::{FactSet, Line, Order, Payment, Refund, Shipment};
use recado_domain::finance::figures::Ledger;
use recado_domain::merchant::Merchant;
use recado_domain::{MerchantId, Timestamp};
use tokio::sync::{Mutex as Turn, Semaphore};

use crate::StoreError;
use crate::merchant::MerchantStore;

/// For how long books answer.
const FRESH: Duration = Duration::from_secs(60);
/// Books that are built at once: each takes a core.
const BUILDERS: usize = 2;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Shops.
    pub shops: usize,
    /// Bytes of facts, roughly.
    pub bytes: usize,
    /// Orders from which on a shop keeps a day book.
    pub large: i64,
    /// Orders up to which all facts are read for what no day book tells.
    pub most: i64,
}

impl Default for Limits {
    /// 64 shops, 512 MiB; a day book from 10 000 orders on: the ledger of as many is folded in about a second. All facts are
    /// read up to 30 000 orders, which takes about three seconds and 100 MiB.
    fn default() -> Self {
        Self { shops: 64, bytes: 512 << 20, large: 10_000, most: 30_000 }
    }
}

/// The books of some shops.
pub(crate) struct Shelf {
    limits: Limits,
    places: Mutex<Places>,
    builders: Semaphore,
    built: AtomicU64,
    /// In which row this process counts its changes.
    pub(crate) shard: i64,
}

#[derive(Default)]
struct Places {
    places: HashMap<MerchantId, Held>,
    asked: u64,
}

struct Held {
    place: Arc<Place>,
    bytes: usize,
    asked: u64,
}

/// Held while the books are built: who asks meanwhile waits here.
type Place = Turn<Option<Kept>>;

struct Kept {
    version: i64,
    merchant: Merchant,
    ledger: Arc<Ledger>,
}

impl Kept {
    fn answers(&self, version: i64, merchant: &Merchant, as_of: Timestamp) -> bool {
        let facts = self.ledger.facts();
        let distance = if as_of > facts.as_of { as_of.since(facts.as_of) } else { facts.as_of.since(as_of) };
        // A version only grows: books that are newer than what was asked for hold all of it.
        self.version >= version
            && self.merchant == *merchant
            && distance < FRESH
            && as_of.in_zone(&facts.shop.zone).date() == self.ledger.today()
    }
}

impl Shelf {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            places: Mutex::default(),
            builders: Semaphore::new(BUILDERS),
            built: AtomicU64::new(0),
            shard: rand::random_range(0..super::changes::SHARDS),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn built(&self) -> u64 {
        self.built.load(Ordering::Relaxed)
    }

    fn place(&self, merchant: MerchantId) -> Arc<Place> {
        let mut places = self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        places.asked += 1;
        let asked = places.asked;
        let held = places.places.entry(merchant);
        let held = held.or_insert_with(|| Held { place: Arc::default(), bytes: 0, asked });
        held.asked = asked;
        Arc::clone(&held.place)
    }

    /// Notes how large the books of a shop are, and lets go of others, or of these, until all fit.
    fn weigh(&self, merchant: MerchantId, bytes: usize) {
        let mut places = self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(held) = places.places.get_mut(&merchant) {
            held.bytes = bytes;
        }
        if bytes > self.limits.bytes {
            places.places.remove(&merchant);
        }
        while places.places.len() > self.limits.shops.max(1)
            || places.places.values().map(|held| held.bytes).sum::<usize>() > self.limits.bytes
        {
            let oldest = places.places.iter().min_by_key(|(_, held)| held.asked).map(|(merchant, _)| *merchant);
            let Some(oldest) = oldest else { return };
            places.places.remove(&oldest);
        }
    }
}

impl MerchantStore {
    /// The books of the shop, as they are known at `as_of`: kept ones, when they still say all that is known.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is no fact set.
    pub async fn ledger(&self, merchant: &Merchant, as_of: Timestamp) -> Result<Arc<Ledger>, StoreError> {
        if as_of < self.clock().now().minus(FRESH) {
            return Ok(self.build(merchant, as_of).await?.ledger);
        }
        let version = self.books_version().await?;
        let place = self.shelf().place(self.id());
        let mut kept = place.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.answers(version, merchant, as_of)) {
            metrics::counter!("recado_books_total", "answer" => "kept").increment(1);
            return Ok(Arc::clone(&kept.ledger));
        }
        let built = self.build(merchant, as_of).await?;
        let ledger = Arc::clone(&built.ledger);
        self.shelf().weigh(self.id(), weight(ledger.facts()));
        *kept = Some(built);
        Ok(ledger)
    }

    async fn build(&self, merchant: &Merchant, as_of: Timestamp) -> Result<Kept, StoreError> {
        let shelf = self.shelf();
        let _builder = shelf.builders.acquire().await.map_err(|_| StoreError::TimedOut)?;
        let read = self.read_books(merchant).await?;
        // Folding is work of the processor alone; other turns go on meanwhile.
        let folding = tokio::task::spawn_blocking(move || Ledger::new(read.facts, as_of));
        let ledger = folding.await.map_err(|error| {
            tracing::error!(%error, "the books of a shop could not be folded");
            StoreError::Refused("the books could not be folded")
        })?;
        shelf.built.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("recado_books_total", "answer" => "built").increment(1);
        Ok(Kept { version: read.version, merchant: merchant.clone(), ledger: Arc::new(ledger) })
    }
}

/// Bytes that facts take, roughly: their own and their texts'.
fn weight(facts: &FactSet) -> usize {
    /// Of the texts and keys of one fact.
    const TEXTS: usize = 160;
    let each = |count: usize, size: usize| count * (size + TEXTS);
    let (mut lines, mut refunds) = (0, 0);
    for order in &facts.orders {
        lines += order.lines.len();
        refunds += order.refunds.iter().map(|refund| 1 + refund.lines.len()).sum::<usize>();
    }
    let others = facts.charges.len() + facts.ad_spend.len() + facts.expenses.len() + facts.remittances.len();
    let settled: usize = facts.remittances.iter().map(|remittance| remittance.lines.len()).sum();
    each(facts.orders.len(), 2 * size_of::<Order>())
        + each(lines, 2 * size_of::<Line>())
        + each(refunds, size_of::<Refund>())
        + each(facts.shipments.len(), size_of::<Shipment>() + 64)
        + each(facts.payments.len(), size_of::<Payment>())
        + each(others + settled, 160)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop(index: u8) -> MerchantId {
        MerchantId::derived(&[&index.to_string()])
    }

    fn held(shelf: &Shelf) -> Vec<bool> {
        let places = shelf.places.lock().unwrap();
        (0..6).map(|index| places.places.contains_key(&shop(index))).collect()
    }

    #[test]
    fn the_least_recently_asked_goes_first_by_count() {
        let shelf = Shelf::new(Limits { shops: 3, bytes: 1_000, ..Limits::default() });
        for index in 0..3 {
            shelf.place(shop(index));
            shelf.weigh(shop(index), 10);
        }
        shelf.place(shop(0));
        shelf.place(shop(3));
        shelf.weigh(shop(3), 10);
        assert_eq!(held(&shelf), [true, false, true, true, false, false]);
    }

    #[test]
    fn all_that_is_kept_fits_the_bytes_and_what_is_larger_than_all_is_not_kept() {
        let shelf = Shelf::new(Limits { shops: 10, bytes: 1_000, ..Limits::default() });
        for (index, bytes) in [(0, 400), (1, 500)] {
            shelf.place(shop(index));
            shelf.weigh(shop(index), bytes);
        }
        shelf.place(shop(2));
        shelf.weigh(shop(2), 1_001);
        assert_eq!(held(&shelf), [true, true, false, false, false, false], "nobody else goes for it");
        shelf.place(shop(3));
        shelf.weigh(shop(3), 600);
        assert_eq!(held(&shelf), [false, false, false, true, false, false]);
    }
}
