//! Answers that were accepted, for the same question asked again within a few minutes.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::gateway::Ask;

/// Bytes kept.
const MOST: u64 = 8 * 1024 * 1024;

/// A question by its content: the model, the shape, the prompt after personal data was taken out, and the shop, so that
/// no shop's answer reaches another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// Of a question to a model.
    pub fn of(ask: &Ask<'_>, model: &str) -> Self {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(model.as_bytes());
        part(ask.merchant.0.as_bytes());
        part(ask.shape.map(|shape| shape.schema.to_string()).unwrap_or_default().as_bytes());
        for message in &ask.messages {
            part(message.role.as_bytes());
            part(message.content.as_bytes());
        }
        Self(hash.finalize().into())
    }
}

/// The cache.
pub struct AnswerCache(Option<moka::sync::Cache<Key, String>>);

impl AnswerCache {
    /// Remembers for so long; zero = not at all.
    pub fn new(life: Duration) -> Self {
        Self((!life.is_zero()).then(|| {
            moka::sync::Cache::builder()
                .weigher(|_, answer: &String| u32::try_from(answer.len() + 64).unwrap_or(u32::MAX))
                .max_capacity(MOST)
                .time_to_live(life)
                .build()
        }))
    }
    /// A remembered answer.
    pub fn get(&self, key: &Key) -> Option<String> {
        self.0.as_ref()?.get(key)
    }
    /// Remembers an answer.
    pub fn put(&self, key: Key, answer: String) {
        if let Some(cache) = &self.0 {
            cache.insert(key, answer);
        }
    }
}
