//! The way of a verified delivery into the inbox, the same for all channels.

use http::HeaderMap;
use metrics::{counter, histogram};
use recado_domain::Timestamp;
use recado_domain::event::{Delivery, EventContent, Incoming, Source};
use sha2::{Digest as _, Sha256};

use crate::arrival::arrival;
use crate::edges::Edges;
use crate::metric_definitions as names;
use crate::problem::Refusal;
use crate::raw_body::ACCEPT_DEADLINE;
use crate::signature::Verified;

/// Larger bodies are parsed off the async threads: 3 MB take tens of milliseconds.
const PARSED_IN_PLACE: usize = 128 * 1024;

/// Parses and stores a verified body. `Ok` means committed.
pub(crate) async fn store(
    edges: &Edges,
    source: Source,
    headers: &HeaderMap,
    body: Verified,
    parse: impl FnOnce(&[u8], [u8; 32], Timestamp) -> Vec<Incoming> + Send + 'static,
) -> Result<(), Refusal> {
    let received_at = edges.clock.now();
    let bytes = body.bytes().clone();
    let work = move || {
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        (hash, parse(&bytes, hash, received_at))
    };
    let (hash, events) = if body.bytes().len() <= PARSED_IN_PLACE {
        work()
    } else {
        // A task that is gone means that the runtime is stopping: nothing is promised.
        let again = |_| Refusal::Unavailable { retry_after: ACCEPT_DEADLINE };
        tokio::task::spawn_blocking(work).await.map_err(again)?
    };
    let unknown = events.iter().filter(|event| matches!(event.content, EventContent::Unknown { .. })).count();
    let arrival = arrival(source, headers, &body, hash, received_at);
    let trace = arrival.trace;
    // Dropping the wait is safe: whatever was committed behind our back is a duplicate when the platform repeats it.
    let accepted = tokio::time::timeout(ACCEPT_DEADLINE, edges.inbox.accept(Delivery { arrival, events })).await;
    let label = source.code();
    match accepted {
        Ok(Ok(acceptance)) => {
            counter!(names::ACCEPTED, "source" => label).increment(acceptance.accepted as u64);
            counter!(names::DUPLICATES, "source" => label).increment(acceptance.duplicates as u64);
            counter!(names::UNKNOWN, "source" => label).increment(unknown as u64);
            histogram!(names::ACCEPT_SECONDS, "source" => label)
                .record(edges.clock.now().since(received_at).as_secs_f64());
            tracing::debug!(
                source = label,
                trace.id = %trace,
                events.accepted = acceptance.accepted,
                events.duplicates = acceptance.duplicates,
                events.unknown = unknown,
                "delivery accepted"
            );
            Ok(())
        }
        Ok(Err(error)) => {
            tracing::error!(source = label, trace.id = %trace, %error, "delivery not stored");
            Err(error.into())
        }
        Err(_) => {
            tracing::error!(source = label, trace.id = %trace, "delivery not stored: the inbox did not answer in time");
            Err(Refusal::Unavailable { retry_after: ACCEPT_DEADLINE })
        }
    }
}
