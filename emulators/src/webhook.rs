//! Posting webhooks as platforms do: several times, in any order, late, wrongly signed, again after a failure.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};

use crate::EmulatorError;
use crate::ledger::Ledger;

/// Requests on the way at the same time, so that a large group does not use up the sockets.
const AT_ONCE: usize = 128;

/// How a webhook is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeliverOptions {
    /// How often each is posted, all at once.
    pub copies: u8,
    /// Shuffles what goes out together, by this seed.
    pub shuffle: Option<u64>,
    /// Signs with another secret.
    pub wrong_signature: bool,
    /// Waits first.
    pub delay_millis: u64,
    /// How often a failed delivery is repeated.
    pub retries: u8,
    /// Between the repetitions, doubling each time.
    pub retry_after_millis: u64,
    /// Shopify: every copy gets a delivery id of its own, as a replay would have.
    pub new_ids: bool,
}

impl Default for DeliverOptions {
    fn default() -> Self {
        Self {
            copies: 1,
            shuffle: None,
            wrong_signature: false,
            delay_millis: 0,
            retries: 0,
            retry_after_millis: 100,
            new_ids: false,
        }
    }
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The platform's id of the event.
    pub id: String,
    /// The last answer to each copy; `None` = none came.
    pub statuses: Vec<Option<u16>>,
}

impl Delivery {
    /// The answer to the first copy.
    pub fn status(&self) -> Option<u16> {
        self.statuses.first().copied().flatten()
    }
}

/// A signed request, ready to go.
#[derive(Clone)]
pub(crate) struct Post {
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// Posts webhooks and notes them in the ledger.
#[derive(Clone)]
pub(crate) struct Poster {
    client: reqwest::Client,
    ledger: Ledger,
}

impl Poster {
    pub(crate) fn new(ledger: Ledger, timeout: Duration) -> Result<Self, EmulatorError> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            // Webhooks go to loopback; a proxy of the environment has no business here.
            .no_proxy()
            .pool_max_idle_per_host(64)
            .build()
            .map_err(EmulatorError::Client)?;
        Ok(Self { client, ledger })
    }

    /// Posts once.
    pub(crate) async fn once(&self, url: &str, post: &Post) -> Option<u16> {
        let mut request = self.client.post(url).header("content-type", "application/json").body(post.body.clone());
        for (name, value) in &post.headers {
            request = request.header(name, value);
        }
        let status = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                // Read to the end, so that the connection can be used again.
                let _ = response.bytes().await;
                Some(status)
            }
            Err(_) => None,
        };
        self.ledger.webhook(url, &post.headers, &post.body, status);
        status
    }

    /// Posts until it succeeds or the retries are used up.
    async fn stubbornly(&self, url: &str, post: &Post, options: &DeliverOptions) -> Option<u16> {
        let mut wait = Duration::from_millis(options.retry_after_millis);
        let mut status = self.once(url, post).await;
        for _ in 0..options.retries {
            if status.is_some_and(|status| (200..300).contains(&status)) {
                break;
            }
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(Duration::from_secs(600));
            status = self.once(url, post).await;
        }
        status
    }

    /// Posts a group of events together; each event is a list of its copies. The answers keep the order of the events.
    pub(crate) async fn together(
        &self,
        url: &str,
        events: Vec<(String, Vec<Post>)>,
        options: &DeliverOptions,
    ) -> Vec<Delivery> {
        if options.delay_millis > 0 {
            tokio::time::sleep(Duration::from_millis(options.delay_millis)).await;
        }
        let mut deliveries: Vec<Delivery> = Vec::with_capacity(events.len());
        let mut posts = Vec::new();
        for (event, (id, copies)) in events.into_iter().enumerate() {
            deliveries.push(Delivery { id, statuses: vec![None; copies.len()] });
            posts.extend(copies.into_iter().enumerate().map(|(copy, post)| (event, copy, post)));
        }
        if let Some(seed) = options.shuffle {
            posts.shuffle(&mut StdRng::seed_from_u64(seed));
        }
        let answers: Vec<_> = futures::stream::iter(posts)
            .map(|(event, copy, post)| async move { (event, copy, self.stubbornly(url, &post, options).await) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (event, copy, status) in answers {
            deliveries[event].statuses[copy] = status;
        }
        deliveries
    }
}
