//! What changed, told to every open page.
//!
//! The rest of the program publishes to a [`LiveFeed`]; a page is told which of its parts to fetch again, at most once a
//! second each. A browser that was cut off says the last event it saw and gets what it missed, or `resync` when that is
//! too long ago or was told by another process.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt as _};
use http::HeaderMap;
use recado_domain::{ConversationId, MerchantId};
use serde::Deserialize;
use tokio::sync::broadcast;

use crate::Shared;
use crate::context::Visitor;

/// Events kept for browsers that were cut off.
const KEPT: usize = 2_000;
/// How far a page may lag before it must fetch everything again.
const LAG: usize = 512;
/// No part of a page is told to fetch more often than this.
const PACE: Duration = Duration::from_millis(900);
/// A comment line this often tells a dead connection from a silent one.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A conversation: something was said, sent, delivered, or it has another owner.
    Conversation(ConversationId),
    /// An incident.
    Incidents,
    /// Dead letters.
    Dead,
    /// Orders or parcels.
    Orders,
}

/// A change of something of a merchant; of no merchant when it concerns operators only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// Whose.
    pub merchant: Option<MerchantId>,
    /// What.
    pub topic: Topic,
}

#[derive(Debug)]
struct Ring {
    next: u64,
    events: VecDeque<(u64, LiveEvent)>,
}

/// Where changes are told. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LiveFeed {
    /// Tells our numbers from those of another process.
    boot: Arc<str>,
    ring: Arc<Mutex<Ring>>,
    sender: broadcast::Sender<(u64, LiveEvent)>,
}

impl Default for LiveFeed {
    fn default() -> Self {
        Self::new()
    }
}

impl LiveFeed {
    /// A feed that has told nothing yet.
    pub fn new() -> Self {
        Self {
            boot: hex::encode(rand::random::<[u8; 4]>()).into(),
            ring: Arc::new(Mutex::new(Ring { next: 1, events: VecDeque::with_capacity(KEPT) })),
            sender: broadcast::channel(LAG).0,
        }
    }

    /// Tells a change. Never waits.
    pub fn publish(&self, event: LiveEvent) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let number = ring.next;
        ring.next += 1;
        if ring.events.len() == KEPT {
            ring.events.pop_front();
        }
        ring.events.push_back((number, event));
        // Inside the lock, so that numbers arrive in order. Nobody listening is no failure.
        let _ = self.sender.send((number, event));
    }

    /// The name of the last told event, for a page that is being written.
    pub fn position(&self) -> String {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        self.name(ring.next - 1)
    }

    fn name(&self, number: u64) -> String {
        format!("{}-{number}", self.boot)
    }

    /// What was told after a named event and a receiver for what follows; `None` for what was missed when it is unknown
    /// or too long ago.
    #[expect(clippy::type_complexity, reason = "used once, right here")]
    fn since(&self, last: &str) -> (Option<Vec<(u64, LiveEvent)>>, broadcast::Receiver<(u64, LiveEvent)>) {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let number =
            last.split_once('-').filter(|(boot, _)| **boot == *self.boot).and_then(|(_, number)| number.parse().ok());
        let missed = number.filter(|number: &u64| {
            let oldest = ring.events.front().map_or(ring.next, |(number, _)| *number);
            number + 1 >= oldest && *number < ring.next
        });
        (missed.map(|number| ring.events.iter().filter(|(told, _)| *told > number).copied().collect()), receiver)
    }
}

/// The names of browser events of a topic: the list it stands in, and the thing itself.
fn names(topic: Topic) -> Vec<String> {
    match topic {
        Topic::Conversation(id) => vec!["inbox".to_owned(), format!("c-{id}")],
        Topic::Incidents => vec!["incidents".to_owned()],
        Topic::Dead => vec!["dead".to_owned()],
        Topic::Orders => vec!["orders".to_owned()],
    }
}

#[derive(Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

/// `GET /admin/events`.
pub(crate) async fn events(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned).or(query.after);
    let feed = desk.state.live.clone();
    // A stream outlives its request, so it asks now and then whether the sign-in still stands.
    let stream = stream(feed, last.unwrap_or_default(), visitor, Arc::clone(&desk));
    streamed(&desk, stream)
}

/// An answer that streams.
pub(crate) fn streamed(
    desk: &Shared,
    stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> Response {
    // A drain waits for requests under way, and a stream would be under way for ever.
    let stream = stream.take_until(desk.state.closing.clone().cancelled_owned());
    let sse = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("on"));
    ([("x-accel-buffering", "no"), ("cache-control", "no-cache, no-store")], sse).into_response()
}

/// How often a stream asks whether its sign-in still stands: a sign-out ends it within a second, also one that another
/// process was told (RELIABILITY S12).
const RECHECK: Duration = Duration::from_millis(800);
/// How often an open page counts as somebody being there.
const PRESENCE: Duration = Duration::from_secs(60);

fn stream(
    feed: LiveFeed,
    last: String,
    visitor: Visitor,
    desk: Shared,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let (missed, receiver) = feed.since(&last);
    struct Follow {
        feed: LiveFeed,
        receiver: broadcast::Receiver<(u64, LiveEvent)>,
        ready: VecDeque<Event>,
        visitor: Visitor,
        desk: Shared,
        checked: tokio::time::Instant,
        seen: tokio::time::Instant,
        quiet_until: tokio::time::Instant,
    }
    let mut ready = VecDeque::new();
    match missed {
        Some(missed) => {
            let seen = missed.iter().filter(|(_, event)| visitor.sees(event.merchant));
            let told: BTreeSet<String> = seen.flat_map(|(_, event)| names(event.topic)).collect();
            let at = missed.last().map(|(number, _)| feed.name(*number));
            ready.extend(told.into_iter().map(|name| named(&name, at.as_deref())));
            // The first bytes at once, so that a browser and its proxies know that they are connected.
            ready.push_back(Event::default().comment("hello"));
        }
        None => ready.push_back(named("resync", Some(&feed.position()))),
    }
    let now = tokio::time::Instant::now();
    let follow = Follow { feed, receiver, ready, visitor, desk, checked: now, seen: now, quiet_until: now };
    futures::stream::unfold(follow, |mut follow| async move {
        loop {
            if let Some(event) = follow.ready.pop_front() {
                return Some((Ok(event), follow));
            }
            let first = match tokio::time::timeout(RECHECK, follow.receiver.recv()).await {
                Ok(Ok(first)) => Some(Ok(first)),
                Ok(Err(broadcast::error::RecvError::Lagged(_))) => Some(Err(())),
                Ok(Err(broadcast::error::RecvError::Closed)) => return None,
                Err(_) => None,
            };
            if follow.checked.elapsed() >= RECHECK {
                let (store, token) = (&follow.desk.state.store, follow.visitor.token.expose());
                let present = follow.seen.elapsed() >= PRESENCE;
                let stands = if present {
                    store.login(token).await.map(|login| login.is_some())
                } else {
                    store.login_stands(token).await
                };
                // A database that does not answer ends nobody's page.
                if matches!(stands, Ok(false)) {
                    return None;
                }
                follow.checked = tokio::time::Instant::now();
                if present {
                    follow.seen = follow.checked;
                }
            }
            let Some(first) = first else { continue };
            // What comes within the pace is told together; the first after a silence goes out at once.
            tokio::time::sleep_until(follow.quiet_until).await;
            let mut told = BTreeSet::new();
            let mut last = None;
            let mut lagged = first.is_err();
            let mut take = |number: u64, event: LiveEvent| {
                last = Some(number);
                if follow.visitor.sees(event.merchant) {
                    told.extend(names(event.topic));
                }
            };
            if let Ok((number, event)) = first {
                take(number, event);
            }
            loop {
                match follow.receiver.try_recv() {
                    Ok((number, event)) => take(number, event),
                    Err(broadcast::error::TryRecvError::Lagged(_)) => lagged = true,
                    Err(_) => break,
                }
            }
            if lagged {
                follow.ready.push_back(named("resync", Some(&follow.feed.position())));
            } else {
                let at = last.map(|number| follow.feed.name(number));
                follow.ready.extend(told.iter().map(|name| named(name, at.as_deref())));
            }
            follow.quiet_until = tokio::time::Instant::now() + PACE;
        }
    })
}

/// A named event, with the place in the feed that it brings a browser to.
pub(crate) fn named(name: &str, id: Option<&str>) -> Event {
    let event = Event::default().event(name).data("1");
    match id {
        Some(id) => event.id(id),
        None => event,
    }
}
