//! Bounded memory of this process in which every entry has its own end.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// What an entry costs beside its bytes: key, pointers and the bookkeeping of the cache, roughly.
const OVERHEAD: usize = 256;
/// Bound of the distinct things counted at once.
pub(super) const COUNTERS: u64 = 200_000;

#[derive(Clone, Debug)]
struct Kept<V> {
    value: V,
    ttl: Duration,
}

struct OwnTtl;

impl<K, V> Expiry<K, Kept<V>> for OwnTtl {
    fn expire_after_create(&self, _: &K, kept: &Kept<V>, _: Instant) -> Option<Duration> {
        Some(kept.ttl)
    }
    fn expire_after_update(&self, _: &K, kept: &Kept<V>, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(kept.ttl)
    }
}

/// Values by key, bounded by bytes; the one used longest ago gives way.
#[derive(Debug)]
pub(super) struct Shelf<K: Hash + Eq + Send + Sync + 'static> {
    cache: Cache<K, Kept<Bytes>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Shelf<K> {
    pub(super) fn new(bytes: u64) -> Self {
        let cache = Cache::builder()
            .max_capacity(bytes)
            // The default policy may refuse a newcomer; here the newcomer is the dialogue that goes on right now.
            .eviction_policy(EvictionPolicy::lru())
            .weigher(|_, kept: &Kept<Bytes>| u32::try_from(kept.value.len() + OVERHEAD).unwrap_or(u32::MAX))
            .expire_after(OwnTtl)
            .build();
        Self { cache }
    }
    pub(super) fn get(&self, key: &K) -> Option<Bytes> {
        self.cache.get(key).map(|kept| kept.value)
    }
    pub(super) fn put(&self, key: K, value: Bytes, ttl: Duration) {
        self.cache.insert(key, Kept { value, ttl });
    }
    pub(super) fn remove(&self, key: &K) {
        self.cache.invalidate(key);
    }
    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.cache.run_pending_tasks();
        self.cache.weighted_size()
    }
}

/// Hits per key in a window that begins with the first hit.
#[derive(Debug)]
pub(super) struct Counters {
    cache: Cache<String, Kept<Arc<AtomicU64>>>,
}

impl Counters {
    pub(super) fn new(most: u64) -> Self {
        let cache =
            Cache::builder().max_capacity(most).eviction_policy(EvictionPolicy::lru()).expire_after(OwnTtl).build();
        Self { cache }
    }
    pub(super) fn count(&self, key: &str, window: Duration) -> u64 {
        let entry =
            self.cache.entry_by_ref(key).or_insert_with(|| Kept { value: Arc::new(AtomicU64::new(0)), ttl: window });
        entry.value().value.fetch_add(1, Ordering::Relaxed) + 1
    }
    #[cfg(test)]
    pub(super) fn len(&self) -> u64 {
        self.cache.run_pending_tasks();
        self.cache.entry_count()
    }
}
