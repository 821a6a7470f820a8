//! Hears the hints of the other processes.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use rand::Rng;
use redis::aio::PubSub;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Wake;
use super::courier::Bulletin;
use super::link::Trouble;
use super::redis_backed::Shared;
use super::register;

const SHORTEST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long silence is believed before asking for a sign of life, and how long that may take.
const SILENCE: Duration = Duration::from_secs(5);
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// Runs until told to stop; comes back after every loss of connection.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let work = async {
        let mut wait = SHORTEST_WAIT;
        loop {
            match shared.link.subscribe(&shared.channel).await {
                Ok(subscriber) => {
                    wait = SHORTEST_WAIT;
                    // What was said while nobody listened is unknown, so everybody looks once.
                    shared.bus.publish(Wake::Inbox);
                    shared.bus.publish(Wake::Outbox);
                    listen(&shared, subscriber).await;
                    shared.link.complain("listen", &Trouble::Ended);
                }
                Err(trouble) => shared.link.complain("subscribe", &trouble),
            }
            // Jitter, so that the replicas do not come back in step.
            let share = rand::rng().random_range(0.5..1.0);
            tokio::time::sleep(wait.mul_f64(share)).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Listens until the connection ends or stays dead.
async fn listen(shared: &Shared, subscriber: PubSub) {
    let (mut sink, mut messages) = subscriber.split();
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(message)) => hear(shared, message.get_payload_bytes()),
            Ok(None) => return,
            Err(_) => match timeout(SIGN_OF_LIFE, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

fn hear(shared: &Shared, payload: &[u8]) {
    // A text that a newer version wrote is only a hint that is not understood.
    let Ok(bulletin) = serde_json::from_slice::<Bulletin>(payload) else { return };
    if bulletin.from == shared.origin {
        return;
    }
    for wake in bulletin.wakes {
        shared.bus.publish(wake);
    }
    for event in bulletin.live {
        shared.bus.announce(event);
    }
    for id in bulletin.forgotten {
        // The copy here goes too, or an emptied Redis would let it be read again.
        shared.mirror.put(id, register::write(shared.clock.now(), None), shared.session_ttl);
    }
}
