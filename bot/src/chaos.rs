//! Planted faults for the reliability harness: only in a build with the `chaos` feature, switched by the environment.
//!
//! `RECADO_CRASH_AT=point:n` ends the process at the n-th time a point is reached. `RECADO_STALL_AT=place:n,place:n` lets
//! each of these places take too long, the first n times. `RECADO_SABOTAGE=a,b` breaks
//! promises on purpose, so that their tests can be seen to fail: `ack_before_commit`, `dedupe_off`, `fencing_off`,
//! `blind_resend`, `attempts_off`, `blind_action`, `redis_needed`, `drain_off`. `RECADO_CHAOS_FAULTS=on` lets messages ask for faults, `RECADO_CHAOS_ECHO=on` answers
//! with the words of the messages, `RECADO_CHAOS_FILES=on` as the caption of a document.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use recado_domain::event::{AcceptError, Acceptance, Delivery, Inbox};
use recado_store::engine::{Rules, Sabotage};

use crate::engine::{ChaosDesk, Decide};

#[expect(clippy::disallowed_methods, reason = "the harness switches faults by the environment; no release reads it")]
fn switch(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn broken(promise: &str) -> bool {
    switch("RECADO_SABOTAGE").is_some_and(|list| list.split(',').any(|one| one.trim() == promise))
}

/// Reads the plans of crashes and stalls; the first thing in main.
pub fn install() {
    if let Some(plan) = switch("RECADO_CRASH_AT") {
        let (name, nth) = plan.split_once(':').unwrap_or((&plan, "1"));
        recado_store::chaos::plan(name, nth.parse().unwrap_or(1));
    }
    if let Some(places) = switch("RECADO_STALL_AT") {
        let places = places.split(',').filter_map(|place| place.split_once(':'));
        recado_store::chaos::plan_stall(places.map(|(name, times)| (name.to_owned(), times.parse().unwrap_or(1))));
    }
}

/// The desk behind the faults that the environment allows.
pub fn desk(desk: Arc<dyn Decide>) -> Arc<dyn Decide> {
    let on = |name: &str| switch(name).is_some_and(|value| value == "on");
    Arc::new(ChaosDesk {
        desk,
        faults: on("RECADO_CHAOS_FAULTS"),
        echo: on("RECADO_CHAOS_ECHO"),
        files: on("RECADO_CHAOS_FILES"),
    })
}

/// Crash points around the handlers of webhooks: before anything is read, and after the answer has left.
pub fn watched(edges: Router) -> Router {
    edges.layer(axum::middleware::from_fn(async |request: Request, next: Next| {
        recado_store::chaos::point("received");
        let response = next.run(request).await;
        tokio::spawn(async {
            // The answer is written by the connection after this function returns.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            recado_store::chaos::point("answered");
        });
        response
    }))
}

/// Rules with the promises of `RECADO_SABOTAGE` broken.
pub fn sabotaged(rules: Rules) -> Rules {
    let sabotage = Sabotage {
        fencing_off: broken("fencing_off"),
        blind_resend: broken("blind_resend"),
        attempts_off: broken("attempts_off"),
        blind_action: broken("blind_action"),
    };
    Rules { sabotage, ..rules }
}

/// The inbox with the promises of `RECADO_SABOTAGE` broken.
pub fn sabotaged_inbox(inbox: Arc<dyn Inbox>, redis_url: &str) -> Arc<dyn Inbox> {
    Arc::new(BrokenInbox {
        inbox,
        ack_first: broken("ack_before_commit"),
        dedupe_off: broken("dedupe_off"),
        needs: broken("redis_needed")
            .then(|| redis_url.trim_start_matches("redis://").trim_end_matches('/').to_owned()),
    })
}

/// Ends the process at the first signal instead of draining, when `drain_off` is broken.
pub fn break_drain() {
    if broken("drain_off") {
        tokio::spawn(async {
            crate::lifecycle::stop_signal().await;
            std::process::exit(0);
        });
    }
}

struct BrokenInbox {
    inbox: Arc<dyn Inbox>,
    ack_first: bool,
    dedupe_off: bool,
    /// Where a Redis must answer before anything is accepted.
    needs: Option<String>,
}

#[async_trait::async_trait]
impl Inbox for BrokenInbox {
    async fn accept(&self, mut delivery: Delivery) -> Result<Acceptance, AcceptError> {
        if self.dedupe_off {
            for event in &mut delivery.events {
                event.dedupe = format!("{}#{}", event.dedupe, rand::random::<u64>());
                event.body_dedupe = None;
            }
        }
        if let Some(redis) = &self.needs
            && tokio::net::TcpStream::connect(redis).await.is_err()
        {
            let retry_after = std::time::Duration::from_secs(1);
            return Err(AcceptError::Unavailable { reason: "no Redis".to_owned(), retry_after });
        }
        if self.ack_first {
            let accepted = delivery.events.len();
            let inbox = Arc::clone(&self.inbox);
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                inbox.accept(delivery).await
            });
            return Ok(Acceptance { accepted, duplicates: 0 });
        }
        let outcome = self.inbox.accept(delivery).await;
        recado_store::chaos::point("before_answer");
        outcome
    }
}
