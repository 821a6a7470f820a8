//! One contract for both implementations, and what Redis may do to us.

mod contract;
mod memory;
mod outage;
mod server;

use std::sync::Arc;
use std::time::Duration;

use recado_domain::conversation::Session;
use recado_domain::{ContactId, ConversationId, Secret, SystemClock};
use tokio_util::sync::CancellationToken;

use super::{RedisBacked, VolatileSettings};

/// Long enough for any machine; a test that needs it fails.
const PATIENCE: Duration = Duration::from_secs(10);

fn conversation(name: &str) -> ConversationId {
    ConversationId::of(ContactId::derived(&[name]))
}

fn session(reply: &str) -> Session {
    Session { last_reply: Some(reply.to_owned()), ..Session::default() }
}

/// Settings whose keys no other test shares.
fn settings() -> VolatileSettings {
    VolatileSettings {
        prefix: format!("test:{}:", uuid::Uuid::new_v4()),
        // The shared server is left clean soon.
        session_ttl: Duration::from_secs(120),
        ..VolatileSettings::default()
    }
}

fn redis_at(url: &str, settings: &VolatileSettings) -> RedisBacked {
    RedisBacked::open(&Secret::new(url), settings, Arc::new(SystemClock), &CancellationToken::new()).unwrap()
}

/// Repeats until the answer is yes.
async fn eventually(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "never happened: {what}");
}
