//! The ledger: what came in, what was answered, what went out. It is the judge of lost and doubled messages, so it
//! knows nothing of the system under test.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use recado_domain::Timestamp;
use recado_domain::clock::Clock;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Everything: tests.
    #[default]
    Everything,
    /// The last so many entries and messages: demos.
    Last(usize),
    /// Only numbers: benches.
    Counters,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerEntry {
    /// Counts up from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What can happen.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// A call came in.
    Request {
        /// Names it in its reply.
        request: u64,
        /// Method.
        method: String,
        /// Path and query, the token hidden.
        path: String,
        /// Headers but those that carry a token.
        headers: Vec<(String, String)>,
        /// Every byte of the body.
        #[serde(serialize_with = "as_text")]
        body: Bytes,
    },
    /// What was answered.
    Reply {
        /// The request.
        request: u64,
        /// HTTP status; `None` = the socket was closed without an answer.
        status: Option<u16>,
        /// The body.
        #[serde(serialize_with = "as_text")]
        body: Bytes,
    },
    /// A message was taken or refused.
    Sent(SentMessage),
    /// A webhook went out.
    Webhook {
        /// Where to.
        url: String,
        /// Headers, signature included.
        headers: Vec<(String, String)>,
        /// Every byte of the body.
        #[serde(serialize_with = "as_text")]
        body: Bytes,
        /// What the receiver answered; `None` = nothing.
        status: Option<u16>,
    },
}

fn as_text<S: serde::Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&String::from_utf8_lossy(body))
}

/// A message as the platform understood it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The platform's id: a wamid, or a Telegram message id. Empty when refused.
    pub id: String,
    /// WhatsApp: `to` as given (empty when only `user_id` was); Telegram: the chat id.
    pub to: String,
    /// WhatsApp: `recipient`, the business-scoped id.
    pub user_id: Option<String>,
    /// The text.
    pub body: String,
    /// Answers to tap, rows of a list included.
    pub buttons: Vec<SentButton>,
    /// `biz_opaque_callback_data`.
    pub opaque: Option<String>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// `text`, `interactive`, `template`…; on Telegram `text` or `edit`.
    pub kind: String,
    /// The picture or document in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<SentMedia>,
    /// Whether the platform took it, whatever the caller heard.
    pub accepted: bool,
    /// When.
    pub at: Timestamp,
}

/// A picture or document of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMedia {
    /// `image`, `document`…
    pub kind: String,
    /// The id it was given when it was uploaded.
    pub id: String,
    /// The name shown, of a document.
    pub filename: Option<String>,
}

/// An answer to tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentButton {
    /// Its id or callback data.
    pub id: String,
    /// What people see.
    pub title: String,
}

/// Numbers, kept whatever else is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Calls.
    pub requests: u64,
    /// Messages taken.
    pub accepted: u64,
    /// Messages refused.
    pub refused: u64,
    /// Calls left without an answer.
    pub cut: u64,
    /// Webhooks sent.
    pub webhooks: u64,
    /// Webhooks not answered with success.
    pub webhooks_failed: u64,
}

#[derive(Default)]
struct Numbers {
    requests: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    cut: AtomicU64,
    webhooks: AtomicU64,
    webhooks_failed: AtomicU64,
}

/// The ledger of one emulator. Cheap to clone: all clones are the same ledger.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

struct Inner {
    keep: Keep,
    clock: Arc<dyn Clock>,
    numbers: Numbers,
    next: AtomicU64,
    next_request: AtomicU64,
    entries: Mutex<VecDeque<LedgerEntry>>,
    sends: Mutex<VecDeque<SentMessage>>,
    live: broadcast::Sender<LedgerEntry>,
}

impl Ledger {
    pub(crate) fn new(keep: Keep, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            keep,
            clock,
            numbers: Numbers::default(),
            next: AtomicU64::new(1),
            next_request: AtomicU64::new(1),
            entries: Mutex::default(),
            sends: Mutex::default(),
            live: broadcast::channel(1024).0,
        }))
    }

    /// Whether entries are worth making at all.
    pub(crate) fn is_watched(&self) -> bool {
        self.0.keep != Keep::Counters || self.0.live.receiver_count() > 0
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn request(&self, make: impl FnOnce(u64) -> Happening) -> u64 {
        let request = self.0.next_request.fetch_add(1, Ordering::Relaxed);
        self.0.numbers.requests.fetch_add(1, Ordering::Relaxed);
        if self.is_watched() {
            self.add(make(request));
        }
        request
    }

    pub(crate) fn reply(&self, request: u64, status: Option<u16>, body: &Bytes) {
        if status.is_none() {
            self.0.numbers.cut.fetch_add(1, Ordering::Relaxed);
        }
        if self.is_watched() {
            self.add(Happening::Reply { request, status, body: body.clone() });
        }
    }

    pub(crate) fn sent(&self, message: SentMessage) {
        let count = if message.accepted { &self.0.numbers.accepted } else { &self.0.numbers.refused };
        count.fetch_add(1, Ordering::Relaxed);
        if self.0.keep != Keep::Counters {
            let mut sends = self.0.sends.lock().unwrap_or_else(PoisonError::into_inner);
            sends.push_back(message.clone());
            self.bound(&mut sends);
        }
        if self.is_watched() {
            self.add(Happening::Sent(message));
        }
    }

    pub(crate) fn webhook(&self, url: &str, headers: &[(String, String)], body: &Bytes, status: Option<u16>) {
        self.0.numbers.webhooks.fetch_add(1, Ordering::Relaxed);
        if !status.is_some_and(|status| (200..300).contains(&status)) {
            self.0.numbers.webhooks_failed.fetch_add(1, Ordering::Relaxed);
        }
        if self.is_watched() {
            let (url, headers, body) = (url.to_owned(), headers.to_vec(), body.clone());
            self.add(Happening::Webhook { url, headers, body, status });
        }
    }

    fn add(&self, what: Happening) {
        let entry = LedgerEntry { number: self.0.next.fetch_add(1, Ordering::Relaxed), at: self.now(), what };
        if self.0.keep != Keep::Counters {
            let mut entries = self.0.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.push_back(entry.clone());
            self.bound(&mut entries);
        }
        // Nobody listening is fine.
        let _ = self.0.live.send(entry);
    }

    fn bound<T>(&self, kept: &mut VecDeque<T>) {
        if let Keep::Last(most) = self.0.keep {
            while kept.len() > most {
                kept.pop_front();
            }
        }
    }

    /// All that is kept, oldest first.
    pub fn entries(&self) -> Vec<LedgerEntry> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
    /// The messages that are kept, taken and refused, oldest first.
    pub fn sends(&self) -> Vec<SentMessage> {
        self.0.sends.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
    /// Follows what happens from now on; a slow reader misses the oldest.
    pub fn subscribe(&self) -> broadcast::Receiver<LedgerEntry> {
        self.0.live.subscribe()
    }
    /// Numbers since the start.
    pub fn counters(&self) -> Counters {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let numbers = &self.0.numbers;
        Counters {
            requests: read(&numbers.requests),
            accepted: read(&numbers.accepted),
            refused: read(&numbers.refused),
            cut: read(&numbers.cut),
            webhooks: read(&numbers.webhooks),
            webhooks_failed: read(&numbers.webhooks_failed),
        }
    }
    /// Forgets entries and messages; numbers stay.
    pub fn clear(&self) {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.0.sends.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use recado_domain::clock::SystemClock;

    use super::*;

    fn message(id: u32) -> SentMessage {
        SentMessage {
            id: id.to_string(),
            to: "1".into(),
            user_id: None,
            body: "x".into(),
            buttons: vec![],
            opaque: None,
            reply_to: None,
            kind: "text".into(),
            media: None,
            accepted: true,
            at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn a_bounded_ledger_keeps_the_last_and_counts_all() {
        let ledger = Ledger::new(Keep::Last(2), Arc::new(SystemClock));
        (0..5).for_each(|id| ledger.sent(message(id)));
        assert_eq!(ledger.sends().iter().map(|sent| &*sent.id).collect::<Vec<_>>(), ["3", "4"]);
        assert_eq!(ledger.entries().len(), 2);
        assert_eq!(ledger.counters().accepted, 5);
    }

    #[test]
    fn a_counting_ledger_keeps_nothing_but_still_tells_listeners() {
        let ledger = Ledger::new(Keep::Counters, Arc::new(SystemClock));
        ledger.sent(message(1));
        let mut live = ledger.subscribe();
        ledger.sent(message(2));
        assert!(ledger.sends().is_empty() && ledger.entries().is_empty());
        assert!(matches!(live.try_recv().unwrap().what, Happening::Sent(sent) if sent.id == "2"));
        assert!(live.try_recv().is_err());
    }
}
