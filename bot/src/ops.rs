//! What operators and orchestrators ask: `/livez`, `/readyz`, `/health`, `/metrics`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use recado_domain::Timestamp;
use recado_store::Store;
use recado_store::engine::Counts;
use recado_store::volatile::Volatile;
use serde_json::json;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::telemetry::Telemetry;

/// A probe must not wait longer than its asker.
const PATIENCE: Duration = Duration::from_millis(900);
/// Counting the queues reads whole tables; scrapes closer together share one count.
const COUNTS_FRESH: Duration = Duration::from_secs(5);

/// What the probes look at.
#[derive(Clone)]
pub struct Ops {
    /// Facts.
    pub store: Store,
    /// What may be lost.
    pub volatile: Arc<dyn Volatile>,
    /// The recorder.
    pub telemetry: Option<Telemetry>,
    /// Channels that are on, by name.
    pub channels: Vec<&'static str>,
    /// Cancelled when a drain begins: not ready any more.
    pub draining: CancellationToken,
    counted: Arc<Mutex<Option<(Timestamp, Counts)>>>,
}

impl Ops {
    /// Probes over these parts.
    pub fn new(
        store: Store,
        volatile: Arc<dyn Volatile>,
        telemetry: Option<Telemetry>,
        channels: Vec<&'static str>,
        draining: CancellationToken,
    ) -> Self {
        Self { store, volatile, telemetry, channels, draining, counted: Arc::default() }
    }

    /// The queues, counted at most every five seconds.
    async fn counts(&self) -> Option<Counts> {
        let now = self.store.clock().now();
        let mut counted = self.counted.lock().await;
        if let Some((at, counts)) = *counted
            && now.since(at) < COUNTS_FRESH
        {
            return Some(counts);
        }
        let counts = tokio::time::timeout(PATIENCE, self.store.counts()).await.ok()?.ok()?;
        *counted = Some((now, counts));
        Some(counts)
    }

    async fn store_answers(&self) -> bool {
        tokio::time::timeout(PATIENCE, self.store.check()).await.is_ok_and(|answer| answer.is_ok())
    }
}

/// The routes.
pub fn router(ops: Ops) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .with_state(ops)
}

async fn ready(State(ops): State<Ops>) -> (StatusCode, &'static str) {
    if ops.draining.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if ops.store_answers().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    }
}

async fn health(State(ops): State<Ops>) -> Response {
    let store = ops.store_answers().await;
    let volatile = ops.volatile.health().await;
    let counts = ops.counts().await;
    // Redis away is worse service, not an outage: nothing that matters lives there.
    let status = match (store, volatile.ok) {
        (true, true) => "ok",
        (true, false) => "degraded",
        (false, _) => "down",
    };
    let code = if store { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "services": {
            "store": { "kind": ops.store.db().kind(), "ok": store },
            "sessions": volatile,
        },
        "channels": ops.channels,
        "queues": counts.map(|counts| json!({
            "accepted": counts.accepted, "open": counts.open, "done": counts.done, "dead": counts.dead,
            "skipped": counts.skipped, "gap": counts.gap(), "oldest_open_seconds": counts.oldest_open_seconds,
            "to_send": counts.outbox_open, "sent": counts.outbox_sent, "failed": counts.outbox_failed,
            "uncertain": counts.outbox_uncertain, "oldest_unsent_seconds": counts.oldest_unsent_seconds,
        })),
    });
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn metrics(State(ops): State<Ops>) -> Response {
    let Some(telemetry) = &ops.telemetry else {
        return (StatusCode::NOT_FOUND, "metrics are not collected by this process\n").into_response();
    };
    if let Some(counts) = ops.counts().await {
        let gauge = |name: &'static str, state: &'static str, value: i64| {
            metrics::gauge!(name, "state" => state).set(value as f64);
        };
        gauge("recado_events", "accepted", counts.accepted);
        gauge("recado_events", "open", counts.open);
        gauge("recado_events", "done", counts.done);
        gauge("recado_events", "dead", counts.dead);
        gauge("recado_events", "skipped", counts.skipped);
        gauge("recado_outbox", "open", counts.outbox_open);
        gauge("recado_outbox", "sent", counts.outbox_sent);
        gauge("recado_outbox", "failed", counts.outbox_failed);
        gauge("recado_outbox", "uncertain", counts.outbox_uncertain);
        metrics::gauge!("recado_conservation_gap").set(counts.gap() as f64);
        metrics::gauge!("recado_oldest_open_event_seconds").set(counts.oldest_open_seconds as f64);
        metrics::gauge!("recado_oldest_unsent_message_seconds").set(counts.oldest_unsent_seconds as f64);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry.render()).into_response()
}
