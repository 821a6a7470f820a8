//! One commit of a batch of deliveries.

use std::sync::Arc;
use std::time::Duration;

use recado_domain::event::{AcceptError, Acceptance, Arrival, Delivery, InternalEvent, LaneKey};
use recado_domain::{ConversationId, ReplicaId, Timestamp, TraceId};

use super::insert::Batch;
use super::people::{Memory, Same, Whose};
use super::rows::NewEvent;
use super::{OnAccepted, PATIENCE, Waiting};
use crate::db::{Db, Tx};
use crate::disk::is_of_disk;
use crate::engine::{Target, post, tally_internal};
use crate::registry::Known;
use crate::{Store, StoreError};

/// Writes batches. Commits that run at once differ in their tally, so that none waits for another's row.
#[derive(Clone)]
pub(super) struct Writer {
    store: Store,
    memory: Memory,
    tally: String,
    accepted: OnAccepted,
}

impl Writer {
    /// As many as may commit at once.
    pub(super) fn several(number: usize, store: &Store, replica: ReplicaId, accepted: &OnAccepted) -> Vec<Self> {
        let memory = Memory::new();
        let one = |number: usize| Self {
            store: store.clone(),
            memory: memory.clone(),
            tally: format!("accepted:{replica}:{number}"),
            accepted: Arc::clone(accepted),
        };
        (0..number).map(one).collect()
    }

    /// Stores a batch, answers it, and is free for the next.
    pub(super) async fn answer_all(self, batch: Vec<Waiting>) -> Self {
        let (deliveries, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.delivery, one.answer)).unzip();
        match self.commit(&deliveries).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) if deliveries.len() > 1 && is_of_one_row(&error) => {
                // One delivery that the database cannot hold must not refuse the others.
                tracing::warn!(%error, deliveries = deliveries.len(), "a batch was refused, trying one by one");
                for (delivery, answer) in deliveries.iter().zip(answers) {
                    let one = self.commit(std::slice::from_ref(delivery)).await;
                    let _ = answer.send(one.map(|outcomes| outcomes[0]).map_err(|error| unavailable(&error)));
                }
            }
            Err(error) => {
                if let StoreError::Database(error) = &error {
                    self.store.db.disk().note(error);
                }
                tracing::warn!(%error, deliveries = deliveries.len(), "deliveries were refused");
                for answer in answers {
                    let _ = answer.send(Err(unavailable(&error)));
                }
            }
        }
        self
    }

    async fn commit(&self, deliveries: &[Delivery]) -> Result<Vec<Acceptance>, StoreError> {
        tokio::time::timeout(PATIENCE, self.commit_unbounded(deliveries)).await.map_err(|_| StoreError::TimedOut)?
    }

    async fn commit_unbounded(&self, deliveries: &[Delivery]) -> Result<Vec<Acceptance>, StoreError> {
        let known = self.directory_for(deliveries).await?;
        let whose = Whose::of(&known, deliveries);
        let arrivals: Vec<&Arrival> = deliveries.iter().map(|delivery| &delivery.arrival).collect();
        let rows;
        let stored = match (&self.store.db, self.memory.contacts(&whose)) {
            (Db::Postgres { engine, .. }, Some(contacts)) => {
                rows = new_events(deliveries, &whose, contacts.into_iter());
                let mut lease = engine.acquire().await?;
                let batch = Batch { rows: &rows, arrivals: &arrivals, tally: &self.tally };
                let stored = batch.insert_at_once(&mut lease).await?;
                lease.done();
                stored
            }
            // Somebody writes for the first time, or there is no commit without a transaction.
            _ => {
                let at = deliveries.first().map_or(Timestamp::EPOCH, |delivery| delivery.arrival.received_at);
                let mut tx = self.store.db.begin().await?;
                let (people, same) = self.memory.people(&mut tx, &whose, at).await?;
                rows = new_events(deliveries, &whose, whose.iter().map(|one| one.contact(&people)));
                let batch = Batch { rows: &rows, arrivals: &arrivals, tally: &self.tally };
                let stored = batch.insert(&mut tx).await?;
                bring_together(&mut tx, &same, at).await?;
                tx.commit().await?;
                self.memory.remember(people);
                stored
            }
        };
        crate::chaos::point("committed");
        if !stored.is_empty() {
            self.store.db.disk().wrote();
        }
        let mut outcomes = vec![Acceptance { accepted: 0, duplicates: 0 }; deliveries.len()];
        let mut open = false;
        for row in &rows {
            let outcome = &mut outcomes[row.delivery];
            if stored.contains(&row.id.0) {
                outcome.accepted += 1;
                open |= row.skipped.is_none();
            } else {
                outcome.duplicates += 1;
            }
        }
        if open {
            (self.accepted)();
        }
        Ok(outcomes)
    }

    /// The directory; read anew when an address is missing and the reading is not of this second.
    async fn directory_for(&self, deliveries: &[Delivery]) -> Result<Arc<Known>, StoreError> {
        let known = self.store.directory().await?;
        let missing = deliveries.iter().flat_map(|delivery| &delivery.events).any(|event| {
            !matches!(event.lane, LaneKey::Staff { .. }) && known.merchant_of(&event.destination).is_none()
        });
        if missing && known.age(self.store.clock.now()) > Duration::from_secs(1) {
            return self.store.read_directory().await;
        }
        Ok(known)
    }
}

/// Has persons merged that turned out to be one: in the lane of the one who ends, behind what waits there.
async fn bring_together(tx: &mut Tx, same: &[Same], at: Timestamp) -> Result<(), StoreError> {
    let mut posted = 0;
    for Same { merchant, from, into, shown } in same {
        let target = Target { merchant: Some(*merchant), lane: ConversationId::of(*from).lane(), kind: "conversation" };
        let event = InternalEvent::SamePerson { into: ConversationId::of(*into), shown: shown.clone() };
        posted += post(tx, &format!("same:{from}:{into}"), &target, &event, TraceId::new(at), at).await?;
    }
    tally_internal(tx, posted).await
}

/// The rows of a batch, in the order of their keys: replicas that store the same events at once must take their locks in
/// the same order.
fn new_events(
    deliveries: &[Delivery],
    whose: &[Whose],
    contacts: impl Iterator<Item = Option<recado_domain::ContactId>>,
) -> Vec<NewEvent> {
    let events = deliveries
        .iter()
        .enumerate()
        .flat_map(|(index, delivery)| delivery.events.iter().map(move |incoming| (index, delivery, incoming)));
    let mut rows: Vec<NewEvent> = events
        .zip(whose.iter().zip(contacts))
        .map(|((index, delivery, incoming), (whose, contact))| {
            NewEvent::new(whose.merchant, contact, &delivery.arrival, incoming, index)
        })
        .collect();
    rows.sort_unstable_by(|one, other| one.dedupe.cmp(&other.dedupe));
    rows
}

fn is_of_one_row(error: &StoreError) -> bool {
    match error {
        StoreError::Database(error @ (sqlx::Error::Database(_) | sqlx::Error::Encode(_))) => !is_of_disk(error),
        _ => false,
    }
}

fn unavailable(error: &StoreError) -> AcceptError {
    AcceptError::Unavailable { reason: error.to_string(), retry_after: Duration::from_secs(2) }
}
