//! Names of this crate's metrics. Each carries the label `source`; `refused` also `reason`.

/// Requests that reached an edge.
pub const RECEIVED: &str = "recado_webhooks_received_total";
/// Requests that were not accepted, by reason.
pub const REFUSED: &str = "recado_webhooks_refused_total";
/// Events that are new and durable.
pub const ACCEPTED: &str = "recado_webhooks_events_accepted_total";
/// Events that were there already.
pub const DUPLICATES: &str = "recado_webhooks_events_duplicate_total";
/// Events stored without being understood.
pub const UNKNOWN: &str = "recado_webhooks_events_unknown_total";
/// Seconds from the last byte to the durable commit.
pub const ACCEPT_SECONDS: &str = "recado_webhooks_accept_seconds";

/// Registers the descriptions with the installed recorder.
pub fn describe() {
    metrics::describe_counter!(RECEIVED, "webhook requests that reached an edge");
    metrics::describe_counter!(REFUSED, "webhook requests that were not accepted, by reason");
    metrics::describe_counter!(ACCEPTED, "events that were new and are durable");
    metrics::describe_counter!(DUPLICATES, "events that had been accepted before");
    metrics::describe_counter!(UNKNOWN, "events stored without being understood");
    metrics::describe_histogram!(
        ACCEPT_SECONDS,
        metrics::Unit::Seconds,
        "time from the last byte of a delivery to its durable commit"
    );
}
